from __future__ import annotations

import pytest

from auditor.evidence.operation_kinds import changes_model, kind_of, renews_nodes
from auditor.evidence.recorded import OWNER
from auditor.model.operation import OperationKind as Kind
from tests.build import COMPUTE, extension_id, node_id, scale_set_id
from tests.deeds import operation

SETS = "Microsoft.Compute/virtualMachineScaleSets"
NODES = f"{SETS}/virtualMachines"
VMS = "Microsoft.Compute/virtualMachines"
NET = "Microsoft.Network"
AKS = "Microsoft.ContainerService/managedClusters"

ON_SCALE_SETS = {
    "write": Kind.SCALE_SET_WRITE,
    "delete": Kind.SCALE_SET_DELETE,
    "delete/action": Kind.NODE_DELETE,
    "start/action": Kind.NODE_UP,
    "powerOff/action": Kind.NODE_DOWN,
    "restart/action": Kind.NODE_UP,
    "deallocate/action": Kind.NODE_DOWN,
    "manualUpgrade/action": Kind.NODE_REIMAGE,
    "reimage/action": Kind.NODE_REIMAGE,
    "reimageAll/action": Kind.NODE_REIMAGE,
    "redeploy/action": Kind.NODE_REIMAGE,
    "performMaintenance/action": Kind.NODE_REIMAGE,
    "scale/action": Kind.SCALE_SET_SCALE,
    "osRollingUpgrade/action": Kind.NODE_REIMAGE,
    "rollingUpgrades/action": Kind.NODE_REIMAGE,
    "setOrchestrationServiceState/action": Kind.SCALE_SET_WRITE,
    "forceRecoveryServiceFabricPlatformUpdateDomainWalk/action": Kind.NODE_REIMAGE,
    "extensions/write": Kind.EXTENSION_WRITE,
    "extensions/delete": Kind.EXTENSION_DELETE,
}
ON_NODES = {
    "write": Kind.NODE_WRITE,
    "delete": Kind.NODE_DELETE,
    "start/action": Kind.NODE_UP,
    "powerOff/action": Kind.NODE_DOWN,
    "restart/action": Kind.NODE_UP,
    "deallocate/action": Kind.NODE_DOWN,
    "reimage/action": Kind.NODE_REIMAGE,
    "reimageAll/action": Kind.NODE_REIMAGE,
    "redeploy/action": Kind.NODE_REIMAGE,
    "performMaintenance/action": Kind.NODE_REIMAGE,
    "runCommand/action": Kind.NODE_COMMAND,
    "simulateEviction/action": Kind.NODE_DOWN,
    "extensions/write": Kind.EXTENSION_WRITE,
    "extensions/delete": Kind.EXTENSION_DELETE,
    "runCommands/write": Kind.NODE_COMMAND,
    "runCommands/delete": Kind.NODE_COMMAND,
    "retrieveBootDiagnosticsData/action": Kind.OTHER,
}
ON_MACHINES = {
    name: kind
    for name, kind in ON_NODES.items()
    if not name.startswith(("reimageAll", "performMaintenance", "simulate"))
} | {
    "reapply/action": Kind.NODE_REIMAGE,
    "generalize/action": Kind.NODE_WRITE,
    "attachDetachDataDisks/action": Kind.NODE_WRITE,
    "capture/action": Kind.OTHER,
    "assessPatches/action": Kind.OTHER,
    "installPatches/action": Kind.NODE_COMMAND,
}
ELSEWHERE = {
    f"{NET}/networkSecurityGroups/write": Kind.NSG_WRITE,
    f"{NET}/networkSecurityGroups/delete": Kind.NSG_DELETE,
    f"{NET}/networkSecurityGroups/join/action": Kind.OTHER,
    f"{NET}/networkSecurityGroups/securityRules/write": Kind.NSG_WRITE,
    f"{NET}/networkSecurityGroups/securityRules/delete": Kind.NSG_WRITE,
    f"{NET}/virtualNetworks/write": Kind.VNET_WRITE,
    f"{NET}/virtualNetworks/delete": Kind.VNET_WRITE,
    f"{NET}/virtualNetworks/subnets/write": Kind.SUBNET_WRITE,
    f"{NET}/virtualNetworks/subnets/delete": Kind.SUBNET_WRITE,
    f"{NET}/virtualNetworks/subnets/join/action": Kind.OTHER,
    f"{NET}/virtualNetworks/virtualNetworkPeerings/write": Kind.NETWORK_WRITE,
    f"{NET}/routeTables/write": Kind.NETWORK_WRITE,
    f"{NET}/routeTables/delete": Kind.NETWORK_DELETE,
    f"{NET}/routeTables/routes/write": Kind.NETWORK_WRITE,
    f"{NET}/routeTables/routes/delete": Kind.NETWORK_WRITE,
    f"{NET}/loadBalancers/write": Kind.NETWORK_WRITE,
    f"{NET}/loadBalancers/delete": Kind.NETWORK_DELETE,
    f"{NET}/loadBalancers/backendAddressPools/write": Kind.NETWORK_WRITE,
    f"{NET}/loadBalancers/backendAddressPools/join/action": Kind.OTHER,
    f"{NET}/loadBalancers/inboundNatRules/write": Kind.NETWORK_WRITE,
    f"{NET}/publicIPAddresses/write": Kind.NETWORK_WRITE,
    f"{NET}/publicIPAddresses/delete": Kind.NETWORK_DELETE,
    f"{NET}/networkInterfaces/write": Kind.NIC_WRITE,
    f"{NET}/networkInterfaces/delete": Kind.NIC_WRITE,
    f"{NET}/natGateways/write": Kind.NETWORK_WRITE,
    f"{NET}/privateEndpoints/write": Kind.NETWORK_WRITE,
    f"{NET}/privateEndpoints/delete": Kind.NETWORK_DELETE,
    f"{NET}/applicationGateways/write": Kind.RESOURCE_WRITE,
    f"{NET}/dnsZones/A/write": Kind.RESOURCE_WRITE,
    f"{NET}/privateDnsZones/virtualNetworkLinks/write": Kind.RESOURCE_WRITE,
    "Microsoft.Resources/tags/write": Kind.TAGS_WRITE,
    "Microsoft.Resources/tags/delete": Kind.TAGS_WRITE,
    "Microsoft.Resources/subscriptions/resourceGroups/write": Kind.GROUP_WRITE,
    "Microsoft.Resources/subscriptions/resourceGroups/delete": Kind.GROUP_WRITE,
    "Microsoft.Resources/subscriptions/resourcegroups/moveResources/action": Kind.GROUP_WRITE,
    "Microsoft.Authorization/locks/write": Kind.LOCK_WRITE,
    "Microsoft.Authorization/locks/delete": Kind.LOCK_WRITE,
    "Microsoft.Authorization/roleAssignments/write": Kind.OTHER,
    "Microsoft.Authorization/roleAssignments/delete": Kind.OTHER,
    "Microsoft.Authorization/policies/deny/action": Kind.OTHER,
    f"{NET}/loadBalancers/providers/Microsoft.Insights/diagnosticSettings/write": Kind.OTHER,
    "Microsoft.ManagedIdentity/userAssignedIdentities/write": Kind.RESOURCE_WRITE,
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action": Kind.OTHER,
    "Microsoft.ManagedIdentity/userAssignedIdentities/delete": Kind.RESOURCE_DELETE,
    "Microsoft.Storage/storageAccounts/delete": Kind.RESOURCE_DELETE,
    "Microsoft.Compute/snapshots/delete": Kind.RESOURCE_DELETE,
    "Microsoft.Compute/disks/beginGetAccess/action": Kind.OTHER,
    "Microsoft.Compute/disks/endGetAccess/action": Kind.OTHER,
    "Microsoft.Insights/autoscaleSettings/write": Kind.AUTOSCALE_WRITE,
    "Microsoft.SerialConsole/serialPorts/connect/action": Kind.NODE_COMMAND,
}
BY_AKS_API = {
    "write": Kind.AKS_WRITE,
    "delete": Kind.AKS_WRITE,
    "start/action": Kind.AKS_START,
    "stop/action": Kind.AKS_STOP,
    "abort/action": Kind.AKS_WRITE,
    "runCommand/action": Kind.OTHER,
    "listClusterUserCredential/action": Kind.OTHER,
    "listClusterAdminCredential/action": Kind.OTHER,
    "rotateClusterCertificates/action": Kind.AKS_WRITE,
    "resetServicePrincipalProfile/action": Kind.AKS_WRITE,
    "agentPools/write": Kind.AKS_WRITE,
    "agentPools/delete": Kind.AKS_WRITE,
    "agentPools/upgradeNodeImageVersion/action": Kind.AKS_WRITE,
    "agentPools/deleteMachines/action": Kind.AKS_WRITE,
    "agentPools/abort/action": Kind.AKS_WRITE,
}
ALL = {
    **{f"{SETS}/{verb}": kind for verb, kind in ON_SCALE_SETS.items()},
    **{f"{NODES}/{verb}": kind for verb, kind in ON_NODES.items()},
    **{f"{VMS}/{verb}": kind for verb, kind in ON_MACHINES.items()},
    **{f"{AKS}/{verb}": kind for verb, kind in BY_AKS_API.items()},
    **ELSEWHERE,
}


