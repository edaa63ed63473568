"""A stage through the real collectors, rules and report."""

from __future__ import annotations

from pathlib import Path

import msgspec

from auditor import rules
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from auditor.demo.place import Place
from auditor.model import resource_id as arm
from auditor.report.view import Report
from tests.reference.expected import CLUSTER, Finding
from tests.reference.stage import Stage
from tests.test_cases import audit

_OF_AGE = ("GOV", "LIFE", "PREV", "SUB")
RULES = tuple(
    loaded
    for loaded in rules.load()
    if loaded.rule.family not in _OF_AGE and loaded.rule.id != "NET007"
)
"""The rules that hold what is there against what AKS made. The others speak of choices and of
age, and the recordings are old: what they say of old versions has cases of its own."""


async def report_on(stage: Stage, folder: Path, *faults: Fault) -> Report:
    """The report on a stage, with what goes wrong on the way."""
    tenant = msgspec.structs.replace(stage.tenant, faults=faults)
    return await audit(FakeArm(tenant), folder, RULES)


def findings(report: Report, stage: Stage) -> set[Finding]:
    """What was found."""
    return {
        Finding(row.rule_id, _short(row.resource_id, stage.place), row.property, row.confidence)
        for row in report.findings()
    }


def _short(resource_id: str, place: Place) -> str:
    if arm.same(resource_id, place.cluster_id):
        return CLUSTER
    return arm.key(resource_id).removeprefix(f"{arm.key(place.node_group_id)}/providers/")


def unknown(report: Report) -> dict[str, str]:
    """The rules that could not judge, each with its reason."""
    return {row.rule_id: row.reason for row in report.verdicts() if row.verdict == "unknown"}


def passed(report: Report) -> set[str]:
    """The rules that found everything in order."""
    return {row.rule_id for row in report.verdicts() if row.verdict == "pass"}
