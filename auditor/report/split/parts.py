"""A part as a report of its own: what it says of itself, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from auditor.language import Message, counted
from auditor.model.report import SummaryRow
from auditor.model.run import PartRow
from auditor.report.page import headline
from auditor.report.split.sorting import Sorted
from auditor.report.split.splitters import Splitter
from auditor.report.summary import summarise, unread_reasons
from auditor.report.view import Header, Report


class Beyond(msgspec.Struct, frozen=True, kw_only=True):
    """What may belong to any part: clusters of which that is not known, unlisted subscriptions."""

    clusters: int
    subscriptions: int

    @classmethod
    def of(cls, whole: Report, parts: tuple[Sorted, ...], splitter: Splitter) -> Beyond:
        """What there is of either. Split by place, a subscription hides clusters of one part."""
        units = (unit for part in parts if part.kind == "unknown" for unit in part.spool)
        unlisted = 0 if splitter.is_by_place else whole.summary.subscriptions_not_assessed
        return cls(clusters=sum(len(unit.clusters) for unit in units), subscriptions=unlisted)

    def reasons(self, noun: Message) -> Iterator[Message]:
        """Why no other part can be sure to have all that is its own."""
        if self.clusters:
            yield counted(
                "The {noun} of {n:,} cluster of the run is not known: whether it belongs here "
                "cannot be told.",
                "The {noun} of {n:,} clusters of the run is not known: whether any belongs here "
                "cannot be told.",
                self.clusters,
                noun=noun,
            )
        if self.subscriptions:
            yield counted(
                "{n:,} subscription of the run could not be assessed: whether clusters that "
                "belong here are there is not known.",
                "{n:,} subscriptions of the run could not be assessed: whether clusters that "
                "belong here are there is not known.",
                self.subscriptions,
            )


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A part in the index: where it lies, its headline, and its first deadline."""

    part: PartRow
    folder: str
    file: str
    summary: SummaryRow
    nearest_deadline: datetime | None

    @property
    def gravity(self) -> tuple[float | str, ...]:
        """Sorts the gravest part first: by support states, then by what runs out first."""
        numbers = self.summary
        unread = numbers.not_assessed + numbers.subscriptions_not_assessed
        deadline = self.nearest_deadline.timestamp() if self.nearest_deadline else float("inf")
        return (
            -numbers.out_of_support,
            -numbers.at_risk,
            -unread,
            deadline,
            -numbers.findings,
            self.part.kind != "value",
            self.part.key,
        )


def report(whole: Report, part: Sorted, splitter: Splitter, beyond: Beyond) -> Report:
    """The report of one part."""
    summary = summarise(part.spool)
    row = PartRow(split_by=splitter.asked, kind=part.kind, key=part.key, name=part.name)
    reasons = unread_reasons(summary)
    if part.kind != "unknown":
        reasons += tuple(beyond.reasons(headline.noun(splitter.asked)))
    header = whole.header
    run = msgspec.structs.replace(
        header.run,
        status="incomplete" if reasons else "complete",
        status_reasons=tuple(map(str, reasons)),
        part=(*header.run.part, row),
    )
    notes = tuple(note for note in header.notes if note.id in part.notes)
    narrowed = _narrowed(header, run=run, notes=notes)
    return Report(narrowed, part.spool, whole.language)


def nearest_deadline(part: Report) -> datetime | None:
    """The earliest moment at which a clock of any of its clusters can run out."""
    moments = (row.nearest_deadline for row in part.clusters())
    return min((at for at in moments if at is not None), default=None)


def _narrowed(header: Header, **own: object) -> Header:
    """The header without what is told of the whole run only."""
    return msgspec.structs.replace(header, exemptions=(), changes=None, **own)
