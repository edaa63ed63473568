from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evaluate import evaluate
from auditor.evidence import attribution, changes
from auditor.model.facet import Known
from auditor.model.governance import PropertyChange
from auditor.model.operation import (
    Actor,
    ActorKind,
    Operation,
    OperationKind,
    OperationStatus,
)
from auditor.model.rule import Context, LoadedRule, Rule, Subject
from auditor.model.verdict import Confidence, Finding, Judgement, Severity
from tests.build import (
    NOON,
    NOW,
    NSG_ID,
    at,
    cluster,
    extension_id,
    gap,
    minutes_after,
    node_id,
    rule_id,
    scale_set_id,
)
from tests.deeds import (
    BY_AKS,
    BY_ALICE,
    BY_BARE,
    BY_BOB,
    BY_CLUSTER,
    BY_POLICY,
    actor,
    operation,
)

KIND = OperationKind
DEPLOYMENT = "Microsoft.Resources/deployments/write"
ELSEWHERE = scale_set_id("batch")
RULE = Rule(
    id="VMSS001",
    title="a rule",
    severity=Severity.HIGH,
    clauses=("C1",),
    docs_url="https://example.com",
    since="0.1.0",
    judges=Subject.NODE_POOL,
)


def change(path: str = "sku.name", on: str | None = None, **given: Any) -> PropertyChange:  # noqa: ANN401 (any field)
    usual: dict[str, Any] = {
        "before": "Standard_D4s_v5",
        "after": "Standard_D8s_v5",
        "at": NOON,
        "correlation_id": "one",
    }
    return PropertyChange(resource_id=on or scale_set_id(), path=path, **usual | given)


def finding(on: str | None = None, path: str = "sku.name", **given: Any) -> Finding:  # noqa: ANN401 (any field)
    usual: dict[str, Any] = {
        "summary": "differs",
        "severity": Severity.HIGH,
        "confidence": Confidence.LIKELY,
        "actual": "Standard_D8s_v5",
        "explained_by": frozenset({KIND.SCALE_SET_WRITE}),
    }
    return Finding(resource_id=on or scale_set_id(), path=path, **usual | given)


def beside(*known: PropertyChange, log: tuple[Operation, ...] = ()) -> Context:
    return Context(now=NOW, operations=Known(log), changes=known)


def judged(found: Finding, *known: PropertyChange, log: tuple[Operation, ...] = ()) -> Judgement:
    (judgement,) = attribution.judge(RULE, found, cluster(), beside(*known, log=log))
    return judgement


def steps(judgement: Judgement) -> list[str]:
    return [s.text for s in judgement.finding.evidence if s.source == changes.SOURCE]


# Values before and after


def test_a_state_is_shown_with_the_value_that_it_had() -> None:
    told = judged(finding(), change(changed_by="bob@contoso.example"))
    assert steps(told) == [
        "sku.name: Standard_D4s_v5 → Standard_D8s_v5, changed by bob@contoso.example"
    ]
    assert told.finding.evidence[-1].at == NOON


def test_a_property_that_came_or_went_was_absent_not_empty() -> None:
    came = change("tags.team", before=None, after="")
    assert steps(judged(finding(path="tags.team"), came)) == ['tags.team: absent → ""']


def test_a_value_that_was_cut_says_so() -> None:
    cut = change(after="x" * 200, truncated=True)
    (step,) = steps(judged(finding(), cut))
    assert step.endswith(f"{'x' * 100}… (shortened)")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("7319C514-987D-4E9B-AC3D-D38C4F427F4C", "AKS resource provider"),
        ("262044b1-e2ce-469f-a196-69ab7ada62d3", "Azure Backup"),
        ("carol_fabrikam.example#EXT#@contoso.example", "carol@fabrikam.example (guest)"),
        ("OBJECT-OF-ALICE@CONTOSO.EXAMPLE", "alice@contoso.example"),
        ("an-id-that-nobody-knows", "an-id-that-nobody-knows"),
    ],
)
def test_its_author_is_named_as_far_as_log_and_ids_tell(author: str, name: str) -> None:
    log = (operation(by=BY_ALICE),)
    (step,) = steps(judged(finding(), change(changed_by=author), log=log))
    assert step.endswith(f", changed by {name}")


