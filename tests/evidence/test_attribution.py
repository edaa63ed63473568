from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.evidence import attribution
from auditor.model.facet import Known
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.rule import Rule, Subject
from auditor.model.verdict import Confidence, Evidence, Finding, Judgement, Severity, Verdict
from tests.build import (
    CLUSTER_ID,
    NODE_GROUP_ID,
    NOON,
    NSG_ID,
    SUBNET_ID,
    VNET_ID,
    at,
    cluster,
    context,
    extension_id,
    gap,
    log,
    managed,
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
    BY_SERVICE,
    SCALE_SETS,
    operation,
)

KIND = OperationKind
RULE = Rule(
    id="VMSS001",
    title="a rule",
    severity=Severity.HIGH,
    clauses=("C1",),
    docs_url="https://example.com",
    since="0.1.0",
    judges=Subject.NODE_POOL,
)
RECORD = replace(RULE, id="VMSS010", recorded=True)
LATER = minutes_after(NOON, 60)
NIGHT = minutes_after(NOON, 600)
TAGS = "/providers/Microsoft.Resources/tags/default"


def finding(on: str | None = None, path: str = "sku.name", **changes: Any) -> Finding:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "summary": "differs",
        "severity": Severity.HIGH,
        "confidence": Confidence.LIKELY,
        "actual": "Standard_D8s_v5",
        "explained_by": frozenset({KIND.SCALE_SET_WRITE}),
    }
    return Finding(resource_id=on or scale_set_id(), path=path, **given | changes)


def author(found: Finding, *operations: Operation) -> Operation | None:
    """Whose deed the finding is, or ``None``."""
    ((operation, _),) = attribution.authors(found, context(None, *operations))
    return operation


def explains(done: Operation, found: Finding) -> bool:
    return author(found, done) == done


def test_a_rule_that_knows_whose_deed_it_is_says_so() -> None:
    known = operation(KIND.NODE_DOWN, node_id(0), BY_BOB)
    assert author(finding(author=known), operation()) == known
    assert author(finding(author=known)) == known


def judged(found: Finding, *operations: Operation, rule: Rule = RULE) -> tuple[Judgement, ...]:
    return attribution.judge(rule, found, cluster(), context(None, *operations))


def only(found: Finding, *operations: Operation, rule: Rule = RULE) -> Judgement:
    (judgement,) = judged(found, *operations, rule=rule)
    return judgement


# Which operation


def test_an_operation_on_the_resource_itself_explains_its_state() -> None:
    assert explains(operation(), finding())


def test_newest_wins() -> None:
    first, second = operation(by=BY_ALICE), operation(by=BY_BOB, when=LATER)
    assert author(finding(), first, second) == second
    assert author(finding(), second, first) == second


def test_the_newest_is_the_one_that_took_effect_last() -> None:
    slow = operation(by=BY_ALICE, ended_at=NIGHT)
    assert author(finding(), slow, operation(by=BY_BOB, when=LATER)) == slow


@pytest.mark.parametrize("by", [BY_AKS, BY_CLUSTER])
def test_akss_later_write_does_not_absolve(by: Actor) -> None:
    deed = operation(by=BY_ALICE)
    assert author(finding(), deed, operation(by=by, when=LATER)) == deed


def test_a_microsoft_services_later_write_does_not_absolve_either() -> None:
    deed = operation(by=BY_ALICE)
    assert author(finding(), deed, operation(by=BY_SERVICE, when=LATER)) == deed
    assert author(finding(), operation(by=BY_SERVICE)) is not None


def test_akss_own_operations_explain_nothing() -> None:
    assert author(finding(), operation(by=BY_AKS), operation(by=BY_CLUSTER)) is None


@pytest.mark.parametrize("status", [OperationStatus.FAILED, OperationStatus.RUNNING])
def test_an_attempt_explains_nothing(status: OperationStatus) -> None:
    assert author(finding(), operation(status=status)) is None


