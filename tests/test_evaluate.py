from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evaluate import CHANGED, CRASHED, evaluate, operations_of
from auditor.evidence.transitions import ENDLESS
from auditor.model.aks import PoolKind
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.operation import ActorKind, Operation, OperationKind, OperationStatus
from auditor.model.question import LookBack, ProveAbsent, ReadAgain
from auditor.model.rule import Aspect, Context, LoadedRule, Rule, Subject
from auditor.model.snapshot import Cluster, NodePoolView, StandaloneNodes
from auditor.model.verdict import (
    ClusterEvaluation,
    Confidence,
    Finding,
    NotApplicable,
    RuleVerdict,
    Severity,
    Unknown,
    Verdict,
)
from tests.build import (
    CLUSTER_ID,
    NOW,
    cluster,
    gap,
    machine,
    managed,
    minutes_after,
    node,
    pool,
    scale_set,
    scale_set_id,
)
from tests.deeds import AKS, ALICE, BOB, act

Answers = Callable[[Any, Context], Iterator[Finding | Unknown | NotApplicable]]
KIND = OperationKind


def rule(check: Answers, name: str = "VMSS001", **changes: Any) -> LoadedRule:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "title": "a rule",
        "severity": Severity.HIGH,
        "clauses": ("C1",),
        "docs_url": "https://example.com",
        "since": "0.1.0",
        "judges": Subject.NODE_POOL,
    }
    return LoadedRule(
        rule=Rule(id=name, **given | changes), check=check, summary="a rule", sections=()
    )


def differs(view: NodePoolView, _context: Context) -> Iterator[Finding]:
    """Finds fault with every pool whose scale set has another size."""
    scale_set = view.scale_set.require()
    if scale_set.sku_name != view.pool.vm_size:
        yield found(scale_set.id, actual=scale_set.sku_name)


def found(on: str | None = None, **changes: Any) -> Finding:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "path": "sku.name",
        "summary": "differs",
        "severity": Severity.HIGH,
        "confidence": Confidence.CONFIRMED,
        "explained_by": frozenset({KIND.SCALE_SET_WRITE}),
    }
    return Finding(resource_id=on or scale_set_id(), **given | changes)


def always(*answers: Finding | Unknown | NotApplicable) -> Answers:
    """A check that says the same of every subject."""

    def check(_subject: object, _context: Context) -> Iterator[Finding | Unknown | NotApplicable]:
        yield from answers

    return check


def recorded(_of: Cluster, context: Context) -> Iterator[Finding]:
    """Reports every write of a scale set by another hand than AKS's."""
    for operation in context.operations.require():
        if not operation.actor.is_of_aks and operation.kind is KIND.SCALE_SET_WRITE:
            yield found(
                operation.resource_id,
                path="",
                operation=operation,
                discriminator=operation.id,
                explained_by=frozenset(),
            )


RECORDED = rule(recorded, "VMSS010", judges=Subject.CLUSTER, recorded=True)
COMPARES = rule(differs, compares=frozenset({Aspect.MODEL}))


def run(of: Cluster, *rules: LoadedRule) -> ClusterEvaluation:
    return evaluate(of, rules, Context(now=NOW, operations=Known(())))


def verdict(of: Cluster, loaded: LoadedRule) -> RuleVerdict:
    (only,) = run(of, loaded).verdicts
    return only


def resized(*pools: str, **changes: Any) -> Cluster:  # noqa: ANN401 (any facet)
    """A cluster in which someone gave the scale sets of these pools another size."""
    sets = [
        scale_set(name, sku_name="Standard_D8s_v5" if name in pools else "Standard_D4s_v5")
        for name in ("apps", "batch")
    ]
    return cluster(managed(pool(), pool("batch")), scale_sets=sets, **changes)


# Verdicts


def test_nothing_found_is_a_pass() -> None:
    assert verdict(cluster(), COMPARES).verdict is Verdict.PASS


def test_no_subject_to_judge_is_not_applicable() -> None:
    hosted = cluster(replace(managed(), pools=(), hosted_system_pools=True))
    said = verdict(hosted, COMPARES)
    assert said.verdict is Verdict.NOT_APPLICABLE
    assert "Microsoft holds the system nodes" in said.reason
    none = cluster(replace(managed(), pools=()))
    assert verdict(none, COMPARES).reason == "the cluster has no node pool"


