"""A report read back from ``report.json``, so that every format can be written from it alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec

from auditor.model import resource_id as arm
from auditor.model.errors import UsageError
from auditor.model.report import (
    ClauseVerdictRow,
    ClockRow,
    CoverageRow,
    FindingRow,
    ReportDocument,
    SummaryRow,
    UnitResult,
    VerdictRow,
)
from auditor.model.run import Row
from auditor.model.verdict import Confidence, Severity, Verdict
from auditor.report import embedded, json
from auditor.report.view import Header, Report

_LARGEST_NUMBER = (1 << 53) - 1
"""What every format, and every reader of JSON, holds exactly."""

OfCluster = TypeVar("OfCluster", VerdictRow, FindingRow, ClockRow)


class RereadReport(Report):
    """A view over a document: its rows in its order, its numbers as they were counted.

    What was not read belongs to no single subscription, so that it stays with the document, and
    with it all that is counted from it.
    """

    def __init__(self, document: ReportDocument) -> None:
        super().__init__(_header(document), tuple(_units(document)))
        self._document = document

    @cached_property
    def summary(self) -> SummaryRow:
        """The headline numbers of the run."""
        return self._document.summary

    def coverage(self) -> Iterator[CoverageRow]:
        """Every root cause once."""
        return iter(self._document.coverage)

    def clauses(self) -> Iterator[ClauseVerdictRow]:
        """Every clause on every cluster."""
        return iter(self._document.clauses)


def read(path: Path) -> Report:
    """The report in a file that this tool wrote: ``report.json``, or the page that carries it.

    :class:`UsageError` where the file is none, is of another version, or contradicts itself: a
    row whose cluster, subscription, rule or clause it does not have, a time without its zone, or a
    number that no format holds exactly.
    """
    document = json.decoded(_report(json.content(path), path), path)
    for what in _contradictions(document):
        raise UsageError(
            f"{path} is no report of this tool: {what}", hint="render a report as it was made"
        )
    return RereadReport(document)


def _report(content: bytes, path: Path) -> bytes:
    """What a page carries; anything else as it is."""
    try:
        carried = embedded.unpacked(content, json.LARGEST)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", hint="render its report.json") from error
    if carried is not None and len(carried) > json.LARGEST:
        raise UsageError(f"the report in {path} is larger than {json.LARGEST >> 20:,} MiB")
    return content if carried is None else carried


def _header(document: ReportDocument) -> Header:
    return Header(
        tool=document.tool,
        policy=document.policy,
        run=document.run,
        rules=document.rules,
        exemptions=document.exemptions,
        changes=document.changes,
        notes=document.notes,
    )


def _units(document: ReportDocument) -> Iterator[UnitResult]:
    """The rows by subscription, in the order of the document."""
    home = {row.id: row.subscription_id.casefold() for row in document.clusters}
    clusters = defaultdict(list)
    for row in document.clusters:
        clusters[home[row.id]].append(row)
    verdicts = _by_subscription(document.verdicts, home)
    findings = _by_subscription(document.findings, home)
    clocks = _by_subscription(document.clocks, home)
    for subscription in document.subscriptions:
        own = subscription.id.casefold()
        yield UnitResult(
            subscription=subscription,
            clusters=tuple(clusters[own]),
            verdicts=tuple(verdicts[own]),
            findings=tuple(findings[own]),
            clocks=tuple(clocks[own]),
        )


def _by_subscription(
    rows: Iterable[OfCluster], home: dict[str, str]
) -> defaultdict[str, list[OfCluster]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[home[row.cluster_id]].append(row)
    return grouped


def _contradictions(document: ReportDocument) -> Iterator[str]:
    """What would make a writer stumble, in the words that name it."""
    subscriptions = [row.id.casefold() for row in document.subscriptions]
    clusters = [row.id for row in document.clusters]
    yield from _twice("subscription", subscriptions)
    yield from _twice("cluster", map(arm.key, clusters))
    yield from _strangers(
        "subscription", (c.subscription_id.casefold() for c in document.clusters), subscriptions
    )
    told = (document.verdicts, document.findings, document.clocks, document.clauses)
    for rows in told:
        yield from _strangers("cluster", (row.cluster_id for row in rows), clusters)
    yield from _unknown_words(document)
    dated = (document.clusters, document.findings, document.clocks, document.coverage)
    for value in _leaves((document.run, document.summary, *dated)):
        if isinstance(value, datetime) and not _can_be_told(value):
            yield f"{value.isoformat()} is no moment that can be told in UTC"
        if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
            yield f"{value} is larger than anything that is counted here"


def _can_be_told(moment: datetime) -> bool:
    return moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR


def _leaves(value: object) -> Iterator[object]:
    """Every value in a row, or in a tree of rows."""
    if isinstance(value, Row):
        yield from _leaves(msgspec.structs.astuple(value))
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, Mapping):
        yield from value.values()
    else:
        yield value


def _unknown_words(document: ReportDocument) -> Iterator[str]:
    rules, findings = document.rules, document.findings
    for rows in (document.verdicts, findings):
        yield from _strangers("rule", (row.rule_id for row in rows), [rule.id for rule in rules])
    yield from _strangers(
        "clause",
        (row.clause for row in document.clauses),
        [clause.id for clause in document.policy.clauses],
    )
    yield from _not_of(Verdict, (row.verdict for row in document.verdicts))
    yield from _not_of(Verdict, (row.verdict for row in findings))
    yield from _not_of(Severity, (rule.severity for rule in rules))
    yield from _not_of(Severity, (row.severity for row in findings))
    yield from _not_of(Confidence, (row.confidence for row in findings))


def _twice(what: str, ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield f"{what} {one!r} is there twice"
        seen.add(one)


def _strangers(what: str, named: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    there = set(known)
    return (f"{what} {one!r} is named but not there" for one in named if one not in there)


def _not_of(words: type[StrEnum], said: Iterable[str]) -> Iterator[str]:
    known: Collection[str] = {word.value for word in words}
    return (f"{one!r} is no {words.__name__.lower()}" for one in said if one not in known)