def test_an_operation_of_another_kind_explains_nothing() -> None:
    assert author(finding(), operation(KIND.NODE_DOWN)) is None


def test_another_pools_scale_set_explains_nothing() -> None:
    assert author(finding(), operation(on=scale_set_id("batch"))) is None
    assert author(finding(), operation(on=f"{scale_set_id()}2")) is None


def test_ids_are_compared_without_regard_to_case() -> None:
    assert explains(operation(on=scale_set_id().upper()), finding())


def test_a_finding_searches_only_what_was_done_to_its_own_resource(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Operation] = []

    def remembers(operation: Operation, _finding: Finding) -> bool:
        asked.append(operation)
        return True

    monkeypatch.setattr(attribution, "_explains", remembers)
    elsewhere = [operation(on=scale_set_id(f"pool{n}"), id=str(n)) for n in range(500)]
    author(finding(), operation(), operation(KIND.GROUP_WRITE, NODE_GROUP_ID), *elsewhere)
    assert {o.resource_id for o in asked} == {scale_set_id(), NODE_GROUP_ID}


# Parents and children


def test_a_write_of_the_security_group_explains_a_rule_in_it() -> None:
    found = finding(rule_id("evil"), "access", explained_by=frozenset({KIND.NSG_WRITE}))
    assert explains(operation(KIND.NSG_WRITE, NSG_ID), found)
    assert explains(operation(KIND.NSG_WRITE, rule_id("evil")), found)
    assert not explains(operation(KIND.NSG_WRITE, rule_id("other")), found)


def test_a_deleted_rule_explains_what_the_security_group_lacks() -> None:
    found = finding(NSG_ID, "securityRules", explained_by=frozenset({KIND.NSG_WRITE}))
    assert explains(operation(KIND.NSG_WRITE, rule_id("gone")), found)


def test_a_write_of_the_network_explains_its_subnet() -> None:
    found = finding(SUBNET_ID, "networkSecurityGroup", explained_by=frozenset({KIND.VNET_WRITE}))
    assert explains(operation(KIND.VNET_WRITE, VNET_ID), found)


def test_what_was_done_to_a_node_explains_the_capacity_of_its_scale_set() -> None:
    found = finding(path="sku.capacity", explained_by=frozenset({KIND.NODE_DELETE}))
    assert explains(operation(KIND.NODE_DELETE, node_id(2)), found)


def test_tags_written_on_a_child_of_their_own_explain_the_resources_tags() -> None:
    found = finding(path="tags.aks-managed-poolName", explained_by=frozenset({KIND.TAGS_WRITE}))
    name = "Microsoft.Resources/tags/write"
    assert explains(operation(KIND.TAGS_WRITE, scale_set_id() + TAGS, name=name), found)
    assert not explains(operation(KIND.TAGS_WRITE, node_id(0) + TAGS, name=name), found)
    assert not explains(operation(KIND.TAGS_WRITE, NODE_GROUP_ID + TAGS, name=name), found)


def test_tags_of_a_resource_in_the_group_are_not_the_groups_tags() -> None:
    found = finding(
        NODE_GROUP_ID,
        "tags.aks-managed-cluster-name",
        explained_by=frozenset({KIND.TAGS_WRITE, KIND.GROUP_WRITE}),
    )
    assert explains(operation(KIND.TAGS_WRITE, NODE_GROUP_ID + TAGS), found)
    assert explains(operation(KIND.GROUP_WRITE, NODE_GROUP_ID), found)
    assert not explains(operation(KIND.TAGS_WRITE, scale_set_id() + TAGS), found)


def test_what_lies_in_a_group_is_not_the_group() -> None:
    found = finding(NODE_GROUP_ID, "managedBy", explained_by=frozenset({KIND.SCALE_SET_WRITE}))
    assert not explains(operation(), found)


