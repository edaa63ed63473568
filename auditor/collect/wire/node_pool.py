"""``agentPoolProfiles`` of a managed cluster, api-version 2026-08-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Strings, Wire, strings, tags_of
from auditor.collect.wire.pool_scale import MachinesProfile, MachinesStatus, sizes_there
from auditor.model import aks as model


class Power(Wire):
    """``powerState``."""

    code: str | None = None


class HostPorts(Wire):
    """A range of host ports."""

    port_start: int | None = None
    port_end: int | None = None
    protocol: str | None = None

    @property
    def label(self) -> str:
        """The range as ``az aks nodepool --allowed-host-ports`` takes it: ``80-81/tcp``.

        An end that is absent leaves a text that nobody takes for ports.
        """
        return f"{self.port_start}-{self.port_end}/{(self.protocol or 'TCP').casefold()}"


class SecondaryInterface(Wire):
    """A further network interface of each node; how many there are is all that counts."""


class PoolNetwork(Wire):
    """``networkProfile`` of a pool; stable versions of the API hide what is a preview."""

    allowed_host_ports: list[HostPorts] | None = None
    application_security_groups: Strings | None = None
    secondary_network_interfaces: list[SecondaryInterface] | None = None


class PoolSecurity(Wire):
    """``securityProfile`` of a pool."""

    enable_vtpm: bool | None = msgspec.field(default=None, name="enableVTPM")
    enable_secure_boot: bool | None = None


class Creation(Wire):
    """``creationData``: the snapshot that a pool was made from."""

    source_resource_id: str | None = None


class Gateway(Wire):
    """``gatewayProfile`` of a static-egress pool."""

    public_ip_prefix_size: int | None = msgspec.field(default=None, name="publicIPPrefixSize")


class WireNodePool(Wire):
    """A node pool as requested from AKS."""

    name: str
    type: str | None = None
    mode: str | None = None
    os_type: str | None = None
    os_sku: str | None = msgspec.field(default=None, name="osSKU")
    count: int | None = None
    min_count: int | None = None
    max_count: int | None = None
    enable_auto_scaling: bool | None = None
    scale_down_mode: str | None = None
    scale_set_priority: str | None = None
    scale_set_eviction_policy: str | None = None
    spot_max_price: float | None = None
    power_state: Power | None = None
    provisioning_state: str | None = None
    orchestrator_version: str | None = None
    current_orchestrator_version: str | None = None
    node_image_version: str | None = None
    vm_size: str | None = None
    virtual_machines_profile: MachinesProfile | None = None
    virtual_machine_nodes_status: list[MachinesStatus] | None = None
    os_disk_size_gb: int | None = msgspec.field(default=None, name="osDiskSizeGB")
    os_disk_type: str | None = None
    vnet_subnet_id: str | None = msgspec.field(default=None, name="vnetSubnetID")
    pod_subnet_id: str | None = msgspec.field(default=None, name="podSubnetID")
    max_pods: int | None = None
    availability_zones: Strings | None = None
    enable_node_public_ip: bool | None = msgspec.field(default=None, name="enableNodePublicIP")
    node_public_ip_prefix_id: str | None = msgspec.field(default=None, name="nodePublicIPPrefixID")
    network_profile: PoolNetwork | None = None
    enable_encryption_at_host: bool | None = None
    enable_fips: bool | None = msgspec.field(default=None, name="enableFIPS")
    enable_ultra_ssd: bool | None = msgspec.field(default=None, name="enableUltraSSD")
    security_profile: PoolSecurity | None = None
    proximity_placement_group_id: str | None = msgspec.field(
        default=None, name="proximityPlacementGroupID"
    )
    capacity_reservation_group_id: str | None = msgspec.field(
        default=None, name="capacityReservationGroupID"
    )
    host_group_id: str | None = msgspec.field(default=None, name="hostGroupID")
    creation_data: Creation | None = None
    gateway_profile: Gateway | None = None
    workload_runtime: str | None = None
    tags: dict[str, str | None] | None = None

    def to_model(self) -> model.NodePool:
        """The pool in the model's words."""
        return self._placed(self._machined(self._scaled(self._sized())))

    def _sized(self) -> model.NodePool:
        return model.NodePool(
            name=self.name,
            kind=_kind(self.type),
            mode=self.mode or "User",
            count=self.count,
            min_count=self.min_count,
            max_count=self.max_count,
            autoscaling=bool(self.enable_auto_scaling),
            scale_down_mode=self.scale_down_mode or "Delete",
            priority=self.scale_set_priority or "Regular",
            eviction_policy=self.scale_set_eviction_policy,
            spot_max_price=self.spot_max_price,
            power_state=(self.power_state or Power()).code or "Running",
            provisioning_state=self.provisioning_state or "Succeeded",
            kubernetes_version=self.orchestrator_version,
            current_kubernetes_version=self.current_orchestrator_version,
            tags=tags_of(self.tags),
        )

    def _scaled(self, pool: model.NodePool) -> model.NodePool:
        """What the profiles of a VirtualMachines pool say, which has no count of its own."""
        profile = self.virtual_machines_profile
        if profile is None or pool.kind != model.PoolKind.VIRTUAL_MACHINES:
            return pool
        return msgspec.structs.replace(
            pool,
            count=None if profile.autoscaled else _first(profile.count, pool.count),
            min_count=_first(profile.min_count, pool.min_count),
            max_count=_first(profile.max_count, pool.max_count),
            autoscaling=pool.autoscaling or profile.autoscaled,
            vm_sizes=profile.sizes,
            current_vm_sizes=sizes_there(self.virtual_machine_nodes_status),
        )

    def _machined(self, pool: model.NodePool) -> model.NodePool:
        security = self.security_profile or PoolSecurity()
        return msgspec.structs.replace(
            pool,
            os_type=self.os_type or "Linux",
            os_sku=self.os_sku,
            node_image_version=self.node_image_version,
            vm_size=self.vm_size,
            os_disk_size_gb=self.os_disk_size_gb,
            os_disk_type=self.os_disk_type,
            max_pods=self.max_pods,
            encryption_at_host=bool(self.enable_encryption_at_host),
            fips=bool(self.enable_fips),
            ultra_ssd=bool(self.enable_ultra_ssd),
            secure_boot=security.enable_secure_boot,
            vtpm=security.enable_vtpm,
            source_snapshot_id=(self.creation_data or Creation()).source_resource_id or None,
            workload_runtime=self.workload_runtime,
        )

    def _placed(self, pool: model.NodePool) -> model.NodePool:
        network = self.network_profile or PoolNetwork()
        return msgspec.structs.replace(
            pool,
            subnet_id=self.vnet_subnet_id or None,
            pod_subnet_id=self.pod_subnet_id or None,
            zones=strings(self.availability_zones),
            node_public_ip=bool(self.enable_node_public_ip),
            node_public_ip_prefix_id=self.node_public_ip_prefix_id or None,
            allowed_host_ports=tuple(ports.label for ports in network.allowed_host_ports or ()),
            application_security_groups=strings(network.application_security_groups),
            secondary_interfaces=len(network.secondary_network_interfaces or ()),
            proximity_placement_group_id=self.proximity_placement_group_id or None,
            capacity_reservation_group_id=self.capacity_reservation_group_id or None,
            host_group_id=self.host_group_id or None,
            gateway_prefix_size=(self.gateway_profile or Gateway()).public_ip_prefix_size,
        )


def _kind(named: str | None) -> str:
    """AKS's own spelling of a pool's type; one that is not known here stays as received."""
    spelled = {kind.casefold(): kind.value for kind in model.PoolKind}
    return spelled.get((named or model.PoolKind.SCALE_SET).casefold(), named or "")


def _first(stated: int | None, otherwise: int | None) -> int | None:
    return otherwise if stated is None else stated
