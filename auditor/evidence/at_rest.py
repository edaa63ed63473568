"""Standstill: a cluster that should run, and of which no node does.

That nothing runs is said only once every pool's nodes are known; one running node anywhere, a
standalone node VM included, proves the contrary, whatever else could not be read. Where Microsoft
holds system nodes itself (AKS Automatic), nobody can see from here whether they run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from auditor.evidence import missing, nodes, pools, power, standalone, transitions
from auditor.evidence.missing import Missing
from auditor.evidence.nodes import Condition
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.compute import Node, ScaleSet
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence

_POWER = frozenset({Aspect.POWER})
_EMPTYING = frozenset(
    {
        OperationKind.SCALE_SET_WRITE,
        OperationKind.SCALE_SET_SCALE,
        OperationKind.NODE_DELETE,
        OperationKind.EVICTION,
    }
)


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """A node pool of which nothing runs, with the nodes that are left of it.

    ``missing`` are the VMs that AKS counts on where none of them is left; ``at_most``: how sure
    anything can be that is said of a pool whose last operation failed.
    """

    view: NodePoolView
    nodes: tuple[Node, ...]
    missing: tuple[Missing, ...] = ()
    at_most: Confidence

    @property
    def carriers(self) -> tuple[str, ...]:
        """The ids of the scale set, or of the machines, that this rests on."""
        if isinstance(self.view.scale_set, Known):
            return (self.view.scale_set.value.id,)
        return (*(node.id for node in self.nodes), *(gone.id for gone in self.missing))


class Standstill(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of a running cluster runs; ``others`` are nodes that belong to no pool."""

    managed: ManagedCluster
    pools: tuple[Rest, ...]
    others: tuple[Node, ...]

    @property
    def at_most(self) -> Confidence:
        """How sure anything can be that is said of all pools together."""
        limits = (rest.at_most for rest in self.pools)
        return min(limits, key=lambda c: c.rank, default=Confidence.CONFIRMED)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node that is left."""
        return (*self.others, *(node for rest in self.pools for node in rest.nodes))


def out_of_question(cluster: Cluster) -> str | None:
    """Why a cluster cannot stand still against its will, or nobody could see it, if so."""
    if cluster.managed.require().has_hosted_nodes:
        return "Microsoft holds the system nodes in a subscription of its own: they cannot be seen"
    return power.why_cluster_rests(cluster)


def standstill(cluster: Cluster, context: Context) -> Standstill | None:
    """The standstill of a cluster, or ``None`` where a node runs or none should.

    Raises :class:`~auditor.model.errors.UnreadableError` where it cannot be told.
    """
    managed = cluster.managed.require()
    if out_of_question(cluster) is not None:
        return None
    views = pools.node_pools(cluster)
    if _runs(cluster, views):
        return None
    still = Standstill(
        managed=managed,
        pools=tuple(_at_rest(view, context) for view in views),
        others=_others_at_rest(cluster, managed),
    )
    _require_witness(still)
    return still


def _require_witness(still: Standstill) -> None:
    """Empty lists alone prove nothing: a number that AKS wants does, or a node that is left."""
    told = any(rest.nodes or rest.missing or _is_counted(rest.view) for rest in still.pools)
    if still.pools and not (told or still.others):
        view = still.pools[0].view
        why = "no node of the cluster is listed, and how many AKS wants is not told"
        missing.unproven(view, why).require()


def _is_counted(view: NodePoolView) -> bool:
    return view.pool.count is not None or view.pool.is_on_scale_set


def last_emptied(rest: Rest, context: Context) -> Operation | None:
    """The newest operation that took nodes away from a pool, or may have."""
    fitting = [
        operation
        for operation in _done_to(rest.view, context)
        if operation.kind in _EMPTYING
        and operation.status is OperationStatus.SUCCEEDED
        and _sets_capacity(operation)
    ]
    return max(fitting, key=lambda o: (o.at, o.id), default=None)


def _done_to(view: NodePoolView, context: Context) -> Iterable[Operation]:
    """What is on record of a pool's scale set, or of machines that bear the pool's name."""
    if view.pool.is_on_scale_set:
        return context.done_to(view.carrier_id)
    return (
        operation
        for operation in context.operations.known_or(())
        if pools.is_machine_name(arm.name(arm.root(operation.target)), view.pool)
    )


def _sets_capacity(operation: Operation) -> bool:
    """A body on record names what was set; without one it may have been the capacity."""
    paths = operation.request_paths
    written = operation.kind is OperationKind.SCALE_SET_WRITE and paths
    return not written or any("capacity" in path.casefold() for path in paths)


def _runs(cluster: Cluster, views: Iterable[NodePoolView]) -> bool:
    of_pools = (node for view in views for node in view.nodes.known_or(()))
    if any(nodes.condition(node) is Condition.RUNNING for node in of_pools):
        return True
    return any(node.power_code == "running" for node in _others_known(cluster))


def _others_known(cluster: Cluster) -> Iterator[Node]:
    """Nodes of no pool, as far as they could be read."""
    if isinstance(cluster.virtual_machines, Known):
        yield from standalone.every_kind(cluster)
    for scale_set in _orphans(cluster) if isinstance(cluster.scale_sets, Known) else ():
        yield from cluster.instances_of(scale_set).known_or(())


def _orphans(cluster: Cluster) -> Iterable[ScaleSet]:
    """Scale sets that are named as AKS names them, though they carry no pool."""
    return (s for s in pools.foreign_scale_sets(cluster) if pools.has_node_name(s.name))


def _at_rest(view: NodePoolView, context: Context) -> Rest:
    judgeable = transitions.of_node_pool(view, _POWER, context)
    if isinstance(judgeable, Gap):
        judgeable.require()
    left = _nodes(view)
    unseen = missing.beyond_sight(view, left)
    if unseen is not None:
        unseen.require()
    gone = () if left else _missing(view, context)
    for gap in power.unjudgeable(view, left):
        gap.require()
    return Rest(view=view, nodes=left, missing=gone, at_most=judgeable.at_most)


def _nodes(view: NodePoolView) -> tuple[Node, ...]:
    """The nodes that are left; a scale set without capacity needs no list of instances."""
    if not view.pool.is_on_scale_set:
        return pools.machines_there(view.cluster, view.pool).require()
    return () if view.scale_set.require().capacity == 0 else view.nodes.require()


def _missing(view: NodePoolView, context: Context) -> tuple[Missing, ...]:
    return () if view.pool.is_on_scale_set else missing.machines(view, context).require()


def _others_at_rest(cluster: Cluster, managed: ManagedCluster) -> tuple[Node, ...]:
    others = (*standalone.all_of_every_kind(cluster), *_instances_of_orphans(cluster))
    untold = [node.name for node in others if node.power_code not in {"deallocated", "stopped"}]
    if untold:
        _power_state_of(managed, untold).require()
    return others


def _instances_of_orphans(cluster: Cluster) -> Iterator[Node]:
    for scale_set in _orphans(cluster):
        yield from cluster.instances_of(scale_set).require()


def _power_state_of(managed: ManagedCluster, machines: Iterable[str]) -> Gap:
    return Gap(
        scope=managed.id,
        collector="virtual_machines",
        outcome=Outcome.SKIPPED,
        code="PowerState",
        message=f"whether node VM {', '.join(machines)} is down cannot be told",
    )
