"""Someone other than AKS wrote or deleted a node extension.

What it finds
-------------
Operations on record by which a user, a service principal, a policy or another identity wrote or
deleted an extension of a scale set or of a node, also where nothing of it can be seen any more.

Why it matters
--------------
Microsoft asks that changes to node extensions be prohibited. ARM never returns the protected
settings in which extensions keep their commands, and AKS drops many edits with its next write: a
script may have run as root on every node and have left no other trace than this record.

What is not flagged
-------------------
AKS's own work, Karpenter's on the machines that it makes, and calls that failed. Extensions of
virtual machines that are no nodes. The VM access extension and run commands (VMSS011). Writes of
``AKSLinuxExtension`` by an application are a lead only: a team of AKS's deploys it under an
identity that is not known to this tool. What Azure Policy or a Microsoft service did weighs medium.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. Take the permission to write in the node
resource group away from the caller, exempt the group from the policy, or switch on node resource
group lockdown.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import extensions, recorded
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import ActorKind, Operation, OperationKind
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity

RULE = Rule(
    id="EXT005",
    title="Node extension was written outside AKS",
    severity=Severity.HIGH,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_APPLICATIONS = frozenset({ActorKind.SERVICE_PRINCIPAL, ActorKind.AZURE_SERVICE, ActorKind.UNKNOWN})


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on the cluster's own nodes."""
    for operation in recorded.node_deeds(RULE.id, cluster, context):
        yield _finding(operation, cluster, context)


def _finding(operation: Operation, cluster: Cluster, context: Context) -> Finding:
    found = recorded.finding(operation, _telling(operation, cluster), cluster, context)
    if _may_be_of_aks(operation):
        return msgspec.structs.replace(found, confidence=Confidence.POSSIBLE)
    return found


def _may_be_of_aks(operation: Operation) -> bool:
    name = arm.name(operation.resource_id).casefold()
    return (
        operation.kind is OperationKind.EXTENSION_WRITE
        and name == extensions.NODE_EXTENSION.casefold()
        and operation.actor.kind in _APPLICATIONS
    )


def _telling(operation: Operation, cluster: Cluster) -> recorded.Telling:
    managed = cluster.managed.require()
    scale_set = arm.segment(operation.resource_id, "virtualMachineScaleSets") or ""
    node = arm.segment(operation.resource_id, "virtualMachines")
    did = "deleted" if operation.kind is OperationKind.EXTENSION_DELETE else "wrote"
    on = f"node {node} of {scale_set}" if node and scale_set else node or scale_set
    pool = recorded.node_pool(operation, cluster)
    return recorded.Telling(
        did=f"{did} extension {arm.name(operation.resource_id)} of {on}",
        severity=Severity.HIGH,
        remediation="Have AKS write its model again and re-create the nodes, and keep the caller "
        "out of the node resource group.",
        commands=(*remedy.restore(managed, pool), remedy.lock_down(managed)),
    )
