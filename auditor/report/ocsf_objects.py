"""The objects that OCSF events are made of, from rows of the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.confidence_id import ConfidenceID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.objects import compliance
from py_ocsf_models.objects.account import Account, TypeID
from py_ocsf_models.objects.analytic import Analytic
from py_ocsf_models.objects.check import Check
from py_ocsf_models.objects.cloud import Cloud
from py_ocsf_models.objects.evidence_artifacts import EvidenceArtifacts
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.group import Group
from py_ocsf_models.objects.remediation import Remediation
from py_ocsf_models.objects.resource_details import ResourceDetails

from auditor.model import resource_id as arm
from auditor.model.report import ClusterRow, EvidenceRow, FindingRow, RuleRow, VerdictRow
from auditor.model.verdict import Confidence, Severity

SEVERITIES: Mapping[str, SeverityID] = {
    Severity.CRITICAL: SeverityID.Critical,
    Severity.HIGH: SeverityID.High,
    Severity.MEDIUM: SeverityID.Medium,
    Severity.LOW: SeverityID.Low,
    Severity.INFO: SeverityID.Informational,
}
CONFIDENCES: Mapping[str, ConfidenceID] = {
    Confidence.CONFIRMED: ConfidenceID.High,
    Confidence.LIKELY: ConfidenceID.Medium,
    Confidence.POSSIBLE: ConfidenceID.Low,
}

_RULE = 1
"""``analytic.type_id`` of a rule."""

_OF_CLUSTERS = "microsoft.containerservice/managedclusters"


class Compliance(compliance.Compliance):
    """OCSF's object with the status in a word, which the library leaves out."""

    status: str


class Event(ComplianceFinding):
    """OCSF's event under the profile *cloud*, whose attribute the library leaves out."""

    cloud: Cloud
    compliance: Compliance


def milliseconds(at: datetime) -> int:
    """A moment as OCSF's ``timestamp_t``."""
    return round(at.timestamp() * 1000)


def cloud(subscription_id: str, name: str, region: str) -> Cloud:
    """The subscription as an account of Azure."""
    account = Account(
        uid=subscription_id,
        name=name or subscription_id,
        type="Azure Subscription",
        type_id=TypeID.Other,
    )
    return Cloud(provider="Azure", region=region or None, account=account)


def about_finding(row: FindingRow, rule: RuleRow) -> FindingInformation:
    """The finding, under the fingerprint that it has in every run."""
    return FindingInformation(
        uid=row.fingerprint,
        title=rule.title,
        desc=row.summary,
        analytic=_analytic(rule),
        types=[row.verdict],
        src_url=row.docs_url or None,
        created_time=milliseconds(row.first_seen),
        first_seen_time=milliseconds(row.first_seen),
        last_seen_time=milliseconds(row.last_seen),
    )


def about_verdict(row: VerdictRow, rule: RuleRow) -> FindingInformation:
    """A verdict without finding, under the cluster and the rule that it is about."""
    return FindingInformation(
        uid=f"{rule.id}:{arm.key(row.cluster_id)}",
        title=rule.title,
        desc=row.reason or None,
        analytic=_analytic(rule),
        types=[row.verdict],
        src_url=rule.docs_url or None,
    )


def checks(rule: RuleRow, recorded: tuple[str, ...]) -> list[Check]:
    """The rule itself, and the recorded rules whose finding it took in."""
    severity = SEVERITIES[rule.severity]
    own = Check(uid=rule.id, name=rule.title, severity_id=severity, severity=severity.name)
    return [own, *(Check(uid=one) for one in recorded)]


def resources_of_finding(row: FindingRow) -> list[ResourceDetails]:
    """The resource that departs from the policy, and the cluster whose it is."""
    departs = ResourceDetails(
        uid=row.resource_id,
        name=arm.name(row.resource_id),
        type=row.resource_type or None,
        region=row.location or None,
        group=_group(arm.resource_group(row.resource_id)),
        data=_given(
            property=row.property,
            expected=row.expected,
            actual=row.actual,
            instances=list(row.instances),
        ),
    )
    if arm.key(row.resource_id) == arm.key(row.cluster_id):
        return [departs]
    return [departs, _cluster(row.cluster_id, row.location, row.owner)]


def cluster(row: ClusterRow) -> ResourceDetails:
    """The cluster."""
    return _cluster(row.id, row.location, row.owner)


def remediation(row: FindingRow) -> Remediation | None:
    """What to do, with the commands that do it."""
    told = "\n".join(filter(None, (row.remediation, *row.commands)))
    references = [row.docs_url] if row.docs_url else None
    return Remediation(desc=told, references=references) if told else None


def evidences(row: FindingRow) -> list[EvidenceArtifacts] | None:
    """The trail, step by step."""
    return [_evidence(step) for step in row.evidence] or None


def unmapped(row: FindingRow) -> dict[str, object]:
    """What OCSF has no attribute for in this class: who did it, and when it ends."""
    return _given(
        rule_id=row.rule_id,
        node_pool=row.node_pool,
        actor=row.actor,
        actor_id=row.actor_id,
        actor_kind=row.actor_kind,
        actor_client=row.actor_client,
        client_address=row.client_address,
        operation=row.operation,
        operation_id=row.operation_id,
        correlation_id=row.correlation_id,
        occurred_at=row.occurred_at,
        deadline_earliest=row.deadline_earliest,
        deadline_latest=row.deadline_latest,
        clock_basis=row.clock_basis,
        standing=row.standing,
    )


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _analytic(rule: RuleRow) -> Analytic:
    return Analytic(
        uid=rule.id,
        name=rule.title,
        type="Rule",
        type_id=_RULE,
        desc=rule.summary,
        version=rule.since,
    )


def _cluster(cluster_id: str, region: str, owner: str) -> ResourceDetails:
    return ResourceDetails(
        uid=cluster_id,
        name=arm.name(cluster_id),
        type=_OF_CLUSTERS,
        region=region or None,
        group=_group(arm.resource_group(cluster_id)),
        labels=[f"owner={owner}"] if owner else None,
    )


def _group(name: str) -> Group | None:
    return Group(name=name, type="resource group") if name else None


def _evidence(step: EvidenceRow) -> EvidenceArtifacts:
    data = _given(text=step.text, source=step.source, at=step.at)
    return EvidenceArtifacts(data=data, verdict_id=None)
