"""The columns of what was there and how it was looked at: node pools, clocks, rules, the run.

Append-only, as those in :mod:`auditor.report.columns`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter, methodcaller

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import ClusterRow, NodePoolRow, RuleRow
from auditor.model.verdict import Verdict
from auditor.report.table import Column, Kind, Table, Value, day, moment, texts, whole
from auditor.report.view import Report


class Pooled(msgspec.Struct, frozen=True):
    """A node pool beside its cluster."""

    cluster: ClusterRow
    pool: NodePoolRow


class Tallied(msgspec.Struct, frozen=True):
    """A rule with the number of clusters that have each verdict."""

    rule: RuleRow
    clusters: Mapping[str, int]


def _pools(report: Report) -> Iterator[Pooled]:
    return (Pooled(cluster, pool) for cluster in report.clusters() for pool in cluster.node_pools)


def _tallied(report: Report) -> Iterator[Tallied]:
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in report.verdicts():
        counted[row.rule_id][row.verdict] += 1
    return (Tallied(rule, counted[rule.id]) for rule in report.header.rules)


def _clusters_with(verdict: Verdict) -> Value:
    return lambda row: row.clusters.get(verdict.value, 0)


def _itself(report: Report) -> Iterator[Report]:
    yield report


def _requests(report: Report) -> int:
    return sum(call.count for call in report.header.run.api_calls)


def _tenants(report: Report) -> list[str]:
    return sorted({row.tenant_id for row in report.subscriptions()} - {""})


def _split(report: Report) -> list[str]:
    return [part.split_by for part in report.header.run.part]


def _part_keys(report: Report) -> list[str]:
    return [part.key for part in report.header.run.part]


def _part_names(report: Report) -> list[str]:
    return [part.name for part in report.header.run.part]


def _pool(name: str, says: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, says, attrgetter(f"pool.{name}"), kind)


def _rule(name: str, says: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, says, attrgetter(f"rule.{name}"), kind)


def _run(name: str, says: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, says, attrgetter(f"header.run.{name}"), kind)


def _number(name: str, says: str, kind: Kind = Kind.WHOLE) -> Column:
    return Column(name, says, attrgetter(f"summary.{name}"), kind)


def _exemption(name: str, says: str) -> Column:
    return Column(name, says, methodcaller("get", name))


def _exemption_day(name: str, says: str) -> Column:
    return day(name, says, lambda exemption: _day(exemption.get(name, "")))


def _day(text: str) -> date | None:
    """The day that was written; nothing where it is none."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


NODE_POOLS = Table(
    name="node_pools.csv",
    says="One row per node pool.",
    rows=_pools,
    columns=(
        Column("cluster_id", "The cluster's ARM id, as received.", attrgetter("cluster.id")),
        Column(
            "cluster_key", "The cluster's ARM id in lower case.", lambda r: arm.key(r.cluster.id)
        ),
        Column("cluster_name", "The cluster's name.", attrgetter("cluster.name")),
        Column("subscription_id", "The subscription.", attrgetter("cluster.subscription_id")),
        _pool("name", "The node pool's name."),
        _pool("kind", "VirtualMachineScaleSets, VirtualMachines or AvailabilitySet."),
        _pool("mode", "System, User or Gateway."),
        _pool("os", "The operating system, as AKS names it."),
        _pool("vm_size", "The size of its machines, where they have one."),
        _pool("count", "Nodes that AKS was asked for.", Kind.WHOLE),
        _pool("running", "Machines that run.", Kind.WHOLE),
        _pool("power_state", "Running or Stopped, as AKS says."),
        _pool("provisioning_state", "How the last operation on the pool ended."),
        _pool("kubernetes_version", "The nodes' Kubernetes version."),
        _pool("image", "The node image, as AKS says."),
        _pool("image_age_days", "Full days since the image was made.", Kind.WHOLE),
        _pool("newer_image", "A newer image of the same kind, if any pool of the run runs one."),
    ),
)

