"""``report.ocsf.ndjson``: OCSF Compliance Findings (class 2003), an event a line, for SIEMs.

One event per finding, and one per cluster and rule that has none: passed, or not judged. What does
not apply to a cluster is no event.

Imports py-ocsf-models, which is an extra: only :mod:`auditor.report.write` imports this module,
and only when the format is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.compliance_status import StatusID as Judged
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.metadata import Metadata
from py_ocsf_models.objects.product import Product

from auditor.model.report import (
    ClusterRow,
    FindingRow,
    RuleRow,
    SubscriptionRow,
    UnitResult,
    VerdictRow,
)
from auditor.model.verdict import Verdict
from auditor.report import ocsf_objects as objects
from auditor.report.view import Header, Report

_JUDGED: Mapping[str, Judged] = {
    Verdict.VIOLATION: Judged.Fail,
    Verdict.WARNING: Judged.Other,
    Verdict.UNKNOWN: Judged.Warning,
    Verdict.PASS: Judged.Pass,
}
"""OCSF's *Warning* is a check that "did not yield a result due to missing information": that is
our *unknown*. Our *warning* is none of its words."""

_ADVISORY = "Advisory"
"""What our *warning* is called there: beside OCSF's, its own name would mislead."""

_WITHOUT_FINDING = {Verdict.PASS.value, Verdict.UNKNOWN.value}


class Context(NamedTuple):
    """What the events of one subscription have in common."""

    header: Header
    rules: Mapping[str, RuleRow]
    tenant: str


def write(report: Report, out: BinaryIO) -> None:
    """Write the events one by one; they are ASCII, so that only the last byte ends a line."""
    rules = {rule.id: rule for rule in report.header.rules}
    for unit in report.units:
        context = Context(report.header, rules, unit.subscription.tenant_id)
        for event in _events(unit, context):
            told = event.model_dump(mode="json", exclude_none=True)
            out.write(json.dumps(told, separators=(",", ":")).encode("ascii") + b"\n")


def _events(unit: UnitResult, context: Context) -> Iterator[objects.Event]:
    if unit.subscription.status == "not_assessed":
        yield _unlisted(unit.subscription, context)
    yield from (_found(row, context) for row in unit.findings)
    clusters = {row.id: row for row in unit.clusters}
    for row in unit.verdicts:
        if row.verdict in _WITHOUT_FINDING:
            yield _judged(row, clusters[row.cluster_id], context)


def _found(row: FindingRow, context: Context) -> objects.Event:
    """A violation or a warning."""
    rule = context.rules[row.rule_id]
    severity, confidence = objects.SEVERITIES[row.severity], objects.CONFIDENCES[row.confidence]
    return objects.Event(
        **_common(_activity(row, context.header), context, row.deed),
        **_status(row),
        message=row.summary,
        severity_id=severity,
        severity=severity.name,
        confidence_id=confidence,
        confidence=confidence.name,
        cloud=objects.cloud(row.subscription_id, row.subscription_name, row.location),
        compliance=_compliance(row.verdict, rule, context.header, row.recorded_rules),
        finding_info=objects.about_finding(row, rule),
        remediation=objects.remediation(row),
        resources=objects.resources_of_finding(row),
        evidences=objects.evidences(row),
        unmapped=objects.unmapped(row),
    )


def _judged(row: VerdictRow, cluster: ClusterRow, context: Context) -> objects.Event:
    """A verdict without finding: a pass, or what could not be judged."""
    rule = context.rules[row.rule_id]
    is_pass = row.verdict == Verdict.PASS
    severity = SeverityID.Informational if is_pass else SeverityID.Unknown
    return objects.Event(
        **_common(ActivityID.Create, context, None),
        message=row.reason or None,
        severity_id=severity,
        severity=severity.name,
        cloud=objects.cloud(cluster.subscription_id, cluster.subscription_name, cluster.location),
        compliance=_compliance(row.verdict, rule, context.header),
        finding_info=objects.about_verdict(row, rule),
        resources=[objects.cluster(cluster)],
    )


def _unlisted(row: SubscriptionRow, context: Context) -> objects.Event:
    """What clusters a subscription has is not known, and that is no pass."""
    said = "The clusters of this subscription could not be listed"
    return objects.Event(
        **_common(ActivityID.Create, context, None),
        message=said,
        severity_id=SeverityID.Unknown,
        severity=SeverityID.Unknown.name,
        cloud=objects.cloud(row.id, row.name, ""),
        compliance=objects.Compliance(
            standards=[_standard(context.header)],
            **_outcome(Verdict.UNKNOWN),
        ),
        finding_info=FindingInformation(
            uid=f"not_assessed:{row.id}", title=said, types=[Verdict.UNKNOWN.value]
        ),
    )


def _outcome(verdict: str) -> dict[str, Any]:
    judged = _JUDGED[verdict]
    return {
        "status_id": judged,
        "status": _ADVISORY if judged is Judged.Other else judged.name,
    }


def _standard(header: Header) -> str:
    return f"Microsoft support policies for AKS, edition {header.policy.edition}"


def _common(activity: ActivityID, context: Context, deed: str | None) -> dict[str, Any]:
    header = context.header
    type_ = ComplianceFindingTypeID[activity.name]
    product = Product(
        name=header.tool.name, vendor_name=header.tool.name, version=header.tool.version
    )
    return {
        "activity_id": activity,
        "activity_name": activity.name,
        "class_name": "Compliance Finding",
        "type_uid": type_,
        "type_name": f"Compliance Finding: {activity.name}",
        "time": objects.milliseconds(header.run.finished_at),
        "timezone_offset": 0,
        "metadata": Metadata(
            product=product,
            profiles=["cloud"],
            tenant_uid=context.tenant or None,
            correlation_uid=deed,
            labels=[f"run_id={header.run.id}"],
        ),
    }


def _activity(row: FindingRow, header: Header) -> ActivityID:
    """What happened to the finding; without a history, it is told for the first time."""
    if row.state == "resolved":
        return ActivityID.Close
    is_new = header.changes is None or row.state == "new"
    return ActivityID.Create if is_new else ActivityID.Update


def _status(row: FindingRow) -> dict[str, Any]:
    """Where the finding stands; an exemption silences it without making it pass."""
    if row.state == "resolved":
        status = StatusID.Resolved
    else:
        status = StatusID.New if row.exemption is None else StatusID.Suppressed
    return {
        "status_id": status,
        "status": status.name,
        "status_code": row.state,
        "status_detail": row.exemption,
    }


def _compliance(
    verdict: str, rule: RuleRow, header: Header, recorded: tuple[str, ...] = ()
) -> objects.Compliance:
    """The clauses as the control, the rule and those folded into it as its checks."""
    clauses = {clause.id: clause.text for clause in header.policy.clauses}
    known = [one for one in rule.clauses if one in clauses]
    return objects.Compliance(
        standards=[_standard(header)],
        control=" ".join(rule.clauses),
        requirements=[f"{one}: {clauses[one]}" for one in known],
        desc=rule.summary,
        checks=objects.checks(rule, recorded),
        **_outcome(verdict),
    )
