"""Small builders of model objects: one healthy cluster, and whatever a test changes of it.

Every default is what AKS would have made; a test names only what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from auditor.evaluate import operations_of
from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity, ManagedCluster, NodePool
from auditor.model.compute import (
    Extension,
    ImageReference,
    Instance,
    IpConfiguration,
    NicConfiguration,
    OsDisk,
    PowerState,
    ScaleSet,
    VirtualMachine,
)
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.network import NetworkSecurityGroup, Subnet, VirtualNetwork
from auditor.model.operation import ActivityLog, ActivityRecord, Operation
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, Resident, ResourceGroup, Subscription

SUBSCRIPTION = "10000000-2000-4000-8000-000000000001"
TENANT = "20000000-2000-4000-8000-000000000002"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-shop"
CLUSTER_ID = f"{GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/shop"
NODE_GROUP = "MC_rg-shop_shop_northeurope"
NODE_GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{NODE_GROUP}"
COMPUTE = f"{NODE_GROUP_ID}/providers/Microsoft.Compute"
NETWORK = f"{NODE_GROUP_ID}/providers/Microsoft.Network"
IDENTITIES = f"{GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
NSG_ID = f"{NETWORK}/networkSecurityGroups/aks-agentpool-26180121-nsg"
VNET_ID = f"{NETWORK}/virtualNetworks/aks-vnet-26180121"
SUBNET_ID = f"{VNET_ID}/subnets/aks-subnet"
KUBELET_ID = (
    f"{NODE_GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-agentpool"
)


def at(text: str) -> datetime:
    """A moment in UTC, such as ``2026-10-29 14:03``."""
    return datetime.fromisoformat(f"{text}+00:00")


NOW = at("2026-11-01 03:00")
NOON = at("2026-10-29 12:00")


def minutes_after(moment: datetime, minutes: int) -> datetime:
    return moment.fromtimestamp(moment.timestamp() + 60 * minutes, tz=moment.tzinfo)


def scale_set_id(pool: str = "apps") -> str:
    return f"{COMPUTE}/virtualMachineScaleSets/aks-{pool}-38116459-vmss"


def node_id(number: int | str, pool: str = "apps") -> str:
    return f"{scale_set_id(pool)}/virtualMachines/{number}"


def extension_id(name: str, pool: str = "apps") -> str:
    return f"{scale_set_id(pool)}/extensions/{name}"


def rule_id(name: str) -> str:
    return f"{NSG_ID}/securityRules/{name}"


def pool(name: str = "apps", **changes: Any) -> NodePool:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "count": 3,
        "kubernetes_version": "1.33.5",
        "node_image_version": "AKSUbuntu-2204gen2containerd-202610.06.0",
        "vm_size": "Standard_D4s_v5",
        "os_disk_size_gb": 128,
        "os_disk_type": "Managed",
    }
    return NodePool(name=name, **given | changes)


def managed(*pools: NodePool, **changes: Any) -> ManagedCluster:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "location": "northeurope",
        "resource_uid": "671f1f1f1f1f1f1f1f1f1f1f",
        "node_resource_group": NODE_GROUP,
        "kubernetes_version": "1.33.5",
        "identities": (CONTROL_PLANE_IDENTITY, KUBELET_IDENTITY, ADDON_IDENTITY),
        "pools": pools or (pool(),),
    }
    return ManagedCluster(id=CLUSTER_ID, name="shop", **given | changes)


CONTROL_PLANE_IDENTITY = ClusterIdentity(
    role="control_plane",
    name="id-shop",
    principal_id="c0000000-0000-4000-8000-000000000001",
    client_id="c0000000-0000-4000-8000-0000000000c1",
    resource_id=f"{IDENTITIES}/id-shop",
)
KUBELET_IDENTITY = ClusterIdentity(
    role="kubelet",
    name="kubeletidentity",
    principal_id="c0000000-0000-4000-8000-000000000002",
    client_id="c0000000-0000-4000-8000-0000000000c2",
    resource_id=KUBELET_ID,
)
ADDON_IDENTITY = ClusterIdentity(
    role="addon",
    name="azurepolicy",
    principal_id="c0000000-0000-4000-8000-000000000003",
    client_id="c0000000-0000-4000-8000-0000000000c3",
    resource_id=f"{NODE_GROUP_ID}/providers/Microsoft.ManagedIdentity"
    "/userAssignedIdentities/azurepolicy-shop",
)


def scale_set(pool: str = "apps", **changes: Any) -> ScaleSet:  # noqa: ANN401 (any field)
    name = f"aks-{pool}-38116459-vmss"
    image = (
        "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups/AKS-Ubuntu/providers"
        "/Microsoft.Compute/galleries/AKSUbuntu/images/2204gen2containerd/versions/202610.06.0"
    )
    nic = NicConfiguration(
        name=name,
        primary=True,
        ip_forwarding=True,
        ip_configurations=(IpConfiguration(name="ipconfig1", primary=True, subnet_id=SUBNET_ID),),
    )
    given: dict[str, Any] = {
        "location": "northeurope",
        "tags": {
            "aks-managed-poolName": pool,
            "aks-managed-creationSource": f"vmssclient-{name}",
            "aks-managed-resourceNameSuffix": "26180121",
        },
        "sku_name": "Standard_D4s_v5",
        "capacity": 3,
        "identity_type": "UserAssigned",
        "identity_ids": (KUBELET_ID,),
        "orchestration_mode": "Uniform",
        "upgrade_mode": "Manual",
        "overprovision": False,
        "image": ImageReference(id=image),
        "os_disk": OsDisk(size_gb=128, caching="ReadWrite", storage_account_type="Premium_LRS"),
        "computer_name_prefix": name,
        "admin_username": "azureuser",
        "nics": (nic,),
        "extensions": (
            extension("vmssCSE", publisher="Microsoft.Azure.Extensions", type="CustomScript"),
            extension(f"{name}-AKSLinuxBilling", version="1.0", type="Compute.AKS.Linux.Billing"),
        ),
    }
    return ScaleSet(id=scale_set_id(pool), name=name, **given | changes)


def extension(name: str, **changes: Any) -> Extension:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "publisher": "Microsoft.AKS",
        "version": "2.0",
        "auto_upgrade_minor": True,
    }
    return Extension(name=name, **given | changes)


def node(number: int | str, pool: str = "apps", **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "name": f"aks-{pool}-38116459-vmss_{number}",
        "vm_size": "Standard_D4s_v5",
        "created_at": at("2026-10-01 06:00"),
        "power": PowerState("running"),
        "image": scale_set(pool).image,
        "extensions": scale_set(pool).extensions,
    }
    return Instance(id=node_id(number, pool), instance_id=str(number), **given | changes)


def machine(name: str, **changes: Any) -> VirtualMachine:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"created_at": at("2026-10-01 06:00"), "power": PowerState("running")}
    return VirtualMachine(id=f"{COMPUTE}/virtualMachines/{name}", name=name, **given | changes)


def security_group(**changes: Any) -> NetworkSecurityGroup:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"location": "northeurope", "subnet_ids": (SUBNET_ID,)}
    return NetworkSecurityGroup(id=NSG_ID, name=arm.name(NSG_ID), **given | changes)


def subnet(**changes: Any) -> Subnet:  # noqa: ANN401 (any field)
    return Subnet(id=SUBNET_ID, name="aks-subnet", **{"nsg_id": NSG_ID} | changes)


def cluster(
    managed_cluster: ManagedCluster | None = None,
    *records: ActivityRecord,
    scale_sets: Iterable[ScaleSet] | None = None,
    nodes: Mapping[str, Iterable[Instance]] | None = None,
    **changes: Any,  # noqa: ANN401 (any facet)
) -> Cluster:
    """A healthy cluster; ``nodes`` by the name of the pool, three each unless given.

    Each pool that a scale set carries has its own, unless ``scale_sets`` says which there are.
    """
    described = managed_cluster or managed()
    carried = [p.name for p in described.pools if p.is_on_scale_set]
    sets = tuple(map(scale_set, carried) if scale_sets is None else scale_sets)
    by_pool = nodes or {}
    instances = {
        arm.key(scale_set_id(name)): Known(
            tuple(by_pool.get(name, (node(n, name) for n in range(3))))
        )
        for name in carried
    }
    whole: dict[str, Any] = {
        "subscription": Subscription(id=SUBSCRIPTION, tenant_id=TENANT, state="Enabled"),
        "managed": Known(described),
        "node_resource_group": Known(
            ResourceGroup(
                id=NODE_GROUP_ID,
                name=NODE_GROUP,
                managed_by=CLUSTER_ID,
                tags={"aks-managed-cluster-name": "shop", "aks-managed-cluster-rg": "rg-shop"},
            )
        ),
        "residents": Known(tuple(_resident(s.id, s.tags) for s in sets)),
        "scale_sets": Known(sets),
        "instances": instances,
        "virtual_machines": Known(()),
        "security_groups": Known((security_group(),)),
        "virtual_networks": Known(
            (VirtualNetwork(id=VNET_ID, name=arm.name(VNET_ID), subnets=(subnet(),)),)
        ),
        "subnets": {arm.key(SUBNET_ID): Known(subnet())},
        "activity": Known(log(*records)),
    }
    return Cluster(id=described.id, **whole | changes)


def _resident(resource_id: str, tags: Mapping[str, str]) -> Resident:
    return Resident(
        id=resource_id,
        name=arm.name(resource_id),
        type=arm.resource_type(resource_id),
        tags=tags,
    )


def log(*records: ActivityRecord, **changes: Any) -> ActivityLog:  # noqa: ANN401 (any field)
    span: dict[str, Any] = {"since": at("2026-10-18 03:00"), "until": NOW}
    return ActivityLog(records=records, **span | changes)


def context(of: Cluster | None = None, *operations: Operation, **changes: Any) -> Context:  # noqa: ANN401 (any field)
    """The context of a cluster's own log, or of the operations given."""
    known = operations_of(of) if of is not None and not operations else Known(operations)
    return Context(**{"now": NOW, "operations": known} | changes)


def gap(scope: str = NODE_GROUP_ID, **changes: Any) -> Gap:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "collector": "test",
        "outcome": Outcome.DENIED,
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "may not be read",
    }
    return Gap(scope=scope, **given | changes)