def test_a_moved_or_deleted_group_explains_what_is_gone_from_it() -> None:
    found = finding(path="", explained_by=frozenset({KIND.GROUP_WRITE}))
    group = "Microsoft.Resources/subscriptions/resourceGroups"
    for verb in ("delete", "moveResources/action"):
        done = operation(KIND.GROUP_WRITE, NODE_GROUP_ID, name=f"{group}/{verb}")
        assert explains(done, found)
    written = operation(KIND.GROUP_WRITE, NODE_GROUP_ID, name=f"{group}/write")
    assert not explains(written, found)


# Properties


def wrote(*paths: str, kind: OperationKind = KIND.SCALE_SET_WRITE, on: str = "") -> Operation:
    return operation(kind, on or scale_set_id(), request_paths=paths)


def test_a_partial_body_explains_only_the_property_that_it_names() -> None:
    assert explains(wrote("sku.name"), finding(path="sku.name"))
    assert not explains(wrote("sku.capacity"), finding(path="sku.name"))
    assert explains(wrote("sku.capacity", "sku.name"), finding(path="sku.name"))


def test_a_body_may_name_more_or_less_of_the_path_than_the_finding() -> None:
    deep = finding(path="virtualMachineProfile.storageProfile.imageReference")
    assert explains(
        wrote("properties.virtualMachineProfile.storageProfile.imageReference.id"), deep
    )
    assert explains(wrote("properties.virtualMachineProfile.storageProfile"), deep)
    assert not explains(wrote("properties.virtualMachineProfile.osProfile.adminUsername"), deep)


def test_paths_are_compared_without_regard_to_case() -> None:
    assert explains(wrote("Properties.UpgradePolicy.Mode"), finding(path="upgradePolicy.mode"))


def test_a_whole_body_explains_also_what_it_left_out() -> None:
    """A PUT resets what it does not name; only a PUT carries the location."""
    assert explains(wrote("location", "sku.capacity"), finding(path="identity"))


def test_without_a_body_on_record_the_property_does_not_matter() -> None:
    assert explains(wrote(), finding(path="identity"))


def test_a_finding_on_a_resource_as_a_whole_names_no_property() -> None:
    assert explains(wrote("sku.capacity"), finding(path=""))


def test_an_actions_body_says_nothing_of_properties() -> None:
    down = operation(
        KIND.NODE_DOWN,
        name=f"{SCALE_SETS}/deallocate/action",
        request_paths=("instanceIds",),
        instance_ids=("1",),
    )
    found = finding(path="instanceView", instances=("1",), explained_by=frozenset({KIND.NODE_DOWN}))
    assert explains(down, found)


def test_a_scale_sets_body_explains_an_extension_only_if_it_holds_extensions() -> None:
    found = finding(extension_id("vmssCSE"), "settings")
    profile = "properties.virtualMachineProfile"
    assert explains(wrote(f"{profile}.extensionProfile.extensions.properties.settings"), found)
    assert explains(wrote("sku.name", f"{profile}.extensionProfile.extensions"), found)
    assert not explains(wrote("sku.capacity"), found)
    assert not explains(wrote(f"{profile}.osProfile.customData"), found)


def test_an_extensions_own_body_is_compared_with_the_extensions_properties() -> None:
    found = finding(
        extension_id("vmssCSE"), "settings", explained_by=frozenset({KIND.EXTENSION_WRITE})
    )
    script = wrote("properties.settings.script", kind=KIND.EXTENSION_WRITE, on=found.resource_id)
    publisher = wrote("properties.publisher", kind=KIND.EXTENSION_WRITE, on=found.resource_id)
    assert explains(script, found)
    assert not explains(publisher, found)


def test_an_extensions_body_is_not_compared_with_paths_of_the_scale_set() -> None:
    found = finding(
        path="virtualMachineProfile.extensionProfile",
        explained_by=frozenset({KIND.EXTENSION_WRITE}),
    )
    done = wrote("properties.settings", kind=KIND.EXTENSION_WRITE, on=extension_id("agent"))
    assert explains(done, found)


