"""The exit code: 3 for findings, 4 for coverage, and 3 wins."""

from __future__ import annotations

import pytest

from auditor.gates import Gate, exit_code, failing
from auditor.model.verdict import Severity
from tests.cli.rows import finding


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [(None, 0), (Severity.CRITICAL, 0), (Severity.HIGH, 1), (Severity.LOW, 2)],
)
def test_violations_count_from_the_gates_severity_up(
    fail_on: Severity | None, expected: int
) -> None:
    findings = [finding(severity="high"), finding(severity="medium")]
    assert failing(Gate(fail_on=fail_on), findings) == expected


def test_warnings_exempt_and_resolved_findings_never_gate() -> None:
    harmless = [
        finding(verdict="warning", severity="critical"),
        finding(exemption="EX-1"),
        finding(state="resolved"),
    ]
    assert failing(Gate(fail_on=Severity.LOW), harmless) == 0


@pytest.mark.parametrize(
    ("found", "coverage", "expected"),
    [(0, 100.0, 0), (0, 99.9, 4), (1, 100.0, 3), (1, 10.0, 3)],
)
def test_findings_win_over_coverage(found: int, coverage: float, expected: int) -> None:
    gate = Gate(fail_on=Severity.LOW, min_coverage=100)
    assert exit_code(gate, found, coverage) == expected


def test_without_a_gate_anything_passes() -> None:
    assert exit_code(Gate(), 0, 0.0) == 0
