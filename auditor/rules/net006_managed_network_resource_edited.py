"""A load balancer, routes or the virtual network of AKS's were edited.

What it finds
-------------
Of the load balancer by which nodes leave: an outbound rule that says other than the cluster's
``loadBalancerProfile``, AKS's rule or backend gone, rules of other making. Of AKS's route table:
routes that lead to no node. On kubenet, of the route table on the nodes' subnet, be it your own:
running nodes without a route, nodes' routes that lead elsewhere, narrower routes that take part of
a node's range; and a subnet without any table. Of AKS's virtual network: DNS servers, peerings and
service endpoints, a route table or NAT gateway of another resource group on the nodes' subnet, and
whatever an earlier run saw otherwise of it. And operations on record by which a user, a service
principal or another identity wrote any of these, other network resources that AKS made, or a node's
route in a table of your own.

Why it matters
--------------
These resources are AKS's and its cloud provider's, who write them anew with every Service, scaling
and reconcile. What else is done to them is lost, or cuts nodes off, and is not supported.

What is not flagged
-------------------
What AKS and the cluster's identity write. Networks and load balancers of your own, and in a route
table of your own every route but those to nodes. Nodes of less than an hour without a route. Routes
under any other network plugin, which needs none. Links of AKS's private DNS zone to other networks.
Service endpoints of Storage, which the CSI driver sets. Delegations, which add-ons set. Changes of
tags alone; failed and forbidden calls. A lead only, unless an operation is on record: numbers that
the cluster's profile leaves to AKS, rules with foreign names, nodes without a route, and whatever
the virtual network holds besides subnets. In a table of your own a record counts only if it took
the route away: the node was there, and the route was deleted or the table written as a whole.
Narrower routes of your own stay a lead. Security groups, subnets, and the deletion of any of these
have rules of their own.

How to fix it
-------------
Say what you want where AKS looks for it (``az aks update`` with ``--load-balancer-…``, Services,
your own virtual network), then reconcile the cluster. A route table of your own must stay on the
subnet, with the routes that AKS writes: have Terraform ignore them (``ignore_changes``), and let
the cluster's identity write the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import (
    managed_network,
    network_edits,
    node_routes,
    pools,
    recorded,
    residents,
    subnet_routes,
)
from auditor.evidence.managed_network import ManagedNetwork
from auditor.evidence.network_edits import OWN_BALANCER, Edit
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="NET006",
    title="Managed network resource was edited",
    severity=Severity.MEDIUM,
    clauses=("C1", "C6"),
    docs_url="https://learn.microsoft.com/azure/aks/load-balancer-standard",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.NETWORK}),
)

_KINDS = {
    "loadbalancers": "load balancer",
    "natgateways": "NAT gateway",
    "privateendpoints": "private endpoint",
    "publicipaddresses": "public address",
    "routetables": "route table",
    "virtualnetworks": "virtual network",
}


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Judge what AKS's network resources are like, then what is on record of them."""
    managed = cluster.managed.require()
    unsettled = managed_network.unsettled(managed)
    if unsettled is not None:
        yield Unknown(gap=unsettled)
    else:
        yield from _of_balancer(cluster)
        yield from _of_network(cluster, context)
    for operation in subnet_routes.deeds(cluster, context):
        yield recorded.finding(operation, _telling_of_route(operation, managed), cluster, context)
    for operation in _deeds(cluster, context):
        yield recorded.finding(operation, _telling(operation, managed), cluster, context)


def _of_balancer(cluster: Cluster) -> Iterator[Finding | Unknown]:
    managed = cluster.managed.require()
    if not network_edits.leaves_by_balancer(managed.network):
        return
    if isinstance(cluster.load_balancers, Gap):
        yield Unknown(gap=cluster.load_balancers)
        return
    listed = (b for b in cluster.load_balancers.value if b.name.casefold() == OWN_BALANCER)
    balancer = next(listed, None)
    if balancer is None:
        return
    if moving := managed_network.moving(balancer):
        yield Unknown(gap=moving)
    else:
        edits = network_edits.of_balancer(balancer, managed.network)
        yield from (_finding(edit, managed) for edit in edits)


