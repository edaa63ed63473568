"""An Azure Monitor autoscale setting scales a node pool's scale set.

What it finds
-------------
Autoscale settings of Azure Monitor, wherever they lie, whose target is a scale set of the cluster;
and operations on record by which somebody wrote one in the node resource group that is gone again.

Why it matters
--------------
Nodes are scaled through AKS: by hand or by the cluster autoscaler. An autoscale setting of the
scale set changes the number of nodes behind AKS's back, fights with the cluster autoscaler, and
takes nodes away without draining them.

What is not flagged
-------------------
Settings on anything else, and the removal of one. A lead only: a setting that is switched off, or
whose scale set is gone, and one that is gone itself, for nothing tells what it scaled.

How to fix it
-------------
Delete the autoscale setting and use the cluster autoscaler of the node pool.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import msgspec

from auditor.evidence import pools, recorded
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.governance import AutoscaleSetting
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS009",
    title="Azure Monitor autoscale setting on a scale set",
    severity=Severity.HIGH,
    clauses=("C5",),
    docs_url="https://learn.microsoft.com/azure/aks/cluster-autoscaler",
    since="0.1.0",
    judges=Subject.CLUSTER,
)

_SCALE_SET = "microsoft.compute/virtualmachinescalesets"


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Look at what each autoscale setting scales."""
    managed = cluster.managed.require()
    listed = {arm.key(scale_set.id) for scale_set in cluster.scale_sets.known_or(())}
    for setting in cluster.autoscale_settings.known_or(()):
        if _is_on_node_pool(setting, managed):
            is_there = arm.key(setting.target_id) in listed
            yield _finding(setting, managed, acts=setting.enabled and is_there)
    if isinstance(cluster.scale_sets, Gap):
        yield Unknown(gap=cluster.scale_sets)
    there = {arm.key(setting.id) for setting in cluster.autoscale_settings.require()}
    for operation in recorded.deeds(RULE.id, cluster, context):
        is_gone = arm.key(operation.resource_id) not in there
        if is_gone and operation.name.casefold().endswith("/write"):
            yield _of_record(operation, cluster, context)


def _is_on_node_pool(setting: AutoscaleSetting, managed: ManagedCluster) -> bool:
    """Whether the target is a scale set of AKS's naming in the node resource group."""
    target = setting.target_id
    name = arm.name(target)
    return (
        arm.resource_type(target) == _SCALE_SET
        and arm.within(target, managed.node_resource_group_id)
        and (pools.pool_name(name, managed) is not None or pools.has_node_name(name))
    )


def _finding(setting: AutoscaleSetting, managed: ManagedCluster, *, acts: bool) -> Finding:
    scale_set = arm.name(setting.target_id)
    pool = pools.pool_name(scale_set, managed) or ""
    state = "scales" if setting.enabled else "is switched off, but made to scale"
    return Finding(
        resource_id=setting.id,
        path="targetResourceUri",
        summary=f"Autoscale setting {setting.name} {state} {scale_set}",
        severity=Severity.HIGH if acts else Severity.LOW,
        confidence=Confidence.CONFIRMED if acts else Confidence.POSSIBLE,
        expected="no autoscale setting",
        actual=setting.target_id,
        node_pool=pool,
        explained_by=frozenset({OperationKind.AUTOSCALE_WRITE}),
        raised_by_operation=acts,
        evidence=(
            Evidence(
                text=f"{'enabled' if setting.enabled else 'disabled'}, target {setting.target_id}",
                source=f"autoscale setting {setting.name}",
            ),
        ),
        remediation="Delete the setting, and use the cluster autoscaler of the node pool.",
        commands=(
            f"az monitor autoscale delete --ids {shlex.quote(setting.id)}",
            *_autoscaler(managed, pool),
        ),
    )


def _of_record(operation: Operation, cluster: Cluster, context: Context) -> Finding:
    telling = recorded.Telling(
        did=f"wrote autoscale setting {arm.name(operation.resource_id)}, which is gone again",
        severity=Severity.HIGH,
        remediation="Keep the caller out of the node resource group, and let AKS scale nodes.",
        commands=(remedy.lock_down(cluster.managed.require()),),
    )
    found = recorded.finding(operation, telling, cluster, context)
    return msgspec.structs.replace(found, confidence=Confidence.POSSIBLE)


def _autoscaler(managed: ManagedCluster, pool: str) -> tuple[str, ...]:
    more = ("--enable-cluster-autoscaler", "--min-count", "<min>", "--max-count", "<max>")
    return (remedy.az("nodepool update", managed, "--name", pool, *more),) if pool else ()