def test_an_instances_body_is_compared_with_what_its_instances_differ_in() -> None:
    found = finding(
        path="protectionPolicy",
        instances=("0",),
        explained_by=frozenset({KIND.NODE_WRITE}),
    )
    body = "properties.protectionPolicy.protectFromScaleIn"
    disk = "properties.storageProfile.dataDisks.lun"
    assert explains(wrote(body, kind=KIND.NODE_WRITE, on=node_id(0)), found)
    assert not explains(wrote(disk, kind=KIND.NODE_WRITE, on=node_id(0)), found)


def test_rules_and_subnets_are_always_written_as_a_whole() -> None:
    found = finding(rule_id("k8s"), "access", explained_by=frozenset({KIND.NSG_WRITE}))
    assert explains(wrote("properties.priority", kind=KIND.NSG_WRITE, on=rule_id("k8s")), found)
    lost = finding(SUBNET_ID, "networkSecurityGroup", explained_by=frozenset({KIND.SUBNET_WRITE}))
    put = wrote("properties.addressPrefix", kind=KIND.SUBNET_WRITE, on=SUBNET_ID)
    assert explains(put, lost)


def test_a_tag_that_is_gone_may_have_been_replaced_away() -> None:
    on = scale_set_id() + TAGS
    name = "Microsoft.Resources/tags/write"
    merged = operation(
        KIND.TAGS_WRITE, on, name=name, request_paths=("operation", "properties.tags.team")
    )
    tag = finding(path="tags.aks-managed-poolName", explained_by=frozenset({KIND.TAGS_WRITE}))
    assert explains(merged, replace(tag, actual=None))
    assert not explains(merged, replace(tag, actual="other"))


def test_a_partial_body_with_tags_may_have_replaced_a_tag_and_nothing_else() -> None:
    body = wrote("sku.capacity", "tags.team")
    assert explains(body, finding(path="tags.aks-managed-poolName", actual=None))
    assert not explains(body, finding(path="tags.aks-managed-poolName", actual="other"))
    assert not explains(body, finding(path="zones", actual=None))


# Instances


def down(*instances: str, by: Actor = BY_ALICE, hour: int = 0) -> Operation:
    return operation(
        KIND.NODE_DOWN,
        by=by,
        when=minutes_after(NOON, 60 * hour),
        name=f"{SCALE_SETS}/deallocate/action",
        instance_ids=instances,
    )


def nodes_down(*instances: str) -> Finding:
    return finding(path="powerState", instances=instances, explained_by=frozenset({KIND.NODE_DOWN}))


def test_an_operation_that_names_instances_explains_only_those() -> None:
    assert explains(down("1", "2"), nodes_down("2"))
    assert not explains(down("1", "2"), nodes_down("3"))


def test_an_operation_that_names_none_is_on_all_of_them() -> None:
    assert explains(down(), nodes_down("2", "3"))
    assert explains(down("*"), nodes_down("2", "3"))


def test_an_operation_on_one_instance_names_it_by_its_id() -> None:
    found = nodes_down("2")
    assert explains(operation(KIND.NODE_DOWN, node_id(2)), found)
    assert not explains(operation(KIND.NODE_DOWN, node_id(22)), found)


def test_instances_with_one_deed_are_one_finding() -> None:
    judgement = only(nodes_down("1", "2", "3"), down("1", "2", "3"))
    assert judgement.finding.instances == ("1", "2", "3")
    assert judgement.finding.summary == "differs"


def test_instances_with_two_deeds_are_two_findings() -> None:
    alices, bobs = down("3", "10", by=BY_ALICE), down("2", by=BY_BOB, hour=1)
    parts = judged(nodes_down("2", "3", "10"), alices, bobs)
    assert [(j.operation, j.finding.instances) for j in parts] == [
        (bobs, ("2",)),
        (alices, ("3", "10")),
    ]
    assert parts[1].finding.summary == "differs (of these: 3, 10)"
    assert len({j.fingerprint for j in parts}) == 2
    assert len({j.deed for j in parts}) == 2


