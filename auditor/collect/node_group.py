"""One cluster: its node resource group, and the networks that it uses elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from auditor.collect import surfaces
from auditor.collect.concurrency import every, together
from auditor.collect.facets import (
    Identified,
    is_absent,
    is_gone,
    is_refused,
    under_group,
    unreadable,
)
from auditor.collect.failures import FailedReadError
from auditor.collect.inventory import Inventory
from auditor.collect.lists import Lists
from auditor.collect.once import Once
from auditor.collect.reader import Reader
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, PoolKind
from auditor.model.compute import Instance, ScaleSet, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Outcome, Partial, partly
from auditor.model.network import NetworkInterface, NetworkSecurityGroup, RouteTable, Subnet
from auditor.model.snapshot import UNREAD, Cluster, Resident, ResourceGroup, Subscription

R = TypeVar("R", bound=Identified)

_POOL_TAGS = ("aks-managed-poolname", "poolname")
_SCALE_SET = "microsoft.compute/virtualmachinescalesets"
_MACHINE = "microsoft.compute/virtualmachines"


async def read_cluster(
    reader: Reader, subscription: Subscription, managed: ManagedCluster, lists: Lists
) -> Cluster:
    """All that is known of a cluster but its activity, which is read for all clusters at once."""
    reading = _NodeGroup(reader, managed, lists)
    group = await reading.group()
    if is_absent(group):
        return await _without_group(reader, subscription, managed, group)
    residents = await reading.residents(group)
    async with together() as tasks:
        scale_sets = tasks.create_task(reading.scale_sets(group, residents))
        security_groups = tasks.create_task(reading.listed(lists.security_groups, group))
        networks = tasks.create_task(reading.listed(lists.networks, group))
    async with together() as tasks:
        instances = tasks.create_task(reading.instances(scale_sets.result()))
        machines = tasks.create_task(reading.machines(group, residents))
        of_pools = tasks.create_task(machines_of_pools(reader, managed))
        interfaces = tasks.create_task(reading.interfaces(group, residents))
        subnets = tasks.create_task(reading.subnets(scale_sets.result()))
    cluster = Cluster(
        id=managed.id,
        subscription=subscription,
        managed=Known(managed),
        node_resource_group=group,
        residents=residents,
        scale_sets=scale_sets.result(),
        instances=instances.result(),
        virtual_machines=machines.result(),
        machines=of_pools.result(),
        network_interfaces=interfaces.result(),
        security_groups=security_groups.result(),
        virtual_networks=networks.result(),
        subnets=subnets.result(),
        subnet_security_groups=await reading.security_groups_of(subnets.result().values()),
        subnet_route_tables=await reading.route_tables_of(subnets.result().values()),
        activity=UNREAD,
    )
    return await reading.with_ways_out(cluster)


async def _without_group(
    reader: Reader, subscription: Subscription, managed: ManagedCluster, group: Gap
) -> Cluster:
    """A cluster whose node resource group is not there; the cluster may be gone with it."""
    again = await reader.get(surfaces.CLUSTERS, managed.id)
    if is_gone(again):
        return unreadable(managed.id, subscription, again)
    nothing = unreadable(managed.id, subscription, group)
    return msgspec.structs.replace(nothing, managed=Known(managed), activity=UNREAD)


class _NodeGroup:
    """Reads what lies in a node resource group."""

    def __init__(self, reader: Reader, managed: ManagedCluster, lists: Lists) -> None:
        self._reader = reader
        self._managed = managed
        self._lists = lists
        self.id = managed.node_resource_group_id

    async def group(self) -> Facet[ResourceGroup]:
        """The group itself; a cluster that is being created may not name one yet."""
        if self._managed.node_resource_group:
            return await self._lists.group(self.id)
        nameless = FailedReadError(
            Outcome.TRANSITION, "the cluster names no node resource group yet"
        )
        return self._reader.gap(surfaces.GROUPS, self._managed.id, nameless)

    async def residents(self, group: Facet[ResourceGroup]) -> Facet[tuple[Resident, ...]]:
        """Everything in the group, in outline."""
        return under_group(group, await self._reader.list(surfaces.RESIDENTS, self.id))

    async def scale_sets(
        self, group: Facet[ResourceGroup], residents: Facet[tuple[Resident, ...]]
    ) -> Facet[tuple[ScaleSet, ...]]:
        """The group's scale sets.

        Subscription-wide lists are known to miss those of AKS for hours: where a pool's, or one
        that the group shows, is not among them, the group's own list decides.
        """
        listed = await self._lists.scale_sets.of_group(self.id)
        if isinstance(listed, Known | Partial) and self._is_lacking(listed.value, residents):
            listed = await self._lists.scale_sets.fresh(self.id)
        return under_group(group, listed)

    async def listed(
        self, inventory: Inventory[R], group: Facet[ResourceGroup]
    ) -> Facet[tuple[R, ...]]:
        """What a list of the subscription holds of the group."""
        return under_group(group, await inventory.of_group(self.id))

    async def with_ways_out(self, cluster: Cluster) -> Cluster:
        """The cluster with its load balancers, route tables and public addresses.

        Those of a custom network lie in another group: of these, only route tables on the nodes'
        subnets are read, by :meth:`route_tables_of`.
        """
        group, lists = cluster.node_resource_group, self._lists
        return msgspec.structs.replace(
            cluster,
            load_balancers=await self.listed(lists.load_balancers, group),
            route_tables=await self.listed(lists.route_tables, group),
            public_addresses=await self.listed(lists.public_addresses, group),
        )

    async def instances(
        self, scale_sets: Facet[tuple[ScaleSet, ...]]
    ) -> Mapping[str, Facet[tuple[Instance, ...]]]:
        """The instances of each scale set, with their views, by its key."""
        known = scale_sets.known_or(())
        read = await every(
            self._reader.list(
                surfaces.INSTANCES, scale_set.id, region=scale_set.location, expand="instanceView"
            )
            for scale_set in known
        )
        return {arm.key(s.id): facet for s, facet in zip(known, read, strict=True)}

    async def machines(
        self, group: Facet[ResourceGroup], residents: Facet[tuple[Resident, ...]]
    ) -> Facet[tuple[VirtualMachine, ...]]:
        """The group's own virtual machines; most clusters have none, and need no call."""
        if not self._may_have_machines(residents):
            return Known(())
        region = self._managed.location
        listed = await self._reader.list(surfaces.MACHINES, self.id, region=region)
        return await with_views(self._reader, under_group(group, listed), region)

    async def interfaces(
        self, group: Facet[ResourceGroup], residents: Facet[tuple[Resident, ...]]
    ) -> Facet[tuple[NetworkInterface, ...]]:
        """The group's own network interfaces, where it may have virtual machines with such."""
        if not self._may_have_machines(residents):
            return Known(())
        return under_group(group, await self._reader.list(surfaces.INTERFACES, self.id))

    async def subnets(self, scale_sets: Facet[tuple[ScaleSet, ...]]) -> Mapping[str, Facet[Subnet]]:
        """Every subnet that nodes use or should use, by key."""
        asked = [pool.subnet_id for pool in self._managed.pools if pool.subnet_id]
        used = [i for scale_set in scale_sets.known_or(()) for i in scale_set.subnet_ids]
        ids = {arm.key(subnet_id): subnet_id for subnet_id in (*asked, *used)}
        read = await every(self._lists.subnet(subnet_id) for subnet_id in ids.values())
        return dict(zip(ids, read, strict=True))

    async def security_groups_of(
        self, subnets: Iterable[Facet[Subnet]]
    ) -> Mapping[str, Facet[NetworkSecurityGroup]]:
        """The security groups of subnets that lie outside the node resource group, by key."""
        attached = [facet.value.nsg_id for facet in subnets if isinstance(facet, Known)]
        ids = {arm.key(i): i for i in attached if i and not arm.within(i, self.id)}
        read = await every(self._lists.security_group(group_id) for group_id in ids.values())
        return dict(zip(ids, read, strict=True))

    async def route_tables_of(
        self, subnets: Iterable[Facet[Subnet]]
    ) -> Mapping[str, Facet[RouteTable]]:
        """The route tables of subnets that lie outside the node resource group, by key."""
        attached = [facet.value.route_table_id for facet in subnets if isinstance(facet, Known)]
        ids = {arm.key(i): i for i in attached if i and not arm.within(i, self.id)}
        read = await every(self._lists.route_table(table_id) for table_id in ids.values())
        return dict(zip(ids, read, strict=True))

    def _is_lacking(
        self, listed: Iterable[ScaleSet], residents: Facet[tuple[Resident, ...]]
    ) -> bool:
        known = {arm.key(scale_set.id) for scale_set in listed}
        shown = (r for r in residents.known_or(()) if r.type.casefold() == _SCALE_SET)
        return self._lacks_a_pool(listed) or any(arm.key(r.id) not in known for r in shown)

    def _lacks_a_pool(self, scale_sets: Iterable[ScaleSet]) -> bool:
        found = {
            value.casefold()
            for scale_set in scale_sets
            for tag, value in scale_set.tags.items()
            if tag.casefold() in _POOL_TAGS
        }
        pools = (pool for pool in self._managed.pools if pool.kind == PoolKind.SCALE_SET)
        return any(pool.name.casefold() not in found for pool in pools)

    def _may_have_machines(self, residents: Facet[tuple[Resident, ...]]) -> bool:
        if isinstance(residents, Gap) or self._managed.node_provisioning:
            return True
        expected = any(pool.kind != PoolKind.SCALE_SET for pool in self._managed.pools)
        return expected or any(r.type.casefold() == _MACHINE for r in residents.value)


