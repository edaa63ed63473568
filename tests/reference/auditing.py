"""A stage through the real collectors, rules and report."""

from __future__ import annotations

from pathlib import Path

import msgspec

from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from auditor.model import resource_id as arm
from auditor.report.view import Report
from tests.reference.expected import Finding
from tests.reference.stage import Stage
from tests.test_cases import audit


async def report_on(stage: Stage, folder: Path, *faults: Fault) -> Report:
    """The report on a stage, with what goes wrong on the way."""
    return await audit(FakeArm(msgspec.structs.replace(stage.tenant, faults=faults)), folder)


def findings(report: Report, stage: Stage) -> set[Finding]:
    """What was found, each resource by its id within the node resource group."""
    group = f"{arm.key(stage.place.node_group_id)}/providers/"
    return {
        Finding(
            row.rule_id,
            arm.key(row.resource_id).removeprefix(group),
            row.property,
            row.confidence,
        )
        for row in report.findings()
    }


def verdicts(report: Report) -> dict[str, tuple[str, str]]:
    """Verdict and reason of each rule that does not pass."""
    return {
        row.rule_id: (row.verdict, row.reason) for row in report.verdicts() if row.verdict != "pass"
    }
