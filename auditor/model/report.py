"""``report.json``: the contract, and the rows that every other format renders.

Field lists are append-only. Times are UTC, ids as received. The JSON Schema is generated from
these structs (``aks-auditor schema``) and published in ``docs/report.schema.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from auditor.model.run import HandRow, NoteRow, PolicyRow, Row, RunRow, ToolRow

SCHEMA_VERSION = "1.0"

SupportState = Literal["in_support", "at_risk", "out_of_support", "not_assessed"]


class SummaryRow(Row, frozen=True, kw_only=True):
    """The headline numbers. ``deeds`` counts what was done once each, not findings."""

    clusters: int
    in_support: int
    at_risk: int
    out_of_support: int
    not_assessed: int
    findings: int
    violations: int
    warnings: int
    deeds: int
    findings_by_severity: Mapping[str, int]
    clocks_under_7_days: int
    coverage_percent: float
    subscriptions_not_assessed: int = 0
    unread: int = 0
    new: int = 0
    exempt: int = 0
    hands: tuple[HandRow, ...] = ()


class SubscriptionRow(Row, frozen=True, kw_only=True):
    """A subscription; ``status`` tells whether its clusters could be listed.

    ``management_groups`` are the ids of those above it, the nearest first, and
    ``management_group_names`` what people call them, in the same order.
    """

    id: str
    name: str
    tenant_id: str
    state: str
    management_groups: tuple[str, ...] = ()
    status: Literal["assessed", "not_assessed", "no_clusters"] = "assessed"
    management_group_names: tuple[str, ...] = ()


class NodePoolRow(Row, frozen=True, kw_only=True):
    """A node pool in the inventory; ``running`` counts running machines where readable."""

    name: str
    kind: str
    mode: str
    os: str
    vm_size: str | None = None
    count: int | None = None
    running: int | None = None
    power_state: str = ""
    provisioning_state: str = ""
    kubernetes_version: str | None = None
    image: str | None = None
    image_age_days: int | None = None
    newer_image: str | None = None


class ClusterRow(Row, frozen=True, kw_only=True):
    """A cluster in the inventory, with its support state and why.

    ``outside_writers`` counts the identities other than AKS's own that may write to the node
    resource group, ``outside_writer_scopes`` those that do so by an assignment at each scope.
    """

    id: str
    name: str
    resource_uid: str
    subscription_id: str
    subscription_name: str
    resource_group: str
    location: str
    node_resource_group: str
    owner: str
    tags: Mapping[str, str]
    kubernetes_version: str | None
    sku_tier: str | None
    support_plan: str | None
    power_state: str
    provisioning_state: str
    network_plugin: str | None
    vnet: Literal["managed", "custom", "unknown"]
    lockdown: bool | None
    upgrade_channels: Mapping[str, str]
    node_pools: tuple[NodePoolRow, ...]
    outside_writers: int | None
    support_state: SupportState
    support_reasons: tuple[str, ...]
    findings_by_severity: Mapping[str, int]
    nearest_deadline: datetime | None = None
    outside_writer_scopes: Mapping[str, int] = {}


class VerdictRow(Row, frozen=True, kw_only=True):
    """One per cluster and rule."""

    cluster_id: str
    rule_id: str
    verdict: str
    reason: str = ""
    coverage_ids: tuple[str, ...] = ()


class ClauseVerdictRow(Row, frozen=True, kw_only=True):
    """One per cluster and policy clause: the worst verdict of the clause's rules.

    ``rules`` are those that gave it. A clause of which Azure Resource Manager shows nothing is
    ``not_visible``; one that no rule of this version audits is ``unknown``. ``reason`` says why,
    and what of a judged clause nothing shows.
    """

    cluster_id: str
    clause: str
    verdict: str
    rules: tuple[str, ...] = ()
    reason: str = ""


class EvidenceRow(Row, frozen=True, kw_only=True):
    """One step of a finding's trail."""

    text: str
    source: str = ""
    at: datetime | None = None


