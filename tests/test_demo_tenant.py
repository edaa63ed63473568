"""The demo names every planted deed, and accuses nobody else."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import Any

import msgspec
import pytest

from auditor import rules
from auditor.demo import files, tenant
from auditor.demo.arm import FakeArm
from auditor.model import resource_id as arm
from auditor.model.report import FindingRow
from auditor.report.view import Report
from tests.support import advice
from tests.test_cases import audit, missing

PLANTED = files.tenant().clusters


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return asyncio.run(audit(FakeArm(tenant.demo()), tmp_path_factory.mktemp("demo")))


def test_every_planted_finding_is_named_and_no_other_of_weight(report: Report) -> None:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in report.findings():
        found[row.cluster_name].append(_plain(row))

    lacking = {one.name: missing(_wanted(one.cases), found[one.name]) for one in PLANTED}
    besides = {one.name: _grave(found[one.name], one.base) for one in PLANTED}

    assert {name: rest for name, rest in lacking.items() if rest} == {}
    assert {name: rest for name, rest in besides.items() if rest} == {}


def test_every_rule_has_something_to_report_in_the_demo(report: Report) -> None:
    speaking = {row.rule_id for row in report.findings()}
    speaking |= {rule for row in report.findings() for rule in row.recorded_rules}

    assert {loaded.rule.id for loaded in rules.load()} - speaking == set()


def test_every_cluster_of_the_tenant_is_in_the_report(report: Report) -> None:
    assert {row.name for row in report.clusters()} == {one.name for one in PLANTED}


def test_a_probable_release_of_aks_is_told_once_and_accuses_nobody(report: Report) -> None:
    release = "VMSS003/violates-ip-forwarding-author-unknown"
    (note,) = report.header.notes
    named = {(row.cluster_name, row.verdict) for row in report.findings() if row.deed == note.id}

    assert named == {(one.name, "warning") for one in PLANTED if release in one.cases}
    assert note.clusters == len(named)


def test_a_pool_on_an_old_image_is_shown_the_newer_one(report: Report) -> None:
    pools = [pool for row in report.clusters() for pool in row.node_pools if pool.newer_image]

    assert pools
    assert all(pool.image != pool.newer_image for pool in pools)


def test_a_policy_is_named_beside_the_person_whose_call_it_altered(report: Report) -> None:
    beside = {(row.actor_kind, *map(arm.name, row.policies)) for row in report.findings()}

    assert ("user", "assign-identity") in beside


def test_every_support_state_is_shown(report: Report) -> None:
    states = {row.support_state for row in report.clusters()}

    assert states == {"out_of_support", "at_risk", "in_support", "not_assessed"}


def test_every_verdict_is_shown_for_every_family(report: Report) -> None:
    verdicts = defaultdict(set)
    for row in report.verdicts():
        verdicts[row.rule_id].add(row.verdict)

    assert {rule: seen for rule, seen in verdicts.items() if not _shows_all(seen)} == {}


def _shows_all(verdicts: set[str]) -> bool:
    """Found, left alone for a reason, and not readable somewhere."""
    return "unknown" in verdicts and bool({"pass", "not_applicable"} & verdicts)


def _wanted(cases: list[str]) -> list[dict[str, Any]]:
    """What the cases of a cluster say that must be found, with the rule that finds it."""
    return [
        {"rule_id": rule, **finding}
        for case_id in cases
        for rule, expectation in files.case(case_id).expect.items()
        for finding in expectation.findings
    ]


def _grave(found: list[dict[str, Any]], base: str) -> list[str]:
    """Findings of weight that are not a matter of what the cluster's kind is built on."""
    built_on = advice.RETIRED.get(base, set())
    return [
        f"{one['rule_id']}: {one['summary']}"
        for one in found
        if one["severity"] not in {"info", "low"} and one["property"] not in built_on
    ]


def _plain(row: FindingRow) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(msgspec.json.encode(row))
    return plain
