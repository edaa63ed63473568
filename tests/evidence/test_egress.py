"""What a security group does to a flow, beside a plain evaluator of single packets."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.egress import Decision, Endpoint, Fit, Flow, Subnet, decide, ports_of
from auditor.model.network import SecurityRule

NODES = Subnet(("10.0.0.0/24",))
CLOUD = Endpoint(tags=frozenset({"internet", "azurecloud"}), partly=frozenset({"azuread"}))
ADDRESSES = ("10.0.0.4", "10.0.0.130", "10.0.0.250")
OUTSIDE = "20.1.2.3"
PREFIXES = ("*", "0.0.0.0/0", "VirtualNetwork", "Internet", "Sql")
RANGES = ("10.0.0.0/16", "10.0.0.0/24", "10.0.0.128/25", "10.9.0.0/16")


def rule(access: str = "Deny", priority: int = 200, **changes: Any) -> SecurityRule:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "name": f"rule-{priority}",
        "direction": "Outbound",
        "source_prefixes": ("*",),
        "source_ports": ("*",),
        "destination_prefixes": ("*",),
        "destination_ports": ("*",),
    }
    return SecurityRule(access=access, priority=priority, **given | changes)


def flow(peer: Subnet | Endpoint = NODES, **changes: Any) -> Flow:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"direction": "Outbound", "protocol": "Tcp", "port": 443}
    return Flow(subnet=NODES, peer=peer, **given | changes)


def blocked(*rules: SecurityRule, peer: Subnet | Endpoint = NODES, **changes: Any) -> Fit:  # noqa: ANN401 (any field)
    return decide(rules, flow(peer, **changes)).blocked


def test_without_rules_azure_lets_through() -> None:
    assert decide((), flow(CLOUD)) == Decision(Fit.NO)


def test_the_first_rule_that_fits_decides() -> None:
    allow, deny = rule("Allow", 100), rule("Deny", 200)
    assert blocked(deny, allow) is Fit.NO
    assert decide((rule("Allow", 300), deny), flow()) == Decision(Fit.YES, deny)


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "Inbound"},
        {"protocol": "Udp"},
        {"destination_ports": ("80", "8000-9000")},
        {"destination_prefixes": ("Sql",)},
        {"source_prefixes": ("10.9.0.0/16",)},
        {"source_ports": ("443",)},
        {"source_prefixes": ()},
    ],
)
def test_a_rule_of_something_else_has_no_say(changes: dict[str, Any]) -> None:
    assert blocked(rule(**changes)) is Fit.NO


@pytest.mark.parametrize(
    "changes",
    [
        {"source_ports": ("40000-50000",)},
        {"source_ports": ("32769-60999",)},
        {"source_ports": ("32768-60998",)},
        {"source_ports": ("60999",)},
        {"source_ports": ("1-32768",)},
        {"source_prefixes": ("10.0.0.128/25",)},
        {"source_prefixes": (), "source_application_security_groups": ("/asg",)},
        {"destination_prefixes": ("10.0.0.4/32",)},
    ],
)
def test_what_may_strike_some_nodes_is_not_certain(changes: dict[str, Any]) -> None:
    assert blocked(rule(**changes)) is Fit.PERHAPS


def test_the_ports_from_which_clients_call_are_32768_to_60999() -> None:
    assert blocked(rule(source_ports=("32768-60999",))) is Fit.YES
    assert blocked(rule(source_ports=("61000-65535",))) is Fit.NO
    assert blocked(rule(source_ports=("0-32767",))) is Fit.NO


def test_a_denied_part_leaves_what_a_later_rule_denies_for_certain() -> None:
    all_of_it = rule("Deny", 300)
    part = rule("Deny", 200, source_prefixes=("10.0.0.128/25",))
    assert decide((part, all_of_it), flow()) == Decision(Fit.YES, all_of_it)


def test_of_an_outside_range_nobody_knows_what_lies_in_it() -> None:
    listed = rule("Allow", 100, destination_prefixes=("20.0.0.0/16",))
    deny = rule("Deny", 200, destination_prefixes=("Internet",))
    assert blocked(deny, peer=CLOUD) is Fit.YES
    assert blocked(listed, deny, peer=CLOUD) is Fit.PERHAPS
    assert blocked(rule("Allow", 100, destination_prefixes=("AzureAD",)), deny, peer=CLOUD) is (
        Fit.PERHAPS
    )


def test_a_small_range_outside_hardly_ever_strikes_what_aks_needs() -> None:
    assert blocked(rule(destination_prefixes=("203.0.113.0/24",)), peer=CLOUD) is Fit.NO
    assert blocked(rule(destination_prefixes=("20.0.0.0/9",)), peer=CLOUD) is Fit.NO
    assert blocked(rule(destination_prefixes=("20.0.0.0/8",)), peer=CLOUD) is Fit.PERHAPS
    assert blocked(rule(destination_prefixes=("128.0.0.0/1",)), peer=CLOUD) is Fit.PERHAPS


def test_private_ranges_are_not_outside() -> None:
    assert blocked(rule(destination_prefixes=("10.0.0.0/8",)), peer=CLOUD) is Fit.NO


def test_an_application_security_group_holds_nothing_outside() -> None:
    grouped = rule(destination_prefixes=(), destination_application_security_groups=("/asg",))
    assert blocked(grouped, peer=CLOUD) is Fit.NO


def test_a_rule_that_denies_all_is_named_before_one_that_denies_a_part_as_surely() -> None:
    part = rule("Deny", 100, destination_prefixes=("10.0.0.128/25",))
    perhaps = rule("Allow", 150, source_ports=("40000",))
    unread = rule("Allow", 150, destination_ports=("ports",))
    whole = rule("Deny", 200)
    assert decide((part, perhaps, whole), flow()) == Decision(Fit.PERHAPS, whole)
    assert decide((part, unread, whole), flow()) == Decision(Fit.PERHAPS, part)


def test_inbound_the_peer_is_the_source() -> None:
    inward = rule(direction="Inbound", source_prefixes=("VirtualNetwork",))
    assert blocked(inward, direction="inbound") is Fit.YES
    assert blocked(inward, peer=CLOUD, direction="inbound") is Fit.NO


def test_whether_a_subnet_of_unknown_ranges_is_struck_cannot_be_told() -> None:
    unknown = Flow(direction="Outbound", protocol="Tcp", port=1, subnet=Subnet(()), peer=Subnet(()))
    deny = rule(destination_prefixes=("10.0.0.0/8",))
    assert decide((deny,), unknown).blocked is Fit.UNREAD


UNREAD = [
    {"destination_ports": ("http",)},
    {"source_ports": ("all",)},
    {"source_prefixes": ("10.0.0.0-10.0.0.255",)},
    {"destination_prefixes": ("10.0.0/24",)},
    {"destination_prefixes": ("",)},
]


@pytest.mark.parametrize("changes", UNREAD)
def test_what_does_not_read_neither_lets_through_nor_blocks(changes: dict[str, Any]) -> None:
    odd, all_of_it = rule("Deny", 150, **changes), rule("Deny", 300)
    allow = rule("Allow", 200)
    assert decide((odd,), flow()) == Decision(Fit.UNREAD, odd)
    assert decide((odd, allow), flow()) == Decision(Fit.UNREAD, odd)
    assert decide((allow, rule("Deny", 250, **changes)), flow()) == Decision(Fit.NO)
    assert decide((odd, all_of_it), flow()) == Decision(Fit.YES, all_of_it)


@pytest.mark.parametrize("changes", UNREAD)
def test_an_allowance_that_does_not_read_may_cover_it(changes: dict[str, Any]) -> None:
    allow, deny = rule("Allow", 150, **changes), rule("Deny", 300)
    part = rule("Deny", 300, source_prefixes=("10.0.0.128/25",))
    assert decide((allow, deny), flow()) == Decision(Fit.UNREAD, deny)
    assert decide((allow, part), flow()) == Decision(Fit.UNREAD, part)


def test_a_range_of_the_subnet_that_does_not_read_may_lie_anywhere() -> None:
    odd, mixed = Subnet(("10.42.0.0", "10.42/16")), Subnet(("10.0.0.0/24", "10.42/16"))
    elsewhere, here = rule(source_prefixes=("10.9.0.0/16",)), rule(source_prefixes=("10.0.0.0/8",))

    def from_(subnet: Subnet) -> Flow:
        return Flow(direction="Outbound", protocol="Tcp", port=443, subnet=subnet, peer=CLOUD)

    assert decide((elsewhere,), from_(odd)).blocked is Fit.UNREAD
    assert decide((elsewhere,), from_(mixed)).blocked is Fit.UNREAD
    assert decide((here,), from_(mixed)).blocked is Fit.PERHAPS
    assert decide((rule(),), from_(odd)).blocked is Fit.YES


@pytest.mark.parametrize("prefix", ["*", "Any", "0.0.0.0/0"])
def test_everything_is_written_in_more_than_one_way(prefix: str) -> None:
    assert blocked(rule(destination_prefixes=(prefix,))) is Fit.YES
    assert blocked(rule(destination_prefixes=(prefix,)), peer=CLOUD) is Fit.YES


@pytest.mark.parametrize("prefix", ["fd00::/8", "::/0"])
def test_another_version_of_addresses_is_another_matter(prefix: str) -> None:
    assert blocked(rule(destination_prefixes=(prefix,))) is Fit.NO
    assert blocked(rule(destination_prefixes=(prefix,)), peer=CLOUD) is Fit.NO
    assert blocked(rule("Allow", 100, source_prefixes=(prefix,)), rule()) is Fit.YES


def test_nodes_with_both_versions_are_struck_by_either() -> None:
    both = Subnet(("10.0.0.0/24", "fd00::/64"))
    between = Flow(direction="Outbound", protocol="Tcp", port=443, subnet=both, peer=both)
    assert decide((rule(destination_prefixes=("::/0",)),), between).blocked is Fit.YES


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("*", (0, 65535)),
        ("443", (443, 443)),
        ("8000-9000", (8000, 9000)),
        ("", None),
        ("a-b", None),
        ("a-9000", None),
        ("8000-b", None),
        ("https", None),
    ],
)
def test_ports_are_read_as_azure_writes_them(text: str, ports: tuple[int, int] | None) -> None:
    assert ports_of(text) == ports


PORTS = st.sampled_from([("*",), ("443",), ("80",), ("400-500", "22")])


def rules_with(prefixes: tuple[str, ...]) -> st.SearchStrategy[list[SecurityRule]]:
    one = st.builds(
        rule,
        access=st.sampled_from(["Allow", "Deny"]),
        priority=st.integers(100, 130),
        protocol=st.sampled_from(["*", "Tcp", "Udp"]),
        source_prefixes=st.lists(st.sampled_from([*PREFIXES, *RANGES]), max_size=2).map(tuple),
        destination_prefixes=st.lists(st.sampled_from(prefixes), max_size=2).map(tuple),
        destination_ports=PORTS,
        source_ports=st.sampled_from([("*",), ("1024-65535",), ("1-100",)]),
    )
    return st.lists(one, max_size=6, unique_by=lambda r: r.priority)


def lets_through(rules: list[SecurityRule], source: str, destination: str, sport: int) -> bool:
    """Azure's own way with one packet to port 443 over TCP."""
    for one in sorted(rules, key=lambda r: r.priority):
        if (
            one.protocol in {"*", "Tcp"}
            and any(span_holds(ports, 443) for ports in one.destination_ports)
            and any(span_holds(ports, sport) for ports in one.source_ports)
            and any(holds(prefix, source) for prefix in one.source_prefixes)
            and any(holds(prefix, destination) for prefix in one.destination_prefixes)
        ):
            return one.access == "Allow"
    return True


