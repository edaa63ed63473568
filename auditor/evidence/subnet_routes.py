"""Which route table leads to a pool's nodes, and what of AKS's is missing there.

It is the table on the nodes' subnet, whatever AKS's own table holds: a pipeline that applies a
subnet without its route table, or a route table without AKS's routes, cuts nodes off. Whether it
did is told by the order of things: it wrote the table, or deleted the node's route, when the node
was there already.

Sources: Microsoft's page on kubenet ("a route table must exist on your cluster subnet(s)");
Azure/AKS#400, where pipelines take the table off; see :mod:`auditor.evidence.node_routes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from auditor.evidence import managed_network, node_routes, pools, recorded
from auditor.evidence.address_ranges import parse
from auditor.evidence.managed_network import ManagedNetwork
from auditor.evidence.network_edits import WRITES, Edit
from auditor.model import resource_id as arm
from auditor.model.compute import Node
from auditor.model.facet import Facet, Gap, Known
from auditor.model.network import RouteTable, Subnet
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.question import LookBack
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence

_ROUTE = "microsoft.network/routetables/routes"


def of_pool(view: NodePoolView, own: ManagedNetwork, context: Context) -> Iterator[Edit | Gap]:
    """What keeps the pods of a pool's running nodes from being reached; gaps where it is unread."""
    if isinstance(view.nodes, Gap):
        yield view.nodes
        return
    yield from pools.unlisted_machines(view)
    nodes = node_routes.settled(view.nodes.value, view.scale_set.known_or(None), context.now)
    subnet = _subnet(view, own) if nodes else None
    if isinstance(subnet, Gap):
        yield subnet
    elif subnet is not None:
        yield from _on_subnet(subnet.value, nodes, view, context)


def deeds(cluster: Cluster, context: Context) -> Iterator[Operation]:
    """What another hand than AKS's did to nodes' routes in a customer's table, by name.

    AKS puts a route back within minutes, so that often nothing but the record is left.
    """
    if not node_routes.is_kubenet(cluster.managed.require().network):
        return
    made = _made(cluster)
    for table_id in cluster.subnet_route_tables:
        for operation in _theirs(table_id, context):
            on_route = arm.resource_type(operation.target) == _ROUTE
            node = node_routes.node_of(arm.name(operation.target))
            if on_route and node in made and operation.at > made[node]:
                yield operation


def _made(cluster: Cluster) -> Mapping[str, datetime]:
    """When each node that can be seen was made, by its name."""
    return {
        name: node.created_at
        for view in pools.node_pools(cluster)
        for node in view.nodes.known_or(())
        if node.created_at and (name := _name(node, view))
    }


def _name(node: Node, view: NodePoolView) -> str | None:
    return node_routes.node_name(node, view.scale_set.known_or(None))


def _on_subnet(
    subnet: Subnet, nodes: Mapping[str, datetime], view: NodePoolView, context: Context
) -> Iterator[Edit | Gap]:
    if subnet.route_table_id is None:
        yield managed_network.moving(subnet) or _without_table(subnet, view)
        return
    table = _table(view.cluster, subnet.route_table_id)
    moving = table if isinstance(table, Gap) else managed_network.moving(table.value)
    if isinstance(table, Gap) or moving is not None:
        yield from filter(None, [moving])
        return
    yield from _without_routes(table.value, nodes, view, context)
    if not _is_in_node_group(table.value.id, view.cluster):
        ranges = [found for found in map(parse, subnet.address_prefixes) if found is not None]
        yield from node_routes.misled(table.value, nodes, view.managed.network, ranges)
        yield from node_routes.capturing(table.value, nodes)


def _without_table(subnet: Subnet, view: NodePoolView) -> Edit:
    """Of the customer's subnet: what is on record of it need not be what took the table off."""
    return Edit(
        resource_id=subnet.id,
        path="routeTable",
        what=f"subnet {subnet.name} has no route table, and so no route to the pods of any node",
        expected="the route table with AKS's routes",
        actual=None,
        confidence=Confidence.LIKELY,
        because="kubenet",
        raised_by_operation=_is_in_node_group(subnet.id, view.cluster),
    )


