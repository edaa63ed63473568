from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.standing import stands
from auditor.model.compute import OsDisk
from auditor.model.facet import Known
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.snapshot import Cluster
from tests.build import (
    COMPUTE,
    NETWORK,
    NOON,
    NSG_ID,
    at,
    cluster,
    context,
    extension_id,
    gap,
    machine,
    managed,
    minutes_after,
    node,
    node_id,
    pool,
    scale_set,
    scale_set_id,
)
from tests.deeds import BY_AKS, BY_ALICE, BY_BOB, BY_CLUSTER, SCALE_SETS, operation

LATER = minutes_after(NOON, 60)
MUCH_LATER = minutes_after(NOON, 120)
NEXT_DAY = at("2026-10-30 12:00")
OLD = at("2026-10-01 06:00")
KIND = OperationKind


def reimage(
    on: str | None = None,
    by: Actor = BY_AKS,
    when: datetime = LATER,
    verb: str = "reimage",
    **changes: Any,  # noqa: ANN401 (any field)
) -> Operation:
    name = f"{SCALE_SETS}/{verb}/action"
    return operation(KIND.NODE_REIMAGE, on, by, when, **{"name": name} | changes)


def aks_writes(
    when: datetime = LATER, by: Actor = BY_AKS, paths: tuple[str, ...] = ()
) -> Operation:
    return operation(KIND.SCALE_SET_WRITE, by=by, when=when, request_paths=paths)


ONE_NODE = cluster(nodes={"apps": [node(0)]})
COMMAND = operation(KIND.NODE_COMMAND, node_id(0), name=f"{SCALE_SETS}/runCommand/action")


def still(deed: Operation, *later: Operation, of: Cluster = ONE_NODE) -> bool:
    return stands(deed, of, context(None, deed, *later))


def test_a_deed_on_a_node_that_is_still_there_stands() -> None:
    assert still(COMMAND)


def test_node_auto_repair_reimage_by_aks_closes_a_deed() -> None:
    assert not still(COMMAND, reimage(node_id(0)))


def test_a_node_image_upgrade_of_the_whole_scale_set_closes_a_deed() -> None:
    assert not still(COMMAND, reimage(verb="manualUpgrade"))
    assert not still(COMMAND, reimage(instance_ids=("0", "1")))
    assert not still(COMMAND, reimage(instance_ids=("*",)))


def test_a_reimage_of_another_node_does_not_close_it() -> None:
    assert still(COMMAND, reimage(node_id(1)))
    assert still(COMMAND, reimage(instance_ids=("1", "2")))


def test_a_reimage_of_a_node_with_a_longer_number_does_not_close_it() -> None:
    assert still(COMMAND, reimage(node_id(10)))
    assert still(COMMAND, reimage(node_id(0, "batch")))


def test_a_replaced_node_closes_a_deed() -> None:
    replaced = cluster(nodes={"apps": [node(0, created_at=LATER)]})
    assert not still(COMMAND, of=replaced)


def test_a_node_that_is_gone_closes_a_deed() -> None:
    assert not still(COMMAND, of=cluster(nodes={"apps": [node(1)]}))


def test_a_scale_set_that_is_gone_closes_a_deed() -> None:
    assert not still(COMMAND, of=cluster(scale_sets=[scale_set("batch")]))


def test_a_deed_on_the_model_of_a_scale_set_that_is_gone_is_closed_too() -> None:
    assert not still(operation(KIND.SCALE_SET_WRITE), of=cluster(scale_sets=[scale_set("batch")]))


def test_what_happened_at_the_very_moment_of_a_deed_does_not_close_it() -> None:
    made_then = cluster(nodes={"apps": [node(0, created_at=NOON)]})
    assert still(COMMAND, of=made_then)
    assert still(COMMAND, reimage(node_id(0), when=NOON))
    model = operation(KIND.SCALE_SET_WRITE)
    assert still(model, aks_writes(NOON), reimage(node_id(0), when=LATER))


def test_a_node_without_a_date_may_be_the_old_one() -> None:
    assert still(COMMAND, of=cluster(nodes={"apps": [node(0, created_at=None)]}))


@pytest.mark.parametrize("verb", ["redeploy", "performMaintenance", "reapply"])
def test_moving_a_node_to_another_host_does_not_close_a_deed(verb: str) -> None:
    assert still(COMMAND, reimage(node_id(0), verb=verb))


