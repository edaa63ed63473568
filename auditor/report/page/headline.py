"""What a reader sees first: the sentence, the tiles, the facts of the run, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model.report import SummaryRow
from auditor.model.run import NoteRow, PartRow, RunRow, ScopeRow
from auditor.report import words
from auditor.report.page import anchors, thresholds
from auditor.report.page.anchors import Reference
from auditor.report.summary import unread_reasons
from auditor.report.view import Header


class Tile(NamedTuple):
    """A number with its label; ``kind`` names its colour and sign."""

    kind: str
    label: Message
    number: str
    note: Message | None = None


class Share(NamedTuple):
    """A stretch of the bar that shows how clusters divide, in percent of its length."""

    kind: str
    start: float
    length: float


class Fact(NamedTuple):
    """A line of the run's header."""

    name: str
    label: Message
    text: Message | str


class Note(NamedTuple):
    """What many clusters show alike, told once; ``change`` is from what to what, if it has both."""

    rule: Reference
    where: Message
    example: str
    change: Message | None


class Banner(NamedTuple):
    """What stands above everything else when something could not be read."""

    title: Message
    lines: tuple[Message, ...]


def lead(summary: SummaryRow) -> Message:
    """The run in one sentence."""
    if not summary.clusters:
        return _("No AKS cluster was found in what could be read.")
    number = summary.clusters
    if summary.in_support == number:
        return counted("{n:,} cluster, in support.", "{n:,} clusters, all in support.", number)
    of_all = counted("Of {n:,} cluster", "Of {n:,} clusters", number)
    return _("{of_all}, {told}.", of_all=of_all, told=_enumerated(_told(summary)))


def _told(summary: SummaryRow) -> list[Message]:
    out, at_risk, unread = summary.out_of_support, summary.at_risk, summary.not_assessed
    told = [
        (out, counted("{n:,} is out of support", "{n:,} are out of support", out)),
        (at_risk, counted("{n:,} is at risk", "{n:,} are at risk", at_risk)),
        (unread, counted("{n:,} is not assessed", "{n:,} are not assessed", unread)),
    ]
    return [text for number, text in told if number]


def _enumerated(parts: list[Message]) -> Message:
    *others, last = parts
    if not others:
        return last
    so_far = others[0]
    for part in others[1:]:
        so_far = _("{so_far}, {part}", so_far=so_far, part=part)
    return _("{so_far} and {last}", so_far=so_far, last=last)


def tiles(header: Header, summary: SummaryRow) -> tuple[Tile, ...]:
    """The four support states, then what weighs on them and what has changed."""
    urgent = _("or already run out") if summary.clocks_under_7_days else None
    clocks = Tile("clocks", _("Clocks under 7 days"), f"{summary.clocks_under_7_days:,}", urgent)
    return (*states(summary), clocks, *changes(header, summary))


def states(summary: SummaryRow) -> tuple[Tile, ...]:
    """How many clusters are in each support state."""
    return tuple(
        Tile(state, label, f"{getattr(summary, state):,}") for state, label in words.SUPPORT.items()
    )


def changes(header: Header, summary: SummaryRow) -> tuple[Tile, ...]:
    """How many findings there are, and what has become of them as far as history tells."""
    today = words.day(header.run.as_of)
    over = sum(one.get("expires", today) < today for one in header.exemptions)
    expired = counted("{n:,} exemption has expired", "{n:,} exemptions have expired", over)
    return (
        Tile("violations", _("Violations"), f"{summary.violations:,}"),
        Tile("warnings", _("Warnings"), f"{summary.warnings:,}"),
        Tile("deeds", _("Deeds"), f"{summary.deeds:,}", _("behind them")),
        _new(summary.new if header.changes is not None else None),
        Tile("exempt", _("Exempt"), f"{summary.exempt:,}", expired if over else None),
    )