@pytest.mark.parametrize(
    "path", ["properties.sku.name", "sku", "SKU.Name", 'sku["name"]', "properties.sku[0].name"]
)
def test_paths_meet_whatever_their_spelling(path: str) -> None:
    assert steps(judged(finding(), change(path)))


@pytest.mark.parametrize("path", ["sku.capacity", "tags.sku", "", "properties"])
def test_another_property_is_no_evidence(path: str) -> None:
    assert steps(judged(finding(), change(path))) == []


def test_another_resource_is_no_evidence() -> None:
    assert steps(judged(finding(), change(on=ELSEWHERE))) == []
    assert steps(judged(finding(), change(on=node_id(1)))) == []


def test_a_finding_of_no_property_takes_no_change_of_any() -> None:
    assert steps(judged(finding(path=""), change())) == []


@pytest.mark.parametrize(
    "came",
    [
        change(
            'properties.securityRules["ssh"].properties.access', NSG_ID, before=None, after="Allow"
        ),
        change("properties.securityRules[3].name", NSG_ID, before=None, after="ssh"),
        change("properties.securityRules[3]", NSG_ID, before=None, after='{"name":"ssh"}'),
    ],
)
def test_a_child_is_found_where_its_parents_change_names_it(came: PropertyChange) -> None:
    told = judged(finding(rule_id("ssh"), ""), came)
    assert len(steps(told)) == 1
    assert told.until == NOON


def test_a_child_is_not_found_where_its_parents_change_is_about_something_else() -> None:
    tagged = change("tags.ssh", NSG_ID, before=None, after="ssh")
    assert steps(judged(finding(rule_id("ssh"), ""), tagged)) == []


def test_a_child_that_was_changed_in_place_neither_came_nor_went() -> None:
    altered = change("securityRules[3]", NSG_ID, before='{"name":"ssh"}', after='{"name":"ssh"}')
    assert judged(finding(rule_id("ssh"), ""), altered).until != NOON


def test_a_child_is_not_taken_for_one_whose_name_holds_its_own() -> None:
    other = change("properties.securityRules[3].name", NSG_ID, before=None, after="ssh-2")
    assert steps(judged(finding(rule_id("ssh"), ""), other)) == []


def test_a_long_story_is_told_by_its_end() -> None:
    known = [change(after=str(n), at=minutes_after(NOON, n)) for n in range(7)]
    first, *rest = steps(judged(finding(), *known))
    assert first == "2 earlier or further changes are left out"
    assert [step[-1] for step in rest] == ["2", "3", "4", "5", "6"]


def test_a_story_of_five_is_told_whole() -> None:
    known = [change(after=str(n), at=minutes_after(NOON, n)) for n in range(5)]
    assert [step[-1] for step in steps(judged(finding(), *known))] == ["0", "1", "2", "3", "4"]


# A record and what it changed


def recorded(done: Operation) -> Finding:
    return finding(done.resource_id, "", operation=done)


def test_a_record_shows_what_it_changed_by_its_correlation_id() -> None:
    done = operation(correlation_id="ONE")
    told = judged(recorded(done), change(), change("sku.capacity", correlation_id="two"))
    assert steps(told) == ["sku.name: Standard_D4s_v5 → Standard_D8s_v5"]


@pytest.mark.parametrize(
    "other",
    [
        change(correlation_id=""),
        change(on=ELSEWHERE),
        change(at=minutes_after(NOON, 16)),
        change(at=minutes_after(NOON, -16)),
    ],
)
def test_a_record_does_not_show_what_another_may_have_changed(other: PropertyChange) -> None:
    assert steps(judged(recorded(operation(correlation_id="one")), other)) == []
    assert steps(judged(recorded(operation(correlation_id="")), other)) == []


# When


def test_a_change_dates_what_has_no_author() -> None:
    told = judged(finding(), change("sku.capacity", at=at("2026-10-28 09:00")), change())
    assert (told.since, told.until) == (at("2026-10-28 09:00"), NOON)


def test_without_an_earlier_change_the_beginning_stays_the_logs() -> None:
    told, undated = judged(finding(), change()), judged(finding())
    assert (told.since, told.until) == (undated.since, NOON)


def test_a_change_before_the_log_begins_has_no_beginning() -> None:
    long_ago: datetime = at("2026-01-01 00:00")
    told = judged(finding(), change(at=long_ago))
    assert (told.since, told.until) == (None, long_ago)


