"""Edits of AKS's load balancer and virtual network that can be told from their state.

The load balancer's outbound rule is held against ``loadBalancerProfile``; other outbound, inbound
and balancing rules against the names that AKS and its cloud provider give. Of the virtual network
AKS makes address space and subnets, and nothing else: what it holds besides is a lead. What of
another resource group is attached to the nodes' subnet is none of AKS's.

Sources: load balancers of AKS node resource groups of 2021 to 2025, all with ``aksOutboundRule``,
no ports of its own and 30 minutes where the profile says nothing; Kubernetes' cloud-provider-azure,
which names rules after a Service's UID; the CSI driver for Azure files, which adds the service
endpoint of Storage; Microsoft's page on outbound types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import NetworkProfile
from auditor.model.network import LoadBalancer, OutboundRule, Subnet, VirtualNetwork
from auditor.model.operation import Operation, OperationKind
from auditor.model.question import Question
from auditor.model.verdict import Confidence, Severity

OWN_BALANCER = "kubernetes"
WRITES = frozenset(
    {OperationKind.NETWORK_WRITE, OperationKind.VNET_WRITE, OperationKind.SUBNET_WRITE}
)

_OWN_RULE = "aksoutboundrule"
_OWN_POOL = "aksoutboundbackendpool"
_OF_SERVICE = re.compile(r"a[0-9a-f]{16,}.*", re.IGNORECASE)
_IDLE_MINUTES = 30
_STORAGE = "microsoft.storage"


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a resource that AKS did not leave so; ``what`` says it in words.

    ``raised_by_operation``, ``author``, ``explained_by`` and ``questions`` are the finding's.
    """

    resource_id: str
    path: str
    what: str
    expected: str
    actual: str | None
    confidence: Confidence = Confidence.POSSIBLE
    severity: Severity = Severity.MEDIUM
    because: str = "what AKS makes"
    discriminator: str = ""
    raised_by_operation: bool = True
    author: Operation | None = None
    explained_by: frozenset[OperationKind] = WRITES
    questions: tuple[Question, ...] = ()


def leaves_by_balancer(profile: NetworkProfile) -> bool:
    """Whether nodes leave through a load balancer of AKS's that has outbound rules."""
    basic = (profile.load_balancer_sku or "").casefold() == "basic"
    return profile.outbound_type.casefold() == "loadbalancer" and not basic


def of_balancer(balancer: LoadBalancer, profile: NetworkProfile) -> Iterator[Edit]:
    """Edits of the load balancer by which nodes leave; one that tells nothing shows none."""
    if not (balancer.public_ip_ids or balancer.backend_pools or balancer.outbound_rules):
        return
    own = [r for r in balancer.outbound_rules if r.name.casefold().startswith(_OWN_RULE)]
    if not own:
        yield _lost(balancer, "outboundRules", "AKS's outbound rule", "aksOutboundRule")
    for rule in own:
        yield from _of_outbound_rule(balancer, rule, profile)
    if not any(pool.casefold().startswith(_OWN_POOL) for pool in balancer.backend_pools):
        yield _lost(balancer, "backendAddressPools", "AKS's backend", "aksOutboundBackendPool")
    foreign = [r.name for r in balancer.outbound_rules if r not in own]
    yield from (_added(balancer, "outboundRules", name) for name in foreign)
    yield from (_added(balancer, "inboundNatRules", name) for name in balancer.inbound_nat_rules)
    others = (name for name in balancer.rules if not _OF_SERVICE.fullmatch(name))
    yield from (_added(balancer, "loadBalancingRules", name) for name in others)


def of_network(network: VirtualNetwork, node_subnet: Subnet | None) -> Iterator[Edit]:
    """What AKS's virtual network holds beyond what AKS puts there."""
    if network.dns_servers:
        yield _beyond(network.id, "dhcpOptions.dnsServers", "DNS servers", network.dns_servers)
    if network.peerings:
        yield _beyond(network.id, "virtualNetworkPeerings", "peerings", network.peerings)
    if node_subnet is None:
        return
    endpoints = node_subnet.service_endpoints
    foreign = tuple(e for e in endpoints if not e.casefold().startswith(_STORAGE))
    if foreign:
        yield _beyond(node_subnet.id, "serviceEndpoints", "service endpoints", foreign)
    yield from _ways_out(node_subnet)


