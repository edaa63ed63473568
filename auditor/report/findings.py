"""Findings and clocks as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model import resource_id as arm
from auditor.model.operation import ActorKind
from auditor.model.report import ClockRow, EvidenceRow, FindingRow
from auditor.model.verdict import Clock, Evidence, Judgement
from auditor.report.assessed import Assessed


def finding_rows(assessed: Assessed) -> Iterator[FindingRow]:
    """The cluster's findings by rule, resource, property and fingerprint.

    Without a history every finding is ``open`` and was first seen now.
    """
    where = _where(assessed)
    rows = (_row(judgement, assessed, where) for judgement in assessed.evaluation.judgements)
    yield from sorted(rows, key=_order)


def has_clock(row: FindingRow) -> bool:
    """Whether a deadline runs on the finding, dated or not."""
    return bool(row.clock_basis or row.deadline_earliest or row.deadline_latest)


def clock_rows(assessed: Assessed) -> Iterator[ClockRow]:
    """The cluster's running clocks; two rules that tell the same one yield one row."""
    seen: set[Clock] = set()
    for judgement in sorted(assessed.evaluation.judgements, key=lambda one: one.rule_id):
        clock = judgement.finding.clock
        if clock is not None and clock not in seen:
            seen.add(clock)
            yield _clock_row(clock, assessed.cluster.id, judgement.rule_id)


def _order(row: FindingRow) -> tuple[str, ...]:
    return (row.rule_id, arm.key(row.resource_id), row.property, row.fingerprint)


def _where(assessed: Assessed) -> dict[str, Any]:
    """The columns that say which cluster a finding belongs to."""
    cluster, managed = assessed.cluster, assessed.managed
    return {
        "subscription_id": cluster.subscription.id,
        "subscription_name": cluster.subscription.name,
        "cluster_id": cluster.id,
        "cluster_name": cluster.name,
        "resource_group": arm.resource_group(cluster.id),
        "location": managed.location if managed else "",
        "node_resource_group": managed.node_resource_group if managed else "",
        "owner": assessed.owner,
    }


def _row(judgement: Judgement, assessed: Assessed, where: dict[str, Any]) -> FindingRow:
    finding, rule = judgement.finding, assessed.rules[judgement.rule_id]
    return FindingRow(
        **where,
        **_who(judgement),
        **_how_long(finding.clock),
        fingerprint=judgement.fingerprint,
        deed=judgement.deed,
        rule_id=judgement.rule_id,
        verdict=finding.verdict.value,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        clause=" ".join(rule.clauses),
        node_pool=finding.node_pool,
        resource_id=finding.resource_id,
        resource_type=arm.resource_type(finding.resource_id),
        instances=finding.instances,
        property=finding.path,
        expected=finding.expected,
        actual=finding.actual,
        summary=finding.summary,
        recorded_rules=judgement.recorded_rules,
        evidence=tuple(_evidence(step) for step in finding.evidence),
        remediation=finding.remediation,
        commands=finding.commands,
        docs_url=rule.docs_url,
        state="open",
        first_seen=assessed.as_of,
        last_seen=assessed.as_of,
        standing=finding.standing,
        since=judgement.since,
        until=judgement.until,
    )


def _who(judgement: Judgement) -> dict[str, Any]:
    """The columns that say who did it; an unknown actor where no operation is on record."""
    operation = judgement.operation
    if operation is None:
        texts = ("actor", "actor_id", "client_address", "operation", "operation_id")
        unknown: dict[str, Any] = dict.fromkeys((*texts, "correlation_id"), "")
        unknown |= {"actor_kind": ActorKind.UNKNOWN.value, "occurred_at": None}
        return unknown | {"actor_client": judgement.client, "policies": ()}
    actor = operation.actor
    return {
        "actor_kind": actor.kind.value,
        "actor": actor.name,
        "actor_id": actor.id,
        "actor_client": judgement.client or actor.client,
        "client_address": actor.address,
        "operation": operation.name,
        "operation_id": operation.id,
        "correlation_id": operation.correlation_id,
        "occurred_at": operation.at,
        "policies": operation.policies_beside,
    }


def _how_long(clock: Clock | None) -> dict[str, Any]:
    return {
        "deadline_earliest": clock.deadline_earliest if clock else None,
        "deadline_latest": clock.deadline_latest if clock else None,
        "clock_basis": clock.basis if clock else "",
        "days_left": clock.days_left if clock else None,
    }


def _evidence(step: Evidence) -> EvidenceRow:
    return EvidenceRow(text=step.text, source=step.source, at=step.at)


def _clock_row(clock: Clock, cluster_id: str, rule_id: str) -> ClockRow:
    return ClockRow(
        cluster_id=cluster_id,
        rule_id=rule_id,
        kind=clock.kind.value,
        started_earliest=clock.started_earliest,
        started_latest=clock.started_latest,
        deadline_earliest=clock.deadline_earliest,
        deadline_latest=clock.deadline_latest,
        days_left=clock.days_left,
        basis=clock.basis,
    )
