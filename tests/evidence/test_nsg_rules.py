from __future__ import annotations

import ipaddress
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.evidence import nsg_rules, service_rules
from auditor.evidence.nsg_rules import Origin
from auditor.model.network import SecurityRule

FEW = settings(max_examples=25, derandomize=True, deadline=None)
MANY = settings(FEW, max_examples=150)

LIVE_NAMES = [
    ("k8s-azure-lb_allow_IPv4_556f7044ec033071ec0dfcf7cd85bc93", ("443", "80")),
    ("k8s-azure-lb_allow_IPv4_0e71c69d55927e99928ad7d522e5dd4f", ("80", "10254", "443")),
]
OWNER = "a93287d87109c11e8a3030a58ac1f0d1"
GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/a"

protocols = st.sampled_from(["Tcp", "Udp", "*"])
ports = st.integers(1, 65535).map(str)
v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).map(str)
tags = st.just(("Internet",))
from_start, from_end = st.integers(500, 1499), st.integers(3096, 4096)


@st.composite
def networks(draw: st.DrawFn, version: int) -> str:
    address = draw(st.ip_addresses(v=4 if version == 4 else 6))
    length = draw(st.integers(1, 32 if version == 4 else 128))
    return str(ipaddress.ip_network((address, length), strict=False))


def sources(version: int) -> st.SearchStrategy[tuple[str, ...]]:
    ranges = st.lists(networks(version), min_size=1, max_size=9, unique=True).map(tuple)
    return tags | ranges


@st.composite
def hashed(draw: st.DrawFn) -> SecurityRule:
    """A rule as the cloud provider has built it since Kubernetes 1.29."""
    version = draw(st.sampled_from([4, 6]))
    protocol, origin = draw(protocols), draw(sources(version))
    opened = tuple(draw(st.lists(ports, min_size=1, max_size=9, unique=True)))
    ending = service_rules.digest(protocol, origin, opened)
    return SecurityRule(
        name=f"k8s-azure-lb_allow_IPv{version}_{ending}",
        priority=draw(from_start),
        protocol=protocol,
        source_prefixes=origin,
        source_ports=("*",),
        destination_ports=opened,
        destination_prefixes=tuple(
            draw(st.lists(v4 if version == 4 else v6, min_size=1, max_size=9, unique=True))
        ),
    )


@st.composite
def blocking(draw: st.DrawFn) -> SecurityRule:
    """A rule for a Service's blocked ranges: denied before anything is allowed."""
    rule = draw(hashed())
    assume(rule.source_prefixes != ("Internet",))
    return msgspec.structs.replace(
        rule,
        name=rule.name.replace("allow", "deny-blocked"),
        access="Deny",
        priority=draw(st.integers(400, 499)),
    )


@st.composite
def deny_all(draw: st.DrawFn) -> SecurityRule:
    version = draw(st.sampled_from([4, 6]))
    addresses = st.lists(v4 if version == 4 else v6, min_size=1, max_size=9, unique=True)
    return SecurityRule(
        name=f"k8s-azure-lb_deny-all_IPv{version}",
        priority=draw(from_end),
        access="Deny",
        source_prefixes=("*",),
        source_ports=("*",),
        destination_ports=("*",),
        destination_prefixes=tuple(draw(addresses)),
    )


@st.composite
def plain(draw: st.DrawFn) -> SecurityRule:
    """A rule of Kubernetes before 1.29, one per port and source."""
    version = draw(st.sampled_from([4, 6]))
    protocol, port = draw(st.sampled_from(["TCP", "UDP", "SCTP"])), draw(ports)
    source = draw(st.just("Internet") | networks(version))
    spelled = source.replace("/", "_").replace(":", ".")
    owner = draw(st.sampled_from([OWNER, "shared"]))
    suffix = "-IPv6" if version == 6 and draw(st.booleans()) else ""
    return SecurityRule(
        name=f"{owner}-{protocol}-{port}-{spelled}{suffix}",
        priority=draw(from_start),
        protocol={"TCP": "Tcp", "UDP": "Udp", "SCTP": "*"}[protocol],
        source_prefixes=(source,),
        source_ports=("*",),
        destination_ports=(port,),
        destination_prefixes=(draw(v4 if version == 4 else v6),),
    )


of_service = hashed() | blocking() | deny_all() | plain()


@MANY
@given(of_service)
def test_a_rule_built_as_the_cloud_provider_builds_it_is_always_recognised(
    rule: SecurityRule,
) -> None:
    assert nsg_rules.read(rule) == nsg_rules.Reading(origin=Origin.SERVICE)


def flipped(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, access="Deny" if rule.access == "Allow" else "Allow")


