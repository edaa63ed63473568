"""A node pool's tags differ from those of its scale set.

What it finds
-------------
Tags that were asked for with a node pool and that its scale set lacks, or has with another value.

Why it matters
--------------
Tags of nodes are set through the AKS API (``--tags`` of the node pool). A value that someone, or a
policy that inherits tags, wrote on the scale set is lost when AKS writes its own again, and the two
may go on overwriting each other.

What is not flagged
-------------------
Tags on the scale set that the node pool does not have: adding tags is fine, though AKS may drop
them. Tags of the cluster, which AKS does not put on nodes. Another case of a tag's name. The tags
of instances, which follow late. A tag that is missing is a lead only.

How to fix it
-------------
Say the wanted value where AKS looks for it (``az aks nodepool update --tags``), and exempt the
node resource group from the policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import node_tags
from auditor.evidence.node_tags import Carrier
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="META006",
    title="Node pool's tags are not on its scale set",
    severity=Severity.LOW,
    clauses=("C2",),
    docs_url="https://learn.microsoft.com/azure/aks/use-tags",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.METADATA}),
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Look for each of the pool's tags on what carries its nodes."""
    for carrier in node_tags.carriers(view).require():
        there = {tag.casefold(): value for tag, value in carrier.tags.items()}
        for tag, wanted in view.pool.tags.items():
            actual = there.get(tag.casefold())
            if actual != wanted:
                yield _finding(carrier, tag, actual, view.managed)


def _finding(carrier: Carrier, tag: str, actual: str | None, managed: ManagedCluster) -> Finding:
    pool = carrier.pool
    wanted = pool.tags[tag]
    said = f"has {actual or 'nothing'}" if actual is not None else "lacks it"
    return Finding(
        resource_id=carrier.id,
        path=f"tags.{tag}",
        summary=f"Node pool {pool.name} asks for tag {tag}={wanted}, {carrier.name} {said}",
        severity=Severity.LOW,
        confidence=Confidence.LIKELY if actual is not None else Confidence.POSSIBLE,
        expected=wanted,
        actual=actual,
        node_pool=pool.name,
        explained_by=frozenset(
            {OperationKind.TAGS_WRITE, OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE}
        ),
        evidence=(
            Evidence(text=f"AKS was asked for {tag}={wanted}", source=f"node pool {pool.name}"),
            Evidence(text=f"{carrier.name} {said}", source=carrier.name),
        ),
        remediation="Set the tag on the node pool, and exempt the group from the policy on tags.",
        commands=(remedy.reconcile(managed), remedy.lock_down(managed)),
    )
