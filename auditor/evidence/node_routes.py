"""Routes to nodes: with kubenet, a route table leads to the pods of each node.

The cloud provider writes one route per node and address family, named after the node, from the
cluster's pod address range to the node's address. A node of a scale set is named by the scale set's
prefix and its instance number in base 36.

The table is AKS's own, or the customer's where one was on the nodes' subnet when the cluster was
made. In a customer's table every other route is theirs to write, and only the cloud provider's
"must not be updated or removed". It puts back a route that is missing, if it may write, but not a
route's next hop: it looks at names and ranges only. Of two routes Azure follows the narrower.

Sources: Microsoft's pages on kubenet ("Bring your own subnet and route table") and on virtual
network traffic routing; Kubernetes' cloud-provider-azure (a node's name, and routes of dual-stack
clusters, which are named ``<node>____<range>``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from auditor.evidence.address_ranges import Range, lies_within, parse
from auditor.evidence.network_edits import Edit
from auditor.model.aks import NetworkProfile
from auditor.model.compute import Instance, Node, ScaleSet
from auditor.model.network import Route, RouteTable
from auditor.model.verdict import Confidence

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SETTLING_IN = timedelta(hours=1)
_ON_ITS_WAY = frozenset({"creating", "deleting"})
_TO_NODE = "virtualappliance"
_BETWEEN_NAME_AND_RANGE = "____"


def is_kubenet(profile: NetworkProfile) -> bool:
    """Whether pods are reached by routes."""
    return (profile.plugin or "").casefold() == "kubenet"


def node_name(node: Node, scale_set: ScaleSet | None) -> str | None:
    """A node's name in the cluster, in lower case; ``None`` where it cannot be told."""
    if not isinstance(node, Instance):
        return node.name.casefold()
    prefix = scale_set.computer_name_prefix if scale_set else None
    if not prefix or not node.instance_id.isdecimal():
        return None
    return f"{prefix}{_base36(int(node.instance_id)):0>6}".casefold()


def settled(
    nodes: Iterable[Node], scale_set: ScaleSet | None, now: datetime
) -> Mapping[str, datetime]:
    """When each running node was made, by its name; those that come or go are left out."""
    there = (node for node in nodes if node.provisioning_state.casefold() not in _ON_ITS_WAY)
    running = (node for node in there if node.power_code == "running")
    named = ((node_name(node, scale_set), node.created_at) for node in running)
    return {name: at for name, at in named if name and at and now - at > _SETTLING_IN}


def without_route(
    table: RouteTable, names: Iterable[str], profile: NetworkProfile
) -> tuple[str, ...]:
    """The nodes that no route is named after; of a dual-stack cluster, one in each family."""
    families = _families(profile) if is_dual_stack(profile) else {0}
    routed = {(node_of(route.name), _family(route)) for route in table.routes}
    routed |= {(node_of(route.name), 0) for route in table.routes}
    return tuple(sorted(n for n in names if any((n, f) not in routed for f in families)))


def is_dual_stack(profile: NetworkProfile) -> bool:
    """Whether pods have addresses of both families."""
    return len(_families(profile)) > 1


def node_of(route_name: str) -> str:
    """The node that a route is named after, in lower case, if it is the cloud provider's."""
    return route_name.casefold().partition(_BETWEEN_NAME_AND_RANGE)[0]


def misled(
    table: RouteTable,
    names: Collection[str],
    profile: NetworkProfile,
    around: Collection[Range],
) -> Iterator[Edit]:
    """Nodes' routes in a customer's table that do not lead to them; ``around`` is their subnet."""
    for route in table.routes:
        found = _misled(route, profile, around) if node_of(route.name) in names else None
        if found is not None:
            path, why = found
            yield Edit(
                resource_id=f"{table.id}/routes/{route.name}",
                path=path,
                what=f"route {route.name} leads to {why}, not to its node",
                expected="the cloud provider's route to the node",
                actual=_told(route),
                confidence=Confidence.LIKELY,
                because="kubenet",
            )