def _of_network(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    sources = (cluster.scale_sets, cluster.security_groups, cluster.virtual_networks)
    unread = next((facet for facet in sources if isinstance(facet, Gap)), None)
    network = unread or managed_network.of(cluster)
    if isinstance(network, Gap):
        yield Unknown(gap=network)
        return
    yield from _of_virtual_network(cluster, network.value, context)
    yield from _of_own_routes(cluster, network.value)
    if node_routes.is_kubenet(cluster.managed.require().network):
        yield from _of_subnets(cluster, network.value, context)


def _of_virtual_network(
    cluster: Cluster, own: ManagedNetwork, context: Context
) -> Iterator[Finding | Unknown]:
    """What the network holds beyond AKS's; what an earlier run shows weighs more than the lead."""
    network = managed_network.virtual_network(cluster, own)
    if network is None:
        return
    if moving := managed_network.moving(network):
        yield Unknown(gap=moving)
        return
    edits = {
        e.path: e for e in network_edits.of_network(network, network.subnet(own.node_subnet_id))
    }
    seen = context.observation
    if seen is not None:
        fields = seen.fields.get(arm.key(network.id), {})
        edits |= {edit.path: edit for edit in network_edits.since(network, fields, seen.at)}
    yield from (_finding(edit, cluster.managed.require()) for edit in edits.values())


def _of_own_routes(cluster: Cluster, own: ManagedNetwork) -> Iterator[Finding | Unknown]:
    """What else than routes to nodes AKS's own table holds, be it on a subnet or not."""
    managed = cluster.managed.require()
    if isinstance(cluster.route_tables, Gap):
        yield Unknown(gap=cluster.route_tables)
        return
    listed = (t for t in cluster.route_tables.value if arm.same(t.id, own.route_table_id))
    table = next(listed, None)
    if table is None:
        return
    if moving := managed_network.moving(table):
        yield Unknown(gap=moving)
        return
    for edit in node_routes.foreign_routes(table, managed.network):
        yield _finding(edit, managed)


def _of_subnets(
    cluster: Cluster, own: ManagedNetwork, context: Context
) -> Iterator[Finding | Unknown]:
    """What the route tables on the nodes' subnets, AKS's or not, lack of the way to their pods.

    Pools can share a subnet, and what is wrong with it is told once.
    """
    edits = {}
    for view in pools.node_pools(cluster):
        for told in subnet_routes.of_pool(view, own, context):
            if isinstance(told, Gap):
                yield Unknown(gap=told)
            else:
                edits[arm.key(told.resource_id), told.path, told.discriminator] = told
    yield from (_finding(edit, cluster.managed.require()) for edit in edits.values())


def _finding(edit: Edit, managed: ManagedCluster) -> Finding:
    of_aks = arm.within(edit.resource_id, managed.node_resource_group_id)
    name = arm.name(residents.top_level(edit.resource_id))
    return Finding(
        resource_id=edit.resource_id,
        path=edit.path,
        summary=f"{name}: {edit.what}",
        severity=edit.severity,
        confidence=edit.confidence,
        expected=edit.expected,
        actual=edit.actual,
        explained_by=edit.explained_by,
        raised_by_operation=edit.raised_by_operation,
        author=edit.author,
        questions=edit.questions,
        evidence=(
            Evidence(text=f"expected: {edit.expected}", source=edit.because),
            Evidence(text=edit.what, source=name),
        ),
        remediation=_remediation(of_aks=of_aks),
        commands=(remedy.reconcile(managed), *([remedy.lock_down(managed)] if of_aks else [])),
        discriminator=edit.discriminator,
    )


def _remediation(*, of_aks: bool) -> str:
    if of_aks:
        return "Have AKS write its own again, and ask AKS for what is wanted."
    return (
        "Put the subnet's route table and AKS's routes back, let the cluster's identity write the "
        "table, and keep AKS's routes out of what pipelines write."
    )


def _deeds(cluster: Cluster, context: Context) -> Iterator[Operation]:
    """Writes of network resources that AKS made, and of its virtual network's own settings."""
    managed = cluster.managed.require()
    for operation in recorded.deeds(RULE.id, cluster, context):
        if residents.is_made_by_aks(operation.resource_id, managed):
            yield operation
    for operation in recorded.deeds("NET004", cluster, context):
        made_by_aks = residents.is_made_by_aks(operation.resource_id, managed)
        if operation.kind is OperationKind.VNET_WRITE and made_by_aks and _spares(operation):
            yield operation


def _spares(operation: Operation) -> bool:
    """Whether a network was written without its subnets, which are another rule's matter."""
    sent = {part for path in operation.request_paths for part in path.casefold().split(".")}
    return bool(sent) and "subnets" not in sent


def _telling(operation: Operation, managed: ManagedCluster) -> recorded.Telling:
    return recorded.Telling(
        did=_did(operation),
        severity=Severity.MEDIUM,
        remediation="Undo what still stands, and keep the caller out of the node resource group.",
        commands=(remedy.reconcile(managed), remedy.lock_down(managed)),
    )


def _telling_of_route(operation: Operation, managed: ManagedCluster) -> recorded.Telling:
    return recorded.Telling(
        did=_did(operation),
        severity=Severity.MEDIUM,
        remediation="Keep the routes to nodes out of what people and pipelines write.",
        commands=(remedy.reconcile(managed),),
    )


def _did(operation: Operation) -> str:
    verb = "removed" if operation.name.casefold().endswith("/delete") else "wrote"
    root = residents.top_level(operation.resource_id)
    is_part = not arm.same(operation.resource_id, root)
    part = f"{arm.name(operation.resource_id)} of " if is_part else ""
    return f"{verb} {part}{_words(root)} {arm.name(root)}"


def _words(resource_id: str) -> str:
    kind = arm.resource_type(resource_id).rpartition("/")[2]
    return _KINDS.get(kind, kind)
