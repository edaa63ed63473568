"""What a reader sees first: the sentence, the tiles, the facts of the run, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.model.report import SummaryRow
from auditor.model.run import NoteRow, RunRow, ScopeRow
from auditor.report import words
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.summary import unread_reasons
from auditor.report.view import Header


class Tile(NamedTuple):
    """A number with its label; ``kind`` names its colour and sign."""

    kind: str
    label: str
    number: str
    note: str = ""


class Share(NamedTuple):
    """A stretch of the bar that shows how clusters divide, in percent of its length."""

    kind: str
    start: float
    length: float


class Fact(NamedTuple):
    """A line of the run's header."""

    label: str
    text: str


class Note(NamedTuple):
    """What many clusters show alike, told once; ``change`` is from what to what, if it has both."""

    rule: Reference
    where: str
    example: str
    change: str


class Banner(NamedTuple):
    """What stands above everything else when something could not be read."""

    title: str
    lines: tuple[str, ...]


def lead(summary: SummaryRow) -> str:
    """The run in one sentence."""
    if not summary.clusters:
        return "No AKS cluster was found in what could be read."
    total = words.count(summary.clusters, "cluster")
    states = ("out_of_support", "at_risk", "not_assessed")
    told = [
        f"{getattr(summary, state):,} {'are' if getattr(summary, state) > 1 else 'is'}"
        f" {words.SUPPORT[state].lower()}"
        for state in states
        if getattr(summary, state)
    ]
    return f"Of {total}, {_enumerated(told)}." if told else f"{total}, all in support."


def tiles(summary: SummaryRow) -> tuple[Tile, ...]:
    """The four support states, then what weighs on them."""
    states = (
        Tile(state, label, f"{getattr(summary, state):,}") for state, label in words.SUPPORT.items()
    )
    behind = f"behind {words.count(summary.findings, 'finding')}"
    urgent = "or already run out" if summary.clocks_under_7_days else ""
    return (
        *states,
        Tile("deeds", "Deeds", f"{summary.deeds:,}", behind),
        Tile("clocks", "Clocks under 7 days", f"{summary.clocks_under_7_days:,}", urgent),
    )


def shares(summary: SummaryRow) -> tuple[Share, ...]:
    """How the clusters divide among the support states; nothing where there are none."""
    return tuple(_shares(summary)) if summary.clusters else ()


def _shares(summary: SummaryRow) -> Iterator[Share]:
    start = 0.0
    for state in words.SUPPORT:
        length = round(100 * getattr(summary, state) / summary.clusters, 3)
        if length:
            yield Share(state, round(start, 3), length)
        start += length


def facts(header: Header, summary: SummaryRow) -> tuple[Fact, ...]:
    """Who looked at what, when, and by which edition of the policy."""
    run = header.run
    part = (Fact("Part", whose(run)),) if run.part else ()
    return (
        Fact("As of", words.moment(run.as_of)),
        Fact("Policy edition", header.policy.edition),
        Fact("Coverage", f"{summary.coverage_percent:.1f} % of verdicts"),
        Fact("Run", f"{run.id}, {run.status}"),
        Fact("Written by", f"{header.tool.name} {header.tool.version}"),
        *part,
        Fact("Scope", scope(run.scope)),
    )


def whose(run: RunRow) -> str:
    """Which part of the run a report is about; empty for the whole."""
    return ", ".join(f"{_noun(one.split_by)}: {one.name}" for one in run.part)


def _noun(split_by: str) -> str:
    return split_by.removeprefix("tag:") if ":" in split_by else split_by.replace("-", " ")


def scope(asked: ScopeRow) -> str:
    """What the run was asked to look at."""
    parts = [
        ", ".join(asked.subscriptions) or "every subscription that the identity can read",
        f"without {', '.join(asked.exclude)}" if asked.exclude else "",
        f"resource groups {', '.join(asked.resource_groups)}" if asked.resource_groups else "",
        f"clusters {', '.join(asked.clusters)}" if asked.clusters else "",
        f"tenant {asked.tenant}" if asked.tenant else "",
        asked.cloud,
        f"activity log from {words.moment(asked.activity_since)}" if asked.activity_since else "",
    ]
    return "; ".join(part for part in parts if part)


def banner(run: RunRow, summary: SummaryRow) -> Banner | None:
    """The warning that the report does not cover everything; ``None`` where it does."""
    lines = run.status_reasons or unread_reasons(summary)
    if not lines and run.status == "complete":
        return None
    return Banner("This report does not cover everything", lines)


def notes(rows: Iterable[NoteRow]) -> tuple[Note, ...]:
    """The probable releases of AKS."""
    return tuple(
        Note(
            rule=Reference(anchors.rule(row.rule_id), row.rule_id),
            where=f"on {row.clusters:,} of {words.count(row.judged, 'cluster')} judged",
            example=row.summary,
            change=_change(row),
        )
        for row in rows
    )


def _change(row: NoteRow) -> str:
    if row.expected is None and row.actual is None:
        return row.property
    before, after = (value or "nothing" for value in (row.expected, row.actual))
    return f"{row.property}: {before} → {after}".removeprefix(": ")


def _enumerated(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