def _new(number: int | None) -> Tile:
    if number is None:
        return Tile("new", _("New"), "–", _("no earlier run"))  # noqa: RUF001 (a dash)
    return Tile("new", _("New"), f"{number:,}", _("since the run before"))


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
    share = f"{summary.coverage_percent:.1f} %"
    state = _("complete") if run.status == "complete" else _("incomplete")
    part, set_otherwise = whose(run), thresholds.told(run.thresholds)
    return (
        Fact("as-of", _("As of"), words.moment(run.as_of)),
        Fact("edition", _("Policy edition"), header.policy.edition),
        Fact("coverage", _("Coverage"), _("{share} of verdicts", share=share)),
        Fact("run", _("Run"), _("{run}, {state}", run=run.id, state=state)),
        Fact("tool", _("Written by"), f"{header.tool.name} {header.tool.version}"),
        *((Fact("part", _("Part"), part),) if part else ()),
        Fact("scope", _("Scope"), scope(run.scope)),
        *((Fact("thresholds", _("Thresholds"), set_otherwise),) if set_otherwise else ()),
    )


def whose(run: RunRow) -> Message | None:
    """Which part of the run a report is about; nothing for the whole."""
    told = None
    for one in run.part:
        part = _("{noun}: {name}", noun=noun(one.split_by), name=name(one))
        told = _("{so_far}, {part}", so_far=told, part=part) if told else part
    return told


def noun(split_by: str) -> Message:
    """What a run is split by, in a word; a tag's name is nobody's language."""
    return words.named(words.SPLITS, split_by.removeprefix("tag:"))


def name(part: PartRow) -> Message:
    """What a part is called: by its value, or by what is not known of it."""
    return Message(part.name) if part.kind == "value" else words.PARTS[part.kind]


def scope(asked: ScopeRow) -> Message:
    """What the run was asked to look at."""
    told, *others = _scope(asked)
    for part in others:
        told = _("{so_far}; {part}", so_far=told, part=part)
    return told


def _scope(asked: ScopeRow) -> Iterator[Message]:
    if asked.subscriptions:
        yield Message(", ".join(asked.subscriptions))
    else:
        yield _("every subscription that the identity can read")
    if asked.exclude:
        yield _("without {names}", names=", ".join(asked.exclude))
    if asked.resource_groups:
        yield _("resource groups {names}", names=", ".join(asked.resource_groups))
    if asked.clusters:
        yield _("clusters {names}", names=", ".join(asked.clusters))
    if asked.tenant:
        yield _("tenant {name}", name=asked.tenant)
    if asked.cloud:
        yield Message(asked.cloud)
    if asked.activity_since:
        yield _("activity log from {moment}", moment=words.moment(asked.activity_since))


def banner(run: RunRow, summary: SummaryRow) -> Banner | None:
    """The warning that the report does not cover everything; ``None`` where it does."""
    known = {str(reason): reason for reason in unread_reasons(summary)}
    lines = tuple(known.get(line, Message(line)) for line in run.status_reasons or known)
    if not lines and run.status == "complete":
        return None
    return Banner(_("This report does not cover everything"), lines)


def notes(rows: Iterable[NoteRow]) -> tuple[Note, ...]:
    """The probable releases of AKS."""
    return tuple(
        Note(
            rule=Reference(anchors.rule(row.rule_id), row.rule_id),
            where=counted(
                "on {clusters:,} of {n:,} cluster judged",
                "on {clusters:,} of {n:,} clusters judged",
                row.judged,
                clusters=row.clusters,
            ),
            example=row.summary,
            change=_change(row),
        )
        for row in rows
    )


def _change(row: NoteRow) -> Message | None:
    """From what to what; nothing where the note has no property and no value."""
    if row.expected is None and row.actual is None:
        return Message(row.property) if row.property else None
    before, after = (value or _("nothing") for value in (row.expected, row.actual))
    if not row.property:
        return _("{before} → {after}", before=before, after=after)
    return _("{property}: {before} → {after}", property=row.property, before=before, after=after)
