"""One unit of work, read: a subscription with its AKS clusters and what lies beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool
from auditor.model.compute import Disk, Instance, Node, ScaleSet, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.governance import (
    AutoscaleSetting,
    DenyAssignment,
    Feature,
    Lock,
    ManagementGroup,
    PropertyChange,
    RoleAssignment,
    RoleDefinition,
)
from auditor.model.lifecycle import EndOfLifeNotice, KubernetesRelease
from auditor.model.network import (
    LoadBalancer,
    NetworkInterface,
    NetworkSecurityGroup,
    PublicAddress,
    RouteTable,
    Subnet,
    VirtualNetwork,
)
from auditor.model.operation import ActivityLog
from auditor.model.question import ProveAbsent, ReadDisks

UNREAD = Gap(scope="", collector="", outcome=Outcome.SKIPPED, message="it was not read")
"""A facet that this run did not ask for."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """An Azure subscription; ``state`` as ARM says it (``Enabled``, ``Disabled``, …).

    ``management_groups`` are those above it, the nearest first; empty where Graph shows none.
    """

    id: str
    name: str = ""
    tenant_id: str = ""
    state: str = ""
    management_groups: tuple[ManagementGroup, ...] = ()

    @property
    def is_enabled(self) -> bool:
        """Whether resources can run: neither disabled nor deleted."""
        return self.state.casefold() not in {"disabled", "deleted"}


class ResourceGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A resource group with the metadata that AKS puts on its own."""

    id: str
    name: str
    location: str = ""
    managed_by: str | None = None
    tags: Mapping[str, str] = {}
    provisioning_state: str = ""


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as the generic list of its resource group shows it."""

    id: str
    name: str
    type: str
    location: str = ""
    managed_by: str | None = None
    tags: Mapping[str, str] = {}


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """All that one run knows of one cluster; what rules judge.

    Lists hold what lies in the node resource group. ``instances`` is by the key of the scale
    set, ``subnets`` (every subnet that nodes use, custom ones included) by the key of the
    subnet, ``subnet_security_groups`` (those of custom subnets, which lie elsewhere) by the key
    of the security group, ``subnet_route_tables`` (likewise) by the key of the route table,
    ``presence`` (answers to :class:`ProveAbsent`: ``True`` where a direct GET found the resource,
    ``False`` where it answered 404 in a readable group) by the key of the resource. ``machines`` is
    by the name of a VirtualMachines pool: the ids of its VMs as AKS lists them, AKS's own of a
    machine without one. ``features`` are the subscription's,
    ``releases`` those of the cluster's location, ``notices`` and ``changes`` from Resource Graph,
    which may be refused. ``second`` is the same cluster read once more, where a contradiction asked
    for it.
    """

    id: str
    subscription: Subscription
    managed: Facet[ManagedCluster]
    node_resource_group: Facet[ResourceGroup]
    residents: Facet[tuple[Resident, ...]]
    scale_sets: Facet[tuple[ScaleSet, ...]]
    instances: Mapping[str, Facet[tuple[Instance, ...]]]
    virtual_machines: Facet[tuple[VirtualMachine, ...]]
    security_groups: Facet[tuple[NetworkSecurityGroup, ...]]
    virtual_networks: Facet[tuple[VirtualNetwork, ...]]
    subnets: Mapping[str, Facet[Subnet]]
    activity: Facet[ActivityLog]
    subnet_security_groups: Mapping[str, Facet[NetworkSecurityGroup]] = {}
    subnet_route_tables: Mapping[str, Facet[RouteTable]] = {}
    presence: Mapping[str, Facet[bool]] = {}
    disks: Facet[tuple[Disk, ...]] | None = None
    machines: Mapping[str, Facet[tuple[str, ...]]] = {}
    network_interfaces: Facet[tuple[NetworkInterface, ...]] = UNREAD
    load_balancers: Facet[tuple[LoadBalancer, ...]] = UNREAD
    route_tables: Facet[tuple[RouteTable, ...]] = UNREAD
    public_addresses: Facet[tuple[PublicAddress, ...]] = UNREAD
    autoscale_settings: Facet[tuple[AutoscaleSetting, ...]] = UNREAD
    locks: Facet[tuple[Lock, ...]] = UNREAD
    role_assignments: Facet[tuple[RoleAssignment, ...]] = UNREAD
    role_definitions: Facet[tuple[RoleDefinition, ...]] = UNREAD
    deny_assignments: Facet[tuple[DenyAssignment, ...]] = UNREAD
    features: Facet[tuple[Feature, ...]] = UNREAD
    releases: Facet[tuple[KubernetesRelease, ...]] = UNREAD
    notices: Facet[tuple[EndOfLifeNotice, ...]] = UNREAD
    changes: Facet[tuple[PropertyChange, ...]] = UNREAD
    second: Cluster | None = None

    @property
    def name(self) -> str:
        """The cluster's name."""
        return arm.name(self.id)

    def instances_of(self, scale_set: ScaleSet) -> Facet[tuple[Instance, ...]]:
        """The instances of a scale set."""
        read = self.instances.get(arm.key(scale_set.id))
        return read or _not_read(scale_set.id, "scale_set_instances")

    def machines_of(self, pool: NodePool) -> Facet[tuple[str, ...]]:
        """What AKS lists of a VirtualMachines pool: ids of VMs, its own where there is none."""
        return self.machines.get(pool.name) or _not_read(
            f"{self.id}/agentPools/{pool.name}", "machines"
        )

    def subnet(self, subnet_id: str) -> Facet[Subnet]:
        """A subnet by id."""
        return self.subnets.get(arm.key(subnet_id)) or _not_read(subnet_id, "subnets")

    def is_present(self, resource_id: str) -> Facet[bool]:
        """Whether a resource exists, proven; a gap that asks the second pass if not yet known."""
        known = self.presence.get(arm.key(resource_id))
        return known or Gap(
            scope=resource_id,
            collector="presence",
            outcome=Outcome.SKIPPED,
            message="whether the resource exists was not read",
            question=ProveAbsent(resource_id),
        )

    def disks_read(self) -> Facet[tuple[Disk, ...]]:
        """The disks of the node resource group; a gap that asks for them if not yet read."""
        if self.disks is not None:
            return self.disks
        group = self.managed.require().node_resource_group_id
        return Gap(
            scope=group,
            collector="disks",
            outcome=Outcome.SKIPPED,
            message="disks were not read",
            question=ReadDisks(group),
        )