@pytest.mark.parametrize(("name", "kind"), ALL.items())
def test_every_operation_of_azure_that_matters_has_its_kind(name: str, kind: Kind) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize("name", ALL)
def test_names_are_read_in_any_case(name: str) -> None:
    assert kind_of(name.upper()) is kind_of(name) is kind_of(name.lower())


def test_an_unknown_operation_is_no_deed() -> None:
    assert kind_of("Microsoft.Compute/virtualMachineScaleSets/admire/action") is Kind.OTHER
    assert kind_of("") is Kind.OTHER


@pytest.mark.parametrize(
    "name",
    [
        "aks-apps-38116459-vmaks-apps-38116459-vOS__1_0123456789abcdef0123456789abcdef",
        "aks-apps-38116459-vmaks-apps-38116459-vdisk1_0123456789abcdef0123456789abcdef",
        "aks-apps-38116459-0_OsDisk_1_0123456789abcdef0123456789abcdef",
    ],
)
def test_an_operating_system_disk_is_part_of_a_node(name: str) -> None:
    disk = f"{COMPUTE}/disks/{name}"
    assert kind_of("Microsoft.Compute/disks/write", disk) is Kind.OS_DISK_WRITE
    assert kind_of("Microsoft.Compute/disks/delete", disk) is Kind.OS_DISK_WRITE


