"""``Microsoft.ContainerService/managedClusters``, api-version 2026-08-01."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.collect.wire.addons import Addon, Ingress, Metrics, UserIdentity
from auditor.collect.wire.base import Digest, Strings, Wire, moment, strings, tags_of
from auditor.collect.wire.node_pool import Power, WireNodePool
from auditor.collect.wire.parts import Ssh
from auditor.model import aks as model
from auditor.model import resource_id as arm


class Identity(Wire):
    """``identity`` of the cluster: what its control plane acts as."""

    type: str | None = None
    principal_id: str | None = None
    user_assigned_identities: dict[str, UserIdentity | None] | None = None

    def to_model(self, cluster_id: str) -> Iterator[model.ClusterIdentity]:
        """The identities; a system-assigned one is known by the cluster's own id."""
        if self.principal_id:
            name = arm.name(cluster_id)
            yield UserIdentity(principal_id=self.principal_id).to_model(
                "control_plane", name, cluster_id
            )
        for resource_id, identity in (self.user_assigned_identities or {}).items():
            yield (identity or UserIdentity()).to_model(
                "control_plane", arm.name(resource_id), resource_id
            )


class Sku(Wire):
    """``sku``."""

    name: str | None = None
    tier: str | None = None


class LoadBalancer(Wire):
    """``loadBalancerProfile``."""

    backend_pool_type: str | None = None
    allocated_outbound_ports: int | None = None
    idle_timeout_in_minutes: int | None = None


class Network(Wire):
    """``networkProfile``."""

    network_plugin: str | None = None
    network_plugin_mode: str | None = None
    network_policy: str | None = None
    outbound_type: str | None = None
    load_balancer_sku: str | None = None
    load_balancer_profile: LoadBalancer | None = None
    pod_cidr: str | None = None
    pod_cidrs: Strings | None = None

    def to_model(self) -> model.NetworkProfile:
        """The network in the model's words."""
        balancer = self.load_balancer_profile or LoadBalancer()
        return model.NetworkProfile(
            plugin=self.network_plugin,
            plugin_mode=self.network_plugin_mode,
            policy=self.network_policy,
            outbound_type=self.outbound_type or "loadBalancer",
            load_balancer_sku=self.load_balancer_sku,
            backend_pool_type=balancer.backend_pool_type,
            outbound_ports=balancer.allocated_outbound_ports,
            outbound_idle_minutes=balancer.idle_timeout_in_minutes,
            pod_cidrs=strings(self.pod_cidrs or [self.pod_cidr]),
        )


class HttpProxy(Wire):
    """``httpProxyConfig``; an address can hold a password, so only its digest is kept."""

    enabled: bool | None = None
    http_proxy: Digest | None = None
    https_proxy: Digest | None = None

    @property
    def on(self) -> bool:
        """Whether nodes use the proxy."""
        return self.enabled is not False and bool(self.http_proxy or self.https_proxy)


class Linux(Wire):
    """``linuxProfile``."""

    admin_username: str | None = None
    ssh: Ssh | None = None


class Windows(Wire):
    """``windowsProfile``."""

    admin_username: str | None = None


class ServicePrincipal(Wire):
    """``servicePrincipalProfile``; ``msi`` stands for a managed identity."""

    client_id: str | None = None


class RestrictedGroup(Wire):
    """``nodeResourceGroupProfile``."""

    restriction_level: str | None = None


class ApiServer(Wire):
    """``apiServerAccessProfile``."""

    enable_private_cluster: bool | None = None


class AutoUpgrade(Wire):
    """``autoUpgradeProfile``."""

    upgrade_channel: str | None = None
    node_os_upgrade_channel: str | None = msgspec.field(default=None, name="nodeOSUpgradeChannel")


class NodeProvisioning(Wire):
    """``nodeProvisioningProfile``."""

    mode: str | None = None


class SystemData(Wire):
    """``systemData``."""

    created_at: str | None = None