def test_instances_that_no_deed_explains_are_told_apart_from_those_that_one_does() -> None:
    parts = judged(nodes_down("1", "2"), down("2"))
    assert [(j.operation is None, j.finding.instances) for j in parts] == [
        (True, ("1",)),
        (False, ("2",)),
    ]
    assert [j.finding.confidence for j in parts] == [Confidence.LIKELY, Confidence.CONFIRMED]


def test_the_newest_deed_on_an_instance_is_its_deed() -> None:
    early, late = down("1", "2"), down("1", by=BY_BOB, hour=3)
    parts = judged(nodes_down("1", "2"), early, late)
    assert [(j.operation, j.finding.instances) for j in parts] == [(late, ("1",)), (early, ("2",))]


def test_the_lowest_instances_group_keeps_the_fingerprint_of_the_whole() -> None:
    whole = only(nodes_down("2", "3", "10"))
    parts = judged(nodes_down("2", "3", "10"), down("3", "10"))
    assert parts[0].fingerprint == whole.fingerprint
    assert parts[1].fingerprint != whole.fingerprint


@given(
    st.lists(st.sampled_from("0123456789"), min_size=1, unique=True),
    st.lists(st.lists(st.sampled_from("0123456789"), unique=True), max_size=4),
)
def test_splitting_by_deed_loses_no_instance_and_tells_none_twice(
    instances: list[str], named: list[list[str]]
) -> None:
    deeds = [down(*names, hour=hour) for hour, names in enumerate(named)]
    parts = judged(nodes_down(*instances), *deeds)
    told = [instance for part in parts for instance in part.finding.instances]
    assert sorted(told) == sorted(instances)
    assert len({part.fingerprint for part in parts}) == len(parts)


# What it does to the finding


def test_a_customers_operation_on_record_proves_what_a_state_only_suggests() -> None:
    lead = finding(confidence=Confidence.POSSIBLE)
    assert lead.verdict is Verdict.WARNING
    proven = only(lead, operation())
    assert proven.finding.confidence is Confidence.CONFIRMED
    assert proven.finding.verdict is Verdict.VIOLATION


def test_akss_own_operations_do_not_prove_a_lead() -> None:
    lead = only(finding(confidence=Confidence.POSSIBLE), operation(by=BY_AKS))
    assert lead.finding.confidence is Confidence.POSSIBLE
    assert lead.operation is None


def test_a_bare_id_makes_a_lead_likely_at_most() -> None:
    lead = only(finding(confidence=Confidence.POSSIBLE), operation(by=BY_BARE))
    assert lead.finding.confidence is Confidence.LIKELY


def test_a_microsoft_service_proves_nothing() -> None:
    lead = only(finding(confidence=Confidence.POSSIBLE), operation(by=BY_SERVICE))
    assert lead.finding.confidence is Confidence.POSSIBLE


def test_a_weaker_author_does_not_weaken_a_proven_state() -> None:
    proven = only(finding(confidence=Confidence.CONFIRMED), operation(by=BY_BARE))
    assert proven.finding.confidence is Confidence.CONFIRMED


def test_a_rule_may_refuse_to_be_proven_by_an_operation() -> None:
    lead = finding(confidence=Confidence.POSSIBLE, raised_by_operation=False)
    assert only(lead, operation()).finding.confidence is Confidence.POSSIBLE


def test_azure_policys_doing_weighs_medium() -> None:
    assert only(finding(), operation(by=BY_POLICY)).finding.severity is Severity.MEDIUM
    low = finding(severity=Severity.LOW)
    assert only(low, operation(by=BY_POLICY)).finding.severity is Severity.LOW


def test_the_trail_ends_with_the_operation() -> None:
    seen = Evidence(text="AKS says otherwise", source="managedClusters")
    trail = only(finding(evidence=(seen,)), operation()).finding.evidence
    assert trail[0] == seen
    assert trail[1].source == "activity log"
    assert "alice@contoso.example" in trail[1].text
    assert trail[1].at == NOON