def test_a_persistent_volumes_disk_is_no_part_of_a_node() -> None:
    disk = f"{COMPUTE}/disks/pvc-3f1c2a9e-8f6e-4d4b-9a55-0a1b2c3d4e5f"
    assert kind_of("Microsoft.Compute/disks/write", disk) is Kind.RESOURCE_WRITE
    assert kind_of("Microsoft.Compute/disks/delete", disk) is Kind.RESOURCE_DELETE


def test_to_read_a_nodes_disk_is_not_to_write_it() -> None:
    disk = f"{COMPUTE}/disks/aks-apps-38116459-0_OsDisk_1_0123456789abcdef0123456789abcdef"
    assert kind_of("Microsoft.Compute/disks/beginGetAccess/action", disk) is Kind.OTHER


@pytest.mark.parametrize("name", ["enablevmaccess", "VMAccessForLinux", "VMAccessAgent"])
def test_the_vm_access_extension_is_a_way_into_a_node(name: str) -> None:
    on_node = f"{node_id(0)}/extensions/{name}"
    assert kind_of(f"{NODES}/extensions/write", on_node) is Kind.NODE_COMMAND
    assert kind_of(f"{SETS}/extensions/delete", extension_id(name)) is Kind.NODE_COMMAND
    assert kind_of(f"{SETS}/write", scale_set_id("vmaccess")) is Kind.SCALE_SET_WRITE


