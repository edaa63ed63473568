"""A security group or a route on a custom subnet blocks traffic that AKS requires.

What it finds
-------------
Rules of the security group on your own subnet that deny, before any rule allows it, what nodes
need: one another inside the subnet, in both directions; and on port 443 the API server, Microsoft's
container registry, Entra ID, Azure Resource Manager and the packages of nodes. A default route of
your own (``0.0.0.0/0``) with next hop ``None``, by which Azure drops whatever leaves the network.

Why it matters
--------------
Rules and routes on your own subnets are yours to write. But AKS has egress requirements, and
blocking them, or the traffic inside the subnet, is not supported: nodes cannot join, be upgraded or
pull images, and pods on different nodes cannot reach each other.

What is not flagged
-------------------
Denied traffic that an earlier rule allows; an allowed service tag counts for what it covers
(``AzureCloud`` and its region, ``MicrosoftContainerRegistry``, ``AzureFrontDoor.FirstParty``,
``AzureActiveDirectory``, ``AzureResourceManager``). Outbound rules and routes of clusters whose
outbound type is ``none`` or ``block``. Routes to a firewall or a gateway, whatever it lets through,
and a default route that is missing: a gateway may know one. Traffic from outside. A lead only:
anything that an HTTP proxy, a private cluster or routes of your own may make unnecessary, address
ranges and application security groups
of which nobody can tell what lies in them, single ports inside the subnet, name resolution. Where
a range or a port that matters does not read, the verdict is unknown. AKS's own security group has
a rule of its own.

How to fix it
-------------
Let the required traffic through with a rule of higher priority, and lead the default route to your
firewall or gateway. To keep nodes from the Internet,
use a firewall with AKS's FQDN tag, or a network isolated cluster: a security group cannot tell
names apart.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from auditor.evidence import (
    default_route,
    managed_network,
    nsg_rules,
    required_traffic,
)
from auditor.evidence.required_traffic import Blocked
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Facet, Gap, Outcome
from auditor.model.network import NetworkSecurityGroup, Route, RouteTable, Subnet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, NotApplicable, Severity, Unknown

RULE = Rule(
    id="NET005",
    title="Custom subnet blocks required traffic",
    severity=Severity.HIGH,
    clauses=("C6a",),
    docs_url="https://learn.microsoft.com/azure/aks/outbound-rules-control-egress",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.NETWORK}),
)

_NOTHING_LEADS_OUT = (
    "no narrower route leads out, and there is neither proxy nor private API server"
)
_MAY_LEAD_OUT = "a narrower route, a proxy or a private path may lead to what AKS requires"


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown | NotApplicable]:
    """Put what nodes need before every security group and route table on the customer's subnets."""
    managed = cluster.managed.require()
    own = managed.node_resource_group_id
    gaps = [facet for facet in cluster.subnets.values() if isinstance(facet, Gap)]
    subnets = [facet.value for facet in cluster.subnets.values() if not isinstance(facet, Gap)]
    custom = [subnet for subnet in subnets if not arm.within(subnet.id, own)]
    if not custom and not gaps:
        yield NotApplicable(reason="no node pool lives on a subnet of the customer's")
    yield from (Unknown(gap=gap) for gap in gaps)
    for group_id, carried in _under(custom, lambda subnet: subnet.nsg_id, own).items():
        group = cluster.subnet_security_groups.get(
            group_id, managed_network.attached_since(group_id)
        )
        yield from _judged(group, carried, managed)
    for table_id, carried in _under(custom, lambda subnet: subnet.route_table_id, own).items():
        table = cluster.subnet_route_tables.get(table_id, managed_network.attached_since(table_id))
        yield from _of_routes(table, carried, managed)


def _under(
    subnets: Sequence[Subnet], attached: Callable[[Subnet], str | None], own: str
) -> dict[str, list[Subnet]]:
    """The subnets by the key of what is attached; what AKS made there is another rule's matter."""
    found: defaultdict[str, list[Subnet]] = defaultdict(list)
    for subnet in subnets:
        resource_id = attached(subnet)
        if resource_id is not None and not arm.within(resource_id, own):
            found[arm.key(resource_id)].append(subnet)
    return found