def outbound(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, direction="Outbound")


def other_protocol(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, protocol="Udp" if rule.protocol == "Tcp" else "Tcp")


def other_sources(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, source_prefixes=("198.51.100.77/32",))


def more_sources(rule: SecurityRule) -> SecurityRule:
    sources = (*rule.source_prefixes, "198.51.100.77/32")
    return msgspec.structs.replace(rule, source_prefixes=sources)


def from_source_ports(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, source_ports=("53",))


def one_more_port(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_ports=(*rule.destination_ports, "22"))


def no_port(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_ports=())


def to_anywhere(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_prefixes=("*",))


def to_whole_network(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_prefixes=("10.224.0.0/16",))


def to_nowhere(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_prefixes=())


def to_group(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, destination_application_security_groups=(GROUP,))


def ahead_of_all(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, priority=100)


def with_a_note(rule: SecurityRule) -> SecurityRule:
    return msgspec.structs.replace(rule, description="opened for the auditors")


MUTATIONS = [
    flipped,
    outbound,
    other_protocol,
    other_sources,
    more_sources,
    from_source_ports,
    one_more_port,
    no_port,
    to_anywhere,
    to_whole_network,
    to_nowhere,
    to_group,
    ahead_of_all,
    with_a_note,
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
@FEW
@given(rule=of_service)
def test_a_rule_with_one_property_altered_is_never_as_written(
    mutate: Callable[[SecurityRule], SecurityRule], rule: SecurityRule
) -> None:
    assume("22" not in rule.destination_ports)

    assert not nsg_rules.read(mutate(rule)).is_as_written


@MANY
@given(rule=of_service, at=st.integers(0, 200))
def test_a_name_with_one_character_changed_is_never_as_written(rule: SecurityRule, at: int) -> None:
    at %= len(rule.name)
    other = "x" if rule.name[at] != "x" else "y"
    renamed = msgspec.structs.replace(rule, name=rule.name[:at] + other + rule.name[at + 1 :])

    assert not nsg_rules.read(renamed).is_as_written


@pytest.mark.parametrize(("name", "opened"), LIVE_NAMES)
def test_names_of_live_clusters_are_computed_from_protocol_sources_and_ports(
    name: str, opened: tuple[str, ...]
) -> None:
    assert name.endswith(service_rules.digest("Tcp", ("Internet",), opened))


def allow(name: str, **more: object) -> SecurityRule:
    rule = SecurityRule(
        name=name,
        priority=500,
        protocol="Tcp",
        source_prefixes=("Internet",),
        source_ports=("*",),
        destination_ports=("443", "80"),
        destination_prefixes=("20.103.18.44",),
    )
    return msgspec.structs.replace(rule, **more)


HASHED = LIVE_NAMES[0][0]


def test_azure_may_spell_an_address_differently_from_the_service() -> None:
    ending = service_rules.digest("Tcp", ("2001:db8::/32",), ("443", "80"))
    rule = allow(
        f"k8s-azure-lb_allow_IPv6_{ending}",
        source_prefixes=("2001:0DB8:0:0::/32",),
        destination_prefixes=("2603:1020::1",),
    )

    assert nsg_rules.read(rule).is_as_written


@pytest.mark.parametrize(
    ("sources", "certain"),
    [
        (("Internet",), True),
        (("*",), True),
        (("10.0.0.0/8",), True),
        (("10.0.0.0/8", "Storage"), False),
    ],
)
def test_other_sources_than_the_name_says_are_certain_unless_a_tag_is_among_them(
    sources: tuple[str, ...], *, certain: bool
) -> None:
    reading = nsg_rules.read(allow(HASHED, destination_ports=("8443",), source_prefixes=sources))

    assert (reading.is_as_written, reading.is_certain) == (False, certain)


def test_a_list_is_cut_only_where_that_makes_it_shorter() -> None:
    assert service_rules.few([*"fedcba"]) == "a, b, c, d, e, f"
    assert service_rules.few([*"gfedcba"]) == "a, b, c, d, e, f and 1 more"


def test_another_spelling_of_a_service_tag_is_a_doubt_not_a_certainty() -> None:
    ending = service_rules.digest("Tcp", ("azurecloud.westeurope",), ("443", "80"))
    rule = allow(f"k8s-azure-lb_allow_IPv4_{ending}", source_prefixes=("AzureCloud.westeurope",))
    reading = nsg_rules.read(rule)

    assert (reading.is_as_written, reading.is_certain) == (False, False)


def test_a_range_of_addresses_as_destination_is_a_doubt_for_a_preview_writes_pod_ranges() -> None:
    reading = nsg_rules.read(allow(HASHED, destination_prefixes=("10.244.0.0/16",)))

    assert (reading.is_as_written, reading.is_certain) == (False, False)


@pytest.mark.parametrize(
    ("addresses", "certain"),
    [
        (("20.103.18.44", "10.244.0.0/16"), False),
        (("20.103.18.44", "VirtualNetwork"), True),
        (("2603:1020::1",), True),
        (("20.103.18.44", "2603:1020::1"), True),
        ((), True),
    ],
)
def test_addresses_of_another_family_and_tags_are_no_form_of_a_destination(
    addresses: tuple[str, ...], *, certain: bool
) -> None:
    reading = nsg_rules.read(allow(HASHED, destination_prefixes=addresses))

    assert [(d.part, d.certain) for d in reading.departures] == [("destination", certain)]


def test_everywhere_as_destination_is_no_doubt() -> None:
    assert nsg_rules.read(allow(HASHED, destination_prefixes=("0.0.0.0/0",))).is_certain
    assert nsg_rules.read(allow(HASHED, destination_prefixes=("*",))).is_certain


def test_an_old_rule_of_a_service_whose_address_is_pending_is_a_doubt() -> None:
    rule = allow(f"{OWNER}-TCP-80-Internet", destination_ports=("80",), destination_prefixes=("*",))
    reading = nsg_rules.read(rule)

    assert (reading.is_as_written, reading.is_certain) == (False, False)


def test_a_doubt_does_not_make_a_certain_departure_doubtful() -> None:
    reading = nsg_rules.read(allow(HASHED, destination_prefixes=("10.244.0.0/16",), priority=100))

    assert [(d.part, d.certain) for d in reading.departures] == [
        ("priority", True),
        ("destination", False),
    ]
    assert reading.is_certain


def test_an_old_rule_may_open_the_node_port_instead() -> None:
    rule = allow(
        f"{OWNER}-TCP-80-Internet",
        destination_ports=("31547",),
        destination_prefixes=("10.224.0.4", "10.224.0.5"),
    )

    assert nsg_rules.read(rule).is_as_written
    assert not nsg_rules.read(
        msgspec.structs.replace(rule, destination_ports=("22",))
    ).is_as_written


def test_an_old_deny_rule_denies_everyone() -> None:
    rule = allow(
        f"{OWNER}-TCP-80-deny_all", access="Deny", source_prefixes=("*",), destination_ports=("80",)
    )

    assert nsg_rules.read(rule).is_as_written
    assert not nsg_rules.read(msgspec.structs.replace(rule, access="Allow")).is_as_written


def test_departures_say_what_was_expected_and_what_is_there() -> None:
    reading = nsg_rules.read(allow(HASHED, priority=100, destination_ports=("22", "443", "80")))

    assert [(d.part, d.expected, d.actual) for d in reading.departures] == [
        ("priority", "500 to 1499", "100"),
        (
            "protocol, source and ports",
            "those that give 556f7044ec033071ec0dfcf7cd85bc93",
            "Tcp from Internet to 22, 443, 80",
        ),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "allow-ssh-office",
        "k8s-azure-lb_allow_IPv4",
        "k8s-azure-lb_allow_IPv5_556f7044ec033071ec0dfcf7cd85bc93",
        "k8s-azure-lb_allow_IPv4_556F7044EC033071EC0DFCF7CD85BC93",
        "k8s-azure-lb_deny-all_IPv4_2",
        "k8s-azure-lb-allow-office",
        "b93287d87109c11e8a3030a58ac1f0d1-TCP-80-Internet",
        "shared-ICMP-80-Internet",
        "NRMS-Rule-110",
        "NRMS-Rule-103-copy",
    ],
)
def test_names_that_nobody_of_aks_gives_are_foreign(name: str) -> None:
    assert nsg_rules.read(allow(name)) == nsg_rules.Reading(origin=Origin.FOREIGN)


