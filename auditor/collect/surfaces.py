"""What is read of Azure: every ARM surface with its api-version and the permission it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.collect.wire.activity_event import WireEvent
from auditor.collect.wire.autoscale_setting import WireAutoscaleSetting
from auditor.collect.wire.base import Translatable
from auditor.collect.wire.change import WireChange
from auditor.collect.wire.cluster import WireCluster
from auditor.collect.wire.deny_assignment import WireDenyAssignment
from auditor.collect.wire.disk import WireDisk
from auditor.collect.wire.feature import WireFeature
from auditor.collect.wire.instance import WireInstance
from auditor.collect.wire.kubernetes_versions import WireVersions
from auditor.collect.wire.load_balancer import WireLoadBalancer
from auditor.collect.wire.lock import WireLock
from auditor.collect.wire.network_interface import WireNetworkInterface
from auditor.collect.wire.notice import WireNotice
from auditor.collect.wire.placement import WirePlacement
from auditor.collect.wire.pool_machine import WirePoolMachine
from auditor.collect.wire.public_address import WirePublicAddress
from auditor.collect.wire.resident import WireResident
from auditor.collect.wire.resource_group import WireResourceGroup
from auditor.collect.wire.role_assignment import WireRoleAssignment
from auditor.collect.wire.role_definition import WireRoleDefinition
from auditor.collect.wire.route_table import WireRouteTable
from auditor.collect.wire.scale_set import WireScaleSet
from auditor.collect.wire.security_group import WireSecurityGroup
from auditor.collect.wire.subscription import WireSubscription
from auditor.collect.wire.virtual_machine import WireVirtualMachine
from auditor.collect.wire.virtual_network import WireSubnet, WireVirtualNetwork

M = TypeVar("M")

_AKS = "2026-08-01"
_COMPUTE = "2026-04-01"
_DISKS = "2026-03-02"
_NETWORK = "2024-05-01"
_RESOURCES = "2025-04-01"
_AUTHORIZATION = "2022-04-01"


@dataclass(frozen=True, slots=True)
class Surface(Generic[M]):
    """One kind of thing that ARM answers with.

    ``collector`` names it in gaps, ``path`` is what follows the scope in a list's address.
    """

    collector: str
    wire: type[Translatable[M]]
    path: str
    api_version: str
    permission: str

    def under(self, scope: str) -> str:
        """The path of the list below a subscription, a resource group or a resource."""
        return f"{scope}/{self.path}"


def _resource(
    collector: str, wire: type[Translatable[M]], kind: str, api_version: str
) -> Surface[M]:
    return Surface(collector, wire, f"providers/{kind}", api_version, f"{kind}/read")


SUBSCRIPTIONS = Surface(
    "subscriptions",
    WireSubscription,
    "subscriptions",
    "2022-12-01",
    "Microsoft.Resources/subscriptions/read",
)
GROUPS = Surface(
    "resource_groups",
    WireResourceGroup,
    "resourceGroups",
    _RESOURCES,
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
RESIDENTS = Surface(
    "residents",
    WireResident,
    "resources",
    _RESOURCES,
    "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
)
CLUSTERS = _resource("clusters", WireCluster, "Microsoft.ContainerService/managedClusters", _AKS)
SCALE_SETS = _resource(
    "scale_sets", WireScaleSet, "Microsoft.Compute/virtualMachineScaleSets", _COMPUTE
)
INSTANCES = Surface(
    "scale_set_instances",
    WireInstance,
    "virtualMachines",
    _COMPUTE,
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
)
MACHINES = _resource(
    "virtual_machines", WireVirtualMachine, "Microsoft.Compute/virtualMachines", _COMPUTE
)
POOL_MACHINES = Surface(
    "pool_machines",
    WirePoolMachine,
    "machines",
    _AKS,
    "Microsoft.ContainerService/managedClusters/agentPools/machines/read",
)
INTERFACES = _resource(
    "network_interfaces", WireNetworkInterface, "Microsoft.Network/networkInterfaces", _NETWORK
)
DISKS = _resource("disks", WireDisk, "Microsoft.Compute/disks", _DISKS)
SECURITY_GROUPS = _resource(
    "security_groups", WireSecurityGroup, "Microsoft.Network/networkSecurityGroups", _NETWORK
)
NETWORKS = _resource(
    "virtual_networks", WireVirtualNetwork, "Microsoft.Network/virtualNetworks", _NETWORK
)
SUBNETS = Surface(
    "subnets",
    WireSubnet,
    "subnets",
    _NETWORK,
    "Microsoft.Network/virtualNetworks/subnets/read",
)
LOAD_BALANCERS = _resource(
    "load_balancers", WireLoadBalancer, "Microsoft.Network/loadBalancers", _NETWORK
)
ROUTE_TABLES = _resource("route_tables", WireRouteTable, "Microsoft.Network/routeTables", _NETWORK)
PUBLIC_ADDRESSES = _resource(
    "public_addresses", WirePublicAddress, "Microsoft.Network/publicIPAddresses", _NETWORK
)
AUTOSCALE_SETTINGS = _resource(
    "autoscale_settings",
    WireAutoscaleSetting,
    "Microsoft.Insights/autoscaleSettings",
    "2022-10-01",
)
LOCKS = _resource("locks", WireLock, "Microsoft.Authorization/locks", "2020-05-01")
ROLE_ASSIGNMENTS = _resource(
    "role_assignments",
    WireRoleAssignment,
    "Microsoft.Authorization/roleAssignments",
    _AUTHORIZATION,
)
ROLE_DEFINITIONS = _resource(
    "role_definitions",
    WireRoleDefinition,
    "Microsoft.Authorization/roleDefinitions",
    _AUTHORIZATION,
)
DENY_ASSIGNMENTS = _resource(
    "deny_assignments",
    WireDenyAssignment,
    "Microsoft.Authorization/denyAssignments",
    _AUTHORIZATION,
)
FEATURES = Surface(
    "features",
    WireFeature,
    "providers/Microsoft.Features/providers/Microsoft.ContainerService/features",
    "2021-07-01",
    "Microsoft.Features/providers/features/read",
)
RELEASES = Surface(
    "kubernetes_versions",
    WireVersions,
    "",
    _AKS,
    "Microsoft.ContainerService/locations/kubernetesVersions/read",
)
ACTIVITY = Surface(
    "activity_log",
    WireEvent,
    "providers/Microsoft.Insights/eventtypes/management/values",
    "2015-04-01",
    "Microsoft.Insights/eventtypes/values/read",
)


def _graph(collector: str, wire: type[Translatable[M]]) -> Surface[M]:
    """Rows of a Resource Graph query."""
    kind = "Microsoft.ResourceGraph/resources"
    return _resource(collector, wire, kind, "2022-10-01")


GRAPH = _graph("resource_graph", WireResident)
NOTICES = _graph("end_of_life_notices", WireNotice)
CHANGES = _graph("property_changes", WireChange)
PLACEMENTS = _graph("management_groups", WirePlacement)

_PRESENCE_VERSIONS = {
    "microsoft.compute/virtualmachinescalesets": _COMPUTE,
    "microsoft.compute/virtualmachinescalesets/virtualmachines": _COMPUTE,
    "microsoft.compute/virtualmachinescalesets/extensions": _COMPUTE,
    "microsoft.compute/virtualmachines": _COMPUTE,
    "microsoft.compute/virtualmachines/extensions": _COMPUTE,
    "microsoft.compute/availabilitysets": _COMPUTE,
    "microsoft.compute/disks": _DISKS,
    "microsoft.containerservice/managedclusters": _AKS,
    "microsoft.containerservice/managedclusters/agentpools": _AKS,
    "microsoft.managedidentity/userassignedidentities": "2023-01-31",
    "microsoft.network/loadbalancers": _NETWORK,
    "microsoft.network/natgateways": _NETWORK,
    "microsoft.network/networksecuritygroups": _NETWORK,
    "microsoft.network/networksecuritygroups/securityrules": _NETWORK,
    "microsoft.network/publicipaddresses": _NETWORK,
    "microsoft.network/routetables": _NETWORK,
    "microsoft.network/virtualnetworks": _NETWORK,
    "microsoft.network/virtualnetworks/subnets": _NETWORK,
}


def presence(kind: str) -> Surface[object] | None:
    """How to ask whether a resource of this type (in lower case) exists; ``None`` if unknown."""
    version = _PRESENCE_VERSIONS.get(kind)
    if version is None:
        return None
    return Surface("presence", WireResident, "", version, f"{kind}/read")
