"""What a security group does to a flow: which rule decides, and how surely.

Rules are asked in the order of their priority, and the first that fits decides. A rule may fit
for certain, perhaps (an address range of which nobody knows what lies in it, an application
security group), in a way that does not read (what is neither a range nor a service tag, ports
that are no numbers), or not at all. What no rule decides, Azure's default rules let through:
traffic inside the virtual network, and to the Internet.

Source: Azure's pages on network security groups and on service tags. Rules do not apply to
Azure's own DNS server, unless they name it by its tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import msgspec

from auditor.evidence.address_ranges import is_tag, lies_within, parse
from auditor.model.network import SecurityRule

_EVERYTHING = frozenset({"*", "any", "0.0.0.0/0"})
_EPHEMERAL = (32768, 60999)
_WIDE = 8
_IPV4 = 4


class Fit(IntEnum):
    """How surely something holds; ``UNREAD``: what would tell does not read."""

    NO = 0
    UNREAD = 1
    PERHAPS = 2
    YES = 3


class Subnet(msgspec.Struct, frozen=True):
    """The nodes' own subnet, as one end of a flow; ``prefixes`` are its address ranges."""

    prefixes: tuple[str, ...]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses beyond the subnet: ``tags`` hold them all, ``partly`` some, in lower case.

    That ``*`` holds them need not be said.
    """

    tags: frozenset[str]
    partly: frozenset[str] = frozenset()


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Traffic from or to the nodes' subnet; ``peer`` is the other end, or the same subnet."""

    direction: str
    protocol: str
    port: int
    subnet: Subnet
    peer: Subnet | Endpoint


class Decision(msgspec.Struct, frozen=True):
    """Whether a flow is blocked, and by which rule."""

    blocked: Fit
    rule: SecurityRule | None = None


def decide(rules: Iterable[SecurityRule], flow: Flow) -> Decision:
    """What the rules of a security group make of a flow.

    Nothing is denied more surely than what comes before may allow it.
    """
    doubt, at_most = Decision(Fit.NO), Fit.YES
    for rule in sorted(rules, key=lambda r: (r.priority, r.name)):
        fit = fits(rule, flow)
        blocked = min(fit, at_most)
        if denies(rule) and fit is Fit.YES:
            return Decision(blocked, rule) if blocked >= doubt.blocked else doubt
        if denies(rule):
            doubt = Decision(blocked, rule) if blocked > doubt.blocked else doubt
        elif fit is Fit.YES:
            break
        elif fit is not Fit.NO:
            at_most = min(fit, at_most)
    return doubt


def denies(rule: SecurityRule) -> bool:
    """Whether a rule keeps traffic out."""
    return rule.access.casefold() == "deny"


def fits(rule: SecurityRule, flow: Flow) -> Fit:
    """Whether a rule speaks of a flow."""
    if rule.direction.casefold() != flow.direction.casefold():
        return Fit.NO
    if rule.protocol.casefold() not in {"*", flow.protocol.casefold()}:
        return Fit.NO
    inward = flow.direction.casefold() == "inbound"
    source, destination = (flow.peer, flow.subnet) if inward else (flow.subnet, flow.peer)
    return min(
        max((_holds(ports, flow.port) for ports in rule.destination_ports), default=Fit.NO),
        _from_ephemeral(rule),
        _end(rule.source_prefixes, rule.source_application_security_groups, source, rule),
        _end(
            rule.destination_prefixes,
            rule.destination_application_security_groups,
            destination,
            rule,
        ),
    )


def _end(
    prefixes: tuple[str, ...], groups: tuple[str, ...], end: Subnet | Endpoint, rule: SecurityRule
) -> Fit:
    """One end of a rule; nobody can tell from outside which nodes are in a group."""
    if groups:
        return Fit.PERHAPS if isinstance(end, Subnet) else Fit.NO
    test = _of_subnet if isinstance(end, Subnet) else _of_endpoint
    return max((test(prefix.strip().casefold(), end, rule) for prefix in prefixes), default=Fit.NO)


def _of_subnet(prefix: str, end: Subnet | Endpoint, _rule: SecurityRule) -> Fit:
    if prefix in _EVERYTHING or prefix == "virtualnetwork":
        return Fit.YES
    network = parse(prefix)
    if network is None or not isinstance(end, Subnet):
        return _unread(prefix)
    read = [parse(own) for own in end.prefixes]
    own = [n for n in read if n is not None and n.version == network.version]
    if any(n.overlaps(network) for n in own):
        whole = None not in read and all(lies_within(n, network) for n in own)
        return Fit.YES if whole else Fit.PERHAPS
    return Fit.UNREAD if None in read or not read else Fit.NO


def _of_endpoint(prefix: str, end: Subnet | Endpoint, rule: SecurityRule) -> Fit:
    """Of an address range outside nobody knows whether it holds what AKS needs.

    To allow one may well be meant for it; to deny a small one, or one of IPv6, hardly ever strikes
    it.
    """
    if not isinstance(end, Endpoint):
        return Fit.NO
    if prefix in _EVERYTHING or prefix in end.tags:
        return Fit.YES
    if prefix in end.partly:
        return Fit.PERHAPS
    network = parse(prefix)
    if network is None:
        return _unread(prefix)
    if network.is_private:
        return Fit.NO
    strikes = network.version == _IPV4 and network.prefixlen <= _WIDE
    return Fit.PERHAPS if strikes or not denies(rule) else Fit.NO


def _unread(prefix: str) -> Fit:
    """Of what is no address range: a service tag, which is for others, or what does not read."""
    return Fit.NO if is_tag(prefix) else Fit.UNREAD


def _from_ephemeral(rule: SecurityRule) -> Fit:
    """Whether a rule holds for the ports from which clients call."""
    first, last = _EPHEMERAL
    spans = [ports_of(ports) for ports in rule.source_ports]
    known = [span for span in spans if span is not None]
    if any(a <= first and last <= b for a, b in known):
        return Fit.YES
    if any(a <= last and first <= b for a, b in known):
        return Fit.PERHAPS
    return Fit.UNREAD if None in spans else Fit.NO


def _holds(ports: str, port: int) -> Fit:
    span = ports_of(ports)
    if span is None:
        return Fit.UNREAD
    return Fit.YES if span[0] <= port <= span[1] else Fit.NO


def ports_of(ports: str) -> tuple[int, int] | None:
    """The ports of ``*``, ``443`` or ``8000-9000``; ``None`` for anything else."""
    if ports.strip() == "*":
        return 0, 65535
    first, _, last = ports.partition("-")
    if not first.strip().isdecimal() or not (last or first).strip().isdecimal():
        return None
    return int(first), int(last or first)