async def machines_of_pools(
    reader: Reader | Once, managed: ManagedCluster
) -> Mapping[str, Facet[tuple[str, ...]]]:
    """The ids of the machines of each VirtualMachines pool, by its name, as AKS lists them.

    A machine without a VM is there by AKS's own id, so that an empty list is one. A call per such
    pool, for there is no list of them all.
    """
    names = [p.name for p in managed.pools if p.kind == PoolKind.VIRTUAL_MACHINES]
    read = await every(
        reader.list(surfaces.POOL_MACHINES, f"{managed.id}/agentPools/{name}") for name in names
    )
    return dict(zip(names, read, strict=True))


async def with_views(
    reader: Reader, machines: Facet[tuple[VirtualMachine, ...]], region: str
) -> Facet[tuple[VirtualMachine, ...]]:
    """The machines with their instance views and whole extensions, which no list of them gives.

    One call per machine is the least: a list has no instance views, its twin with ``statusOnly``
    has them for all machines of the subscription but nothing else, and both have of extensions
    only the ids. A machine that has gone since is left out; one that cannot be read is a gap of its
    own.
    """
    if is_refused(machines):
        return machines
    known: tuple[VirtualMachine, ...] = machines.known_or(())
    read = await every(
        reader.get(surfaces.MACHINES, machine.id, region=region, expand="instanceView")
        for machine in known
    )
    unread = (facet for facet in read if isinstance(facet, Gap) and not is_gone(facet))
    viewed = tuple(facet.value for facet in read if isinstance(facet, Known))
    return partly(viewed, (*machines.causes, *unread))
