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
from auditor.report.page import anchors, finding
from auditor.report.page.finding import FindingCard
from auditor.report.view import Report

SHOWN = 100
"""How many findings the page tells without its script, those of the gravest clusters first."""


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
        cards = tuple(finding.card(row, rules[row.rule_id], as_of) for row in same)
        yield DeedCard(title=_deed_title(same[0]), severity=same[0].severity, findings=cards)


def _deed_title(row: FindingRow) -> Message:
    if row.operation:
        when = words.moment(row.occurred_at)
        return _(
            "{who}: {operation}, {when}", who=finding.who(row), operation=row.operation, when=when
        )
    return finding.window(row)
