"""When a route table drops what leaves the network, and what may lead out all the same."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence import default_route
from auditor.model.aks import NetworkProfile
from auditor.model.network import Route, RouteTable
from tests import build

NOWHERE = Route(name="default", prefix="0.0.0.0/0", next_hop_type="None")


def table(*routes: Route) -> RouteTable:
    return RouteTable(id="/rt", name="rt", routes=routes)


def to(prefix: str, hop: str) -> Route:
    return Route(name="more", prefix=prefix, next_hop_type=hop)


@pytest.mark.parametrize(
    ("routes", "drops"),
    [
        ((NOWHERE,), True),
        ((to("10.0.0.0/8", "VnetLocal"), NOWHERE), True),
        ((Route(name="default", prefix="0.0.0.0/0", next_hop_type="NONE"),), True),
        ((to("0.0.0.0/0", "VirtualAppliance"),), False),
        ((to("0.0.0.0/0", ""),), False),
        ((to("10.0.0.0/8", "None"),), False),
        ((to("Internet", "None"),), False),
        ((), False),
    ],
)
def test_a_default_route_to_nowhere_drops_what_leaves(
    routes: tuple[Route, ...], *, drops: bool
) -> None:
    assert (default_route.to_nowhere(table(*routes), build.managed()) is not None) is drops


@pytest.mark.parametrize("outbound_type", ["none", "block", "None"])
def test_a_cluster_that_was_made_to_work_without_needs_no_way_out(outbound_type: str) -> None:
    managed = build.managed(network=NetworkProfile(outbound_type=outbound_type))
    assert default_route.to_nowhere(table(NOWHERE), managed) is None


@pytest.mark.parametrize(
    "outbound_type", ["loadBalancer", "userDefinedRouting", "managedNATGateway"]
)
def test_no_other_outbound_type_leads_around_a_route(outbound_type: str) -> None:
    managed = build.managed(network=NetworkProfile(outbound_type=outbound_type))
    assert default_route.to_nowhere(table(NOWHERE), managed) == NOWHERE


@pytest.mark.parametrize(
    ("more", "may"),
    [
        (to("AzureCloud", "Internet"), True),
        (to("20.0.0.0/8", "VirtualAppliance"), True),
        (to("AzureCloud", "None"), False),
        (to("10.0.0.0/8", "VirtualAppliance"), False),
        (to("192.168.4.0/24", "VirtualNetworkGateway"), False),
        (to("100.64.0.0/10", "VirtualNetworkGateway"), False),
        (to("::/0", "Internet"), False),
    ],
)
def test_a_narrower_route_may_lead_out(more: Route, *, may: bool) -> None:
    found = default_route.may_leave_otherwise(table(NOWHERE, more), build.managed())
    assert found is may


@pytest.mark.parametrize("way", ["http_proxy", "private_cluster"])
def test_a_proxy_or_a_private_path_may_lead_to_what_is_required(way: str) -> None:
    inside: dict[str, Any] = {way: True}
    assert default_route.may_leave_otherwise(table(NOWHERE), build.managed(**inside))
