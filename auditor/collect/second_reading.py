"""A cluster read once more: the cluster itself, and the objects that a contradiction rests on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from auditor.collect import surfaces
from auditor.collect.concurrency import every
from auditor.collect.facets import Identified, is_gone, replaced, unreadable
from auditor.collect.node_group import machines_of_pools
from auditor.collect.once import Once
from auditor.collect.surfaces import Surface
from auditor.model import resource_id as arm
from auditor.model.compute import Instance
from auditor.model.facet import Facet, Gap, Known
from auditor.model.snapshot import Cluster

R = TypeVar("R", bound=Identified)

Change: TypeAlias = Callable[[Cluster], Cluster]
Handler: TypeAlias = Callable[[Once, Cluster, str], Awaitable[Change]]


async def read_again(fresh: Once, cluster: Cluster, asked: Iterable[str]) -> Cluster:
    """The cluster as it is now, as far as was asked; what was not asked for is shared.

    The cluster brings its node pools with it. An object that answers 404 is no longer in its
    list. What was read again before stays.
    """
    asked = tuple(asked)
    managed = await fresh.get(surfaces.CLUSTERS, cluster.id)
    if is_gone(managed):
        return unreadable(cluster.id, cluster.subscription, managed)
    before = cluster.second or cluster
    second = msgspec.structs.replace(before, managed=managed, second=None)
    if isinstance(managed, Gap):
        return second
    roots = {arm.root(resource_id): _root(resource_id) for resource_id in asked}
    changes = await every(_change(fresh, second, resource_id) for resource_id in roots.values())
    for change in changes:
        second = change(second)
    if any(_is_about_machines(resource_id) for resource_id in asked):
        of_pools = await machines_of_pools(fresh, managed.value)
        second = msgspec.structs.replace(second, machines=of_pools)
    return second


def _is_about_machines(resource_id: str) -> bool:
    """Whether AKS's own lists of machines tell whose node a resource is, or what a pool has.

    A cluster shows its node pools itself; the machines of one are a list of their own.
    """
    kind = f"{arm.resource_type(resource_id)}/"
    return kind.startswith((f"{_MACHINE}/", f"{_CLUSTER}/agentpools/"))


async def _change(fresh: Once, cluster: Cluster, resource_id: str) -> Change:
    kind = arm.resource_type(resource_id)
    if kind == _CLUSTER or not arm.resource_group(resource_id):
        return _nothing
    handler = _group if not kind else _HANDLERS.get(kind, _resident)
    return await handler(fresh, cluster, resource_id)


async def _scale_set(fresh: Once, cluster: Cluster, scale_set_id: str) -> Change:
    region = cluster.managed.require().location
    read = await fresh.get(surfaces.SCALE_SETS, scale_set_id, region=region)
    instances: Facet[tuple[Instance, ...]] = Known(())
    if not is_gone(read):
        instances = await fresh.list(
            surfaces.INSTANCES, scale_set_id, region=region, expand="instanceView"
        )

    def change(second: Cluster) -> Cluster:
        return msgspec.structs.replace(
            second,
            scale_sets=replaced(second.scale_sets, scale_set_id, read),
            instances={**second.instances, arm.key(scale_set_id): instances},
        )

    return change


async def _machine(fresh: Once, cluster: Cluster, machine_id: str) -> Change:
    region = cluster.managed.require().location
    read = await fresh.get(surfaces.MACHINES, machine_id, region=region, expand="instanceView")

    def change(second: Cluster) -> Cluster:
        machines = replaced(second.virtual_machines, machine_id, read)
        return msgspec.structs.replace(second, virtual_machines=machines)

    return change


async def _security_group(fresh: Once, cluster: Cluster, group_id: str) -> Change:
    read = await fresh.get(surfaces.SECURITY_GROUPS, group_id)
    key = arm.key(group_id)

    def change(second: Cluster) -> Cluster:
        if key in cluster.subnet_security_groups:
            outside = {**second.subnet_security_groups, key: read}
            return msgspec.structs.replace(second, subnet_security_groups=outside)
        groups = replaced(second.security_groups, group_id, read)
        return msgspec.structs.replace(second, security_groups=groups)

    return change


async def _route_table(fresh: Once, cluster: Cluster, table_id: str) -> Change:
    read = await fresh.get(surfaces.ROUTE_TABLES, table_id)
    key = arm.key(table_id)

    def change(second: Cluster) -> Cluster:
        if key in cluster.subnet_route_tables:
            outside = {**second.subnet_route_tables, key: read}
            return msgspec.structs.replace(second, subnet_route_tables=outside)
        tables = replaced(second.route_tables, table_id, read)
        return msgspec.structs.replace(second, route_tables=tables)

    return change


async def _network(fresh: Once, cluster: Cluster, network_id: str) -> Change:
    used = [key for key in cluster.subnets if arm.within(key, network_id)]
    subnets = await every(fresh.get(surfaces.SUBNETS, subnet_id) for subnet_id in used)
    own = arm.within(network_id, cluster.managed.require().node_resource_group_id)
    read = await fresh.get(surfaces.NETWORKS, network_id) if own else None

    def change(second: Cluster) -> Cluster:
        networks = second.virtual_networks
        return msgspec.structs.replace(
            second,
            virtual_networks=replaced(networks, network_id, read) if read else networks,
            subnets={**second.subnets, **dict(zip(used, subnets, strict=True))},
        )

    return change


def _listed(surface: Surface[R], facet: str) -> Handler:
    """A handler for what a facet of the cluster lists, and nothing else depends on."""

    async def handler(fresh: Once, cluster: Cluster, resource_id: str) -> Change:  # noqa: ARG001 (a handler like the others; only the facet is replaced)
        read = await fresh.get(surface, resource_id)

        def change(second: Cluster) -> Cluster:
            items = replaced(getattr(second, facet), resource_id, read)
            return msgspec.structs.replace(second, **{facet: items})

        return change

    return handler


async def _group(fresh: Once, cluster: Cluster, group_id: str) -> Change:
    """A resource group with its residents, where it is the cluster's node resource group."""
    if not arm.same(group_id, cluster.managed.require().node_resource_group_id):
        return _nothing
    group = await fresh.get(surfaces.GROUPS, group_id)
    residents = await fresh.list(surfaces.RESIDENTS, group_id)

    def change(second: Cluster) -> Cluster:
        return msgspec.structs.replace(second, node_resource_group=group, residents=residents)

    return change


