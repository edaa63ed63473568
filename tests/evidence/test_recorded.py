from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import recorded
from auditor.model.aks import PoolKind
from auditor.model.compute import OsDisk
from auditor.model.errors import UnreadableError
from auditor.model.facet import Known
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.verdict import Confidence, Severity, Verdict
from tests.build import (
    CLUSTER_ID,
    COMPUTE,
    GROUP_ID,
    NETWORK,
    NSG_ID,
    cluster,
    context,
    extension_id,
    gap,
    machine,
    managed,
    node_id,
    pool,
    scale_set_id,
)
from tests.deeds import (
    BY_AKS,
    BY_ALICE,
    BY_BARE,
    BY_CLUSTER,
    BY_PLATFORM,
    BY_POLICY,
    BY_SERVICE,
    operation,
)

KIND = OperationKind
TELLING = recorded.Telling(
    did="wrote the scale set",
    severity=Severity.HIGH,
    remediation="Have AKS re-create the nodes.",
    commands=("az aks update",),
)


def told(rule: str, *operations: Operation) -> list[Operation]:
    return list(recorded.deeds(rule, cluster(), context(None, *operations)))


@pytest.mark.parametrize(
    ("kind", "on", "rule"),
    [
        (KIND.SCALE_SET_WRITE, scale_set_id(), "VMSS010"),
        (KIND.SCALE_SET_DELETE, scale_set_id(), "VMSS010"),
        (KIND.SCALE_SET_SCALE, scale_set_id(), "VMSS010"),
        (KIND.NODE_WRITE, node_id(0), "VMSS010"),
        (KIND.NODE_DELETE, node_id(0), "VMSS010"),
        (KIND.NODE_REIMAGE, node_id(0), "VMSS010"),
        (KIND.NIC_WRITE, f"{NETWORK}/networkInterfaces/aks-nic", "VMSS010"),
        (KIND.OS_DISK_WRITE, f"{COMPUTE}/disks/aks-disk", "VMSS010"),
        (KIND.NODE_COMMAND, node_id(0), "VMSS011"),
        (KIND.NODE_DOWN, scale_set_id(), "PWR005"),
        (KIND.NODE_UP, scale_set_id(), "PWR005"),
        (KIND.EXTENSION_WRITE, extension_id("vmssCSE"), "EXT005"),
        (KIND.EXTENSION_DELETE, extension_id("vmssCSE"), "EXT005"),
        (KIND.NSG_WRITE, NSG_ID, "NET004"),
        (KIND.NSG_DELETE, NSG_ID, "NET004"),
    ],
)
def test_one_operation_belongs_to_one_recorded_rule(
    kind: OperationKind, on: str, rule: str
) -> None:
    deed = operation(kind, on)
    rules = sorted(set(recorded.OWNER.values()))
    assert [r for r in rules if told(r, deed)] == [rule]


@pytest.mark.parametrize("by", [BY_AKS, BY_CLUSTER, BY_PLATFORM])
def test_akss_own_work_is_no_deed(by: Actor) -> None:
    assert told("VMSS010", operation(by=by)) == []


def test_a_failed_or_forbidden_write_is_no_deed() -> None:
    assert told("VMSS010", operation(status=OperationStatus.FAILED)) == []


def test_what_lies_outside_the_node_resource_group_is_no_deed_on_nodes() -> None:
    elsewhere = f"{GROUP_ID}/providers/Microsoft.Compute/virtualMachineScaleSets/web"
    assert told("VMSS010", operation(on=elsewhere)) == []


def test_a_resource_group_with_a_longer_name_is_another_group() -> None:
    beside = scale_set_id().replace("northeurope", "northeurope2")
    assert told("VMSS010", operation(on=beside)) == []


def test_the_node_resource_group_is_compared_without_regard_to_case() -> None:
    assert told("VMSS010", operation(on=scale_set_id().upper()))


def test_a_change_of_tags_alone_is_no_edit_of_nodes() -> None:
    assert told("VMSS010", operation(request_paths=("tags.team", "tags.owner"))) == []
    assert told("VMSS010", operation(request_paths=("tags.team", "sku.capacity")))


def test_a_cluster_without_a_node_resource_group_yet_has_no_deeds_of_others() -> None:
    unborn = cluster(managed(node_resource_group=""))
    assert list(recorded.deeds("VMSS010", unborn, context(None, operation()))) == []


def test_an_unread_log_is_unknown_not_empty() -> None:
    with pytest.raises(UnreadableError):
        list(recorded.deeds("VMSS010", cluster(), context(operations=gap())))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"by": BY_ALICE}, Confidence.CONFIRMED),
        ({"by": BY_POLICY}, Confidence.CONFIRMED),
        ({"by": BY_BARE}, Confidence.LIKELY),
        ({"by": replace(BY_BARE, positive=True)}, Confidence.LIKELY),
        ({"by": replace(BY_ALICE, positive=False)}, Confidence.LIKELY),
        ({"by": BY_SERVICE}, Confidence.POSSIBLE),
        ({"status": OperationStatus.RUNNING, "ended_at": None}, Confidence.POSSIBLE),
    ],
)
def test_how_sure_a_record_makes(changes: dict[str, Any], expected: Confidence) -> None:
    assert recorded.confidence(operation(**changes)) is expected


