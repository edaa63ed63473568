"""The headline, counted in one pass over the units."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from auditor.language import Message, counted
from auditor.model.report import SummaryRow, UnitResult, VerdictRow
from auditor.model.run import HandRow
from auditor.model.verdict import Severity, Verdict
from auditor.report.coverage import NOT_FAILED

URGENT_DAYS = 7


HANDS = 10
"""How many of those behind violations the headline names."""

_NEW = frozenset({"new", "reopened"})


class Tally:
    """Running totals. Of each finding only its deed is kept, of each failed read only its id.

    Of each hand behind violations, the violations are counted by cluster.
    """

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.severities: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.deeds: set[str] = set()
        self.unread: set[str] = set()
        self.hands: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def add(self, unit: UnitResult) -> None:
        """Count one unit."""
        failed = {row.id for row in unit.coverage if row.outcome not in NOT_FAILED}
        self.unread |= failed
        self.states.update(row.support_state for row in unit.clusters)
        self.verdicts.update(row.verdict for row in unit.findings)
        self.severities.update(row.severity for row in unit.findings)
        self.deeds.update(row.deed for row in unit.findings)
        self.counts["new"] += sum(row.state in _NEW for row in unit.findings)
        self.counts["exempt"] += sum(row.exemption is not None for row in unit.findings)
        for row in unit.findings:
            if row.verdict == Verdict.VIOLATION:
                self.hands[row.actor_kind, row.actor or row.actor_id][row.cluster_id] += 1
        self.counts["clocks"] += sum(is_urgent(row.days_left) for row in unit.clocks)
        self.counts["judged"] += len(unit.verdicts)
        self.counts["missing"] += sum(_is_missing(row, failed) for row in unit.verdicts)
        self.counts["subscriptions"] += unit.subscription.status == "not_assessed"


def summarise(units: Iterable[UnitResult]) -> SummaryRow:
    """The headline numbers of a run.

    ``coverage_percent`` is the share of verdicts (one per cluster and rule) that no failed read
    kept *unknown*, rounded down, so that 100 means all. With no verdict at all it is 100 only
    if nothing was left unread.
    """
    tally = Tally()
    for unit in units:
        tally.add(unit)
    return SummaryRow(
        clusters=tally.states.total(),
        in_support=tally.states["in_support"],
        at_risk=tally.states["at_risk"],
        out_of_support=tally.states["out_of_support"],
        not_assessed=tally.states["not_assessed"],
        findings=tally.verdicts.total(),
        violations=tally.verdicts[Verdict.VIOLATION.value],
        warnings=tally.verdicts[Verdict.WARNING.value],
        deeds=len(tally.deeds),
        findings_by_severity={one.value: tally.severities[one.value] for one in _gravest_first()},
        clocks_under_7_days=tally.counts["clocks"],
        coverage_percent=_percent(tally),
        subscriptions_not_assessed=tally.counts["subscriptions"],
        unread=len(tally.unread),
        new=tally.counts["new"],
        exempt=tally.counts["exempt"],
        hands=tuple(_hands(tally)),
    )


def _hands(tally: Tally) -> Iterator[HandRow]:
    """Those behind most violations, and how many have nobody on record."""
    rows = [
        HandRow(actor_kind=kind, actor=actor, violations=found.total(), clusters=len(found))
        for (kind, actor), found in tally.hands.items()
    ]
    rows.sort(key=lambda row: (-row.clusters, -row.violations, row.actor_kind, row.actor))
    known = [row for row in rows if not row.is_nobody]
    yield from known[:HANDS]
    yield from (row for row in rows if row.is_nobody)


def unread_reasons(summary: SummaryRow) -> tuple[Message, ...]:
    """Why a run with this headline is incomplete; empty where everything could be read."""
    subscriptions, reads = summary.subscriptions_not_assessed, summary.unread
    told = (
        counted(
            "{n:,} subscription could not be assessed: what clusters are there is not known.",
            "{n:,} subscriptions could not be assessed: what clusters are there is not known.",
            subscriptions,
        ),
        counted(
            "{n:,} read failed: what depends on it is not judged, and never counted as passed.",
            "{n:,} reads failed: what depends on them is not judged, and never counted as passed.",
            reads,
        ),
    )
    counts = (subscriptions, reads)
    return tuple(text for text, number in zip(told, counts, strict=True) if number)


def is_urgent(days_left: int | None) -> bool:
    """Whether a clock may run out within seven days, or already has."""
    return days_left is not None and days_left < URGENT_DAYS


def _gravest_first() -> list[Severity]:
    return list(reversed(Severity))


def _is_missing(row: VerdictRow, failed: set[str]) -> bool:
    """Whether a failed read, not an operation under way, left the verdict unknown."""
    if row.verdict != Verdict.UNKNOWN:
        return False
    return not row.coverage_ids or not failed.isdisjoint(row.coverage_ids)


def _percent(tally: Tally) -> float:
    judged, missing = tally.counts["judged"], tally.counts["missing"]
    if not judged:
        return 0.0 if tally.unread or tally.counts["subscriptions"] else 100.0
    return (judged - missing) * 1000 // judged / 10
