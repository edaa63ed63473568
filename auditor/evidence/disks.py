"""Disks of nodes: whose a data disk is, and in what an operating system disk departs.

Kubernetes attaches and detaches data disks at single nodes all day. Disks that it made itself
bear its name or its tags; a static volume can be any disk, so that only the record tells it from
a disk that somebody attached. Sources: the Azure Disk CSI driver and the in-tree driver before it
(names, tags); disks in AKS node resource groups, 2021 to 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from auditor.evidence import single_nodes
from auditor.evidence.single_nodes import Departure
from auditor.model import resource_id as arm
from auditor.model.compute import DataDisk, Disk, Instance, Node, OsDisk, ScaleSet
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


def beyond_model(node: Node, model: Iterable[DataDisk] = ()) -> Iterator[DataDisk]:
    """A node's data disks that neither its model has nor a driver of Kubernetes named."""
    of_model = {disk.lun for disk in model}
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


def is_attached_by_cluster(node: Node, disk: Disk | None, context: Context) -> bool:
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


def _attaches(operation: Operation, node: Node) -> bool:
    """Whether a write may have attached a disk: the one that made the node did not."""
    paths, made_at = operation.request_paths, node.created_at
    return (
        (made_at is None or operation.started_at > made_at)
        and operation.kind is OperationKind.NODE_WRITE
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


def machine_departures(
    view: NodePoolView, machine: Node, others: Sequence[Node]
) -> Iterator[Departure]:
    """In what a node VM's operating system disk differs from what AKS was asked for.

    ``others`` are the pool's machines, which tell what AKS gives them: it may choose the size by
    the VM's, and is not known to name disks. The type has no counterpart in AKS's API.
    """
    own, wanted = machine.os_disk, view.pool.os_disk_size_gb
    size = _other(own.size_gb, (wanted,))
    if size:
        alike = (other for other in others if _size_of(other) == _size_of(machine))
        as_asked = any(other.os_disk.size_gb == wanted for other in alike)
        yield Departure(_SIZE, "OS disk size in GiB", *size, _LIKELY if as_asked else _POSSIBLE)
    keys = _other(own.encryption_set_id, (view.managed.disk_encryption_set_id, "none"))
    if keys:
        yield Departure(_KEYS, "Disk encryption set", *keys, _LIKELY)
    named_so = any(o.os_disk.name and _is_named_after(o.os_disk, o) for o in others)
    if named_so and not _is_named_after(own, machine):
        yield Departure(_NAME, "OS disk", "a disk that Compute made", own.name or "", _POSSIBLE)


def _size_of(machine: Node) -> str:
    return (machine.vm_size or "").casefold()


def _is_named_after(disk: OsDisk, machine: Node) -> bool:
    """Whether a disk's name says that it was made with this machine, or says nothing."""
    name, own = (disk.name or "").casefold(), machine.label.casefold()
    return not name or (name.startswith(own) and not name[len(own) :][:1].isalnum())


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
