"""Security rules of AKS's own security group: whose hand writes rules of such a name and content.

AKS fills its group for two purposes only: Kubernetes Services (through the cloud provider) and
a node pool's allowed host ports ("Use instance-level public IPs" tells of the latter's rules, but
not their names). Microsoft's policies put numbered rules into Microsoft's own subscriptions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum

import msgspec

from auditor.evidence import service_rules
from auditor.evidence.service_rules import Departure, does_not_read, few, unequal
from auditor.model.network import SecurityRule

_BASELINE = re.compile(r"NRMS-Rule-(?P<number>10[1-9])")
_ALLOWED_TO_MICROSOFT = frozenset({"virtualnetwork", "corpnetpublic", "corpnetsaw"})
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_JUST_IN_TIME = "securitycenter-jitrule"


class Origin(StrEnum):
    """Whose rule it is, going by its name and, for host ports, by its content."""

    SERVICE = "service"
    HOST_PORTS = "host_ports"
    BASELINE = "baseline"
    JUST_IN_TIME = "just_in_time"
    FOREIGN = "foreign"


EXPECTED = frozenset({Origin.SERVICE, Origin.HOST_PORTS, Origin.BASELINE})
"""Origins of rules that belong in AKS's group."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule is taken for, and how it departs from that."""

    origin: Origin
    departures: tuple[Departure, ...] = ()

    @property
    def is_as_written(self) -> bool:
        """Whether exactly such a rule belongs in AKS's group."""
        return self.origin in EXPECTED and not self.departures

    @property
    def is_unread(self) -> bool:
        """Whether it may be as written all the same: all that departs does not read."""
        return bool(self.departures) and all(departure.unread for departure in self.departures)

    @property
    def is_certain(self) -> bool:
        """Whether AKS cannot have written the rule as it stands."""
        return not self.departures or any(departure.certain for departure in self.departures)


def read(rule: SecurityRule, host_ports: Collection[str] = ()) -> Reading:
    """Tell what a rule is; ``host_ports`` are those of the node pools, as ``8080-8090/tcp``."""
    of_service = service_rules.departures(rule)
    if of_service is not None:
        return Reading(origin=Origin.SERVICE, departures=of_service)
    numbered = _BASELINE.fullmatch(rule.name)
    if numbered is not None:
        departures = tuple(_from_baseline(rule, numbered["number"]))
        return Reading(origin=Origin.BASELINE, departures=departures)
    if rule.name.casefold().startswith(_JUST_IN_TIME):
        return Reading(origin=Origin.JUST_IN_TIME)
    allowed = _allowed(rule, host_ports)
    if _opens_only(rule, allowed):
        return Reading(origin=Origin.HOST_PORTS, departures=tuple(_to_node_pools(rule)))
    if _may_open_only(rule, allowed):
        return Reading(origin=Origin.HOST_PORTS, departures=(_ports_unread(rule, allowed),))
    return Reading(origin=Origin.FOREIGN)


def imitates(rule: SecurityRule) -> bool:
    """Whether the rule borrows the cloud provider's prefix."""
    return rule.name.casefold().startswith(service_rules.PREFIX)


def describe(rule: SecurityRule) -> str:
    """A rule in one line, with long lists cut."""
    sources = rule.source_prefixes + rule.source_application_security_groups
    destinations = rule.destination_prefixes + rule.destination_application_security_groups
    return (
        f"{rule.direction} {rule.access} {rule.protocol} from {few(sources) or 'nowhere'}"
        f" to {few(destinations) or 'nowhere'}, ports {few(rule.destination_ports) or 'none'},"
        f" priority {rule.priority}"
    )


def _from_baseline(rule: SecurityRule, number: str) -> Iterator[Departure]:
    """Numbered by priority: they let Microsoft's networks in and keep the Internet out."""
    allows = rule.access.casefold() == "allow"
    permitted = _ALLOWED_TO_MICROSOFT if allows else {"internet"}
    yield from unequal("priority", number, str(rule.priority))
    yield from unequal("direction", "Inbound", rule.direction)
    others = {source for source in rule.source_prefixes if source.casefold() not in permitted}
    if others:
        yield Departure(
            part="source",
            expected=few(permitted),
            actual=few(rule.source_prefixes),
            unread=all(map(does_not_read, others)),
        )


def _allowed(rule: SecurityRule, host_ports: Collection[str]) -> tuple[str, ...]:
    """The host ports, as ports alone, that a rule of its kind may open."""
    protocol = f"/{rule.protocol.casefold()}"
    allows = (rule.direction.casefold(), rule.access.casefold()) == ("inbound", "allow")
    return tuple(
        label.removesuffix(protocol) for label in host_ports if allows and label.endswith(protocol)
    )


def _opens_only(rule: SecurityRule, allowed: Collection[str]) -> bool:
    """Whether a rule lets traffic in to allowed host ports and to nothing else."""
    opened = rule.destination_ports
    return bool(opened) and all(any(_is_within(o, a) for a in allowed) for o in opened)


def _may_open_only(rule: SecurityRule, allowed: Collection[str]) -> bool:
    """The same, as far as its ports and those that are allowed read."""
    if any(not _ports(text) for text in allowed):
        return True
    opened = [text for text in rule.destination_ports if _ports(text) or text == "*"]
    known = msgspec.structs.replace(rule, destination_ports=tuple(opened))
    unread = len(opened) < len(rule.destination_ports)
    return bool(allowed) and unread and (not opened or _opens_only(known, allowed))


def _ports_unread(rule: SecurityRule, allowed: Collection[str]) -> Departure:
    return Departure(
        part="ports",
        expected=few(allowed),
        actual=few(rule.destination_ports),
        certain=False,
        unread=True,
    )


def _is_within(opened: str, allowed: str) -> bool:
    ports = _ports(opened)
    return bool(ports) and ports <= _ports(allowed)


def _ports(text: str) -> frozenset[int]:
    """A port or a range of ports; empty where it is neither."""
    match = _PORTS.fullmatch(text)
    return frozenset(range(int(match[1]), int(match[2] or match[1]) + 1) if match else ())


def _to_node_pools(rule: SecurityRule) -> Iterator[Departure]:
    if not rule.destination_application_security_groups:
        yield Departure(
            part="destination",
            expected="the application security group of the node pools",
            actual=few(rule.destination_prefixes) or "none",
            certain=False,
        )
