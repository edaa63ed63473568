from __future__ import annotations

from typing import Any

import pytest

from auditor.model import remedy
from auditor.model.aks import PoolKind
from auditor.model.compute import ImageReference, IpConfiguration, NicConfiguration, PowerState
from tests.build import GROUP_ID, NODE_GROUP_ID, SUBSCRIPTION, managed, pool, scale_set


def test_flags_of_a_pool_are_read_in_any_case() -> None:
    assert pool(os_type="windows").is_windows
    assert pool(priority="spot").is_spot
    assert pool(power_state="stopped").is_stopped
    assert pool(scale_down_mode="deallocate").keeps_deallocated_nodes
    plain = pool()
    assert not any(
        (plain.is_windows, plain.is_spot, plain.is_stopped, plain.keeps_deallocated_nodes)
    )


def test_the_node_resource_group_is_where_the_cluster_says() -> None:
    assert managed().node_resource_group_id == NODE_GROUP_ID
    assert managed(node_resource_group="rg-nodes").node_resource_group_id == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-nodes"
    )


def test_where_a_cluster_lies() -> None:
    assert managed().subscription_id == SUBSCRIPTION
    assert GROUP_ID.endswith(managed().resource_group)


def test_lockdown_and_stop_of_a_cluster() -> None:
    assert managed(restriction_level="readonly").is_lockdown
    assert not managed(restriction_level="Unrestricted").is_lockdown
    assert not managed().is_lockdown
    assert managed(power_state="stopped").is_stopped
    assert not managed().is_stopped


@pytest.mark.parametrize(
    ("code", "running", "down"),
    [
        ("running", True, False),
        ("starting", True, False),
        ("deallocated", False, True),
        ("deallocating", False, True),
        ("stopped", False, True),
        ("stopping", False, True),
        ("unknown", False, False),
        ("", False, False),
    ],
)
def test_power_states(code: str, running: bool, down: bool) -> None:
    state = PowerState(code)
    assert (state.is_running, state.is_down) == (running, down)


def test_an_image_has_one_printable_label() -> None:
    assert ImageReference(id="/images/golden").label == "/images/golden"
    assert ImageReference(community_gallery_image_id="/CommunityGalleries/x").label == (
        "/CommunityGalleries/x"
    )
    marketplace = ImageReference(publisher="canonical", offer="ubuntu", sku="22_04")
    assert marketplace.label == "canonical:ubuntu:22_04:"


def nic(name: str, *subnets: str, primary: bool = False) -> NicConfiguration:
    addresses = tuple(IpConfiguration(subnet_id=subnet) for subnet in subnets)
    return NicConfiguration(name=name, primary=primary, ip_configurations=addresses)


def test_the_primary_nic_is_the_one_that_says_so_else_the_first() -> None:
    first, second = nic("first"), nic("second", primary=True)
    assert scale_set(nics=(first, second)).primary_nic == second
    assert scale_set(nics=(first,)).primary_nic == first
    assert scale_set(nics=()).primary_nic is None


def test_subnets_are_told_once_in_order_and_as_received() -> None:
    cards = (nic("one", "/Vnet/A", "/vnet/a", "/vnet/b"), nic("two", "/VNET/B"))
    assert scale_set(nics=cards).subnet_ids == ("/Vnet/A", "/vnet/b")


def test_commands_name_the_cluster_and_quote_what_a_shell_would_read() -> None:
    odd = managed(pool(), node_resource_group="x")
    assert remedy.az("nodepool scale", odd, "--name", "a b").endswith("--name 'a b'")
    assert remedy.reconcile(odd) == (
        f"az aks update --subscription {SUBSCRIPTION} --resource-group rg-shop --name shop"
    )
    assert "--cluster-name shop" in remedy.recreate_nodes(odd, "apps")


def test_restoring_without_a_pool_only_reconciles() -> None:
    assert remedy.restore(managed(), "") == (remedy.reconcile(managed()),)
    assert remedy.restore(managed(), "apps")[1] == remedy.recreate_nodes(managed(), "apps")


def test_lockdown_is_offered_as_a_supported_command() -> None:
    assert "--nrg-lockdown-restriction-level ReadOnly" in remedy.lock_down(managed())


MACHINES: dict[str, Any] = {"kind": PoolKind.VIRTUAL_MACHINES, "vm_sizes": ("Standard_D4s_v5",)}
SAME_SIZE = "--current-vm-sizes Standard_D4s_v5 --vm-sizes Standard_D4s_v5 --node-count"


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({"count": 3}, "az aks update"),
        ({"count": 0}, "--name apps --node-count 1"),
        ({"autoscaling": True}, "--node-image-only"),
        ({"count": 0, "autoscaling": True}, "--node-image-only"),
        ({"count": None}, "--node-image-only"),
        ({**MACHINES, "count": 3}, f"--name apps {SAME_SIZE} 3"),
        ({**MACHINES, "count": 0}, f"--name apps {SAME_SIZE} 1"),
        ({**MACHINES, "count": None}, "--node-image-only"),
        ({**MACHINES, "vm_sizes": ("a", "b")}, "az aks update"),
        ({**MACHINES, "vm_sizes": ()}, "az aks update"),
        ({**MACHINES, "mode": "Machines", "count": None}, "az aks update"),
        ({"kind": PoolKind.AVAILABILITY_SET}, "az aks update"),
    ],
)
def test_nodes_are_brought_back_by_what_the_azure_cli_takes_for_such_a_pool(
    asked: dict[str, Any], command: str
) -> None:
    """It refuses to scale to the count that AKS has, and to renew what has no node image."""
    told = remedy.bring_back(managed(), pool(**asked))
    wanted = remedy.reconcile(managed()) if command == "az aks update" else command
    assert told.endswith(wanted)
    assert ("manual-scale update" in told) is (SAME_SIZE in command)


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({}, "nodepool upgrade"),
        (MACHINES, "nodepool upgrade"),
        ({**MACHINES, "mode": "Machines"}, "nodepool delete-machines"),
        ({"kind": PoolKind.AVAILABILITY_SET}, "--migrate-vmas-to-vms"),
    ],
)
def test_what_aks_cannot_renew_it_makes_anew_otherwise(asked: dict[str, Any], command: str) -> None:
    assert command in remedy.recreate_nodes(managed(pool(**asked)), "apps")
    assert command in remedy.restore(managed(pool("other"), pool(**asked)), "apps")[1]


def test_several_pools_are_brought_back_by_each_command_once() -> None:
    pools = [pool("a"), pool("b"), pool("c", autoscaling=True)]
    told = remedy.bring_all_back(managed(*pools), pools)
    assert told == (remedy.reconcile(managed()), remedy.recreate_nodes(managed(), "c"))