@pytest.mark.parametrize(
    "changes", [{"kind": PoolKind.VIRTUAL_MACHINES}, {"mode": "ManagedSystem"}]
)
def test_a_pool_without_a_scale_set_is_no_subject_of_a_rule_on_scale_sets(
    changes: dict[str, Any],
) -> None:
    moving = pool(provisioning_state="Upgrading", **changes)
    on_scale_sets = rule(differs, judges=Subject.SCALE_SET, compares=frozenset({Aspect.MODEL}))
    said = verdict(cluster(managed(moving)), on_scale_sets)
    assert said.verdict is Verdict.NOT_APPLICABLE
    assert "node pool apps" in said.reason


def test_a_pool_that_microsoft_holds_is_no_subject_at_all() -> None:
    hosted = cluster(managed(pool(mode="ManagedSystem", kind=PoolKind.VIRTUAL_MACHINES)))
    assert verdict(hosted, COMPARES).verdict is Verdict.NOT_APPLICABLE


def test_a_rule_that_has_no_say_is_not_applicable_with_its_reason() -> None:
    answer = verdict(cluster(), rule(always(NotApplicable(reason="the cluster is stopped"))))
    assert (answer.verdict, answer.reason) == (Verdict.NOT_APPLICABLE, "the cluster is stopped")


def has_no_say_in_batch(view: NodePoolView, _context: Context) -> Iterator[NotApplicable]:
    if view.pool.name == "batch":
        yield NotApplicable(reason="the pool is stopped")


def test_a_rule_that_has_no_say_in_one_pool_passes_for_the_others() -> None:
    two = cluster(managed(pool(), pool("batch")))
    assert verdict(two, rule(has_no_say_in_batch)).verdict is Verdict.PASS


def test_a_gap_outweighs_having_no_say() -> None:
    loaded = rule(always(NotApplicable(reason="the pool is stopped"), Unknown(gap=gap())))
    assert verdict(cluster(), loaded).verdict is Verdict.UNKNOWN


def test_a_finding_outweighs_having_no_say() -> None:
    loaded = rule(always(NotApplicable(reason="the pool is stopped"), found()))
    assert verdict(cluster(), loaded).verdict is Verdict.VIOLATION


def test_one_confirmed_or_likely_finding_is_a_violation() -> None:
    for confidence in (Confidence.CONFIRMED, Confidence.LIKELY):
        loaded = rule(always(found(confidence=confidence)))
        assert verdict(cluster(), loaded).verdict is Verdict.VIOLATION


def test_a_possible_finding_alone_gives_a_warning_never_a_violation() -> None:
    loaded = rule(always(found(confidence=Confidence.POSSIBLE)))
    assert verdict(cluster(), loaded).verdict is Verdict.WARNING


def test_advice_is_a_warning_however_sure() -> None:
    assert verdict(cluster(), rule(always(found(advice=True)))).verdict is Verdict.WARNING


def test_the_worst_finding_gives_the_verdict() -> None:
    loaded = rule(always(found(confidence=Confidence.POSSIBLE), found(path="zones")))
    assert verdict(cluster(), loaded).verdict is Verdict.VIOLATION


def test_a_gap_makes_an_empty_answer_unknown_never_a_pass() -> None:
    answer = verdict(cluster(), rule(always(Unknown(gap=gap()))))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps == (gap(),)
    assert answer.reason == "may not be read"


def test_a_finding_outweighs_a_gap() -> None:
    answer = verdict(cluster(), rule(always(found(), Unknown(gap=gap()))))
    assert answer.verdict is Verdict.VIOLATION
    assert answer.gaps == (gap(),)


def test_one_root_cause_met_by_many_pools_is_one_gap() -> None:
    of = cluster(managed(pool(), pool("batch")))
    answer = verdict(of, rule(always(Unknown(gap=gap()))))
    assert len(answer.gaps) == 1
    assert answer.reason == "may not be read"


def test_every_rule_has_one_verdict_in_the_order_given() -> None:
    verdicts = run(cluster(), COMPARES, RECORDED).verdicts
    assert [v.rule_id for v in verdicts] == ["VMSS001", "VMSS010"]


# Gaps and crashes


