"""A system tag of the cluster's resources was changed or removed.

What it finds
-------------
Tags that AKS or its cloud provider wrote and that no longer say what they must, or are gone: on
scale sets and node VMs the pool's name, the origin, the cluster's number, the Kubernetes version
and the kubelet's identity; on load balancers and AKS's own public addresses the cluster's name and
group; on the public addresses of Services the Service. A tag of nearly the same name does not stand
in for the true one.

Why it matters
--------------
Adding tags is fine. Changing metadata that the system created makes the cluster unsupported: AKS,
its autoscaler and its cloud provider find their resources by these tags.

What is not flagged
-------------------
Tags of your own, wherever they are. System tags that are not known here: AKS adds new ones. Empty
values of features that are not in use. Names without prefix on clusters of 2021 and before. The
tags of instances and disks, which follow those of their scale set late. Security groups, networks
and identities, which carry no system tags. A well-formed version or kubelet identity that the pool
no longer has is a lead only: a pool can keep both until it is upgraded; so is a load balancer
without any of AKS's tags, for the cloud provider makes some. Of single machines only the pool's
name is known to be tagged everywhere: what else one of them lacks is a lead, where others of its
pool carry it. Tags of the node resource group itself have a rule of their own.

How to fix it
-------------
Have AKS write its tags again by reconciling the cluster. If a tag is still wrong, re-create the
nodes of the pool. Exempt the node resource group from policies that replace tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from auditor.evidence import network_tags, node_tags, pools, system_tags, transitions
from auditor.evidence.node_tags import Carrier
from auditor.evidence.system_tags import Departure
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.facet import Gap
from auditor.model.network import LoadBalancer, PublicAddress
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="META001",
    title="System tag was changed or removed",
    severity=Severity.HIGH,
    clauses=("C2",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.METADATA}),
)

_COMPARED = frozenset({Aspect.METADATA})
_WRITES_NODES = frozenset(
    {OperationKind.TAGS_WRITE, OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE}
)
_WRITES_NETWORK = frozenset({OperationKind.TAGS_WRITE, OperationKind.NETWORK_WRITE})


_KINDS = {
    "virtualmachinescalesets": "Scale set",
    "virtualmachines": "Node VM",
    "loadbalancers": "Load balancer",
    "publicipaddresses": "Public address",
}

Tagged: TypeAlias = Carrier | LoadBalancer | PublicAddress


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Hold the tags of everything that AKS tags against what they must say."""
    yield from _of_nodes(cluster, context)
    yield from _of_network(cluster, context)


def _of_nodes(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Scale sets and node VMs, those that are not in motion, beside one another."""
    sure: dict[str, Confidence] = {}
    carriers: list[Carrier] = []
    views = [v for v in pools.node_pools(cluster) if not v.pool.is_hosted]
    for view in views:
        settled = transitions.of_node_pool(view, _COMPARED, context)
        found = node_tags.carriers(view)
        if isinstance(settled, Gap):
            yield Unknown(gap=settled)
        elif isinstance(found, Gap):
            yield Unknown(gap=found)
        else:
            carriers.extend(found.value)
            sure[view.pool.name] = settled.at_most
    unseen = [gap for view in views for gap in pools.unlisted_machines(view)]
    yield from (Unknown(gap=gap) for gap in unseen)
    complete = len(sure) == len(views) and not unseen
    peers = node_tags.peers(cluster, carriers, complete=complete)
    for carrier in carriers:
        found_here = node_tags.departures(carrier, peers)
        yield from _answers(carrier, found_here, cluster, context, sure[carrier.pool.name])


def _of_network(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    managed, group = cluster.managed.require(), cluster.node_resource_group
    if isinstance(cluster.load_balancers, Gap):
        yield Unknown(gap=cluster.load_balancers)
    for balancer in cluster.load_balancers.known_or(()):
        found = network_tags.of_load_balancer(balancer, managed, group)
        yield from _answers(balancer, found, cluster, context)
    if isinstance(cluster.public_addresses, Gap):
        yield Unknown(gap=cluster.public_addresses)
    for address in cluster.public_addresses.known_or(()):
        found = network_tags.of_address(address, managed, group)
        yield from _answers(address, found, cluster, context)


def _answers(
    resource: Tagged,
    found: Iterable[Departure | Gap],
    cluster: Cluster,
    context: Context,
    at_most: Confidence = Confidence.CONFIRMED,
) -> Iterator[Finding | Unknown]:
    """What is found now, and what has changed since an earlier run."""
    departures = list(_earlier(resource, context))
    for one in found:
        if isinstance(one, Gap):
            yield Unknown(gap=one)
        else:
            departures.append(one)
    for departure in system_tags.surest(departures):
        sure = min(departure.confidence, at_most, key=lambda c: c.rank)
        yield _finding(resource, departure, sure, cluster)


def _earlier(resource: Tagged, context: Context) -> Iterator[Departure]:
    seen = context.observation
    if seen is not None:
        fields = seen.fields.get(arm.key(resource.id), {})
        yield from system_tags.since(fields, resource.tags, seen.at)


def _finding(resource: Tagged, departure: Departure, sure: Confidence, cluster: Cluster) -> Finding:
    managed = cluster.managed.require()
    pool = resource.pool.name if isinstance(resource, Carrier) else ""
    kind = arm.resource_type(resource.id).rpartition("/")[2]
    return Finding(
        resource_id=resource.id,
        path=departure.path,
        summary=f"{_KINDS[kind]} {resource.name} {departure.what}",
        severity=Severity.HIGH,
        confidence=sure,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=pool,
        explained_by=_WRITES_NODES if pool else _WRITES_NETWORK,
        evidence=(
            Evidence(text=f"{departure.tag}: {departure.expected}", source=departure.because),
            Evidence(text=f"{resource.name} {departure.what}", source=resource.name),
        ),
        remediation="Have AKS write its tags again, and keep the group out of policies on tags.",
        commands=(*remedy.restore(managed, pool), remedy.lock_down(managed)),
    )
