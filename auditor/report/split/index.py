"""The index of all parts: a page for people, and the same as a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model.report import SummaryRow
from auditor.model.verdict import Severity
from auditor.report import html, tables, words
from auditor.report import write as files
from auditor.report.page import headline
from auditor.report.split.parts import Entry
from auditor.report.split.splitters import Splitter
from auditor.report.table import Column, Table, Value
from auditor.report.view import Report

PAGE = "index.html"
TABLE = "index.csv"
_STATES = tuple(words.SUPPORT)


class Count(NamedTuple):
    """A number of clusters in one support state."""

    state: str
    label: Message
    number: int


class Card(NamedTuple):
    """A part as the page shows it."""

    name: Message
    key: str
    link: str
    state: str
    clusters: str
    unlisted: Message | None
    counts: tuple[Count, ...]
    findings: str
    deadline: Message | None


def write(
    whole: Report,
    way: Splitter,
    entries: Sequence[Entry],
    folder: Path,
    formats: Collection[str],
) -> None:
    """Write both, for their owner alone, into the folder that holds the parts."""
    with files.for_owner(folder / PAGE) as out:
        html.fill("index.html.j2", _page(whole, way, entries, formats), out)
    with files.for_owner(folder / TABLE) as out:
        tables.write(table(entries), whole, out)


def table(entries: Sequence[Entry]) -> Table:
    """The index as a table, the gravest part first."""
    return Table(
        name=TABLE,
        says="One row per part, the gravest first.",
        rows=lambda _whole: iter(entries),
        columns=_COLUMNS,
    )


def _number(name: str, says: str) -> Column:
    return Column(name, says, attrgetter(f"summary.{name}"))


def _count_of(severity: Severity) -> Value:
    return lambda entry: entry.summary.findings_by_severity.get(severity.value, 0)


_COLUMNS = (
    Column("split_by", "What the run was split by.", attrgetter("part.split_by")),
    Column("kind", "value, none (no such tag), or unknown.", attrgetter("part.kind")),
    Column("key", "The part, in one spelling for all.", attrgetter("part.key")),
    Column("name", "The part's name, as people write it.", attrgetter("part.name")),
    Column("folder", "Where its report lies, beside this file."),
    _number("clusters", "Clusters of the part."),
    *(_number(state, f"Clusters in state {state}.") for state in _STATES),
    _number("findings", "Findings."),
    _number("violations", "Findings that are violations."),
    _number("warnings", "Findings that are warnings."),
    *(
        Column(f"findings_{one}", f"Findings of severity {one}.", _count_of(one))
        for one in reversed(Severity)
    ),
    Column("nearest_deadline", "The earliest moment at which a clock can run out."),
    _number("clocks_under_7_days", "Clocks that may run out within seven days."),
    _number("coverage_percent", "The share of verdicts that no failed read left open."),
    _number("subscriptions_not_assessed", "Subscriptions whose clusters could not be listed."),
    _number("unread", "Failed reads, by root cause."),
)


def _page(
    whole: Report, way: Splitter, entries: Sequence[Entry], formats: Collection[str]
) -> dict[str, object]:
    """Everything that the template prints."""
    header, summary = whole.header, whole.summary
    first = next(name for one, names in files.FORMATS.items() if one in formats for name in names)
    return {
        **html.dress("report.css", "index.css"),
        "header": header,
        "language": whole.language,
        "noun": headline.noun(way.asked),
        "whose": headline.whose(header.run),
        "lead": headline.lead(summary),
        "parts": len(entries),
        "facts": headline.facts(header, summary),
        "banner": headline.banner(header.run, summary),
        "whole": f"../{first}",
        "table": TABLE,
        "labels": words.SUPPORT,
        "cards": tuple(_card(entry, whole, is_by_place=way.is_by_place) for entry in entries),
    }


def _card(entry: Entry, whole: Report, *, is_by_place: bool) -> Card:
    """A part; a place shows its id, too, for names are no identities."""
    numbers = entry.summary
    unlisted = numbers.subscriptions_not_assessed
    return Card(
        name=headline.name(entry.part),
        key=entry.part.key if is_by_place else "",
        link=f"{quote(entry.folder, safe='')}/{quote(entry.file, safe='')}",
        state=_worst(numbers),
        clusters=f"{numbers.clusters:,}",
        unlisted=_unlisted(unlisted),
        counts=tuple(
            Count(state, label, getattr(numbers, state))
            for state, label in words.SUPPORT.items()
            if getattr(numbers, state)
        ),
        findings=f"{numbers.findings:,}",
        deadline=_deadline(entry, whole),
    )


def _unlisted(number: int) -> Message | None:
    if not number:
        return None
    return counted("{n:,} subscription not assessed", "{n:,} subscriptions not assessed", number)


def _worst(numbers: SummaryRow) -> str:
    """The gravest support state of its clusters; what hides clusters is not assessed."""
    there = [state for state in _STATES if getattr(numbers, state)]
    if numbers.subscriptions_not_assessed:
        there.append("not_assessed")
    return min(there, key=_STATES.index)


def _deadline(entry: Entry, whole: Report) -> Message | None:
    at = entry.nearest_deadline
    if at is None:
        return None
    distance = words.distance(at, whole.header.run.as_of)
    return _("{moment} ({distance})", moment=words.utc(at), distance=distance)
