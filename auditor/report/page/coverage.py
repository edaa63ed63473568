"""What was not read, why, and what would let it be read; and the receipt of all requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model import resource_id as arm
from auditor.model.facet import Outcome
from auditor.model.report import CoverageRow
from auditor.model.run import CallRow
from auditor.report import words
from auditor.report.view import Report

NAMED = 5
"""How many affected clusters a row names before it only counts."""


class GapCard(NamedTuple):
    """One root cause."""

    outcome: str
    label: Message
    scope: str
    what: str
    why: str
    permission: str
    advice: Message
    clusters: Message
    rules: Message | str


class Receipt(NamedTuple):
    """Every request of the run, by method and path template."""

    calls: tuple[CallRow, ...]
    sent: int
    failed: int
    blocked: int
    statement: tuple[Message, ...]


def gaps(report: Report) -> tuple[GapCard, ...]:
    """Every root cause, failed reads before transitions; what was read in full is no gap."""
    rows = [row for row in report.coverage() if row.outcome != Outcome.OK]
    rows.sort(key=lambda row: row.outcome == Outcome.TRANSITION)
    rules = {rule.id for rule in report.header.rules}
    return tuple(_card(row, rules) for row in rows)


def receipt(calls: tuple[CallRow, ...]) -> Receipt:
    """The calls in a fixed order, with their sums."""
    return Receipt(
        calls=tuple(sorted(calls, key=lambda call: (call.method, call.path))),
        sent=sum(call.count for call in calls),
        failed=sum(call.failed for call in calls),
        blocked=sum(call.blocked for call in calls),
        statement=tuple(_statement(calls)),
    )


def _statement(calls: tuple[CallRow, ...]) -> Iterator[Message]:
    """What the requests prove: no more than their methods and paths do."""
    sent = sum(call.count for call in calls)
    yield counted("This run sent {n:,} request.", "This run sent {n:,} requests.", sent)
    queries = sum(call.count for call in calls if _is_query(call))
    others = sorted({c.method for c in calls if c.count and not _is_query(c)} - {"GET", "HEAD"})
    blocked = sum(call.blocked for call in calls)
    if others:
        methods = ", ".join(others)
        yield _("Not all of them only read: there were {methods} requests.", methods=methods)
        return
    if queries:
        yield counted(
            "All of them were GET or HEAD, but for {n:,} query to Resource Graph: none can "
            "change anything.",
            "All of them were GET or HEAD, but for {n:,} queries to Resource Graph: none can "
            "change anything.",
            queries,
        )
    else:
        yield _("All of them were GET or HEAD: none can change anything.")
    if blocked:
        yield counted(
            "{n:,} other would have done more and never left.",
            "{n:,} others would have done more and never left.",
            blocked,
        )


def _is_query(call: CallRow) -> bool:
    """Whether it is the one POST that only reads."""
    path = call.path.casefold()
    return call.method == "POST" and path == "/providers/microsoft.resourcegraph/resources"


def _card(row: CoverageRow, rules: set[str]) -> GapCard:
    answer = f"HTTP {row.status} {row.code}".strip() if row.status else row.code
    return GapCard(
        outcome=row.outcome,
        label=words.named(words.OUTCOMES, row.outcome),
        scope=row.scope,
        what=_what(row),
        why=f"{row.message} ({answer})" if answer else row.message,
        permission=row.permission,
        advice=words.named(words.ADVICE, row.outcome),
        clusters=_clusters(row.affects.clusters),
        rules=_rules(row.affects.rules, rules),
    )


def _rules(affected: tuple[str, ...], rules: set[str]) -> Message | str:
    """By their ids, but where it is all of them."""
    return _("every rule") if affected and rules.issubset(affected) else ", ".join(affected)


def _what(row: CoverageRow) -> str:
    """What was asked for; for an operation under way, what it is under way on."""
    if row.outcome == Outcome.TRANSITION:
        return arm.name(row.scope)
    return row.collector.replace("_", " ")


def _clusters(ids: tuple[str, ...]) -> Message:
    named = ", ".join(arm.name(one) for one in ids[:NAMED])
    more = len(ids) - NAMED
    if more <= 0:
        return Message(named)
    return _("{named} and {more:,} more", named=named, more=more)
