"""``summary.md``: the report on one page, for the summaries of GitHub and Azure DevOps."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice
from typing import BinaryIO

from auditor.model.report import ClusterRow, FindingRow
from auditor.model.verdict import Severity, Verdict
from auditor.report import words
from auditor.report.markdown import code, row, text
from auditor.report.page import clocks, headline
from auditor.report.view import Report

LARGEST = 1 << 20
"""Bytes. GitHub refuses a step summary of more than 1,024 KiB."""

SHOWN = 50
"""How many findings and clocks the page has at most; the other files have all."""

SHOWN_CLUSTERS = 200

_NOT_IN_SUPPORT = ("out_of_support", "at_risk", "not_assessed")
_CUT = "\n*{:,} more lines do not fit here: the other files of the report have all.*\n"
_ROOM_FOR_CUT = 120


def write(report: Report, out: BinaryIO) -> None:
    """Write the page line by line, as far as its readers take it."""
    left = LARGEST - _ROOM_FOR_CUT
    lines = (line for part in _parts(report) for line in part.split("\n"))
    for line in lines:
        encoded = f"{line}\n".encode(errors="backslashreplace")
        left -= len(encoded)
        if left < 0:
            out.write(_CUT.format(1 + sum(1 for _ in lines)).encode())
            return
        out.write(encoded)


def _parts(report: Report) -> Iterator[str]:
    yield "# AKS clusters and Microsoft's support policy"
    yield f"\n**{headline.lead(report.summary)}**"
    yield from _banner(report)
    yield from _numbers(report)
    yield from _notes(report)
    yield from _clocks(report)
    yield from _clusters(report)
    yield from _findings(report)
    yield ""
    for fact in headline.facts(report.header, report.summary):
        yield f"- {fact.label}: {text(fact.text)}"


def _banner(report: Report) -> Iterator[str]:
    if banner := headline.banner(report.header.run, report.summary):
        yield f"\n> ⚠ **{banner.title}.** {' '.join(map(text, banner.lines))}"


def _numbers(report: Report) -> Iterator[str]:
    tiles = headline.tiles(report.summary)
    yield from _table("", *(tile.label for tile in tiles))
    yield row(*(tile.number for tile in tiles))


def _notes(report: Report) -> Iterator[str]:
    notes = headline.notes(report.header.notes)
    if notes:
        yield from _table("Probably releases of AKS", "Rule", "Clusters", "For example")
    for note in notes[:SHOWN]:
        yield row(code(note.rule.label), text(note.where), text(note.example))
    yield from _more(len(notes) - SHOWN, "note")


def _clocks(report: Report) -> Iterator[str]:
    running = sum(1 for _ in report.clocks())
    if running:
        yield from _table("Clocks that run", "Cluster", "What", "When")
    for card in clocks.cards(report)[:SHOWN]:
        yield row(code(card.cluster), text(card.what), text(card.when))
    yield from _more(running - SHOWN, "clock")


def _clusters(report: Report) -> Iterator[str]:
    number = sum(getattr(report.summary, state) for state in _NOT_IN_SUPPORT)
    if number:
        yield from _table("Clusters not in support", "Cluster", "State", "Where", "Owner", "Why")
    for cluster in islice(_not_in_support(report), SHOWN_CLUSTERS):
        yield _cluster(cluster)
    yield from _more(number - SHOWN_CLUSTERS, "cluster")


def _not_in_support(report: Report) -> Iterator[ClusterRow]:
    for state in _NOT_IN_SUPPORT:
        yield from (cluster for cluster in report.clusters() if cluster.support_state == state)


def _cluster(cluster: ClusterRow) -> str:
    return row(
        code(cluster.name),
        words.SUPPORT[cluster.support_state],
        f"{code(cluster.subscription_name or cluster.subscription_id)} "
        f"{code(cluster.resource_group)}",
        code(cluster.owner),
        text(cluster.support_reasons[0]) if cluster.support_reasons else "",
    )


def _findings(report: Report) -> Iterator[str]:
    number = report.summary.findings
    if number:
        yield from _table("Findings", "Severity", "Verdict", "Rule", "Cluster", "What", "Who")
    for finding in nsmallest(SHOWN, report.findings(), key=_gravity):
        yield _finding(finding)
    yield from _more(number - SHOWN, "finding")


def _gravity(finding: FindingRow) -> tuple[bool, bool, int, str]:
    """Violations that nothing exempts before all others, and the gravest first."""
    return (
        finding.exemption is not None,
        finding.verdict != Verdict.VIOLATION,
        -Severity(finding.severity).rank,
        finding.fingerprint,
    )


def _finding(finding: FindingRow) -> str:
    exempt = ", exempt" if finding.exemption is not None else ""
    return row(
        finding.severity,
        f"{finding.verdict}{exempt}",
        code(finding.rule_id),
        code(finding.cluster_name),
        text(finding.summary),
        _who(finding),
    )


def _who(finding: FindingRow) -> str:
    caller = code(finding.actor) or words.ACTORS.get(finding.actor_kind, "")
    return ", ".join(filter(None, (caller, text(words.policies(finding.policies)))))


def _table(title: str, *labels: str) -> Iterator[str]:
    """The head of a table under its title, if it has one."""
    if title:
        yield f"\n## {title}"
    yield f"\n{row(*labels)}"
    yield row(*("---" for _ in labels))


def _more(left_out: int, noun: str) -> Iterator[str]:
    if left_out > 0:
        counted = words.count(left_out, f"more {noun}")
        yield f"\n*{counted}: the other files of the report have all.*"