def test_a_borrowed_prefix_is_told_apart() -> None:
    assert nsg_rules.imitates(allow("K8S-azure-lb-office"))
    assert not nsg_rules.imitates(allow("office"))


@pytest.mark.parametrize(
    ("ports", "protocol", "expected"),
    [
        (("8080",), "Tcp", True),
        (("8080-8082", "9000"), "Tcp", True),
        (("8080-8082",), "Udp", False),
        (("8079-8082",), "Tcp", False),
        (("8080", "22"), "Tcp", False),
        (("*",), "Tcp", False),
        (("8082-8080",), "Tcp", False),
        (("8080-8090",), "Tcp", True),
        (("8080-8091",), "Tcp", False),
        (("8081",), "Tcp", True),
        (("53",), "Tcp", False),
        (("53",), "Udp", True),
        ((), "Tcp", False),
    ],
)
def test_rules_for_allowed_host_ports_are_told_by_their_ports(
    ports: tuple[str, ...], protocol: str, *, expected: bool
) -> None:
    rule = allow(
        "whatever",
        protocol=protocol,
        destination_ports=ports,
        destination_prefixes=(),
        destination_application_security_groups=(GROUP,),
    )
    reading = nsg_rules.read(rule, {"8080-8090/tcp", "9000-9000/tcp", "53-53/udp"})

    assert reading.is_as_written is expected


