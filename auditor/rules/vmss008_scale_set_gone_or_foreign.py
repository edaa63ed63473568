"""A node pool's scale set or VM is gone, or a machine there belongs to no pool.

What it finds
-------------
A node pool whose scale set answers 404, or of which a VM does that AKS still counts on, and scale
sets or virtual machines in the node resource group that carry no node pool of the cluster.

Why it matters
--------------
The node resource group is AKS's to manage. A deleted scale set leaves a pool that AKS cannot
repair; a machine that was put there is deleted with the cluster, and is not an agent node.

What is not flagged
-------------------
Machines of node auto-provisioning and self-hosted Karpenter, VirtualMachines and availability-set
pools, and AKS Automatic's own. Pools being created or deleted. A scale set that a list lacks but
that answers when asked: lists lag. Absence is proven by a 404 on the scale set or the VM itself;
where its name is not on record, nothing is claimed. VMs that AKS deleted itself, or that Azure may
have evicted, are not called gone. A scale set with AKS's own marks but without a pool is
a lead only: a pool may have just been deleted.

How to fix it
-------------
Add a node pool with the same settings, then delete the one whose scale set is gone. Move foreign
machines to a resource group of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import missing, pools, standalone, transitions
from auditor.evidence.missing import Missing
from auditor.evidence.transitions import Judgeable
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet, VirtualMachine
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS008",
    title="Scale set gone, or machines that belong to no node pool",
    severity=Severity.HIGH,
    clauses=("C1", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.CAPACITY}),
)

_MODEL = frozenset({Aspect.MODEL})


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Look for each pool's scale set or VMs, then for machines without a pool."""
    for view in pools.node_pools(cluster):
        if not view.pool.is_on_scale_set:
            yield from _missing_machines(view, context)
        elif isinstance(view.scale_set, Gap):
            yield from _missing(view, context)
    for scale_set in pools.foreign_scale_sets(cluster):
        yield _foreign_scale_set(cluster, scale_set)
    for machine in standalone.foreign_machines(cluster):
        yield _foreign_machine(cluster, machine)