class FindingRow(Row, frozen=True, kw_only=True):
    """One finding, flat enough for a table, complete enough to act on.

    ``standing`` is false for a recorded deed that AKS has since closed by re-creating the
    nodes; ``since`` and ``until`` bound when an unattributed change can have happened.
    ``policies`` are the ids of Azure Policy's assignments that altered the operation or deployed
    something in its wake: beside the actor, who stays who called.
    """

    fingerprint: str
    deed: str
    rule_id: str
    verdict: str
    severity: str
    confidence: str
    clause: str
    subscription_id: str
    subscription_name: str
    cluster_id: str
    cluster_name: str
    resource_group: str
    location: str
    node_resource_group: str
    node_pool: str
    owner: str
    resource_id: str
    resource_type: str
    instances: tuple[str, ...]
    property: str
    expected: str | None
    actual: str | None
    summary: str
    actor_kind: str
    actor: str
    actor_id: str
    actor_client: str
    client_address: str
    operation: str
    operation_id: str
    correlation_id: str
    occurred_at: datetime | None
    recorded_rules: tuple[str, ...]
    evidence: tuple[EvidenceRow, ...]
    deadline_earliest: datetime | None
    deadline_latest: datetime | None
    clock_basis: str
    days_left: int | None
    remediation: str
    commands: tuple[str, ...]
    docs_url: str
    state: Literal["new", "open", "reopened", "resolved", "not_evaluated"]
    first_seen: datetime
    last_seen: datetime
    exemption: str | None = None
    standing: bool = True
    since: datetime | None = None
    until: datetime | None = None
    policies: tuple[str, ...] = ()


class ObstacleRow(Row, frozen=True, kw_only=True):
    """What kept rules of clauses C1 to C9 from judging a cluster.

    ``makes`` is the support state that follows from it unless something graver does;
    ``in_support`` where it decides nothing.
    """

    cluster_id: str
    makes: SupportState
    reason: str


class ClockRow(Row, frozen=True, kw_only=True):
    """A running deadline, as an interval."""

    cluster_id: str
    rule_id: str
    kind: str
    started_earliest: datetime | None
    started_latest: datetime | None
    deadline_earliest: datetime | None
    deadline_latest: datetime | None
    days_left: int | None
    basis: str


class AffectsRow(Row, frozen=True, kw_only=True):
    """What a failed read left unknown."""

    clusters: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class CoverageRow(Row, frozen=True, kw_only=True):
    """One read that failed, by root cause, or one scope that was read in full (``ok``)."""

    id: str
    scope: str
    collector: str
    outcome: str
    status: int | None
    code: str
    message: str
    permission: str
    affects: AffectsRow
    at: datetime | None


class RuleRow(Row, frozen=True, kw_only=True):
    """A rule that was evaluated, with its documentation."""

    id: str
    title: str
    severity: str
    clauses: tuple[str, ...]
    docs_url: str
    since: str
    summary: str
    sections: tuple[tuple[str, str], ...]


class UnitResult(Row, frozen=True, kw_only=True):
    """What one subscription contributes to the report: the unit that is spooled.

    Obstacles stay behind: they are what a support state can be found from anew.
    """

    subscription: SubscriptionRow
    clusters: tuple[ClusterRow, ...] = ()
    verdicts: tuple[VerdictRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    coverage: tuple[CoverageRow, ...] = ()
    obstacles: tuple[ObstacleRow, ...] = ()


class ReportDocument(Row, frozen=True, kw_only=True):
    """The whole of ``report.json``, as its schema describes it."""

    schema_version: str
    tool: ToolRow
    policy: PolicyRow
    run: RunRow
    summary: SummaryRow
    subscriptions: tuple[SubscriptionRow, ...]
    clusters: tuple[ClusterRow, ...]
    verdicts: tuple[VerdictRow, ...]
    findings: tuple[FindingRow, ...]
    clocks: tuple[ClockRow, ...]
    exemptions: tuple[Mapping[str, str], ...]
    coverage: tuple[CoverageRow, ...]
    rules: tuple[RuleRow, ...]
    changes: Mapping[str, tuple[str, ...]] | None
    clauses: tuple[ClauseVerdictRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