def _of_routes(
    facet: Facet[RouteTable], subnets: Sequence[Subnet], managed: ManagedCluster
) -> Iterator[Finding | Unknown]:
    if isinstance(facet, Gap):
        yield Unknown(gap=facet)
        return
    table = facet.value
    moving = managed_network.moving(table)
    if moving is not None:
        yield Unknown(gap=moving)
        return
    route = default_route.to_nowhere(table, managed)
    if route is not None:
        surely = not default_route.may_leave_otherwise(table, managed)
        yield _dropping(table, route, subnets, surely=surely)


def _dropping(
    table: RouteTable, route: Route, subnets: Sequence[Subnet], *, surely: bool
) -> Finding:
    route_id = f"{table.id}/routes/{route.name}"
    actual = f"{route.prefix} via {route.next_hop_type}"
    on = ", ".join(subnet.name for subnet in subnets)
    return Finding(
        resource_id=route_id,
        path="",
        summary=f"Route {route.name} on subnet {on} {'drops' if surely else 'may drop'} what leaves"
        " the network, and with it what AKS requires",
        severity=Severity.HIGH,
        confidence=Confidence.LIKELY if surely else Confidence.POSSIBLE,
        expected="a default route that leads out",
        actual=actual,
        explained_by=frozenset({OperationKind.NETWORK_WRITE, OperationKind.SUBNET_WRITE}),
        raised_by_operation=False,
        evidence=(
            Evidence(text=actual, source=f"{table.name}, route {route.name}"),
            Evidence(text=_NOTHING_LEADS_OUT if surely else _MAY_LEAD_OUT, source=table.name),
        ),
        remediation="Lead the default route to what lets through what AKS requires.",
        commands=(f"az network route-table route show --ids {shlex.quote(route_id)}",),
        rests_on=(table.id,),
    )


def _judged(
    facet: Facet[NetworkSecurityGroup], subnets: Sequence[Subnet], managed: ManagedCluster
) -> Iterator[Finding | Unknown]:
    if isinstance(facet, Gap):
        yield Unknown(gap=facet)
        return
    group = facet.value
    moving = managed_network.moving(group, "its rules are not settled")
    if moving is not None:
        yield Unknown(gap=moving)
        return
    prefixes = tuple(prefix for subnet in subnets for prefix in subnet.address_prefixes)
    by_rule: defaultdict[str, list[Blocked]] = defaultdict(list)
    for need in required_traffic.needs(managed, prefixes, group.rules):
        blocked = required_traffic.blocked(group.rules, need)
        if blocked is not None and blocked.unread:
            yield Unknown(gap=_unread(group, blocked))
        elif blocked is not None:
            by_rule[blocked.rule.name].append(blocked)
    for found in by_rule.values():
        yield _finding(group, subnets, found)


def _unread(group: NetworkSecurityGroup, blocked: Blocked) -> Gap:
    """Why it cannot be told whether a need is blocked."""
    return Gap(
        scope=group.id,
        collector="security_groups",
        outcome=Outcome.FAILED,
        code="RangeUnread",
        message=f"whether rule {blocked.rule.name} of {group.name} blocks {blocked.need.words} "
        "cannot be told: an address range or a port of its rules or of the subnet does not read",
    )


def _finding(
    group: NetworkSecurityGroup, subnets: Sequence[Subnet], found: Sequence[Blocked]
) -> Finding:
    rule = found[0].rule
    surely = [blocked for blocked in found if blocked.surely]
    told = ", ".join(blocked.need.words for blocked in surely or found)
    rule_id = f"{group.id}/securityRules/{rule.name}"
    on = ", ".join(subnet.name for subnet in subnets)
    return Finding(
        resource_id=rule_id,
        path="",
        summary=f"Rule {rule.name} on subnet {on} {'blocks' if surely else 'may block'} {told}",
        severity=Severity.HIGH,
        confidence=Confidence.LIKELY if surely else Confidence.POSSIBLE,
        expected=f"let through: {told}",
        actual=nsg_rules.describe(rule),
        explained_by=frozenset({OperationKind.NSG_WRITE, OperationKind.SUBNET_WRITE}),
        raised_by_operation=False,
        evidence=(
            Evidence(text=nsg_rules.describe(rule), source=f"{group.name}, rule {rule.name}"),
            Evidence(text=f"no rule of higher priority allows {told}", source=group.name),
        ),
        remediation="Allow what AKS requires with a rule of higher priority than this one.",
        commands=(f"az network nsg rule show --ids {shlex.quote(rule_id)}",),
        rests_on=(group.id,),
    )
