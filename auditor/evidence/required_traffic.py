"""What AKS requires to be let through on a subnet of the customer's.

Source: Microsoft's page on outbound network and FQDN rules, and that on network concepts: nodes
reach each other on all ports, and the endpoints of AKS, its images, Azure and its sign-in on port
443. Endpoints are named by FQDN there; which service tags hold their addresses is said on the
page on service tags. Where neither says so for certain, a tag counts in part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from auditor.evidence.egress import Endpoint, Fit, Flow, Subnet, decide, denies, ports_of
from auditor.model.aks import ManagedCluster
from auditor.model.network import SecurityRule

_TLS = 443
_KUBELET = 10250
_DNS = 53
_OUTSIDE = frozenset({"internet"})
_INSIDE = (("Tcp", _KUBELET), ("Tcp", 443), ("Tcp", 30080), ("Udp", _DNS), ("Udp", 30080))


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Traffic that must pass, in words and as flows that stand for it.

    ``certain``: blocking it breaks the cluster whatever else is set up; otherwise there may be
    another way.
    """

    words: str
    flows: tuple[Flow, ...]
    certain: bool = True


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """A need that a rule does not let through; ``surely`` if nothing else can explain it.

    ``unread``: it may or may not, for what would tell does not read.
    """

    need: Need
    rule: SecurityRule
    surely: bool
    unread: bool = False


def needs(
    managed: ManagedCluster, prefixes: tuple[str, ...], rules: tuple[SecurityRule, ...]
) -> tuple[Need, ...]:
    """What the nodes on subnets with these address ranges need; the rules tell what to probe."""
    subnet = Subnet(prefixes)
    probes = dict.fromkeys((*_INSIDE, *_denied(rules)))
    inside = (_within(subnet, direction, probes) for direction in ("Outbound", "Inbound"))
    outside = () if has_no_egress(managed) else _outside(managed, subnet)
    return (*inside, *outside, _names(subnet))


def blocked(rules: tuple[SecurityRule, ...], need: Need) -> Blocked | None:
    """The rule that blocks a need; surely if it blocks the first flow for certain."""
    decisions = [decide(rules, flow) for flow in need.flows]
    surely = need.certain and decisions[0].blocked is Fit.YES
    decision = max(decisions, key=lambda d: d.blocked)
    if decision.rule is None:
        return None
    unread = decision.blocked is Fit.UNREAD
    return Blocked(need=need, rule=decision.rule, surely=surely, unread=unread)


def has_no_egress(managed: ManagedCluster) -> bool:
    """Whether the cluster was made to work without the Internet."""
    return managed.network.outbound_type.casefold() in {"none", "block"}


def _denied(rules: Iterable[SecurityRule]) -> Iterator[tuple[str, int]]:
    """A flow for every range of ports that a rule denies, lest a small one be overlooked."""
    for rule in filter(denies, rules):
        protocols = [p for p in ("Tcp", "Udp") if rule.protocol.casefold() in {"*", p.casefold()}]
        spans = [span for span in map(ports_of, rule.destination_ports) if span is not None]
        yield from ((protocol, span[0]) for protocol in protocols for span in spans)


def _has_another_way(managed: ManagedCluster) -> bool:
    """Whether nodes may well reach what they need by a proxy, a firewall or a private path."""
    routed = managed.network.outbound_type.casefold() == "userdefinedrouting"
    return managed.http_proxy or managed.private_cluster or routed


def _within(subnet: Subnet, direction: str, probes: Iterable[tuple[str, int]]) -> Need:
    flows = tuple(
        Flow(direction=direction, protocol=protocol, port=port, subnet=subnet, peer=subnet)
        for protocol, port in probes
    )
    return Need(words=f"traffic between nodes ({direction.lower()})", flows=flows)


def _outside(managed: ManagedCluster, subnet: Subnet) -> Iterator[Need]:
    region = managed.location.replace(" ", "").casefold()
    certain = not _has_another_way(managed)
    routed = managed.network.outbound_type.casefold() == "userdefinedrouting"
    for words, tags in _endpoints(region):
        if words == _API_SERVER and managed.private_cluster:
            continue
        partly = {f"azurecloud.{region}", *({"virtualnetwork"} if routed else ())} - tags
        peer = Endpoint(tags=_OUTSIDE | tags, partly=frozenset(partly))
        flow = Flow(direction="Outbound", protocol="Tcp", port=_TLS, subnet=subnet, peer=peer)
        yield Need(words=words, flows=(flow,), certain=certain)


_API_SERVER = "the API server"


def _endpoints(region: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What lies outside, with the service tags that hold all of it."""
    cloud, registry = "azurecloud", "microsoftcontainerregistry"
    front = {"azurefrontdoor.firstparty", cloud}
    yield _API_SERVER, frozenset({cloud, f"{cloud}.{region}"})
    yield "Microsoft's container registry", frozenset({registry, f"{registry}.{region}", cloud})
    yield "the registry's data", frozenset(front)
    yield "Microsoft Entra ID", frozenset({"azureactivedirectory", cloud})
    yield "Azure Resource Manager", frozenset({"azureresourcemanager", cloud})
    yield "Microsoft's packages", frozenset({"azurefrontdoor.frontend", *front})


def _names(subnet: Subnet) -> Need:
    """Name resolution; whether by Azure's server or one of the customer's is not known here."""
    peer = Endpoint(tags=frozenset({"virtualnetwork", "azureplatformdns"}))
    flows = tuple(
        Flow(direction="Outbound", protocol=protocol, port=_DNS, subnet=subnet, peer=peer)
        for protocol in ("Udp", "Tcp")
    )
    return Need(words="name resolution", flows=flows, certain=False)