def test_a_required_fact_that_is_missing_is_unknown_with_its_cause() -> None:
    answer = verdict(replace(cluster(), scale_sets=gap()), COMPARES)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps[0].status == 403


def test_a_cluster_that_cannot_be_read_is_unknown_for_every_rule() -> None:
    unread = replace(cluster(), managed=gap(CLUSTER_ID))
    verdicts = run(unread, COMPARES, RECORDED).verdicts
    assert {v.verdict for v in verdicts} == {Verdict.UNKNOWN}


def test_an_unread_log_makes_recorded_rules_unknown_and_leaves_the_others() -> None:
    verdicts = run(resized("apps", activity=gap()), COMPARES, RECORDED).verdicts
    assert [v.verdict for v in verdicts] == [Verdict.VIOLATION, Verdict.UNKNOWN]


def test_one_pools_gap_does_not_hide_another_pools_breach() -> None:
    only_batch = cluster(
        managed(pool(), pool("batch")),
        scale_sets=[scale_set("batch", sku_name="Standard_D8s_v5")],
    )
    answer = verdict(only_batch, COMPARES)
    assert answer.verdict is Verdict.VIOLATION
    assert [g.scope for g in answer.gaps] == [f"{CLUSTER_ID}/agentPools/apps"]


def stumbles(view: NodePoolView, _context: Context) -> Iterator[Finding]:
    yield found(path="first")
    view.scale_set.require()
    raise KeyError("a value that was read, such as a tag")


def test_a_rule_that_crashes_is_unknown_and_named() -> None:
    def falls(_view: NodePoolView, _context: Context) -> Iterator[Finding]:
        raise ZeroDivisionError

    answer = verdict(cluster(), rule(falls))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps[0].code == CRASHED
    assert "VMSS001 failed with ZeroDivisionError" in answer.reason


def test_a_crash_never_quotes_what_was_read() -> None:
    answer = verdict(cluster(), rule(stumbles))
    assert "a value that was read" not in answer.reason


def test_findings_before_a_crash_are_kept() -> None:
    answer = run(cluster(), rule(stumbles))
    assert [j.finding.path for j in answer.judgements] == ["first"]
    assert answer.verdicts[0].verdict is Verdict.VIOLATION
    assert answer.verdicts[0].gaps[0].code == CRASHED


def test_findings_before_a_gap_are_kept() -> None:
    def stops(_view: NodePoolView, _context: Context) -> Iterator[Finding]:
        yield found()
        gap().require()

    answer = verdict(cluster(), rule(stops))
    assert (answer.verdict, len(answer.gaps)) == (Verdict.VIOLATION, 1)


def test_a_crash_of_one_rule_costs_the_others_nothing() -> None:
    verdicts = run(resized("apps"), rule(stumbles, "EXT001"), COMPARES).verdicts
    assert verdicts[1] == verdict(resized("apps"), COMPARES)


# Transitions


def test_a_pool_in_transition_is_unknown_and_the_others_are_judged() -> None:
    described = managed(pool(provisioning_state="Upgrading"), pool("batch"))
    of = replace(resized("apps", "batch"), managed=Known(described))
    answer = run(of, COMPARES)
    assert [j.finding.resource_id for j in answer.judgements] == [scale_set_id("batch")]
    assert answer.verdicts[0].gaps[0].outcome is Outcome.TRANSITION


def test_a_pool_in_transition_that_would_pass_is_unknown() -> None:
    of = cluster(managed(pool(provisioning_state="Upgrading")))
    assert verdict(of, COMPARES).verdict is Verdict.UNKNOWN


def test_an_endless_transition_stays_unknown_and_says_so() -> None:
    name = "Microsoft.ContainerService/managedClusters/agentPools/write"
    begun = act(
        name,
        f"{CLUSTER_ID}/agentPools/apps",
        ALICE,
        statuses=("Started", "Accepted"),
        at=minutes_after(NOW, -60 * 50),
    )
    answer = verdict(cluster(managed(pool(provisioning_state="Upgrading")), *begun), COMPARES)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps[0].code == ENDLESS
    assert "for 50 hours at least" in answer.reason


