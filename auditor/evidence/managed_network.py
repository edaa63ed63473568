"""AKS's own network objects in the node resource group: which security group and subnet they are.

AKS keeps no reference to them, so their exact names decide, never what is attached today: an
attachment is what people change. The number in the names is the cluster's own; every scale set
carries it in a tag, and a resource is never renamed. Both sources must agree: a tag that names
nothing while AKS-named objects with another number exist was edited, or the objects are decoys.
Where the tags are silent or contradict one another, one number in the names settles it.

Source: names in AKS node resource groups of 2019 to 2026 (five digits at first, then eight);
Karpenter's Azure provider finds a cluster's group and network by the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from auditor.evidence import pools
from auditor.evidence.transitions import FAILED, SETTLED
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Facet, Gap, Known, Outcome, each
from auditor.model.network import (
    LoadBalancer,
    NetworkSecurityGroup,
    RouteTable,
    Subnet,
    VirtualNetwork,
)
from auditor.model.snapshot import Cluster, NodePoolView

_NAMED = re.compile(
    r"aks-(?:agentpool-(?P<group>\d{5,8})-nsg|vnet-(?P<network>\d{5,8}))", re.IGNORECASE
)
_NUMBER = re.compile(r"\d{5,8}")
_UNSETTLED = frozenset({"creating", "deleting"})

Written: TypeAlias = LoadBalancer | NetworkSecurityGroup | RouteTable | Subnet | VirtualNetwork


class ManagedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of what AKS makes for a cluster; on a custom network only the security group exists."""

    nsg_id: str
    vnet_id: str

    @property
    def node_subnet_id(self) -> str:
        """The subnet of the nodes: of AKS's three, the only one with a security group."""
        return f"{self.vnet_id}/subnets/aks-subnet"

    @property
    def route_table_id(self) -> str:
        """The route table that AKS makes on its own network, and fills on kubenet."""
        provider, _, name = self.nsg_id.rpartition("/networkSecurityGroups/")
        return f"{provider}/routeTables/{name.removesuffix('-nsg')}-routetable"

    def is_managed(self, subnet_id: str) -> bool:
        """Whether a subnet is one of AKS's own, wherever a custom network may lie."""
        return arm.within(subnet_id, self.vnet_id)


def of(cluster: Cluster) -> Facet[ManagedNetwork]:
    """The ids of the cluster's own network objects, or why they cannot be told."""
    managed = cluster.managed.require()
    number = _number(cluster)
    if isinstance(number, Gap):
        return number
    provider = f"{managed.node_resource_group_id}/providers/Microsoft.Network"
    return Known(
        ManagedNetwork(
            nsg_id=f"{provider}/networkSecurityGroups/aks-agentpool-{number.value}-nsg",
            vnet_id=f"{provider}/virtualNetworks/aks-vnet-{number.value}",
        )
    )


def security_group(cluster: Cluster, network: ManagedNetwork) -> Facet[NetworkSecurityGroup]:
    """The cluster's own security group; a gap also where it is proven gone."""
    for group in each(cluster.security_groups):
        if arm.same(group.id, network.nsg_id):
            return Known(group)
    return _absent(cluster, network.nsg_id)


def virtual_network(cluster: Cluster, network: ManagedNetwork) -> VirtualNetwork | None:
    """AKS's own virtual network as listed; ``None`` on a custom network, or where it is gone."""
    listed = each(cluster.virtual_networks)
    return next((v for v in listed if arm.same(v.id, network.vnet_id)), None)


def houses(network: ManagedNetwork, view: NodePoolView) -> bool:
    """Whether a node pool's nodes live on AKS's own network.

    A pool without a subnet of its own takes AKS's, or another pool's: its scale set tells, or
    the network interfaces of its machines.
    """
    if view.pool.subnet_id:
        return network.is_managed(view.pool.subnet_id)
    on_scale_set = view.pool.is_on_scale_set
    subnets = view.scale_set.require().subnet_ids if on_scale_set else _subnets_of_machines(view)
    return not subnets or any(map(network.is_managed, subnets))


def _subnets_of_machines(view: NodePoolView) -> tuple[str, ...]:
    own = {arm.key(nic_id) for node in view.nodes.require() for nic_id in node.nic_ids}
    listed = view.cluster.network_interfaces.require()
    return tuple(i for nic in listed if arm.key(nic.id) in own for i in nic.subnet_ids)


def unsettled(managed: ManagedCluster) -> Gap | None:
    """A gap while AKS makes or deletes the cluster, and with it what is attached where."""
    if managed.provisioning_state.casefold() not in _UNSETTLED:
        return None
    return in_motion(managed.id, f"is in state {managed.provisioning_state}")


def in_motion(resource_id: str, what: str) -> Gap:
    """Why a resource that is being changed cannot be judged; ``what`` completes the sentence."""
    return Gap(
        scope=resource_id,
        collector="transition",
        outcome=Outcome.TRANSITION,
        code="Transition",
        message=f"{arm.name(resource_id)} {what}",
    )


def moving(resource: Written, unsettled: str = "what it holds is not settled") -> Gap | None:
    """The gap while a resource is being written; ``unsettled`` says what cannot be judged then."""
    if resource.provisioning_state.casefold() in SETTLED | FAILED:
        return None
    return in_motion(resource.id, f"is in state {resource.provisioning_state}: {unsettled}")


def attached_since(resource_id: str) -> Gap:
    """Why nothing is known of a resource that a subnet names, and that was not read with it."""
    return in_motion(resource_id, "was attached after it could be read")


def _number(cluster: Cluster) -> Facet[str]:
    """The number in the names of the cluster's network objects."""
    tagged = pools.resource_name_suffix(cluster)
    named = numbers_in_names(cluster)
    if tagged and _NUMBER.fullmatch(tagged) and (tagged in named or not named):
        return Known(tagged)
    if not tagged and len(named) == 1:
        return Known(min(named))
    return Gap(
        scope=cluster.managed.require().node_resource_group_id,
        collector="managed_network",
        outcome=Outcome.SKIPPED,
        code="NumberUnknown",
        message=(
            "the number in the names of AKS's network objects is uncertain: "
            f"the scale sets' tags say {tagged or 'nothing, or several'}, "
            f"the names {', '.join(sorted(named)) or 'none'}"
        ),
    )


def numbers_in_names(cluster: Cluster) -> frozenset[str]:
    """The numbers in the names of security groups and networks that are named as AKS names them."""
    ids = (*_ids(cluster.security_groups), *_ids(cluster.virtual_networks))
    matches = (_NAMED.fullmatch(arm.name(resource_id)) for resource_id in ids)
    return frozenset(match["group"] or match["network"] for match in matches if match)


def _ids(
    listed: Facet[tuple[NetworkSecurityGroup, ...]] | Facet[tuple[VirtualNetwork, ...]],
) -> Iterator[str]:
    """The ids of what a list holds; what does not read still has one, or the list says nothing."""
    yield from (item.id for item in listed.known_or(()))
    for gap in listed.causes:
        if not arm.resource_type(gap.scope):
            gap.require()
        yield gap.scope


def _absent(cluster: Cluster, resource_id: str) -> Gap:
    """Why a resource that no list shows cannot be judged, once its absence is proven or not."""
    present = cluster.is_present(resource_id)
    if isinstance(present, Gap):
        return present
    if present.value:
        return in_motion(resource_id, "answers, though the list lacks it")
    return Gap(
        scope=resource_id,
        collector="managed_network",
        outcome=Outcome.GONE,
        status=404,
        code="NotFound",
        message=f"{arm.name(resource_id)} does not exist, so there is nothing in it to judge",
    )
