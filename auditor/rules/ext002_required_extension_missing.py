"""An extension that AKS requires is missing from the scale set's model, or from a node VM.

What it finds
-------------
A scale set without the script extension that makes a VM a node (``vmssCSE``), or without AKS's
billing extension. Virtual machines of a pool that lack one of the two.

Why it matters
--------------
Microsoft asks that changes to node extensions be prohibited. Without its script a new VM never
becomes a node: the pool cannot scale, upgrade or repair itself any more.

What is not flagged
-------------------
``AKSLinuxExtension``: a team of AKS's deploys it later, so young pools lack it. The billing
extension in clouds where AKS does without it. An extension that is there under its name but is
other code (EXT001 reports it). On Windows, where AKS's names are known from its templates only, a
script extension of another name makes this a lead. On virtual machines it is a lead only, unless
someone's deletion is on record: in an availability set, and in a VirtualMachines pool where other
machines of the pool carry the extension, for AKS does not install both everywhere. Machines that
Karpenter made belong to no pool.

How to fix it
-------------
Have AKS write its model again. If that does not bring the extension back, add a node pool, drain
the old one and delete it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import extensions, nodes
from auditor.evidence.extensions import Shipped
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import PoolKind
from auditor.model.compute import Node, ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

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


def check(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    """Look for each required extension in the model, or on each machine of a pool without one."""
    if not view.pool.is_on_scale_set:
        yield from _on_machines(view, context)
        return
    scale_set = view.scale_set.require()
    for shipped in extensions.required(
        windows=view.pool.is_windows, location=view.managed.location
    ):
        if extensions.filling(shipped, scale_set.extensions) is None:
            yield _finding(view, scale_set, shipped)


def _on_machines(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    machines = view.nodes.require()
    changing = [machine for machine in machines if nodes.is_changing(machine)]
    if changing:
        yield Unknown(gap=nodes.in_transition(view, changing))
    for shipped in extensions.required(
        windows=view.pool.is_windows, location=view.managed.location, machine=True
    ):
        lacking = [m for m in machines if not _carries(m, shipped, view.cluster)]
        is_usual = view.pool.kind == PoolKind.AVAILABILITY_SET or len(lacking) < len(machines)
        for machine in lacking if is_usual else ():
            if machine not in changing:
                yield _of_machine(view, machine, shipped, context)


def _carries(machine: Node, shipped: Shipped, cluster: Cluster) -> bool:
    """By code, not by name alone: AKS's names on machines are not all known.

    The list of the resource group shows extensions of machines, too.
    """
    if any(shipped.is_kind_of(e) or shipped.has_name_of(e) for e in machine.extensions):
        return True
    shown = (r.id for r in cluster.residents.require() if arm.within(r.id, machine.id))
    return any(shipped.name.fullmatch(arm.name(resident_id)) for resident_id in shown)


def _of_machine(view: NodePoolView, machine: Node, shipped: Shipped, context: Context) -> Finding:
    there = ", ".join(extension.name for extension in machine.extensions) or "none"
    code = f"{shipped.publisher} {shipped.type}"
    return Finding(
        resource_id=machine.id,
        path=f"extensions.{shipped.label}",
        summary=f"Node VM {machine.name} of pool {view.pool.name} lacks an extension that AKS "
        f"installs ({code})",
        severity=Severity.HIGH,
        confidence=Confidence.POSSIBLE,
        expected=code,
        actual="missing",
        node_pool=view.pool.name,
        explained_by=_deletions(machine, shipped, context),
        evidence=(
            Evidence(text=f"AKS installs {code} on its nodes", source="nodes as AKS makes them"),
            Evidence(text=f"extensions of {machine.name}: {there}", source="Compute"),
        ),
        remediation="Have AKS make the nodes of the pool anew.",
        commands=remedy.restore(view.managed, view.pool.name),
    )


def _deletions(machine: Node, shipped: Shipped, context: Context) -> frozenset[OperationKind]:
    """Only the deletion of an extension of this name explains that it is gone."""
    kind = OperationKind.EXTENSION_DELETE
    names = (arm.name(o.target) for o in context.done_to(machine.id) if o.kind is kind)
    return frozenset({kind}) if any(map(shipped.name.fullmatch, names)) else frozenset()


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
