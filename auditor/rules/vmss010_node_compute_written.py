"""Someone other than AKS wrote, scaled, upgraded, reimaged or deleted nodes.

What it finds
-------------
Operations on record by which a user, a service principal or another identity changed scale sets,
their instances, node VMs, node NICs or operating system disks of the cluster, also where nothing
of it can be seen any more.

Why it matters
--------------
AKS writes its own model again and again, and ARM never returns custom data or protected
settings: an edit that left no visible trace has still changed nodes outside the AKS API, which
makes the cluster unsupportable.

What is not flagged
-------------------
AKS's own work and that of the cluster's identities (autoscaler, disk attach, load balancers,
repair, upgrades), and what AKS does because someone called the AKS API. Failed and forbidden
calls. Disks of persistent volumes and their snapshots: backup tools write those. Power, node
extensions and commands on nodes have rules of their own. Changes of tags alone.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. Take the permission to write in the node
resource group away from the caller, or switch on node resource group lockdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from auditor.evidence import recorded
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, Severity

RULE = Rule(
    id="VMSS010",
    title="Nodes were written outside AKS",
    severity=Severity.HIGH,
    clauses=("C1", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_DID = MappingProxyType(
    {
        OperationKind.SCALE_SET_WRITE: "wrote scale set",
        OperationKind.SCALE_SET_DELETE: "deleted scale set",
        OperationKind.SCALE_SET_SCALE: "scaled scale set",
        OperationKind.NODE_WRITE: "wrote node",
        OperationKind.NODE_DELETE: "deleted nodes of",
        OperationKind.NODE_REIMAGE: "reimaged, upgraded or redeployed nodes of",
        OperationKind.NIC_WRITE: "wrote network interface",
        OperationKind.OS_DISK_WRITE: "wrote operating system disk",
    }
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on the cluster's own nodes."""
    for operation in recorded.node_deeds(RULE.id, cluster, context):
        yield recorded.finding(operation, _telling(operation, cluster), cluster, context)


def _telling(operation: Operation, cluster: Cluster) -> recorded.Telling:
    managed = cluster.managed.require()
    pool = recorded.node_pool(operation, cluster)
    return recorded.Telling(
        did=f"{_DID[operation.kind]} {arm.name(operation.resource_id)}",
        severity=Severity.HIGH,
        remediation="Have AKS re-create the nodes, and keep the caller out of the group.",
        commands=(*remedy.restore(managed, pool), remedy.lock_down(managed)),
    )
