"""How many machines, of which sizes, a VirtualMachines pool is asked for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.collect.wire.node_pool import WireNodePool
from auditor.model.aks import NodePool

D4, D8 = "Standard_D4s_v5", "Standard_D8s_v5"


def pool(scale: dict[str, Any] | None, **changes: object) -> NodePool:
    given = {"name": "vms", "type": "VirtualMachines", "virtualMachinesProfile": {"scale": scale}}
    return msgspec.convert(given | changes, WireNodePool).to_model()


def manual(*profiles: dict[str, Any]) -> dict[str, Any]:
    return {"manual": list(profiles), "autoscale": None}


def test_one_profile_is_count_and_size_of_the_pool() -> None:
    asked = pool(manual({"size": D4, "count": 2}))
    assert (asked.count, asked.vm_sizes, asked.autoscaling) == (2, (D4,), False)


def test_several_profiles_add_up() -> None:
    asked = pool(manual({"size": D4, "count": 3}, {"size": D8, "count": 5}))
    assert (asked.count, asked.vm_sizes) == (8, (D4, D8))


def test_a_size_that_two_profiles_spell_differently_is_one() -> None:
    assert pool(manual({"size": D4}, {"size": D4.upper()})).vm_sizes == (D4,)


@pytest.mark.parametrize(
    "scale",
    [
        None,
        {},
        {"manual": None, "autoscale": None},
        {"manual": [], "autoscale": []},
        manual({"size": D4, "count": None}),
        manual({"size": D4, "count": 2}, {"size": D8}),
    ],
)
def test_what_no_profile_says_or_one_leaves_open_is_no_count(scale: dict[str, Any] | None) -> None:
    asked = pool(scale)
    assert (asked.count, asked.min_count, asked.autoscaling) == (None, None, False)


def test_zero_is_a_count() -> None:
    asked = pool(manual({"size": D4, "count": 0}))
    assert asked.count == 0
    assert asked.may_be_empty


def test_autoscaled_profiles_give_bounds_and_no_count() -> None:
    one = {"size": D4, "minCount": 0, "maxCount": 3}
    other = {"size": D8, "minCount": 1, "maxCount": 4}
    asked = pool({"autoscale": [one, other]}, count=9)
    assert (asked.count, asked.min_count, asked.max_count) == (None, 1, 7)
    assert asked.autoscaling
    assert asked.vm_sizes == (D4, D8)
    assert not asked.may_be_empty


def test_machines_of_fixed_profiles_are_within_the_bounds_beside_autoscaled_ones() -> None:
    fixed, scaled = {"size": D4, "count": 2}, {"size": D8, "minCount": 0, "maxCount": 3}
    asked = pool({"manual": [fixed], "autoscale": [scaled]})
    assert (asked.count, asked.min_count, asked.max_count) == (None, 2, 5)


def test_a_bound_that_is_not_stated_is_not_known() -> None:
    asked = pool({"autoscale": [{"size": D4, "minCount": None, "maxCount": 3}]})
    assert (asked.min_count, asked.max_count) == (None, 3)
    assert not asked.may_be_empty


def test_the_sizes_that_aks_counts_nodes_of_are_kept_beside() -> None:
    status = [{"size": D8, "count": 1}, {"size": D4, "count": 0}]
    asked = pool(manual({"size": D4, "count": 1}), virtualMachineNodesStatus=status)
    assert asked.current_vm_sizes == (D8,)


def test_a_pool_of_another_kind_has_no_profiles() -> None:
    asked = pool(manual({"size": D4, "count": 2}), type="VirtualMachineScaleSets", count=5)
    assert (asked.count, asked.vm_sizes) == (5, ())
