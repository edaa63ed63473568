"""What AKS needs of a custom subnet's security group, and which ways around it there may be."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence.required_traffic import Blocked, blocked, needs
from auditor.model.aks import ManagedCluster, NetworkProfile
from auditor.model.network import SecurityRule
from tests import build
from tests.evidence.test_egress import rule

RANGE = ("10.42.0.0/20",)
TLS = {"destination_ports": ("443",), "protocol": "Tcp"}


def allow(tag: str, priority: int, **changes: Any) -> SecurityRule:  # noqa: ANN401 (any field)
    return rule("Allow", priority, destination_prefixes=(tag,), **changes)


DENY_ALL = rule("Deny", 4096)
ALLOW_INSIDE = allow("VirtualNetwork", 100)


def told(*rules: SecurityRule, managed: ManagedCluster | None = None) -> dict[str, bool]:
    """What is blocked, and whether for certain."""
    all_needs = needs(managed or build.managed(), RANGE, rules)
    found = [b for need in all_needs if isinstance(b := blocked(rules, need), Blocked)]
    return {b.need.words: b.surely for b in found}


def profile(outbound_type: str, **changes: Any) -> ManagedCluster:  # noqa: ANN401 (any field)
    return build.managed(network=NetworkProfile(outbound_type=outbound_type), **changes)


OUTSIDE = {
    "the API server",
    "Microsoft's container registry",
    "the registry's data",
    "Microsoft Entra ID",
    "Azure Resource Manager",
    "Microsoft's packages",
}


def test_nothing_denied_blocks_nothing() -> None:
    assert told() == {}


@pytest.mark.parametrize("protocol", ["Tcp", "Udp"])
def test_a_port_that_nodes_need_not_have_is_tried_where_a_rule_denies_it(protocol: str) -> None:
    small = rule(protocol=protocol, destination_ports=("5000",))
    assert told(small) == {"traffic between nodes (outbound)": False}


def test_everything_denied_blocks_everything() -> None:
    inward = rule("Deny", 4095, direction="Inbound")
    assert told(DENY_ALL, inward) == {
        **dict.fromkeys(OUTSIDE, True),
        "traffic between nodes (outbound)": True,
        "traffic between nodes (inbound)": True,
        "name resolution": False,
    }


@pytest.mark.parametrize("tag", ["Internet", "*", "0.0.0.0/0"])
def test_a_deny_of_the_internet_outranks_what_is_allowed_inside(tag: str) -> None:
    deny = rule("Deny", 4096, destination_prefixes=(tag,))
    assert told(ALLOW_INSIDE, deny) == dict.fromkeys(OUTSIDE, True)


@pytest.mark.parametrize(
    ("tag", "still"),
    [
        ("AzureCloud", set[str]()),
        ("Internet", set[str]()),
        ("AzureCloud.northeurope", OUTSIDE - {"the API server"}),
        ("AzureCloud.westeurope", OUTSIDE),
        ("MicrosoftContainerRegistry", OUTSIDE - {"Microsoft's container registry"}),
        ("MicrosoftContainerRegistry.northeurope", OUTSIDE - {"Microsoft's container registry"}),
        ("AzureActiveDirectory", OUTSIDE - {"Microsoft Entra ID"}),
        ("AzureResourceManager", OUTSIDE - {"Azure Resource Manager"}),
        ("AzureFrontDoor.FirstParty", OUTSIDE - {"the registry's data", "Microsoft's packages"}),
        ("AzureMonitor", OUTSIDE),
    ],
)
def test_an_allowed_tag_counts_for_what_it_covers(tag: str, still: set[str]) -> None:
    assert set(told(ALLOW_INSIDE, allow(tag, 110, **TLS), DENY_ALL)) == still


def test_a_region_holds_some_of_what_lies_elsewhere() -> None:
    found = told(ALLOW_INSIDE, allow("AzureCloud.northeurope", 110, **TLS), DENY_ALL)
    assert set(found.values()) == {False}


def test_a_tag_that_comes_too_late_or_for_another_port_covers_nothing() -> None:
    late = rule("Allow", 4096, destination_prefixes=("AzureCloud",))
    deny = rule("Deny", 4000, destination_prefixes=("Internet",))
    assert told(late, deny) == dict.fromkeys(OUTSIDE, True)
    other = allow("AzureCloud", 110, destination_ports=("80",))
    assert told(ALLOW_INSIDE, other, DENY_ALL) == dict.fromkeys(OUTSIDE, True)


@pytest.mark.parametrize("outbound_type", ["none", "block"])
def test_isolated_clusters_need_nothing_outside(outbound_type: str) -> None:
    assert told(ALLOW_INSIDE, DENY_ALL, managed=profile(outbound_type)) == {}


@pytest.mark.parametrize(
    "managed",
    [
        build.managed(http_proxy=True),
        profile("userDefinedRouting"),
        build.managed(private_cluster=True),
    ],
)
def test_where_there_may_be_another_way_it_is_a_lead(managed: ManagedCluster) -> None:
    found = told(ALLOW_INSIDE, DENY_ALL, managed=managed)
    assert found
    assert not any(found.values())


def test_the_api_server_of_a_private_cluster_is_inside() -> None:
    assert "the API server" not in told(DENY_ALL, managed=build.managed(private_cluster=True))


def test_with_routes_of_the_customers_the_network_s_tag_may_reach_outside() -> None:
    deny = rule("Deny", 4096, destination_prefixes=("Internet",))
    assert told(ALLOW_INSIDE, deny, managed=profile("userDefinedRouting")) == dict.fromkeys(
        OUTSIDE, False
    )


def test_with_routes_of_the_customer_s_a_deny_of_the_network_s_tag_may_strike_outside() -> None:
    deny = rule("Deny", 4096, destination_prefixes=("VirtualNetwork",))
    inside = {"traffic between nodes (outbound)": True, "name resolution": False}
    assert told(deny) == inside
    assert told(deny, managed=profile("userDefinedRouting")) == inside | dict.fromkeys(
        OUTSIDE, False
    )


def test_inside_one_port_is_a_lead_and_the_kubelet_s_is_certain() -> None:
    inward: dict[str, Any] = {"direction": "Inbound", "source_prefixes": ("VirtualNetwork",)}
    words = "traffic between nodes (inbound)"
    assert told(rule(destination_ports=("8080",), **inward)) == {words: False}
    assert told(rule(destination_ports=("10000-11000",), **inward)) == {words: True}
    assert told(rule(destination_ports=("9000",), protocol="Icmp", **inward)) == {}


@pytest.mark.parametrize(
    ("protocol", "port", "surely"),
    [
        ("Tcp", 10250, True),
        ("Tcp", 443, False),
        ("Tcp", 30080, False),
        ("Udp", 53, False),
        ("Udp", 30080, False),
    ],
)
def test_a_gap_in_what_is_allowed_inside_is_seen_at_every_port_that_nodes_are_known_to_use(
    protocol: str, port: int, *, surely: bool
) -> None:
    inward: dict[str, Any] = {"direction": "Inbound", "source_prefixes": ("VirtualNetwork",)}
    around = (f"0-{port - 1}", f"{port + 1}-65535")
    allowed = rule("Allow", 100, destination_ports=around, protocol=protocol, **inward)
    denied = rule("Deny", 200, protocol=protocol, **inward)
    assert told(allowed, denied) == {"traffic between nodes (inbound)": surely}


@pytest.mark.parametrize("protocol", ["Udp", "Tcp"])
def test_names_are_resolved_over_both_protocols(protocol: str) -> None:
    by_tag = rule(
        destination_prefixes=("AzurePlatformDNS",), destination_ports=("53",), protocol=protocol
    )
    assert told(by_tag) == {"name resolution": False}


def test_ports_that_cannot_be_read_neither_block_nor_let_through() -> None:
    odd = rule(destination_ports=("http",))
    found = [blocked((odd,), need) for need in needs(build.managed(), RANGE, (odd,))]
    assert {(b.unread, b.surely) for b in found if b} == {(True, False)}


def test_azure_s_own_name_server_is_denied_by_its_tag_alone() -> None:
    assert told(rule(destination_prefixes=("168.63.129.16",))) == {}
    assert told(rule(destination_prefixes=("AzurePlatformDNS",))) == {"name resolution": False}


def test_the_rule_that_blocks_for_certain_is_named() -> None:
    lead = rule("Deny", 200, destination_prefixes=("10.42.0.0/24",))
    rules = (lead, DENY_ALL)
    (outward, *_) = needs(build.managed(), RANGE, rules)
    found = blocked(rules, outward)
    assert found is not None
    assert (found.rule, found.surely) == (DENY_ALL, True)
