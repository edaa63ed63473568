"""The system tags of load balancers and public addresses in a node resource group.

AKS names the cluster on its load balancer and on the addresses by which nodes leave; the cloud
provider names a Service on the address that it makes for it. Clusters of 2020 have older names.

Sources: tags of AKS node resource groups of 2020 to 2026; the constants of Kubernetes'
cloud-provider-azure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.evidence.system_tags import (
    CLUSTER_GROUP,
    CLUSTER_NAME,
    SERVICE,
    SERVICE_CLUSTER,
    TYPE,
    Departure,
    changed,
    gone,
    has_ownership,
    lost_ownership,
    nearly,
    of_ownership,
)
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Facet, Gap
from auditor.model.network import LoadBalancer, PublicAddress
from auditor.model.snapshot import ResourceGroup
from auditor.model.verdict import Confidence

OUTBOUND = "aks-slb-managed-outbound-ip"

_OWN_BALANCER = "kubernetes"
_OWN_RULE = "aksoutboundrule"
_OUTBOUND_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SERVICE_NAME = re.compile(r"kubernetes-a[0-9a-f]{16,}(-ipv6)?", re.IGNORECASE)
_SERVICES = re.compile(r"[a-z0-9.-]+/[a-z0-9.-]+(,\s*[a-z0-9.-]+/[a-z0-9.-]+)*")
_USUAL_CLUSTER = "kubernetes"
_OF_OLD = {SERVICE: "service", SERVICE_CLUSTER: "kubernetes-cluster-name", TYPE: "type"}


def of_load_balancer(
    balancer: LoadBalancer, managed: ManagedCluster, group: Facet[ResourceGroup]
) -> Iterator[Departure | Gap]:
    """What of a load balancer's tags was changed or removed; the group tells the cluster's age."""
    yield from of_ownership(balancer.tags, managed)
    if is_aks_own(balancer) and not has_ownership(balancer.tags):
        yield from _lost(balancer, group)


def of_address(
    address: PublicAddress, managed: ManagedCluster, group: Facet[ResourceGroup]
) -> Iterator[Departure | Gap]:
    """What of a public address's tags was changed or removed."""
    yield from of_ownership(address.tags, managed)
    if not _serves_balancer(address):
        return
    if _SERVICE_NAME.fullmatch(address.name):
        yield from _of_service(address)
    elif _OUTBOUND_NAME.fullmatch(address.name) or address.tags.keys() & {TYPE, CLUSTER_NAME}:
        yield from _of_type(address)
        if not address.tags.keys() & {TYPE, CLUSTER_NAME, CLUSTER_GROUP, _OF_OLD[TYPE]}:
            yield from _lost(address, group)


def is_aks_own(balancer: LoadBalancer) -> bool:
    """Whether AKS itself made a load balancer, for nodes to leave by."""
    rules = (rule.name.casefold() for rule in balancer.outbound_rules)
    return balancer.name.casefold() == _OWN_BALANCER and any(r.startswith(_OWN_RULE) for r in rules)


def _serves_balancer(address: PublicAddress) -> bool:
    return arm.segment(address.owner_id or "", "loadBalancers") is not None


def _lost(
    resource: LoadBalancer | PublicAddress, group: Facet[ResourceGroup]
) -> Iterator[Departure | Gap]:
    """The tags that name the cluster, where its group shows that AKS already wrote such tags."""
    if isinstance(group, Gap):
        yield group
    elif has_ownership(group.value.tags):
        why = "the node resource group carries it"
        yield from lost_ownership(resource.tags, Confidence.POSSIBLE, why)


def _of_type(address: PublicAddress) -> Iterator[Departure]:
    """Another type than the known one may be AKS's as well, unless it nearly is the known one."""
    tags, why = address.tags, "AKS marks the outbound addresses that it makes"
    if TYPE in tags and tags[TYPE] != OUTBOUND:
        sure = Confidence.LIKELY if nearly(tags[TYPE], [OUTBOUND]) else Confidence.POSSIBLE
        yield changed(TYPE, tags, OUTBOUND, sure, why)
    elif TYPE not in tags and has_ownership(tags) and tags.get(_OF_OLD[TYPE]) != OUTBOUND:
        yield gone(TYPE, tags, Confidence.LIKELY, why, OUTBOUND)


def _of_service(address: PublicAddress) -> Iterator[Departure]:
    """The tags by which the cloud provider finds the address of a Service again."""
    tags, why = address.tags, "the cloud provider marks the addresses that it makes"
    for tag in (SERVICE, SERVICE_CLUSTER):
        if tag not in tags and _OF_OLD[tag] not in tags:
            yield gone(tag, tags, Confidence.LIKELY, why)
    if SERVICE in tags and not _SERVICES.fullmatch(tags[SERVICE]):
        yield changed(SERVICE, tags, "namespace/name of Services", Confidence.LIKELY, why)
    if tags.get(SERVICE_CLUSTER, _USUAL_CLUSTER) != _USUAL_CLUSTER:
        yield changed(SERVICE_CLUSTER, tags, _USUAL_CLUSTER, Confidence.POSSIBLE, why)
