"""The countdown: running deadlines, the nearest first, as intervals."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from auditor.model import resource_id as arm
from auditor.model.report import ClockRow
from auditor.report import words
from auditor.report.page import anchors
from auditor.report.summary import is_urgent
from auditor.report.view import Report

SHOWN = 200
"""How many clocks the page lists; the tables have all."""


class Span(NamedTuple):
    """A clock drawn on a line of length 100, from its possible start to its possible end."""

    elapsed: float
    doubt: float


class ClockCard(NamedTuple):
    """One running clock."""

    cluster: str
    anchor: str
    what: str
    when: str
    basis: str
    days: str
    unit: str
    is_urgent: bool
    span: Span | None


def cards(report: Report) -> tuple[ClockCard, ...]:
    """The clocks whose deadline may come first."""
    as_of = report.header.run.as_of
    nearest = sorted(report.clocks(), key=_order)[:SHOWN]
    return tuple(_card(row, as_of) for row in nearest)


def _order(row: ClockRow) -> tuple[bool, str, str, str]:
    """By the earliest bound that is known; a clock of which nothing is known comes first."""
    end = row.deadline_earliest or row.deadline_latest
    return (end is not None, end.isoformat() if end else "", arm.key(row.cluster_id), row.rule_id)


def _card(row: ClockRow, as_of: datetime) -> ClockCard:
    return ClockCard(
        cluster=arm.name(row.cluster_id),
        anchor=anchors.cluster(row.cluster_id),
        what=words.CLOCKS.get(row.kind, row.kind),
        when=words.deadline(row.deadline_earliest, row.deadline_latest, as_of),
        basis=row.basis,
        days=_days(row, as_of),
        unit=_unit(row.days_left),
        is_urgent=is_urgent(row.days_left),
        span=_span(row, as_of),
    )


def _days(row: ClockRow, as_of: datetime) -> str:
    """Days to the earliest possible end; failing that, to the latest."""
    if row.days_left is not None:
        return str(abs(row.days_left))
    latest = row.deadline_latest
    return f"≤ {max((latest - as_of).days, 0)}" if latest else "?"


def _unit(days_left: int | None) -> str:
    if days_left is None:
        return "days left"
    noun = "day" if abs(days_left) == 1 else "days"
    return f"{noun} overdue" if days_left < 0 else f"{noun} left"


def _span(row: ClockRow, as_of: datetime) -> Span | None:
    """Where the run stands between start and end, and where the possible ends begin."""
    start, end, soonest = row.started_earliest, row.deadline_latest, row.deadline_earliest
    if start is None or end is None or soonest is None or end <= start:
        return None
    length = (end - start).total_seconds()
    elapsed = min(max((as_of - start).total_seconds() / length, 0), 1)
    doubt = min(max((soonest - start).total_seconds() / length, 0), 1)
    return Span(round(100 * elapsed, 2), round(100 * doubt, 2))