def test_recorded_rules_run_while_everything_is_in_transition() -> None:
    of = cluster(
        managed(pool(provisioning_state="Upgrading"), provisioning_state="Updating"), *act()
    )
    assert verdict(of, RECORDED).verdict is Verdict.VIOLATION


def test_a_failed_pool_is_judged_at_most_likely() -> None:
    loaded = rule(differs, compares=frozenset({Aspect.EXTENSIONS}))
    described = managed(pool(provisioning_state="Failed"), pool("batch"))
    of = replace(resized("apps"), managed=Known(described))
    (judgement,) = run(of, loaded).judgements
    assert judgement.finding.confidence is Confidence.LIKELY


# Operations and deeds


def test_operations_are_merged_and_classified_oldest_first() -> None:
    late = act(by=AKS, at=minutes_after(NOW, -10))
    operations = operations_of(cluster(None, *late, *act(by=ALICE))).require()
    assert [o.actor.kind for o in operations] == [ActorKind.USER, ActorKind.AKS]
    assert all(o.status is OperationStatus.SUCCEEDED for o in operations)


def test_rules_see_the_clusters_own_operations() -> None:
    seen: list[Operation] = []

    def looks(_of: Cluster, context: Context) -> Iterator[Finding]:
        seen.extend(context.operations.require())
        yield from ()

    run(cluster(None, *act()), rule(looks, judges=Subject.CLUSTER))
    assert [o.actor.name for o in seen] == ["alice@contoso.example"]


def test_a_log_without_its_cluster_classifies_nobody() -> None:
    assert isinstance(operations_of(replace(cluster(), managed=gap())), Gap)


def test_a_state_that_a_person_brought_about_is_theirs() -> None:
    (judgement,) = run(
        replace(resized("apps"), activity=cluster(None, *act()).activity), COMPARES
    ).judgements
    assert judgement.operation is not None
    assert judgement.operation.actor.name == "alice@contoso.example"


def test_a_possible_finding_that_a_customers_operation_explains_becomes_a_violation() -> None:
    lead = rule(always(found(confidence=Confidence.POSSIBLE)))
    assert verdict(cluster(None, *act(by=ALICE)), lead).verdict is Verdict.VIOLATION


def test_a_possible_finding_that_only_akss_operations_explain_stays_a_warning() -> None:
    lead = rule(always(found(confidence=Confidence.POSSIBLE)))
    assert verdict(cluster(None, *act(by=AKS)), lead).verdict is Verdict.WARNING


def test_a_deed_is_told_once_and_both_rules_say_violation() -> None:
    of = replace(resized("apps"), activity=cluster(None, *act()).activity)
    answer = run(of, COMPARES, RECORDED)
    assert [v.verdict for v in answer.verdicts] == [Verdict.VIOLATION, Verdict.VIOLATION]
    (told,) = answer.judgements
    assert (told.rule_id, told.recorded_rules) == ("VMSS001", ("VMSS010",))


def test_a_deed_that_aks_reverted_is_told_by_its_record() -> None:
    answer = run(cluster(None, *act()), COMPARES, RECORDED)
    assert [v.verdict for v in answer.verdicts] == [Verdict.PASS, Verdict.VIOLATION]
    assert [j.rule_id for j in answer.judgements] == ["VMSS010"]


def test_the_same_cluster_gives_the_same_evaluation() -> None:
    of = replace(resized("apps", "batch"), activity=cluster(None, *act(), *act(by=BOB)).activity)
    assert run(of, COMPARES, RECORDED) == run(of, COMPARES, RECORDED)


# Two readings


def read_twice(first: Cluster, second: Cluster) -> Cluster:
    return replace(first, second=second)


def test_a_contradiction_that_both_readings_show_is_reported() -> None:
    of = read_twice(resized("apps"), resized("apps"))
    assert verdict(of, COMPARES).verdict is Verdict.VIOLATION


def test_a_contradiction_that_is_gone_at_the_second_reading_is_unknown() -> None:
    answer = verdict(read_twice(resized("apps"), resized()), COMPARES)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps[0].code == CHANGED
    assert answer.gaps[0].scope == scale_set_id()


def test_a_contradiction_that_reads_otherwise_the_second_time_is_unknown() -> None:
    again = replace(
        resized("apps"),
        scale_sets=Known((scale_set(sku_name="Standard_D2s_v5"), scale_set("batch"))),
    )
    assert verdict(read_twice(resized("apps"), again), COMPARES).gaps[0].code == CHANGED


