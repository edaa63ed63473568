from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.evidence.operations import Call, merge
from auditor.model.operation import ActivityRecord, Claims, OperationKind, OperationStatus
from tests.build import NOON, minutes_after, scale_set_id
from tests.deeds import (
    AKS,
    ALICE,
    BARE,
    BOB,
    CONTROL_PLANE,
    NOBODY,
    PIPELINE,
    SCALE_SETS,
    Caller,
    act,
    record,
)


def only(*records: ActivityRecord) -> Call:
    (call,) = merge(records)
    return call


def test_started_accepted_succeeded_are_one_operation() -> None:
    call = only(*act())
    assert call.operation.status is OperationStatus.SUCCEEDED
    assert call.operation.started_at == NOON
    assert call.operation.ended_at == minutes_after(NOON, 2)
    assert call.operation.at == minutes_after(NOON, 2)
    assert len(call.operation.event_ids) == 3


def test_an_accepted_call_without_an_end_on_record_is_still_running() -> None:
    operation = only(*act(statuses=("Started", "Accepted"))).operation
    assert operation.status is OperationStatus.RUNNING
    assert operation.ended_at is None
    assert operation.at == NOON


def test_a_failed_or_forbidden_write_is_only_an_attempt() -> None:
    failed = only(*act(statuses=("Started", "Failed"), sub_status="Forbidden"))
    assert failed.operation.status is OperationStatus.FAILED


def test_a_cancelled_operation_is_only_an_attempt_in_both_spellings() -> None:
    assert only(*act(statuses=("Canceled",))).operation.status is OperationStatus.FAILED
    assert only(*act(statuses=("Cancelled",))).operation.status is OperationStatus.FAILED


def test_a_retry_that_succeeded_outweighs_the_failure_before_it() -> None:
    call = only(*act(statuses=("Started", "Failed", "Started", "Succeeded")))
    assert call.operation.status is OperationStatus.SUCCEEDED


def test_a_late_failed_record_does_not_undo_a_success() -> None:
    call = only(*act(statuses=("Started", "Succeeded", "Failed")))
    assert call.operation.status is OperationStatus.SUCCEEDED


def test_statuses_are_read_in_any_case() -> None:
    assert only(*act(statuses=("started", "SUCCEEDED"))).operation.ended_at


def test_an_event_that_two_slices_of_the_log_both_hold_counts_once() -> None:
    event = record()
    assert only(event, event).operation.event_ids == (event.event_id,)


def test_an_event_that_one_of_two_slices_tells_less_of_counts_once_too() -> None:
    event = record()
    assert only(replace(event, tenant_id=""), event).operation.event_ids == (event.event_id,)


def test_events_without_an_id_are_not_taken_for_one_another() -> None:
    nameless = [record(event_id="", operation_id=name) for name in ("one", "two")]
    assert len(merge(nameless)) == 2


def test_resource_ids_and_names_in_another_case_are_the_same_operation() -> None:
    begun, *ended = act()
    shouted = record(
        begun.name.upper(),
        scale_set_id().upper(),
        status="Succeeded",
        operation_id=begun.operation_id.upper(),
    )
    assert len(merge([begun, shouted, *ended])) == 1


def test_without_operation_ids_the_correlation_id_joins_records() -> None:
    records = act(operation_id="", correlation_id="one")
    assert only(*records).operation.status is OperationStatus.SUCCEEDED
    assert len(merge([*records, *act(operation_id="", correlation_id="other", at=NOON)])) == 2


def test_without_any_id_every_record_stands_alone() -> None:
    assert len(merge(act(operation_id="", correlation_id=""))) == 3


def test_a_deployment_that_writes_several_resources_is_several_operations() -> None:
    written = [
        act(on=scale_set_id(pool), operation_id="deployment", correlation_id="deployment")
        for pool in ("apps", "batch", "system")
    ]
    calls = merge(r for records in written for r in records)
    assert len(calls) == 3
    assert len({call.operation.id for call in calls}) == 3, "each is a deed of its own"


def test_the_oldest_call_keeps_the_operation_id_that_azure_shows() -> None:
    first = act(operation_id="shared", at=NOON)
    second = act(operation_id="shared", on=scale_set_id("batch"), at=minutes_after(NOON, 9))
    one, other = merge([*second, *first])
    assert one.operation.id == "shared"
    assert other.operation.id.startswith("shared~")
    assert only(*first).operation.id == "shared"


