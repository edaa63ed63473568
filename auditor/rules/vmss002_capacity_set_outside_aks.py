"""The scale set's capacity was set outside AKS.

What it finds
-------------
A scale set with more or fewer instances than AKS's node count for the pool, where nothing that
AKS does explains the difference.

Why it matters
--------------
Node pools are scaled through AKS (``az aks nodepool scale`` or its cluster autoscaler). Scaling
the scale set itself is an edit of the agent nodes: it makes the cluster unsupportable, and nodes
that are taken away so are not drained.

What is not flagged
-------------------
Pools that are being scaled or upgraded. Autoscaled pools within their bounds; outside of them a
lead only, since a pool can start beyond its bounds. Surplus nodes that AKS keeps deallocated
under scale-down mode ``Deallocate``. Spot pools below their count: Azure evicts. Stopped pools
and clusters.

How to fix it
-------------
Tell AKS the count that is wanted; it brings the scale set there. Remove any scheduled script,
autoscale setting or pipeline step that scales the scale set.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import remedy
from auditor.model.aks import NodePool
from auditor.model.compute import ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="VMSS002",
    title="Scale set capacity set outside AKS",
    severity=Severity.HIGH,
    clauses=("C1", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/scale-cluster",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.CAPACITY}),
)

CAUSES = frozenset(
    {OperationKind.SCALE_SET_WRITE, OperationKind.SCALE_SET_SCALE, OperationKind.NODE_DELETE}
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Compare AKS's node count with the scale set's capacity."""
    pool, scale_set = view.pool, view.scale_set.require()
    if pool.is_stopped or view.managed.is_stopped or pool.count is None:
        return
    if pool.autoscaling:
        yield from _autoscaled(view, scale_set)
    elif pool.keeps_deallocated_nodes:
        yield from _with_surplus(view, scale_set)
    elif not _is_explained(pool, scale_set):
        yield _finding(view, scale_set, str(pool.count), Confidence.CONFIRMED)


def _is_explained(pool: NodePool, scale_set: ScaleSet) -> bool:
    capacity, count = scale_set.capacity, pool.count or 0
    evicted = pool.is_spot and capacity is not None and capacity < count
    return capacity is None or capacity == count or evicted


def _autoscaled(view: NodePoolView, scale_set: ScaleSet) -> Iterator[Finding]:
    low, high, capacity = view.pool.min_count, view.pool.max_count, scale_set.capacity
    if low is None or high is None or capacity is None or low <= capacity <= high:
        return
    if view.pool.keeps_deallocated_nodes and capacity > high:
        return
    if view.pool.is_spot and capacity < low:
        return
    yield _finding(view, scale_set, f"{low} to {high}", Confidence.POSSIBLE)


def _with_surplus(view: NodePoolView, scale_set: ScaleSet) -> Iterator[Finding]:
    """Capacity includes the deallocated surplus, so it is the running nodes that must fit."""
    count, capacity = view.pool.count or 0, scale_set.capacity
    if capacity is None or capacity == count:
        return
    if capacity < count:
        if not view.pool.is_spot:
            yield _finding(view, scale_set, f"{count} or more", Confidence.CONFIRMED)
        return
    up = sum(1 for node in view.instances.require() if not node.power.is_down)
    if up > count:
        yield _finding(view, scale_set, f"{count} running", Confidence.LIKELY)


def _finding(
    view: NodePoolView, scale_set: ScaleSet, expected: str, confidence: Confidence
) -> Finding:
    pool, actual = view.pool, str(scale_set.capacity)
    return Finding(
        resource_id=scale_set.id,
        path="sku.capacity",
        summary=f"Node pool {pool.name} has {expected} nodes by AKS, its scale set {actual}",
        severity=Severity.HIGH,
        confidence=confidence,
        expected=expected,
        actual=actual,
        node_pool=pool.name,
        explained_by=CAUSES,
        evidence=(
            Evidence(text=f"AKS's node count: {expected}", source=f"node pool {pool.name}"),
            Evidence(text=f"capacity of the scale set: {actual}", source=scale_set.name),
        ),
        remediation="Have AKS bring the scale set to its own count, or tell it the wanted one.",
        commands=_commands(view),
    )


def _commands(view: NodePoolView) -> tuple[str, ...]:
    """The Azure CLI refuses to scale a pool to the count that AKS has: that is to be reconciled."""
    pool, managed = view.pool, view.managed
    if pool.autoscaling:
        bounds = ("--min-count", str(pool.min_count), "--max-count", str(pool.max_count))
        named = ("--name", pool.name, "--update-cluster-autoscaler", *bounds)
        return (remedy.az("nodepool update", managed, *named),)
    wanted = ("--name", pool.name, "--node-count", "<count>")
    return remedy.reconcile(managed), remedy.az("nodepool scale", managed, *wanted)