def test_a_second_reading_that_was_refused_is_unknown_for_its_own_cause() -> None:
    again = replace(resized("apps"), scale_sets=gap())
    answer = verdict(read_twice(resized("apps"), again), COMPARES)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps == (gap(),)


def test_a_cluster_that_began_an_upgrade_meanwhile_is_unknown() -> None:
    again = replace(
        resized("apps"), managed=Known(managed(pool(provisioning_state="Upgrading"), pool("batch")))
    )
    answer = verdict(read_twice(resized("apps"), again), COMPARES)
    assert answer.gaps[0].outcome is Outcome.TRANSITION
    assert answer.gaps[0].code != CHANGED


def test_what_only_the_second_reading_shows_is_not_reported() -> None:
    answer = verdict(read_twice(resized(), resized("apps")), COMPARES)
    assert answer.verdict is Verdict.PASS


def test_one_contradiction_that_lasts_and_one_that_goes() -> None:
    answer = run(read_twice(resized("apps", "batch"), resized("batch")), COMPARES)
    assert [j.finding.resource_id for j in answer.judgements] == [scale_set_id("batch")]
    assert answer.verdicts[0].verdict is Verdict.VIOLATION
    assert answer.verdicts[0].gaps[0].code == CHANGED


def test_the_less_sure_of_two_readings_counts() -> None:
    def shaky(view: NodePoolView, _context: Context) -> Iterator[Finding]:
        second = view.cluster.second is None
        yield found(confidence=Confidence.POSSIBLE if second else Confidence.CONFIRMED)

    of = read_twice(cluster(), cluster())
    assert verdict(of, rule(shaky)).verdict is Verdict.WARNING


def test_a_record_needs_no_second_reading() -> None:
    of = cluster(None, *act())
    assert verdict(read_twice(of, replace(of, managed=gap())), RECORDED).verdict is (
        Verdict.VIOLATION
    )


def test_advice_needs_no_second_reading() -> None:
    def once(view: NodePoolView, _context: Context) -> Iterator[Finding]:
        if view.cluster.second is not None:
            yield found(advice=True)

    assert verdict(read_twice(cluster(), cluster()), rule(once)).verdict is Verdict.WARNING


def test_the_second_reading_is_judged_by_the_same_log_and_proofs() -> None:
    def needs_log(view: NodePoolView, _context: Context) -> Iterator[Finding]:
        view.cluster.activity.require()
        assert view.cluster.is_present("x").require()
        yield found()

    first = cluster(presence={"x": Known(value=True)})
    again = replace(cluster(), activity=gap(), presence={})
    assert verdict(read_twice(first, again), rule(needs_log)).verdict is Verdict.VIOLATION


def down(view: NodePoolView, _context: Context) -> Iterator[Finding]:
    """Finds fault with nodes that do not run."""
    nodes = [n.instance_id for n in view.instances.require() if n.power.is_down]
    if nodes:
        yield found(path="powerState", actual="deallocated", instances=tuple(nodes))


def with_down(*numbers: int) -> Cluster:
    states = {n: "deallocated" if n in numbers else "running" for n in range(4)}
    nodes = [node(n, power=replace(node(n).power, code=code)) for n, code in states.items()]
    return cluster(nodes={"apps": nodes})


def test_of_several_nodes_those_that_both_readings_show_are_reported() -> None:
    answer = run(read_twice(with_down(1, 2), with_down(1)), rule(down))
    assert [j.finding.instances for j in answer.judgements] == [("1",)]
    assert answer.verdicts[0].gaps[0].code == CHANGED
    answer = run(read_twice(with_down(1), with_down(1, 2)), rule(down))
    assert [j.finding.instances for j in answer.judgements] == [("1",)]
    assert answer.verdicts[0].gaps == ()


def test_nodes_that_took_turns_between_the_readings_are_unknown() -> None:
    answer = verdict(read_twice(with_down(1, 2), with_down(2, 3)), rule(down))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gaps[0].code == CHANGED


# Questions


def test_a_clean_cluster_raises_no_questions() -> None:
    assert run(cluster(), COMPARES, RECORDED).questions == frozenset()