class ClusterProperties(Wire):
    """``properties`` of a cluster."""

    provisioning_state: str | None = None
    power_state: Power | None = None
    kubernetes_version: str | None = None
    current_kubernetes_version: str | None = None
    agent_pool_profiles: list[WireNodePool] | None = None
    node_resource_group: str | None = None
    node_resource_group_profile: RestrictedGroup | None = None
    support_plan: str | None = None
    resource_uid: str | None = msgspec.field(default=None, name="resourceUID")
    network_profile: Network | None = None
    linux_profile: Linux | None = None
    windows_profile: Windows | None = None
    service_principal_profile: ServicePrincipal | None = None
    identity_profile: dict[str, UserIdentity | None] | None = None
    addon_profiles: dict[str, Addon | None] | None = None
    ingress_profile: Ingress | None = None
    disk_encryption_set_id: str | None = msgspec.field(default=None, name="diskEncryptionSetID")
    api_server_access_profile: ApiServer | None = None
    http_proxy_config: HttpProxy | None = None
    pod_identity_profile: Addon | None = None
    auto_upgrade_profile: AutoUpgrade | None = None
    node_provisioning_profile: NodeProvisioning | None = None
    hosted_system_profile: Addon | None = None
    metrics_profile: Metrics | None = None

    def describe(self, cluster: model.ManagedCluster) -> model.ManagedCluster:
        """The cluster with what AKS was asked for."""
        return self._with_features(self._with_state(self._with_access(cluster)))

    def identities(self) -> Iterator[model.ClusterIdentity]:
        """The identities of kubelet and add-ons."""
        for name, identity in (self.identity_profile or {}).items():
            role = "kubelet" if name.casefold() == "kubeletidentity" else "addon"
            yield (identity or UserIdentity()).to_model(role, name)
        routing = (self.ingress_profile or Ingress()).web_app_routing
        for name, addon in ((self.addon_profiles or {}) | {"webAppRouting": routing}).items():
            if addon and addon.identity:
                yield addon.identity.to_model("addon", name)

    def _with_state(self, cluster: model.ManagedCluster) -> model.ManagedCluster:
        guarded = self.node_resource_group_profile or RestrictedGroup()
        return msgspec.structs.replace(
            cluster,
            resource_uid=self.resource_uid or "",
            support_plan=self.support_plan,
            provisioning_state=self.provisioning_state or "Succeeded",
            power_state=(self.power_state or Power()).code or "Running",
            kubernetes_version=self.kubernetes_version,
            current_kubernetes_version=self.current_kubernetes_version,
            node_resource_group=self.node_resource_group or "",
            restriction_level=guarded.restriction_level,
            pools=tuple(pool.to_model() for pool in self.agent_pool_profiles or ()),
        )

    def _with_access(self, cluster: model.ManagedCluster) -> model.ManagedCluster:
        linux = self.linux_profile or Linux()
        principal = (self.service_principal_profile or ServicePrincipal()).client_id
        node_group = arm.group_id(arm.subscription(cluster.id), self.node_resource_group or "")
        metrics = (self.metrics_profile or Metrics()).identities(node_group)
        return msgspec.structs.replace(
            cluster,
            identities=(*cluster.identities, *self.identities(), *metrics),
            service_principal_client_id=None if principal == "msi" else principal,
            admin_username=linux.admin_username,
            ssh_keys=(linux.ssh or Ssh()).keys,
            windows_admin_username=(self.windows_profile or Windows()).admin_username,
        )

    def _with_features(self, cluster: model.ManagedCluster) -> model.ManagedCluster:
        upgrade = self.auto_upgrade_profile or AutoUpgrade()
        provisioning = (self.node_provisioning_profile or NodeProvisioning()).mode or ""
        private = (self.api_server_access_profile or ApiServer()).enable_private_cluster
        return msgspec.structs.replace(
            cluster,
            network=(self.network_profile or Network()).to_model(),
            disk_encryption_set_id=self.disk_encryption_set_id,
            private_cluster=bool(private),
            http_proxy=bool(self.http_proxy_config and self.http_proxy_config.on),
            pod_identity=bool((self.pod_identity_profile or Addon()).enabled),
            node_provisioning=provisioning.casefold() == "auto",
            hosted_system_pools=bool((self.hosted_system_profile or Addon()).enabled),
            upgrade_channel=upgrade.upgrade_channel,
            node_os_upgrade_channel=upgrade.node_os_upgrade_channel,
        )


class WireCluster(Wire):
    """A managed cluster."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    sku: Sku | None = None
    identity: Identity | None = None
    system_data: SystemData | None = None
    properties: ClusterProperties | None = None

    def to_model(self) -> model.ManagedCluster:
        """The cluster in the model's words."""
        sku = self.sku or Sku()
        outline = model.ManagedCluster(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            sku_name=sku.name,
            sku_tier=sku.tier,
            identities=tuple((self.identity or Identity()).to_model(self.id)),
            created_at=moment((self.system_data or SystemData()).created_at),
        )
        return (self.properties or ClusterProperties()).describe(outline)
