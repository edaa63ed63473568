"""Every table's columns, declared once.

The order is append-only: a new column goes to the end of its table, and none is ever renamed
or reused. ``docs/data-dictionary.md`` is made from these declarations.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter, methodcaller

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import ClauseVerdictRow, ClusterRow, CoverageRow, RuleRow, VerdictRow
from auditor.model.run import ClauseRow
from auditor.model.verdict import Severity
from auditor.report.run_columns import CLOCKS, EXEMPTIONS, NODE_POOLS, RULES, RUN
from auditor.report.table import Column, Kind, Table, Value, moment, texts, truth, whole
from auditor.report.view import Report


class Judged(msgspec.Struct, frozen=True):
    """A verdict beside the rule that gave it."""

    verdict: VerdictRow
    rule: RuleRow


def _judged(report: Report) -> Iterator[Judged]:
    rules = {rule.id: rule for rule in report.header.rules}
    return (Judged(row, rules[row.rule_id]) for row in report.verdicts())


class ClauseJudged(msgspec.Struct, frozen=True):
    """A clause on one cluster, beside its text."""

    row: ClauseVerdictRow
    clause: ClauseRow


def _clauses_judged(report: Report) -> Iterator[ClauseJudged]:
    clauses = {clause.id: clause for clause in report.header.policy.clauses}
    return (ClauseJudged(row, clauses[row.clause]) for row in report.clauses())


def _count_of(severity: Severity) -> Value:
    return lambda row: row.findings_by_severity.get(severity.value, 0)


def _nodes(row: ClusterRow) -> int | None:
    counts = [pool.count for pool in row.node_pools if pool.count is not None]
    return sum(counts) if len(counts) == len(row.node_pools) else None


def _nodes_running(row: ClusterRow) -> int | None:
    counts = [pool.running for pool in row.node_pools if pool.running is not None]
    return sum(counts) if len(counts) == len(row.node_pools) else None


def _clusters_affected(row: CoverageRow) -> int:
    return len(row.affects.clusters)


FINDINGS = Table(
    name="findings.csv",
    says="One row per finding: a violation or a warning on one resource.",
    rows=methodcaller("findings"),
    columns=(
        Column("fingerprint", "The finding's identity, the same in every run that sees it."),
        Column(
            "deed", "What was done, once: findings of one deed, or of one note, share this value."
        ),
        Column("state", "new, open, reopened, resolved or not_evaluated, against earlier runs."),
        Column("rule_id", "The rule that found it."),
        Column("verdict", "violation (a clause is broken) or warning (it may or will be)."),
        Column("severity", "critical, high, medium, low or info."),
        Column("confidence", "confirmed, likely or possible."),
        truth(
            "standing",
            "false for a deed that is on record only: AKS has re-created the nodes since, or what "
            "was read of the present state does not show it.",
        ),
        Column("clause", "The policy's clauses that it touches, separated by a space."),
        Column("subscription_id", "The subscription."),
        Column("subscription_name", "The subscription's name."),
        Column("cluster_id", "The cluster's ARM id, as received."),
        Column(
            "cluster_key", "The cluster's ARM id in lower case.", lambda r: arm.key(r.cluster_id)
        ),
        Column("cluster_name", "The cluster's name."),
        Column("resource_group", "The resource group that holds the cluster."),
        Column("location", "The cluster's Azure region."),
        Column("node_resource_group", "The resource group that holds the cluster's nodes."),
        Column("node_pool", "The node pool, where the finding concerns one."),
        Column("owner", "The cluster's owner, from its tags."),
        Column("resource_id", "The ARM id of the resource that departs from the policy."),
        Column("resource_key", "The same id in lower case.", lambda r: arm.key(r.resource_id)),
        Column("resource_type", "The resource's type, in lower case."),
        texts("instances", "The scale-set instances concerned."),
        Column("property", "The property that departs; empty for the resource as a whole."),
        Column("expected", "The value that AKS asked for or is known to set."),
        Column("actual", "The value that was read."),
        Column("summary", "The finding in one sentence."),
        Column("actor_kind", "Whose hand it was: user, service_principal, aks, unknown …"),
        Column("actor", "The actor's name, where the record has one."),
        Column("actor_id", "The actor's object id."),
        Column("actor_client", "The application that was used, as far as claims or changes tell."),
        Column("client_address", "The network address that the call came from."),
        Column("operation", "The Azure operation on record."),
        Column("operation_id", "The operation's id in the activity log."),
        Column("correlation_id", "The correlation id in the activity log."),
        moment("occurred_at", "When the operation took effect, in UTC."),
        moment("since", "Without an operation: the earliest moment at which it can have happened."),
        moment("until", "Without an operation: the latest moment at which it can have happened."),
        texts("recorded_rules", "Recorded rules whose finding on the same deed is folded in."),
        Column("evidence", "The trail, step by step.", kind=Kind.STEPS),
        moment("deadline_earliest", "The earliest moment at which its clock can run out."),
        moment("deadline_latest", "The latest moment at which its clock can run out."),
        Column("clock_basis", "Where the bounds of the clock come from."),
        whole("days_left", "Full days until the deadline; negative when it has passed."),
        Column("remediation", "What to do, through AKS."),
        texts("commands", "Commands that do it."),
        Column("docs_url", "Where Microsoft documents it."),
        moment("first_seen", "When a run first saw it, in UTC."),
        moment("last_seen", "When a run last saw it, in UTC."),
        Column("exemption", "The exemption that silences its alarm, if one does."),
        texts(
            "policies",
            "Assignments of Azure Policy that altered the operation, or deployed in its wake.",
        ),
    ),
)

VERDICTS = Table(
    name="verdicts.csv",
    says="One row per cluster and rule, passes and unknowns included.",
    rows=_judged,
    columns=(
        Column(
            "cluster_id", "The cluster's ARM id, as received.", attrgetter("verdict.cluster_id")
        ),
        Column("cluster_name", "The cluster's name.", lambda row: arm.name(row.verdict.cluster_id)),
        Column(
            "subscription_id", "The subscription.", lambda r: arm.subscription(r.verdict.cluster_id)
        ),
        Column("rule_id", "The rule.", attrgetter("rule.id")),
        Column("rule_title", "What the rule looks for.", attrgetter("rule.title")),
        texts("clauses", "The policy's clauses behind the rule.", attrgetter("rule.clauses")),
        Column(
            "verdict",
            "violation, warning, unknown, pass or not_applicable.",
            attrgetter("verdict.verdict"),
        ),
        Column("reason", "Why, where the verdict needs a word.", attrgetter("verdict.reason")),
        texts(
            "coverage_ids",
            "The rows of coverage.csv that say what could not be read.",
            attrgetter("verdict.coverage_ids"),
        ),
    ),
)

CLUSTERS = Table(
    name="clusters.csv",
    says="One row per cluster: the inventory, with the support state.",
    rows=methodcaller("clusters"),
    columns=(
        Column("id", "The cluster's ARM id, as received."),
        Column("cluster_key", "The cluster's ARM id in lower case.", lambda row: arm.key(row.id)),
        Column("name", "The cluster's name."),
        Column("support_state", "in_support, at_risk, out_of_support or not_assessed."),
        texts("support_reasons", "Why, the decisive reasons first."),
        Column("subscription_id", "The subscription."),
        Column("subscription_name", "The subscription's name."),
        Column("resource_group", "The resource group that holds the cluster."),
        Column("location", "The Azure region."),
        Column("node_resource_group", "The resource group that holds the cluster's nodes."),
        Column("owner", "The owner, from the cluster's tags."),
        *(
            whole(f"findings_{one}", f"Findings of severity {one}.", _count_of(one))
            for one in reversed(Severity)
        ),
        moment("nearest_deadline", "The earliest moment at which a clock can run out."),
        Column("kubernetes_version", "The control plane's Kubernetes version."),
        Column("sku_tier", "Free, Standard or Premium."),
        Column("support_plan", "KubernetesOfficial or AKSLongTermSupport."),
        Column("power_state", "Running or Stopped, as AKS says."),
        Column("provisioning_state", "How the last operation on the cluster ended."),
        Column("network_plugin", "The network plugin."),
        Column("vnet", "managed (by AKS), custom, or unknown."),
        truth("lockdown", "Whether the node resource group is locked down against edits."),
        Column("upgrade_channels", "The automatic upgrade channels.", kind=Kind.LABELS),
        whole("node_pool_count", "How many node pools it has.", lambda row: len(row.node_pools)),
        whole("nodes", "Nodes that AKS was asked for, over all pools.", _nodes),
        whole("nodes_running", "Machines that run, over all pools.", _nodes_running),
        texts("node_pools", "Every node pool in a few words."),
        whole(
            "outside_writers",
            "Identities other than AKS's that may write to its node resource group.",
        ),
        Column("tags", "The cluster's tags.", kind=Kind.LABELS),
        Column("resource_uid", "The cluster's identity over its lifetime, as AKS gives it."),
        Column(
            "outside_writer_scopes",
            "How many of these identities write by which scope.",
            kind=Kind.COUNTS,
        ),
    ),
)

COVERAGE = Table(
    name="coverage.csv",
    says="One row per failed read (by root cause), and per scope that was read in full.",
    rows=methodcaller("coverage"),
    columns=(
        Column("id", "The root cause's id; verdicts refer to it."),
        Column("scope", "The ARM id that was asked."),
        Column("collector", "What was to be read."),
        Column("outcome", "ok, denied, throttled, timeout, gone, transition, failed or skipped."),
        whole("status", "The HTTP status of the answer."),
        Column("code", "The error code of the answer."),
        Column("message", "What happened, in words."),
        Column("permission", "The permission that would allow the read."),
        whole("clusters_affected", "How many clusters it concerns.", _clusters_affected),
        texts("clusters", "The clusters that it concerns.", attrgetter("affects.clusters")),
        texts("rules", "The rules that could not be judged.", attrgetter("affects.rules")),
        moment("at", "When it was read, in UTC."),
    ),
)

CLAUSES = Table(
    name="clauses.csv",
    says="One row per cluster and policy clause: judged by its rules, or why nothing shows it.",
    rows=_clauses_judged,
    columns=(
        Column("cluster_id", "The cluster's ARM id, as received.", attrgetter("row.cluster_id")),
        Column("cluster_name", "The cluster's name.", lambda r: arm.name(r.row.cluster_id)),
        Column(
            "subscription_id", "The subscription.", lambda r: arm.subscription(r.row.cluster_id)
        ),
        Column("clause", "The clause's number.", attrgetter("row.clause")),
        Column("clause_text", "What the clause says, paraphrased.", attrgetter("clause.text")),
        Column(
            "verdict",
            "The worst verdict of the clause's rules; not_visible where ARM shows nothing of it.",
            attrgetter("row.verdict"),
        ),
        texts("rules", "The rules that gave the verdict.", attrgetter("row.rules")),
        Column(
            "reason",
            "Why, and what of the clause Azure Resource Manager does not show.",
            attrgetter("row.reason"),
        ),
    ),
)

TABLES = (
    FINDINGS,
    VERDICTS,
    CLUSTERS,
    COVERAGE,
    CLAUSES,
    NODE_POOLS,
    RULES,
    RUN,
    CLOCKS,
    EXEMPTIONS,
)
