"""One finding on the page: what, who, when, how sure, how long, what to do, and its trail.

The page's script is told the same sentences: nothing here is said a second time elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from auditor.language import Message
from auditor.language import message as _
from auditor.model.report import FindingRow, RuleRow
from auditor.report import words
from auditor.report.findings import has_clock
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference


class Step(NamedTuple):
    """One step of a trail; ``is_value`` where the text is what a property holds."""

    label: Message
    text: Message | str
    is_value: bool = False
    source: Message | str = ""
    when: Message | str = ""


class FindingCard(NamedTuple):
    """One finding, with everything needed to act on it."""

    anchor: str
    severity: str
    verdict: Message
    rule: Reference
    rule_title: Message
    clauses: tuple[Reference, ...]
    what: str
    where: tuple[Message, ...]
    who: Message
    when: Message
    sure: Message
    closed: Message | None
    todo: Message
    commands: tuple[str, ...]
    how_long: Message
    trail: tuple[Step, ...]
    link: str | None
    fingerprint: str


def card(row: FindingRow, rule: RuleRow, as_of: datetime) -> FindingCard:
    """The finding, as of a moment that deadlines are counted from."""
    return FindingCard(
        anchor=anchors.finding(row.fingerprint),
        severity=row.severity,
        verdict=words.named(words.VERDICTS, row.verdict),
        rule=Reference(anchors.rule(row.rule_id), row.rule_id),
        rule_title=Message(rule.title),
        clauses=tuple(Reference(anchors.clause(one), one) for one in rule.clauses),
        what=row.summary,
        where=tuple(_where(row)),
        who=who(row),
        when=words.moment(row.occurred_at) if row.occurred_at else window(row),
        sure=words.named(words.CONFIDENCE, row.confidence),
        closed=None
        if row.standing
        else _("On record only: the state that was read does not show it."),
        todo=words.remedy(row.remediation) if row.remediation else _("See the rule."),
        commands=row.commands,
        how_long=_how_long(row, as_of),
        trail=tuple(_trail(row)),
        link=anchors.link(row.docs_url),
        fingerprint=row.fingerprint,
    )


def _where(row: FindingRow) -> Iterator[Message]:
    yield Message(row.resource_id)
    if row.node_pool:
        yield _("node pool {name}", name=row.node_pool)
    if row.instances:
        yield _("instances {names}", names=", ".join(row.instances))
    if row.property:
        yield _("property {path}", path=row.property)


def who(row: FindingRow) -> Message:
    """Whose hand it was, and through what."""
    told = words.hand(row.actor_kind, row.actor or row.actor_id)
    if row.actor_client and not row.operation:
        told = _("{so_far}, through {client}", so_far=told, client=row.actor_client)
    if row.policies:
        told = _("{so_far}, {part}", so_far=told, part=words.policies(row.policies))
    return told


def window(row: FindingRow) -> Message:
    """Where no operation explains it: between which moments one was looked for."""
    if not row.since or not row.until:
        return _("Nothing on record explains it")
    since, until = words.moment(row.since), words.moment(row.until)
    return _("Nothing on record from {since} to {until} explains it", since=since, until=until)


def _how_long(row: FindingRow, as_of: datetime) -> Message:
    if not has_clock(row):
        return _("No clock runs on this.")
    return words.deadline(row.deadline_earliest, row.deadline_latest, as_of)


def _trail(row: FindingRow) -> Iterator[Step]:
    """What should be, what is, how that is known, and what is on record about it."""
    if row.expected is not None:
        yield Step(_("Expected"), row.expected, is_value=True)
    if row.actual is not None:
        yield Step(_("Actual"), row.actual, is_value=True)
    for step in row.evidence:
        if row.operation and step.at == row.occurred_at and step.text.startswith(row.operation):
            continue  # the same record, told in full below
        when = words.moment(step.at) if step.at else ""
        yield Step(_("Evidence"), step.text, source=step.source, when=when)
    if row.operation:
        when = words.moment(row.occurred_at)
        yield Step(_("Operation"), _record(row), source=_("activity log"), when=when)
    if row.clock_basis:
        yield Step(_("Clock"), row.clock_basis)
    if row.recorded_rules:
        yield Step(_("Also on record"), ", ".join(row.recorded_rules))


def _record(row: FindingRow) -> Message:
    told = _("{operation} by {who}", operation=row.operation, who=who(row))
    if row.actor_client:
        told = _("{so_far}, through {client}", so_far=told, client=row.actor_client)
    if row.client_address:
        told = _("{so_far}, from {address}", so_far=told, address=row.client_address)
    if row.correlation_id:
        told = _("{so_far}, correlation id {id}", so_far=told, id=row.correlation_id)
    return told
