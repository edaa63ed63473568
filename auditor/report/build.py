"""Shapes what was read and judged into rows, before any template or table sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal

from auditor.model import resource_id as arm
from auditor.model.report import RuleRow, SubscriptionRow, UnitResult
from auditor.model.rule import LoadedRule
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import ClusterEvaluation
from auditor.report.assessed import OWNER_TAGS, Assessed
from auditor.report.coverage import coverage_rows, verdict_rows
from auditor.report.findings import clock_rows, finding_rows
from auditor.report.inventory import cluster_row
from auditor.report.support import obstacle_rows, support


def unit(
    snapshot: Snapshot,
    evaluations: Iterable[ClusterEvaluation],
    *,
    rules: Iterable[LoadedRule],
    as_of: datetime,
    owner_tags: Sequence[str] = OWNER_TAGS,
) -> UnitResult:
    """What one subscription contributes to the report, sorted.

    Every cluster of the snapshot must have been evaluated; one that was not is a ``KeyError``.
    ``owner_tags`` are tried in order, without regard to case.
    """
    by_rule = {loaded.rule.id: loaded.rule for loaded in rules}
    by_cluster = {arm.key(one.cluster_id): one for one in evaluations}
    assessed = [
        Assessed(
            cluster=cluster,
            evaluation=by_cluster[arm.key(cluster.id)],
            rules=by_rule,
            as_of=as_of,
            owner_tags=owner_tags,
        )
        for cluster in sorted(snapshot.clusters, key=lambda one: arm.key(one.id))
    ]
    findings = [tuple(finding_rows(one)) for one in assessed]
    obstacles = [tuple(obstacle_rows(one)) for one in assessed]
    states = map(support, findings, obstacles)
    return UnitResult(
        subscription=_subscription_row(snapshot),
        clusters=tuple(map(cluster_row, assessed, states)),
        verdicts=tuple(row for one in assessed for row in verdict_rows(one)),
        findings=tuple(chain.from_iterable(findings)),
        clocks=tuple(row for one in assessed for row in clock_rows(one)),
        coverage=coverage_rows(snapshot, assessed),
        obstacles=tuple(chain.from_iterable(obstacles)),
    )


def rule_rows(rules: Iterable[LoadedRule]) -> tuple[RuleRow, ...]:
    """The evaluated rules with their documentation, by id."""
    return tuple(
        RuleRow(
            id=loaded.rule.id,
            title=loaded.rule.title,
            severity=loaded.rule.severity.value,
            clauses=loaded.rule.clauses,
            docs_url=loaded.rule.docs_url,
            since=loaded.rule.since,
            summary=loaded.summary,
            sections=loaded.sections,
        )
        for loaded in sorted(rules, key=lambda one: one.rule.id)
    )


def _subscription_row(snapshot: Snapshot) -> SubscriptionRow:
    subscription = snapshot.subscription
    return SubscriptionRow(
        id=subscription.id,
        name=subscription.name,
        tenant_id=subscription.tenant_id,
        state=subscription.state,
        management_groups=tuple(one.id for one in subscription.management_groups),
        status=_status(snapshot),
        management_group_names=tuple(one.name for one in subscription.management_groups),
    )


def _status(snapshot: Snapshot) -> Literal["assessed", "not_assessed", "no_clusters"]:
    if not snapshot.listed:
        return "not_assessed"
    return "assessed" if snapshot.clusters else "no_clusters"
