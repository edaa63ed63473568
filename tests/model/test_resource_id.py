from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import resource_id as arm
from tests.build import CLUSTER_ID, NODE_GROUP, NODE_GROUP_ID, SUBSCRIPTION, scale_set_id

SET = scale_set_id()
NODE = f"{SET}/virtualMachines/3"
TAGS = f"{SET}/providers/Microsoft.Resources/tags/default"


def test_two_spellings_of_one_id_are_the_same() -> None:
    assert arm.same(SET, f" {SET.upper()}/ ")
    assert not arm.same(SET, f"{SET}2")


def test_two_absent_ids_are_the_same_and_one_is_not() -> None:
    assert arm.same(None, None)
    assert arm.same(None, "")
    assert not arm.same(None, SET)


def test_names_and_segments_are_as_received() -> None:
    assert arm.name(NODE) == "3"
    assert arm.name(f"{NODE}/") == "3"
    assert arm.segment(NODE.upper(), "virtualMachineScaleSets") == arm.name(SET).upper()
    assert arm.segment(SET, "virtualMachines") is None
    assert arm.segment("/subscriptions/", "subscriptions") is None


def test_subscription_and_group_of_an_id() -> None:
    assert arm.subscription(SET) == SUBSCRIPTION
    assert arm.resource_group(SET) == NODE_GROUP
    assert arm.resource_group(SET.replace("resourceGroups", "resourcegroups")) == NODE_GROUP
    assert arm.subscription("/providers/Microsoft.Management/managementGroups/x") == ""
    assert arm.resource_group(f"/subscriptions/{SUBSCRIPTION}") == ""
    assert arm.group_id(SUBSCRIPTION, NODE_GROUP) == NODE_GROUP_ID


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (SET, SET, True),
        (NODE, SET.upper(), True),
        (SET, NODE, False),
        (f"{SET}2", SET, False),
        (NODE, NODE_GROUP_ID, True),
        (f"{NODE_GROUP_ID}2/providers/x", NODE_GROUP_ID, False),
    ],
)
def test_within_is_the_id_itself_or_below_it(inner: str, outer: str, expected: bool) -> None:
    assert arm.within(inner, outer) is expected


@pytest.mark.parametrize(
    ("resource_id", "expected"),
    [
        (CLUSTER_ID, "microsoft.containerservice/managedclusters"),
        (SET, "microsoft.compute/virtualmachinescalesets"),
        (NODE, "microsoft.compute/virtualmachinescalesets/virtualmachines"),
        (TAGS, "microsoft.resources/tags"),
        (NODE_GROUP_ID, ""),
        (f"/subscriptions/{SUBSCRIPTION}", ""),
    ],
)
def test_the_type_of_an_id(resource_id: str, expected: str) -> None:
    assert arm.resource_type(resource_id) == expected


def test_the_parent_of_a_subnet_is_its_network() -> None:
    assert arm.parent(NODE) == SET
    assert arm.parent(f"{NODE}/") == SET


@pytest.mark.parametrize("resource_id", [SET, NODE, TAGS, f"{NODE}/networkInterfaces/nic"])
def test_the_root_is_the_top_level_resource(resource_id: str) -> None:
    assert arm.root(resource_id) == arm.key(SET)


def test_the_root_of_a_group_is_the_group() -> None:
    assert arm.root(NODE_GROUP_ID) == arm.key(NODE_GROUP_ID)
    assert arm.root("") == ""


@given(st.text(alphabet="aA/bB", max_size=12), st.text(alphabet="aA/bB", max_size=12))
def test_within_agrees_with_same_and_never_looks_at_case(left: str, right: str) -> None:
    if arm.same(left, right):
        assert arm.within(left, right)
        assert arm.within(right, left)
    assert arm.within(left, right) == arm.within(left.upper(), right.lower())
