"""Edits of AKS's load balancer, routes and network, as their state shows them."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from auditor.evidence import network_edits, node_routes
from auditor.model.aks import NetworkProfile
from auditor.model.compute import PowerState
from auditor.model.network import LoadBalancer, OutboundRule, Route, RouteTable, VirtualNetwork
from tests import build

OWN = OutboundRule(name="aksOutboundRule", allocated_ports=0, idle_timeout=30)
SERVICE = "a8f133f1e3cba4f27af56e388ef212e2"


def balancer(**changes: Any) -> LoadBalancer:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "public_ip_ids": ("/ip",),
        "backend_pools": ("kubernetes", "aksOutboundBackendPool"),
        "outbound_rules": (OWN,),
        "rules": (f"{SERVICE}-TCP-80", f"{SERVICE}-TCP-80-IPv6", f"{SERVICE}-snet-UDP-53"),
    }
    return LoadBalancer(id="/lb/kubernetes", name="kubernetes", **given | changes)


def edits(of: LoadBalancer, **profile: Any) -> list[tuple[str, str | None, str]]:  # noqa: ANN401 (any field)
    found = network_edits.of_balancer(of, NetworkProfile(**profile))
    return [(e.path or e.resource_id, e.actual, e.confidence.value) for e in found]


def test_a_load_balancer_as_aks_makes_it() -> None:
    assert edits(balancer()) == []
    assert edits(balancer(outbound_rules=(OWN, OutboundRule(name="aksOutboundRuleIPv6")))) == []


def test_numbers_against_the_profile_and_against_the_defaults() -> None:
    rule = OutboundRule(name="aksOutboundRule", allocated_ports=64, idle_timeout=4)
    changed = balancer(outbound_rules=(rule,))
    ports, minutes = "outboundRules.allocatedOutboundPorts", "outboundRules.idleTimeoutInMinutes"
    assert edits(changed) == [(ports, "64", "possible"), (minutes, "4", "possible")]
    assert edits(changed, outbound_ports=64, outbound_idle_minutes=4) == []
    assert edits(changed, outbound_ports=0, outbound_idle_minutes=30) == [
        (ports, "64", "likely"),
        (minutes, "4", "likely"),
    ]


def test_an_expectation_says_where_it_comes_from() -> None:
    changed = balancer(outbound_rules=(OutboundRule(name="aksOutboundRule", idle_timeout=4),))
    (by_default,) = network_edits.of_balancer(changed, NetworkProfile())
    (asked,) = network_edits.of_balancer(changed, NetworkProfile(outbound_idle_minutes=9))
    assert by_default.because == "AKS's default"
    assert asked.because == "the cluster's loadBalancerProfile"


def test_ports_that_are_not_stated_are_none_and_a_time_out_that_is_not_is_not_compared() -> None:
    silent = balancer(outbound_rules=(OutboundRule(name="aksOutboundRule"),))
    assert edits(silent) == []
    assert edits(silent, outbound_ports=64, outbound_idle_minutes=4) == [
        ("outboundRules.allocatedOutboundPorts", "0", "likely")
    ]


def test_what_is_missing_and_what_was_added() -> None:
    assert edits(balancer(outbound_rules=())) == [("outboundRules", None, "likely")]
    assert edits(balancer(backend_pools=("kubernetes",))) == [
        ("backendAddressPools", None, "likely")
    ]
    added = balancer(
        outbound_rules=(OWN, OutboundRule(name="mine")), inbound_nat_rules=("ssh",), rules=("web",)
    )
    assert edits(added) == [
        ("/lb/kubernetes/outboundRules/mine", "mine", "possible"),
        ("/lb/kubernetes/inboundNatRules/ssh", "ssh", "possible"),
        ("/lb/kubernetes/loadBalancingRules/web", "web", "possible"),
    ]


def test_a_load_balancer_of_which_nothing_is_told_shows_nothing() -> None:
    assert edits(LoadBalancer(id="/lb", name="kubernetes")) == []


@pytest.mark.parametrize(
    ("told", "lost"),
    [
        ({"public_ip_ids": ("/ip",)}, ["outboundRules", "backendAddressPools"]),
        ({"backend_pools": ("aksOutboundBackendPool",)}, ["outboundRules"]),
        ({"outbound_rules": (OWN,)}, ["backendAddressPools"]),
    ],
)
def test_one_part_that_is_told_shows_that_the_others_are_gone(
    told: dict[str, Any], lost: list[str]
) -> None:
    one = LoadBalancer(id="/lb", name="kubernetes", **told)
    assert [path for path, _, _ in edits(one)] == lost


@pytest.mark.parametrize(
    ("profile", "leaves"),
    [
        ({}, True),
        ({"load_balancer_sku": "Standard"}, True),
        ({"load_balancer_sku": "Basic"}, False),
        ({"outbound_type": "userDefinedRouting"}, False),
        ({"outbound_type": "managedNATGateway"}, False),
    ],
)
def test_which_clusters_leave_by_a_load_balancer(profile: dict[str, Any], leaves: bool) -> None:
    assert network_edits.leaves_by_balancer(NetworkProfile(**profile)) is leaves


def test_what_the_network_holds_besides_subnets() -> None:
    network = VirtualNetwork(
        id="/v", name="v", dns_servers=("10.1.0.4",), peerings=("/hub/vnet-hub",)
    )
    node_subnet = build.subnet(service_endpoints=("Microsoft.Storage.Global", "Microsoft.Sql"))
    found = list(network_edits.of_network(network, node_subnet))
    assert [(e.path, e.actual) for e in found] == [
        ("dhcpOptions.dnsServers", "10.1.0.4"),
        ("virtualNetworkPeerings", "/hub/vnet-hub"),
        ("serviceEndpoints", "Microsoft.Sql"),
    ]
    assert list(network_edits.of_network(VirtualNetwork(id="/v", name="v"), None)) == []


def test_what_an_earlier_run_saw_otherwise_of_the_network() -> None:
    network = VirtualNetwork(id="/v", name="v", address_prefixes=("10.2.0.0/16", "10.1.0.0/16"))
    seen = {
        "addressSpace.addressPrefixes": "10.1.0.0/16",
        "dhcpOptions.dnsServers": "",
        "tags.team": "shop",
    }
    (edit,) = network_edits.since(network, seen, build.NOON)
    assert (edit.expected, edit.actual) == ("10.1.0.0/16", "10.1.0.0/16, 10.2.0.0/16")
    assert edit.confidence.value == "likely"


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("addressSpace.addressPrefixes", {"address_prefixes": ("a", "b")}),
        ("dhcpOptions.dnsServers", {"dns_servers": ("b", "a")}),
        ("virtualNetworkPeerings", {"peerings": ("a", "b")}),
    ],
)
def test_each_part_of_the_network_is_held_against_an_earlier_run(
    path: str,
    now: dict[str, Any],
) -> None:
    network = VirtualNetwork(id="/v", name="v", **now)
    assert list(network_edits.since(network, {path: "a, b"}, build.NOON)) == []
    (edit,) = network_edits.since(network, {path: ""}, build.NOON)
    assert (edit.path, edit.expected, edit.actual) == (path, "none", "a, b")
    bare = VirtualNetwork(id="/v", name="v")
    (edit,) = network_edits.since(bare, {path: "a, b"}, build.NOON)
    assert (edit.expected, edit.actual) == ("a, b", "none")


def route(name: str, prefix: str = "10.244.0.0/24", hop: str = "VirtualAppliance") -> Route:
    return Route(name=name, prefix=prefix, next_hop_type=hop, next_hop_address="10.224.0.4")


def table(*routes: Route) -> RouteTable:
    return RouteTable(id="/rt", name="rt", routes=routes)


SET = build.scale_set()
PREFIX = SET.name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, f"{PREFIX}000000"),
        (9, f"{PREFIX}000009"),
        (10, f"{PREFIX}00000a"),
        (35, f"{PREFIX}00000z"),
        (36, f"{PREFIX}000010"),
        (1295, f"{PREFIX}0000zz"),
    ],
)
def test_nodes_of_scale_sets_are_numbered_in_base_36(number: int, name: str) -> None:
    assert node_routes.node_name(build.node(number), SET) == name


def test_a_machine_is_called_as_it_is_and_some_nodes_cannot_be_told() -> None:
    assert node_routes.node_name(build.machine("AKS-vm0"), None) == "aks-vm0"
    assert node_routes.node_name(build.node(1), None) is None
    assert node_routes.node_name(build.node("abc"), SET) is None


def test_running_nodes_that_have_been_there_a_while_need_a_route() -> None:
    nodes = [
        build.node(0),
        build.node(1),
        build.node(2, power=PowerState("deallocated")),
        build.node(3, created_at=build.minutes_after(build.NOW, -59)),
        build.node(4, created_at=None),
        build.node(5, power=PowerState("starting")),
        build.node(6, power=None),
        build.node(7, created_at=build.minutes_after(build.NOW, -61)),
        build.node("unnumbered"),
        build.node(8, provisioning_state="Deleting"),
        build.node(9, provisioning_state="Creating"),
    ]
    assert node_routes.settled(nodes, SET, build.NOW) == {
        f"{PREFIX}000000": nodes[0].created_at,
        f"{PREFIX}000001": nodes[1].created_at,
        f"{PREFIX}000007": nodes[7].created_at,
    }


IPV4 = NetworkProfile(pod_cidrs=("10.244.0.0/16",))
DUAL = NetworkProfile(pod_cidrs=("10.244.0.0/16", "fd00::/48"))


@pytest.mark.parametrize(
    ("profile", "prefixes", "is_routed"),
    [
        (IPV4, (), False),
        (IPV4, ("10.244.0.0/24",), True),
        (IPV4, ("odd",), True),
        (NetworkProfile(), ("10.244.0.0/24",), True),
        (DUAL, ("10.244.0.0/24",), False),
        (DUAL, ("fd00::/64",), False),
        (DUAL, ("10.244.0.0/24", "fd00::/64"), True),
    ],
)
def test_a_route_is_named_after_its_node_with_one_in_each_family_of_addresses(
    profile: NetworkProfile, prefixes: tuple[str, ...], *, is_routed: bool
) -> None:
    name = f"{PREFIX}000000"
    routes = table(*(route(f"{name}____{i}".upper(), p) for i, p in enumerate(prefixes)))
    missing = () if is_routed else (name,)
    assert node_routes.without_route(routes, [name], profile) == missing


AROUND = (ip_network("10.42.0.0/20"), ip_network("fd42::/64"))


def to(name: str, prefix: str, hop: str | None, kind: str = "VirtualAppliance") -> Route:
    return Route(name=name, prefix=prefix, next_hop_type=kind, next_hop_address=hop)


@pytest.mark.parametrize(
    ("one", "profile", "path"),
    [
        (to("aks-a", "10.244.0.0/24", "10.42.0.4"), IPV4, None),
        (to("AKS-A____1", "fd00::/64", "fd42::4"), DUAL, None),
        (to("aks-a", "10.244.0.0/24", "10.40.0.4"), IPV4, "nextHopIpAddress"),
        (to("aks-a____1", "fd00::/64", "fd40::4"), DUAL, "nextHopIpAddress"),
        (to("aks-a", "10.244.0.0/24", "odd"), IPV4, None),
        (to("aks-a", "10.244.0.0/24", None), IPV4, None),
        (to("aks-a", "10.245.0.0/24", "10.42.0.4"), IPV4, "addressPrefix"),
        (to("aks-a", "10.245.0.0/24", "10.42.0.4"), NetworkProfile(), None),
        (to("aks-a", "10.244.0.0/24", None, "None"), IPV4, "nextHopType"),
        (to("default", "0.0.0.0/0", "10.40.0.4"), IPV4, None),
        (to("aks-gone", "10.244.9.0/24", "10.40.0.4"), IPV4, None),
    ],
)
def test_in_a_customer_s_table_a_node_s_route_must_lead_to_it_and_others_are_theirs(
    one: Route, profile: NetworkProfile, path: str | None
) -> None:
    found = [edit.path for edit in node_routes.misled(table(one), {"aks-a"}, profile, AROUND)]
    assert found == ([path] if path else [])


def test_where_the_subnet_s_ranges_are_not_known_a_next_hop_is_not_judged() -> None:
    away = table(to("aks-a", "10.244.0.0/24", "10.40.0.4"))
    assert list(node_routes.misled(away, {"aks-a"}, IPV4, ())) == []
    assert list(node_routes.misled(away, {"aks-a"}, IPV4, AROUND[1:])) == []


@pytest.mark.parametrize(
    ("one", "takes"),
    [
        (to("scan", "10.244.0.128/25", "10.40.0.4"), True),
        (to("drop", "10.244.0.7/32", None, "None"), True),
        (to("same", "10.244.0.128/25", "10.42.0.4"), False),
        (to("wide", "10.244.0.0/16", "10.40.0.4"), False),
        (to("aside", "10.244.1.0/25", "10.40.0.4"), False),
        (to("tag", "AzureCloud", None, "Internet"), False),
        (to("aks-gone", "10.244.0.128/25", "10.40.0.4"), False),
    ],
)
def test_a_narrower_route_takes_from_a_node_unless_it_leads_there_too(
    one: Route, *, takes: bool
) -> None:
    to_node = to("aks-a", "10.244.0.0/24", "10.42.0.4")
    found = list(node_routes.capturing(table(to_node, one), {"aks-a"}))
    assert bool(found) is takes
    assert all(edit.confidence == "possible" for edit in found)
    assert not any(edit.raised_by_operation for edit in found)


@pytest.mark.parametrize(
    ("one", "cidrs", "confidence"),
    [
        (route("aks-a"), ("10.244.0.0/16",), None),
        (route("aks-a", "fd00::/64"), ("10.244.0.0/16", "fd00::/48"), None),
        (route("aks-a", "10.245.0.0/24"), ("10.244.0.0/16",), "likely"),
        (route("aks-a", "10.0.0.0/8"), ("10.244.0.0/16",), "likely"),
        (route("aks-a", "AzureCloud"), ("10.244.0.0/16",), "likely"),
        (route("aks-a"), ("odd", "10.244.0.0/16"), None),
        (route("aks-a", hop="Internet"), ("10.244.0.0/16",), "likely"),
        (route("default", "0.0.0.0/0"), (), "possible"),
        (route("AKS-a", "0.0.0.0/0"), (), None),
    ],
)
def test_routes_that_lead_to_no_pods(
    one: Route, cidrs: tuple[str, ...], confidence: str | None
) -> None:
    found = node_routes.foreign_routes(table(one), NetworkProfile(pod_cidrs=cidrs))
    assert [e.confidence.value for e in found] == ([confidence] if confidence else [])
