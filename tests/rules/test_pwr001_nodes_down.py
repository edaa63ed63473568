"""PWR001: which nodes are down though AKS believes that they run."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.pools import node_pools
from auditor.model.aks import PoolKind
from auditor.model.compute import Instance, PowerState
from auditor.model.errors import UnreadableError
from auditor.model.facet import Known
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView, Subscription
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import pwr001_nodes_down_in_running_pool as rule
from tests import build, deeds

DOWN, UP, EVICTION = OperationKind.NODE_DOWN, OperationKind.NODE_UP, OperationKind.EVICTION
SPOT: dict[str, Any] = {"priority": "Spot", "eviction_policy": "Deallocate"}
KEPT: dict[str, Any] = {"scale_down_mode": "Deallocate"}


def node(number: int, code: str = "deallocated", **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    return build.node(number, power=PowerState(code), **changes)


def view(
    *nodes: Instance,
    capacity: int | None = None,
    subscription: str = "Enabled",
    stopped: bool = False,
    **pool: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    managed = build.managed(
        build.pool(**{"count": len(nodes)} | pool), power_state="Stopped" if stopped else "Running"
    )
    size = len(nodes) if capacity is None else capacity
    cluster = build.cluster(
        managed,
        scale_sets=[build.scale_set(capacity=size)],
        nodes={"apps": nodes},
        subscription=Subscription(id=build.SUBSCRIPTION, state=subscription),
    )
    return node_pools(cluster)[0]


def down(minute: int = 0, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    return power(DOWN, minute, **changes)


def power(kind: OperationKind, minute: int = 0, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    when = build.minutes_after(build.NOON, minute)
    return deeds.operation(kind, when=when, name=f"{deeds.SCALE_SETS}/{kind}/action", **changes)


def check(of: NodePoolView, *operations: Operation) -> list[Finding]:
    answers = list(rule.check(of, build.context(None, *operations)))
    return [answer for answer in answers if isinstance(answer, Finding)]


def groups(of: NodePoolView, *operations: Operation) -> list[tuple[str, ...]]:
    return [finding.instances for finding in check(of, *operations)]


def unread_log() -> Context:
    return Context(now=build.NOW, operations=build.gap())


def test_one_node_of_fifty_is_found() -> None:
    nodes = [node(number, "running") for number in range(49)]

    assert groups(view(*nodes, node(49))) == [("49",)]


@pytest.mark.parametrize(
    "exempt",
    [
        {"stopped": True},
        {"power_state": "Stopped"},
        {"subscription": "Disabled"},
        {"subscription": "Deleted"},
    ],
)
def test_what_is_not_meant_to_run_is_not_accused(exempt: dict[str, Any]) -> None:
    assert groups(view(node(0), node(1, "stopped"), **exempt)) == []


@pytest.mark.parametrize("state", ["Enabled", "Warned", "PastDue", ""])
def test_other_states_of_a_subscription_explain_nothing(state: str) -> None:
    assert groups(view(node(0), subscription=state)) == [("0",)]


@pytest.mark.parametrize("code", ["starting", "stopping", "deallocating"])
def test_nodes_in_motion_are_unknown(code: str) -> None:
    answers = list(rule.check(view(node(0, code)), build.context()))

    assert [type(answer) for answer in answers] == [Unknown]


@pytest.mark.parametrize("code", ["", "unknown"])
def test_a_node_without_a_power_state_is_unknown(code: str) -> None:
    (answer,) = rule.check(view(node(0, code)), build.context())

    assert isinstance(answer, Unknown)
    assert "no power state" in answer.gap.message


def test_a_node_that_never_got_room_is_neither_down_nor_unknown() -> None:
    never = node(
        0,
        "",
        provisioning_state="Failed",
        provisioning_code="ProvisioningState/failed/ZonalAllocationFailed",
    )

    assert list(rule.check(view(never), build.context())) == []


def test_a_running_node_that_is_being_written_runs() -> None:
    assert (
        list(rule.check(view(node(0, "running", provisioning_state="Updating")), unread_log()))
        == []
    )


def test_unknown_nodes_do_not_hide_others() -> None:
    answers = list(rule.check(view(node(0, "starting"), node(1)), build.context()))

    assert [type(answer) for answer in answers] == [Unknown, Finding]


@pytest.mark.parametrize(
    "code",
    [
        "AllocationFailed",
        "ZonalAllocationFailed",
        "OverconstrainedAllocationRequest",
        "SkuNotAvailable",
        "QuotaExceeded",
        "OperationNotAllowed",
    ],
)
def test_want_of_capacity_or_quota_explains_a_node(code: str) -> None:
    failed = node(
        0, provisioning_state="Failed", provisioning_code=f"ProvisioningState/failed/{code}"
    )

    assert groups(view(failed), down()) == []


def test_another_failure_explains_nothing() -> None:
    failed = node(
        0,
        provisioning_state="Failed",
        provisioning_code="ProvisioningState/failed/VMExtensionProvisioningError",
    )

    assert groups(view(failed)) == [("0",)]


@pytest.mark.parametrize("by", [deeds.BY_AKS, deeds.BY_CLUSTER, deeds.BY_PLATFORM])
def test_what_aks_took_down_on_record_is_its_own(by: Any) -> None:  # noqa: ANN401 (any actor)
    assert groups(view(node(0)), down(by=by)) == []


def test_the_newest_hand_counts() -> None:
    by_aks_then_alice = (down(0, by=deeds.BY_AKS), down(5))
    by_alice_then_aks = (down(0), down(5, by=deeds.BY_AKS))

    assert groups(view(node(0)), *by_aks_then_alice) == [("0",)]
    assert groups(view(node(0)), *by_alice_then_aks) == []


def test_an_operation_on_other_nodes_explains_nothing() -> None:
    by_aks = down(by=deeds.BY_AKS, instance_ids=("1", "10"))

    assert groups(view(node(0), node(1)), by_aks) == [("0",)]


def test_an_operation_on_all_nodes_covers_each() -> None:
    assert groups(view(node(0), node(1)), down(by=deeds.BY_AKS, instance_ids=("*",))) == []


def test_nodes_of_one_deed_are_one_finding_and_deeds_are_told_apart() -> None:
    of = view(node(0), node(1), node(2), node(10))
    first, second = down(0, instance_ids=("10", "2")), down(5, instance_ids=("0",))

    found = check(of, first, second)

    assert [finding.instances for finding in found] == [("0",), ("2", "10"), ("1",)]
    assert len({finding.identity for finding in found}) == 3


def test_a_node_that_was_started_since_is_nobodys_recorded_deed() -> None:
    (finding,) = check(view(node(0)), down(0), power(UP, 5, by=deeds.BY_AKS))

    assert finding.explained_by == frozenset()


def test_powered_off_is_proven_without_the_log_in_any_pool() -> None:
    for pool in ({}, SPOT, KEPT):
        (finding,) = rule.check(view(node(0, "stopped"), **pool), unread_log())
        assert isinstance(finding, Finding)
        assert finding.actual == "stopped"


def test_deallocated_nodes_need_the_log() -> None:
    for pool in ({}, SPOT):
        with pytest.raises(UnreadableError):
            list(rule.check(view(node(0), **pool), unread_log()))


def test_powered_off_nodes_are_told_before_the_log_is_missed() -> None:
    answers = rule.check(view(node(0, "stopped"), node(1)), unread_log())

    assert isinstance(next(answers), Finding)
    with pytest.raises(UnreadableError):
        next(answers)


def test_the_surplus_is_aks_and_needs_no_log() -> None:
    of = view(node(0, "running"), node(1), node(2), count=1, **KEPT)

    assert list(rule.check(of, unread_log())) == []


def test_the_surplus_is_counted_by_capacity_where_the_list_lags_behind() -> None:
    assert groups(view(node(0), node(1, "running"), capacity=3, count=2, **KEPT)) == []


def test_of_a_pool_that_aks_wants_empty_every_node_is_surplus() -> None:
    assert groups(view(node(0), node(1), count=0, **KEPT)) == []


def test_a_surplus_without_a_count_is_unknown_once_it_matters() -> None:
    with pytest.raises(UnreadableError, match="is not told"):
        check(view(node(0), count=None, **KEPT))
    assert check(view(node(0, "running"), count=None, **KEPT)) == []


def test_beyond_the_surplus_nobody_on_record_means_one_of_them() -> None:
    of = view(node(0, "running"), node(1), node(2), node(3), count=2, **KEPT)

    (finding,) = check(of)

    assert finding.instances == ("1", "2", "3")
    assert "1 of the nodes 1, 2, 3 is deallocated" in finding.summary
    assert finding.confidence is Confidence.LIKELY


def test_beyond_the_surplus_the_record_tells_which() -> None:
    of = view(node(0, "running"), node(1), node(2), node(3), count=2, **KEPT)

    assert groups(of, down(instance_ids=("2",))) == [("2",)]
    kept = down(by=deeds.BY_CLUSTER, instance_ids=("1", "3"))
    assert groups(of, kept) == [("2",)]
    assert groups(of, kept, down(5, instance_ids=("2",))) == [("2",)]


def test_powered_off_nodes_are_no_surplus() -> None:
    of = view(node(0, "running"), node(1, "stopped"), node(2), count=2, capacity=3, **KEPT)

    assert groups(of) == [("1",)]


@pytest.mark.parametrize("policy", [None, "Delete"])
def test_spot_nodes_are_not_evicted_by_deallocating_under_another_policy(
    policy: str | None,
) -> None:
    assert groups(view(node(0), **SPOT | {"eviction_policy": policy})) == [("0",)]


def test_the_scale_sets_own_policy_tells_what_azure_does() -> None:
    of = view(node(0), priority="Spot", eviction_policy="Delete")
    scale_set = replace(of.scale_set.require(), eviction_policy="deallocate")

    assert groups(of) == [("0",)]
    assert groups(replace(of, scale_set=Known(scale_set))) == []


def test_azure_takes_back_nobodys_nodes_but_spot_ones() -> None:
    assert groups(view(node(0), eviction_policy="Deallocate")) == [("0",)]


def test_an_eviction_is_azures_whoever_the_record_names() -> None:
    assert groups(view(node(0)), power(EVICTION, by=deeds.BY_BARE)) == []


def test_aks_is_not_named_as_the_author_of_a_powered_off_node() -> None:
    (by_aks,) = check(view(node(0, "stopped")), down(by=deeds.BY_AKS))
    (by_alice,) = check(view(node(0, "stopped")), down())

    assert not by_aks.explained_by
    assert by_alice.explained_by == {DOWN}


def test_a_start_at_the_very_moment_comes_after_the_deallocation() -> None:
    (finding,) = check(view(node(0)), down(5), power(UP, 5))

    assert not finding.explained_by


def test_azure_may_take_spot_nodes_and_people_may_not() -> None:
    assert groups(view(node(0), **SPOT)) == []
    assert groups(view(node(0), **SPOT), down(by=deeds.BY_SERVICE)) == []
    assert groups(view(node(0), **SPOT), power(EVICTION, by=deeds.BY_PLATFORM)) == []
    assert groups(view(node(0), **SPOT), down()) == [("0",)]


def test_a_service_of_microsofts_is_no_excuse_elsewhere() -> None:
    assert groups(view(node(0)), down(by=deeds.BY_SERVICE)) == [("0",)]


def test_a_failed_start_by_anyone_explains_a_node_that_nobody_took_down() -> None:
    failed = power(UP, 5, by=deeds.BY_AKS, status=OperationStatus.FAILED)

    assert groups(view(node(0)), failed) == []
    assert groups(view(node(0)), failed, power(UP, 9, by=deeds.BY_AKS)) == [("0",)]


def test_a_failed_start_does_not_absolve_who_took_the_node_down() -> None:
    failed = power(UP, 5, status=OperationStatus.FAILED)
    unplaced = node(0, provisioning_state="Failed")

    assert groups(view(node(0)), down(0), failed) == [("0",)]
    assert groups(view(unplaced), down(0), failed) == []


def test_a_failed_operation_of_aks_explains_what_nobody_else_did() -> None:
    pool_id = f"{build.CLUSTER_ID}/agentPools/apps"
    failed = deeds.operation(OperationKind.AKS_WRITE, pool_id, status=OperationStatus.FAILED)
    other = deeds.operation(
        OperationKind.AKS_WRITE,
        f"{build.CLUSTER_ID}/agentPools/system",
        status=OperationStatus.FAILED,
    )

    assert groups(view(node(0)), failed) == []
    assert groups(view(node(0)), failed, down()) == [("0",)]
    assert groups(view(node(0)), other) == [("0",)]
    assert groups(view(node(0)), replace(failed, kind=OperationKind.OTHER)) == [("0",)]


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (f"{build.CLUSTER_ID}/agentPools/apps", OperationKind.AKS_WRITE),
        (build.CLUSTER_ID, OperationKind.AKS_WRITE),
        (build.CLUSTER_ID, OperationKind.AKS_START),
    ],
)
def test_of_what_was_asked_of_aks_the_newest_tells(on: str, kind: OperationKind) -> None:
    def asked(minute: int, status: OperationStatus) -> Operation:
        when = build.minutes_after(build.NOON, minute)
        return deeds.operation(kind, on, when=when, status=status)

    failed, succeeded = OperationStatus.FAILED, OperationStatus.SUCCEEDED

    assert groups(view(node(0)), asked(1, succeeded), asked(2, failed)) == []
    assert groups(view(node(0)), asked(1, failed), asked(2, succeeded)) == [("0",)]
    assert groups(view(node(0)), asked(2, failed), asked(1, succeeded)) == []


@pytest.mark.parametrize(
    ("pool", "confidence"),
    [
        ({}, Confidence.CONFIRMED),
        ({"count": 0}, Confidence.LIKELY),
        ({"priority": "Spot"}, Confidence.LIKELY),
        (KEPT, Confidence.LIKELY),
    ],
)
def test_confirmed_where_no_benign_cause_fits(pool: dict[str, Any], confidence: Confidence) -> None:
    (finding,) = check(view(node(0), capacity=1, **{"count": 1} | pool))

    assert finding.confidence is confidence


def test_a_pool_whose_instances_are_refused_is_unknown() -> None:
    of = view(node(0))
    refused = build.cluster(of.managed, instances={})

    with pytest.raises(UnreadableError):
        list(rule.check(node_pools(refused)[0], build.context()))
    assert isinstance(of.instances, Known)


def test_what_is_down_is_told_beside_what_aks_was_asked_for() -> None:
    (one,) = check(view(node(0, "running"), node(1, "stopped")))
    (two,) = check(view(node(0, "stopped"), node(1, "stopped"), count=None))

    assert one.summary.startswith("Node pool apps: node 1 is stopped, though AKS believes")
    assert one.evidence[0].text == (
        "AKS's own record: node pool apps is Running, 2 nodes, scale-down mode Delete, "
        "priority Regular"
    )
    assert two.summary.startswith("Node pool apps: nodes 0, 1 are stopped, though AKS believes")
    assert "is Running, scale-down mode Delete" in two.evidence[0].text


def test_groups_of_nodes_are_told_apart_by_their_lowest_node_only_where_there_are_several() -> None:
    of = view(node(0, "running"), node(1), node(2), node(3))
    by_alice, by_bob = (
        down(minute, instance_ids=ids, by=by)
        for minute, ids, by in (
            (0, ("1", "3"), deeds.BY_ALICE),
            (5, ("2",), deeds.BY_BOB),
        )
    )

    (together,) = check(of, down(instance_ids=("1", "2", "3")))
    apart = check(of, by_alice, by_bob)

    assert together.discriminator == "deallocated"
    assert (together.resource_id, together.rests_on) == (build.scale_set_id(), ())
    told = {finding.instances: finding.discriminator for finding in apart}
    assert told == {("1", "3"): "deallocated 1", ("2",): "deallocated 2"}


def machines(code: str, **pool: Any) -> NodePoolView:  # noqa: ANN401 (any field)
    there = tuple(build.machine(f"aks-vms-26193347-vm{n}", power=PowerState(code)) for n in (0, 1))
    of = build.cluster(
        build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, **{"count": 2} | pool)),
        scale_sets=(),
        virtual_machines=Known(there),
        machines={"vms": Known(tuple(machine.id for machine in there))},
    )
    return node_pools(of)[0]


@pytest.mark.parametrize("code", ["stopped", "deallocated"])
def test_machines_are_told_apart_by_their_ids_alone(code: str) -> None:
    of = machines(code)

    told = [(f.resource_id, f.instances, f.discriminator, f.rests_on) for f in check(of)]

    assert told == [(m.id, (), code, (m.id,)) for m in of.nodes.require()]


def test_the_surplus_of_machines_is_counted_by_those_that_are_there() -> None:
    assert check(machines("deallocated", count=0, **KEPT)) == []
    assert len(check(machines("deallocated", count=1, **KEPT))) == 1