def span_holds(ports: str, port: int) -> bool:
    first, _, last = ports.replace("*", "0-65535").partition("-")
    return int(first) <= port <= int(last or first)


def holds(prefix: str, address: str) -> bool:
    inside = address != OUTSIDE
    named = {"*": True, "VirtualNetwork": inside, "Internet": not inside, "AzureCloud": not inside}
    if prefix in named:
        return named[prefix]
    if "/" not in prefix:
        return False
    return ipaddress.ip_address(address) in ipaddress.ip_network(prefix)


@given(rules_with((*PREFIXES, *RANGES)))
def test_certainty_holds_for_every_packet_between_nodes(rules: list[SecurityRule]) -> None:
    decision = decide(rules, flow())
    packets = {
        lets_through(rules, source, destination, sport)
        for source in ADDRESSES
        for destination in ADDRESSES
        for sport in (32768, 60999)
    }
    if decision.blocked is Fit.YES:
        assert packets == {False}
    elif decision.blocked is Fit.NO:
        assert packets == {True}


@given(rules_with((*PREFIXES, "AzureCloud")))
def test_certainty_holds_for_every_packet_to_the_outside(rules: list[SecurityRule]) -> None:
    decision = decide(rules, flow(CLOUD))
    packets = {lets_through(rules, source, OUTSIDE, 50000) for source in ADDRESSES}
    if decision.blocked is Fit.YES:
        assert packets == {False}
    elif decision.blocked is Fit.NO:
        assert packets == {True}