def test_a_contradiction_is_read_again_and_its_author_looked_for() -> None:
    questions = run(resized("apps"), COMPARES).questions
    assert questions == {
        ReadAgain(CLUSTER_ID),
        ReadAgain(scale_set_id()),
        LookBack(scale_set_id()),
    }


def test_a_contradiction_whose_author_is_known_is_only_read_again() -> None:
    of = replace(resized("apps"), activity=cluster(None, *act()).activity)
    assert run(of, COMPARES).questions == {ReadAgain(CLUSTER_ID), ReadAgain(scale_set_id())}


def test_an_unread_log_is_not_asked_to_go_further_back() -> None:
    assert LookBack(scale_set_id()) not in run(resized("apps", activity=gap()), COMPARES).questions


def test_what_no_operation_explains_is_not_looked_back_for() -> None:
    old = rule(always(found(explained_by=frozenset())))
    assert not any(isinstance(q, LookBack) for q in run(cluster(), old).questions)


def test_a_record_or_advice_raises_no_questions_of_its_own() -> None:
    advice = rule(always(found(advice=True)))
    assert run(cluster(None, *act()), RECORDED, advice).questions == frozenset()


def test_a_gap_may_ask_its_own_question() -> None:
    asks = gap(question=ProveAbsent(scale_set_id("gone")))
    answer = run(cluster(), rule(always(Unknown(gap=asks))))
    assert answer.questions == {ProveAbsent(scale_set_id("gone"))}


def test_a_finding_may_ask_for_more_and_name_what_it_rests_on() -> None:
    asks = found(questions=(ProveAbsent(scale_set_id("gone")),), rests_on=(scale_set_id("batch"),))
    questions = run(cluster(), rule(always(asks))).questions
    assert {ProveAbsent(scale_set_id("gone")), ReadAgain(scale_set_id("batch"))} <= questions
    assert ReadAgain(scale_set_id()) not in questions


def test_answered_questions_stay_the_same() -> None:
    first = run(resized("apps"), COMPARES)
    again = run(read_twice(resized("apps"), resized("apps")), COMPARES)
    assert again.questions == first.questions


@pytest.mark.parametrize("subject", list(Subject))
def test_each_subject_gets_what_its_rules_judge(subject: Subject) -> None:
    seen: list[object] = []

    def looks(given: object, _context: Context) -> Iterator[Finding]:
        seen.append(type(given))
        yield from ()

    run(cluster(managed(pool(), pool("batch"))), rule(looks, judges=subject))
    assert seen == ([Cluster] if subject is Subject.CLUSTER else [NodePoolView, NodePoolView])


KARPENTERS = machine("aks-default-2jf98", tags={"karpenter.sh_nodepool": "default"})
APART = cluster(virtual_machines=Known((KARPENTERS,)))


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        (Subject.NODES, [NodePoolView, StandaloneNodes]),
        (Subject.NODE_POOL, [NodePoolView]),
        (Subject.SCALE_SET, [NodePoolView]),
    ],
)
def test_nodes_of_no_pool_are_judged_by_rules_on_nodes_alone(
    subject: Subject, seen: list[type]
) -> None:
    given: list[type] = []

    def looks(view: object, _context: Context) -> Iterator[Finding]:
        given.append(type(view))
        yield from ()

    run(APART, rule(looks, judges=subject))
    assert given == seen


def blames(view: NodePoolView | StandaloneNodes, _context: Context) -> Iterator[Finding]:
    yield found(view.carrier_id, explained_by=frozenset())


def test_what_the_state_of_such_nodes_shows_is_likely_at_most() -> None:
    told = run(APART, rule(blames, judges=Subject.NODES)).judgements
    by_pool = {j.finding.resource_id: j.finding.confidence for j in told}
    assert by_pool == {
        scale_set_id(): Confidence.CONFIRMED,
        managed().node_resource_group_id: Confidence.LIKELY,
    }


def test_while_aks_changes_the_cluster_such_nodes_are_not_compared() -> None:
    of = cluster(managed(provisioning_state="Updating"), virtual_machines=Known((KARPENTERS,)))
    compares = rule(blames, judges=Subject.NODES, compares=frozenset({Aspect.MODEL}))
    assert verdict(of, compares).verdict is Verdict.UNKNOWN
