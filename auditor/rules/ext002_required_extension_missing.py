"""An extension that AKS requires is missing from the scale set's model.

What it finds
-------------
A scale set without the script extension that makes a VM a node (``vmssCSE``), or without AKS's
billing extension.

Why it matters
--------------
Microsoft asks that changes to node extensions be prohibited. Without its script a new VM never
becomes a node: the pool cannot scale, upgrade or repair itself any more.

What is not flagged
-------------------
``AKSLinuxExtension``: a team of AKS's deploys it later, so young pools lack it. The billing
extension in clouds where AKS does without it. An extension that is there under its name but is
other code (EXT001 reports it). On Windows, where AKS's names are known from its templates only, a
script extension of another name makes this a lead.

How to fix it
-------------
Have AKS write its model again. If that does not bring the extension back, add a node pool, drain
the old one and delete it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import extensions
from auditor.evidence.extensions import Shipped
from auditor.model import remedy
from auditor.model.compute import ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="EXT002",
    title="Required node extension is missing",
    severity=Severity.HIGH,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.NODE_POOL,
    compares=frozenset({Aspect.EXTENSIONS}),
)

CAUSES = frozenset({OperationKind.EXTENSION_DELETE, OperationKind.SCALE_SET_WRITE})


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Look for each required extension in the model, which the scale set's own answer holds."""
    scale_set = view.scale_set.require()
    for shipped in extensions.required(
        windows=view.pool.is_windows, location=view.managed.location
    ):
        if extensions.filling(shipped, scale_set.extensions) is None:
            yield _finding(view, scale_set, shipped)


def _finding(view: NodePoolView, scale_set: ScaleSet, shipped: Shipped) -> Finding:
    there = ", ".join(extension.name for extension in scale_set.extensions) or "none"
    return Finding(
        resource_id=f"{scale_set.id}/extensions/{shipped.name_on(scale_set)}",
        path="name",
        summary=f"Node pool {view.pool.name} has lost {shipped.label}, which AKS requires",
        severity=Severity.HIGH,
        confidence=_confidence(scale_set, shipped),
        expected=f"{shipped.label} ({shipped.publisher} {shipped.type})",
        actual="missing",
        node_pool=view.pool.name,
        explained_by=CAUSES,
        evidence=(
            Evidence(
                text=f"AKS installs {shipped.label} on every node pool",
                source="scale sets as AKS makes them",
            ),
            Evidence(text=f"extensions in the scale set's model: {there}", source="Compute"),
        ),
        remediation="Have AKS write its model again; if the extension stays away, replace the "
        "node pool by a new one.",
        commands=remedy.restore(view.managed, view.pool.name),
        rests_on=(scale_set.id,),
    )


def _confidence(scale_set: ScaleSet, shipped: Shipped) -> Confidence:
    """How sure it is that AKS would have put it there, under that name."""
    if shipped.proven:
        return Confidence.CONFIRMED
    renamed = any(shipped.is_kind_of(extension) for extension in scale_set.extensions)
    return Confidence.POSSIBLE if renamed else Confidence.LIKELY
