from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from auditor.evidence import pools, transitions
from auditor.evidence.transitions import ENDLESS, Judgeable
from auditor.model.aks import PoolKind
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context, Tunables
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence
from tests.build import (
    CLUSTER_ID,
    NOW,
    cluster,
    context,
    gap,
    managed,
    node_id,
    pool,
    scale_set,
    scale_set_id,
)
from tests.deeds import BY_ALICE, operation

KIND = OperationKind
MODEL = frozenset({Aspect.MODEL})
EXTENSIONS = frozenset({Aspect.EXTENSIONS})
NETWORK = frozenset({Aspect.NETWORK})
NOTHING: frozenset[Aspect] = frozenset()
APPS = f"{CLUSTER_ID}/agentPools/apps"
BATCH = f"{CLUSTER_ID}/agentPools/batch"


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def asked(
    on: str = APPS, ago: float = 30, status: OperationStatus = OperationStatus.RUNNING
) -> Operation:
    """A request to AKS that has not ended unless it is said to have."""
    ended = None if status is OperationStatus.RUNNING else hours_ago(ago)
    return operation(KIND.AKS_WRITE, on, BY_ALICE, hours_ago(ago), status=status, ended_at=ended)


def unended(kind: OperationKind, on: str, ago: float) -> Operation:
    return operation(
        kind, on, BY_ALICE, hours_ago(ago), status=OperationStatus.RUNNING, ended_at=None
    )


def view(of: Cluster, name: str = "apps") -> NodePoolView:
    return next(v for v in pools.node_pools(of) if v.pool.name == name)


def of_pool(
    of: Cluster,
    aspects: frozenset[Aspect] = MODEL,
    *operations: Operation,
    within: Context | None = None,
) -> Judgeable | Gap:
    return transitions.of_node_pool(view(of), aspects, within or context(None, *operations))


def in_state(state: str) -> Cluster:
    return cluster(managed(pool(provisioning_state=state), pool("batch")))


def test_a_settled_pool_is_judged_with_full_confidence() -> None:
    assert of_pool(cluster()) == Judgeable(at_most=Confidence.CONFIRMED)


@pytest.mark.parametrize(
    "state",
    [
        "Creating",
        "Scaling",
        "Updating",
        "Upgrading",
        "UpgradingNodeImageVersion",
        "Starting",
        "Stopping",
        "Deleting",
        "Migrating",
        "a state of next year",
    ],
)
def test_a_pool_in_transition_is_unknown(state: str) -> None:
    answer = of_pool(in_state(state))
    assert isinstance(answer, Gap)
    assert answer.outcome is Outcome.TRANSITION
    assert state in answer.message


def test_states_are_read_in_any_case() -> None:
    assert of_pool(in_state("SUCCEEDED")) == Judgeable()
    assert of_pool(in_state("")) == Judgeable()


def test_another_pools_transition_hides_nothing_here() -> None:
    of = in_state("Upgrading")
    assert transitions.of_node_pool(view(of, "batch"), MODEL, context()) == Judgeable()


def test_a_scale_set_in_transition_hides_its_pool() -> None:
    of = cluster(scale_sets=[scale_set(provisioning_state="Updating")])
    answer = of_pool(of)
    assert isinstance(answer, Gap)
    assert answer.scope == scale_set_id()


def test_a_cluster_in_transition_hides_its_pools() -> None:
    of = cluster(managed(provisioning_state="Updating"))
    assert isinstance(of_pool(of), Gap)


def test_a_recorded_rule_always_runs() -> None:
    of = cluster(managed(pool(provisioning_state="Upgrading"), provisioning_state="Failed"))
    assert of_pool(of, NOTHING) == Judgeable()
    assert transitions.of_cluster(of, NOTHING, context()) == Judgeable()


def test_a_clusters_operation_leaves_the_network_alone() -> None:
    of = cluster(managed(provisioning_state="Updating"))
    assert transitions.of_cluster(of, NETWORK, context()) == Judgeable()
    assert isinstance(transitions.of_cluster(of, NETWORK | MODEL, context()), Gap)


def test_an_unread_cluster_is_left_to_the_rules_own_gap() -> None:
    assert transitions.of_cluster(cluster(managed=gap()), MODEL, context()) == Judgeable()


def test_an_unread_scale_set_may_be_in_transition() -> None:
    unread = gap()
    assert of_pool(replace(cluster(), scale_sets=unread)) == unread
    assert of_pool(replace(cluster(), scale_sets=unread), NOTHING) == Judgeable()


def test_a_pool_without_a_scale_set_is_left_to_the_rules_own_gap() -> None:
    assert of_pool(cluster(scale_sets=[scale_set("batch")])) == Judgeable()
    machines = managed(pool(kind=PoolKind.VIRTUAL_MACHINES))
    assert of_pool(replace(cluster(machines), scale_sets=gap())) == Judgeable()


# Failed


@pytest.mark.parametrize("state", ["Failed", "Canceled", "Cancelled", "failed"])
def test_a_failed_pool_is_judged_at_most_likely_where_the_failure_touched_nothing(
    state: str,
) -> None:
    assert of_pool(in_state(state), EXTENSIONS) == Judgeable(at_most=Confidence.LIKELY)


@pytest.mark.parametrize("aspect", [Aspect.CAPACITY, Aspect.MODEL, Aspect.IMAGE])
def test_a_failed_pools_capacity_model_and_image_are_unknown(aspect: Aspect) -> None:
    answer = of_pool(in_state("Failed"), frozenset({aspect}))
    assert isinstance(answer, Gap)
    assert answer.outcome is Outcome.TRANSITION


