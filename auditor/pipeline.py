"""A run, told once: read, judge, ask again, judge, put away; then one report over it all.

Every subscription is a unit of its own: it is read, judged, spooled and let go, so that memory
does not grow with the tenant and one unit's failure costs no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from auditor import __version__, people, policy
from auditor.collect import Source, Unit
from auditor.collect.concurrency import every
from auditor.evaluate import evaluate
from auditor.model import resource_id as arm
from auditor.model.errors import RunFailedError
from auditor.model.facet import Facet, Gap, Known
from auditor.model.operation import Operation
from auditor.model.question import Question
from auditor.model.rule import Context, LoadedRule, Tunables
from auditor.model.run import RunRow, ScopeRow, ToolRow
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import ClusterEvaluation
from auditor.report import across, build
from auditor.report.spool import Spool
from auditor.report.summary import summarise, unread_reasons
from auditor.report.view import Header, Report

ROUNDS = 3
"""How often questions are answered: proofs of absence can raise findings that ask once more."""

UNITS_AT_ONCE = 4


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to do.

    ``as_of`` is the moment for clocks; ``clock`` tells the time that the run's header shows;
    ``actors`` is ``full``, ``hash`` or ``none``, ``tunables`` the thresholds of rules.
    """

    run_id: str
    as_of: datetime
    clock: Callable[[], datetime]
    rules: Sequence[LoadedRule]
    scope: ScopeRow
    actors: str = people.FULL
    tunables: Tunables = Tunables()


async def run(source: Source, plan: Plan, spool: Spool, progress: Callable[[str], None]) -> Report:
    """Audit every unit of the source; the report is a view over the spool.

    Raises :class:`RunFailedError` where nothing at all could be read: that is no clean bill.
    """
    started_at = plan.clock()
    units = await source.units()
    at_once = asyncio.Semaphore(UNITS_AT_ONCE)

    async def one(unit: Unit) -> Snapshot:
        async with at_once:
            snapshot = await _audit(source, unit, plan, spool)
            progress(_told(snapshot))
            return msgspec.structs.replace(snapshot, clusters=())

    read = await every(one(unit) for unit in units)
    _refuse_emptiness(read, source.gaps())
    notes = across.settle(spool, [loaded.rule for loaded in plan.rules])
    header = _header(source, plan, spool, started_at)
    return Report(msgspec.structs.replace(header, notes=notes), spool)


async def _audit(source: Source, unit: Unit, plan: Plan, spool: Spool) -> Snapshot:
    """One unit, from ARM to the spool."""
    snapshot = await source.collect(unit)
    snapshot, evaluations = await _judge(source, snapshot, plan)
    everywhere = (*snapshot.gaps, *source.gaps())
    result = build.unit(
        msgspec.structs.replace(snapshot, gaps=everywhere),
        evaluations,
        rules=plan.rules,
        as_of=plan.as_of,
    )
    spool.write(people.shown(result, plan.actors))
    return snapshot


async def _judge(
    source: Source, snapshot: Snapshot, plan: Plan
) -> tuple[Snapshot, list[ClusterEvaluation]]:
    """Judge, answer what the judgement asks, and judge again."""
    asked: dict[str, frozenset[Question]] = {}
    evaluations = _evaluate(snapshot, plan)
    for _ in range(ROUNDS):
        new = {
            arm.key(e.cluster_id): e.questions - asked.get(arm.key(e.cluster_id), frozenset())
            for e in evaluations
        }
        open_questions = {cluster: questions for cluster, questions in new.items() if questions}
        if not open_questions:
            break
        snapshot = await source.answer(snapshot, open_questions)
        for cluster, questions in open_questions.items():
            asked[cluster] = asked.get(cluster, frozenset()) | questions
        evaluations = _evaluate(snapshot, plan)
    return snapshot, evaluations


def _evaluate(snapshot: Snapshot, plan: Plan) -> list[ClusterEvaluation]:
    none_yet: Facet[tuple[Operation, ...]] = Known(())  # evaluate knows each cluster's own
    context = Context(
        now=plan.as_of,
        operations=none_yet,
        tunables=plan.tunables,
        subscriptions=snapshot.visible,
    )
    return [evaluate(cluster, plan.rules, context) for cluster in snapshot.clusters]


def _told(snapshot: Snapshot) -> str:
    name = snapshot.subscription.name or snapshot.subscription.id
    if not snapshot.listed:
        return f"{name}: could not be read"
    count = len(snapshot.clusters)
    return f"{name}: {count} cluster{'' if count == 1 else 's'}"


def _refuse_emptiness(read: Sequence[Snapshot], gaps: Sequence[Gap]) -> None:
    if any(snapshot.listed for snapshot in read):
        return
    causes = [gap.message for snapshot in read for gap in snapshot.gaps]
    causes += [gap.message for gap in gaps] or ["the identity sees no subscription"]
    raise RunFailedError(
        f"nothing could be read: {causes[0]}",
        hint="give the identity the Reader role on the subscriptions to audit",
    )


def _header(source: Source, plan: Plan, spool: Spool, started_at: datetime) -> Header:
    reasons = tuple(map(str, unread_reasons(summarise(spool))))
    return Header(
        tool=ToolRow(name="aks-auditor", version=__version__),
        policy=policy.policy(loaded.rule for loaded in plan.rules),
        run=RunRow(
            id=plan.run_id,
            started_at=started_at,
            finished_at=plan.clock(),
            as_of=plan.as_of,
            scope=plan.scope,
            status="incomplete" if reasons else "complete",
            status_reasons=reasons,
            api_calls=source.calls(),
            thresholds=msgspec.structs.asdict(plan.tunables),
        ),
        rules=build.rule_rows(plan.rules),
    )
