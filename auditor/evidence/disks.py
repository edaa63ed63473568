"""Disks of nodes: whose a data disk is, and in what an operating system disk departs.

Kubernetes attaches and detaches data disks at single nodes all day. Disks that it made itself
bear its name or its tags; a static volume can be any disk, so that only the record tells it from
a disk that somebody attached. Sources: the Azure Disk CSI driver and the in-tree driver before it
(names, tags); disks in AKS node resource groups, 2021 to 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from auditor.evidence import single_nodes
from auditor.evidence.single_nodes import Departure
from auditor.model import resource_id as arm
from auditor.model.compute import DataDisk, Disk, Instance, OsDisk, ScaleSet
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OF_A_CLAIM = re.compile(rf"(kubernetes-dynamic-)?pvc-{_UUID}", re.IGNORECASE)
_DRIVERS_TAGS = ("k8s-azure-created-by", "kubernetes.io-created-for-")
_OF_COMPUTE = re.compile(r"(_osdisk_\d+(_[0-9a-f]+)?|disk\d+_[0-9a-f]+|os__\d+_[0-9a-f]+)$")
_CUT = 15
"""Compute cuts the scale set's name in a disk's name; this many letters it has always left."""

_CLOCKS_APART = timedelta(minutes=2)


def beyond_model(node: Instance, scale_set: ScaleSet) -> Iterator[DataDisk]:
    """A node's data disks that neither its model has nor a driver of Kubernetes named."""
    of_model = {disk.lun for disk in scale_set.data_disks}
    for disk in node.data_disks:
        if disk.lun not in of_model and not _OF_A_CLAIM.fullmatch(label(disk)):
            yield disk


def label(disk: DataDisk) -> str:
    """A data disk's name."""
    return disk.name or arm.name(disk.id or "")


def record(disk: DataDisk, listed: Iterable[Disk]) -> Disk | None:
    """The resource behind a data disk, where it lies in the node resource group."""
    named = (one for one in listed if one.name.casefold() == label(disk).casefold())
    return next((one for one in named if not disk.id or arm.same(one.id, disk.id)), None)


def is_of_driver(disk: Disk) -> bool:
    """Whether a driver of Kubernetes made the disk, by the tags that it leaves."""
    return any(tag.casefold().startswith(_DRIVERS_TAGS) for tag in disk.tags)


def is_attached_by_cluster(node: Instance, disk: Disk | None, context: Context) -> bool:
    """Whether it is on record that the cluster's own identity attached the disk.

    The log tells who wrote a node's data disks, not which: it is the cluster's work where its
    write falls into the moment of attachment, or where nobody else wrote any.
    """
    written = [o for o in context.done_to(node.id) if _attaches(o, node)]
    own = [o for o in written if o.actor.is_of_aks]
    moment = disk.ownership_changed_at if disk else None
    if moment is not None and any(_spans(o, moment) for o in own):
        return True
    return bool(own) and len(own) == len(written)


def _attaches(operation: Operation, node: Instance) -> bool:
    paths = operation.request_paths
    return (
        operation.kind is OperationKind.NODE_WRITE
        and operation.status is OperationStatus.SUCCEEDED
        and arm.within(operation.target, node.id)
        and (not paths or any("datadisks" in path.casefold() for path in paths))
    )


def _spans(operation: Operation, moment: datetime) -> bool:
    return operation.started_at - _CLOCKS_APART <= moment <= operation.at + _CLOCKS_APART


_OS_DISK = "storageProfile.osDisk"
_SIZE = f"{_OS_DISK}.diskSizeGB"
_TYPE = f"{_OS_DISK}.managedDisk.storageAccountType"
_KEYS = f"{_OS_DISK}.managedDisk.diskEncryptionSet"
_NAME = f"{_OS_DISK}.name"

ON_DISK: Mapping[str, str] = MappingProxyType(
    {_SIZE: "diskSizeGB", _TYPE: "sku.name", _KEYS: "encryption.diskEncryptionSetId"}
)
"""Paths of a node by those of the disk itself, on which the same can be changed."""

_SURE, _LIKELY, _POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE


def os_departures(
    view: NodePoolView, scale_set: ScaleSet, node: Instance, *, naming_is_known: bool
) -> Iterator[Departure]:
    """In what a node's operating system disk differs from pool and model.

    ``naming_is_known``: other nodes of the scale set bear the names that Compute gives.
    """
    own, model, behind = node.os_disk, scale_set.os_disk, single_nodes.is_behind(node)
    size = _other(own.size_gb, (view.pool.os_disk_size_gb, model.size_gb))
    if size:
        yield Departure(_SIZE, "OS disk size in GiB", *size, _LIKELY if behind else _SURE)
    kind = _other(own.storage_account_type, (model.storage_account_type,))
    if kind:
        yield Departure(_TYPE, "OS disk type", *kind, _POSSIBLE if behind else _LIKELY)
    keys = _other(
        own.encryption_set_id,
        (view.managed.disk_encryption_set_id, model.encryption_set_id, "none"),
    )
    if keys:
        yield Departure(_KEYS, "Disk encryption set", *keys, _SURE)
    if not is_named_by_compute(own, scale_set):
        sure = _LIKELY if naming_is_known else _POSSIBLE
        yield Departure(_NAME, "OS disk", "a disk that Compute made", own.name or "", sure)


def is_named_by_compute(disk: OsDisk, scale_set: ScaleSet) -> bool:
    """Whether the disk was made with its node: Compute then builds its name from the scale set's.

    A disk that does not state its name is not held against anyone.
    """
    name = (disk.name or "").casefold()
    own = name.startswith(scale_set.name.casefold()[:_CUT]) and _OF_COMPUTE.search(name)
    return not name or bool(own)


def _other(actual: str | int | None, allowed: Iterable[str | int | None]) -> tuple[str, str] | None:
    """The first value that is allowed, and the actual one, where it is stated and none of them."""
    stated = [str(value) for value in allowed if value]
    own = str(actual or "")
    if not own or not stated or own.casefold() in {value.casefold() for value in stated}:
        return None
    return stated[0], own
