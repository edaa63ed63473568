"""What AKS was asked for: clusters and node pools, as its own API tells it.

Source: ``Microsoft.ContainerService/managedClusters``, api-version 2026-08-01. ``None`` stands
for absent *and* null: ARM uses both for "default".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from auditor.model import resource_id as arm


class PoolKind(StrEnum):
    """What carries a pool's nodes (``agentPools.properties.type``)."""

    SCALE_SET = "VirtualMachineScaleSets"
    VIRTUAL_MACHINES = "VirtualMachines"
    AVAILABILITY_SET = "AvailabilitySet"


class NodePool(msgspec.Struct, frozen=True, kw_only=True):
    """One agent pool as requested from AKS; ids as received, counts in nodes, sizes in GiB.

    A VirtualMachines pool has one or several ``vm_sizes``, a count of all its profiles together,
    or bounds where they are autoscaled; ``current_vm_sizes`` are those that AKS counts nodes of.
    """

    name: str
    kind: str = PoolKind.SCALE_SET
    mode: str = "User"
    os_type: str = "Linux"
    os_sku: str | None = None
    count: int | None = None
    min_count: int | None = None
    max_count: int | None = None
    autoscaling: bool = False
    scale_down_mode: str = "Delete"
    priority: str = "Regular"
    eviction_policy: str | None = None
    spot_max_price: float | None = None
    power_state: str = "Running"
    provisioning_state: str = "Succeeded"
    kubernetes_version: str | None = None
    current_kubernetes_version: str | None = None
    node_image_version: str | None = None
    vm_size: str | None = None
    vm_sizes: tuple[str, ...] = ()
    current_vm_sizes: tuple[str, ...] = ()
    os_disk_size_gb: int | None = None
    os_disk_type: str | None = None
    subnet_id: str | None = None
    pod_subnet_id: str | None = None
    max_pods: int | None = None
    zones: tuple[str, ...] = ()
    node_public_ip: bool = False
    node_public_ip_prefix_id: str | None = None
    allowed_host_ports: tuple[str, ...] = ()
    application_security_groups: tuple[str, ...] = ()
    secondary_interfaces: int = 0
    encryption_at_host: bool = False
    fips: bool = False
    ultra_ssd: bool = False
    secure_boot: bool | None = None
    vtpm: bool | None = None
    proximity_placement_group_id: str | None = None
    capacity_reservation_group_id: str | None = None
    host_group_id: str | None = None
    source_snapshot_id: str | None = None
    gateway_prefix_size: int | None = None
    workload_runtime: str | None = None
    tags: Mapping[str, str] = {}

    @property
    def is_windows(self) -> bool:
        """Whether the nodes run Windows."""
        return self.os_type.casefold() == "windows"

    @property
    def is_spot(self) -> bool:
        """Whether Azure may evict the nodes."""
        return self.priority.casefold() == "spot"

    @property
    def is_stopped(self) -> bool:
        """Whether AKS was told to stop this pool (``az aks nodepool stop``)."""
        return self.power_state.casefold() == "stopped"

    @property
    def is_on_scale_set(self) -> bool:
        """Whether a scale set carries the nodes, rather than machines of their own."""
        return self.kind == PoolKind.SCALE_SET

    @property
    def may_be_empty(self) -> bool:
        """Whether a pool without any node can be what AKS was asked for."""
        scales_to_zero = self.autoscaling and self.count is None and self.min_count == 0
        return self.count == 0 or scales_to_zero or self.has_single_machines

    @property
    def has_single_machines(self) -> bool:
        """Whether AKS is asked for each machine of the pool by itself, rather than for a number."""
        return self.mode.casefold() == "machines"

    @property
    def is_hosted(self) -> bool:
        """Whether Microsoft holds the nodes in a subscription of its own, unseen from here."""
        return self.mode.casefold() == "managedsystem"

    @property
    def keeps_deallocated_nodes(self) -> bool:
        """Whether AKS itself deallocates surplus nodes rather than delete them."""
        return self.scale_down_mode.casefold() == "deallocate"


class ClusterIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """An identity of the cluster's own; ``role`` is ``control_plane``, ``kubelet`` or ``addon``."""

    role: str
    name: str = ""
    principal_id: str = ""
    client_id: str = ""
    resource_id: str = ""


class NetworkProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The cluster's network as requested (``properties.networkProfile``).

    ``outbound_ports`` per node and ``outbound_idle_minutes`` are those of ``loadBalancerProfile``.
    """

    plugin: str | None = None
    plugin_mode: str | None = None
    policy: str | None = None
    outbound_type: str = "loadBalancer"
    load_balancer_sku: str | None = None
    backend_pool_type: str | None = None
    outbound_ports: int | None = None
    outbound_idle_minutes: int | None = None
    pod_cidrs: tuple[str, ...] = ()


class ManagedCluster(msgspec.Struct, frozen=True, kw_only=True):
    """One AKS cluster as its resource provider describes it, pools included."""

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    resource_uid: str = ""
    sku_name: str | None = None
    sku_tier: str | None = None
    support_plan: str | None = None
    provisioning_state: str = "Succeeded"
    power_state: str = "Running"
    kubernetes_version: str | None = None
    current_kubernetes_version: str | None = None
    node_resource_group: str = ""
    restriction_level: str | None = None
    network: NetworkProfile = NetworkProfile()
    pools: tuple[NodePool, ...] = ()
    identities: tuple[ClusterIdentity, ...] = ()
    service_principal_client_id: str | None = None
    admin_username: str | None = None
    ssh_keys: tuple[str, ...] = ()
    windows_admin_username: str | None = None
    disk_encryption_set_id: str | None = None
    private_cluster: bool = False
    http_proxy: bool = False
    pod_identity: bool = False
    node_provisioning: bool = False
    hosted_system_pools: bool = False
    upgrade_channel: str | None = None
    node_os_upgrade_channel: str | None = None
    created_at: datetime | None = None

    @property
    def subscription_id(self) -> str:
        """The subscription that holds the cluster, and always its node resource group too."""
        return arm.subscription(self.id)

    @property
    def resource_group(self) -> str:
        """The resource group that holds the cluster resource itself."""
        return arm.resource_group(self.id)

    @property
    def node_resource_group_id(self) -> str:
        """Id of the node resource group, from the cluster's own property, never from a name."""
        return arm.group_id(self.subscription_id, self.node_resource_group)

    @property
    def is_stopped(self) -> bool:
        """Whether the cluster was stopped as is supported, by ``az aks stop`` or by AKS."""
        return self.power_state.casefold() == "stopped"

    @property
    def has_hosted_nodes(self) -> bool:
        """Whether Microsoft holds system nodes of the cluster (AKS Automatic)."""
        return self.hosted_system_pools or any(pool.is_hosted for pool in self.pools)

    @property
    def is_lockdown(self) -> bool:
        """Whether a deny assignment guards the node resource group."""
        return (self.restriction_level or "").casefold() == "readonly"
