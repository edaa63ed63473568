"""A report as its writers see it: a header, and rows that are read as often as they are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from auditor.language import ENGLISH
from auditor.model.report import (
    ClauseVerdictRow,
    ClockRow,
    ClusterRow,
    CoverageRow,
    FindingRow,
    RuleRow,
    SubscriptionRow,
    SummaryRow,
    UnitResult,
    VerdictRow,
)
from auditor.model.run import NoteRow, PolicyRow, Row, RunRow, ToolRow
from auditor.report.clauses import clause_rows
from auditor.report.coverage import merged
from auditor.report.summary import summarise


class Header(Row, frozen=True, kw_only=True):
    """What a report says once: everything that is no row of a subscription."""

    tool: ToolRow
    policy: PolicyRow
    run: RunRow
    rules: tuple[RuleRow, ...]
    exemptions: tuple[Mapping[str, str], ...] = ()
    changes: Mapping[str, tuple[str, ...]] | None = None
    notes: tuple[NoteRow, ...] = ()


class Report:
    """A view over the units of a run, which it holds one at a time.

    ``units`` must be iterable again and again, in the order of the subscriptions' ids; rows
    follow in that order, and within a unit as :func:`~auditor.report.build.unit` sorted them:
    clusters by id, verdicts and findings by cluster and rule. The same units under the same
    header give the same bytes in every format. ``language`` is what people are addressed in, where
    a format addresses people.
    """

    def __init__(
        self, header: Header, units: Iterable[UnitResult], language: str = ENGLISH
    ) -> None:
        self.header = header
        self.units = units
        self.language = language

    @cached_property
    def summary(self) -> SummaryRow:
        """The headline numbers."""
        return summarise(self.units)

    def subscriptions(self) -> Iterator[SubscriptionRow]:
        """Every subscription of the run."""
        return (unit.subscription for unit in self.units)

    def clusters(self) -> Iterator[ClusterRow]:
        """Every cluster."""
        return (row for unit in self.units for row in unit.clusters)

    def verdicts(self) -> Iterator[VerdictRow]:
        """Every verdict: one per cluster and rule."""
        return (row for unit in self.units for row in unit.verdicts)

    def clauses(self) -> Iterator[ClauseVerdictRow]:
        """Every clause on every cluster, judged or not visible."""
        clauses = self.header.policy.clauses
        return (row for unit in self.units for row in clause_rows(unit, clauses))

    def findings(self) -> Iterator[FindingRow]:
        """Every finding."""
        return (row for unit in self.units for row in unit.findings)

    def clocks(self) -> Iterator[ClockRow]:
        """Every running clock."""
        return (row for unit in self.units for row in unit.clocks)

    def coverage(self) -> Iterator[CoverageRow]:
        """Every root cause once, where it is first met, with all that it affects."""
        told: set[str] = set()
        for unit in self.units:
            for row in unit.coverage:
                if row.id not in self._shared:
                    yield row
                elif row.id not in told:
                    told.add(row.id)
                    yield self._shared[row.id]

    @cached_property
    def _shared(self) -> Mapping[str, CoverageRow]:
        """The coverage rows that several units met, merged: only these are held in memory."""
        counted = Counter(row.id for unit in self.units for row in unit.coverage)
        several = {one for one, count in counted.items() if count > 1}
        rows = (row for unit in self.units for row in unit.coverage if row.id in several)
        return {row.id: row for row in merged(rows)}
