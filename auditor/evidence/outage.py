"""Outage: why nothing of a running cluster runs, where it is someone's doing.

The policy stops a cluster 30 days after its nodes were taken down by hand: one manual cause is
enough, whatever else AKS or Azure took down beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import at_rest, down_since, power, recorded
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

    ``causes`` are the manual ones: without any, AKS or Azure explains all of it. The latest
    bound of ``start`` is this reading where no evidence gives an earlier one.
    """

    still: Standstill
    causes: tuple[Cause, ...]
    start: Start

    @property
    def confidence(self) -> Confidence:
        """How sure it is that someone other than AKS is among the causes."""
        surest = max((cause.confidence for cause in self.causes), key=lambda c: c.rank)
        return min(surest, self.still.at_most, key=lambda c: c.rank)

    @property
    def scale_sets(self) -> tuple[str, ...]:
        """The ids of the scale sets that this rests on."""
        return tuple(rest.scale_set.id for rest in self.still.pools)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What could narrow the start: the disks, and the log as far back as it goes."""
        managed = self.still.managed
        looked_back = (LookBack(one) for one in (managed.id, *self.scale_sets))
        return (ReadDisks(managed.node_resource_group_id), *looked_back)


def manual_outage(cluster: Cluster, context: Context) -> Outage | None:
    """The outage of a cluster that someone other than AKS is among the causes of.

    Raises :class:`~auditor.model.errors.UnreadableError` where it cannot be told.
    """
    still = at_rest.standstill(cluster, context)
    if still is None:
        return None
    causes = tuple(_causes(still, context))
    if causes:
        return Outage(still=still, causes=causes, start=down_since.since(cluster, still, context))
    if still.machines:
        at_rest.power_state_of(still.managed, [vm.name for vm in still.machines]).require()
    return None


def _causes(still: Standstill, context: Context) -> Iterator[Cause]:
    """Causes that state alone proves come first: they do not depend on the log."""
    proven = [cause for rest in _meant_to_run(still) for cause in _by_state(rest, context)]
    yield from proven
    if proven and isinstance(context.operations, Gap):
        return
    for rest in _meant_to_run(still):
        yield from _on_record(rest, context)
    for machine in still.machines:
        deed = power.last_down(machine, context)
        if deed and not deed.actor.is_of_aks and deed.kind is OperationKind.NODE_DOWN:
            yield _cause(f"node VM {machine.name} was taken down", Confidence.POSSIBLE, deed)


def _meant_to_run(still: Standstill) -> Iterator[Rest]:
    return (rest for rest in still.pools if power.is_meant_to_run(rest.view))


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
    text = f"scale set of {pool.name} scaled to zero, where AKS wants {pool.count} nodes"
    return _cause(text, confidence, deed)


def _cause(text: str, confidence: Confidence, deed: Operation | None) -> Cause:
    """A cause by its state, or by the operation on record where that is surer."""
    if deed is None:
        return Cause(text=text, confidence=confidence)
    surer = max(confidence, recorded.confidence(deed), key=lambda c: c.rank)
    by = f"{text} by {recorded.who(deed.actor)}"
    return Cause(text=by, confidence=surer, operation=deed)


def _is_emptied(rest: Rest) -> bool:
    return not rest.nodes and bool(rest.view.pool.count)


def _only_people_empty(rest: Rest) -> bool:
    """Whether neither autoscaler, eviction nor a failed operation of AKS's can explain it."""
    pool = rest.view.pool
    settled = pool.provisioning_state.casefold() in SETTLED
    return settled and not pool.autoscaling and not pool.is_spot


def _emptying_deed(rest: Rest, context: Context) -> Operation | None:
    newest = at_rest.last_emptied(rest, context)
    return newest if newest and not newest.actor.is_of_aks else None
