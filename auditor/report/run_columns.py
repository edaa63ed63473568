"""The columns of what was there and how it was looked at: node pools, rules, the run itself.

Append-only, as those in :mod:`auditor.report.columns`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from operator import attrgetter

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import ClusterRow, NodePoolRow, RuleRow
from auditor.model.verdict import Verdict
from auditor.report.table import Column, Table, Value
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


def _pool(name: str, says: str) -> Column:
    return Column(name, says, attrgetter(f"pool.{name}"))


def _rule(name: str, says: str) -> Column:
    return Column(name, says, attrgetter(f"rule.{name}"))


def _run(name: str, says: str) -> Column:
    return Column(name, says, attrgetter(f"header.run.{name}"))


def _number(name: str, says: str) -> Column:
    return Column(name, says, attrgetter(f"summary.{name}"))


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
        _pool("count", "Nodes that AKS was asked for."),
        _pool("running", "Machines that run."),
        _pool("power_state", "Running or Stopped, as AKS says."),
        _pool("provisioning_state", "How the last operation on the pool ended."),
        _pool("kubernetes_version", "The nodes' Kubernetes version."),
        _pool("image", "The node image, as AKS says."),
        _pool("image_age_days", "Full days since the image was made."),
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
        _rule("clauses", "The policy's clauses behind it."),
        _rule("summary", "What is wrong when it fires."),
        _rule("docs_url", "Where Microsoft documents it."),
        _rule("since", "The version that brought the rule."),
        *(
            Column(
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
        _run("started_at", "When the run began, in UTC."),
        _run("finished_at", "When it ended, in UTC."),
        _run("status", "complete, or incomplete where something could not be read."),
        _run("status_reasons", "Why it is incomplete."),
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
        _number("coverage_percent", "The share of verdicts that no failed read left open."),
        _number("subscriptions_not_assessed", "Subscriptions whose clusters could not be listed."),
        _number("unread", "Failed reads, by root cause."),
        Column("requests", "Requests sent to Azure.", _requests),
        Column("tenants", "The tenants of its subscriptions.", _tenants),
        _run("thresholds", "The thresholds that rules judged by."),
    ),
)
