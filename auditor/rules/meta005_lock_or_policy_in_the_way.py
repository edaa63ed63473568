"""A lock, or a policy, stands in AKS's way in the node resource group.

What it finds
-------------
Management locks on the node resource group, above it, and on resources in it. And calls on record
by which AKS or the cluster's own identity tried to change something there and was refused because
of a lock (``ScopeLocked``) or of a policy that denies (``RequestDisallowedByPolicy``).

Why it matters
--------------
AKS makes, changes and deletes resources there all the time: for scaling, upgrades, repair, Services
and volumes. What keeps it from doing so breaks these, and the deletion of the cluster; a cluster on
which AKS cannot work is not supported.

What is not flagged
-------------------
The deny assignment of node resource group lockdown, which AKS itself puts there. Refused calls of
anyone else. A lock by itself is a warning: not every lock is met by something that AKS does.

How to fix it
-------------
Remove the lock, or put it on the cluster and on resources of your own instead; exempt the node
resource group from the policy. Then reconcile the cluster, so that AKS does what it could not do.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence

from auditor.evidence.recorded import who
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.governance import Lock
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="META005",
    title="A lock or a policy stands in AKS's way",
    severity=Severity.MEDIUM,
    clauses=("C5",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.CLUSTER,
)

_LOCKED = "ScopeLocked"
_DISALLOWED = "RequestDisallowedByPolicy"
_WHAT = {_LOCKED: "a lock", _DISALLOWED: "a policy"}


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Tell of the locks around the node resource group, then of what was refused to AKS."""
    managed = cluster.managed.require()
    group = managed.node_resource_group_id
    locks = cluster.locks.known_or(())
    for lock in locks if managed.node_resource_group else ():
        if arm.within(group, lock.scope) or arm.within(lock.scope, group):
            yield _of_lock(lock, managed)
    if isinstance(cluster.locks, Gap):
        yield Unknown(gap=cluster.locks)
    refused: defaultdict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in context.operations.known_or(()):
        if _is_refused(operation, group):
            cause = next(iter(operation.blocked_by), group)
            refused[operation.failure_code, arm.key(cause)].append(operation)
    for operations in refused.values():
        yield _of_refusal(operations, managed, context)
    context.operations.require()


def _is_refused(operation: Operation, group: str) -> bool:
    """Whether AKS, or the cluster's identity at its work, was kept from something in the group."""
    return (
        operation.failure_code in _WHAT
        and operation.status is OperationStatus.FAILED
        and operation.actor.is_of_aks
        and arm.within(operation.resource_id, group)
    )


def _of_lock(lock: Lock, managed: ManagedCluster) -> Finding:
    group = managed.node_resource_group
    where = "/".join(lock.scope.rstrip("/").split("/")[-2:])
    return Finding(
        resource_id=lock.id,
        path="",
        summary=f"Lock {lock.name} ({lock.level}) on {where} reaches into {group}",
        severity=Severity.MEDIUM,
        confidence=Confidence.CONFIRMED,
        expected="no lock",
        actual=lock.level,
        explained_by=frozenset({OperationKind.LOCK_WRITE}),
        advice=True,
        evidence=(Evidence(text=f"{lock.level} on {lock.scope}", source=f"lock {lock.name}"),),
        remediation="Remove the lock; to keep a cluster from deletion, lock the cluster itself.",
        commands=(f"az lock delete --ids {shlex.quote(lock.id)}",),
    )


def _of_refusal(
    operations: Sequence[Operation], managed: ManagedCluster, context: Context
) -> Finding:
    """What one lock or one policy kept AKS from, told by the last time."""
    last = operations[-1]
    cause = next(iter(last.blocked_by), managed.node_resource_group_id)
    is_lock = last.failure_code == _LOCKED
    name, what = arm.name(cause), _WHAT[last.failure_code]
    by = f"on {name}" if is_lock else f"({name})" * bool(last.blocked_by)
    return Finding(
        resource_id=cause if is_lock else managed.node_resource_group_id,
        path="",
        summary=(
            f"AKS was kept from {last.name} on {arm.name(last.target)} by {what} {by}".rstrip()
            + f", {last.at:%Y-%m-%d %H:%M}Z"
            + (f"; {len(operations)} times in all" if len(operations) > 1 else "")
        ),
        severity=Severity.MEDIUM,
        confidence=Confidence.CONFIRMED,
        expected="AKS can work in its resource group",
        actual=last.failure_code,
        standing=not _done_since(last, context),
        evidence=tuple(
            Evidence(
                text=f"{one.name} by {who(one.actor)}: {one.failure_code}",
                source="activity log",
                at=one.at,
            )
            for one in operations[-3:]
        ),
        remediation=f"Remove {what}'s hold on the node resource group, then reconcile the cluster.",
        commands=(remedy.reconcile(managed),),
        discriminator=f"{last.failure_code} {arm.key(cause)}",
    )


def _done_since(refused: Operation, context: Context) -> bool:
    """Whether AKS has done the same to the same resource since."""
    return any(
        later.at > refused.at
        and later.status is OperationStatus.SUCCEEDED
        and later.actor.is_of_aks
        and later.name.casefold() == refused.name.casefold()
        and arm.same(later.resource_id, refused.resource_id)
        for later in context.done_to(refused.resource_id)
    )
