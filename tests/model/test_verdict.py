from __future__ import annotations

from typing import Any

import pytest

from auditor.model.rule import Rule, Subject
from auditor.model.verdict import Confidence, Finding, Severity, Verdict
from tests.build import scale_set_id
from tests.deeds import operation


def finding(**changes: Any) -> Finding:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "resource_id": scale_set_id(),
        "path": "sku.name",
        "summary": "differs",
        "severity": Severity.HIGH,
        "confidence": Confidence.LIKELY,
    }
    return Finding(**given | changes)


def test_severities_and_confidences_have_an_order() -> None:
    assert max(Severity, key=lambda s: s.rank) is Severity.CRITICAL
    assert min(Severity, key=lambda s: s.rank) is Severity.INFO
    assert sorted(Confidence, key=lambda c: c.rank) == ["possible", "likely", "confirmed"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.VIOLATION),
        ({"confidence": Confidence.CONFIRMED}, Verdict.VIOLATION),
        ({"confidence": Confidence.POSSIBLE}, Verdict.WARNING),
        ({"advice": True, "confidence": Confidence.CONFIRMED}, Verdict.WARNING),
    ],
)
def test_what_a_finding_amounts_to(changes: dict[str, Any], verdict: Verdict) -> None:
    assert finding(**changes).verdict is verdict


def test_a_finding_with_an_operation_is_a_record() -> None:
    assert finding(operation=operation()).is_recorded
    assert not finding().is_recorded


def test_a_findings_identity_is_resource_property_and_discriminator() -> None:
    shouted = finding(resource_id=scale_set_id().upper(), severity=Severity.LOW, actual="x")
    assert shouted.identity == finding().identity
    assert finding(discriminator="1").identity != finding().identity


def test_the_family_of_a_rule_is_its_letters() -> None:
    rule = Rule(
        id="VMSS010",
        title="",
        severity=Severity.HIGH,
        clauses=("C1",),
        docs_url="",
        since="0.1.0",
        judges=Subject.CLUSTER,
    )
    assert rule.family == "VMSS"
