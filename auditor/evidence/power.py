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
from auditor.model.compute import Instance, ScaleSet, VirtualMachine
from auditor.model.facet import Gap
from auditor.model.operation import ActorKind, Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView
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
    nodes: tuple[Instance, ...]
    count: int
    operation: Operation | None
    confidence: Confidence


def is_meant_to_run(view: NodePoolView) -> bool:
    """Whether AKS believes that the pool's nodes run, and Azure lets them."""
    stopped = view.managed.is_stopped or view.pool.is_stopped
    return not stopped and view.cluster.subscription.is_enabled


def unjudgeable(scale_set: ScaleSet, instances: Iterable[Instance]) -> Iterator[Gap]:
    """Why some nodes cannot be judged: they are being changed, or show no power state."""
    by_condition = _by_condition(instances)
    if changing := by_condition[Condition.CHANGING]:
        yield nodes.in_transition(scale_set, changing)
    if untold := by_condition[Condition.UNTOLD]:
        yield nodes.without_power_state(scale_set, untold)


def powered_off(view: NodePoolView, context: Context) -> Iterator[Down]:
    """Nodes that are stopped and not deallocated: proven by their state alone.

    The log, where it can be read, only tells who did it.
    """
    off = _by_condition(view.instances.require())[Condition.STOPPED]
    deeds = {node.instance_id: last_down(node, context) for node in off}
    by_others = {i: deed for i, deed in deeds.items() if deed and _is_by_others(deed, view)}
    yield from _by_deed(view, Condition.STOPPED, off, by_others)


def deallocated(view: NodePoolView, context: Context) -> Iterator[Down]:
    """Deallocated nodes that neither AKS nor Azure is known to have taken down.

    Raises :class:`~auditor.model.errors.UnreadableError` where that takes a log that could not
    be read.
    """
    down = _by_condition(view.instances.require())[Condition.DEALLOCATED]
    surplus = _surplus(view)
    if len(down) <= surplus:
        return
    context.operations.require()
    causes = {node.instance_id: _cause(node, view, context) for node in down}
    deeds = {i: cause for i, cause in causes.items() if isinstance(cause, Operation)}
    done = [node for node in down if node.instance_id in deeds]
    yield from _by_deed(view, Condition.DEALLOCATED, done, deeds)
    unrecorded = [node for node in down if causes[node.instance_id] is Cause.UNRECORDED]
    explained = len(down) - len(done) - len(unrecorded)
    excess = len(unrecorded) - max(surplus - explained, 0)
    if excess > 0 and not _evicts_by_deallocating(view):
        yield _down(view, Condition.DEALLOCATED, unrecorded, None, excess)


def _names(operation: Operation, node: Instance | VirtualMachine) -> bool:
    """Whether an operation on the node's scale set, or on a node, was done to this node."""
    named = operation.named_instances
    return not named or arm.name(node.id).casefold() in named


def _by_condition(instances: Iterable[Instance]) -> defaultdict[Condition, list[Instance]]:
    found: defaultdict[Condition, list[Instance]] = defaultdict(list)
    for node in sorted(instances, key=nodes.number):
        found[nodes.condition(node)].append(node)
    return found


def _surplus(view: NodePoolView) -> int:
    """How many nodes AKS itself keeps deallocated: the capacity beyond the pool's count."""
    if not view.pool.keeps_deallocated_nodes:
        return 0
    capacity = view.scale_set.require().capacity
    existing = len(view.instances.require()) if capacity is None else capacity
    return max(existing - (view.pool.count or 0), 0)


def _evicts_by_deallocating(view: NodePoolView) -> bool:
    """Whether Azure deallocates the pool's nodes when it takes them back.

    The scale set's policy decides what Azure does, the pool's what AKS asked for.
    """
    policies = (view.pool.eviction_policy, view.scale_set.require().eviction_policy)
    deallocates = any((policy or "").casefold() == "deallocate" for policy in policies)
    return view.pool.is_spot and deallocates


class Cause(StrEnum):
    """Why a node is deallocated, where it was not by someone's operation on record."""

    EXPLAINED = "AKS or Azure did it"
    UNRECORDED = "nobody is on record"


def _cause(node: Instance, view: NodePoolView, context: Context) -> Operation | Cause:
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


def last_down(node: Instance | VirtualMachine, context: Context) -> Operation | None:
    """The operation that took a node down, by whatever hand, unless it was started since."""
    ended = _ended(_DOWN, OperationStatus.SUCCEEDED, node, context)
    started = _ended(_UP, OperationStatus.SUCCEEDED, node, context)
    if ended and started and started.at >= ended.at:
        return None
    return ended


def _last_start_failed(node: Instance, context: Context) -> bool:
    """Whether someone tried to start the node since it last went up or down, in vain."""
    failed = _ended(_UP, OperationStatus.FAILED, node, context)
    succeeded = _ended(_DOWN | _UP, OperationStatus.SUCCEEDED, node, context)
    return failed is not None and (succeeded is None or failed.at > succeeded.at)


def _ended(
    kinds: frozenset[OperationKind],
    status: OperationStatus,
    node: Instance | VirtualMachine,
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
    pool_id = f"{view.managed.id}/agentPools/{view.pool.name}"
    asked = [
        operation
        for operation in context.done_to(view.managed.id)
        if operation.kind in _ASKED and arm.within(pool_id, operation.resource_id)
    ]
    newest = max(asked, key=_age, default=None)
    return newest is not None and newest.status is OperationStatus.FAILED


def _age(operation: Operation) -> tuple[datetime, str]:
    return operation.at, operation.id


def _by_deed(
    view: NodePoolView,
    condition: Condition,
    down: Sequence[Instance],
    deeds: Mapping[str, Operation],
) -> Iterator[Down]:
    """One group per deed, in the order of their lowest nodes; nodes without one are one group."""
    groups: dict[str, list[Instance]] = {}
    for node in down:
        deed = deeds.get(node.instance_id)
        groups.setdefault(deed.id if deed else "", []).append(node)
    for group in groups.values():
        yield _down(view, condition, group, deeds.get(group[0].instance_id), len(group))


def _down(
    view: NodePoolView,
    condition: Condition,
    group: Sequence[Instance],
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
    wanted = pool.count is not None and len(view.instances.require()) <= pool.count
    plain = not pool.keeps_deallocated_nodes and not pool.is_spot
    return Confidence.CONFIRMED if plain and wanted else Confidence.LIKELY
