"""Recorded deeds: what a hand other than AKS's did to a cluster's nodes, by the log alone.

AKS reverts many edits, and some leave no trace that ARM returns (``protectedSettings``,
``customData``): the record is then all there is. Every operation belongs to one recorded rule,
the most specific one.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import msgspec

from auditor.evidence import pools
from auditor.evidence.standing import stands
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Known, each
from auditor.model.operation import (
    CUSTOMER,
    Actor,
    ActorKind,
    Operation,
    OperationKind,
    OperationStatus,
)
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

Kind = OperationKind

OWNER = MappingProxyType(
    {
        Kind.EXTENSION_WRITE: "EXT005",
        Kind.EXTENSION_DELETE: "EXT005",
        Kind.NODE_COMMAND: "VMSS011",
        Kind.NODE_DOWN: "PWR005",
        Kind.NODE_UP: "PWR005",
        Kind.NSG_WRITE: "NET004",
        Kind.NSG_DELETE: "NET004",
        Kind.SUBNET_WRITE: "NET004",
        Kind.VNET_WRITE: "NET004",
        Kind.SCALE_SET_WRITE: "VMSS010",
        Kind.SCALE_SET_DELETE: "VMSS010",
        Kind.SCALE_SET_SCALE: "VMSS010",
        Kind.NODE_WRITE: "VMSS010",
        Kind.NODE_DELETE: "VMSS010",
        Kind.NODE_REIMAGE: "VMSS010",
        Kind.NIC_WRITE: "VMSS010",
        Kind.OS_DISK_WRITE: "VMSS010",
        Kind.AUTOSCALE_WRITE: "VMSS009",
        Kind.NETWORK_WRITE: "NET006",
        Kind.TAGS_WRITE: "META004",
        Kind.GROUP_WRITE: "META004",
        Kind.NETWORK_DELETE: "META004",
        Kind.RESOURCE_DELETE: "META004",
    }
)
"""The recorded rule of each kind of operation, unless it wrote tags alone."""

_OF_TAGS = "META004"


def deeds(rule_id: str, cluster: Cluster, context: Context) -> Iterator[Operation]:
    """The operations that this rule reports: by another hand than AKS's, and not failed.

    A failed or forbidden call is an attempt: nothing was changed. Where some records do not read,
    how a call ended is told by its success alone.
    """
    managed = cluster.managed.require()
    whole = isinstance(context.operations, Known)
    if whole and not managed.node_resource_group:
        return  # a cluster that is being created has no nodes yet
    for operation in each(context.operations):
        if (
            owner(operation) == rule_id
            and operation.status is not OperationStatus.FAILED
            and (whole or operation.status is OperationStatus.SUCCEEDED)
            and not operation.actor.is_of_aks
            and arm.within(operation.resource_id, managed.node_resource_group_id)
        ):
            yield operation


def node_deeds(rule_id: str, cluster: Cluster, context: Context) -> Iterator[Operation]:
    """Those of the rule's :func:`deeds` that were done to a node of the cluster's own."""
    managed = cluster.managed.require()
    return (one for one in deeds(rule_id, cluster, context) if is_on_node(one, managed))


def owner(operation: Operation) -> str | None:
    """The one recorded rule whose matter an operation is."""
    return _OF_TAGS if _writes_only_tags(operation) else OWNER.get(operation.kind)


def _writes_only_tags(operation: Operation) -> bool:
    """Whether the request set tags and nothing else, which is no edit of a node."""
    heads = {path.partition(".")[0].casefold() for path in operation.request_paths}
    return heads == {"tags"}


def is_on_node(operation: Operation, managed: ManagedCluster) -> bool:
    """Whether the operation's resource is a node of AKS's naming, rather than a resident's."""
    for kind in ("virtualMachineScaleSets", "virtualMachines", "networkInterfaces", "disks"):
        name = arm.segment(operation.resource_id, kind)
        if name is not None:
            return pools.pool_name(name, managed) is not None or pools.has_node_name(name)
    return False


def node_pool(operation: Operation, cluster: Cluster) -> str:
    """The node pool whose node an operation was done to; empty where none can be told.

    A machine that is there tells it itself; one that is gone, an interface and a disk by name.
    """
    managed, done_to = cluster.managed.require(), operation.resource_id
    scale_set = arm.segment(done_to, "virtualMachineScaleSets")
    if scale_set is not None:
        return pools.pool_name(scale_set, managed) or ""
    for machine in cluster.virtual_machines.known_or(()):
        parts = (machine.id, *machine.nic_ids, machine.os_disk.id or "")
        if arm.root(done_to) in map(arm.key, parts):
            return pools.pool_of(machine, cluster) or ""
    return _by_name(done_to, managed)


def _by_name(resource_id: str, managed: ManagedCluster) -> str:
    """Disks of scale sets are named after their pool too; machines of one there are not."""
    name = arm.name(arm.root(resource_id))
    is_disk = arm.segment(resource_id, "disks") is not None
    fitting = (pool for pool in managed.pools if pools.is_machine_name(name, pool))
    return next((p.name for p in fitting if is_disk or not p.is_on_scale_set), "")


def confidence(operation: Operation) -> Confidence:
    """How sure it is that a customer did it.

    A service of Microsoft's may act as part of AKS's own work; a call that has no end on record
    may not have taken effect; a bare id without claims may be a service that is not known here.
    """
    actor = operation.actor
    if operation.status is not OperationStatus.SUCCEEDED or actor.kind is ActorKind.AZURE_SERVICE:
        return Confidence.POSSIBLE
    known = actor.kind in CUSTOMER or actor.kind is ActorKind.AZURE_POLICY
    return Confidence.CONFIRMED if known and actor.positive else Confidence.LIKELY


def severity(operation: Operation, usual: Severity) -> Severity:
    """The usual severity, at most medium where Azure Policy or a Microsoft service acted."""
    automatic = operation.actor.kind in {ActorKind.AZURE_POLICY, ActorKind.AZURE_SERVICE}
    return min(usual, Severity.MEDIUM, key=lambda s: s.rank) if automatic else usual


def who(actor: Actor) -> str:
    """The actor in words: name, and through which client."""
    name = actor.name or actor.id or "an unknown caller"
    return f"{name} ({actor.client})" if actor.client else name


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """How a recorded rule tells of a deed; ``did`` completes the sentence "<who> …"."""

    did: str
    severity: Severity
    remediation: str
    commands: tuple[str, ...]


def finding(operation: Operation, telling: Telling, cluster: Cluster, context: Context) -> Finding:
    """The finding of a recorded rule."""
    return Finding(
        resource_id=operation.resource_id,
        path="",
        summary=f"{who(operation.actor)} {telling.did} on {operation.at:%Y-%m-%d %H:%M}Z",
        severity=severity(operation, telling.severity),
        confidence=confidence(operation),
        node_pool=node_pool(operation, cluster),
        instances=operation.instance_ids,
        operation=operation,
        standing=stands(operation, cluster, context),
        evidence=(
            Evidence(
                text=f"{operation.name} by {who(operation.actor)}: {operation.status}",
                source="activity log",
                at=operation.at,
            ),
        ),
        remediation=telling.remediation,
        commands=telling.commands,
        discriminator=operation.id,
    )
