"""Node VMs: their network interfaces, and what a second reading reads of them again."""

from __future__ import annotations

import pytest

from auditor.model import resource_id as arm_id
from auditor.model.facet import Gap, Known
from auditor.model.question import ReadAgain
from auditor.model.snapshot import Cluster
from tests.collect.test_answers import asked
from tests.collect.world import NODE_GROUP, SCOPE, arm, collected, denied, paths

KIND = "virtual-machines-pool"
MACHINE = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachines/aks-vms-26193347-vm0"
NIC = f"{NODE_GROUP}/providers/Microsoft.Network/networkInterfaces/aks-vms-26193347-nic-0"
CLUSTER = (
    f"{SCOPE}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/shop"
)
POOL = f"{CLUSTER}/agentPools/vms"
LISTED = f"{POOL}/machines/aks-vms-26193347-vm0"


async def read(kind: str) -> Cluster:
    (cluster,) = (await collected(arm(kind))).clusters
    return cluster


async def test_an_interface_tells_its_machine_subnet_and_group() -> None:
    first, second = (await read("availability-set")).network_interfaces.require()
    assert (first.name, second.name) == (
        "aks-nodepool1-41827532-nic-0",
        "aks-nodepool1-41827532-nic-1",
    )
    assert (first.machine_id or "").endswith("/virtualMachines/aks-nodepool1-41827532-0")
    assert [arm_id.name(subnet) for subnet in first.subnet_ids] == ["aks-subnet"]
    assert (first.nsg_id or "").endswith("/aks-agentpool-41827532-nsg")
    assert (first.public_ip_ids, first.dns_servers, first.primary) == ((), (), True)


@pytest.mark.parametrize("kind", ["node-auto-provisioning", "automatic-hosted-system"])
async def test_the_interfaces_of_karpenters_machines_are_read(kind: str) -> None:
    cluster = await read(kind)
    own = {nic for machine in cluster.virtual_machines.require() for nic in machine.nic_ids}
    assert own <= {interface.id for interface in cluster.network_interfaces.require()} != set()


async def test_where_there_are_no_machines_no_interface_is_read() -> None:
    fake = arm("linux-managed-vnet")
    (cluster,) = (await collected(fake)).clusters
    assert cluster.network_interfaces == Known(())
    assert not any("networkInterfaces" in path for path in paths(fake))


async def test_refused_interfaces_are_a_gap_that_names_the_permission() -> None:
    (cluster,) = (await collected(arm(KIND, denied("networkInterfaces")))).clusters
    assert isinstance(cluster.network_interfaces, Gap)
    assert cluster.network_interfaces.permission == "Microsoft.Network/networkInterfaces/read"


async def test_a_machine_tells_administrator_and_identities() -> None:
    machine, _ = (await read(KIND)).virtual_machines.require()
    assert machine.admin_username == "azureuser"
    assert machine.identity_type == "UserAssigned"
    assert len(machine.identity_ids) == 2


@pytest.mark.parametrize("again", [MACHINE, f"{MACHINE}/extensions/vmssCSE", POOL, LISTED])
async def test_the_list_of_a_pools_machines_is_read_again_with_a_machine_or_the_pool(
    again: str,
) -> None:
    async with asked(ReadAgain(again), kind=KIND, later={arm_id.key(LISTED): None}) as (
        before,
        after,
        _,
    ):
        first, (second,) = before.clusters[0], [c.second for c in after.clusters]
    assert second is not None
    assert len(first.machines["vms"].require()) == 2
    assert [arm_id.name(i) for i in second.machines["vms"].require()] == ["aks-vms-26193347-vm1"]


async def test_the_list_is_left_alone_where_no_machine_is_in_doubt() -> None:
    scale_set = "virtualMachineScaleSets/aks-system-35561802-vmss"
    doubt = ReadAgain(f"{NODE_GROUP}/providers/Microsoft.Compute/{scale_set}")
    async with asked(doubt, kind=KIND) as (before, after, _):
        (second,) = [cluster.second for cluster in after.clusters]
        assert second is not None
        assert second.machines is before.clusters[0].machines


async def test_a_list_that_cannot_be_read_again_is_a_gap() -> None:
    faults = (denied("/agentPools/vms/machines"),)
    async with asked(ReadAgain(MACHINE), kind=KIND, faults=faults) as (_, after, _fake):
        (second,) = [cluster.second for cluster in after.clusters]
        assert second is not None
        assert isinstance(second.machines["vms"], Gap)


async def test_an_interface_is_read_again() -> None:
    async with asked(ReadAgain(NIC), kind=KIND, later={arm_id.key(NIC): None}) as (
        before,
        after,
        _,
    ):
        (second,) = [cluster.second for cluster in after.clusters]
        assert second is not None
        assert len(before.clusters[0].network_interfaces.require()) == 2
        (left,) = second.network_interfaces.require()
        assert left.name == "aks-vms-26193347-nic-1"
