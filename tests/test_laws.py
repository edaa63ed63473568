"""The laws of evaluation, over every rule that is loaded: see ``tests/support/laws.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor import rules
from auditor.demo.arm import FakeArm
from auditor.evaluate import evaluate
from auditor.evidence import attribution
from auditor.model.facet import Known
from auditor.model.rule import Check, Context, LoadedRule, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity
from tests import build, deeds
from tests.support import cases, generated, laws
from tests.support.clusters import completed

RULES = rules.load()


unmeasured = pytest.mark.no_cover
"""Not counted as coverage. A law judges a cluster some thirty times, which takes four times as long
where every line is traced, and nearly every line is reached by the tests of rules and by cases too.
The law on healthy clusters is measured."""


@pytest.fixture(autouse=True, scope="module")
def unfolded() -> Iterator[None]:
    """A record that a state finding carried stands alone once that state cannot be read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attribution, "fold", tuple)
        yield


async def broken(arm: FakeArm) -> list[str]:
    clusters, now = await completed(arm)
    return [breach for of in clusters for breach in laws.breaches(of, RULES, now)]


@unmeasured
@pytest.mark.parametrize("case_id", cases.CASES)
async def test_a_gap_neither_absolves_nor_accuses(case_id: str) -> None:
    assert await broken(cases.arm_for_case(case_id)) == []


@pytest.mark.parametrize("kind", cases.KINDS)
async def test_a_gap_in_a_healthy_cluster_accuses_nobody(kind: str) -> None:
    assert await broken(cases.arm_for_kind(kind)) == []


@pytest.mark.parametrize("case_id", cases.CASES[::40])
async def test_an_element_that_does_not_read_neither_absolves_nor_accuses(case_id: str) -> None:
    clusters, now = await completed(cases.arm_for_case(case_id))
    assert [b for of in clusters for b in laws.breaches_in_part(of, RULES, now)] == []


slowly = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@unmeasured
@slowly
@given(generated.clusters())
def test_a_gap_in_any_cluster_neither_absolves_nor_accuses(of: Cluster) -> None:
    assert laws.breaches(of, RULES, build.NOW) == []


@unmeasured
@settings(slowly, max_examples=15)
@given(generated.clusters())
def test_an_unread_element_of_any_cluster_neither_absolves_nor_accuses(of: Cluster) -> None:
    assert laws.breaches_in_part(of, RULES, build.NOW) == []


@unmeasured
@slowly
@given(generated.clusters(), st.data())
def test_a_gap_beside_other_gaps_neither_absolves_nor_accuses(
    of: Cluster, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        _, of = data.draw(st.sampled_from(list(laws.with_one_gap(of))), label="refused")
    assert laws.breaches(of, RULES, build.NOW) == []


@slowly
@given(generated.clusters())
def test_no_two_findings_of_a_cluster_share_a_fingerprint(of: Cluster) -> None:
    told = evaluate(of, RULES, Context(now=build.NOW, operations=Known(()))).judgements
    prints = [judgement.fingerprint for judgement in told]
    assert len(set(prints)) == len(prints)


def accusation(on: str, sure: Confidence = Confidence.CONFIRMED) -> Finding:
    return Finding(resource_id=on, path="", summary="bad", severity=Severity.HIGH, confidence=sure)


def forgives(of: Cluster, _context: Context) -> Iterator[Finding]:
    """Takes a refused list for an empty one."""
    for scale_set in of.scale_sets.known_or(()):
        yield accusation(scale_set.id)


def suspects(of: Cluster, context: Context) -> Iterator[Finding]:
    """Accuses before it has looked for the benign explanation."""
    if not any(o.actor.is_of_aks for o in context.operations.known_or(())):
        yield accusation(of.id)


def exaggerates(of: Cluster, _context: Context) -> Iterator[Finding]:
    """Is surer the less it knows."""
    known = isinstance(of.activity, Known)
    yield accusation(of.id, Confidence.LIKELY if known else Confidence.CONFIRMED)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (forgives, "violation became pass"),
        (suspects, "pass became violation"),
        (exaggerates, "confirmed only because a fact is missing"),
    ],
)
def test_the_laws_find_a_rule_that_breaks_them(check: Check, told: str) -> None:
    rule = Rule(
        id="BAD001",
        title="a rule that breaks the laws",
        severity=Severity.HIGH,
        clauses=("C1",),
        docs_url="https://example.com",
        since="0.1.0",
        judges=Subject.CLUSTER,
    )
    planted = LoadedRule(rule=rule, check=check, summary="", sections=())
    of = build.cluster(None, *deeds.act(by=deeds.AKS))
    assert any(told in breach for breach in laws.breaches(of, [planted], build.NOW))
