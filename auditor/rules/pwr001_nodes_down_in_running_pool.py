"""Nodes are deallocated or stopped though AKS believes that their pool runs.

What it finds
-------------
Nodes of a running node pool, instances of a scale set or virtual machines, that are deallocated or
powered off, and that neither AKS nor Azure is known to have taken down. Instances that one
operation took down are one finding; virtual machines are told one by one.

Why it matters
--------------
AKS counts on these nodes, reports them as not ready and charges for what it keeps of them. Taking
nodes down through Compute is an edit of the agent nodes, which makes the cluster unsupportable;
once no node is left, AKS stops the cluster after 30 days.

What is not flagged
-------------------
Pools and clusters that were stopped through AKS, and disabled subscriptions. Nodes that Karpenter
made: they belong to no pool, and come and go by its hand. The surplus that AKS
keeps deallocated under scale-down mode ``Deallocate``: only nodes beyond it count, and where
nobody is on record it is not certain which. Spot nodes that Azure evicted under eviction policy
``Deallocate``, unless someone's operation took them down. Nodes that AKS took down by an operation
on record. Nodes whose last start failed for want of capacity or quota. Nodes that are just being
started, stopped or changed cannot be told. A node that is powered off and not deallocated is never
AKS's doing.

How to fix it
-------------
Let AKS bring its nodes back: reconcile the cluster (``az aks update``), scale or upgrade the pool
through AKS. To save money, stop the cluster or the pool through AKS, scale the pool to zero, or set
scale-down mode ``Deallocate``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import nodes, power
from auditor.evidence.power import Down
from auditor.model import remedy
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Evidence, Finding, NotApplicable, Severity, Unknown

RULE = Rule(
    id="PWR001",
    title="Nodes are down in a running node pool",
    severity=Severity.HIGH,
    clauses=("C1", "C8"),
    docs_url="https://learn.microsoft.com/azure/aks/start-stop-nodepools",
    since="0.1.0",
    judges=Subject.NODE_POOL,
    compares=frozenset({Aspect.POWER}),
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown | NotApplicable]:
    """Look for nodes that are down, and for what AKS or Azure would have to do with it."""
    resting = power.why_pool_rests(view)
    if resting is not None:
        yield NotApplicable(reason=resting)
        return
    for gap in power.unjudgeable(view, view.nodes.known_or(())):
        yield Unknown(gap=gap)
    yield from _findings(view, list(power.powered_off(view, context)))
    yield from _findings(view, list(power.deallocated(view, context)))


def _findings(view: NodePoolView, groups: list[Down]) -> Iterator[Finding]:
    """Groups of one scale set are told apart by their lowest nodes, machines by their ids."""
    for down in groups:
        single = len(groups) == 1 or not view.pool.is_on_scale_set
        which = "" if single else f" {down.nodes[0].label}"
        yield _finding(view, down, f"{down.condition}{which}")


def _finding(view: NodePoolView, down: Down, discriminator: str) -> Finding:
    pool, which = view.pool, _which(down)
    is_machine = not pool.is_on_scale_set and len(down.nodes) == 1
    return Finding(
        resource_id=down.nodes[0].id if is_machine else view.carrier_id,
        path="powerState",
        summary=f"Node pool {pool.name}: {which} {_is(down)} {down.condition}, though AKS "
        "believes that the pool runs",
        severity=Severity.HIGH,
        confidence=down.confidence,
        expected="running",
        actual=str(down.condition),
        node_pool=pool.name,
        instances=() if is_machine else tuple(node.label for node in down.nodes),
        explained_by=frozenset({OperationKind.NODE_DOWN}) if down.operation else frozenset(),
        evidence=(
            Evidence(text=_request(view), source="managedClusters"),
            Evidence(text=f"{which}: power state {down.condition}", source="instance view"),
        ),
        remediation="Have AKS bring the nodes back; to save money, stop the pool or the cluster "
        "through AKS, or set scale-down mode Deallocate.",
        commands=(remedy.bring_back(view.managed, pool),),
        discriminator=discriminator,
        rests_on=() if pool.is_on_scale_set else tuple(node.id for node in down.nodes),
    )


def _which(down: Down) -> str:
    listed = nodes.listed(down.nodes)
    return listed if down.count == len(down.nodes) else f"{down.count} of the {listed}"


def _is(down: Down) -> str:
    return "is" if down.count == 1 else "are"


def _request(view: NodePoolView) -> str:
    pool = view.pool
    wanted = "" if pool.count is None else f"{pool.count} nodes, "
    return (
        f"AKS's own record: node pool {pool.name} is {pool.power_state}, {wanted}"
        f"scale-down mode {pool.scale_down_mode}, priority {pool.priority}"
    )
