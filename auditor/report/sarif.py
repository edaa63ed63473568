"""``report.sarif``: SARIF 2.1.0, for code scanning in GitHub and Azure DevOps.

Findings have no source file: the location is a relative URI made from the ARM id. GitHub refuses
a whole file for one URI with a scheme, and a leading slash would name a path of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import FindingRow
from auditor.model.run import PartRow
from auditor.model.verdict import Severity, Verdict
from auditor.report.sarif_run import invocation
from auditor.report.sarif_tool import driver, embedded
from auditor.report.view import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ENCODER = msgspec.json.Encoder(order="deterministic")

_LEVELS: Mapping[str, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_BASELINE: Mapping[str, str] = {
    "new": "new",
    "reopened": "new",  # it was not there in the run before
    "open": "unchanged",
    "not_evaluated": "unchanged",
    "resolved": "absent",
}


def write(report: Report, out: BinaryIO) -> None:
    """Write one run, its results one by one."""
    out.write(b'{"$schema":"%s","version":"2.1.0","runs":[' % _SCHEMA.encode())
    out.write(_ENCODER.encode(_run(report)).removesuffix(b"}"))
    out.write(b',"results":[')
    separator = b"\n"
    for result in _results(report):
        out.write(separator + _ENCODER.encode(result))
        separator = b",\n"
    out.write(b"\n]}]}\n")


def _run(report: Report) -> dict[str, Any]:
    """Everything but the results."""
    header = report.header
    told = {
        "tool": {"driver": driver(header)},
        "invocations": [invocation(report)],
        "automationDetails": {"id": "/".join(_category(report))},
        "columnKind": "unicodeCodePoints",
    }
    part = [_part(one) for one in header.run.part]
    return told | ({"properties": {"part": part}} if part else {})


def _part(part: PartRow) -> dict[str, str]:
    return {"splitBy": part.split_by, "kind": part.kind, "key": part.key, "name": part.name}


def _category(report: Report) -> Iterator[str]:
    """A path whose last step is the run, and whose others are the same in the run after it.

    A part has a path of its own, so that GitHub does not take it for a later run of another.
    """
    header = report.header
    yield from (header.tool.name, _tenants(report))
    for part in header.run.part:
        key = f"={part.key}" if part.kind == "value" else f"-{part.kind}"
        yield quote(f"{part.split_by}{key}", safe=":=")
    yield header.run.id


def _tenants(report: Report) -> str:
    """What tells the reports of one tenant from those of another; ``+`` between several."""
    tenants = {row.tenant_id for row in report.subscriptions()} - {""}
    return quote("+".join(sorted(tenants)) or "tenant", safe="+")


def _results(report: Report) -> Iterator[dict[str, Any]]:
    places = {rule.id: place for place, rule in enumerate(report.header.rules)}
    has_history = report.header.changes is not None
    for row in report.findings():
        result = _result(row, places[row.rule_id])
        if has_history:
            result["baselineState"] = _BASELINE[row.state]
        yield result


def _result(row: FindingRow, rule_index: int) -> dict[str, Any]:
    result = {
        "ruleId": row.rule_id,
        "ruleIndex": rule_index,
        "level": _level(row),
        "message": {"text": embedded(row.summary)},
        "locations": [_location(row)],
        "partialFingerprints": {"aksAuditorFinding/v1": row.fingerprint},
        "properties": _properties(row),
    }
    if row.exemption is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": row.exemption}
        ]
    return result


def _level(row: FindingRow) -> str:
    """By severity; what is no violation is never an error."""
    level = _LEVELS[row.severity]
    return "warning" if level == "error" and row.verdict != Verdict.VIOLATION else level


def _location(row: FindingRow) -> dict[str, Any]:
    ids = dict.fromkeys((row.resource_id, row.cluster_id))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": relative_uri(row.resource_id)},
            "region": {"startLine": 1},
        },
        "logicalLocations": [
            {"name": arm.name(one), "fullyQualifiedName": one, "kind": "resource"} for one in ids
        ],
    }


def relative_uri(resource_id: str) -> str:
    """A URI below ``azure/`` without scheme, empty or dot segments, whatever the id says."""
    parts = [part for part in resource_id.split("/") if part not in {"", ".", ".."}]
    return "/".join(["azure", *(quote(part, safe="") for part in parts)])


def _properties(row: FindingRow) -> dict[str, Any]:
    told = {
        "verdict": row.verdict,
        "severity": row.severity,
        "confidence": row.confidence,
        "clause": row.clause,
        "clusterId": row.cluster_id,
        "property": row.property,
        "expected": row.expected,
        "actual": row.actual,
        "actor": row.actor,
        "actorClient": row.actor_client,
        "policies": row.policies,
        "occurredAt": row.occurred_at,
        "deadlineEarliest": row.deadline_earliest,
        "deadlineLatest": row.deadline_latest,
        "remediation": row.remediation,
        "commands": row.commands,
    }
    return {name: value for name, value in told.items() if value not in (None, "", ())}