def test_two_callers_under_one_correlation_id_are_two_operations() -> None:
    shared = {"operation_id": "", "correlation_id": "shared"}
    calls = merge([*act(by=ALICE, **shared), *act(by=AKS, **shared)])
    assert {call.caller for call in calls} == {ALICE.caller, AKS.caller}


def test_two_callers_under_one_operation_id_have_ids_of_their_own() -> None:
    calls = merge([*act(by=ALICE, operation_id="shared"), *act(by=AKS, operation_id="shared")])
    assert len({call.operation.id for call in calls}) == 2


@pytest.mark.parametrize(
    "who",
    [
        lambda name: Caller(claims=Claims(object_id=name)),
        lambda name: Caller(caller=name),
        lambda name: Caller(claims=Claims(app_id=name)),
    ],
    ids=["object id", "caller", "application"],
)
def test_whatever_tells_callers_apart_gives_their_calls_ids_of_their_own(
    who: Callable[[str], Caller],
) -> None:
    callers = map(who, ("one", "two", "three"))
    calls = merge(record(by=by, operation_id="shared") for by in callers)
    first, *others = sorted(call.operation.id for call in calls)
    assert first == "shared"
    assert len(set(others)) == 2
    assert all(re.fullmatch("shared~[0-9a-f]{8}", other) for other in others)


def test_caller_missing_on_the_end_record() -> None:
    begun, _, ended = act()
    nameless = record(status="Succeeded", by=NOBODY, operation_id=begun.operation_id, at=ended.at)
    call = only(begun, nameless)
    assert call.caller == ALICE.caller
    assert call.claims == ALICE.claims
    assert call.operation.status is OperationStatus.SUCCEEDED


def test_claims_missing_on_the_end_record() -> None:
    bare = Caller(caller=ALICE.caller.upper())
    begun, *_ = act(operation_id="one")
    ended = record(by=bare, operation_id="one", at=minutes_after(NOON, 3))
    assert only(begun, ended).claims == ALICE.claims


def test_an_end_without_caller_belongs_to_the_only_caller_even_after_a_failure() -> None:
    first, failed, retried = act(statuses=("Started", "Failed", "Succeeded"))
    nameless = replace(retried, caller="", claims=Claims())
    assert only(first, failed, nameless).operation.status is OperationStatus.SUCCEEDED


def test_claims_missing_on_the_first_record_are_those_of_a_later_one() -> None:
    first, *rest = act()
    assert only(replace(first, claims=Claims()), *rest).claims == ALICE.claims


@pytest.mark.parametrize("claims", [Claims(app_id="an-app"), Claims(object_id="an-id")], ids=str)
def test_one_id_among_the_claims_of_a_later_record_is_enough(claims: Claims) -> None:
    first, last = act(by=Caller(caller="an-id"), statuses=("Started", "Succeeded"))
    assert only(first, replace(last, claims=claims)).claims == claims


def test_claims_without_an_id_are_those_of_the_record_that_names_its_caller() -> None:
    first, last = act(statuses=("Started", "Succeeded"))
    nameless = replace(first, caller="", claims=Claims())
    assert only(nameless, replace(last, claims=Claims(name="Alice"))).claims.name == "Alice"


def test_what_only_a_later_record_tells_is_told_of_the_whole_call() -> None:
    first, last = act(statuses=("Started", "Failed"))
    told = {
        "client_address": "203.0.113.24",
        "tenant_id": "a-tenant",
        "failure_code": "ScopeLocked",
        "policy_assignment": ASSIGNMENT,
    }
    call = only(replace(first, caller="", tenant_id=""), replace(last, **told))
    assert (call.caller, call.operation.failure_code) == (ALICE.caller, "ScopeLocked")
    assert (call.client_address, call.tenant_id) == ("203.0.113.24", "a-tenant")
    assert call.policy_assignment == ASSIGNMENT


def test_a_call_that_ended_twice_ended_at_last() -> None:
    call = only(*act(statuses=("Started", "Succeeded", "Succeeded")))
    assert call.operation.ended_at == minutes_after(NOON, 2)


