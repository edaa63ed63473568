"""Load balancers, route tables, public addresses, peerings and service endpoints."""

from __future__ import annotations

import msgspec
import pytest

from auditor.collect.wire.load_balancer import WireLoadBalancer
from auditor.collect.wire.virtual_network import WireVirtualNetwork
from auditor.model.facet import Known
from auditor.model.network import OutboundRule, Route
from auditor.model.snapshot import Cluster
from tests.collect.world import NODE_GROUP, SCOPE, arm, collected, denied

NETWORK = "providers/Microsoft.Network"
FACETS = {
    "load_balancers": "loadBalancers",
    "route_tables": "routeTables",
    "public_addresses": "publicIPAddresses",
}


async def healthy(kind: str) -> Cluster:
    (cluster,) = (await collected(arm(kind))).clusters
    return cluster


async def test_the_load_balancer_is_read_with_its_outbound_rule() -> None:
    (balancer,) = (await healthy("linux-managed-vnet")).load_balancers.require()
    assert (balancer.name, balancer.sku) == ("kubernetes", "Standard")
    assert set(balancer.backend_pools) >= {"kubernetes", "aksOutboundBackendPool"}
    (rule,) = balancer.outbound_rules
    assert msgspec.structs.replace(rule, frontend_ids=(), backend_pool_id=None) == OutboundRule(
        name="aksOutboundRule",
        allocated_ports=0,
        idle_timeout=30,
        protocol="All",
        tcp_reset=True,
    )
    assert (rule.backend_pool_id or "").endswith("/aksOutboundBackendPool")
    assert len(rule.frontend_ids) == 1
    assert balancer.public_ip_ids
    assert all("/publicIPAddresses/" in address for address in balancer.public_ip_ids)


async def test_the_route_table_is_read_with_a_route_per_node() -> None:
    (table,) = (await healthy("kubenet")).route_tables.require()
    assert len(table.routes) == 3
    assert table.routes[0] == Route(
        name="aks-system-31885102-vmss000000",
        prefix="10.244.0.0/24",
        next_hop_type="VirtualAppliance",
        next_hop_address="10.224.0.4",
    )
    assert [subnet.rpartition("/")[2] for subnet in table.subnet_ids] == ["aks-subnet"]


async def test_public_addresses_tell_what_uses_them() -> None:
    first, *_ = (await healthy("linux-managed-vnet")).public_addresses.require()
    assert "/loadBalancers/kubernetes/frontendIPConfigurations/" in (first.owner_id or "")
    (egress,) = (await healthy("automatic-hosted-system")).public_addresses.require()
    assert "/natGateways/" in (egress.owner_id or "")


@pytest.mark.parametrize(("facet", "kind"), FACETS.items())
async def test_a_refused_list_is_one_gap_that_names_the_permission(facet: str, kind: str) -> None:
    snapshot = await collected(arm("kubenet", denied(f"{NETWORK}/{kind}")))
    (gap,) = snapshot.gaps
    assert getattr(snapshot.clusters[0], facet) == gap
    assert (gap.scope, gap.permission) == (SCOPE, f"Microsoft.Network/{kind}/read")


@pytest.mark.parametrize(("facet", "kind"), FACETS.items())
async def test_a_refused_subscription_may_leave_the_group_readable(facet: str, kind: str) -> None:
    snapshot = await collected(arm("kubenet", denied(rf"^{SCOPE}/{NETWORK}/{kind}\?")))
    assert snapshot.gaps == ()
    assert getattr(snapshot.clusters[0], facet) == getattr(await healthy("kubenet"), facet)


async def test_what_lies_beside_the_node_resource_group_is_none_of_aks() -> None:
    cluster = await healthy("linux-custom-vnet")
    listed = [facet.require() for facet in (cluster.load_balancers, cluster.public_addresses)]
    assert all(NODE_GROUP in item.id for items in listed for item in items)
    assert cluster.route_tables == Known(())


def test_peerings_are_the_ids_of_the_other_networks() -> None:
    body = b"""{"id": "/n", "properties": {"virtualNetworkPeerings": [
        {"id": "/n/p1", "properties": {"remoteVirtualNetwork": {"id": "/hub"}}},
        {"id": "/n/p2", "properties": {}}, {}]}}"""
    network = msgspec.json.decode(body, type=WireVirtualNetwork).to_model()
    assert network.peerings == ("/hub", "/n/p2")


def test_service_endpoints_are_the_services_of_a_subnet() -> None:
    body = b"""{"id": "/n", "properties": {"subnets": [{"id": "/n/s", "properties": {
        "serviceEndpoints": [{"service": "Microsoft.Sql", "locations": ["*"]}, {}]}}]}}"""
    network = msgspec.json.decode(body, type=WireVirtualNetwork).to_model()
    assert network.subnets[0].service_endpoints == ("Microsoft.Sql",)


def test_an_internal_frontend_has_no_public_address() -> None:
    body = b"""{"id": "/lb", "properties": {"frontendIPConfigurations": [
        {"properties": {"subnet": {"id": "/s"}}}, {}],
        "loadBalancingRules": [{"name": "a"}], "inboundNatRules": [{"name": "b"}]}}"""
    balancer = msgspec.json.decode(body, type=WireLoadBalancer).to_model()
    assert balancer.public_ip_ids == ()
    assert (balancer.rules, balancer.inbound_nat_rules) == (("a",), ("b",))
