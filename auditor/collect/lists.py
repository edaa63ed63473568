"""What is read of a subscription as a whole, before any cluster is looked at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeVar

from auditor.collect import surfaces
from auditor.collect.concurrency import together
from auditor.collect.facets import Identified
from auditor.collect.inventory import Inventory
from auditor.collect.once import Once
from auditor.collect.reader import Reader
from auditor.collect.surfaces import Surface
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet
from auditor.model.facet import Facet, Gap, Known, Partial
from auditor.model.network import (
    LoadBalancer,
    NetworkSecurityGroup,
    PublicAddress,
    RouteTable,
    Subnet,
    VirtualNetwork,
)
from auditor.model.snapshot import ResourceGroup

R = TypeVar("R", bound=Identified)


@dataclass(frozen=True, slots=True)
class Lists:
    """A subscription's lists; ``outside`` reads what lies beyond them, once for the whole run."""

    groups: Facet[tuple[ResourceGroup, ...]]
    scale_sets: Inventory[ScaleSet]
    security_groups: Inventory[NetworkSecurityGroup]
    networks: Inventory[VirtualNetwork]
    load_balancers: Inventory[LoadBalancer]
    route_tables: Inventory[RouteTable]
    public_addresses: Inventory[PublicAddress]
    outside: Once

    async def group(self, group_id: str) -> Facet[ResourceGroup]:
        """A resource group; one that the list lacks is asked for, for a list may hide it.

        Where the list was refused and the group is too, the first refusal is the root cause.
        """
        for group in self.groups.known_or(()):
            if arm.same(group.id, group_id):
                return Known(group)
        own = await self.outside.get(surfaces.GROUPS, group_id)
        whole = self.groups if not isinstance(self.groups, Partial) else Known(())
        if isinstance(own, Gap) and isinstance(whole, Gap):
            return whole if whole.outcome is own.outcome else own
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

    async def route_table(self, table_id: str) -> Facet[RouteTable]:
        """A route table, wherever it lies."""
        listed = self.route_tables.find(table_id)
        return Known(listed) if listed else await self.outside.get(surfaces.ROUTE_TABLES, table_id)


async def read_lists(
    reader: Reader,
    subscription_id: str,
    groups: Facet[tuple[ResourceGroup, ...]],
    outside: Once,
) -> Lists:
    """Read the lists, all at a time; the groups have been read already."""
    async with together() as tasks:

        def begin(surface: Surface[R]) -> asyncio.Task[Inventory[R]]:
            return tasks.create_task(Inventory.read(reader, surface, subscription_id))

        scale_sets = begin(surfaces.SCALE_SETS)
        security_groups = begin(surfaces.SECURITY_GROUPS)
        networks = begin(surfaces.NETWORKS)
        load_balancers = begin(surfaces.LOAD_BALANCERS)
        route_tables = begin(surfaces.ROUTE_TABLES)
        public_addresses = begin(surfaces.PUBLIC_ADDRESSES)
    return Lists(
        groups=groups,
        scale_sets=scale_sets.result(),
        security_groups=security_groups.result(),
        networks=networks.result(),
        load_balancers=load_balancers.result(),
        route_tables=route_tables.result(),
        public_addresses=public_addresses.result(),
        outside=outside,
    )
