"""Someone other than AKS deallocated, stopped, started or restarted nodes.

What it finds
-------------
Operations on record by which a user, a service principal or another identity changed the power
state of scale sets, of their instances or of node VMs, also where all of them run again.

Why it matters
--------------
AKS drains a node before it takes it down, and counts on the nodes that it has. Power operations
through Compute are edits of the agent nodes, which make the cluster unsupportable; a nightly job
of this kind is a common way into the 30-day clock.

What is not flagged
-------------------
What AKS and the cluster's identities do: repair, scale-down mode ``Deallocate``, stopping and
starting through AKS. Evictions by Azure. Calls that failed. Virtual machines that are no nodes.

How to fix it
-------------
Stop and start the cluster or its pools through AKS (``az aks stop``, ``az aks nodepool stop``), or
set scale-down mode ``Deallocate``. Take the permission away from the job, or switch on node
resource group lockdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from auditor.evidence import recorded
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import Operation
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, Severity

RULE = Rule(
    id="PWR005",
    title="Node power was changed outside AKS",
    severity=Severity.HIGH,
    clauses=("C1", "C8"),
    docs_url="https://learn.microsoft.com/azure/aks/start-stop-cluster",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_DID = MappingProxyType(
    {
        "deallocate": "deallocated",
        "poweroff": "powered off",
        "hibernate": "hibernated",
        "simulateeviction": "simulated the eviction of",
        "start": "started",
        "restart": "restarted",
    }
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on the cluster's own nodes."""
    for operation in recorded.node_deeds(RULE.id, cluster, context):
        yield recorded.finding(operation, _telling(operation, cluster), cluster, context)


def _telling(operation: Operation, cluster: Cluster) -> recorded.Telling:
    managed = cluster.managed.require()
    verb = operation.name.casefold().removesuffix("/action").rpartition("/")[2]
    return recorded.Telling(
        did=f"{_DID.get(verb, 'changed the power of')} {_nodes(operation)}",
        severity=Severity.HIGH,
        remediation="Stop and start nodes through AKS only, and keep the caller out of the node "
        "resource group.",
        commands=(*_restored(operation, cluster), remedy.lock_down(managed)),
    )


def _nodes(operation: Operation) -> str:
    scale_set = arm.segment(operation.resource_id, "virtualMachineScaleSets")
    named = ", ".join(sorted(operation.named_instances, key=lambda i: (len(i), i)))
    if scale_set is None:
        return f"node VM {arm.name(operation.resource_id)}"
    if not named:
        return f"all nodes of {scale_set}"
    return f"node{'s' if ',' in named else ''} {named} of {scale_set}"


def _restored(operation: Operation, cluster: Cluster) -> Iterator[str]:
    managed = cluster.managed.require()
    name = recorded.node_pool(operation, cluster)
    yield from (remedy.bring_back(managed, pool) for pool in managed.pools if pool.name == name)
