"""Rows to test with: complete, and different only where a test says so."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from auditor.model.report import FindingRow, SubscriptionRow, SummaryRow, UnitResult

_DAY = datetime(2026, 11, 1, tzinfo=UTC)
_FINDING = {
    **dict.fromkeys(FindingRow.__struct_fields__, ""),
    **dict.fromkeys(("instances", "recorded_rules", "evidence", "commands", "policies"), ()),
    **dict.fromkeys(
        ("occurred_at", "deadline_earliest", "deadline_latest", "days_left", "exemption")
    ),
    **dict.fromkeys(("first_seen", "last_seen"), _DAY),
    "since": None,
    "until": None,
    "standing": True,
    "verdict": "violation",
    "severity": "high",
    "state": "new",
}


def finding(**fields: object) -> FindingRow:
    """A finding with these fields."""
    return msgspec.convert(_FINDING | fields, FindingRow)


def unit(*findings: FindingRow, **fields: object) -> UnitResult:
    """A subscription's result with these findings and fields."""
    subscription = SubscriptionRow(id="/subscriptions/s", name="s", tenant_id="t", state="Enabled")
    result = UnitResult(subscription=subscription, findings=findings)
    return msgspec.structs.replace(result, **fields)


def summary(**fields: object) -> SummaryRow:
    """A summary of nothing, but for these fields."""
    numbers = dict.fromkeys(SummaryRow.__struct_fields__, 0)
    return msgspec.convert(
        numbers | {"findings_by_severity": {}, "coverage_percent": 100.0, "hands": ()} | fields,
        SummaryRow,
    )