class NodePoolView(msgspec.Struct, frozen=True, kw_only=True):
    """A node pool as AKS was asked for it, beside what is there for it.

    ``scale_set`` and ``instances`` are gaps for pools of virtual machines and availability sets;
    ``nodes`` are the machines of a pool of any kind.
    """

    cluster: Cluster
    managed: ManagedCluster
    pool: NodePool
    scale_set: Facet[ScaleSet]
    instances: Facet[tuple[Instance, ...]]
    nodes: Facet[tuple[Node, ...]]

    @property
    def pool_name(self) -> str:
        """The name of the node pool."""
        return self.pool.name

    @property
    def is_on_scale_set(self) -> bool:
        """Whether a scale set carries the nodes, whose model they can be held against."""
        return self.pool.is_on_scale_set

    @property
    def is_windows(self) -> bool:
        """Whether the nodes run Windows."""
        return self.pool.is_windows

    @property
    def pool_id(self) -> str:
        """The ARM id of the node pool itself."""
        return f"{self.managed.id}/agentPools/{self.pool.name}"

    @property
    def carrier_id(self) -> str:
        """The id of the scale set that carries the nodes, or of the pool where none does."""
        return self.scale_set.value.id if isinstance(self.scale_set, Known) else self.pool_id


class StandaloneNodes(msgspec.Struct, frozen=True, kw_only=True):
    """The node VMs that Karpenter made, by AKS's hand (node auto-provisioning) or a customer's.

    They belong to no node pool: AKS holds no request that they could be compared with, so that
    only what holds for every node of AKS's can be judged. ``nodes`` is never empty.
    """

    cluster: Cluster
    managed: ManagedCluster
    nodes: Facet[tuple[VirtualMachine, ...]]

    @property
    def pool_name(self) -> str:
        """Empty: no node pool of AKS's names them."""
        return ""

    @property
    def is_on_scale_set(self) -> bool:
        """Never: Karpenter makes single virtual machines."""
        return False

    @property
    def is_windows(self) -> bool:
        """Never: Karpenter makes Linux nodes alone."""
        return False

    @property
    def carrier_id(self) -> str:
        """The node resource group, in which they lie."""
        return self.managed.node_resource_group_id


NodesView: TypeAlias = NodePoolView | StandaloneNodes
"""What rules on nodes judge, one at a time."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription, read at ``taken_at``; ``gaps`` holds every read that failed.

    ``listed`` tells whether the subscription's clusters could be listed at all: where not, the
    clusters here are only those that some other readable source names. ``visible`` are all
    subscriptions that ARM shows to the identity, in lower case.
    """

    subscription: Subscription
    taken_at: datetime
    clusters: tuple[Cluster, ...]
    listed: bool = True
    gaps: tuple[Gap, ...] = ()
    visible: frozenset[str] = frozenset()


def _not_read(scope: str, collector: str) -> Gap:
    return Gap(scope=scope, collector=collector, outcome=Outcome.SKIPPED, message="it was not read")
