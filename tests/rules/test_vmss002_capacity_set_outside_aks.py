"""VMSS002: which capacities a pool's settings explain, and how sure the others are."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence.pools import node_pools
from auditor.model import remedy
from auditor.model.compute import Instance, PowerState
from auditor.model.errors import UnreadableError
from auditor.model.operation import OperationKind
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence
from auditor.rules import vmss002_capacity_set_outside_aks as rule
from tests import build

SURE, LIKELY, LEAD = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE
BETWEEN: dict[str, Any] = {"autoscaling": True, "min_count": 2, "max_count": 4}
KEPT: dict[str, Any] = {"scale_down_mode": "Deallocate"}
SPOT: dict[str, Any] = {"priority": "Spot"}


def view(capacity: int | None, nodes: tuple[Instance, ...] = (), **pool: Any) -> NodePoolView:  # noqa: ANN401 (any field)
    stopped = pool.pop("stopped", False)
    power = {"power_state": "Stopped"} if stopped else {}
    described = build.managed(build.pool(**pool), **power)
    sets = (build.scale_set(capacity=capacity),)
    return node_pools(build.cluster(described, scale_sets=sets, nodes={"apps": nodes}))[0]


def told(of: NodePoolView) -> list[tuple[str | None, str | None, Confidence]]:
    found = rule.check(of, build.context())
    return [(f.expected, f.actual, f.confidence) for f in found]


def nodes(up: int, down: int) -> tuple[Instance, ...]:
    off = PowerState("deallocated")
    running = (build.node(n) for n in range(up))
    return (*running, *(build.node(up + n, power=off) for n in range(down)))


@pytest.mark.parametrize("capacity", [2, 4, 0])
def test_any_other_capacity_than_the_pool_s_count_is_certain(capacity: int) -> None:
    assert told(view(capacity)) == [("3", str(capacity), SURE)]


@pytest.mark.parametrize(
    "pool",
    [
        {"count": 3},
        {"count": None},
        {"power_state": "Stopped"},
        {"stopped": True},
        BETWEEN | {"power_state": "Stopped", "min_count": 4, "max_count": 9},
    ],
)
def test_capacities_that_the_pool_asks_for_or_says_nothing_of(pool: dict[str, Any]) -> None:
    assert told(view(3 if pool.get("count") else 1, **pool)) == []


def test_a_capacity_that_is_not_stated_is_held_against_nobody() -> None:
    assert told(view(None)) == []
    assert told(view(None, **BETWEEN)) == []
    assert told(view(None, **KEPT)) == []
    assert told(view(None, **SPOT)) == []


def test_azure_takes_spot_nodes_and_adds_none() -> None:
    assert told(view(1, **SPOT)) == []
    assert told(view(4, **SPOT)) == [("3", "4", SURE)]
    assert told(view(1, **SPOT, **BETWEEN)) == []
    assert told(view(5, **SPOT, **BETWEEN)) == [("2 to 4", "5", LEAD)]
    assert told(view(1, **SPOT, **KEPT)) == []


@pytest.mark.parametrize(
    ("capacity", "found"),
    [(1, [("2 to 4", "1", LEAD)]), (2, []), (4, []), (5, [("2 to 4", "5", LEAD)])],
)
def test_outside_the_autoscaler_s_bounds_it_is_a_lead(
    capacity: int, found: list[tuple[str, str, Confidence]]
) -> None:
    assert told(view(capacity, **BETWEEN)) == found


@pytest.mark.parametrize("bound", ["min_count", "max_count"])
def test_bounds_that_are_not_stated_bind_nobody(bound: str) -> None:
    assert told(view(9, **BETWEEN | {bound: None})) == []


def test_an_autoscaled_pool_that_keeps_its_nodes_may_hold_more_than_it_runs() -> None:
    assert told(view(9, **BETWEEN, **KEPT)) == []
    assert told(view(1, **BETWEEN, **KEPT)) == [("2 to 4", "1", LEAD)]


def test_of_a_pool_that_keeps_its_nodes_the_running_ones_must_fit() -> None:
    assert told(view(3, **KEPT)) == []
    assert told(view(5, nodes(3, 2), **KEPT)) == []
    assert told(view(5, nodes(2, 3), **KEPT)) == []
    assert told(view(5, nodes(4, 1), **KEPT)) == [("3 running", "5", LIKELY)]
    assert told(view(2, **KEPT)) == [("3 or more", "2", SURE)]


def test_without_the_nodes_their_surplus_cannot_be_told() -> None:
    described = build.managed(build.pool(**KEPT))
    of = build.cluster(described, scale_sets=(build.scale_set(capacity=5),), instances={})
    with pytest.raises(UnreadableError):
        told(node_pools(of)[0])
    none = build.cluster(described, scale_sets=(build.scale_set(capacity=3),), instances={})
    assert told(node_pools(none)[0]) == []


def test_the_bounds_are_told_to_aks_again_and_its_own_count_is_reconciled() -> None:
    (bounded,) = rule.check(view(9, **BETWEEN), build.context())
    assert "--update-cluster-autoscaler --min-count 2 --max-count 4" in bounded.commands[0]
    (counted,) = rule.check(view(9), build.context())
    assert counted.commands[0] == remedy.reconcile(build.managed())
    assert counted.commands[1].endswith("--name apps --node-count '<count>'")


def test_a_write_a_scaling_or_a_deleted_node_explains_the_capacity() -> None:
    (found,) = rule.check(view(4), build.context())
    kinds = OperationKind.SCALE_SET_WRITE, OperationKind.SCALE_SET_SCALE, OperationKind.NODE_DELETE
    assert found.explained_by == set(kinds)