def test_a_recorded_findings_author_is_its_own_operation() -> None:
    deed = operation()
    record = finding(operation=deed, instances=("1", "2"))
    judgement = only(record, operation(by=BY_BOB, when=LATER), rule=RECORD)
    assert judgement.operation == deed
    assert judgement.deed == deed.id
    assert judgement.finding == record


def test_an_unknown_author_is_bounded_by_what_the_log_reaches() -> None:
    judgement = only(finding())
    assert judgement.operation is None
    assert (judgement.since, judgement.until) == (log().since, log().until)


def test_a_log_that_was_read_further_back_bounds_further_back() -> None:
    reached = at("2026-08-03 00:00")
    deeper = log(deepened=((scale_set_id().casefold(), reached),))
    of = cluster(activity=Known(deeper))
    (judgement,) = attribution.judge(RULE, finding(node_id(1)), of, context(of))
    assert judgement.since == reached
    (elsewhere,) = attribution.judge(RULE, finding(NSG_ID), of, context(of))
    assert elsewhere.since == log().since


def test_without_a_log_nothing_bounds_an_unknown_author() -> None:
    of = cluster(activity=gap())
    (judgement,) = attribution.judge(RULE, finding(), of, context(operations=gap()))
    assert (judgement.since, judgement.until) == (None, None)


# Fingerprints


def print_of(found: Finding, rule: Rule = RULE, **changes: Any) -> str:  # noqa: ANN401 (any field)
    return attribution.fingerprint_of(rule, found, cluster(managed(**changes)))


def test_a_fingerprint_has_a_version_and_does_not_say_what_it_is_of() -> None:
    version, _, digest = print_of(finding()).partition("-")
    assert version == attribution.FINGERPRINT_VERSION
    assert len(digest) == 40
    assert int(digest, 16)


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": Severity.LOW},
        {"confidence": Confidence.CONFIRMED},
        {"summary": "said in other words"},
        {"actual": "Standard_D16s_v5", "expected": "Standard_D4s_v5"},
        {"evidence": (Evidence(text="more", at=NOON),)},
        {"remediation": "do this", "commands": ("az aks update",)},
        {"standing": False},
        {"instances": ("1",)},
        {"explained_by": frozenset({KIND.OTHER})},
        {"node_pool": "apps"},
    ],
)
def test_fingerprints_are_stable_against_severity_text_time_and_attribution(
    changes: dict[str, Any],
) -> None:
    assert print_of(finding(**changes)) == print_of(finding())


def test_attribution_found_or_lost_later_does_not_change_a_fingerprint() -> None:
    assert only(finding()).fingerprint == only(finding(), operation()).fingerprint


def test_fingerprints_do_not_depend_on_the_case_of_ids() -> None:
    assert print_of(finding(scale_set_id().upper())) == print_of(finding())


def test_a_cluster_made_again_under_its_name_has_other_fingerprints() -> None:
    assert print_of(finding(), resource_uid="another") != print_of(finding())


def test_rule_resource_property_and_discriminator_make_a_fingerprint() -> None:
    prints = {
        print_of(finding()),
        print_of(finding(), replace(RULE, id="VMSS002")),
        print_of(finding(scale_set_id("batch"))),
        print_of(finding(path="zones")),
        print_of(finding(discriminator="1")),
    }
    assert len(prints) == 5


def test_a_cluster_that_cannot_be_read_still_gives_a_fingerprint() -> None:
    of = cluster(managed=gap(CLUSTER_ID))
    assert attribution.fingerprint_of(RULE, finding(), of)


# Folding


def state(deed: Operation | None = None, **changes: Any) -> Judgement:  # noqa: ANN401 (any field)
    """A state finding, explained by the deed if one is given."""
    found = finding(path="", **{"confidence": Confidence.CONFIRMED} | changes)
    judgement = only(found)
    return replace(judgement, operation=deed, deed=deed.id if deed else judgement.fingerprint)


