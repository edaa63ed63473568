"""Nodes have an identity that AKS does not need, or lack the kubelet's.

What it finds
-------------
A scale set, or a node VM of a VirtualMachines pool or availability set or one that Karpenter made,
without the kubelet identity of its cluster, one with a system-assigned identity, and user-assigned
identities that neither AKS nor an add-on or extension of the cluster needs.

Why it matters
--------------
Every pod that can reach the instance metadata service can use the identities of its node: one
more is a way from any workload into what that identity may do. Without the kubelet's, nodes
cannot pull images or join. AKS gives scale sets and node VMs their identities: whoever else does
edits the agent nodes.

What is not flagged
-------------------
The identities that the cluster itself names for its kubelet and add-ons, wherever they lie; those
of cluster extensions (``ext-<guid>-<cluster>`` in the node resource group) and of cost analysis;
any on clusters with pod identity, which puts pods' identities on nodes; the one that Microsoft's
own subscriptions get by policy. Only leads: an add-on's name without that add-on, the identity that
Azure Policy brings for the Azure Monitor agent, a system-assigned one where people sign in by Entra
ID, and a missing kubelet identity where AKS's mark does not say that the scale set had it: a pool
keeps its service principal until it is upgraded. On node VMs also the identity of the control
plane, with which AKS works on them. A Karpenter that customers run themselves has a setting for the
identities of its nodes: there any further one is a lead, and a missing one is not flagged.

How to fix it
-------------
Take the assignment off the nodes or out of the policy, then have AKS write its model again
and re-create the nodes, or delete the NodeClaim of a node that Karpenter made. Give pods identities
through workload identity.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import identities, machines, remedies, standalone
from auditor.evidence.identities import Carrier
from auditor.evidence.remedies import Renewal
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodesView, StandaloneNodes
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS007",
    title="Identities of nodes were changed",
    severity=Severity.HIGH,
    clauses=("C1",),
    docs_url="https://learn.microsoft.com/azure/aks/use-managed-identity",
    since="0.1.0",
    judges=Subject.NODES,
    compares=frozenset({Aspect.MODEL}),
)

_USER_ASSIGNED = "identity.userAssignedIdentities"


class Departure(msgspec.Struct, frozen=True):
    """What of a carrier's identities is not as AKS makes it; ``said`` completes a sentence."""

    path: str
    said: str
    expected: str
    actual: str | None
    confidence: Confidence
    discriminator: str = ""


def check(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare the identities of the scale set, or of each node VM, with what the cluster needs."""
    if not isinstance(view, StandaloneNodes) and view.pool.is_on_scale_set:
        yield from _of_carrier(view, view.scale_set.require())
        return
    found = machines.of(view)
    for machine in found.settled:
        yield from _of_carrier(view, machine)
    yield from (Unknown(gap=gap) for gap in found.gaps)


def _of_carrier(view: NodesView, carrier: Carrier) -> Iterator[Finding | Unknown]:
    for departure in _departures(view, carrier):
        yield _finding(view, carrier, departure)
    gap = identities.untold(carrier) or identities.kubelet_untold(view.managed, carrier)
    if gap is not None:
        yield Unknown(gap=gap)


def _departures(view: NodesView, carrier: Carrier) -> Iterator[Departure]:
    yield from _without_kubelet(view, carrier)
    sure = identities.system_assigned(carrier)
    if sure is not None:
        said = "have a system-assigned identity, where AKS assigns none"
        yield Departure("identity.type", said, "UserAssigned", carrier.identity_type, sure)
    for stranger in identities.strangers(view.managed, carrier):
        yield Departure(
            _USER_ASSIGNED,
            f"have identity {arm.name(stranger.id)}, {stranger.words}",
            "those of kubelet and add-ons",
            stranger.id,
            Confidence.POSSIBLE if _is_self_hosted(view) else stranger.confidence,
            discriminator=arm.key(stranger.id),
        )


def _is_self_hosted(view: NodesView) -> bool:
    """Whether the nodes are of a Karpenter that AKS does not run."""
    return isinstance(view, StandaloneNodes) and not view.managed.node_provisioning


def _without_kubelet(view: NodesView, carrier: Carrier) -> Iterator[Departure]:
    """How AKS gives node VMs their identities is known from few witnesses."""
    own = identities.kubelet(view.managed)
    if own is None or identities.untold(carrier) or _is_self_hosted(view):
        return
    if any(arm.same(own.resource_id, i) for i in carrier.identity_ids):
        return
    given = identities.was_given(carrier, own)
    surest = Confidence.CONFIRMED if isinstance(carrier, ScaleSet) else Confidence.LIKELY
    sure = surest if given else Confidence.POSSIBLE
    said = f"lack the kubelet's identity {arm.name(own.resource_id)}"
    yield Departure(_USER_ASSIGNED, said, own.resource_id, None, sure, discriminator="kubelet")


def _finding(view: NodesView, carrier: Carrier, departure: Departure) -> Finding:
    own = ", ".join(arm.name(i) for i in carrier.identity_ids) or "none"
    renewal = remedies.renewal(view, carrier.name)
    on_scale_set = isinstance(carrier, ScaleSet)
    return Finding(
        resource_id=carrier.id,
        path=departure.path,
        summary=f"Nodes {standalone.whose(view)} {departure.said}{_where(carrier)}",
        severity=Severity.HIGH,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual or "none",
        node_pool=view.pool_name,
        explained_by=frozenset(
            {OperationKind.SCALE_SET_WRITE if on_scale_set else OperationKind.NODE_WRITE}
        ),
        evidence=(
            Evidence(text=f"the cluster names {_named(view)}", source=view.managed.name),
            Evidence(
                text=f"the {'scale set' if on_scale_set else 'node VM'} has {own} "
                f"(type {carrier.identity_type or 'none'})",
                source=carrier.name,
            ),
        ),
        remediation=_remediation(carrier, renewal),
        commands=renewal.restoring,
        discriminator=departure.discriminator,
    )


def _remediation(carrier: Carrier, renewal: Renewal) -> str:
    if isinstance(carrier, ScaleSet):
        return (
            "Take the assignment off or out of the policy, then have AKS write its model "
            "again and re-create the nodes."
        )
    off = "Take the assignment off or out of the policy."
    return f"{off} {renewal.remediation}"


def _where(carrier: Carrier) -> str:
    """Node VMs are told one by one."""
    return "" if isinstance(carrier, ScaleSet) else f" (node VM {carrier.name})"


def _named(view: NodesView) -> str:
    named = [arm.name(i.resource_id) for i in view.managed.identities if i.role != "control_plane"]
    return ", ".join(sorted(name for name in named if name)) or "no identity of nodes"