def test_an_object_id_tells_callers_apart_where_no_caller_is_told() -> None:
    alice, bob = (Caller(claims=person.claims) for person in (ALICE, BOB))
    calls = merge([record(by=by, operation_id="one") for by in (alice, bob)])
    assert {call.claims.object_id for call in calls} == {
        ALICE.claims.object_id,
        BOB.claims.object_id,
    }


def test_an_object_id_as_caller_is_the_same_as_in_the_claims() -> None:
    bare = Caller(caller=PIPELINE.claims.object_id)
    records = [
        record(by=PIPELINE, operation_id="one"),
        record(by=bare, operation_id="one", at=NOON),
    ]
    assert len(merge(records)) == 1


def test_an_end_without_caller_goes_to_the_only_caller_who_has_no_end_yet() -> None:
    shared = {"operation_id": "shared"}
    done = act(by=AKS, **shared)
    begun = act(by=ALICE, statuses=("Started",), **shared)
    nameless = record(by=NOBODY, at=minutes_after(NOON, 5), **shared)
    by_caller = {call.caller: call.operation for call in merge([*done, *begun, nameless])}
    assert by_caller[ALICE.caller].status is OperationStatus.SUCCEEDED
    assert nameless.event_id in by_caller[ALICE.caller].event_ids


def test_an_end_that_either_of_two_callers_may_have_reached_proves_neither() -> None:
    shared = {"operation_id": "shared"}
    begun = [record(by=who, status="Started", **shared) for who in (ALICE, BOB)]
    calls = merge([*begun, record(by=NOBODY, at=minutes_after(NOON, 5), **shared)])
    assert {call.caller for call in calls} == {ALICE.caller, BOB.caller}, "no third, nameless hand"
    assert {call.operation.status for call in calls} == {OperationStatus.RUNNING}


def test_nor_where_both_are_known_by_their_object_ids_alone() -> None:
    shared = {"operation_id": "shared"}
    people = [Caller(claims=who.claims) for who in (ALICE, BOB)]
    begun = [record(by=who, status="Started", **shared) for who in people]
    calls = merge([*begun, record(by=NOBODY, at=minutes_after(NOON, 5), **shared)])
    assert [call.operation.status for call in calls] == [OperationStatus.RUNNING] * 2


def test_a_call_that_nobody_made_stays_nobodys() -> None:
    assert only(*act(by=NOBODY)).caller == ""


def test_an_app_id_alone_tells_callers_apart() -> None:
    callers = [Caller(claims=Claims(app_id=app)) for app in ("one", "two")]
    assert len(merge(record(by=who, operation_id="shared") for who in callers)) == 2


def test_the_request_of_the_first_record_stays_with_the_operation() -> None:
    begun, *rest = act()
    with_body = record(
        status="Started",
        operation_id=begun.operation_id,
        request_paths=("sku.capacity",),
        instance_ids=("3", "1"),
        client_address="203.0.113.24",
    )
    call = only(with_body, *rest)
    assert call.operation.request_paths == ("sku.capacity",)
    assert call.operation.instance_ids == ("1", "3")
    assert call.client_address == "203.0.113.24"


def test_a_policys_audit_event_is_no_act() -> None:
    name = "Microsoft.Authorization/policies/audit/action"
    assert merge([record(name, category="Policy")]) == ()


def test_service_health_and_autoscale_notices_are_no_acts() -> None:
    for category in ("ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation"):
        assert merge([record(category=category)]) == ()


def test_a_record_without_a_category_is_of_an_act() -> None:
    assert len(merge([record(category="")])) == 1


def test_a_spot_eviction_is_an_act_in_whatever_category_it_is_told() -> None:
    name = f"{SCALE_SETS}/virtualMachines/evict/action"
    call = only(record(name, category="ResourceHealth", by=NOBODY))
    assert call.operation.kind is OperationKind.EVICTION


def test_operations_come_oldest_first() -> None:
    late = act(at=minutes_after(NOON, 30), on=scale_set_id("batch"))
    moments = [call.operation.started_at for call in merge([*late, *act()])]
    assert moments == sorted(moments)


CALLERS = st.sampled_from([ALICE, BOB, AKS, CONTROL_PLANE, PIPELINE, BARE, NOBODY])
RESOURCES = st.sampled_from([scale_set_id(), scale_set_id("batch"), scale_set_id().upper()])
NAMES = st.sampled_from([f"{SCALE_SETS}/write", f"{SCALE_SETS}/deallocate/action"])
STATUSES = st.sampled_from(["Started", "Accepted", "Succeeded", "Failed", ""])