def test_allowed_host_ports_open_to_addresses_are_a_doubt() -> None:
    reading = nsg_rules.read(allow("whatever", destination_ports=("8080",)), {"8080-8080/tcp"})

    assert (reading.origin, reading.is_as_written) == (Origin.HOST_PORTS, False)
    assert not reading.is_certain
    assert [d.actual for d in reading.departures] == ["20.103.18.44"]


@pytest.mark.parametrize(
    ("ports", "host_ports", "unread"),
    [
        (("http",), "8080-8090/tcp", True),
        (("8080", "http"), "8080-8090/tcp", True),
        (("22",), "8080-None/tcp", True),
        (("22", "http"), "8080-8090/tcp", False),
        (("*", "http"), "8080-8090/tcp", False),
        (("http",), "8080-8090/udp", False),
    ],
)
def test_ports_that_do_not_read_may_be_allowed_host_ports(
    ports: tuple[str, ...], host_ports: str, *, unread: bool
) -> None:
    reading = nsg_rules.read(allow("whatever", destination_ports=ports), {host_ports})

    assert reading.is_unread is unread
    assert reading.origin is (Origin.HOST_PORTS if unread else Origin.FOREIGN)


def test_a_destination_that_does_not_read_may_be_the_services() -> None:
    rule = allow(HASHED, destination_prefixes=("20.103.18",))
    tagged = msgspec.structs.replace(rule, destination_prefixes=("VirtualNetwork",))
    moved = msgspec.structs.replace(rule, priority=4000)

    assert nsg_rules.read(rule).is_unread
    assert not nsg_rules.read(tagged).is_unread
    assert not nsg_rules.read(moved).is_unread


def test_denying_an_allowed_host_port_is_foreign() -> None:
    rule = allow("whatever", access="Deny", destination_ports=("8080",))

    assert nsg_rules.read(rule, {"8080-8080/tcp"}).origin is Origin.FOREIGN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"source_prefixes": ("VirtualNetwork", "CorpNetSaw")}, True),
        ({"source_prefixes": ("Internet",)}, False),
        ({"source_prefixes": ("Internet",), "access": "Deny"}, True),
        ({"source_prefixes": ("VirtualNetwork",), "access": "Deny"}, False),
        ({"priority": 300}, False),
        ({"direction": "Outbound"}, False),
    ],
)
def test_microsofts_baseline_rules_are_numbered_and_narrow(
    changes: dict[str, object], *, expected: bool
) -> None:
    rule = allow("NRMS-Rule-103", priority=103, source_prefixes=("CorpNetPublic",))

    assert nsg_rules.read(msgspec.structs.replace(rule, **changes)).is_as_written is expected


def test_a_baseline_rule_that_lets_others_in_says_whom() -> None:
    rule = allow("NRMS-Rule-103", priority=103, source_prefixes=("CorpNetPublic", "Internet"))

    assert [(d.part, d.expected, d.actual) for d in nsg_rules.read(rule).departures] == [
        ("source", "corpnetpublic, corpnetsaw, virtualnetwork", "CorpNetPublic, Internet")
    ]


def test_just_in_time_rules_are_named_as_such() -> None:
    rule = allow("SecurityCenter-JITRule_-1105480617_9EF6964FE766478B9EC568B32FB82045")

    assert nsg_rules.read(rule).origin is Origin.JUST_IN_TIME
    assert not nsg_rules.read(rule).is_as_written


def test_a_rule_is_described_in_one_line_with_long_lists_cut() -> None:
    rule = allow("x", source_prefixes=tuple(f"10.0.0.{n}" for n in range(8)))

    assert nsg_rules.describe(rule) == (
        "Inbound Allow Tcp from 10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5"
        " and 2 more to 20.103.18.44, ports 443, 80, priority 500"
    )
    assert "to nowhere" in nsg_rules.describe(allow("x", destination_prefixes=()))


def test_source_ports_that_azure_does_not_tell_are_no_departure() -> None:
    assert nsg_rules.read(allow(HASHED, source_ports=())).is_unread
    assert not nsg_rules.read(allow(HASHED, source_ports=("443",))).is_unread
