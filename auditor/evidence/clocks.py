"""Clocks: deadlines that the policy sets, as intervals that the evidence supports.

A start is known, or bounded: never earlier than the last sign that the thing was otherwise,
never later than the first reading that shows it. Months are calendar months. Whoever reads a
deadline plans by the earliest one, so days left count to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from dateutil.relativedelta import relativedelta

from auditor.model.verdict import Clock, ClockKind, Severity

_LENGTH = {
    ClockKind.NO_NODES: relativedelta(days=30),
    ClockKind.STOPPED: relativedelta(months=12),
    ClockKind.SUBSCRIPTION: relativedelta(days=90),
}

_PRESSING = ((7, Severity.CRITICAL), (30, Severity.HIGH), (90, Severity.MEDIUM))


class Bound(msgspec.Struct, frozen=True):
    """A moment and the evidence for it, as a clause that can follow "because"."""

    at: datetime
    because: str


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """When something began: not before ``earliest``, not after ``latest``; ``None`` is open."""

    earliest: Bound | None = None
    latest: Bound | None = None

    @classmethod
    def known(cls, at: datetime, because: str) -> Start:
        """A start that is on record."""
        bound = Bound(at, because)
        return cls(earliest=bound, latest=bound)

    @property
    def is_known(self) -> bool:
        """Whether both bounds are the same moment."""
        return (
            self.earliest is not None
            and self.latest is not None
            and self.earliest.at == self.latest.at
        )


def between(not_before: Iterable[Bound], not_after: Iterable[Bound]) -> Start:
    """The narrowest interval that these bounds allow.

    Bounds that cross (clock skew between sources) meet in the later of the two: an auditor
    who errs must not shorten the reader's deadline to a date that is already disproved.
    """
    earliest = max(not_before, key=lambda b: b.at, default=None)
    latest = min(not_after, key=lambda b: b.at, default=None)
    if earliest and latest and latest.at < earliest.at:
        latest = earliest
    return Start(earliest=earliest, latest=latest)


def last_of(starts: Iterable[Start]) -> Start:
    """When the last of several things began: what holds only once all of them do."""
    known = tuple(starts)
    earliest = [start.earliest for start in known if start.earliest]
    latest = [start.latest for start in known if start.latest]
    all_bounded = bool(known) and len(latest) == len(known)
    return Start(
        earliest=max(earliest, key=lambda b: b.at, default=None),
        latest=max(latest, key=lambda b: b.at) if all_bounded else None,
    )


def clock(kind: ClockKind, start: Start, now: datetime) -> Clock:
    """The deadline that follows from a start, as of ``now``.

    What is seen now has begun: a bound beyond ``now`` (a source's clock runs ahead) is ``now``.
    """
    earliest = min(start.earliest.at, now) if start.earliest else None
    latest = min(start.latest.at, now) if start.latest else None
    deadline_earliest = earliest + _LENGTH[kind] if earliest else None
    return Clock(
        kind=kind,
        started_earliest=earliest,
        started_latest=latest,
        deadline_earliest=deadline_earliest,
        deadline_latest=latest + _LENGTH[kind] if latest else None,
        days_left=days_left(deadline_earliest, now),
        basis=_basis(start),
    )


def days_left(deadline: datetime | None, now: datetime) -> int | None:
    """Whole days until a deadline, rounded down: below zero once it is past."""
    return None if deadline is None else (deadline - now) // timedelta(days=1)


def severity_of_stop(clock: Clock) -> Severity:
    """How pressing the twelve-month clock is, by its earliest possible deadline.

    An open start may lie long ago, so it weighs as much as the evidence leaves possible: with
    no lower bound at all the deadline may be near, which is high.
    """
    if clock.days_left is None:
        return Severity.HIGH
    left = clock.days_left
    return next((severity for days, severity in _PRESSING if left < days), Severity.LOW)


def _basis(start: Start) -> str:
    if start.is_known and start.earliest:
        return start.earliest.because
    parts = []
    if start.earliest:
        parts.append(f"not before {start.earliest.at:%Y-%m-%d %H:%M}Z: {start.earliest.because}")
    if start.latest:
        parts.append(f"not after {start.latest.at:%Y-%m-%d %H:%M}Z: {start.latest.because}")
    return "; ".join(parts) or "no evidence of when it began"
