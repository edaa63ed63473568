"""Findings on the page: by cluster, then by what was done, each with its trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from auditor.language import Message
from auditor.language import message as _
from auditor.model.report import ClusterRow, FindingRow, RuleRow, UnitResult
from auditor.model.verdict import Severity
from auditor.report import words
from auditor.report.findings import has_clock
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.view import Report

SHOWN = 100
"""How many findings the page tells without its script, those of the gravest clusters first."""


class Step(NamedTuple):
    """One step of a trail; ``is_value`` where the text is what a property holds."""

    label: Message
    text: Message | str
    source: Message | str = ""
    when: Message | str = ""
    is_value: bool = False


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


class DeedCard(NamedTuple):
    """What was done, once, with the findings that it left."""

    title: Message
    severity: str
    findings: tuple[FindingCard, ...]


class ClusterFindings(NamedTuple):
    """A cluster's findings; ``more`` counts those that only the tables tell."""

    anchor: str
    name: str
    place: str
    state: str
    label: Message
    deeds: tuple[DeedCard, ...]
    more: int


def sections(report: Report) -> Iterator[ClusterFindings]:
    """A section for every cluster with findings, in the order of the inventory."""
    rules = {rule.id: rule for rule in report.header.rules}
    as_of = report.header.run.as_of
    left = SHOWN
    for cluster, rows in _by_cluster(report):
        shown = sorted(rows, key=_gravity)[:left]
        left -= len(shown)
        yield ClusterFindings(
            anchor=anchors.cluster(cluster.id),
            name=cluster.name,
            place=_place(cluster),
            state=cluster.support_state,
            label=words.SUPPORT[cluster.support_state],
            deeds=tuple(_deeds(shown, rules, as_of)),
            more=len(rows) - len(shown),
        )


def _place(cluster: ClusterRow) -> str:
    return f"{cluster.subscription_name or cluster.subscription_id} · {cluster.resource_group}"


def _by_cluster(report: Report) -> Iterator[tuple[ClusterRow, list[FindingRow]]]:
    for state in words.SUPPORT:
        for unit in report.units:
            yield from _of_state(unit, state)


def _of_state(unit: UnitResult, state: str) -> Iterator[tuple[ClusterRow, list[FindingRow]]]:
    by_cluster: dict[str, list[FindingRow]] = {}
    for row in unit.findings:
        by_cluster.setdefault(row.cluster_id, []).append(row)
    for cluster in unit.clusters:
        if cluster.support_state == state and cluster.id in by_cluster:
            yield cluster, by_cluster[cluster.id]


def _gravity(row: FindingRow) -> tuple[bool, int, str, str]:
    return (row.verdict != "violation", -Severity(row.severity).rank, row.rule_id, row.fingerprint)


def _deeds(
    rows: list[FindingRow], rules: Mapping[str, RuleRow], as_of: datetime
) -> Iterator[DeedCard]:
    """The findings by deed, in the order of each deed's gravest finding."""
    by_deed: dict[str, list[FindingRow]] = {}
    for row in rows:
        by_deed.setdefault(row.deed, []).append(row)
    for same in by_deed.values():
        cards = tuple(_card(row, rules[row.rule_id], as_of) for row in same)
        yield DeedCard(title=_deed_title(same[0]), severity=same[0].severity, findings=cards)


def _deed_title(row: FindingRow) -> Message:
    if row.operation:
        when = words.moment(row.occurred_at)
        return _("{who}: {operation}, {when}", who=_who(row), operation=row.operation, when=when)
    return _window(row)


def _card(row: FindingRow, rule: RuleRow, as_of: datetime) -> FindingCard:
    return FindingCard(
        anchor=anchors.finding(row.fingerprint),
        severity=row.severity,
        verdict=words.named(words.VERDICTS, row.verdict),
        rule=Reference(anchors.rule(row.rule_id), row.rule_id),
        rule_title=Message(rule.title),
        clauses=tuple(Reference(anchors.clause(one), one) for one in rule.clauses),
        what=row.summary,
        where=tuple(_where(row)),
        who=_who(row),
        when=words.moment(row.occurred_at) if row.occurred_at else _window(row),
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


def _who(row: FindingRow) -> Message:
    kind = words.named(words.ACTORS, row.actor_kind)
    name = row.actor or row.actor_id
    told = _("{name} ({kind})", name=name, kind=kind) if name else kind
    if row.actor_client and not row.operation:
        told = _("{so_far}, through {client}", so_far=told, client=row.actor_client)
    if row.policies:
        told = _("{so_far}, {part}", so_far=told, part=words.policies(row.policies))
    return told


def _window(row: FindingRow) -> Message:
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
        yield Step(_("Evidence"), step.text, step.source, when)
    if row.operation:
        when = words.moment(row.occurred_at)
        yield Step(_("Operation"), _record(row), _("activity log"), when)
    if row.clock_basis:
        yield Step(_("Clock"), row.clock_basis)
    if row.recorded_rules:
        yield Step(_("Also on record"), ", ".join(row.recorded_rules))


def _record(row: FindingRow) -> Message:
    told = _("{operation} by {who}", operation=row.operation, who=_who(row))
    if row.actor_client:
        told = _("{so_far}, through {client}", so_far=told, client=row.actor_client)
    if row.client_address:
        told = _("{so_far}, from {address}", so_far=told, address=row.client_address)
    if row.correlation_id:
        told = _("{so_far}, correlation id {id}", so_far=told, id=row.correlation_id)
    return told
