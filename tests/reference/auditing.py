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


def unknown(report: Report) -> dict[str, str]:
    """The rules that could not judge, each with its reason."""
    return {row.rule_id: row.reason for row in report.verdicts() if row.verdict == "unknown"}


def passed(report: Report) -> set[str]:
    """The rules that found everything in order."""
    return {row.rule_id for row in report.verdicts() if row.verdict == "pass"}