@pytest.mark.parametrize(
    "known",
    [
        (change(after="Standard_D16s_v5"),),
        (change(), change(after="Standard_D16s_v5", at=minutes_after(NOON, 1))),
        (change(truncated=True),),
        (change("sku"),),
        (change(after=None),),
    ],
)
def test_a_change_that_did_not_lead_to_this_state_dates_nothing(
    known: tuple[PropertyChange, ...],
) -> None:
    told, undated = judged(finding(), *known), judged(finding())
    assert (told.since, told.until) == (undated.since, undated.until)


def test_what_was_removed_dates_what_is_missing() -> None:
    script = finding(extension_id("vmssCSE"), "", actual=None)
    path = "properties.virtualMachineProfile.extensionProfile.extensions[0].name"
    went = change(path, before="vmssCSE", after=None)
    came = change(path, before=None, after="vmssCSE")
    assert judged(script, went).until == NOON
    assert judged(script, came).until != NOON


def test_what_has_an_author_on_record_needs_no_dating() -> None:
    told = judged(finding(), change(), log=(operation(),))
    assert (told.since, told.until) == (None, None)


# Who


def deployed(**given: Any) -> Operation:  # noqa: ANN401 (any field)
    usual = {"name": DEPLOYMENT, "correlation_id": "one"}
    return operation(KIND.OTHER, ELSEWHERE, **usual | given)


def test_a_correlation_id_leads_to_the_operation_under_another_resource() -> None:
    done = operation(on=ELSEWHERE, correlation_id="one")
    told = judged(finding(), change(), log=(done,))
    assert told.operation == done
    assert told.deed == done.id
    assert told.finding.confidence is Confidence.CONFIRMED


def test_a_correlation_id_leads_to_a_deployment() -> None:
    assert judged(finding(), change(), log=(deployed(),)).operation == deployed()


@pytest.mark.parametrize(
    "done",
    [
        operation(on=ELSEWHERE, correlation_id="two"),
        operation(on=ELSEWHERE, correlation_id="one", when=minutes_after(NOON, 60)),
        operation(KIND.NSG_WRITE, NSG_ID, correlation_id="one"),
        deployed(name="Microsoft.Resources/deployments/validate/action"),
        deployed(status=OperationStatus.FAILED),
    ],
)
def test_what_cannot_have_caused_it_is_not_led_to(done: Operation) -> None:
    assert judged(finding(), change(), log=(done,)).operation is None


@pytest.mark.parametrize(
    "together",
    [
        operation(KIND.AKS_WRITE, "/a/cluster", BY_BOB, correlation_id="one"),
        operation(on=ELSEWHERE, by=BY_AKS, correlation_id="one"),
    ],
)
def test_a_call_of_the_aks_api_under_the_same_id_leads_to_nobody(together: Operation) -> None:
    assert judged(finding(), change(), log=(deployed(), together)).operation is None


def test_of_several_operations_under_one_id_the_newest_is_led_to() -> None:
    first, last = deployed(by=BY_ALICE), deployed(by=BY_BOB, when=minutes_after(NOON, 5))
    assert judged(finding(), change(), log=(last, first)).operation == last


def test_an_id_of_noughts_is_shared_by_strangers() -> None:
    noughts = "00000000-0000-0000-0000-000000000000"
    done = deployed(correlation_id=noughts)
    assert judged(finding(), change(correlation_id=noughts), log=(done,)).operation is None


def test_an_operation_on_the_resource_itself_comes_first() -> None:
    own = operation(by=BY_BOB)
    assert judged(finding(), change(), log=(own, deployed())).operation == own


def test_who_is_led_to_is_told_with_the_remedy_that_fits() -> None:
    told = judged(finding(), change(), log=(deployed(by=BY_POLICY),))
    assert told.finding.remediation.startswith("Exempt ")


# Through what

PORTAL = "Azure Portal"
"""As Resource Graph writes it; the claims' name for it has a small p."""
BATCH = actor(ActorKind.MANAGED_IDENTITY, "id-batch")
PIPELINE = replace(actor(ActorKind.SERVICE_PRINCIPAL, "deploy"), client="client secret")


def through(by: Actor, **changed: Any) -> str:  # noqa: ANN401 (any field)
    by_them = change(**{"changed_by": by.id, "client": PORTAL} | changed)
    return judged(finding(), by_them, log=(operation(by=by, correlation_id="one"),)).client


