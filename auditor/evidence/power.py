"""Power: the nodes of a pool that are down though AKS believes that they run.

AKS itself takes nodes down in few ways, and each can be told: it keeps the surplus of a pool with
scale-down mode ``Deallocate`` deallocated, it stops pools and clusters, and its own operations are
on record. Azure evicts spot nodes, deallocates the machines of a disabled subscription, and can
lack the room to start a node. A node that is powered off but not deallocated is never AKS's
doing: AKS either deletes nodes or deallocates them, and its repair reboots, reimages or redeploys.

Sources: AKS's pages on scale-down mode, stopping clusters and node pools, and node auto-repair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from auditor.evidence import nodes
from auditor.evidence.nodes import Condition
from auditor.model import resource_id as arm
from auditor.model.compute import Node
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import ActorKind, Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence

_DOWN = frozenset({OperationKind.NODE_DOWN, OperationKind.EVICTION})
_UP = frozenset({OperationKind.NODE_UP})
_ASKED = frozenset({OperationKind.AKS_START, OperationKind.AKS_WRITE})


class Down(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes of one pool in one condition, taken down by one deed that AKS does not explain.

    ``count`` is how many of ``nodes`` it is certain of: where AKS keeps a surplus and nobody
    is on record, it cannot be told which of the nodes are the surplus. ``operation`` is the
    newest one on record, by another hand than AKS's, that took them down.
    """

    condition: Condition
    nodes: tuple[Node, ...]
    count: int
    operation: Operation | None
    confidence: Confidence


def why_cluster_rests(cluster: Cluster) -> str | None:
    """Why no node of a cluster has to run, if so."""
    if cluster.managed.require().is_stopped:
        return "the cluster was stopped through AKS"
    if not cluster.subscription.is_enabled:
        return "the subscription is disabled: Azure deallocates its machines itself"
    return None


def why_pool_rests(view: NodePoolView) -> str | None:
    """Why no node of a pool has to run, if AKS or Azure wants it so."""
    if view.pool.is_stopped:
        return f"node pool {view.pool.name} was stopped through AKS"
    return why_cluster_rests(view.cluster)


def unjudgeable(view: NodePoolView, of_pool: Iterable[Node]) -> Iterator[Gap]:
    """Why some nodes cannot be judged: they are being changed, or show no power state."""
    by_condition = _by_condition(of_pool)
    if changing := by_condition[Condition.CHANGING]:
        yield nodes.in_transition(view, changing)
    if untold := by_condition[Condition.UNTOLD]:
        yield nodes.without_power_state(view, untold)


def powered_off(view: NodePoolView, context: Context) -> Iterator[Down]:
    """Nodes that are stopped and not deallocated: proven by their state alone.

    The log, where it can be read, only tells who did it; other nodes that could not be read tell
    nothing of them.
    """
    known: tuple[Node, ...] = view.nodes.known_or(())
    off = _by_condition(known)[Condition.STOPPED]
    deeds = {node.label: last_down(node, context) for node in off}
    by_others = {i: deed for i, deed in deeds.items() if deed and _is_by_others(deed, view)}
    yield from _by_deed(view, Condition.STOPPED, off, by_others)


def deallocated(view: NodePoolView, context: Context) -> Iterator[Down]:
    """Deallocated nodes that neither AKS nor Azure is known to have taken down.

    Raises :class:`~auditor.model.errors.UnreadableError` where that takes a log that could not
    be read.
    """
    down = _by_condition(view.nodes.require())[Condition.DEALLOCATED]
    surplus = _surplus(view) if down else 0
    if len(down) <= surplus:
        return
    context.operations.require()
    causes = {node.label: _cause(node, view, context) for node in down}
    deeds = {i: cause for i, cause in causes.items() if isinstance(cause, Operation)}
    done = [node for node in down if node.label in deeds]
    yield from _by_deed(view, Condition.DEALLOCATED, done, deeds)
    unrecorded = [node for node in down if causes[node.label] is Cause.UNRECORDED]
    explained = len(down) - len(done) - len(unrecorded)
    excess = len(unrecorded) - max(surplus - explained, 0)
    if excess <= 0 or _evicts_by_deallocating(view):
        return
    if excess == len(unrecorded):
        yield from _by_deed(view, Condition.DEALLOCATED, unrecorded, {})
    else:
        yield _down(view, Condition.DEALLOCATED, unrecorded, None, excess)


def _names(operation: Operation, node: Node) -> bool:
    """Whether an operation on the node's scale set, or on a node, was done to this node."""
    named = operation.named_instances
    return not named or arm.name(node.id).casefold() in named


def _by_condition(instances: Iterable[Node]) -> defaultdict[Condition, list[Node]]:
    found: defaultdict[Condition, list[Node]] = defaultdict(list)
    for node in sorted(instances, key=nodes.number):
        found[nodes.condition(node)].append(node)
    return found


def _surplus(view: NodePoolView) -> int:
    """How many nodes AKS itself keeps deallocated: those that exist beyond the pool's count."""
    if not view.pool.keeps_deallocated_nodes:
        return 0
    if view.pool.count is None:
        _uncounted(view).require()
    scale_set = view.scale_set.known_or(None)
    capacity = scale_set.capacity if scale_set else None
    existing = len(view.nodes.require()) if capacity is None else capacity
    return max(existing - view.pool.count, 0)


