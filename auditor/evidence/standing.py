"""Standing: whether a recorded deed is still in the nodes, or AKS has re-created them since.

A node image upgrade, a reimage or a replacement gives a node a fresh disk, made from its scale
set's model. After a deed on the model itself only what was made since AKS wrote its own model
again is clean: ARM does not return all that a model holds (``protectedSettings``,
``customData``), so that nobody can see whether it is AKS's.
"""

from __future__ import annotations

from datetime import datetime

from auditor.evidence.operation_kinds import changes_model, renews_nodes
from auditor.model import resource_id as arm
from auditor.model.compute import Instance, ScaleSet, VirtualMachine
from auditor.model.facet import Gap
from auditor.model.operation import ActorKind, Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster

_NODE_PARTS = frozenset(
    {
        "microsoft.compute/virtualmachines",
        "microsoft.compute/disks",
        "microsoft.network/networkinterfaces",
    }
)


def stands(deed: Operation, cluster: Cluster, context: Context) -> bool:
    """Whether nodes that the deed touched have not been re-created by AKS since.

    What cannot be read may still stand. A deed on anything but nodes stands by its state
    finding, if at all.
    """
    scale_set = _scale_set(deed, cluster)
    nodes = scale_set if isinstance(scale_set, Gap) else _nodes(deed, scale_set, cluster)
    if isinstance(nodes, Gap):
        return True
    clean_since: datetime | None = deed.at
    if scale_set is not None and changes_model(deed):
        clean_since = _written_back(deed, context)
    if clean_since is None:
        return True
    return any(not _is_renewed(node, clean_since, context) for node in nodes)


def _scale_set(deed: Operation, cluster: Cluster) -> ScaleSet | Gap | None:
    """The scale set that was changed or holds the node; ``None`` for anything else."""
    wanted = arm.segment(deed.resource_id, "virtualMachineScaleSets")
    if wanted is None:
        return None
    if isinstance(cluster.scale_sets, Gap):
        return cluster.scale_sets
    named = (s for s in cluster.scale_sets.value if s.name.casefold() == wanted.casefold())
    return next(named, None)


def _nodes(
    deed: Operation, scale_set: ScaleSet | None, cluster: Cluster
) -> tuple[Instance | VirtualMachine, ...] | Gap:
    """The nodes that the deed named, or all of its scale set, as far as they are still there."""
    if scale_set is not None:
        instances = cluster.instances_of(scale_set)
        if isinstance(instances, Gap):
            return instances
        return tuple(node for node in instances.value if _names(deed, node))
    if arm.resource_type(arm.root(deed.resource_id)) not in _NODE_PARTS:
        return ()
    return _owners(deed, cluster)


def _owners(deed: Operation, cluster: Cluster) -> tuple[Instance | VirtualMachine, ...] | Gap:
    """The machine that was changed, or whose disk or network interface was."""
    machines: list[Instance | VirtualMachine] = []
    for facet in (cluster.virtual_machines, *cluster.instances.values()):
        if isinstance(facet, Gap):
            return facet
        machines.extend(facet.value)
    return tuple(machine for machine in machines if _has(machine, deed.resource_id))


def _has(machine: Instance | VirtualMachine, resource_id: str) -> bool:
    own = (machine.id, *machine.nic_ids, machine.os_disk.id)
    return any(part and arm.within(resource_id, part) for part in own)


def _names(operation: Operation, node: Instance | VirtualMachine) -> bool:
    """Whether an operation on a scale set or a machine was done to this node."""
    named = operation.named_instances
    return not named or arm.name(node.id).casefold() in named


def _is_renewed(node: Instance | VirtualMachine, since: datetime, context: Context) -> bool:
    if node.created_at is not None and node.created_at > since:
        return True
    return any(
        renews_nodes(later) and later.at > since and _is_of_aks(later) and _names(later, node)
        for later in reversed(context.done_to(node.id))
    )


def _written_back(deed: Operation, context: Context) -> datetime | None:
    """When AKS first wrote its own model after the deed, or ``None`` if it has not yet.

    The cluster's own identity writes a scale set to scale it too, so that its write counts
    only where the body on record holds the model.
    """
    return min(
        (
            later.at
            for later in context.done_to(deed.resource_id)
            if later.at > deed.at
            and later.kind is OperationKind.SCALE_SET_WRITE
            and _is_of_aks(later)
            and changes_model(later)
            and (later.actor.kind is ActorKind.AKS or later.request_paths)
        ),
        default=None,
    )


def _is_of_aks(operation: Operation) -> bool:
    return operation.actor.is_of_aks and operation.status is OperationStatus.SUCCEEDED