def test_a_failed_cluster_lowers_the_confidence_of_its_pools() -> None:
    of = cluster(managed(provisioning_state="Failed"))
    assert of_pool(of, EXTENSIONS) == Judgeable(at_most=Confidence.LIKELY)
    assert transitions.of_cluster(of, EXTENSIONS, context()) == Judgeable(at_most=Confidence.LIKELY)


def test_a_failed_scale_set_hides_its_model() -> None:
    of = cluster(scale_sets=[scale_set(provisioning_state="Failed")])
    assert isinstance(of_pool(of), Gap)
    assert of_pool(of, EXTENSIONS) == Judgeable(at_most=Confidence.LIKELY)


def test_a_failed_state_is_no_endless_transition() -> None:
    answer = of_pool(in_state("Failed"), MODEL, asked(ago=99))
    assert isinstance(answer, Gap)
    assert answer.code != ENDLESS


# Endless


def test_a_transition_that_has_lasted_over_a_day_is_said_to_be_endless() -> None:
    answer = of_pool(in_state("Upgrading"), MODEL, asked(ago=30))
    assert isinstance(answer, Gap)
    assert answer.code == ENDLESS
    assert "for 30 hours at least" in answer.message


def test_a_transition_of_less_than_a_day_is_not_endless() -> None:
    answer = of_pool(in_state("Upgrading"), MODEL, asked(ago=23))
    assert isinstance(answer, Gap)
    assert answer.code != ENDLESS


def test_the_limit_can_be_set() -> None:
    within = context(None, asked(ago=30), tunables=Tunables(endless_transition_hours=48))
    answer = of_pool(in_state("Upgrading"), within=within)
    assert isinstance(answer, Gap)
    assert answer.code != ENDLESS


@pytest.mark.parametrize("operations", [(), (asked(ago=30, status=OperationStatus.SUCCEEDED),)])
def test_a_transition_without_a_request_on_record_is_not_demonstrably_endless(
    operations: tuple[Operation, ...],
) -> None:
    answer = of_pool(in_state("Upgrading"), MODEL, *operations)
    assert isinstance(answer, Gap)
    assert answer.code != ENDLESS


def test_an_unread_log_demonstrates_nothing() -> None:
    answer = of_pool(in_state("Upgrading"), within=context(operations=gap()))
    assert isinstance(answer, Gap)
    assert answer.code != ENDLESS


def test_a_newer_request_restarts_the_count() -> None:
    assert transitions.lasting_since(APPS, context(None, asked(ago=30), asked(ago=2))) == (
        hours_ago(2)
    )


def test_another_pools_finished_request_does_not_end_this_pools_transition() -> None:
    done = asked(BATCH, 1, status=OperationStatus.SUCCEEDED)
    assert transitions.lasting_since(APPS, context(None, asked(ago=30), done)) == hours_ago(30)


def test_a_pool_whose_name_begins_alike_is_another_pool() -> None:
    other = asked(f"{APPS}2", 1)
    assert transitions.lasting_since(APPS, context(None, asked(ago=30), other)) == hours_ago(30)


def test_a_request_to_the_cluster_moves_its_pools() -> None:
    assert transitions.lasting_since(APPS, context(None, asked(CLUSTER_ID, 40))) == hours_ago(40)


def test_a_cluster_is_in_motion_with_any_of_its_pools() -> None:
    assert transitions.lasting_since(CLUSTER_ID, context(None, asked(BATCH, 40))) == hours_ago(40)


def test_a_maintenance_window_that_was_set_is_no_motion_of_the_cluster() -> None:
    window = asked(
        f"{CLUSTER_ID}/maintenanceConfigurations/default", 1, status=OperationStatus.SUCCEEDED
    )
    since = transitions.lasting_since(CLUSTER_ID, context(None, asked(CLUSTER_ID, 40), window))
    assert since == hours_ago(40)


def test_reading_credentials_is_no_motion_of_the_cluster() -> None:
    read = operation(KIND.OTHER, CLUSTER_ID, BY_ALICE, hours_ago(1))
    since = transitions.lasting_since(CLUSTER_ID, context(None, asked(CLUSTER_ID, 40), read))
    assert since == hours_ago(40)


def test_a_scale_set_that_someone_keeps_writing_for_days_is_endless_too() -> None:
    written = unended(KIND.SCALE_SET_WRITE, scale_set_id(), 50)
    of = cluster(scale_sets=[scale_set(provisioning_state="Updating")])
    answer = of_pool(of, MODEL, written)
    assert isinstance(answer, Gap)
    assert answer.code == ENDLESS


def test_what_is_done_to_a_node_is_no_motion_of_the_scale_set() -> None:
    command = unended(KIND.NODE_COMMAND, node_id(0), 50)
    assert transitions.lasting_since(scale_set_id(), context(None, command)) is None


@pytest.mark.parametrize("aspect", [Aspect.POWER, Aspect.CAPACITY])
@pytest.mark.parametrize("part", ["cluster", "pool"])
def test_a_power_state_that_is_not_known_here_leaves_power_and_capacity_unknown(
    part: str, aspect: Aspect
) -> None:
    odd = {"power_state": "Hibernated"}
    described = managed(pool(**odd)) if part == "pool" else managed(**odd)
    answer = of_pool(cluster(described), frozenset({aspect}))
    assert isinstance(answer, Gap)
    assert answer.code == "UnknownPowerState"
    assert of_pool(cluster(described), EXTENSIONS) == Judgeable()


@pytest.mark.parametrize("kind", [KIND.AKS_WRITE, KIND.AKS_START, KIND.AKS_STOP])
def test_to_write_to_start_and_to_stop_a_cluster_moves_it(kind: OperationKind) -> None:
    since = transitions.lasting_since(CLUSTER_ID, context(None, unended(kind, CLUSTER_ID, 30)))
    assert since == hours_ago(30)
