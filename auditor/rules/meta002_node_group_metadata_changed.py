"""The node resource group's owner or its system tags were changed.

What it finds
-------------
A node resource group whose ``managedBy`` is not the cluster, or that names no owner; and one whose
tags ``aks-managed-cluster-name`` and ``aks-managed-cluster-rg`` name another cluster, or are gone.

Why it matters
--------------
By these AKS, Azure's portal and its policies know whose group it is. Changing metadata that the
system created makes the cluster unsupported.

What is not flagged
-------------------
Another case of letters in ids and names, and ``resourcegroups`` in ``managedBy``. Your own tags,
and the cluster's, which AKS sometimes leaves out in a cluster's first hour. A group without any
system tag, unless the load balancer or the addresses of the cluster show that AKS already wrote
such tags, or its scale sets suggest it: groups of 2021 and before carry none, and perhaps no owner.

How to fix it
-------------
Reconcile the cluster, so that AKS writes its resource group again. An owner that is still wrong
cannot be repaired by the AKS API: open a support request, or make the cluster anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import managed_network, system_tags
from auditor.evidence.system_tags import Departure
from auditor.evidence.transitions import FAILED, SETTLED
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster, ResourceGroup
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="META002",
    title="Node resource group changed hands or lost its system tags",
    severity=Severity.HIGH,
    clauses=("C2",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.METADATA}),
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the group's metadata that departs; ``said`` follows the group's name."""

    path: str
    said: str
    expected: str
    actual: str | None
    confidence: Confidence
    because: str


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Hold the group's owner and its system tags against the cluster."""
    managed = cluster.managed.require()
    group = cluster.node_resource_group.require()
    if group.provisioning_state.casefold() not in SETTLED | FAILED:
        what = f"is in state {group.provisioning_state}"
        yield Unknown(gap=managed_network.in_motion(group.id, what))
        return
    if not arm.same(group.managed_by, managed.id):
        yield _finding(group, _owner(group, managed), managed)
    found = [*_departures(group, cluster), *_earlier(group, context)]
    for one in system_tags.surest(d for d in found if isinstance(d, Departure)):
        yield _finding(group, _tag(one), managed)
    yield from (Unknown(gap=one) for one in found if isinstance(one, Gap))


def _owner(group: ResourceGroup, managed: ManagedCluster) -> Part:
    """The owner; groups without any of AKS's tags are so old that they may never have named one."""
    said = f"says that {group.managed_by} owns it" if group.managed_by else "names no owner"
    sure = Confidence.LIKELY if system_tags.has_ownership(group.tags) else Confidence.POSSIBLE
    return Part(
        path="managedBy",
        said=said,
        expected=managed.id,
        actual=group.managed_by,
        confidence=Confidence.CONFIRMED if group.managed_by else sure,
        because="the cluster says that the group is its own",
    )


def _tag(departure: Departure) -> Part:
    return Part(
        path=departure.path,
        said=departure.what,
        expected=departure.expected,
        actual=departure.actual,
        confidence=departure.confidence,
        because=departure.because,
    )


def _departures(group: ResourceGroup, cluster: Cluster) -> Iterator[Departure | Gap]:
    """Departures of the system tags; where none is left, others show whether there were any."""
    yield from system_tags.of_ownership(group.tags, cluster.managed.require())
    if system_tags.has_ownership(group.tags):
        return
    witnesses = (cluster.load_balancers, cluster.public_addresses)
    tagged = [one.tags for facet in witnesses for one in facet.known_or(())]
    nodes = [scale_set.tags for scale_set in cluster.scale_sets.known_or(())]
    if any(map(system_tags.has_ownership, tagged)):
        why = "the load balancer or an address carries it"
        yield from system_tags.lost_ownership(group.tags, Confidence.LIKELY, why)
    elif any(tag.startswith(system_tags.PREFIX) for tags in nodes for tag in tags):
        why = "the scale sets carry tags of that time"
        yield from system_tags.lost_ownership(group.tags, Confidence.POSSIBLE, why)
    yield from (facet for facet in (*witnesses, cluster.scale_sets) if isinstance(facet, Gap))


def _earlier(group: ResourceGroup, context: Context) -> Iterator[Departure]:
    seen = context.observation
    if seen is not None:
        yield from system_tags.since(seen.fields.get(arm.key(group.id), {}), group.tags, seen.at)


def _finding(group: ResourceGroup, part: Part, managed: ManagedCluster) -> Finding:
    return Finding(
        resource_id=group.id,
        path=part.path,
        summary=f"Node resource group {group.name} {part.said}",
        severity=Severity.HIGH,
        confidence=part.confidence,
        expected=part.expected,
        actual=part.actual,
        explained_by=frozenset({OperationKind.TAGS_WRITE, OperationKind.GROUP_WRITE}),
        evidence=(
            Evidence(text=f"{part.path}: {part.expected}", source=part.because),
            Evidence(text=f"{part.path}: {part.actual or 'absent'}", source=group.name),
        ),
        remediation="Have AKS write its resource group again, and check the group afterwards.",
        commands=(remedy.reconcile(managed), remedy.lock_down(managed)),
    )
