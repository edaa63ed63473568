"""Security rules that the cloud provider writes for Kubernetes Services, told by their names.

It derives a rule's name from the rule's content: an MD5 digest of protocol, sources and ports
since Kubernetes 1.29; protocol, port and source in plain text before. A rule that carries such a
name over other content was altered, or imitates one.

Sources: kubernetes-sigs/cloud-provider-azure, ``pkg/provider/securitygroup`` and, before 1.29,
``azure_loadbalancer_securitygroup.go``; the digest was checked against rules of live clusters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from types import MappingProxyType

import msgspec

from auditor.evidence.address_ranges import is_tag, parse
from auditor.model.network import SecurityRule

PREFIX = "k8s-azure-lb"

_HASHED = re.compile(
    rf"{PREFIX}_(?P<kind>allow|deny-blocked)_(?P<family>IPv[46])_(?P<digest>[0-9a-f]{{32}})"
)
_DENY_ALL = re.compile(rf"{PREFIX}_deny-all_(?P<family>IPv[46])")
_PLAIN = re.compile(
    r"(?:a[0-9a-f]{31}|shared)-(?P<protocol>TCP|UDP|SCTP)-(?P<port>\d{1,5})-(?P<source>.+?)"
    r"(?P<ipv6>-IPv6)?"
)

# The next free priority from either end, in a group that Azure limits to 1,000 rules.
_FROM_START = range(500, 1500)
_FROM_END = range(3096, 4097)
_BLOCKING = range(400, 500)
_NODE_PORTS = range(30000, 32768)

_FAMILIES = MappingProxyType({"IPv4": 4, "IPv6": 6})
_PROTOCOLS = MappingProxyType({"tcp": "Tcp", "udp": "Udp", "sctp": "*", "*": "*"})
_SHOWN = 6


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rule's content is not what its name promises.

    ``certain`` is false where a version or a preview of the cloud provider could have written it,
    ``unread`` where the content does not read, so that it may well be no departure.
    """

    part: str
    expected: str
    actual: str
    certain: bool = True
    unread: bool = False


def departures(rule: SecurityRule) -> tuple[Departure, ...] | None:
    """How a rule departs from what its name promises; ``None`` where the name is not theirs."""
    for pattern, compare in ((_HASHED, _hashed), (_DENY_ALL, _deny_all), (_PLAIN, _plain)):
        match = pattern.fullmatch(rule.name)
        if match is not None:
            return tuple(compare(rule, match))
    return None


def digest(protocol: str, sources: Collection[str], ports: Collection[str]) -> str:
    """The end of a rule's name, as the cloud provider computes it."""
    parts = (protocol, ",".join(sorted(sources)), ",".join(sorted(ports)))
    return hashlib.md5("_".join(parts).encode(), usedforsecurity=False).hexdigest()


def unequal(part: str, expected: str, actual: str) -> Iterator[Departure]:
    """A departure where two values differ, in any case."""
    if expected.casefold() != actual.casefold():
        yield Departure(part=part, expected=expected or "none", actual=actual or "none")


