"""Transitions: what an operation under way, or one that failed, keeps from being judged.

A pool or scale set that is being created, scaled, upgraded, started or stopped differs from its
request by design: rules that compare it would accuse AKS. Neither an endless transition nor a
``Failed`` state is a hiding place: the first is said so once it has demonstrably lasted, the
second hides only what the failed operation may have touched, and lowers confidence. A power state
that is not known here hides how many nodes should run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context
from auditor.model.snapshot import Cluster, NodePoolView, StandaloneNodes
from auditor.model.verdict import Confidence

SETTLED = frozenset({"", "succeeded"})
FAILED = frozenset({"failed", "canceled", "cancelled"})

TOUCHED_BY_FAILURE = frozenset({Aspect.CAPACITY, Aspect.MODEL, Aspect.IMAGE})
"""What counts as touched by a failed AKS operation: a PUT carries the whole object, so the
record seldom says less."""

UNTOUCHED_BY_CLUSTER = frozenset({Aspect.NETWORK})
"""What an operation on the cluster leaves alone: AKS attaches its security group once."""

OF_POWER = frozenset({Aspect.POWER, Aspect.CAPACITY})
"""What cannot be judged without knowing whether AKS believes that nodes run."""

_POWER_STATES = frozenset({"running", "stopped"})
_AKS_WRITES = frozenset({OperationKind.AKS_WRITE, OperationKind.AKS_START, OperationKind.AKS_STOP})


class Judgeable(msgspec.Struct, frozen=True):
    """A subject may be judged, with no more confidence than ``at_most``."""

    at_most: Confidence = Confidence.CONFIRMED


def of_cluster(cluster: Cluster, aspects: frozenset[Aspect], context: Context) -> Judgeable | Gap:
    """Whether a rule that compares these aspects may judge the cluster as a whole."""
    if not aspects or isinstance(cluster.managed, Gap):
        return Judgeable()
    return _of_managed(cluster.managed.value, aspects, context)


def of_node_pool(
    view: NodePoolView, aspects: frozenset[Aspect], context: Context
) -> Judgeable | Gap:
    """Whether a rule that compares these aspects may judge this node pool."""
    if not aspects:
        return Judgeable()
    stages: list[Judgeable | Gap] = [_of_managed(view.managed, aspects, context)]
    stages.append(of_request(view.managed, view.pool, aspects, context))
    if isinstance(view.scale_set, Known):
        scale_set = view.scale_set.value
        stages.append(_of_state(scale_set.id, scale_set.provisioning_state, aspects, context))
    elif view.scale_set in view.cluster.scale_sets.causes:
        stages.append(view.scale_set)  # what could not be read may be in transition
    return _strictest(stages)


def of_standalone(
    view: StandaloneNodes, aspects: frozenset[Aspect], context: Context
) -> Judgeable | Gap:
    """The same of nodes that belong to no node pool.

    Without a request nothing contradicts one: what their state alone shows is likely at most.
    """
    return _strictest(
        (_of_managed(view.managed, aspects, context), Judgeable(at_most=Confidence.LIKELY))
    )


def of_request(
    managed: ManagedCluster, pool: NodePool, aspects: frozenset[Aspect], context: Context
) -> Judgeable | Gap:
    """Whether what AKS itself says of a node pool may be judged, whatever its scale set does."""
    pool_id = f"{managed.id}/agentPools/{pool.name}"
    powered = _of_power(pool_id, pool.power_state, aspects)
    return powered or _of_state(pool_id, pool.provisioning_state, aspects, context)


def _of_managed(
    managed: ManagedCluster, aspects: frozenset[Aspect], context: Context
) -> Judgeable | Gap:
    compared = aspects - UNTOUCHED_BY_CLUSTER
    if not compared:
        return Judgeable()
    powered = _of_power(managed.id, managed.power_state, aspects)
    return powered or _of_state(managed.id, managed.provisioning_state, compared, context)


def _of_power(resource_id: str, state: str, aspects: frozenset[Aspect]) -> Gap | None:
    """The gap where it is not known here what a power state means for the nodes."""
    if not aspects & OF_POWER or state.casefold() in _POWER_STATES:
        return None
    return Gap(
        scope=resource_id,
        collector="clusters",
        outcome=Outcome.FAILED,
        code="UnknownPowerState",
        message=f"the power state of {arm.name(resource_id)} is {state!r}, which is not known here",
    )


def _of_state(
    resource_id: str, state: str, aspects: frozenset[Aspect], context: Context
) -> Judgeable | Gap:
    lowered = state.casefold()
    if lowered in SETTLED:
        return Judgeable()
    if lowered not in FAILED:
        return _transition(resource_id, state, context)
    if aspects & TOUCHED_BY_FAILURE:
        return _gap(resource_id, state, "it is not known what the failed operation changed")
    return Judgeable(at_most=Confidence.LIKELY)


def _strictest(stages: Iterable[Judgeable | Gap]) -> Judgeable | Gap:
    lowest = Judgeable()
    for stage in stages:
        if isinstance(stage, Gap):
            return stage
        lowest = min(lowest, stage, key=lambda s: s.at_most.rank)
    return lowest


def _transition(resource_id: str, state: str, context: Context) -> Gap:
    since = lasting_since(resource_id, context)
    limit = timedelta(hours=context.tunables.endless_transition_hours)
    if since is not None and context.now - since > limit:
        hours = int((context.now - since).total_seconds() // 3600)
        return _gap(resource_id, state, f"for {hours} hours at least", code=ENDLESS)
    return _gap(resource_id, state, "what it should look like is not settled")


ENDLESS = "EndlessTransition"
"""The code of a gap whose transition has demonstrably outlasted the limit."""


def lasting_since(resource_id: str, context: Context) -> datetime | None:
    """The moment since when a transition has demonstrably lasted: its newest request.

    ``None`` where no such request is on record, or where it has since ended.
    """
    requests = [o for o in context.done_to(resource_id) if _moves(o, resource_id)]
    newest = max(requests, key=lambda o: (o.started_at, o.id), default=None)
    if newest is None or newest.status is not OperationStatus.RUNNING:
        return None
    return newest.started_at


def _moves(operation: Operation, resource_id: str) -> bool:
    """Whether an operation puts a cluster, a node pool or a scale set in transition.

    A pool moves with its cluster, never with another pool; a cluster with every pool of its.
    """
    if arm.segment(resource_id, "managedClusters") is None:
        return operation.kind is not OperationKind.OTHER and arm.same(
            operation.resource_id, resource_id
        )
    cluster_id, _, pool = arm.key(resource_id).partition("/agentpools/")
    moved, _, moved_pool = arm.key(operation.resource_id).partition("/agentpools/")
    return (
        operation.kind in _AKS_WRITES
        and moved == cluster_id
        and (not pool or not moved_pool or arm.within(moved_pool, pool))
    )


def _gap(resource_id: str, state: str, why: str, *, code: str = "Transition") -> Gap:
    return Gap(
        scope=resource_id,
        collector="transition",
        outcome=Outcome.TRANSITION,
        code=code,
        message=f"{arm.name(resource_id)} is in state {state}: {why}",
    )
