"""``summary.md``: the report on one page, for the summaries of GitHub and Azure DevOps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from heapq import nsmallest
from itertools import islice
from typing import BinaryIO

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model.report import ClusterRow, FindingRow
from auditor.model.verdict import Severity, Verdict
from auditor.report import words
from auditor.report.markdown import code, row, text
from auditor.report.page import clocks, headline
from auditor.report.view import Report

Say = Callable[[Message | str], str]

LARGEST = 1 << 20
"""Bytes. GitHub refuses a step summary of more than 1,024 KiB."""

SHOWN = 50
"""How many findings and clocks the page has at most; the other files have all."""

SHOWN_CLUSTERS = 200

_NOT_IN_SUPPORT = ("out_of_support", "at_risk", "not_assessed")
_ROOM_FOR_CUT = 300


def write(report: Report, out: BinaryIO) -> None:
    """Write the page line by line, as far as its readers take it."""
    left = LARGEST - _ROOM_FOR_CUT
    lines = (line for part in _parts(report) for line in part.split("\n"))
    for line in lines:
        encoded = f"{line}\n".encode(errors="backslashreplace")
        left -= len(encoded)
        if left < 0:
            out.write(_cut(1 + sum(1 for _line in lines), report.language).encode())
            return
        out.write(encoded)


def _cut(left_out: int, language: str) -> str:
    more = counted(
        "{n:,} more line does not fit here: the other files of the report have all.",
        "{n:,} more lines do not fit here: the other files of the report have all.",
        left_out,
    )
    return f"\n*{more.in_language(language)}*\n"


def _parts(report: Report) -> Iterator[str]:
    say = partial(_told, report.language)
    title = say(_("AKS clusters and Microsoft's support policy"))
    yield f"# {title}"
    if whose := headline.whose(report.header.run):
        yield f"\n{say(whose)}"
    yield f"\n**{say(headline.lead(report.summary))}**"
    yield from _banner(report, say)
    yield from _numbers(report, say)
    yield from _notes(report, say)
    yield from _clocks(report, say)
    yield from _clusters(report, say)
    yield from _findings(report, say)
    yield ""
    for fact in headline.facts(report.header, report.summary):
        yield f"- {say(fact.label)}: {say(fact.text)}"


def _told(language: str, said: Message | str) -> str:
    """What is said, in the reader's language, as Markdown."""
    return text(said.in_language(language) if isinstance(said, Message) else said)


def _banner(report: Report, say: Say) -> Iterator[str]:
    if banner := headline.banner(report.header.run, report.summary):
        yield f"\n> ⚠ **{say(banner.title)}:** {' '.join(map(say, banner.lines))}"


def _numbers(report: Report, say: Say) -> Iterator[str]:
    tiles = headline.tiles(report.header, report.summary)
    yield from _table("", *(say(tile.label) for tile in tiles))
    yield row(*(tile.number for tile in tiles))


def _notes(report: Report, say: Say) -> Iterator[str]:
    notes = headline.notes(report.header.notes)
    if notes:
        heads = (_("Rule"), _("Clusters"), _("For example"))
        yield from _table(say(_("Probably releases of AKS")), *map(say, heads))
    for note in notes[:SHOWN]:
        yield row(code(note.rule.label), say(note.where), say(note.example))
    left = len(notes) - SHOWN
    more = counted(
        "{n:,} more note: the other files of the report have it.",
        "{n:,} more notes: the other files of the report have all.",
        left,
    )
    yield from _more(left, say, more)


def _clocks(report: Report, say: Say) -> Iterator[str]:
    running = sum(1 for _clock in report.clocks())
    if running:
        heads = (_("Cluster"), _("What"), _("When"))
        yield from _table(say(_("Clocks that run")), *map(say, heads))
    for card in clocks.cards(report)[:SHOWN]:
        yield row(code(card.cluster), say(card.what), say(card.when))
    left = running - SHOWN
    more = counted(
        "{n:,} more clock: the other files of the report have it.",
        "{n:,} more clocks: the other files of the report have all.",
        left,
    )
    yield from _more(left, say, more)


def _clusters(report: Report, say: Say) -> Iterator[str]:
    number = sum(getattr(report.summary, state) for state in _NOT_IN_SUPPORT)
    if number:
        heads = (_("Cluster"), _("State"), _("Where"), _("Owner"), _("Why"))
        yield from _table(say(_("Clusters not in support")), *map(say, heads))
    for cluster in islice(_not_in_support(report), SHOWN_CLUSTERS):
        yield _cluster(cluster, say)
    left = number - SHOWN_CLUSTERS
    more = counted(
        "{n:,} more cluster: the other files of the report have it.",
        "{n:,} more clusters: the other files of the report have all.",
        left,
    )
    yield from _more(left, say, more)


def _not_in_support(report: Report) -> Iterator[ClusterRow]:
    for state in _NOT_IN_SUPPORT:
        yield from (cluster for cluster in report.clusters() if cluster.support_state == state)


def _cluster(cluster: ClusterRow, say: Say) -> str:
    return row(
        code(cluster.name),
        say(words.SUPPORT[cluster.support_state]),
        f"{code(cluster.subscription_name or cluster.subscription_id)} "
        f"{code(cluster.resource_group)}",
        code(cluster.owner),
        say(cluster.support_reasons[0]) if cluster.support_reasons else "",
    )


def _findings(report: Report, say: Say) -> Iterator[str]:
    number = report.summary.findings
    if number:
        heads = (_("Severity"), _("Verdict"), _("Rule"), _("Cluster"), _("What"), _("Who"))
        yield from _table(say(_("Findings")), *map(say, heads))
    for finding in nsmallest(SHOWN, report.findings(), key=_gravity):
        yield _finding(finding, say)
    left = number - SHOWN
    more = counted(
        "{n:,} more finding: the other files of the report have it.",
        "{n:,} more findings: the other files of the report have all.",
        left,
    )
    yield from _more(left, say, more)


def _gravity(finding: FindingRow) -> tuple[bool, bool, int, str]:
    """Violations that nothing exempts before all others, and the gravest first."""
    return (
        finding.exemption is not None,
        finding.verdict != Verdict.VIOLATION,
        -Severity(finding.severity).rank,
        finding.fingerprint,
    )


def _finding(finding: FindingRow, say: Say) -> str:
    verdict = words.named(words.VERDICTS, finding.verdict)
    return row(
        say(words.named(words.SEVERITIES, finding.severity)),
        say(verdict if finding.exemption is None else _("{verdict}, exempt", verdict=verdict)),
        code(finding.rule_id),
        code(finding.cluster_name),
        say(finding.summary),
        _who(finding, say),
    )


def _who(finding: FindingRow, say: Say) -> str:
    caller = code(finding.actor) or say(words.named(words.ACTORS, finding.actor_kind))
    return f"{caller}, {say(words.policies(finding.policies))}" if finding.policies else caller


def _table(title: str, *labels: str) -> Iterator[str]:
    """The head of a table under its title, if it has one."""
    if title:
        yield f"\n## {title}"
    yield f"\n{row(*labels)}"
    yield row(*("---" for _ in labels))


def _more(left_out: int, say: Say, told: Message) -> Iterator[str]:
    if left_out > 0:
        yield f"\n*{say(told)}*"