RULES = Table(
    name="rules.csv",
    says="One row per rule that was evaluated, with the number of clusters by verdict.",
    rows=_tallied,
    columns=(
        _rule("id", "The rule."),
        _rule("title", "What the rule looks for."),
        _rule("severity", "The highest severity that it gives."),
        _rule("clauses", "The policy's clauses behind it.", Kind.TEXTS),
        _rule("summary", "What is wrong when it fires."),
        _rule("docs_url", "Where Microsoft documents it."),
        _rule("since", "The version that brought the rule."),
        *(
            whole(
                f"clusters_{verdict.value}",
                f"Clusters with verdict {verdict.value}.",
                _clusters_with(verdict),
            )
            for verdict in Verdict
        ),
    ),
)

RUN = Table(
    name="run.csv",
    says="One row: the run, with the headline.",
    rows=_itself,
    columns=(
        _run("started_at", "When the run began, in UTC.", Kind.MOMENT),
        _run("finished_at", "When it ended, in UTC.", Kind.MOMENT),
        _run("status", "complete, or incomplete where something could not be read."),
        _run("status_reasons", "Why it is incomplete.", Kind.TEXTS),
        Column("tool_version", "The version that wrote it.", attrgetter("header.tool.version")),
        Column(
            "policy_edition",
            "The edition of Microsoft's policy.",
            attrgetter("header.policy.edition"),
        ),
        _number("clusters", "Clusters found."),
        _number("in_support", "Clusters in support."),
        _number("at_risk", "Clusters at risk."),
        _number("out_of_support", "Clusters out of support."),
        _number("not_assessed", "Clusters that could not be assessed."),
        _number("findings", "Findings."),
        _number("violations", "Findings that are violations."),
        _number("warnings", "Findings that are warnings."),
        _number("deeds", "What was done, once each."),
        _number("clocks_under_7_days", "Clocks that may run out within seven days."),
        _number(
            "coverage_percent", "The share of verdicts that no failed read left open.", Kind.NUMBER
        ),
        _number("subscriptions_not_assessed", "Subscriptions whose clusters could not be listed."),
        _number("unread", "Failed reads, by root cause."),
        whole("requests", "Requests sent to Azure.", _requests),
        texts("tenants", "The tenants of its subscriptions.", _tenants),
        texts("split_by", "What the run was split by; empty where this is the whole run.", _split),
        texts("part", "The part that this is, in one spelling for all.", _part_keys),
        texts("part_name", "The part's name, as people write it.", _part_names),
        _run("thresholds", "The thresholds that rules judged by.", Kind.COUNTS),
        _number("new", "Findings that the run before did not have; 0 without one."),
        _number("exempt", "Findings that an exemption silences."),
    ),
)

CLOCKS = Table(
    name="clocks.csv",
    says="One row per running clock: what ends when, each bound as far as the evidence goes.",
    rows=methodcaller("clocks"),
    columns=(
        Column("cluster_id", "The cluster's ARM id, as received."),
        Column("cluster_key", "The same id in lower case.", lambda row: arm.key(row.cluster_id)),
        Column("cluster_name", "The cluster's name.", lambda row: arm.name(row.cluster_id)),
        Column("subscription_id", "The subscription.", lambda r: arm.subscription(r.cluster_id)),
        Column("rule_id", "The rule that tells of it."),
        Column("kind", "30d_no_nodes, 12m_stopped or 90d_subscription."),
        moment("started_earliest", "The earliest moment at which it can have started, in UTC."),
        moment("started_latest", "The latest moment at which it can have started, in UTC."),
        moment("deadline_earliest", "The earliest moment at which it can run out, in UTC."),
        moment("deadline_latest", "The latest moment at which it can run out, in UTC."),
        whole("days_left", "Full days until the earliest end; negative when it has passed."),
        Column("basis", "Where its bounds come from."),
    ),
)

EXEMPTIONS = Table(
    name="exemptions.csv",
    says="One row per exemption that the run knew; findings name theirs.",
    rows=attrgetter("header.exemptions"),
    columns=(
        _exemption("id", "The exemption's id."),
        _exemption("rule", "The rule whose findings it exempts."),
        _exemption("scope", "Where: a pattern of ARM ids."),
        _exemption("category", "waiver, mitigated or false-positive."),
        _exemption("reason", "Why."),
        _exemption("owner", "Who answers for it."),
        _exemption("approved_by", "Who allowed it."),
        _exemption("ticket", "Where it was discussed."),
        _exemption_day("created", "The day on which it was written."),
        _exemption_day("expires", "The last day on which it holds."),
    ),
)
