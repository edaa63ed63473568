from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from auditor.model import resource_id as arm
from auditor.model.report import FindingRow
from auditor.report import ocsf
from auditor.report.ocsf_objects import Event
from auditor.report.view import Report
from tests.report import sample

Json = dict[str, Any]
SHOP = sample.shop()


def events(report: Report) -> list[Json]:
    out = io.BytesIO()
    ocsf.write(report, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def of(row: FindingRow, changes: Mapping[str, tuple[str, ...]] | None = None) -> Json:
    """The event of one finding."""
    header = msgspec.structs.replace(sample.header(), changes=changes)
    unit = msgspec.structs.replace(SHOP, findings=(row,), verdicts=())
    (event,) = events(Report(header, [unit]))
    return event


def finding(rule: str = "VMSS001", **more: Any) -> FindingRow:  # noqa: ANN401 (any field)
    row = next(row for row in SHOP.findings if row.rule_id == rule)
    return msgspec.structs.replace(row, **more)


def test_every_event_is_a_compliance_finding_of_the_schema(report: Report) -> None:
    told = events(report)
    for event in told:
        assert (event["class_uid"], event["category_uid"]) == (2003, 2)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["version"] == "1.5.0"
        assert event["metadata"]["profiles"] == ["cloud"]
        assert event["cloud"]["provider"] == "Azure"
        assert event["time"] == sample.NOW.timestamp() * 1000
        assert set(event) <= set(Event.model_fields)
        assert Event.model_validate(event).finding_info.uid == event["finding_info"]["uid"]
    uids = [event["finding_info"]["uid"] for event in told]
    assert len(set(uids)) == len(uids)


def test_there_is_one_for_every_finding_pass_and_gap(report: Report) -> None:
    """What is missing from the stream would look as if all were well."""
    told = events(report)
    silent = [row for row in report.verdicts() if row.verdict in {"pass", "unknown"}]
    unlisted = [row for row in report.subscriptions() if row.status == "not_assessed"]
    assert len(told) == len(list(report.findings())) + len(silent) + len(unlisted)


@pytest.mark.parametrize(
    ("verdict", "status_id", "status"),
    [
        ("violation", 3, "Fail"),
        ("warning", 99, "Advisory"),
        ("unknown", 2, "Warning"),  # OCSF's word for "missing information"
        ("pass", 1, "Pass"),
    ],
)
def test_only_a_violation_fails_and_only_a_pass_passes(
    report: Report, verdict: str, status_id: int, status: str
) -> None:
    told = {
        (event["compliance"]["status_id"], event["compliance"]["status"])
        for event in events(report)
        if event["finding_info"]["types"] == [verdict]
    }
    assert told == {(status_id, status)}


def test_a_finding_is_told_with_its_clauses_and_its_rule() -> None:
    event = of(finding())
    compliance = event["compliance"]
    assert compliance["control"] == "C1 C5"
    assert [one.partition(":")[0] for one in compliance["requirements"]] == ["C1", "C5"]
    assert compliance["standards"] == ["Microsoft support policies for AKS, edition 2026-06-09"]
    assert [check["uid"] for check in compliance["checks"]] == ["VMSS001", "VMSS010"]
    assert event["finding_info"]["analytic"]["uid"] == "VMSS001"


def test_a_finding_is_told_with_what_to_do_and_what_was_seen() -> None:
    row = finding()
    event = of(row)
    assert event["remediation"]["desc"].splitlines() == [row.remediation, *row.commands]
    assert [step["data"]["text"] for step in event["evidences"]] == [s.text for s in row.evidence]
    assert event["unmapped"]["actor"] == "alice@contoso.example"
    assert event["metadata"]["correlation_uid"] == row.deed
    assert event["finding_info"]["uid"] == row.fingerprint


def test_the_resource_stands_before_the_cluster_whose_it_is() -> None:
    row = finding()
    resource, cluster = of(row)["resources"]
    assert resource["uid"] == row.resource_id
    assert resource["data"] == {
        "property": "sku.name",
        "expected": "Standard_D4s_v5",
        "actual": "Standard_D8s_v5",
    }
    assert cluster["uid"] == row.cluster_id
    assert cluster["labels"] == ["owner=shop-platform@contoso.example"]


def test_a_finding_on_the_cluster_itself_names_it_once() -> None:
    (resource,) = of(finding("GOV001"))["resources"]
    assert arm.name(resource["uid"]) == "checkout-weu"


@pytest.mark.parametrize(
    ("state", "history", "activity", "status"),
    [
        ("open", None, "Create", "New"),
        ("new", {}, "Create", "New"),
        ("open", {}, "Update", "New"),
        ("reopened", {}, "Update", "New"),
        ("not_evaluated", {}, "Update", "New"),
        ("resolved", {}, "Close", "Resolved"),
    ],
)
def test_the_activity_follows_the_findings_state(
    state: str, history: Mapping[str, tuple[str, ...]] | None, activity: str, status: str
) -> None:
    event = of(finding(state=state), history)
    assert (event["activity_name"], event["status"]) == (activity, status)
    assert event["type_name"] == f"Compliance Finding: {activity}"
    assert event["status_code"] == state


def test_an_exempt_finding_is_suppressed_and_still_fails() -> None:
    event = of(finding(exemption="EX-1"))
    assert (event["status"], event["status_detail"]) == ("Suppressed", "EX-1")
    assert event["compliance"]["status_id"] == 3


@pytest.mark.parametrize(
    ("severity", "severity_id"),
    [("critical", 5), ("high", 4), ("medium", 3), ("low", 2), ("info", 1)],
)
def test_severities_are_ocsfs(severity: str, severity_id: int) -> None:
    assert of(finding(severity=severity))["severity_id"] == severity_id


@pytest.mark.parametrize(
    ("confidence", "confidence_id", "caption"),
    [("confirmed", 3, "High"), ("likely", 2, "Medium"), ("possible", 1, "Low")],
)
def test_confidence_is_ocsfs(confidence: str, confidence_id: int, caption: str) -> None:
    event = of(finding(confidence=confidence))
    assert (event["confidence_id"], event["confidence"]) == (confidence_id, caption)


def test_a_subscription_that_could_not_be_listed_is_an_event(report: Report) -> None:
    (event,) = (one for one in events(report) if one["finding_info"]["uid"].startswith("not_"))
    assert event["cloud"]["account"]["name"] == "Finance"
    assert event["compliance"]["status_id"] == 2
