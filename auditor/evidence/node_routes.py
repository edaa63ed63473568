"""Routes to nodes: with kubenet, AKS's own route table leads to the pods of each node.

The cloud provider writes one route per node, named after it, from the cluster's pod address range
to the node's address. A node of a scale set is named by the scale set's prefix and its instance
number in base 36.

Sources: Microsoft's page on kubenet; Kubernetes' cloud-provider-azure (a node's name, and routes
of dual-stack clusters, which are named ``<node>____<range>``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from auditor.evidence.address_ranges import lies_within, parse
from auditor.evidence.network_edits import Edit
from auditor.model.aks import NetworkProfile
from auditor.model.compute import Instance, Node, ScaleSet
from auditor.model.network import Route, RouteTable
from auditor.model.verdict import Confidence

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SETTLING_IN = timedelta(hours=1)
_TO_NODE = "virtualappliance"


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


def without_route(
    table: RouteTable, nodes: Iterable[Node], scale_set: ScaleSet | None, now: datetime
) -> tuple[str, ...]:
    """The names of running nodes that no route is named after; new ones are given some time."""
    routed = {route.name.casefold().partition("____")[0] for route in table.routes}
    running = (node for node in nodes if node.power_code == "running")
    settled = (n for n in running if n.created_at and now - n.created_at > _SETTLING_IN)
    names = (node_name(node, scale_set) for node in settled)
    return tuple(sorted(name for name in names if name and name not in routed))


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
            actual=f"{route.prefix} via {route.next_hop_address or route.next_hop_type}",
            confidence=Confidence.LIKELY if profile.pod_cidrs else Confidence.POSSIBLE,
            because="the cluster's networkProfile",
        )


def _is_of_pods(route: Route, profile: NetworkProfile) -> bool:
    """Whether a route leads to pods; without a known range, by what nodes alone are called."""
    if not profile.pod_cidrs:
        return route.name.casefold().startswith("aks")
    prefix = parse(route.prefix)
    ranges = [found for found in map(parse, profile.pod_cidrs) if found is not None]
    return prefix is not None and any(lies_within(prefix, one) for one in ranges)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return digits
