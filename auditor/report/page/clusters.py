"""The inventory on the page: one group of clusters per support state, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import msgspec

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model.report import ClauseVerdictRow, ClusterRow, NodePoolRow, UnitResult
from auditor.model.run import ClauseRow
from auditor.model.verdict import Severity
from auditor.report import words
from auditor.report.clauses import clause_rows
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.view import Report

SHOWN = 100
"""How many clusters the page lists without its script, the gravest states first."""

FOLDED_ABOVE = 20
"""A group of clusters in support is folded when it has more than this."""


NOT_READ = _("not read")

_LOCKED = _("node resource group locked down")
_UNLOCKED = _("node resource group not locked down")
_CHANNELS = {"kubernetes": _("Kubernetes"), "node_os": _("node OS")}


class Pool(NamedTuple):
    """A node pool in a line."""

    name: str
    what: str
    nodes: Message
    image: tuple[Message, ...]


class Count(NamedTuple):
    """How many findings of one severity."""

    severity: str
    label: Message


class Clauses(NamedTuple):
    """The clauses that have one verdict on a cluster."""

    verdict: str
    label: Message
    clauses: tuple[Reference, ...]


class ClusterCard(NamedTuple):
    """A cluster with its support state, why, and every clause of the policy by its verdict."""

    anchor: str
    name: str
    place: str
    owner: str
    version: Message
    state: str
    reasons: tuple[str, ...]
    facts: tuple[Message, ...]
    pools: tuple[Pool, ...]
    counts: tuple[Count, ...]
    clauses: tuple[Clauses, ...]


class Group(NamedTuple):
    """The clusters of one support state; ``cards`` is read as the page is written.

    ``more`` counts those that only the tables tell.
    """

    state: str
    label: Message
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


def every(report: Report) -> Iterator[tuple[ClusterRow, ClusterCard]]:
    """All clusters, in the order of the report."""
    for unit in report.units:
        yield from _of(unit, unit.clusters, report.header.policy.clauses)


def _cards(report: Report, state: str) -> Iterator[ClusterCard]:
    for unit in report.units:
        of_state = tuple(row for row in unit.clusters if row.support_state == state)
        cards = _of(unit, of_state, report.header.policy.clauses)
        yield from (card for _row, card in cards)


def _of(
    unit: UnitResult, rows: tuple[ClusterRow, ...], clauses: Sequence[ClauseRow]
) -> Iterator[tuple[ClusterRow, ClusterCard]]:
    judged = clause_rows(msgspec.structs.replace(unit, clusters=rows), clauses)
    by_cluster = {id_: tuple(same) for id_, same in groupby(judged, lambda row: row.cluster_id)}
    return ((row, _card(row, by_cluster.get(row.id, ()))) for row in rows)


def _card(row: ClusterRow, judged: Iterable[ClauseVerdictRow]) -> ClusterCard:
    return ClusterCard(
        anchor=anchors.cluster(row.id),
        name=row.name,
        place=_dotted(
            row.subscription_name or row.subscription_id, row.resource_group, row.location
        ),
        owner=row.owner,
        version=Message(row.kubernetes_version) if row.kubernetes_version else NOT_READ,
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
            label = _("{n:,} {severity}", n=number, severity=words.SEVERITIES[severity.value])
            yield Count(severity.value, label)


def _facts(row: ClusterRow) -> Iterator[Message]:
    """What the inventory knows, in the order in which people ask for it; unknowns left out."""
    if row.power_state:
        yield _(
            "{power}, last operation {state}",
            power=row.power_state,
            state=row.provisioning_state or NOT_READ,
        )
    if row.sku_tier:
        tier = _("{tier} tier", tier=row.sku_tier)
        yield _("{tier} · {plan}", tier=tier, plan=row.support_plan) if row.support_plan else tier
    if row.vnet != "unknown":
        yield _network(row)
    if row.lockdown is not None:
        yield _LOCKED if row.lockdown else _UNLOCKED
    if row.outside_writers is not None:
        yield _writers(row)
    for what, channel in sorted(row.upgrade_channels.items()):
        name = _CHANNELS.get(what, Message(what.replace("_", " ")))
        yield _("{what} upgrade channel: {channel}", what=name, channel=channel)
    if row.node_resource_group:
        yield _("nodes in {group}", group=row.node_resource_group)


def _network(row: ClusterRow) -> Message:
    vnet = _("managed VNet") if row.vnet == "managed" else _("custom VNet")
    if not row.network_plugin:
        return vnet
    return _("{vnet}, {plugin}", vnet=vnet, plugin=row.network_plugin)


def _writers(row: ClusterRow) -> Message:
    """Who besides AKS may write to the nodes, and where they inherit it from."""
    may = counted(
        "{n:,} identity besides AKS's may write to the nodes",
        "{n:,} identities besides AKS's may write to the nodes",
        row.outside_writers or 0,
    )
    scopes = ", ".join(f"{many} × {scope}" for scope, many in row.outside_writer_scopes.items())  # noqa: RUF001 (times)
    return _("{may} (by scope: {scopes})", may=may, scopes=scopes) if scopes else may


def _pool(pool: NodePoolRow) -> Pool:
    return Pool(
        name=pool.name,
        what=_dotted(pool.mode, pool.os, pool.vm_size or "", pool.kubernetes_version or ""),
        nodes=_(
            "{running} of {asked} running",
            running="?" if pool.running is None else pool.running,
            asked="?" if pool.count is None else pool.count,
        ),
        image=tuple(_image(pool)),
    )


def _image(pool: NodePoolRow) -> Iterator[Message]:
    yield Message(pool.image) if pool.image else _("image not read")
    if pool.image_age_days is not None:
        yield counted("{n:,} day old", "{n:,} days old", pool.image_age_days)
    if pool.newer_image:
        yield _("newer: {image}", image=pool.newer_image)


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
