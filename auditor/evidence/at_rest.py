"""Standstill: a cluster that should run, and of which no node does.

That nothing runs is said only once every pool's nodes are known; one running node anywhere, a
standalone node VM included, proves the contrary, whatever else could not be read. System nodes
that Microsoft hosts (AKS Automatic) run as long as the cluster does.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.evidence import nodes, pools, power, transitions
from auditor.evidence.nodes import Condition
from auditor.model.aks import ManagedCluster, PoolKind
from auditor.model.compute import Instance, ScaleSet, VirtualMachine
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence

_POWER = frozenset({Aspect.POWER})
_EMPTYING = frozenset(
    {OperationKind.SCALE_SET_WRITE, OperationKind.SCALE_SET_SCALE, OperationKind.NODE_DELETE}
)
_NODE_TAGS = frozenset({"aks-managed-poolName", "poolName", "karpenter.azure.com_cluster"})


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """A node pool of which nothing runs, with the scale set and the nodes that are left of it.

    ``at_most``: how sure anything can be that is said of a pool whose last operation failed.
    """

    view: NodePoolView
    scale_set: ScaleSet
    nodes: tuple[Instance, ...]
    at_most: Confidence


class Standstill(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of a running cluster runs: its pools on scale sets, and its standalone node VMs."""

    managed: ManagedCluster
    pools: tuple[Rest, ...]
    machines: tuple[VirtualMachine, ...]

    @property
    def at_most(self) -> Confidence:
        """How sure anything can be that is said of all pools together."""
        limits = (rest.at_most for rest in self.pools)
        return min(limits, key=lambda c: c.rank, default=Confidence.CONFIRMED)


def standstill(cluster: Cluster, context: Context) -> Standstill | None:
    """The standstill of a cluster, or ``None`` where a node runs or none should.

    Raises :class:`~auditor.model.errors.UnreadableError` where it cannot be told.
    """
    managed = cluster.managed.require()
    if managed.is_stopped or managed.hosted_system_pools or not cluster.subscription.is_enabled:
        return None
    views = pools.node_pools(cluster)
    if _runs(cluster, views):
        return None
    on_scale_sets = (view for view in views if view.pool.kind == PoolKind.SCALE_SET)
    return Standstill(
        managed=managed,
        pools=tuple(_at_rest(view, context) for view in on_scale_sets),
        machines=_machines_at_rest(cluster, managed),
    )


def last_emptied(rest: Rest, context: Context) -> Operation | None:
    """The newest operation that took nodes away from a pool, or may have."""
    fitting = [
        operation
        for operation in context.done_to(rest.scale_set.id)
        if operation.kind in _EMPTYING
        and operation.status is OperationStatus.SUCCEEDED
        and _sets_capacity(operation)
    ]
    return max(fitting, key=lambda o: (o.at, o.id), default=None)


def _sets_capacity(operation: Operation) -> bool:
    """A body on record names what was set; without one it may have been the capacity."""
    paths = operation.request_paths
    written = operation.kind is OperationKind.SCALE_SET_WRITE and paths
    return not written or any("capacity" in path.casefold() for path in paths)


def _runs(cluster: Cluster, views: Iterable[NodePoolView]) -> bool:
    instances = [node for view in views for node in view.instances.known_or(())]
    if any(nodes.condition(node) is Condition.RUNNING for node in instances):
        return True
    machines = cluster.virtual_machines.known_or(())
    return any(_is_node(vm) and vm.power and vm.power.code == "running" for vm in machines)


def _at_rest(view: NodePoolView, context: Context) -> Rest:
    judgeable = transitions.of_node_pool(view, _POWER, context)
    if isinstance(judgeable, Gap):
        judgeable.require()
    scale_set = view.scale_set.require()
    instances = () if scale_set.capacity == 0 else view.instances.require()
    for gap in power.unjudgeable(scale_set, instances):
        gap.require()
    return Rest(view=view, scale_set=scale_set, nodes=instances, at_most=judgeable.at_most)


def _machines_at_rest(cluster: Cluster, managed: ManagedCluster) -> tuple[VirtualMachine, ...]:
    machines = tuple(vm for vm in cluster.virtual_machines.require() if _is_node(vm))
    untold = [vm.name for vm in machines if not _is_at_rest(vm)]
    if untold:
        power_state_of(managed, untold).require()
    return machines


def _is_at_rest(machine: VirtualMachine) -> bool:
    return machine.power is not None and machine.power.code in {"deallocated", "stopped"}


def _is_node(machine: VirtualMachine) -> bool:
    return pools.has_node_name(machine.name) or not _NODE_TAGS.isdisjoint(machine.tags)


def power_state_of(managed: ManagedCluster, machines: Iterable[str]) -> Gap:
    """Node VMs of which nobody can tell here whether and why they are down."""
    return Gap(
        scope=managed.id,
        collector="virtual_machines",
        outcome=Outcome.SKIPPED,
        code="PowerState",
        message=f"whether and why node VM {', '.join(machines)} is down cannot be told",
    )