def test_a_service_of_microsofts_is_a_lead_and_never_a_violation() -> None:
    of = cluster()
    found = recorded.finding(operation(by=BY_SERVICE), TELLING, of, context(of))
    assert found.verdict is Verdict.WARNING


def test_what_azure_policy_or_a_service_did_weighs_medium_at_most() -> None:
    assert recorded.severity(operation(by=BY_POLICY), Severity.HIGH) is Severity.MEDIUM
    assert recorded.severity(operation(by=BY_SERVICE), Severity.HIGH) is Severity.MEDIUM
    assert recorded.severity(operation(by=BY_POLICY), Severity.LOW) is Severity.LOW
    assert recorded.severity(operation(by=BY_ALICE), Severity.HIGH) is Severity.HIGH


def test_the_finding_tells_who_did_what_when_and_through_which_client() -> None:
    by = Actor(name="alice@contoso.example", client="Azure CLI")
    of = cluster()
    deed = operation(on=node_id(1), by=by, instance_ids=("1",))
    found = recorded.finding(deed, TELLING, of, context(of))
    assert found.summary == (
        "alice@contoso.example (Azure CLI) wrote the scale set on 2026-10-29 12:00Z"
    )
    assert found.node_pool == "apps"
    assert found.instances == ("1",)
    assert found.operation == deed
    assert found.is_recorded
    assert found.path == ""
    assert found.evidence[0].source == "activity log"
    assert found.evidence[0].at == deed.at


def test_two_deeds_on_one_resource_are_two_findings() -> None:
    of = cluster()
    first, second = operation(id="first"), operation(id="second")
    identities = {recorded.finding(o, TELLING, of, context(of)).identity for o in (first, second)}
    assert len(identities) == 2


def test_an_actor_without_a_name_is_told_by_id() -> None:
    assert recorded.who(Actor(id="an-id")) == "an-id"
    assert recorded.who(Actor()) == "an unknown caller"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (scale_set_id(), True),
        (node_id(3), True),
        (scale_set_id("gone"), True),
        (f"{COMPUTE}/virtualMachines/aks-default-2jf98", True),
        (f"{COMPUTE}/virtualMachines/jumpbox", False),
        (f"{COMPUTE}/virtualMachineScaleSets/web", False),
        (f"{COMPUTE}/disks/aks-apps-vmdisk1_a", True),
        (f"{COMPUTE}/disks/pvc-1", False),
        (f"{NETWORK}/networkInterfaces/jumpbox-nic", False),
        (NSG_ID, False),
        (CLUSTER_ID, False),
    ],
)
def test_a_node_is_told_from_a_resident_by_its_name(on: str, expected: bool) -> None:
    assert recorded.is_on_node(operation(on=on), managed(pool())) is expected


MACHINES = (
    replace(
        machine("aks-apps-11111111-vm0"),
        nic_ids=(f"{NETWORK}/networkInterfaces/eth0",),
        os_disk=OsDisk(id=f"{COMPUTE}/disks/os-of-vm0"),
    ),
    machine("aks-apps-2jf98", tags={"karpenter.sh/nodepool": "apps"}),
)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (node_id(0, "batch"), "batch"),
        (f"{COMPUTE}/virtualMachines/aks-apps-11111111-vm0", "apps"),
        (f"{COMPUTE}/virtualMachines/AKS-apps-11111111-vm0/extensions/agent", "apps"),
        (f"{COMPUTE}/virtualMachines/aks-apps-11111111-vm9", "apps"),
        (f"{NETWORK}/networkInterfaces/eth0", "apps"),
        (f"{NETWORK}/networkInterfaces/aks-apps-11111111-nic-9", "apps"),
        (f"{COMPUTE}/disks/os-of-vm0", "apps"),
        (f"{COMPUTE}/disks/aks-batch-38116459-aks-batch-38116459-disk1_0a", "batch"),
        (f"{COMPUTE}/virtualMachines/aks-apps-2jf98", ""),
        (f"{COMPUTE}/virtualMachines/aks-batch-1-vm0", ""),
        (f"{COMPUTE}/virtualMachines/jumpbox", ""),
        (NSG_ID, ""),
    ],
    ids=lambda value: value.rpartition("/")[2],
)
def test_a_deed_on_a_node_names_its_pool(on: str, expected: str) -> None:
    pools = pool(kind=PoolKind.VIRTUAL_MACHINES), pool("batch")
    of = cluster(managed(*pools), virtual_machines=Known(MACHINES))
    assert recorded.node_pool(operation(on=on), of) == expected


def test_where_machines_cannot_be_read_their_names_tell_the_pool() -> None:
    of = cluster(managed(pool(kind=PoolKind.AVAILABILITY_SET)), virtual_machines=gap())
    deed = operation(on=f"{COMPUTE}/virtualMachines/aks-apps-41827532-0")
    assert recorded.finding(deed, TELLING, of, context(of)).node_pool == "apps"
