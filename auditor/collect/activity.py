"""The activity log: read in whichever way takes fewer pages, kept where it is about clusters."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from auditor.collect import surfaces
from auditor.collect.concurrency import every
from auditor.collect.facets import is_refused
from auditor.collect.failures import FailedReadError
from auditor.collect.interest import Interest, Interests, group_key, is_kept
from auditor.collect.reader import Part, Reader
from auditor.model import resource_id as arm
from auditor.model.facet import Facet, Gap, Known, partly
from auditor.model.operation import ActivityLog, ActivityRecord

Records = tuple[ActivityRecord, ...]

_RETENTION = timedelta(days=90)
_MARGIN = timedelta(hours=1)
_MOST_SLICES = 8


class Window(msgspec.Struct, frozen=True):
    """A span of time, both ends included."""

    since: datetime
    until: datetime

    def slices(self, count: int) -> Sequence[Window]:
        """The span in equal parts."""
        step = (self.until - self.since) / count
        starts = [self.since + step * i for i in range(count)]
        return [Window(a, b) for a, b in zip(starts, [*starts[1:], self.until], strict=True)]

    @property
    def filter(self) -> str:
        """The span as the log's ``$filter`` takes it."""
        return f"eventTimestamp ge '{_utc(self.since)}' and eventTimestamp le '{_utc(self.until)}'"


class Logs(msgspec.Struct, frozen=True):
    """What a window's log says of some resource groups, by their keys."""

    window: Window
    groups: Mapping[str, Facet[Records]]

    def of(self, interest: Interest) -> Facet[ActivityLog]:
        """The log of one cluster; a gap where one of the groups that it needs is one.

        A shared network's group that cannot be read hides nothing else: see :meth:`beside`.
        """
        for group in interest.needed:
            facet = self.groups[group]
            if is_refused(facet):
                return facet
        read = [self.groups[group] for group in interest.groups]
        records = in_order(r for f in read for r in f.known_or(()) if r in interest)
        unread = (g for f in read if not is_refused(f) for g in f.causes)
        log = ActivityLog(since=self.window.since, until=self.window.until, records=records)
        return partly(log, (gap for gap in unread if _may_concern(interest, gap)))

    def beside(self, interests: Iterable[Interest]) -> Iterable[Gap]:
        """The gaps of all groups that are of interest."""
        groups = {group: None for interest in interests for group in interest.groups}
        return (gap for group in groups for gap in self.groups[group].causes)


async def read_logs(
    reader: Reader, subscription_id: str, interests: Sequence[Interest], window: Window
) -> Logs:
    """The log of what the clusters are interested in.

    The first page of the whole subscription's log tells how long that log is and how much of it
    matters; where the groups' own logs are shorter, or the whole is refused, they are read.
    """
    wanted = Interests(interests)
    log = _Log(reader, f"/subscriptions/{subscription_id}", wanted)
    try:
        first = await log.first_page(window)
    except FailedReadError as failure:
        refused = reader.gap(surfaces.ACTIVITY, f"/subscriptions/{subscription_id}", failure)
        groups = await log.by_group(wanted.groups, window, 1)
        return Logs(window, {key: _root_cause(refused, read) for key, read in groups.items()})
    kept = log.kept(first)
    if not first.more:
        return Logs(window, _by_group(kept, wanted.groups))
    pages = _pages(first.items, window)
    ours = pages * len(kept.known_or(())) / max(len(first.items), 1)
    if len(wanted.groups) + ours < pages:
        each = ours / len(wanted.groups)
        return Logs(window, await log.by_group(wanted.groups, window, each))
    return Logs(window, _by_group(await log.whole(window, pages), wanted.groups))


async def look_back(
    reader: Reader, resource_id: str, until: datetime, now: datetime
) -> tuple[Facet[Records], datetime]:
    """A resource's own log from as far back as Azure keeps it, and how far that is."""
    since = now - _RETENTION + _MARGIN  # Azure's own clock goes on, and it refuses older starts
    if since >= until:
        return Known(()), until
    log = _Log(reader, resource_id, _Everything())
    group = arm.resource_group(resource_id)
    if arm.same(resource_id, arm.group_id(arm.subscription(resource_id), group)):
        return await log.slice(Window(since, until), _equals("resourceGroupName", group)), since
    return await log.slice(Window(since, until), _equals("resourceUri", resource_id)), since


def in_order(records: Iterable[ActivityRecord]) -> Records:
    """Oldest first, each event once: slices overlap, and pages come in no certain order."""
    by_event = {r.event_id or f"#{index}": r for index, r in enumerate(records)}
    return tuple(sorted(by_event.values(), key=lambda r: (r.at, r.event_id)))