@pytest.mark.parametrize(
    ("by", "client"),
    [
        (BATCH, "Azure portal"),
        (BY_BARE, "Azure portal"),
        (PIPELINE, "Azure portal, client secret"),
        (replace(BY_ALICE, client="Azure CLI"), "Azure CLI"),
        (replace(BY_POLICY, client="Azure Policy"), "Azure Policy"),
    ],
)
def test_a_change_names_the_application_where_claims_do_not(by: Actor, client: str) -> None:
    assert through(by) == client


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("04B07795-8DDB-461A-BBEE-02F9E1BF7B46", "Azure CLI"),
        ("ARM Template", "ARM Template"),
        ("Unspecified", ""),
        ("11111111-2222-4333-8444-555555555555", ""),
    ],
)
def test_an_application_is_named_only_where_its_word_or_microsofts_id_tells(
    told: str, client: str
) -> None:
    assert through(BATCH, client=told) == client


@pytest.mark.parametrize(
    "other",
    [
        {"changed_by": "somebody-else"},
        {"changed_by": ""},
        {"correlation_id": "two"},
        {"correlation_id": ""},
        {"at": minutes_after(NOON, 60), "path": "sku.capacity"},
    ],
)
def test_the_application_of_another_hand_or_call_is_not_theirs(other: dict[str, Any]) -> None:
    assert through(BATCH, **other) == ""


def test_nobody_is_not_the_same_as_somebody_without_an_id() -> None:
    assert through(replace(BATCH, id=""), changed_by="") == ""


def test_without_an_operation_the_change_that_led_there_names_the_application() -> None:
    told = judged(finding(), change(client=PORTAL))
    assert (told.operation, told.client) == (None, "Azure portal")
    assert judged(finding(), change(client=PORTAL, after="Standard_D2s_v5")).client == ""


@pytest.mark.parametrize(
    ("changed_by", "log"),
    [
        ("7319c514-987d-4e9b-ac3d-d38c4f427f4c", ()),
        (BY_CLUSTER.id, (operation(by=BY_CLUSTER),)),
        ("", (operation(KIND.AKS_WRITE, "/a/cluster", BY_BOB, correlation_id="one"),)),
        ("", (operation(on=ELSEWHERE, by=BY_AKS, correlation_id="one"),)),
    ],
)
def test_what_aks_may_have_written_is_told_of_nobodys_application(
    changed_by: str, log: tuple[Operation, ...]
) -> None:
    akss = change(client=PORTAL, changed_by=changed_by)
    told = judged(finding(), akss, log=(*log, deployed()))
    assert (told.operation, told.client) == (None, "")


@pytest.mark.parametrize(
    ("changed_by", "says"),
    [
        ("bob@contoso.example", ", changed by bob@contoso.example (Azure portal)"),
        ("object-of-alice@contoso.example", ", changed by alice@contoso.example (Azure portal)"),
        ("", ", changed through Azure portal"),
    ],
)
def test_the_trail_names_the_application_of_a_change(changed_by: str, says: str) -> None:
    by_cli = operation(by=replace(BY_ALICE, client="Azure CLI"))
    (step,) = steps(judged(finding(), change(changed_by=changed_by, client=PORTAL), log=(by_cli,)))
    assert step.endswith(says)


# Unread changes


@pytest.mark.parametrize("log", [(), (operation(),), (deployed(),)])
@pytest.mark.parametrize("known", [change(), change("sku"), change(correlation_id="")])
def test_changes_that_cannot_be_read_make_nothing_surer(
    known: PropertyChange, log: tuple[Operation, ...]
) -> None:
    with_changes, without = judged(finding(), known, log=log), judged(finding(), log=log)
    assert without.finding.confidence.rank <= with_changes.finding.confidence.rank
    assert without.fingerprint == with_changes.fingerprint


def test_evaluation_hands_the_clusters_changes_to_attribution() -> None:
    planted = LoadedRule(rule=RULE, check=lambda *_: iter([finding()]), summary="", sections=())
    whole = cluster(changes=Known((change(),)))
    for of, until in ((whole, NOON), (replace(whole, changes=gap("changes")), None)):
        (told, *_) = evaluate(of, [planted], beside()).judgements
        assert (told.until == NOON) is (until == NOON)
