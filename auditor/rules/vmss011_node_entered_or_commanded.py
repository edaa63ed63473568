"""Someone other than AKS entered or commanded nodes through IaaS APIs.

What it finds
-------------
Operations on record by which a user, a service principal, a policy or another identity ran a
command on a node, opened its serial console, reset access by the VM access extension or installed
patches, also where nothing of it can be seen any more.

Why it matters
--------------
Microsoft discourages signing in to nodes and changing them: it can make the cluster
unsupportable. These ways in run as root, leave out Kubernetes' own access control and record,
and what they changed cannot be told from outside.

What is not flagged
-------------------
AKS's own commands, which its repair and diagnosis run, and ``az aks command invoke``, which runs
in a pod. Calls that failed. Machines that are no nodes. What a run command leaves on a node is no
finding either: only the record tells who commanded it and when. Sessions by SSH, and pods that
enter their node, leave no trace in Azure Resource Manager. Patches by a service of Microsoft's,
such as Azure Update Manager, are a lead only.

How to fix it
-------------
Have AKS re-create the nodes. Look into nodes by ``kubectl debug``, change them by a DaemonSet or
the settings of the node pool, and have AKS install patches by its node OS upgrade channel.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import recorded
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import Operation
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, Severity

RULE = Rule(
    id="VMSS011",
    title="Node was entered or commanded outside AKS",
    severity=Severity.MEDIUM,
    clauses=("C10",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_DID = (
    ("/runcommands/delete", "deleted a run command of"),
    ("/runcommand", "ran a command on"),
    ("/installpatches", "installed patches on"),
    ("/extensions/delete", "deleted the VM access extension of"),
    ("/extensions/write", "reset access by the VM access extension on"),
    ("/serialports/connect", "opened the serial console of"),
)
"""What was done, by a part of the operation's name in lower case; the first match holds."""


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on the cluster's own nodes."""
    for operation in recorded.node_deeds(RULE.id, cluster, context):
        yield recorded.finding(operation, _telling(operation, cluster), cluster, context)


def _telling(operation: Operation, cluster: Cluster) -> recorded.Telling:
    managed = cluster.managed.require()
    pool = recorded.node_pool(operation, cluster)
    return recorded.Telling(
        did=f"{_did(operation)} {_where(operation)}",
        severity=Severity.MEDIUM,
        remediation="Have AKS re-create the nodes, and keep the caller out of the node resource "
        "group.",
        commands=(
            *([remedy.recreate_nodes(managed, pool)] if pool else ()),
            remedy.lock_down(managed),
        ),
    )


def _did(operation: Operation) -> str:
    name = operation.name.casefold()
    return next((did for part, did in _DID if part in name), "commanded")


def _where(operation: Operation) -> str:
    scale_set = arm.segment(operation.resource_id, "virtualMachineScaleSets")
    node = arm.segment(operation.resource_id, "virtualMachines")
    if scale_set is None:
        return f"node VM {node}"
    return f"node {node} of {scale_set}" if node else f"the nodes of {scale_set}"
