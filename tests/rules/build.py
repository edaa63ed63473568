"""Clusters built by hand, for what no fixture shows: only what a test names differs."""

from __future__ import annotations

from datetime import UTC, datetime

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool
from auditor.model.compute import Instance, IpConfiguration, NicConfiguration, ScaleSet
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.network import NetworkSecurityGroup, Subnet, VirtualNetwork
from auditor.model.operation import ActivityLog
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, ResourceGroup, Subscription

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
SUBSCRIPTION = "/subscriptions/6f2b8c14-93d7-4e5a-b1f0-8c7d2e4a9b36"
NODE_GROUP = "MC_rg-shop_shop_westeurope"
NODES = f"{SUBSCRIPTION}/resourceGroups/{NODE_GROUP}"
CLUSTER = (
    f"{SUBSCRIPTION}/resourceGroups/rg-shop/providers/Microsoft.ContainerService"
    "/managedClusters/shop"
)
NUMBER = "26180121"
OWN_GROUP = f"{NODES}/providers/Microsoft.Network/networkSecurityGroups/aks-agentpool-{NUMBER}-nsg"
OWN_NETWORK = f"{NODES}/providers/Microsoft.Network/virtualNetworks/aks-vnet-{NUMBER}"
OWN_SUBNET = f"{OWN_NETWORK}/subnets/aks-subnet"
GAP = Gap(scope=NODES, collector="test", outcome=Outcome.DENIED, message="refused")


def context() -> Context:
    """A quiet log, at the time of the fixtures."""
    return Context(now=NOW, operations=Known(()))


def nic(subnet: str = OWN_SUBNET, group: str | None = None) -> NicConfiguration:
    """A scale set's only network interface."""
    address = IpConfiguration(name="ipconfig1", primary=True, subnet_id=subnet)
    return NicConfiguration(name="nic", primary=True, nsg_id=group, ip_configurations=(address,))


def scale_set(
    pool: str = "system", number: str | None = NUMBER, *nics: NicConfiguration
) -> ScaleSet:
    """A scale set of AKS's making; ``number`` is what its tag says of the cluster."""
    name = f"aks-{pool}-14673820-vmss"
    tags = {"aks-managed-poolName": pool, "aks-managed-creationSource": f"vmssclient-{name}"}
    if number is not None:
        tags["aks-managed-resourceNameSuffix"] = number
    resource_id = f"{NODES}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
    return ScaleSet(id=resource_id, name=name, tags=tags, nics=nics or (nic(),))


def group(resource_id: str = OWN_GROUP) -> NetworkSecurityGroup:
    """An empty security group."""
    return NetworkSecurityGroup(id=resource_id, name=arm.name(resource_id))


def network(resource_id: str = OWN_NETWORK, attached: str | None = OWN_GROUP) -> VirtualNetwork:
    """A virtual network with a node subnet."""
    subnet = Subnet(id=f"{resource_id}/subnets/aks-subnet", name="aks-subnet", nsg_id=attached)
    return VirtualNetwork(id=resource_id, name=arm.name(resource_id), subnets=(subnet,))


def cluster(
    *scale_sets: ScaleSet,
    pools: tuple[NodePool, ...] = (NodePool(name="system"),),
    groups: tuple[NetworkSecurityGroup, ...] = (group(),),
    networks: tuple[VirtualNetwork, ...] = (network(),),
) -> Cluster:
    """A running cluster with one pool on AKS's own network."""
    there = scale_sets or (scale_set(),)
    nobody: Known[tuple[Instance, ...]] = Known(())
    return Cluster(
        id=CLUSTER,
        subscription=Subscription(id=arm.subscription(CLUSTER), state="Enabled"),
        managed=Known(
            ManagedCluster(id=CLUSTER, name="shop", node_resource_group=NODE_GROUP, pools=pools)
        ),
        node_resource_group=Known(ResourceGroup(id=NODES, name=NODE_GROUP)),
        residents=Known(()),
        scale_sets=Known(there),
        instances={arm.key(s.id): nobody for s in there},
        virtual_machines=Known(()),
        security_groups=Known(groups),
        virtual_networks=Known(networks),
        subnets={},
        activity=Known(ActivityLog(since=NOW, until=NOW)),
    )
