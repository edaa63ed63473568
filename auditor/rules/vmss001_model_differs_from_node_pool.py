"""The scale set's model differs from what AKS was asked for.

What it finds
-------------
A property that the node pool (or the cluster) states and the scale set's model contradicts: VM
size, operating system disk, zones, subnet, spot priority and price, encryption, FIPS, Ultra SSD,
public addresses, application security groups, placement and reservation groups, administrator,
trusted launch, SSH keys.

Why it matters
--------------
Agent nodes are changed through the AKS API only. A scale set that was edited directly makes the
cluster unsupportable, and the next scale, upgrade or reconcile writes AKS's own values again.

What is not flagged
-------------------
What AKS decides by itself (disk placement, storage type, accelerated networking), values left to
the default, properties of confidential VMs, trusted launch on Azure Container Linux, which always
boots by it, pools under way of being created, scaled or upgraded.
A differing SSH key is a lead only, since AKS changes the cluster first and the scale set later;
so is an image without FIPS, whose name is not bound to say so.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. Where the other value is wanted, ask AKS
for it: most of these properties need a new node pool (``az aks nodepool add``), to which the
workload is drained before the old pool is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence.pool_model import Difference, differences
from auditor.model import remedy
from auditor.model.compute import ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="VMSS001",
    title="Scale set differs from its node pool",
    severity=Severity.HIGH,
    clauses=("C1", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.MODEL}),
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Compare the node pool's request with its scale set, property by property."""
    scale_set = view.scale_set.require()
    for difference in differences(view, scale_set):
        yield _finding(view, scale_set, difference)


def _finding(view: NodePoolView, scale_set: ScaleSet, difference: Difference) -> Finding:
    pool, words = view.pool.name, difference.property.words
    expected, actual = difference.expected, difference.actual
    certain = difference.property.certain
    return Finding(
        resource_id=scale_set.id,
        path=difference.property.path,
        summary=f"Node pool {pool} asks for {words} {expected}, its scale set has {actual}",
        severity=Severity.HIGH,
        confidence=Confidence.CONFIRMED if certain else Confidence.POSSIBLE,
        expected=expected,
        actual=actual,
        node_pool=pool,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE}),
        evidence=(
            Evidence(text=f"AKS was asked for {words} {expected}", source=f"node pool {pool}"),
            Evidence(text=f"the scale set has {actual}", source=scale_set.name),
        ),
        remediation="Have AKS write its own value again and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, pool),
    )
