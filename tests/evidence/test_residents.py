"""Whose a resident of the node resource group is, by type, name, tags and features."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence import residents
from auditor.evidence.residents import Origin, Place
from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity, ManagedCluster, NetworkProfile
from auditor.model.compute import OsDisk
from auditor.model.facet import Known
from auditor.model.snapshot import Resident
from tests import build

NET = "Microsoft.Network"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def resident(kind: str, name: str, **changes: Any) -> Resident:  # noqa: ANN401 (any field)
    parts = kind.split("/")
    names = name.split("/")
    pairs = "/".join(f"{t}/{n}" for t, n in zip(parts[1:], names, strict=True))
    resource_id = f"{build.NODE_GROUP_ID}/providers/{parts[0]}/{pairs}"
    return Resident(id=resource_id, name=name, type=kind, **changes)


def of(kind: str, name: str, managed: ManagedCluster | None = None, **changes: Any) -> Origin:  # noqa: ANN401 (any field)
    where = Place(managed=managed or build.managed(), machine_parts=frozenset())
    return residents.origin(resident(kind, name, **changes), where)


def network(**changes: Any) -> ManagedCluster:  # noqa: ANN401 (any field)
    return build.managed(network=NetworkProfile(**changes))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (f"{NET}/networkSecurityGroups", "aks-agentpool-26180121-nsg"),
        (f"{NET}/networkSecurityGroups", "AKS-AGENTPOOL-46237-NSG"),
        (f"{NET}/virtualNetworks", "aks-vnet-26180121"),
        (f"{NET}/routeTables", "aks-agentpool-26180121-routetable"),
        (f"{NET}/loadBalancers", "kubernetes"),
        (f"{NET}/loadBalancers", "kubernetes-internal"),
        (f"{NET}/loadBalancers", "kube-apiserver"),
        (f"{NET}/privateEndpoints", "kube-apiserver"),
        (f"{NET}/privateDnsZones", f"{GUID}.privatelink.westus2.azmk8s.io"),
        (f"{NET}/privateDnsZones/virtualNetworkLinks", "x.privatelink.westus2.azmk8s.io/hub"),
        (f"{NET}/privateLinkServices", "pls-a8f133f1e3cba4f27af56e388ef212e2"),
        (f"{NET}/networkInterfaces", "aks-nodepool1-41827532-nic-0"),
        ("Microsoft.Compute/disks", "pvc-6d9f4b1e-7c2a-4e83-9f05-1b8d3a6c2e47"),
        ("Microsoft.Compute/disks", "aks-system-1_OsDisk_1_36a7b8881aa735ee2d0ab6401792be65"),
        ("Microsoft.Compute/disks", "kubernetes-dynamic-pvc-1"),
        ("Microsoft.Compute/disks", "AKS-made-some-way"),
        ("Microsoft.Compute/availabilitySets", "nodepool1-availabilitySet-41827532"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "shop-agentpool"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "ext-1-shop"),
        ("Microsoft.Storage/storageAccounts", "f4c7e1a9b2d8034e6f15a7c3"),
        ("Microsoft.Storage/storageAccounts", "fuse4c7e1a9b2d8034e6f15"),
        ("Microsoft.KubernetesConfiguration/privateLinkScopes", "extension-pls"),
        ("Microsoft.ServiceNetworking/trafficControllers", "alb-1"),
    ],
)
def test_names_of_aks_and_kubernetes(kind: str, name: str) -> None:
    assert of(kind, name) is Origin.OF_AKS


@pytest.mark.parametrize(
    "addon",
    [
        "azurepolicy",
        "omsagent",
        "azurekeyvaultsecretsprovider",
        "ingressapplicationgateway",
        "aciconnectorlinux",
        "webapprouting",
        "applicationloadbalancer",
        "ai-toolchain-operator",
    ],
)
def test_identities_of_add_ons_are_called_after_add_on_and_cluster(addon: str) -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert of(kind, f"{addon}-shop") is Origin.OF_AKS
    assert of(kind, f"{addon}-other") is Origin.FOREIGN


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (f"{NET}/networkSecurityGroups", "aks-agentpool-26180121-nsg-2"),
        (f"{NET}/networkSecurityGroups", "nsg-jump"),
        (f"{NET}/virtualNetworks", "aks-vnet-shop"),
        (f"{NET}/routeTables", "rt-hub"),
        (f"{NET}/natGateways", "nat"),
        (f"{NET}/applicationGateways", "agw"),
        (f"{NET}/applicationSecurityGroups", "asg"),
        (f"{NET}/privateEndpoints", "pe-sql"),
        (f"{NET}/privateDnsZones", "privatelink.database.windows.net"),
        (f"{NET}/networkInterfaces", "nic-jump"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "id-team"),
        ("Microsoft.ContainerRegistry/registries", "crshop"),
        ("Microsoft.Compute/availabilitySets", "as-web"),
    ],
)
def test_other_names_of_types_that_aks_makes(kind: str, name: str) -> None:
    assert of(kind, name) is Origin.FOREIGN


@pytest.mark.parametrize("kind", [f"{NET}/networkSecurityGroups", f"{NET}/virtualNetworks"])
def test_where_aks_puts_no_tags_they_prove_nothing(kind: str) -> None:
    assert of(kind, "mine", tags={"aks-managed-cluster-name": "shop"}) is Origin.FOREIGN


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        (f"{NET}/loadBalancers", "aks-managed-cluster-name"),
        (f"{NET}/natGateways", "aks-managed-cluster-rg"),
        (f"{NET}/applicationGateways", "managed-by-k8s-ingress"),
        (f"{NET}/networkInterfaces", "karpenter.sh_nodepool"),
        (f"{NET}/privateLinkServices", "k8s-azure-owner-service"),
        ("Microsoft.Compute/disks", "kubernetes.io-created-for-pvc-name"),
        ("Microsoft.Storage/storageAccounts", "k8s-azure-created-by"),
    ],
)
def test_elsewhere_tags_of_aks_and_kubernetes_tell(kind: str, tag: str) -> None:
    assert of(kind, "any", tags={tag: "x"}) is Origin.OF_AKS


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (f"{NET}/loadBalancers", "team-a"),
        (f"{NET}/publicIPPrefixes", "prefix"),
        (f"{NET}/privateLinkServices", "mine"),
        (f"{NET}/networkProfiles", "profile"),
        ("Microsoft.Compute/disks", "data"),
        ("Microsoft.Compute/images", "image"),
        ("Microsoft.Storage/storageAccounts", "shopfiles"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "newaddon-shop"),
        ("Microsoft.ContainerInstance/containerGroups", "group"),
        ("Microsoft.NewThings/widgets", "aks-widget"),
        ("Microsoft.NewThings/widgets", "of-shop"),
    ],
)
def test_what_aks_may_have_made(kind: str, name: str) -> None:
    assert of(kind, name) is Origin.UNTOLD


def test_an_unknown_type_is_marked_by_tags_owner_or_name_or_not_at_all() -> None:
    kind = "Microsoft.NewThings/widgets"
    assert of(kind, "x", tags={"aks-managed-y": ""}) is Origin.UNTOLD
    assert of(kind, "x", managed_by=build.CLUSTER_ID.upper()) is Origin.UNTOLD
    assert of(kind, "x") is Origin.UNKNOWN_TYPE
    assert of("Microsoft.KeyVault/vaults", "kv", managed_by="/other") is Origin.UNKNOWN_TYPE


@pytest.mark.parametrize(
    "kind",
    [
        f"{NET}/publicIPAddresses",
        "microsoft.compute/snapshots",
        "Microsoft.Insights/metricAlerts",
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.AlertsManagement/prometheusRuleGroups",
    ],
)
def test_what_microsofts_pages_put_there(kind: str) -> None:
    assert of(kind, "mine") is Origin.CUSTOMARY


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Microsoft.Compute/virtualMachineScaleSets", "mine"),
        ("Microsoft.Compute/virtualMachines", "jump"),
        ("Microsoft.Compute/virtualMachines/extensions", "jump/agent"),
        ("Microsoft.Insights/autoscaleSettings", "scale"),
        (f"{NET}/networkInterfaces", f"pe-sql.nic.{GUID}"),
    ],
)
def test_what_other_findings_tell_of(kind: str, name: str) -> None:
    assert of(kind, name) is Origin.JUDGED


def test_disks_and_interfaces_go_with_their_machine() -> None:
    nic, disk = resident(f"{NET}/networkInterfaces", "nic-jump"), f"{build.COMPUTE}/disks/os-jump"
    jump = build.machine("jump", nic_ids=(nic.id.upper(),), os_disk=OsDisk(id=disk))
    bare = build.machine("bare", os_disk=OsDisk(id=None))
    where = residents.place(build.cluster(virtual_machines=Known((jump, bare))))
    assert residents.origin(nic, where) is Origin.JUDGED
    assert residents.origin(resident("Microsoft.Compute/disks", "os-jump"), where) is Origin.JUDGED
    assert of("Microsoft.Compute/disks", "any", managed_by=jump.id) is Origin.JUDGED


def test_without_the_machines_an_interface_may_be_one_of_theirs() -> None:
    where = residents.place(build.cluster(virtual_machines=build.gap()))
    assert residents.origin(resident(f"{NET}/networkInterfaces", "n"), where) is Origin.UNTOLD


@pytest.mark.parametrize(
    ("managed", "kind"),
    [
        (network(outbound_type="managedNATGateway"), f"{NET}/natGateways"),
        (network(outbound_type="none"), "Microsoft.ContainerRegistry/registries"),
        (network(outbound_type="block"), f"{NET}/privateEndpoints"),
        (
            build.managed(build.pool(), build.pool("web", allowed_host_ports=("80/tcp",))),
            f"{NET}/applicationSecurityGroups",
        ),
        (
            build.managed(build.pool(), build.pool("gate", gateway_prefix_size=31)),
            f"{NET}/publicIPPrefixes",
        ),
        (build.managed(node_os_upgrade_channel="SecurityPatch"), "Microsoft.Compute/galleries"),
        (
            build.managed(
                identities=(
                    build.KUBELET_IDENTITY,
                    ClusterIdentity(role="addon", name="ingressApplicationGateway"),
                )
            ),
            f"{NET}/applicationGateways",
        ),
        (
            build.managed(identities=(ClusterIdentity(role="addon", name="aciConnectorLinux"),)),
            f"{NET}/networkProfiles",
        ),
        (
            build.managed(identities=(ClusterIdentity(role="addon", name="aciConnectorLinux"),)),
            "Microsoft.ContainerInstance/containerGroups",
        ),
    ],
)
def test_features_tell_what_has_no_name_of_its_own(managed: ManagedCluster, kind: str) -> None:
    assert of(kind, "any", managed) is Origin.OF_AKS


def test_a_registry_s_zone_is_aks_s_where_nodes_get_their_images_from_one_of_aks_s() -> None:
    kind, name = f"{NET}/privateDnsZones", "privatelink.azurecr.io"
    assert of(kind, name, network(outbound_type="none")) is Origin.OF_AKS
    assert of(kind, name) is Origin.FOREIGN
    assert of(kind, "privatelink.vaultcore.azure.net", network(outbound_type="none")) is (
        Origin.FOREIGN
    )


def test_identities_that_the_cluster_names_are_its_own_wherever_they_got_their_names() -> None:
    mine = f"{build.NODE_GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-k"
    kubelet = ClusterIdentity(role="kubelet", resource_id=mine.upper())
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert of(kind, "id-k", build.managed(identities=(kubelet,))) is Origin.OF_AKS
    assert of(kind, "id-k", build.managed(pod_identity=True)) is Origin.CUSTOMARY


@pytest.mark.parametrize(
    ("path", "made"),
    [
        (f"{NET}/loadBalancers/kubernetes", True),
        (f"{NET}/loadBalancers/kubernetes/backendAddressPools/x", True),
        (f"{NET}/publicIPAddresses/{GUID}", True),
        (f"{NET}/publicIPAddresses/kubernetes-a8f133f1e3cba4f27af56e388ef212e2", True),
        (f"{NET}/publicIPAddresses/ip-ingress", False),
        (f"{NET}/virtualNetworks/aks-vnet-26180121/virtualNetworkPeerings/hub", True),
        (f"{NET}/virtualNetworks/vnet-team", False),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/shop-agentpool", True),
        ("Microsoft.Compute/disks/pvc-1", False),
        ("Microsoft.Storage/storageAccounts/f4c7e1a9b2d8034e6f15a7c3", False),
        ("Microsoft.Compute/snapshots/s", False),
    ],
)
def test_by_the_id_alone(path: str, made: bool) -> None:
    resource_id = f"{build.NODE_GROUP_ID}/providers/{path}"
    assert residents.is_made_by_aks(resource_id, build.managed()) is made
    assert arm.within(resource_id, residents.top_level(resource_id))