async def _resident(fresh: Once, cluster: Cluster, resource_id: str) -> Change:  # noqa: ARG001 (a handler like the others; the list shows the resource)
    """Any other resource is known from the list of its group alone."""
    residents = await fresh.list(
        surfaces.RESIDENTS, cluster.managed.require().node_resource_group_id
    )

    def change(second: Cluster) -> Cluster:
        return msgspec.structs.replace(second, residents=residents)

    return change


def _nothing(second: Cluster) -> Cluster:
    return second


def _root(resource_id: str) -> str:
    """The top-level resource that an id lies in, spelled as received."""
    return resource_id.strip()[: len(arm.root(resource_id))]


_CLUSTER = "microsoft.containerservice/managedclusters"
_MACHINE = "microsoft.compute/virtualmachines"
_HANDLERS: Mapping[str, Handler] = {
    "microsoft.compute/virtualmachinescalesets": _scale_set,
    _MACHINE: _machine,
    "microsoft.network/networkinterfaces": _listed(surfaces.INTERFACES, "network_interfaces"),
    "microsoft.network/networksecuritygroups": _security_group,
    "microsoft.network/virtualnetworks": _network,
    "microsoft.authorization/locks": _listed(surfaces.LOCKS, "locks"),
    "microsoft.insights/autoscalesettings": _listed(
        surfaces.AUTOSCALE_SETTINGS, "autoscale_settings"
    ),
    "microsoft.network/loadbalancers": _listed(surfaces.LOAD_BALANCERS, "load_balancers"),
    "microsoft.network/routetables": _route_table,
    "microsoft.network/publicipaddresses": _listed(surfaces.PUBLIC_ADDRESSES, "public_addresses"),
}
