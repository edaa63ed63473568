"""Outage: that nothing of a running cluster runs, and whether it is someone's doing.

The policy stops a cluster 30 days after its last node went, whoever took it. Where one manual
cause is among the causes, it is also out of support for that: an outage has one clock and one
rule that tells it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import at_rest, down_since, pools, power, recorded
from auditor.evidence.at_rest import Rest, Standstill
from auditor.evidence.clocks import Start
from auditor.evidence.transitions import SETTLED
from auditor.model.facet import Gap
from auditor.model.operation import Operation, OperationKind
from auditor.model.question import LookBack, Question, ReadDisks
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What someone other than AKS did to a pool or a node VM."""

    text: str
    confidence: Confidence
    operation: Operation | None = None


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of a running cluster runs, and what is known of it.

    ``causes`` are the manual ones: without any, nobody but AKS or Azure is known to have had a
    hand in it. The latest bound of ``start`` is this reading where no evidence gives an earlier
    one.
    """

    still: Standstill
    causes: tuple[Cause, ...]
    start: Start

    @property
    def is_manual(self) -> bool:
        """Whether someone other than AKS is among the causes."""
        return bool(self.causes)

    @property
    def author(self) -> Operation | None:
        """What took the last of it down, of what is on record by another hand than AKS's."""
        deeds = (cause.operation for cause in self.causes if cause.operation is not None)
        return max(deeds, key=lambda deed: (deed.at, deed.id), default=None)

    @property
    def confidence(self) -> Confidence:
        """How sure it is that someone is among the causes; without any, that nothing runs."""
        surest = max(
            (cause.confidence for cause in self.causes),
            key=lambda c: c.rank,
            default=Confidence.CONFIRMED,
        )
        return min(surest, self.still.at_most, key=lambda c: c.rank)

    @property
    def carriers(self) -> tuple[str, ...]:
        """The ids of the scale sets and machines that this rests on."""
        of_pools = (carrier for rest in self.still.pools for carrier in rest.carriers)
        return (*of_pools, *(node.id for node in self.still.others))

    @property
    def rests_on(self) -> tuple[str, ...]:
        """What must show it twice: the carriers, and each list of machines that AKS keeps.

        A pool of machines that has none left has no carrier: its next one shows in the list.
        """
        views = (rest.view for rest in self.still.pools)
        lists = (view.pool_id for view in views if pools.is_listed_by_aks(view.pool))
        return (*self.carriers, *lists)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What could narrow the start: the disks, and the log as far back as it goes."""
        managed = self.still.managed
        looked_back = (LookBack(one) for one in (managed.id, *self.carriers))
        return (ReadDisks(managed.node_resource_group_id), *looked_back)


def outage(cluster: Cluster, context: Context) -> Outage | None:
    """The outage of a cluster, or ``None`` where a node runs or none should.

    Raises :class:`~auditor.model.errors.UnreadableError` where it, or whose doing it is, cannot
    be told.
    """
    still = at_rest.standstill(cluster, context)
    if still is None:
        return None
    causes = tuple(_causes(still, context))
    return Outage(still=still, causes=causes, start=down_since.since(cluster, still, context))


def _causes(still: Standstill, context: Context) -> Iterator[Cause]:
    """Causes that state alone proves come first: they do not depend on the log."""
    proven = [cause for rest in _meant_to_run(still) for cause in _by_state(rest, context)]
    yield from proven
    if proven and isinstance(context.operations, Gap):
        return
    for rest in _meant_to_run(still):
        yield from _on_record(rest, context)
    if still.others:
        context.operations.require()
    for node in still.others:
        deed = power.last_down(node, context)
        if deed and not deed.actor.is_of_aks and deed.kind is OperationKind.NODE_DOWN:
            yield _cause(f"node {node.name} was taken down", Confidence.POSSIBLE, deed)


def _meant_to_run(still: Standstill) -> Iterator[Rest]:
    return (rest for rest in still.pools if power.why_pool_rests(rest.view) is None)


def _by_state(rest: Rest, context: Context) -> Iterator[Cause]:
    if rest.nodes:
        for down in power.powered_off(rest.view, context):
            yield _of_nodes(rest, down)
    if _is_emptied(rest) and _only_people_empty(rest):
        yield _emptied(rest, Confidence.CONFIRMED, _emptying_deed(rest, context))


def _on_record(rest: Rest, context: Context) -> Iterator[Cause]:
    if rest.nodes:
        for down in power.deallocated(rest.view, context):
            yield _of_nodes(rest, down)
    if _is_emptied(rest) and not _only_people_empty(rest):
        context.operations.require()
        deed = _emptying_deed(rest, context)
        if deed is not None:
            yield _emptied(rest, Confidence.POSSIBLE, deed)


def _of_nodes(rest: Rest, down: power.Down) -> Cause:
    text = f"{down.count} of {len(rest.nodes)} nodes of {rest.view.pool.name} {down.condition}"
    return _cause(text, down.confidence, down.operation)


def _emptied(rest: Rest, confidence: Confidence, deed: Operation | None) -> Cause:
    pool = rest.view.pool
    text = (
        f"scale set of {pool.name} scaled to zero, where AKS wants {pool.count} nodes"
        if pool.is_on_scale_set
        else f"every VM of {pool.name} deleted, where AKS counts on {_wanted(rest)}"
    )
    return _cause(text, confidence, deed)


def _cause(text: str, confidence: Confidence, deed: Operation | None) -> Cause:
    """A cause by its state, or by the operation on record where that is surer."""
    if deed is None:
        return Cause(text=text, confidence=confidence)
    surer = max(confidence, recorded.confidence(deed), key=lambda c: c.rank)
    by = f"{text} by {recorded.who(deed.actor)}"
    return Cause(text=by, confidence=surer, operation=deed)


def _is_emptied(rest: Rest) -> bool:
    return not rest.nodes and _wanted(rest) > 0


def _wanted(rest: Rest) -> int:
    """How many nodes AKS wants of a pool, as far as it tells."""
    return max(rest.view.pool.count or 0, len(rest.missing))


def _only_people_empty(rest: Rest) -> bool:
    """Whether neither autoscaler, eviction nor a failed operation of AKS's can explain it.

    A scale set keeps the capacity that it was given; of deleted machines only the log tells.
    """
    pool = rest.view.pool
    settled = pool.provisioning_state.casefold() in SETTLED
    return pool.is_on_scale_set and settled and not pool.autoscaling and not pool.is_spot


def _emptying_deed(rest: Rest, context: Context) -> Operation | None:
    newest = at_rest.last_emptied(rest, context)
    return newest if newest and not newest.actor.is_of_aks else None
