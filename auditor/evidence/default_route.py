"""A default route that leads nowhere: what leaves the network is dropped.

Azure drops what a route of next hop ``None`` takes, whatever lies behind it: load balancer, NAT
gateway, public addresses. Of several routes it follows the narrowest, so that a service tag or a
public range can still lead out, and a proxy or a private path inside.

A default route that is missing tells nothing: Azure's own takes its place, or one that a gateway
learns by BGP, which no route table shows.

Sources: Microsoft's pages on virtual network traffic routing (next hop types), on egress by
user-defined routes, and on kubenet ("Rules such as 0.0.0.0/0 must always exist").
"""

from __future__ import annotations

from auditor.evidence import required_traffic
from auditor.evidence.address_ranges import is_tag, parse
from auditor.model.aks import ManagedCluster
from auditor.model.network import Route, RouteTable

_EVERYWHERE = "0.0.0.0/0"
_NOWHERE = "none"
_IPV4 = 4


def to_nowhere(table: RouteTable, managed: ManagedCluster) -> Route | None:
    """The route that drops what leaves, if the cluster needs to leave and the table has one."""
    if required_traffic.has_no_egress(managed):
        return None
    return next((r for r in table.routes if r.prefix == _EVERYWHERE and _is_dropped(r)), None)


def may_leave_otherwise(table: RouteTable, managed: ManagedCluster) -> bool:
    """Whether a narrower route, a proxy or private endpoints may lead to what AKS requires."""
    inside = managed.http_proxy or managed.private_cluster
    return inside or any(_may_lead_out(route) for route in table.routes)


def _may_lead_out(route: Route) -> bool:
    prefix = parse(route.prefix)
    is_public = prefix is not None and prefix.version == _IPV4 and prefix.is_global
    return not _is_dropped(route) and (is_public or is_tag(route.prefix))


def _is_dropped(route: Route) -> bool:
    return route.next_hop_type.casefold() == _NOWHERE