class _Wanted(Protocol):
    """What of a log is kept."""

    def __contains__(self, record: ActivityRecord) -> bool: ...

    def reach(self, resource_id: str) -> bool:
        """Whether what lies there matters."""


class _Everything:
    """Keeps what any resource's log has to say."""

    def __contains__(self, record: ActivityRecord) -> bool:
        return is_kept(record)

    def reach(self, resource_id: str) -> bool:  # noqa: ARG002 (the log is about one resource)
        """Everything matters."""
        return True


class _Log:
    """One subscription's log, filtered while it is read; gaps name the scope that was meant."""

    def __init__(self, reader: Reader, scope: str, wanted: _Wanted) -> None:
        self._reader = reader
        self._scope = scope
        self._subscription = f"/subscriptions/{arm.subscription(scope)}"
        self._wanted = wanted

    async def first_page(self, window: Window) -> Part[ActivityRecord]:
        """The first page; raises ``FailedReadError``."""
        reading = self._reader.pages(surfaces.ACTIVITY, self._subscription, filter=window.filter)
        async with aclosing(reading):
            return await anext(reading)

    async def whole(self, window: Window, pages: float) -> Facet[Records]:
        """The subscription's log, in concurrent slices."""
        return await self._sliced(window, pages, "", self._scope)

    async def by_group(
        self, groups: Mapping[str, str], window: Window, pages: float
    ) -> Mapping[str, Facet[Records]]:
        """The groups' own logs, by key; ``pages`` is how long each may be."""
        works = [
            self._sliced(
                window,
                pages,
                _equals("resourceGroupName", name),
                f"{self._scope}/resourceGroups/{name}",
            )
            for name in groups.values()
        ]
        return dict(zip(groups, await every(works), strict=True))

    async def slice(self, window: Window, narrowed: str, scope: str = "") -> Facet[Records]:
        """One query, all its pages."""
        query = window.filter + narrowed
        pages = self._reader.pages(surfaces.ACTIVITY, self._subscription, filter=query)
        try:
            kept = [self.kept(part) async for part in pages]
        except FailedReadError as failure:
            return self._reader.gap(surfaces.ACTIVITY, scope or self._scope, failure)
        return _joined(kept)

    def kept(self, part: Part[ActivityRecord]) -> Facet[Records]:
        """What of a page is wanted; what does not read is, where it may be about the same."""
        records = tuple(record for record in part.items if record in self._wanted)
        return partly(records, (gap for gap in part.gaps if self._may_matter(gap)))

    def _may_matter(self, gap: Gap) -> bool:
        return not arm.resource_group(gap.scope) or self._wanted.reach(gap.scope)

    async def _sliced(
        self, window: Window, pages: float, narrowed: str, scope: str
    ) -> Facet[Records]:
        count = max(1, min(_MOST_SLICES, math.ceil(pages)))
        parts = await every(self.slice(part, narrowed, scope) for part in window.slices(count))
        return next(filter(is_refused, parts), None) or _joined(parts)


def _pages(first: Records, window: Window) -> float:
    """How many pages the window may have, judged by the time that the first one covers."""
    times = [record.at for record in first]
    covered = max(times) - min(times) if times else timedelta()
    return max(2.0, (window.until - window.since) / max(covered, timedelta(seconds=1)))


def _joined(parts: Iterable[Facet[Records]]) -> Facet[Records]:
    """The records of several parts of a log, and what of them does not read."""
    parts = tuple(parts)
    records = in_order(record for part in parts for record in part.known_or(()))
    return partly(records, (gap for part in parts for gap in part.causes))


def _by_group(whole: Facet[Records], groups: Iterable[str]) -> Mapping[str, Facet[Records]]:
    if is_refused(whole):
        return dict.fromkeys(groups, whole)
    found: dict[str, list[ActivityRecord]] = defaultdict(list)
    for record in whole.known_or(()):
        found[group_key(record.resource_id)].append(record)
    return {
        group: partly(
            tuple(found[group]), (g for g in whole.causes if group_key(g.scope) in {"", group})
        )
        for group in groups
    }


def _may_concern(interest: Interest, gap: Gap) -> bool:
    """Whether a record that does not read may be about the cluster."""
    return not arm.resource_group(gap.scope) or interest.reaches(gap.scope)


def _root_cause(refused: Gap, read: Facet[Records]) -> Facet[Records]:
    """One refusal of the whole subscription is one cause, not one for each of its groups."""
    return refused if isinstance(read, Gap) and read.outcome is refused.outcome else read


def _equals(field: str, value: str) -> str:
    quoted = value.replace("'", "''")
    return f" and {field} eq '{quoted}'"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
