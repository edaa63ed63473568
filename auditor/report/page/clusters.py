"""The inventory on the page: one group of clusters per support state, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import NamedTuple

import msgspec

from auditor.model.report import ClauseVerdictRow, ClusterRow, NodePoolRow
from auditor.model.verdict import Severity
from auditor.report import words
from auditor.report.clauses import clause_rows
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.view import Report

SHOWN = 1_000
"""How many clusters the page lists, the gravest states first; the tables have all."""

FOLDED_ABOVE = 20
"""A group of clusters in support is folded when it has more than this."""


class Pool(NamedTuple):
    """A node pool in a line."""

    name: str
    what: str
    nodes: str
    image: str


class Count(NamedTuple):
    """How many findings of one severity."""

    severity: str
    number: int


class Clauses(NamedTuple):
    """The clauses that have one verdict on a cluster."""

    verdict: str
    label: str
    clauses: tuple[Reference, ...]


class ClusterCard(NamedTuple):
    """A cluster with its support state, why, and every clause of the policy by its verdict."""

    anchor: str
    name: str
    place: str
    owner: str
    version: str
    state: str
    reasons: tuple[str, ...]
    facts: tuple[str, ...]
    pools: tuple[Pool, ...]
    counts: tuple[Count, ...]
    clauses: tuple[Clauses, ...]


class Group(NamedTuple):
    """The clusters of one support state; ``cards`` is read as the page is written.

    ``more`` counts those that only the tables tell.
    """

    state: str
    label: str
    number: int
    is_open: bool
    cards: Iterator[ClusterCard]
    more: int


def groups(report: Report) -> Iterator[Group]:
    """The groups that are not empty."""
    left = SHOWN
    for state, label in words.SUPPORT.items():
        number = getattr(report.summary, state)
        shown = min(number, left)
        left -= shown
        if number:
            yield Group(
                state=state,
                label=label,
                number=number,
                is_open=state != "in_support" or number <= FOLDED_ABOVE,
                cards=islice(_cards(report, state), shown),
                more=number - shown,
            )


def _cards(report: Report, state: str) -> Iterator[ClusterCard]:
    clauses = report.header.policy.clauses
    for unit in report.units:
        of_state = tuple(row for row in unit.clusters if row.support_state == state)
        judged = clause_rows(msgspec.structs.replace(unit, clusters=of_state), clauses)
        by_cluster = {id_: tuple(rows) for id_, rows in groupby(judged, lambda row: row.cluster_id)}
        yield from (_card(row, by_cluster.get(row.id, ())) for row in of_state)


def _card(row: ClusterRow, judged: Iterable[ClauseVerdictRow]) -> ClusterCard:
    return ClusterCard(
        anchor=anchors.cluster(row.id),
        name=row.name,
        place=_dotted(
            row.subscription_name or row.subscription_id, row.resource_group, row.location
        ),
        owner=row.owner,
        version=row.kubernetes_version or "not read",
        state=row.support_state,
        reasons=row.support_reasons,
        facts=tuple(_facts(row)),
        pools=tuple(_pool(pool) for pool in row.node_pools),
        counts=tuple(_counts(row)),
        clauses=tuple(_clauses(judged)),
    )


def _clauses(judged: Iterable[ClauseVerdictRow]) -> Iterator[Clauses]:
    """The cluster's clauses by verdict, the worst first."""
    by_verdict: dict[str, list[Reference]] = {}
    for row in judged:
        clause = Reference(anchors.clause(row.clause), row.clause)
        by_verdict.setdefault(row.verdict, []).append(clause)
    for verdict, label in words.VERDICTS.items():
        if verdict in by_verdict:
            yield Clauses(verdict, label, tuple(by_verdict[verdict]))


def _counts(row: ClusterRow) -> Iterator[Count]:
    for severity in reversed(Severity):
        number = row.findings_by_severity.get(severity.value, 0)
        if number:
            yield Count(severity.value, number)


def _facts(row: ClusterRow) -> Iterator[str]:
    """What the inventory knows, in the order in which people ask for it; unknowns left out."""
    if row.power_state:
        yield f"{row.power_state}, last operation {row.provisioning_state or 'not read'}"
    if row.sku_tier:
        yield _dotted(f"{row.sku_tier} tier", row.support_plan or "")
    if row.vnet != "unknown":
        yield f"{row.vnet} VNet" + (f", {row.network_plugin}" if row.network_plugin else "")
    if row.lockdown is not None:
        yield f"node resource group {'locked down' if row.lockdown else 'not locked down'}"
    if row.outside_writers is not None:
        yield _writers(row)
    for what, channel in sorted(row.upgrade_channels.items()):
        yield f"{what.replace('_', ' ')} upgrade channel: {channel}"
    if row.node_resource_group:
        yield f"nodes in {row.node_resource_group}"


def _writers(row: ClusterRow) -> str:
    """Who besides AKS may write to the nodes, and where they inherit it from."""
    number = row.outside_writers or 0
    may = f"{words.count(number, 'identity', 'identities')} besides AKS's may write to the nodes"
    scopes = ", ".join(f"{many} by {scope}" for scope, many in row.outside_writer_scopes.items())
    return f"{may} ({scopes})" if scopes else may


def _pool(pool: NodePoolRow) -> Pool:
    running = "?" if pool.running is None else pool.running
    asked = "?" if pool.count is None else pool.count
    age = "" if pool.image_age_days is None else f"{words.count(pool.image_age_days, 'day')} old"
    newer = f"newer: {pool.newer_image}" if pool.newer_image else ""
    return Pool(
        name=pool.name,
        what=_dotted(pool.mode, pool.os, pool.vm_size or "", pool.kubernetes_version or ""),
        nodes=f"{running} of {asked} running",
        image=_dotted(pool.image or "image not read", age, newer),
    )


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
