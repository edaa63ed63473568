from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from junitparser import Failure, JUnitXml, Skipped, TestCase

from auditor.model.report import UnitResult
from auditor.report import junit
from auditor.report.view import Report
from tests.report import sample

SHOP = sample.shop()


def written(report: Report) -> bytes:
    out = io.BytesIO()
    junit.write(report, out)
    return out.getvalue()


def cases(report: Report) -> Iterator[TestCase]:
    for suite in JUnitXml.fromstring(written(report).decode()):
        yield from suite


def case(report: Report, rule: str, cluster: str) -> TestCase:
    """The one case of this rule on this cluster."""
    (found,) = (
        one
        for one in cases(report)
        if one.name.startswith(f"{rule} ") and one.name.endswith(f": {cluster}")
    )
    return found


def with_findings(**more: Any) -> Report:  # noqa: ANN401 (any field)
    """The shop's report with these fields in each of its findings."""
    findings = tuple(msgspec.structs.replace(row, **more) for row in SHOP.findings)
    return Report(sample.header(), [msgspec.structs.replace(SHOP, findings=findings)])


def judged(unit: UnitResult, verdict: str) -> Report:
    verdicts = tuple(msgspec.structs.replace(row, verdict=verdict) for row in unit.verdicts)
    return Report(sample.header(), [msgspec.structs.replace(unit, verdicts=verdicts, findings=())])


def test_a_case_is_a_rule_on_a_cluster_and_its_suite_the_cluster(report: Report) -> None:
    suites = {suite.name: suite for suite in JUnitXml.fromstring(written(report).decode())}
    assert list(suites)[:2] == ["cart-weu", "checkout-weu"]
    suite = suites["checkout-weu"]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 2, 0, 0)
    assert suite.timestamp == "2026-11-22T06:50:52"
    told = {one.name: one.value for one in suite.properties()}
    assert told["support_state"] == "out_of_support"
    assert told["cluster_id"] == sample.cluster_id(sample.SHOP, "checkout-weu")


def test_cases_keep_their_names_from_run_to_run_and_share_none(report: Report) -> None:
    """Build servers tell a test's history by class name and name."""
    later = msgspec.structs.replace(sample.header().run, id="of another day")
    again = Report(msgspec.structs.replace(sample.header(), run=later), report.units)
    names = [(one.classname, one.name) for one in cases(report)]
    assert len(set(names)) == len(names)
    assert [(one.classname, one.name) for one in cases(again)] == names


def test_a_violation_fails_with_all_that_one_needs(report: Report) -> None:
    found = case(report, "VMSS001", "checkout-weu")
    (failure,) = found.result
    assert isinstance(failure, Failure)
    assert failure.type == "high"
    assert failure.message == "Scale set has another VM size than node pool system (and 1 more)"
    lines = failure.text.splitlines()
    assert "sku.name: found Standard_D8s_v5, expected Standard_D4s_v5" in lines
    assert "zones: found nothing, expected 1; 2" in lines
    assert "by alice@contoso.example, 2026-11-19T14:03:11Z" in lines
    assert "run: az aks update --resource-group rg-chec --name checkout-weu" in lines
    assert lines[-1].startswith("https://learn.microsoft.com/")


def test_a_rule_whose_finding_another_took_in_fails_with_that_finding(report: Report) -> None:
    (failure,) = case(report, "VMSS010", "checkout-weu").result
    assert isinstance(failure, Failure)
    assert failure.message == "Scale set has another VM size than node pool system"


def test_a_warning_passes_and_says_more(report: Report) -> None:
    found = case(report, "META003", "cart-weu")
    assert found.is_passed
    assert found.system_out is not None
    assert "a disk that AKS did not make" in found.system_out


def test_a_pass_says_nothing(report: Report) -> None:
    found = case(report, "PWR004", "cart-weu")
    assert found.is_passed
    assert found.system_out is None


def test_what_could_not_be_judged_is_skipped_with_its_reason(report: Report) -> None:
    (skipped,) = case(report, "VMSS001", "lab1-neu").result
    assert isinstance(skipped, Skipped)
    assert (skipped.type, skipped.message) == ("unknown", sample.REFUSED.message)


def test_what_does_not_apply_is_no_case() -> None:
    assert list(cases(judged(SHOP, "not_applicable"))) == []


def test_a_subscription_that_could_not_be_listed_is_no_empty_success(report: Report) -> None:
    (skipped,) = next(one for one in cases(report) if "Finance" in one.name).result
    assert isinstance(skipped, Skipped)
    assert skipped.type == "not_assessed"


def test_an_exempt_violation_neither_fails_nor_passes() -> None:
    (skipped,) = case(with_findings(exemption="EX-1"), "PWR002", "cart-weu").result
    assert isinstance(skipped, Skipped)
    assert (skipped.type, skipped.message) == ("exempt", "exempt: EX-1")


def test_one_finding_that_is_not_exempt_fails_the_case() -> None:
    exempt = msgspec.structs.replace(SHOP.findings[3], exemption="EX-1")
    others = [row for row in SHOP.findings if row.rule_id == "VMSS001"]
    findings = (msgspec.structs.replace(others[0], exemption="EX-1"), others[1], exempt)
    report = Report(sample.header(), [msgspec.structs.replace(SHOP, findings=findings)])
    (failure,) = case(report, "VMSS001", "checkout-weu").result
    assert isinstance(failure, Failure)
    assert "(and" not in failure.message


@pytest.mark.parametrize("reason", ["", "it is so"])
def test_a_violation_without_a_finding_of_its_own_still_fails(reason: str) -> None:
    verdicts = tuple(
        msgspec.structs.replace(row, verdict="violation", reason=reason) for row in SHOP.verdicts
    )
    unit = msgspec.structs.replace(SHOP, verdicts=verdicts, findings=())
    (failure,) = case(Report(sample.header(), [unit]), "PWR002", "cart-weu").result
    assert isinstance(failure, Failure)
    assert failure.message == (reason or "Every node is deallocated")