@st.composite
def some_records(draw: st.DrawFn) -> list[ActivityRecord]:
    """Records with unique event ids, few operation ids, and everything else mixed."""
    return [
        record(
            draw(NAMES),
            draw(RESOURCES),
            draw(CALLERS),
            event_id=f"event {number}",
            operation_id=draw(st.sampled_from(["one", "two", "", "ONE"])),
            correlation_id=draw(st.sampled_from(["this", ""])),
            status=draw(STATUSES),
            at=minutes_after(NOON, draw(st.integers(0, 5))),
        )
        for number in range(draw(st.integers(0, 9)))
    ]


@given(some_records(), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order_of_the_records(
    records: list[ActivityRecord], chance: Random
) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert merge(shuffled) == merge(records)


@given(some_records())
def test_merging_is_idempotent_over_records_read_twice(records: list[ActivityRecord]) -> None:
    assert merge([*records, *records]) == merge(records)


@given(some_records())
def test_no_record_is_in_two_operations_and_none_with_a_caller_is_lost(
    records: list[ActivityRecord],
) -> None:
    told = [event for call in merge(records) for event in call.operation.event_ids]
    assert len(told) == len(set(told))
    assert {r.event_id for r in records if r.caller} <= set(told)


@given(some_records())
def test_every_operation_has_an_id_of_its_own_and_one_caller(
    records: list[ActivityRecord],
) -> None:
    calls = merge(records)
    assert len({call.operation.id.casefold() for call in calls}) == len(calls)
    callers = {r.event_id: r.caller.casefold() for r in records}
    for call in calls:
        assert len({callers[event] for event in call.operation.event_ids} - {""}) <= 1


@given(some_records())
def test_an_operation_succeeded_only_if_one_of_its_records_says_so(
    records: list[ActivityRecord],
) -> None:
    statuses = {r.event_id: r.status for r in records}
    for call in merge(records):
        said = {statuses[event] for event in call.operation.event_ids}
        assert (call.operation.status is OperationStatus.SUCCEEDED) == ("Succeeded" in said)


def test_of_the_address_only_the_version_of_the_api_is_kept() -> None:
    address = "https://management.azure.com/x?%24top=1&api-version=2026-07-02-preview&code=secret"
    assert only(record(request_uri=address)).operation.api_version == "2026-07-02-preview"
    assert only(record(request_uri="https://management.azure.com/x")).operation.api_version == ""


def test_the_first_record_with_an_address_tells_the_version_of_the_api() -> None:
    begun, *rest = act()
    told = replace(begun, request_uri="https://management.azure.com/x?API-Version=2026-08-01")
    assert only(told, *rest).operation.api_version == "2026-08-01"


ASSIGNMENT = "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/tags-on-all"


def by_policy(resource_id: str, correlation: str) -> ActivityRecord:
    name = "Microsoft.Authorization/policies/modify/action"
    return ActivityRecord(
        event_id=f"policy-{resource_id}-{correlation}",
        operation_id="policys-own",
        correlation_id=correlation,
        name=name,
        category="Policy",
        resource_id=resource_id,
        policy_assignment=ASSIGNMENT,
        at=NOON,
    )


def test_policies_that_altered_a_call_are_named_beside_its_caller() -> None:
    records = act(by=ALICE)
    call = only(*records, by_policy(records[0].resource_id.upper(), records[0].correlation_id))
    assert call.operation.policies == (ASSIGNMENT,)
    assert call.claims == records[0].claims
    assert call.policy_assignment == ""


def test_a_policys_record_without_a_correlation_id_is_beside_nobodys_call() -> None:
    records = [replace(one, correlation_id="") for one in act(by=ALICE)]
    assert only(*records, by_policy(records[0].resource_id, "")).operation.policies == ()


def test_a_policy_that_looked_at_another_request_or_resource_altered_nothing_here() -> None:
    records = act(by=ALICE)
    elsewhere = by_policy(scale_set_id("other"), records[0].correlation_id)
    earlier = by_policy(records[0].resource_id, "another-correlation")
    assert only(*records, elsewhere, earlier).operation.policies == ()