def few(values: Collection[str]) -> str:
    """A list for reading: sorted, the first few, and how many more there are."""
    more = len(values) - _SHOWN
    shown = ", ".join(sorted(values)[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _hashed(rule: SecurityRule, name: re.Match[str]) -> Iterator[Departure]:
    allows = name["kind"] == "allow"
    yield from _common(rule, "Allow" if allows else "Deny", _FROM_START if allows else _BLOCKING)
    yield from _digested(rule, name["digest"])
    yield from _to_addresses(rule, _FAMILIES[name["family"]])


def _deny_all(rule: SecurityRule, name: re.Match[str]) -> Iterator[Departure]:
    yield from _common(rule, "Deny", _FROM_END)
    yield from unequal("protocol", "*", rule.protocol)
    yield from unequal("source", "*", few(rule.source_prefixes))
    yield from unequal("ports", "*", few(rule.destination_ports))
    yield from _to_addresses(rule, _FAMILIES[name["family"]])


def _plain(rule: SecurityRule, name: re.Match[str]) -> Iterator[Departure]:
    """Names of Kubernetes before 1.29: one rule per port and source."""
    denies = name["source"] == "deny_all"
    sources = [_in_a_name(source) for source in rule.source_prefixes]
    yield from _common(rule, "Deny" if denies else "Allow", _FROM_START)
    yield from unequal("protocol", _PROTOCOLS[name["protocol"].casefold()], rule.protocol)
    yield from unequal("source", "*" if denies else name["source"], few(sources))
    yield from _to_port(rule, name["port"], denies=denies)
    if rule.destination_prefixes == ("*",):  # a Service whose address was still pending
        yield Departure(part="destination", expected="addresses", actual="*", certain=False)
    else:
        yield from _to_addresses(rule, 6 if name["ipv6"] else None)


def _in_a_name(prefix: str) -> str:
    """A source as a rule's name has it: names hold neither slashes nor colons."""
    return prefix.replace("/", "_").replace(":", ".")


def _common(rule: SecurityRule, access: str, priorities: range) -> Iterator[Departure]:
    """What holds for every rule of the cloud provider's."""
    groups = rule.source_application_security_groups + rule.destination_application_security_groups
    yield from unequal("access", access, rule.access)
    yield from unequal("direction", "Inbound", rule.direction)
    if any(rule.source_ports):
        yield from unequal("source ports", "*", few(rule.source_ports))
    else:
        yield Departure(part="source ports", expected="*", actual="none", unread=True)
    yield from unequal("application security groups", "", few(groups))
    yield from unequal("description", "", rule.description or "")
    if rule.priority not in priorities:
        expected = f"{priorities.start} to {priorities.stop - 1}"
        yield Departure(part="priority", expected=expected, actual=str(rule.priority))


def _digested(rule: SecurityRule, named: str) -> Iterator[Departure]:
    """Compare the digest in the name with that of the content.

    Azure may spell addresses and service tags differently from the Service's annotation.
    """
    protocol = _PROTOCOLS.get(rule.protocol.casefold(), rule.protocol)
    spellings = (rule.source_prefixes, tuple(map(_canonical, rule.source_prefixes)))
    if named not in {digest(protocol, sources, rule.destination_ports) for sources in spellings}:
        yield Departure(
            part="protocol, source and ports",
            expected=f"those that give {named}",
            actual=f"{protocol} from {few(rule.source_prefixes)} to {few(rule.destination_ports)}",
            certain=not any(map(_is_uncommon_tag, rule.source_prefixes)),
            unread=any(map(does_not_read, rule.source_prefixes)),
        )


def _canonical(prefix: str) -> str:
    network = parse(prefix)
    return prefix if network is None else str(network)


def _is_uncommon_tag(prefix: str) -> bool:
    return parse(prefix) is None and prefix not in {"Internet", "*"}


def does_not_read(prefix: str) -> bool:
    """Whether it is neither a range of addresses nor the name of a service tag."""
    return parse(prefix) is None and not is_tag(prefix)


def _to_addresses(rule: SecurityRule, family: int | None) -> Iterator[Departure]:
    """Destinations are single addresses of one family; a preview also writes ranges of pods."""
    networks = [network for p in rule.destination_prefixes if (network := parse(p))]
    families = {network.version for network in networks} | ({family} if family else set())
    understood = 0 < len(networks) == len(rule.destination_prefixes) and len(families) == 1
    single = all(network.num_addresses == 1 for network in networks)
    if not (understood and single):
        yield Departure(
            part="destination",
            expected=f"IPv{family} addresses" if family else "addresses",
            actual=few(rule.destination_prefixes) or "none",
            certain=not understood or any(network.prefixlen == 0 for network in networks),
            unread=any(map(does_not_read, rule.destination_prefixes)),
        )


def _to_port(rule: SecurityRule, port: str, *, denies: bool) -> Iterator[Departure]:
    """The Service's port; its node port where the load balancer does not keep the address."""
    actual = few(rule.destination_ports)
    is_node_port = actual.isdecimal() and int(actual) in _NODE_PORTS
    if actual != port and (denies or not is_node_port):
        yield Departure(part="ports", expected=port, actual=actual or "none")