def _uncounted(view: NodePoolView) -> Gap:
    return Gap(
        scope=view.pool_id,
        collector="clusters",
        outcome=Outcome.SKIPPED,
        code="NoCount",
        message=f"how many nodes of pool {view.pool.name} AKS keeps running is not told",
    )


def _evicts_by_deallocating(view: NodePoolView) -> bool:
    """Whether Azure deallocates the pool's nodes when it takes them back.

    The scale set's policy decides what Azure does, the pool's what AKS asked for.
    """
    scale_set = view.scale_set.known_or(None)
    policies = (view.pool.eviction_policy, scale_set.eviction_policy if scale_set else None)
    deallocates = any((policy or "").casefold() == "deallocate" for policy in policies)
    return view.pool.is_spot and deallocates


class Cause(StrEnum):
    """Why a node is deallocated, where it was not by someone's operation on record."""

    EXPLAINED = "AKS or Azure did it"
    UNRECORDED = "nobody is on record"


def _cause(node: Node, view: NodePoolView, context: Context) -> Operation | Cause:
    """Why a node is deallocated: the operation of someone else, or what else explains it."""
    deed = last_down(node, context)
    by_others = deed is not None and _is_by_others(deed, view)
    if nodes.lacks_capacity(node):
        return Cause.EXPLAINED
    if _last_start_failed(node, context) and (nodes.has_failed(node) or not by_others):
        return Cause.EXPLAINED
    if deed is None:
        return Cause.EXPLAINED if _aks_failed(view, context) else Cause.UNRECORDED
    return deed if by_others else Cause.EXPLAINED


def _is_by_others(deed: Operation, view: NodePoolView) -> bool:
    """Whether neither AKS nor, of its spot nodes, Azure took a node down."""
    azure = deed.actor.kind is ActorKind.AZURE_SERVICE and view.pool.is_spot
    evicted = deed.kind is OperationKind.EVICTION
    return not (deed.actor.is_of_aks or azure or evicted)


def last_down(node: Node, context: Context) -> Operation | None:
    """The operation that took a node down, by whatever hand, unless it was started since."""
    ended = _ended(_DOWN, OperationStatus.SUCCEEDED, node, context)
    started = _ended(_UP, OperationStatus.SUCCEEDED, node, context)
    if ended and started and started.at >= ended.at:
        return None
    return ended


def _last_start_failed(node: Node, context: Context) -> bool:
    """Whether someone tried to start the node since it last went up or down, in vain."""
    failed = _ended(_UP, OperationStatus.FAILED, node, context)
    succeeded = _ended(_DOWN | _UP, OperationStatus.SUCCEEDED, node, context)
    return failed is not None and (succeeded is None or failed.at > succeeded.at)


def _ended(
    kinds: frozenset[OperationKind],
    status: OperationStatus,
    node: Node,
    context: Context,
) -> Operation | None:
    """The newest operation of these kinds on a node that ended so."""
    fitting = [
        operation
        for operation in context.done_to(node.id)
        if operation.kind in kinds and operation.status is status and _names(operation, node)
    ]
    return max(fitting, key=_age, default=None)


def _aks_failed(view: NodePoolView, context: Context) -> bool:
    """Whether the last that was asked of AKS for this pool or its cluster failed."""
    asked = [
        operation
        for operation in context.done_to(view.managed.id)
        if operation.kind in _ASKED and arm.within(view.pool_id, operation.resource_id)
    ]
    newest = max(asked, key=_age, default=None)
    return newest is not None and newest.status is OperationStatus.FAILED


def _age(operation: Operation) -> tuple[datetime, str]:
    return operation.at, operation.id


def _by_deed(
    view: NodePoolView,
    condition: Condition,
    down: Sequence[Node],
    deeds: Mapping[str, Operation],
) -> Iterator[Down]:
    """One group per deed, in the order of their lowest nodes; nodes without one are one group.

    Virtual machines are resources of their own, told one by one.
    """
    groups: dict[str, list[Node]] = {}
    for node in down:
        deed = deeds.get(node.label)
        shared = deed.id if deed else ""
        groups.setdefault(shared if view.pool.is_on_scale_set else node.label, []).append(node)
    for group in groups.values():
        yield _down(view, condition, group, deeds.get(group[0].label), len(group))


def _down(
    view: NodePoolView,
    condition: Condition,
    group: Sequence[Node],
    operation: Operation | None,
    count: int,
) -> Down:
    return Down(
        condition=condition,
        nodes=tuple(group),
        count=count,
        operation=operation,
        confidence=_confidence(view),
    )


def _confidence(view: NodePoolView) -> Confidence:
    """Confirmed where AKS keeps no deallocated nodes, Azure evicts none and the count has room."""
    pool = view.pool
    wanted = pool.count is not None and len(view.nodes.require()) <= pool.count
    plain = not pool.keeps_deallocated_nodes and not pool.is_spot
    return Confidence.CONFIRMED if plain and wanted else Confidence.LIKELY
