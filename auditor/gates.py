"""What the exit code says: whether a gate that the user set has failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.model.report import FindingRow
from auditor.model.verdict import Severity, Verdict

PASSED = 0
FINDINGS = 3
COVERAGE = 4


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """The least severity that fails a run (``None``: any may pass), and the least coverage in %."""

    fail_on: Severity | None = None
    min_coverage: float = 0.0


def failing(gate: Gate, findings: Iterable[FindingRow]) -> int:
    """How many violations reach the gate's severity.

    A violation is confirmed or likely by definition; exempt and resolved ones do not count.
    """
    if gate.fail_on is None:
        return 0
    threshold = gate.fail_on.rank
    return sum(
        _counts(finding) and Severity(finding.severity).rank >= threshold for finding in findings
    )


def exit_code(gate: Gate, failing_findings: int, coverage_percent: float) -> int:
    """3 where findings fail the gate, else 4 where coverage does, else 0."""
    if failing_findings:
        return FINDINGS
    return COVERAGE if coverage_percent < gate.min_coverage else PASSED


def _counts(finding: FindingRow) -> bool:
    return (
        finding.verdict == Verdict.VIOLATION
        and finding.exemption is None
        and finding.state != "resolved"
    )
