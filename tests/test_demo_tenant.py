"""The demo names every planted deed, and accuses nobody else."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import Any

import msgspec
import pytest

from auditor.demo import files, tenant
from auditor.demo.arm import FakeArm
from auditor.model.report import FindingRow
from auditor.report.view import Report
from tests.test_cases import audit, missing

PLANTED = {cluster.name: cluster.cases for cluster in files.tenant().clusters}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return asyncio.run(audit(FakeArm(tenant.demo()), tmp_path_factory.mktemp("demo")))


def test_every_planted_finding_is_named_and_no_other(report: Report) -> None:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in report.findings():
        found[row.cluster_name].append(_plain(row))

    lacking = {name: missing(_wanted(cases), found[name]) for name, cases in PLANTED.items()}

    assert {name: rest for name, rest in lacking.items() if rest} == {}
    assert {name: [f["summary"] for f in rest] for name, rest in found.items() if rest} == {}


def test_every_cluster_of_the_tenant_is_in_the_report(report: Report) -> None:
    assert {row.name for row in report.clusters()} == set(PLANTED)


def test_every_support_state_is_shown(report: Report) -> None:
    states = {row.support_state for row in report.clusters()}

    assert states == {"out_of_support", "at_risk", "in_support", "not_assessed"}


def test_every_verdict_is_shown_for_every_family(report: Report) -> None:
    verdicts = defaultdict(set)
    for row in report.verdicts():
        verdicts[row.rule_id].add(row.verdict)

    assert {rule: seen for rule, seen in verdicts.items() if not {"pass", "unknown"} <= seen} == {}


def _wanted(cases: list[str]) -> list[dict[str, Any]]:
    """What the cases of a cluster say that must be found, with the rule that finds it."""
    return [
        {"rule_id": rule, **finding}
        for case_id in cases
        for rule, expectation in files.case(case_id).expect.items()
        for finding in expectation.findings
    ]


def _plain(row: FindingRow) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(msgspec.json.encode(row))
    return plain
