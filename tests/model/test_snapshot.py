from __future__ import annotations

from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.network import VirtualNetwork
from auditor.model.question import ProveAbsent, ReadDisks
from auditor.model.snapshot import Subscription
from tests.build import (
    CLUSTER_ID,
    NODE_GROUP_ID,
    SUBNET_ID,
    VNET_ID,
    cluster,
    gap,
    node,
    scale_set,
    scale_set_id,
    subnet,
)


def test_a_cluster_has_the_name_of_its_id() -> None:
    assert cluster().name == "shop"


def test_instances_and_subnets_are_found_in_any_case() -> None:
    of = cluster(nodes={"apps": [node(4)]})
    shouted = replace(scale_set(), id=scale_set_id().upper())
    assert [n.instance_id for n in of.instances_of(shouted).require()] == ["4"]
    assert of.subnet(SUBNET_ID.upper()).require().name == "aks-subnet"


def test_what_was_not_read_is_a_gap_of_its_own() -> None:
    of = cluster()
    for missing in (of.instances_of(scale_set("gone")), of.subnet(f"{SUBNET_ID}2")):
        assert isinstance(missing, Gap)
        assert missing.outcome is Outcome.SKIPPED


def test_presence_that_nobody_proved_asks_for_the_proof() -> None:
    missing = cluster().is_present(scale_set_id())
    assert isinstance(missing, Gap)
    assert missing.question == ProveAbsent(scale_set_id())


def test_a_proof_of_absence_is_known_and_false() -> None:
    of = cluster(presence={arm.key(scale_set_id()): Known(value=False)})
    assert of.is_present(scale_set_id().upper()) == Known(value=False)


def test_disks_that_were_not_read_are_asked_for() -> None:
    missing = cluster().disks_read()
    assert isinstance(missing, Gap)
    assert missing.question == ReadDisks(NODE_GROUP_ID)


def test_disks_that_were_refused_are_not_asked_for_again() -> None:
    assert cluster(disks=gap()).disks_read() == gap()
    assert cluster(disks=Known(())).disks_read() == Known(())


def test_a_network_knows_its_subnets_by_id() -> None:
    network = VirtualNetwork(id=VNET_ID, name="aks-vnet", subnets=(subnet(),))
    assert network.subnet(SUBNET_ID.upper()) == subnet()
    assert network.subnet(f"{SUBNET_ID}2") is None


def test_a_warned_subscription_still_runs_its_resources() -> None:
    states = {"Enabled": True, "Warned": True, "PastDue": True, "disabled": False, "Deleted": False}
    for state, runs in states.items():
        assert Subscription(id="x", state=state).is_enabled is runs


def test_the_cluster_of_these_tests_lies_beside_its_nodes() -> None:
    assert cluster().id == CLUSTER_ID
    assert cluster().managed.require().node_resource_group_id == NODE_GROUP_ID