def _missing(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    """Claim that a scale set is gone only once it has answered 404 itself."""
    judgeable = transitions.of_node_pool(view, _MODEL, context)
    if isinstance(judgeable, Gap):
        yield Unknown(gap=judgeable)
        return
    view.cluster.scale_sets.require()
    candidates = _names_on_record(view, context)
    if not candidates:
        yield Unknown(gap=_unproven(view, "no scale set is listed, and its name is not on record"))
        return
    if any(view.cluster.is_present(scale_set).require() for scale_set in candidates):
        yield Unknown(gap=_unproven(view, "its scale set answers, though the list lacks it"))
        return
    yield _gone(view, candidates[0])


def _names_on_record(view: NodePoolView, context: Context) -> tuple[str, ...]:
    """Ids under which the pool's scale set is known to have existed, newest first.

    Windows scale sets are named after their pool; Linux ones carry digits of their own, which
    only the log or the resource group's generic list can tell.
    """
    managed, pool = view.managed, view.pool
    base = f"{managed.node_resource_group_id}/providers/Microsoft.Compute/virtualMachineScaleSets"
    residents = [resident.id for resident in view.cluster.residents.known_or(())]
    operations = [o.resource_id for o in reversed(context.operations.require())]
    seen = [arm.segment(i, "virtualMachineScaleSets") for i in (*operations, *residents)]
    names = [name for name in seen if name and pools.pool_name(name, managed) == pool.name]
    if pool.is_windows:
        names.append(f"aks{pool.name}")
    return tuple(f"{base}/{name}" for name in dict.fromkeys(name.casefold() for name in names))


def _gone(view: NodePoolView, scale_set_id: str) -> Finding:
    pool, managed = view.pool, view.managed
    stopped = pool.is_stopped or managed.is_stopped
    return Finding(
        resource_id=scale_set_id,
        path="",
        summary=f"The scale set of node pool {pool.name} is gone",
        severity=Severity.HIGH,
        confidence=Confidence.POSSIBLE if stopped else Confidence.CONFIRMED,
        expected=f"{arm.name(scale_set_id)} with {pool.count} nodes",
        actual="404 Not Found",
        node_pool=pool.name,
        explained_by=frozenset({OperationKind.SCALE_SET_DELETE, OperationKind.GROUP_WRITE}),
        evidence=(
            Evidence(
                text=f"AKS lists node pool {pool.name}, state {pool.provisioning_state}",
                source="managedClusters",
            ),
            Evidence(text="the scale set itself answered 404", source=arm.name(scale_set_id)),
        ),
        remediation="Add a node pool with the same settings, labels and taints too, then delete "
        "this one.",
        commands=remedy.replace_pool(managed, pool),
    )


def _missing_machines(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    """Claim that a VM is gone only once it has answered 404 itself."""
    if view.pool.is_hosted:
        return
    judgeable = transitions.of_node_pool(view, _MODEL, context)
    gone = missing.machines(view, context) if isinstance(judgeable, Judgeable) else judgeable
    if isinstance(gone, Gap):
        yield Unknown(gap=gone)
        return
    if gone.value and isinstance(context.operations, Gap):
        yield Unknown(gap=context.operations)  # AKS's own deletion would be in the log
        return
    for machine in gone.value:
        if machine.is_by_aks or view.pool.is_spot:
            why = f"{arm.name(machine.id)} may be gone by AKS's or Azure's own hand"
            yield Unknown(gap=missing.unproven(view, why))
        else:
            yield _gone_machine(view, machine)


def _gone_machine(view: NodePoolView, machine: Missing) -> Finding:
    pool, managed, name = view.pool, view.managed, arm.name(machine.id)
    return Finding(
        resource_id=machine.id,
        path="",
        summary=f"VM {name} of node pool {pool.name} is gone, though AKS counts on it",
        severity=Severity.HIGH,
        confidence=Confidence.LIKELY,
        expected=f"{name}, a node of {pool.name}",
        actual="404 Not Found",
        node_pool=pool.name,
        explained_by=frozenset({OperationKind.NODE_DELETE, OperationKind.GROUP_WRITE}),
        evidence=(
            Evidence(text=f"AKS counts on a VM {name}", source="managedClusters"),
            Evidence(text="the VM itself answered 404", source=name),
        ),
        remediation="Have AKS make the nodes of the pool anew, or delete the machine through AKS.",
        commands=(remedy.bring_back(managed, pool),),
    )


def _unproven(view: NodePoolView, message: str) -> Gap:
    return Gap(
        scope=f"{view.managed.id}/agentPools/{view.pool.name}",
        collector="scale_sets",
        outcome=Outcome.SKIPPED,
        code="NotProven",
        message=f"node pool {view.pool.name}: {message}",
    )


def _foreign_scale_set(cluster: Cluster, scale_set: ScaleSet) -> Finding:
    own_mark = pools.is_made_by_aks(scale_set)
    return _foreign(
        cluster, scale_set.id, "Scale set", Confidence.POSSIBLE if own_mark else Confidence.LIKELY
    )


def _foreign_machine(cluster: Cluster, machine: VirtualMachine) -> Finding:
    return _foreign(cluster, machine.id, "Virtual machine", Confidence.LIKELY)


def _foreign(cluster: Cluster, resource_id: str, what: str, confidence: Confidence) -> Finding:
    managed = cluster.managed.require()
    name, group = arm.name(resource_id), managed.node_resource_group
    return Finding(
        resource_id=resource_id,
        path="",
        summary=f"{what} {name} in {group} belongs to no node pool",
        severity=Severity.HIGH,
        confidence=confidence,
        expected="machines of the cluster's node pools only",
        actual=name,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE}),
        evidence=(
            Evidence(text=f"{what} {name} lies in the node resource group", source=group),
            Evidence(
                text=f"node pools: {', '.join(pool.name for pool in managed.pools)}",
                source="managedClusters",
            ),
        ),
        remediation="Move it elsewhere: AKS deletes this resource group with the cluster.",
    )