def test_a_restart_by_aks_does_not_close_a_deed() -> None:
    assert still(COMMAND, operation(KIND.NODE_UP, node_id(0), BY_AKS, LATER))


def test_a_failed_reimage_does_not_close_a_deed() -> None:
    assert still(COMMAND, reimage(node_id(0), status=OperationStatus.FAILED))
    assert still(COMMAND, reimage(node_id(0), status=OperationStatus.RUNNING, ended_at=None))


def test_a_reimage_before_the_deed_does_not_close_it() -> None:
    assert still(COMMAND, reimage(node_id(0), when=minutes_after(NOON, -5)))


def test_a_customers_own_reimage_does_not_close_a_deed() -> None:
    assert still(COMMAND, reimage(node_id(0), by=BY_ALICE))


def test_a_deed_on_several_nodes_stands_until_the_last_is_renewed() -> None:
    both = cluster(nodes={"apps": [node(0), node(1)]})
    deed = operation(KIND.NODE_DOWN, instance_ids=("0", "1"))
    assert still(deed, reimage(node_id(0)), of=both)
    assert not still(deed, reimage(node_id(0)), reimage(node_id(1)), of=both)


def test_a_deed_on_the_whole_scale_set_is_on_every_node() -> None:
    both = cluster(nodes={"apps": [node(0, created_at=LATER), node(1)]})
    assert still(operation(KIND.NODE_DOWN), of=both)
    assert still(operation(KIND.NODE_DOWN, instance_ids=("*",)), of=both)


# The model


@pytest.mark.parametrize(
    "deed",
    [
        operation(KIND.SCALE_SET_WRITE),
        operation(KIND.SCALE_SET_WRITE, request_paths=("properties.virtualMachineProfile.x",)),
        operation(KIND.EXTENSION_WRITE, extension_id("vmssCSE")),
    ],
)
def test_a_deed_on_the_model_stands_until_aks_writes_its_own_again(deed: Operation) -> None:
    """What an edit hid in protectedSettings or customData makes every later node too."""
    replaced = cluster(nodes={"apps": [node(0, created_at=LATER)]})
    assert still(deed, of=replaced)
    assert still(deed, reimage(node_id(0)), of=replaced)


def test_a_deed_on_the_model_stands_even_while_there_is_no_node() -> None:
    assert still(operation(KIND.SCALE_SET_WRITE), of=cluster(nodes={"apps": []}))


def test_a_node_image_upgrade_writes_the_model_and_closes_a_deed_on_it() -> None:
    deed = operation(KIND.SCALE_SET_WRITE)
    assert not still(deed, aks_writes(), reimage(node_id(0), when=MUCH_LATER))


def test_a_node_made_before_aks_wrote_its_model_again_still_carries_the_edit() -> None:
    deed = operation(KIND.SCALE_SET_WRITE)
    between = cluster(nodes={"apps": [node(0, created_at=LATER)]})
    assert still(deed, aks_writes(MUCH_LATER), of=between)
    assert not still(deed, aks_writes(LATER), of=cluster(nodes={"apps": []}))
    after = cluster(nodes={"apps": [node(0, created_at=MUCH_LATER)]})
    assert not still(deed, aks_writes(LATER), of=after)


def test_akss_write_of_the_model_alone_leaves_the_old_nodes() -> None:
    assert still(operation(KIND.SCALE_SET_WRITE), aks_writes())


def test_autoscaler_scale_out_does_not_write_the_model_back() -> None:
    deed = operation(KIND.SCALE_SET_WRITE)
    fresh = cluster(nodes={"apps": [node(7, created_at=MUCH_LATER)]})
    assert still(deed, aks_writes(by=BY_CLUSTER), of=fresh), "no body on record: maybe capacity"
    assert still(deed, aks_writes(paths=("sku.capacity",)), of=fresh)


def test_the_clusters_service_principal_writing_the_whole_model_writes_it_back() -> None:
    whole = aks_writes(by=BY_CLUSTER, paths=("properties.virtualMachineProfile.osProfile",))
    fresh = cluster(nodes={"apps": [node(7, created_at=MUCH_LATER)]})
    assert not still(operation(KIND.SCALE_SET_WRITE), whole, of=fresh)


def test_a_scaling_by_hand_is_no_deed_on_the_model() -> None:
    deed = operation(KIND.SCALE_SET_WRITE, request_paths=("sku.capacity",))
    assert not still(deed, reimage(node_id(0)))