def test_a_simulated_eviction_is_somebodys_doing_a_true_one_the_platforms() -> None:
    assert kind_of(f"{NODES}/simulateEviction/action") is Kind.NODE_DOWN
    assert kind_of(f"{VMS}/evictSpotVM/action") is Kind.EVICTION


@pytest.mark.parametrize(
    "verb", ["reimage", "reimageAll", "manualUpgrade", "osRollingUpgrade", "rollingUpgrades"]
)
def test_a_reimage_or_upgrade_gives_a_node_a_fresh_disk(verb: str) -> None:
    name = f"{SETS}/{verb}/action"
    assert renews_nodes(operation(kind_of(name), name=name))


@pytest.mark.parametrize("verb", ["redeploy", "performMaintenance", "reapply"])
def test_a_redeployed_node_keeps_its_disk_and_what_was_done_to_it(verb: str) -> None:
    name = f"{VMS}/{verb}/action"
    assert not renews_nodes(operation(kind_of(name), name=name))


def test_a_restart_renews_nothing() -> None:
    assert not renews_nodes(operation(Kind.NODE_UP, name=f"{SETS}/restart/action"))


def test_a_scale_set_write_without_a_body_on_record_may_have_changed_the_model() -> None:
    assert changes_model(operation(Kind.SCALE_SET_WRITE))


def test_a_scale_set_write_of_capacity_or_tags_alone_leaves_the_model() -> None:
    assert not changes_model(operation(Kind.SCALE_SET_WRITE, request_paths=("sku.capacity",)))
    assert not changes_model(operation(Kind.SCALE_SET_WRITE, request_paths=("tags.team",)))


def test_a_scale_set_write_of_its_machine_profile_changes_the_model() -> None:
    paths = ("sku.capacity", "properties.virtualMachineProfile.osProfile.customData")
    assert changes_model(operation(Kind.SCALE_SET_WRITE, request_paths=paths))


def test_an_extension_of_the_model_changes_it_an_instances_own_does_not() -> None:
    assert changes_model(operation(Kind.EXTENSION_WRITE, extension_id("vmssCSE")))
    assert changes_model(operation(Kind.EXTENSION_DELETE, extension_id("vmssCSE")))
    on_node = f"{node_id(0)}/extensions/vmssCSE"
    assert not changes_model(operation(Kind.EXTENSION_WRITE, on_node))


def test_capacity_and_power_are_no_model() -> None:
    assert not changes_model(operation(Kind.SCALE_SET_SCALE, scale_set_id()))
    assert not changes_model(operation(Kind.NODE_DOWN, scale_set_id()))


def test_each_kind_of_operation_on_nodes_belongs_to_one_recorded_rule() -> None:
    of_nodes = {k for k in Kind if k.startswith(("node_", "scale_set_", "extension_", "nic_"))}
    assert of_nodes <= set(OWNER)


BALANCER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/loadBalancers/kubernetes"
IDENTITY = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
)
SETTING = "/providers/Microsoft.Insights/diagnosticSettings"


@pytest.mark.parametrize("verb", ["write", "delete"])
@pytest.mark.parametrize("done_to", [BALANCER, f"{BALANCER}{SETTING}/to-workspace"])
def test_what_another_provider_puts_beside_a_resource_is_not_done_to_it(
    verb: str, done_to: str
) -> None:
    assert kind_of(f"Microsoft.Insights/diagnosticSettings/{verb}", done_to) is Kind.OTHER


@pytest.mark.parametrize("done_to", [IDENTITY, f"{IDENTITY}/federatedIdentityCredentials/f"])
def test_a_part_is_told_from_the_whole_whatever_id_the_log_has(done_to: str) -> None:
    whole = "Microsoft.ManagedIdentity/userAssignedIdentities"
    part = f"{whole}/federatedIdentityCredentials"

    kind = kind_of(f"{part}/delete", done_to)

    assert kind is (Kind.RESOURCE_WRITE if done_to == IDENTITY else Kind.RESOURCE_DELETE)
    assert kind_of(f"{whole}/delete", IDENTITY) is Kind.RESOURCE_DELETE
