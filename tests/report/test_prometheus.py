from __future__ import annotations

import io

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from auditor.model.report import FindingRow
from auditor.report import prometheus
from auditor.report.view import Report
from tests.report import sample

Series = dict[tuple[tuple[str, str], ...], float]
SHOP = sample.shop()


def gauges(report: Report) -> dict[str, Series]:
    """The series of each gauge, by their labels."""
    out = io.BytesIO()
    prometheus.write(report, out)
    told = out.getvalue().decode()
    assert told.endswith("\n")
    families = list(text_string_to_metric_families(told))
    assert {one.type for one in families} == {"gauge"}
    return {
        one.name.removeprefix("aks_auditor_"): {
            tuple(sorted(sample.labels.items())): sample.value for sample in one.samples
        }
        for one in families
    }


def number(report: Report, name: str, **labels: str) -> float:
    return gauges(report)[name][tuple(sorted(labels.items()))]


def of(*findings: FindingRow) -> Report:
    return Report(sample.header(), [msgspec.structs.replace(SHOP, findings=findings)])


def test_no_label_names_a_resource(report: Report) -> None:
    labels = {name for series in gauges(report).values() for values in series for name, _ in values}
    assert labels == {
        "version",
        "policy_edition",
        "support_state",
        "verdict",
        "rule",
        "severity",
        "exempt",
        "kind",
    }


def test_the_run_tells_when_it_ended_and_how_much_it_saw(report: Report) -> None:
    assert number(report, "last_success_timestamp_seconds") == sample.NOW.timestamp()
    assert number(report, "run_duration_seconds") == 180
    assert number(report, "run_complete") == 0
    assert number(report, "coverage_ratio") == 0.944
    assert number(report, "failed_reads") == report.summary.unread
    assert number(report, "subscriptions_not_assessed") == 1


def test_clusters_are_counted_by_support_state(report: Report) -> None:
    summary = report.summary
    for state in ("in_support", "at_risk", "out_of_support", "not_assessed"):
        assert number(report, "clusters", support_state=state) == getattr(summary, state)


def test_verdicts_tell_unknown_from_passed(report: Report) -> None:
    assert number(report, "verdicts", verdict="unknown") == 3
    assert sum(gauges(report)["verdicts"].values()) == len(list(report.verdicts()))


def test_findings_are_counted_by_rule_and_severity(report: Report) -> None:
    found = {"severity": "high", "verdict": "violation", "exempt": "false"}
    assert number(report, "findings", rule="VMSS001", **found) == 2
    assert sum(gauges(report)["findings"].values()) == report.summary.findings


def test_a_rule_that_found_nothing_is_there_with_0(report: Report) -> None:
    """An alert on a series that comes and goes is an alert that fails."""
    found = {"severity": "high", "verdict": "violation", "exempt": "false"}
    assert number(report, "findings", rule="VMSS010", **found) == 0


def test_an_exempt_finding_can_be_told_from_one_that_alarms() -> None:
    labels = {"rule": "PWR002", "severity": "critical", "verdict": "violation"}
    (row,) = (row for row in SHOP.findings if row.rule_id == "PWR002")
    exempt = of(msgspec.structs.replace(row, exemption="EX-1"))
    assert number(exempt, "findings", **labels, exempt="true") == 1
    assert number(exempt, "findings", **labels, exempt="false") == 0


def test_a_resolved_finding_does_not_count() -> None:
    resolved = of(msgspec.structs.replace(SHOP.findings[0], state="resolved"))
    assert sum(gauges(resolved)["findings"].values()) == 0


def test_the_nearest_deadline_of_each_kind_is_told(report: Report) -> None:
    assert number(report, "nearest_deadline_days", kind="30d_no_nodes") == 2
    ends = number(report, "nearest_deadline_timestamp_seconds", kind="30d_no_nodes")
    assert sample.NO_NODES.deadline_earliest is not None
    assert ends == sample.NO_NODES.deadline_earliest.timestamp()


def test_a_deadline_that_nobody_knows_is_not_there(report: Report) -> None:
    """The clock runs; how soon it ends is not known."""
    assert number(report, "clocks", kind="12m_stopped") == 1
    with pytest.raises(KeyError):
        number(report, "nearest_deadline_days", kind="12m_stopped")


def test_the_earliest_of_several_deadlines_counts() -> None:
    (row,) = (row for row in SHOP.clocks if row.days_left is not None)
    assert row.days_left is not None
    sooner = msgspec.structs.replace(row, days_left=row.days_left - 5)
    later = msgspec.structs.replace(row, days_left=row.days_left + 5)
    unit = msgspec.structs.replace(SHOP, clocks=(later, sooner, row))
    report = Report(sample.header(), [unit])
    assert number(report, "nearest_deadline_days", kind=row.kind) == -3
    assert number(report, "clocks", kind=row.kind) == 3
