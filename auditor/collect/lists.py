"""What is read of a subscription as a whole, before any cluster is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.collect import surfaces
from auditor.collect.concurrency import together
from auditor.collect.inventory import Inventory
from auditor.collect.once import Once
from auditor.collect.reader import Reader
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet
from auditor.model.facet import Facet, Gap, Known
from auditor.model.network import NetworkSecurityGroup, Subnet, VirtualNetwork
from auditor.model.snapshot import ResourceGroup


@dataclass(frozen=True, slots=True)
class Lists:
    """A subscription's lists; ``outside`` reads what lies beyond them, once for the whole run."""

    groups: Facet[tuple[ResourceGroup, ...]]
    scale_sets: Inventory[ScaleSet]
    security_groups: Inventory[NetworkSecurityGroup]
    networks: Inventory[VirtualNetwork]
    outside: Once

    async def group(self, group_id: str) -> Facet[ResourceGroup]:
        """A resource group; one that the list lacks is asked for, for a list may hide it.

        Where the list was refused and the group is too, the first refusal is the root cause.
        """
        for group in self.groups.known_or(()):
            if arm.same(group.id, group_id):
                return Known(group)
        own = await self.outside.get(surfaces.GROUPS, group_id)
        if isinstance(own, Gap) and isinstance(self.groups, Gap):
            return self.groups if self.groups.outcome is own.outcome else own
        return own

    async def subnet(self, subnet_id: str) -> Facet[Subnet]:
        """A subnet, wherever it lies."""
        network = self.networks.find(arm.parent(subnet_id))
        listed = network.subnet(subnet_id) if network else None
        return Known(listed) if listed else await self.outside.get(surfaces.SUBNETS, subnet_id)

    async def security_group(self, group_id: str) -> Facet[NetworkSecurityGroup]:
        """A security group, wherever it lies."""
        listed = self.security_groups.find(group_id)
        if listed:
            return Known(listed)
        return await self.outside.get(surfaces.SECURITY_GROUPS, group_id)


async def read_lists(
    reader: Reader,
    subscription_id: str,
    groups: Facet[tuple[ResourceGroup, ...]],
    outside: Once,
) -> Lists:
    """Read the lists, all at a time; the groups have been read already."""
    async with together() as tasks:
        scale_sets = tasks.create_task(Inventory.read(reader, surfaces.SCALE_SETS, subscription_id))
        security_groups = tasks.create_task(
            Inventory.read(reader, surfaces.SECURITY_GROUPS, subscription_id)
        )
        networks = tasks.create_task(Inventory.read(reader, surfaces.NETWORKS, subscription_id))
    return Lists(
        groups=groups,
        scale_sets=scale_sets.result(),
        security_groups=security_groups.result(),
        networks=networks.result(),
        outside=outside,
    )
