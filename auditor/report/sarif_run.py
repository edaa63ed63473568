"""How the run went, as a SARIF ``invocation``: what it could not read is told as notifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model import resource_id as arm
from auditor.model.facet import Outcome
from auditor.model.report import CoverageRow
from auditor.report.coverage import NOT_FAILED
from auditor.report.sarif_tool import embedded
from auditor.report.view import Report

SHOWN_BY_GITHUB = 5_000
"""Results of a run that GitHub keeps, the gravest; it refuses a file with more than 25,000."""


def invocation(report: Report) -> dict[str, Any]:
    """Successful only if everything could be read."""
    run = report.header.run
    return {
        "executionSuccessful": run.status == "complete",
        "startTimeUtc": run.started_at,
        "endTimeUtc": run.finished_at,
        "toolExecutionNotifications": list(_notifications(report)),
    }


def _notifications(report: Report) -> Iterator[dict[str, Any]]:
    number = report.summary.findings
    if number > SHOWN_BY_GITHUB:
        yield {
            "level": "note",
            "message": {
                "text": f"There are {number:,} results. GitHub shows {SHOWN_BY_GITHUB:,} of a "
                "file and refuses one of more than 25,000: audit fewer subscriptions at a time."
            },
        }
    yield from (_gap(row) for row in report.coverage() if row.outcome != Outcome.OK)


def _gap(row: CoverageRow) -> dict[str, Any]:
    needed = f" It needs {row.permission}." if row.permission else ""
    left_open = f" Not judged: {', '.join(row.affects.rules)}." if row.affects.rules else ""
    notification = {
        "descriptor": {"id": row.outcome},
        "level": "note" if row.outcome in NOT_FAILED else "error",
        "message": {"text": embedded(f"{row.message.rstrip('.')}.{needed}{left_open}")},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": arm.name(row.scope),
                        "fullyQualifiedName": row.scope,
                        "kind": "resource",
                    }
                ]
            }
        ],
    }
    return notification | ({"timeUtc": row.at} if row.at else {})
