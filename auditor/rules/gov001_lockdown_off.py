"""Node resource group lockdown is off.

What it finds
-------------
Clusters whose node resource group anyone with a role may write to: ``restrictionLevel`` is not
``ReadOnly``. The evidence counts the changes on record there that a customer made, and that
lockdown would have prevented.

Why it matters
--------------
Most breaches of the support policy are edits in the node resource group. Under lockdown a deny
assignment lets nobody but AKS write there, whatever their role.

What is not flagged
-------------------
Clusters under lockdown, and AKS Automatic, where it is always on. This is advice, never a breach,
and a lead only where the level is none that is known here.

How to fix it
-------------
Switch lockdown on, on a test cluster first: whatever writes to the node resource group by an
identity of its own (some add-ons and backup tools) stops working.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.operation import CUSTOMER, ActorKind, Operation, OperationStatus
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, NotApplicable, Severity

RULE = Rule(
    id="GOV001",
    title="Node resource group lockdown is off",
    severity=Severity.INFO,
    clauses=("C5",),
    docs_url="https://learn.microsoft.com/azure/aks/node-resource-group-lockdown",
    since="0.1.0",
    judges=Subject.CLUSTER,
)

_OFF = "Unrestricted"
_KEPT_OUT = CUSTOMER | {ActorKind.AZURE_POLICY}


def check(cluster: Cluster, context: Context) -> Iterator[Finding | NotApplicable]:
    """Look at the restriction level, and at what it would have kept out."""
    managed = cluster.managed.require()
    if (managed.sku_name or "").casefold() == "automatic":
        yield NotApplicable(reason="AKS Automatic keeps node resource groups locked down itself")
    elif not managed.is_lockdown:
        yield _finding(managed, context)


def _finding(managed: ManagedCluster, context: Context) -> Finding:
    level = managed.restriction_level or _OFF
    known = level.casefold() == _OFF.casefold()
    return Finding(
        resource_id=managed.id,
        path="nodeResourceGroupProfile.restrictionLevel",
        summary=f"Node resource group lockdown is off on cluster {managed.name}",
        severity=Severity.INFO,
        confidence=Confidence.CONFIRMED if known else Confidence.POSSIBLE,
        expected="ReadOnly",
        actual=level,
        advice=True,
        evidence=(
            Evidence(
                text=f"AKS's own record: restrictionLevel is {level}", source="managedClusters"
            ),
            _prevented(managed, context),
        ),
        remediation="Switch lockdown on, on a test cluster first.",
        commands=(remedy.lock_down(managed),),
    )


def _prevented(managed: ManagedCluster, context: Context) -> Evidence:
    if isinstance(context.operations, Gap):
        text = "what lockdown would have prevented is not known: the activity log was not read"
    else:
        changes = [o for o in context.operations.value if _would_be_denied(o, managed)]
        times = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
        text = f"lockdown would have prevented {times} on record in {managed.node_resource_group}"
    return Evidence(text=text, source="activity log")


def _would_be_denied(operation: Operation, managed: ManagedCluster) -> bool:
    return (
        operation.actor.kind in _KEPT_OUT
        and operation.status is OperationStatus.SUCCEEDED
        and bool(managed.node_resource_group)
        and arm.within(operation.resource_id, managed.node_resource_group_id)
    )
