"""Findings on the page: by cluster, then by what was done, each with its trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from auditor.model.report import ClusterRow, FindingRow, RuleRow, UnitResult
from auditor.model.verdict import Severity
from auditor.report import words
from auditor.report.findings import has_clock
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.view import Report

SHOWN = 500
"""How many findings the page tells in full, those of the gravest clusters first."""


class Step(NamedTuple):
    """One step of a trail; ``is_value`` where the text is what a property holds."""

    label: str
    text: str
    source: str = ""
    when: str = ""
    is_value: bool = False


class FindingCard(NamedTuple):
    """One finding, with everything needed to act on it."""

    anchor: str
    severity: str
    verdict: str
    rule: Reference
    rule_title: str
    clauses: tuple[Reference, ...]
    what: str
    where: tuple[str, ...]
    who: str
    when: str
    sure: str
    closed: str
    todo: str
    commands: tuple[str, ...]
    how_long: str
    trail: tuple[Step, ...]
    link: str | None
    fingerprint: str


class DeedCard(NamedTuple):
    """What was done, once, with the findings that it left."""

    title: str
    severity: str
    findings: tuple[FindingCard, ...]


class ClusterFindings(NamedTuple):
    """A cluster's findings; ``more`` counts those that only the tables tell."""

    anchor: str
    name: str
    place: str
    state: str
    label: str
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


def _deed_title(row: FindingRow) -> str:
    if row.operation:
        return f"{_who(row)}: {row.operation}, {words.moment(row.occurred_at)}"
    return _window(row)


def _card(row: FindingRow, rule: RuleRow, as_of: datetime) -> FindingCard:
    return FindingCard(
        anchor=anchors.finding(row.fingerprint),
        severity=row.severity,
        verdict=words.VERDICTS.get(row.verdict, row.verdict),
        rule=Reference(anchors.rule(row.rule_id), row.rule_id),
        rule_title=rule.title,
        clauses=tuple(Reference(anchors.clause(one), one) for one in rule.clauses),
        what=row.summary,
        where=tuple(_where(row)),
        who=_who(row),
        when=words.moment(row.occurred_at) if row.occurred_at else _window(row),
        sure=words.CONFIDENCE.get(row.confidence, row.confidence),
        closed="" if row.standing else "AKS has re-created these nodes since.",
        todo=row.remediation,
        commands=row.commands,
        how_long=_how_long(row, as_of),
        trail=tuple(_trail(row)),
        link=anchors.link(row.docs_url),
        fingerprint=row.fingerprint,
    )


def _where(row: FindingRow) -> Iterator[str]:
    yield row.resource_id
    if row.node_pool:
        yield f"node pool {row.node_pool}"
    if row.instances:
        yield f"instances {', '.join(row.instances)}"
    if row.property:
        yield f"property {row.property}"


def _who(row: FindingRow) -> str:
    kind = words.ACTORS.get(row.actor_kind, row.actor_kind)
    name = row.actor or row.actor_id
    caller = f"{name} ({kind})" if name else kind
    client = f"through {row.actor_client}" if row.actor_client and not row.operation else ""
    return ", ".join(filter(None, (caller, client, words.policies(row.policies))))


def _window(row: FindingRow) -> str:
    """Where no operation explains it: between which moments one was looked for."""
    if row.since and row.until:
        window = f"from {words.moment(row.since)} to {words.moment(row.until)}"
        return f"Nothing on record {window} explains it"
    return "Nothing on record explains it"


def _how_long(row: FindingRow, as_of: datetime) -> str:
    if not has_clock(row):
        return "No clock runs on this."
    return words.deadline(row.deadline_earliest, row.deadline_latest, as_of)


def _trail(row: FindingRow) -> Iterator[Step]:
    """What should be, what is, how that is known, and what is on record about it."""
    if row.expected is not None:
        yield Step("Expected", row.expected, is_value=True)
    if row.actual is not None:
        yield Step("Actual", row.actual, is_value=True)
    for step in row.evidence:
        if row.operation and step.at == row.occurred_at and step.text.startswith(row.operation):
            continue  # the same record, told in full below
        yield Step("Evidence", step.text, step.source, words.moment(step.at) if step.at else "")
    if row.operation:
        yield Step("Operation", _record(row), "activity log", words.moment(row.occurred_at))
    if row.clock_basis:
        yield Step("Clock", row.clock_basis)
    if row.recorded_rules:
        yield Step("Also on record", ", ".join(row.recorded_rules))


def _record(row: FindingRow) -> str:
    parts = [
        f"{row.operation} by {_who(row)}",
        f"through {row.actor_client}" if row.actor_client else "",
        f"from {row.client_address}" if row.client_address else "",
        f"correlation id {row.correlation_id}" if row.correlation_id else "",
    ]
    return ", ".join(part for part in parts if part)
