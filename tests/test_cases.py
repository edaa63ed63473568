"""Every case of ``fixtures/cases`` through the real collectors, evaluation and report rows.

A case says all that must be found: a finding that it does not name is a false alarm, one that it
names and nobody reports is a miss.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from auditor import rules
from auditor.collect import Scope, SourceOptions, open_source
from auditor.demo import files, patches, tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import CaseFile
from auditor.model.rule import LoadedRule, Rule
from auditor.model.run import ScopeRow
from auditor.pipeline import Plan, run
from auditor.report.spool import Spool
from auditor.report.view import Report
from tests.support import advice, cases, variants
from tests.support.credential import StaticCredential
from tests.support.transport import FakeArmTransport

CATEGORIES = {"violates", "passes", "benign", "unknown"}
RULES = tuple(loaded.rule for loaded in rules.load())


async def audit(arm: FakeArm, folder: Path, loaded: tuple[LoadedRule, ...] | None = None) -> Report:
    now = arm.tenant.now
    options = SourceOptions(
        arm_endpoint=cases.BASE_URL, now=now, since=now - timedelta(days=30), scope=Scope()
    )
    judged_by = rules.load() if loaded is None else loaded
    plan = Plan(run_id="case", as_of=now, clock=lambda: now, rules=judged_by, scope=ScopeRow())
    transport = FakeArmTransport(arm)
    async with open_source(options, transport=transport, credential=StaticCredential()) as source:
        return await run(source, plan, Spool(folder), lambda _: None)


@pytest.mark.parametrize("case_id", cases.CASES)
async def test_case(case_id: str, tmp_path: Path) -> None:
    report = await audit(cases.arm_for_case(case_id), tmp_path)
    case = files.case(case_id)
    expected, beside = case.expect, advice.beside(case)

    verdicts = {row.rule_id: (row.verdict, row.reason) for row in report.verdicts()}
    assert {rule: verdicts[rule][0] for rule in expected} == {
        rule: expectation.verdict for rule, expectation in expected.items()
    }, {rule: verdicts[rule] for rule in expected}
    assert [rule for rule, (_, reason) in verdicts.items() if "please report it" in reason] == []

    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in report.findings():
        found[row.rule_id].append(msgspec.json.decode(msgspec.json.encode(row)))
    for rule, expectation in expected.items():
        assert missing(expectation.findings, found[rule]) == [], found[rule]
    assert {rule: rest for rule, rest in found.items() if rest and rule not in beside} == {}


def missing(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wanted and not found; what is found is taken out of ``found``, once each."""
    lacking = []
    for one in sorted(wanted, key=len, reverse=True):
        match = next((f for f in found if one == {name: f[name] for name in one}), None)
        if match is None:
            lacking.append(one)
        else:
            found.remove(match)
    return lacking


@pytest.mark.parametrize("kind", cases.KINDS)
async def test_a_healthy_cluster_of_each_kind_gets_advice_at_most(
    kind: str, tmp_path: Path
) -> None:
    report = await audit(cases.arm_for_kind(kind), tmp_path)

    found = list(report.findings())
    clocks = {"PWR004"} if kind == "stopped" else set[str]()
    assert {row.rule_id for row in found} == advice.on(kind) | clocks
    grave = {row.property for row in found if row.severity not in {"info", "low"}}
    assert grave == advice.RETIRED.get(kind, set())


def under_way(case: CaseFile) -> CaseFile:
    """The case while AKS is upgrading the cluster and every node pool of it."""
    path = f"managedClusters/{tenant.HOME.cluster}"
    base = files.cluster(case.base, cases.home(case.base))
    (managed,) = (r for r in base.resources if r["name"] == tenant.HOME.cluster)
    pools = [pool["name"] for pool in managed["properties"]["agentPoolProfiles"]]
    states: dict[str, files.Document] = {
        path: {"properties": {"provisioningState": "Upgrading"}},
        **{f"{path}/agentPools/{pool}": {"provisioningState": "Upgrading"} for pool in pools},
    }
    moved = {at: patches.merge(case.patch.get(at) or {}, state) for at, state in states.items()}
    return replace(case, patch=case.patch | moved)


COMPARE_NOTHING = {rule.id for rule in RULES if not rule.compares}
SPEAK = [
    case_id
    for case_id in cases.CASES
    if case_id.partition("/")[0] in COMPARE_NOTHING and "/violates-" in case_id
]


@pytest.mark.parametrize("case_id", SPEAK)
async def test_what_compares_nothing_is_told_while_aks_is_at_work(
    case_id: str, tmp_path: Path
) -> None:
    """The transition case of these rules: no operation of AKS's hides what they tell of."""
    report = await audit(variants.arm_for_variant(case_id, under_way), tmp_path)

    rule = case_id.partition("/")[0]
    told = [row.verdict for row in report.verdicts() if row.rule_id == rule]
    assert told == [files.case(case_id).expect[rule].verdict]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_case_of_each_category(rule: Rule) -> None:
    """Rules that compare nothing meet every one of theirs in transition, above."""
    here = {
        case_id.partition("/")[2].partition("-")[0]
        for case_id in cases.CASES
        if case_id.startswith(f"{rule.id}/")
    }
    needed = CATEGORIES | ({"transition"} if rule.compares else set())

    assert needed <= here