def capturing(table: RouteTable, names: Collection[str]) -> Iterator[Edit]:
    """Routes of a customer's that take part of a node's range elsewhere, for they are narrower."""
    to_nodes = [route for route in table.routes if node_of(route.name) in names]
    for route in table.routes:
        taken_from = next((one for one in to_nodes if _takes(route, one)), None)
        if taken_from is not None and not _is_named_as_a_node(route):
            node = node_of(taken_from.name)
            yield Edit(
                resource_id=f"{table.id}/routes/{route.name}",
                path="",
                what=f"route {route.name} takes {route.prefix} from node {node}",
                expected=f"{taken_from.prefix} via {taken_from.next_hop_address}",
                actual=_told(route),
                because="kubenet",
                raised_by_operation=False,
            )


def foreign_routes(table: RouteTable, profile: NetworkProfile) -> Iterator[Edit]:
    """Routes that the cloud provider cannot have written: they lead to no pods, or to no node."""
    for route in table.routes:
        if not _is_of_pods(route, profile):
            why = f"leads to {route.prefix}, which is no range of pods"
        elif route.next_hop_type.casefold() != _TO_NODE:
            why = f"leads to {route.next_hop_type or 'nowhere'}, not to a node"
        else:
            continue
        yield Edit(
            resource_id=f"{table.id}/routes/{route.name}",
            path="",
            what=f"route {route.name} {why}",
            expected=f"routes to nodes within {', '.join(profile.pod_cidrs) or 'the pod range'}",
            actual=_told(route),
            confidence=Confidence.LIKELY if profile.pod_cidrs else Confidence.POSSIBLE,
            because="the cluster's networkProfile",
        )


def _is_of_pods(route: Route, profile: NetworkProfile) -> bool:
    """Whether a route leads to pods; without a known range, by what nodes alone are called."""
    if not profile.pod_cidrs:
        return _is_named_as_a_node(route)
    prefix = parse(route.prefix)
    ranges = [found for found in map(parse, profile.pod_cidrs) if found is not None]
    return prefix is not None and any(lies_within(prefix, one) for one in ranges)


def _misled(
    route: Route, profile: NetworkProfile, around: Collection[Range]
) -> tuple[str, str] | None:
    """The property by which a route misses its node, and where it leads instead."""
    hop = route.next_hop_address or ""
    if route.next_hop_type.casefold() != _TO_NODE:
        return "nextHopType", route.next_hop_type or "nowhere"
    if not _is_of_pods(route, profile):
        return "addressPrefix", f"{route.prefix}, which is no range of pods"
    if _lies_outside(hop, around):
        return "nextHopIpAddress", f"{hop}, outside the nodes' subnet"
    return None


def _lies_outside(hop: str, around: Collection[Range]) -> bool:
    """Whether an address is certainly in none of the ranges; one that does not read is not."""
    address = parse(hop)
    if address is None:
        return False
    of_family = [one for one in around if one.version == address.version]
    return bool(of_family) and not any(lies_within(address, one) for one in of_family)


def _takes(route: Route, to_node: Route) -> bool:
    inner, outer = parse(route.prefix), parse(to_node.prefix)
    elsewhere = route.next_hop_address != to_node.next_hop_address
    return bool(inner and outer and elsewhere and lies_within(inner, outer))


def _is_named_as_a_node(route: Route) -> bool:
    """By a name that AKS gives to nodes, of this cluster or not: one may be gone by now."""
    return route.name.casefold().startswith("aks")


def _told(route: Route) -> str:
    return f"{route.prefix} via {route.next_hop_address or route.next_hop_type}"


def _families(profile: NetworkProfile) -> frozenset[int]:
    ranges = map(parse, profile.pod_cidrs)
    return frozenset(one.version for one in ranges if one is not None)


def _family(route: Route) -> int:
    prefix = parse(route.prefix)
    return prefix.version if prefix else 0


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return digits