@given(rules_with((*PREFIXES, *RANGES, "AzureCloud")), st.randoms())
def test_the_order_in_which_rules_are_listed_does_not_matter(
    rules: list[SecurityRule],
    chance: Any,  # noqa: ANN401 (hypothesis' own random)
) -> None:
    shuffled = list(rules)
    chance.shuffle(shuffled)
    assert decide(shuffled, flow(CLOUD)) == decide(rules, flow(CLOUD))


@given(rules_with((*PREFIXES, *RANGES)), st.sampled_from([NODES, CLOUD]))
def test_a_first_rule_for_everything_decides(
    rules: list[SecurityRule], peer: Subnet | Endpoint
) -> None:
    assert blocked(rule("Allow", 1), *rules, peer=peer) is Fit.NO
    assert blocked(rule("Deny", 1), *rules, peer=peer) is Fit.YES


@given(rules_with((*PREFIXES, *RANGES)), st.sampled_from([NODES, CLOUD]))
def test_what_blocks_is_a_rule_that_denies(
    rules: list[SecurityRule], peer: Subnet | Endpoint
) -> None:
    decision = decide(rules, flow(peer))
    assert (decision.rule is None) is (decision.blocked is Fit.NO)
    assert decision.rule is None or decision.rule.access == "Deny"