def test_bobs_later_write_does_not_write_alices_back() -> None:
    deed = operation(KIND.SCALE_SET_WRITE)
    model = ("properties.virtualMachineProfile.osProfile",)
    for by_bob in (aks_writes(by=BY_BOB), aks_writes(by=BY_BOB, paths=model)):
        assert still(deed, by_bob, reimage(node_id(0), when=MUCH_LATER))


@pytest.mark.parametrize(
    "later",
    [
        replace(aks_writes(), status=OperationStatus.FAILED),
        operation(KIND.EXTENSION_WRITE, extension_id("vmssCSE"), BY_AKS, LATER),
    ],
    ids=["failed", "extension"],
)
def test_only_a_whole_model_that_aks_wrote_in_fact_is_its_own_again(later: Operation) -> None:
    fresh = cluster(nodes={"apps": [node(7, created_at=MUCH_LATER)]})
    assert still(operation(KIND.SCALE_SET_WRITE), later, of=fresh)


def test_of_several_writes_of_akss_the_first_wrote_its_model_back() -> None:
    between = cluster(nodes={"apps": [node(7, created_at=MUCH_LATER)]})
    writes = (aks_writes(), aks_writes(NEXT_DAY))
    assert not still(operation(KIND.SCALE_SET_WRITE), *writes, of=between)


# What cannot be read, and what is no node


def test_what_cannot_be_read_may_still_stand() -> None:
    on_machine = operation(KIND.NODE_COMMAND, f"{COMPUTE}/virtualMachines/aks-vm0")
    renewed = reimage(node_id(0))
    assert still(COMMAND, renewed, of=replace(cluster(), scale_sets=gap()))
    assert still(COMMAND, renewed, of=replace(cluster(), instances={}))
    assert still(on_machine, of=cluster(virtual_machines=gap()))
    assert not still(COMMAND, renewed, of=replace(ONE_NODE, virtual_machines=gap()))


def test_a_deed_on_a_network_resource_stands_by_its_state_finding_alone() -> None:
    assert not still(operation(KIND.NSG_WRITE, NSG_ID))


def test_a_deed_on_a_machine_stands_while_that_machine_is_there() -> None:
    vm = machine("aks-vm0", created_at=OLD)
    deed = operation(KIND.EXTENSION_WRITE, f"{vm.id}/extensions/agent")
    there = cluster(virtual_machines=Known((vm, machine("aks-vm1"))))
    assert still(deed, of=there)
    assert not still(deed, of=cluster())
    remade = cluster(virtual_machines=Known((machine("aks-vm0", created_at=NEXT_DAY),)))
    assert not still(deed, of=remade)
    assert not still(deed, reimage(vm.id), of=there)


def test_a_deed_on_a_nodes_nic_or_disk_is_a_deed_on_the_node() -> None:
    nic, disk = f"{NETWORK}/networkInterfaces/aks-vm0-nic", f"{COMPUTE}/disks/aks-vm0_OsDisk_1_a"
    vm = machine("aks-vm0", nic_ids=(nic.upper(),), os_disk=OsDisk(id=disk))
    there = cluster(virtual_machines=Known((vm,)))
    assert still(operation(KIND.NIC_WRITE, nic), of=there)
    assert still(operation(KIND.OS_DISK_WRITE, disk), of=there)
    assert not still(operation(KIND.NIC_WRITE, f"{nic}-other"), of=there)
    assert not still(operation(KIND.NIC_WRITE, nic), reimage(vm.id), of=there)


def test_a_deed_on_an_instances_os_disk_is_a_deed_on_that_instance() -> None:
    disk = f"{COMPUTE}/disks/aks-apps-38116459-vmdisk1_0123456789abcdef0123456789abcdef"
    there = cluster(nodes={"apps": [node(0, os_disk=OsDisk(id=disk)), node(1)]})
    deed = operation(KIND.OS_DISK_WRITE, disk)
    assert still(deed, of=there)
    assert not still(deed, reimage(node_id(0)), of=there)
    assert still(deed, reimage(node_id(1)), of=there)


def test_a_pool_is_not_closed_by_another_pools_upgrade() -> None:
    two = cluster(managed(pool(), pool("batch")))
    assert still(COMMAND, reimage(scale_set_id("batch")), of=two)
