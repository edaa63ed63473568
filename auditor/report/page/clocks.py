"""The countdown: running deadlines, the nearest first, as intervals."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from auditor.language import Message
from auditor.language import message as _
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
    what: Message
    when: Message
    basis: str
    days: str
    unit: Message
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
        what=words.named(words.CLOCKS, row.kind),
        when=words.deadline(row.deadline_earliest, row.deadline_latest, as_of),
        basis=row.basis,
        days=_days(row, as_of),
        unit=_unit(row, as_of),
        is_urgent=is_urgent(row.days_left),
        span=_span(row, as_of),
    )


def _days(row: ClockRow, as_of: datetime) -> str:
    """Days to the earliest possible end; failing that, to the latest."""
    if row.deadline_earliest is not None:
        return str(words.whole_days(row.deadline_earliest, as_of))
    latest = row.deadline_latest
    return f"≤ {max((latest - as_of).days, 0)}" if latest else "?"


def _unit(row: ClockRow, as_of: datetime) -> Message:
    soonest = row.deadline_earliest
    if soonest is None:
        return _("days left")
    days = words.whole_days(soonest, as_of)
    if soonest < as_of:
        return _("day overdue") if days == 1 else _("days overdue")
    return _("day left") if days == 1 else _("days left")


def _span(row: ClockRow, as_of: datetime) -> Span | None:
    """Where the run stands between start and end, and where the possible ends begin."""
    start, end, soonest = row.started_earliest, row.deadline_latest, row.deadline_earliest
    if start is None or end is None or soonest is None or end <= start:
        return None
    length = (end - start).total_seconds()
    elapsed = min(max((as_of - start).total_seconds() / length, 0), 1)
    doubt = min(max((soonest - start).total_seconds() / length, 0), 1)
    return Span(round(100 * elapsed, 2), round(100 * doubt, 2))