def _without_routes(
    table: RouteTable, nodes: Mapping[str, datetime], view: NodePoolView, context: Context
) -> Iterator[Edit]:
    network = view.managed.network
    names = node_routes.without_route(table, nodes, network)
    if not names:
        return
    of_aks = _is_in_node_group(table.id, view.cluster)
    author = None if of_aks else _remover(table, {n: nodes[n] for n in names}, context)
    both = " in each address family" if node_routes.is_dual_stack(network) else ""
    yield Edit(
        resource_id=table.id,
        path="routes",
        what=f"has no route to running nodes {', '.join(names)}",
        expected=f"a route to each running node{both}",
        actual=None,
        confidence=_confidence(author, table) if author else Confidence.POSSIBLE,
        because="kubenet",
        discriminator=view.pool.name,
        author=author,
        explained_by=WRITES if of_aks else frozenset(),
        questions=() if of_aks or author else (LookBack(table.id),),
    )


def _remover(table: RouteTable, made: Mapping[str, datetime], context: Context) -> Operation | None:
    """The newest operation that took routes away, if each has one since its node was made."""
    theirs = tuple(_theirs(table.id, context))
    found = [
        max((o for o in theirs if o.at > at and _removes(o, name, table)), key=_age, default=None)
        for name, at in made.items()
    ]
    known = [operation for operation in found if operation is not None]
    return max(known, key=_age) if len(known) == len(found) else None


def _theirs(table_id: str, context: Context) -> Iterator[Operation]:
    """What of a table was written, by another hand than AKS's."""
    for operation in context.done_to(table_id):
        written = operation.kind is OperationKind.NETWORK_WRITE
        done = operation.status is OperationStatus.SUCCEEDED
        if written and done and not operation.actor.is_of_aks:
            yield operation


def _removes(operation: Operation, name: str, table: RouteTable) -> bool:
    """Whether it deleted a node's route, or wrote the table as a whole: its tags are no routes."""
    if _wrote_whole(operation, table):
        heads = {path.partition(".")[0].casefold() for path in operation.request_paths}
        return heads != {"tags"}
    deleted = operation.name.casefold().endswith("/routes/delete")
    return deleted and node_routes.node_of(arm.name(operation.target)) == name


def _wrote_whole(operation: Operation, table: RouteTable) -> bool:
    written = operation.name.casefold().endswith("/write")
    return written and arm.same(operation.target, table.id)


def _confidence(author: Operation, table: RouteTable) -> Confidence:
    """A table is written as a whole for many a reason; to delete a node's route has but one."""
    proof = recorded.confidence(author)
    if _wrote_whole(author, table):
        return min(proof, Confidence.LIKELY, key=lambda c: c.rank)
    return proof


def _age(operation: Operation) -> tuple[datetime, str]:
    return operation.at, operation.id


def _subnet(view: NodePoolView, own: ManagedNetwork) -> Facet[Subnet]:
    """The subnet of the nodes' own addresses; AKS's where neither pool nor scale set names one."""
    scale_set = view.scale_set.known_or(None)
    nic = scale_set.primary_nic if scale_set else None
    used = (ip.subnet_id for ip in (nic.ip_configurations if nic else ()) if ip.subnet_id)
    subnet_id = next(used, view.pool.subnet_id) or own.node_subnet_id
    network = managed_network.virtual_network(view.cluster, own)
    listed = network.subnet(subnet_id) if network else None
    return Known(listed) if listed else view.cluster.subnet(subnet_id)


def _table(cluster: Cluster, table_id: str) -> Facet[RouteTable]:
    unread = managed_network.attached_since(table_id)
    if not _is_in_node_group(table_id, cluster):
        return cluster.subnet_route_tables.get(arm.key(table_id), unread)
    if isinstance(cluster.route_tables, Gap):
        return cluster.route_tables
    listed = (table for table in cluster.route_tables.value if arm.same(table.id, table_id))
    table = next(listed, None)
    return Known(table) if table else unread


def _is_in_node_group(resource_id: str, cluster: Cluster) -> bool:
    return arm.within(resource_id, cluster.managed.require().node_resource_group_id)
