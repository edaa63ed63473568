from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model.facet import Gap, Known, Outcome
from auditor.model.snapshot import Cluster
from auditor.model.verdict import (
    ClusterEvaluation,
    Confidence,
    Finding,
    RuleVerdict,
    Severity,
    Verdict,
)
from auditor.report.assessed import Assessed
from auditor.report.findings import finding_rows
from auditor.report.support import Support, obstacle_rows
from auditor.report.support import support as from_rows
from tests.report import sample

HEALTHY = sample.cluster(sample.LABS, "lab3-neu")
NODES = sample.scale_set_id(sample.LABS, "lab3-neu")
ENDLESS = Gap(
    scope=HEALTHY.id,
    collector="transition",
    outcome=Outcome.TRANSITION,
    code="EndlessTransition",
    message="lab3-neu is in state Upgrading: for 31 hours at least",
)


def support(one: Assessed) -> Support:
    return from_rows(tuple(finding_rows(one)), tuple(obstacle_rows(one)))


def judged(
    *findings: Finding, rule: str = "VMSS001", gaps: dict[str, Gap] | None = None
) -> Support:
    judgements = [sample.judgement(rule, one) for one in findings]
    return support(assessed(sample.evaluation(HEALTHY, *judgements, gaps=gaps)))


def assessed(evaluation: ClusterEvaluation, cluster: Cluster = HEALTHY) -> Assessed:
    rules = {one.rule.id: one.rule for one in sample.RULES}
    return Assessed(cluster=cluster, evaluation=evaluation, rules=rules, as_of=sample.NOW)


def found(**more: Any) -> Finding:  # noqa: ANN401 (any field)
    return sample.finding(NODES, **more)


def test_a_cluster_without_findings_and_gaps_is_in_support() -> None:
    state, reasons = judged()
    assert state == "in_support"
    assert len(reasons) == 1


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
@pytest.mark.parametrize("confidence", [Confidence.CONFIRMED, Confidence.LIKELY])
def test_a_grave_violation_that_stands_is_out_of_support(
    severity: Severity, confidence: Confidence
) -> None:
    state, reasons = judged(found(severity=severity, confidence=confidence))
    assert state == "out_of_support"
    assert reasons[0].startswith(f"VMSS001 ({severity}, {confidence}):")


@pytest.mark.parametrize(
    "finding",
    [
        found(severity=Severity.MEDIUM),
        found(severity=Severity.LOW),
        found(standing=False),
        found(confidence=Confidence.POSSIBLE),
        found(severity=Severity.MEDIUM, advice=True),
        found(severity=Severity.LOW, advice=True, clock=sample.STOPPED),
    ],
    ids=["medium", "low", "nodes re-created", "possible", "warning", "clock"],
)
def test_lesser_breaches_weighty_warnings_and_clocks_are_a_risk(finding: Finding) -> None:
    assert judged(finding).state == "at_risk"


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.INFO])
def test_a_light_warning_leaves_a_cluster_in_support(severity: Severity) -> None:
    assert judged(found(severity=severity, advice=True)).state == "in_support"


def test_a_deed_that_no_state_shows_says_so() -> None:
    assert "on record only" in judged(found(standing=False)).reasons[0]


def test_a_failed_read_behind_a_deciding_clause_is_not_assessed() -> None:
    state, reasons = judged(gaps={"VMSS001": sample.REFUSED, "PWR002": sample.REFUSED})
    assert state == "not_assessed"
    assert reasons == (f"Not judged (PWR002, VMSS001): {sample.REFUSED.message}",)


def test_a_failed_read_beside_a_light_finding_of_the_same_rule_is_not_assessed() -> None:
    light = found(severity=Severity.LOW, advice=True)
    assert judged(light, gaps={"VMSS001": sample.REFUSED}).state == "not_assessed"


def test_a_rule_of_no_deciding_clause_does_not_decide() -> None:
    informative = assessed(sample.evaluation(HEALTHY, gaps={"VMSS001": sample.REFUSED}))
    rules = {rule_id: sample.rule(rule_id, "A rule", "C13").rule for rule_id in informative.rules}
    assert (
        support(
            Assessed(
                cluster=HEALTHY, evaluation=informative.evaluation, rules=rules, as_of=sample.NOW
            )
        ).state
        == "in_support"
    )


def test_a_breach_outweighs_what_could_not_be_read_and_both_are_told() -> None:
    state, reasons = judged(found(), gaps={"PWR002": sample.REFUSED})
    assert state == "out_of_support"
    assert any(line.startswith("Not judged (PWR002)") for line in reasons)


def test_an_operation_under_way_does_not_decide_but_is_told() -> None:
    state, reasons = judged(gaps={"VMSS001": sample.UPGRADING})
    assert state == "in_support"
    assert reasons[1] == f"Not judged (VMSS001): {sample.UPGRADING.message}"


def test_an_operation_that_does_not_end_is_a_risk() -> None:
    state, reasons = judged(gaps={"VMSS001": ENDLESS})
    assert state == "at_risk"
    assert reasons == (f"Not judged (VMSS001): {ENDLESS.message}",)


@pytest.mark.parametrize("what", ["cluster", "pool", "scale set"])
def test_what_a_failed_operation_hides_is_not_assessed(what: str) -> None:
    """Nothing is under way any more, so waiting would not help: it is no hiding place."""
    scope, broken = failed(what)
    gap = Gap(scope=scope, collector="transition", outcome=Outcome.TRANSITION, message="is Failed")
    evaluation = sample.evaluation(broken, gaps={"VMSS001": gap})
    assert support(assessed(evaluation, broken)).state == "not_assessed"


def failed(what: str) -> tuple[str, Cluster]:
    managed = HEALTHY.managed.require()
    pool, scale_set = managed.pools[0], HEALTHY.scale_sets.require()[0]
    failed_pool = replace(pool, provisioning_state="Failed")
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "cluster": (managed.id, {"managed": Known(replace(managed, provisioning_state="Failed"))}),
        "pool": (
            f"{managed.id}/agentPools/{pool.name}",
            {"managed": Known(replace(managed, pools=(failed_pool,)))},
        ),
        "scale set": (
            scale_set.id,
            {"scale_sets": Known((replace(scale_set, provisioning_state="Failed"),))},
        ),
    }
    scope, fields = changes[what]
    return scope, replace(HEALTHY, **fields)


def test_a_cluster_that_could_not_be_read_at_all_is_not_assessed() -> None:
    unread = replace(HEALTHY, managed=sample.REFUSED)
    state, reasons = support(assessed(sample.evaluation(unread), unread))
    assert state == "not_assessed"
    assert reasons == (f"Not judged (the cluster as a whole): {sample.REFUSED.message}",)


def test_an_unknown_without_a_gap_is_not_assessed() -> None:
    crashed = RuleVerdict(rule_id="VMSS001", verdict=Verdict.UNKNOWN, reason="it crashed")
    evaluation = replace(sample.evaluation(HEALTHY), verdicts=(crashed,))
    assert support(assessed(evaluation)) == ("not_assessed", ("Not judged (VMSS001): it crashed",))


def test_a_rule_is_told_once_by_its_gravest_finding() -> None:
    _, reasons = judged(
        found(path="zones", severity=Severity.MEDIUM, summary="zones differ"),
        found(summary="size differs"),
        found(path="plan", summary="plan differs", confidence=Confidence.LIKELY),
    )
    assert reasons[0] == "VMSS001 (high, confirmed): size differs (and 1 more)"
    assert reasons[1] == "VMSS001 (medium, confirmed): zones differ"