def _ways_out(subnet: Subnet) -> Iterator[Edit]:
    """What leads the nodes' traffic elsewhere: on its own network AKS attaches nothing foreign.

    The outbound types for routes and NAT gateways of one's own take a network of one's own.
    """
    group = arm.group_id(arm.subscription(subnet.id), arm.resource_group(subnet.id))
    attached = (
        ("routeTable", "route table", subnet.route_table_id),
        ("natGateway", "NAT gateway", subnet.nat_gateway_id),
    )
    for path, words, found in attached:
        if found and not arm.within(found, group):
            yield Edit(
                resource_id=subnet.id,
                path=path,
                what=f"the node subnet has {words} {arm.name(found)}, of another resource group",
                expected=f"AKS's own {words}, or none",
                actual=found,
                confidence=Confidence.LIKELY,
                because="what AKS attaches to its own subnet",
            )


def since(network: VirtualNetwork, earlier: Mapping[str, str], at: datetime) -> Iterator[Edit]:
    """What of AKS's virtual network an earlier run saw otherwise; lists are sorted and joined."""
    now = {
        "addressSpace.addressPrefixes": network.address_prefixes,
        "dhcpOptions.dnsServers": network.dns_servers,
        "virtualNetworkPeerings": network.peerings,
    }
    for path, values in now.items():
        before, after = earlier.get(path), ", ".join(sorted(values))
        if before is not None and before != after:
            yield Edit(
                resource_id=network.id,
                path=path,
                what=f"has {path} {after or 'none'}, and had {before or 'none'}",
                expected=before or "none",
                actual=after or "none",
                confidence=Confidence.LIKELY,
                because=f"a run of {at:%Y-%m-%d %H:%M}Z saw it",
            )


def _of_outbound_rule(
    balancer: LoadBalancer, rule: OutboundRule, profile: NetworkProfile
) -> Iterator[Edit]:
    """The rule's numbers; what the profile does not state is AKS's default, which may change."""
    compared = (
        ("allocatedOutboundPorts", profile.outbound_ports, 0, rule.allocated_ports or 0),
        ("idleTimeoutInMinutes", profile.outbound_idle_minutes, _IDLE_MINUTES, rule.idle_timeout),
    )
    for name, asked, default, actual in compared:
        expected = default if asked is None else asked
        if actual is not None and actual != expected:
            yield Edit(
                resource_id=balancer.id,
                path=f"outboundRules.{name}",
                what=f"outbound rule {rule.name} has {name} {actual}, not {expected}",
                expected=str(expected),
                actual=str(actual),
                confidence=Confidence.POSSIBLE if asked is None else Confidence.LIKELY,
                because="AKS's default" if asked is None else "the cluster's loadBalancerProfile",
                discriminator=rule.name,
            )


def _lost(balancer: LoadBalancer, path: str, words: str, name: str) -> Edit:
    return Edit(
        resource_id=balancer.id,
        path=path,
        what=f"{words} {name} is gone",
        expected=name,
        actual=None,
        confidence=Confidence.LIKELY,
        because="the cluster's outbound type loadBalancer",
        discriminator=name,
    )


def _added(balancer: LoadBalancer, path: str, name: str) -> Edit:
    return Edit(
        resource_id=f"{balancer.id}/{path}/{name}",
        path="",
        what=f"{path} {name} is named as neither AKS nor its cloud provider names one",
        expected="rules of AKS and of Services only",
        actual=name,
    )


def _beyond(resource_id: str, path: str, words: str, found: tuple[str, ...]) -> Edit:
    told = ", ".join(arm.name(one) for one in found)
    return Edit(
        resource_id=resource_id,
        path=path,
        what=f"has {words}: {told}",
        expected="none",
        actual=", ".join(found),
        severity=Severity.LOW,
    )