def record_of(deed: Operation, **changes: Any) -> Judgement:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"confidence": Confidence.CONFIRMED, "discriminator": deed.id}
    return only(finding(operation=deed, path="", **given | changes), rule=RECORD)


def test_a_recorded_finding_is_folded_into_the_state_finding_of_its_deed() -> None:
    deed = operation()
    (told,) = attribution.fold([state(deed), record_of(deed)])
    assert told.rule_id == RULE.id
    assert told.recorded_rules == (RECORD.id,)


def test_a_recorded_finding_is_folded_into_all_state_findings_of_its_deed() -> None:
    deed = operation()
    told = attribution.fold([state(deed), record_of(deed), state(deed, node_pool="apps")])
    assert [j.recorded_rules for j in told] == [(RECORD.id,), (RECORD.id,)]


def test_another_deed_is_not_folded_away() -> None:
    seen, reverted = operation(), operation(by=BY_BOB, when=LATER)
    told = attribution.fold([state(seen), record_of(seen), record_of(reverted)])
    assert [j.deed for j in told] == [seen.id, reverted.id]
    assert told[1].recorded_rules == ()


def test_a_deed_that_left_no_state_behind_stays_on_record() -> None:
    record = record_of(operation())
    assert attribution.fold([record, state()]) == (record, state())


@pytest.mark.parametrize(
    "weak",
    [
        {"severity": Severity.LOW},
        {"advice": True},
        {"confidence": Confidence.POSSIBLE},
        {"standing": False},
    ],
)
def test_a_state_finding_that_weighs_less_does_not_stand_in_for_the_record(
    weak: dict[str, Any],
) -> None:
    deed = operation()
    told = attribution.fold([state(deed, **weak), record_of(deed)])
    assert [j.finding.is_recorded for j in told] == [False, True]
    assert told[0].recorded_rules == (RECORD.id,), "it refers to the record all the same"


def test_a_lead_on_record_is_folded_into_a_proven_state() -> None:
    deed = operation()
    lead = record_of(deed, confidence=Confidence.POSSIBLE)
    assert len(attribution.fold([state(deed), lead])) == 1


DEEDS = [operation(by=by, when=when) for by in (BY_ALICE, BY_BOB) for when in (NOON, LATER)]
JUDGEMENTS = st.lists(
    st.one_of(
        st.builds(
            state,
            st.sampled_from([None, *DEEDS]),
            severity=st.sampled_from(Severity),
            confidence=st.sampled_from(Confidence),
            advice=st.booleans(),
        ),
        st.builds(
            record_of,
            st.sampled_from(DEEDS),
            severity=st.sampled_from(Severity),
            confidence=st.sampled_from(Confidence),
        ),
    ),
    max_size=8,
)


@given(JUDGEMENTS)
def test_folding_never_loses_a_deed(judgements: list[Judgement]) -> None:
    told = attribution.fold(judgements)
    assert {j.deed for j in told} == {j.deed for j in judgements}


@given(JUDGEMENTS)
def test_folding_loses_no_state_finding_and_never_the_weight_of_a_deed(
    judgements: list[Judgement],
) -> None:
    told = attribution.fold(judgements)
    states = [j.fingerprint for j in judgements if not j.finding.is_recorded]
    assert [j.fingerprint for j in told if not j.finding.is_recorded] == states
    for deed in {j.deed for j in judgements}:
        before = max(_weight(j) for j in judgements if j.deed == deed)
        after = max(_weight(j) for j in told if j.deed == deed)
        assert after[0] == before[0]


def _weight(judgement: Judgement) -> tuple[bool, int]:
    finding = judgement.finding
    return finding.verdict is Verdict.VIOLATION, finding.severity.rank


@given(JUDGEMENTS)
def test_folding_twice_is_folding_once(judgements: list[Judgement]) -> None:
    told = attribution.fold(judgements)
    assert [j.fingerprint for j in attribution.fold(told)] == [j.fingerprint for j in told]
