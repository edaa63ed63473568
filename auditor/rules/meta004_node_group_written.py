"""Someone other than AKS changed system tags, wrote the node resource group, or deleted from it.

What it finds
-------------
Operations on record by which a user, a service principal or another identity set or removed system
tags, wrote the node resource group itself, moved resources of it, or deleted resources that AKS
made there, also where nothing of it can be seen any more.

Why it matters
--------------
AKS, its cloud provider and its autoscaler find their resources by these tags, in this group. AKS
repairs some of it by itself, and what happened in between does not show; it has made the cluster
unsupportable all the same.

What is not flagged
-------------------
Tags of your own, added without touching the system's. What AKS, its add-ons and the cluster's
identities do. Failed and forbidden calls. Your own resources, public addresses, snapshots, and the
disks and storage accounts of volumes. Nodes, security groups and AKS's network have rules of their
own. A lead only: a write of tags of which the record names none (they may have been emptied), and a
resource group that was written whole, with the system's parts in it: they may have been sent back
as they were.

How to fix it
-------------
Reconcile the cluster and check what is left. Take the permission to write in the node resource
group away from the caller, or switch on node resource group lockdown; exempt the group from
policies on tags.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import recorded, residents, system_tags
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity

RULE = Rule(
    id="META004",
    title="System tags or the node resource group were written outside AKS",
    severity=Severity.HIGH,
    clauses=("C2", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_DELETIONS = frozenset({OperationKind.RESOURCE_DELETE, OperationKind.NETWORK_DELETE})
_NODES = (
    "microsoft.compute/virtualmachinescalesets",
    "microsoft.compute/virtualmachinescalesets/virtualmachines",
    "microsoft.compute/virtualmachines",
)
_TAGGED_NETWORK = ("microsoft.network/loadbalancers", "microsoft.network/publicipaddresses")


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, to follow the name of whoever did it; ``certain`` if the record proves it."""

    did: str
    certain: bool = True
    stands: bool = False


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on the node resource group and what AKS made in it."""
    for operation in recorded.deeds(RULE.id, cluster, context):
        deed = _deed(operation, cluster)
        if deed is not None:
            yield _finding(operation, deed, cluster, context)


def _deed(operation: Operation, cluster: Cluster) -> Deed | None:
    managed = cluster.managed.require()
    if operation.kind is OperationKind.GROUP_WRITE:
        return _to_group(operation)
    if operation.kind in _DELETIONS:
        return _deletion(operation, cluster)
    return _to_tags(operation, managed)


def _to_group(operation: Operation) -> Deed | None:
    """A write, a deletion or a move of the resource group.

    A partial write leaves alone what it does not name; a whole one takes away what it leaves out.
    """
    verb = operation.name.casefold().rpartition("/")[2]
    if verb != "write":
        did = "deleted the node resource group" if verb == "delete" else "moved resources of it"
        return Deed(did=did, stands=verb != "delete")
    sent = {path.partition(".")[0].casefold() for path in operation.request_paths}
    named = system_tags.named_in(operation.request_paths)
    touched = bool(_system(named, operation)) or "managedby" in sent
    if sent and "location" not in sent:
        return _to_part_of_group(operation, touched=touched)
    if named and not touched:
        return Deed(did="wrote the node resource group without its system tags")
    return Deed(did="wrote the node resource group as a whole", certain=False)


def _to_part_of_group(operation: Operation, *, touched: bool) -> Deed | None:
    """A write of some of the group's metadata: no more than that, unless the system's is in it."""
    if touched:
        return Deed(did="changed the node resource group's own metadata")
    return _untold(operation) if "tags" in map(str.casefold, operation.request_paths) else None


def _to_tags(operation: Operation, managed: ManagedCluster) -> Deed | None:
    """A write of tags alone, by ARM's own tags resource or on the resource itself."""
    named = _to_system_tags(operation)
    if named is not None or not _carries(operation, managed):
        return named
    if operation.name.casefold().endswith("/delete"):
        return Deed(did=f"removed all tags of {arm.name(operation.target)}")
    return None if system_tags.named_in(operation.request_paths) else _untold(operation)


def _untold(operation: Operation) -> Deed:
    """A write of tags that names none on record: it may have been of none, to empty them."""
    name = arm.name(operation.target)
    return Deed(did=f"wrote tags of {name}, which ones is not on record", certain=False)


def _to_system_tags(operation: Operation) -> Deed | None:
    named = _system(system_tags.named_in(operation.request_paths), operation)
    if not named:
        return None
    return Deed(did=f"set system tags of {arm.name(operation.target)}: {', '.join(sorted(named))}")


def _system(named: frozenset[str], operation: Operation) -> frozenset[str]:
    """The system tags among these; the names of old are the system's on nodes alone."""
    on_node = arm.resource_type(operation.target).startswith(_NODES)
    return frozenset(tag for tag in named if system_tags.is_system(tag, on_node=on_node))


def _carries(operation: Operation, managed: ManagedCluster) -> bool:
    """Whether the resource is one that AKS or its cloud provider tags."""
    kind = arm.resource_type(operation.target)
    if kind in _TAGGED_NETWORK:
        return residents.is_made_by_aks(operation.target, managed)
    return not kind or (kind in _NODES and recorded.is_on_node(operation, managed))


def _deletion(operation: Operation, cluster: Cluster) -> Deed | None:
    """The deletion of a whole resource that AKS made; AKS may have made it again."""
    managed, deleted = cluster.managed.require(), operation.resource_id
    if arm.key(deleted) != arm.root(deleted) or not residents.is_made_by_aks(deleted, managed):
        return None
    back = any(arm.same(resident.id, deleted) for resident in cluster.residents.known_or(()))
    return Deed(did=f"deleted {arm.name(deleted)}", stands=not back)


def _finding(operation: Operation, deed: Deed, cluster: Cluster, context: Context) -> Finding:
    managed = cluster.managed.require()
    telling = recorded.Telling(
        did=deed.did,
        severity=Severity.HIGH if deed.certain else Severity.LOW,
        remediation="Have AKS write its own again, and keep the caller out of the group.",
        commands=(remedy.reconcile(managed), remedy.lock_down(managed)),
    )
    found = recorded.finding(operation, telling, cluster, context)
    sure = found.confidence if deed.certain else Confidence.POSSIBLE
    return msgspec.structs.replace(found, confidence=sure, standing=deed.stands)
