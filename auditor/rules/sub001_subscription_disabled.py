"""The subscription is disabled or deleted, or about to be.

What it finds
-------------
Clusters of a subscription that is ``Disabled`` (with the 90 days after which they are deleted) or
``Deleted``, and, as a warning, of one that is ``Warned`` or ``PastDue``.

Why it matters
--------------
When a subscription is disabled, its clusters are stopped at once and deleted after 90 days; when
it is deleted, so are they, at once.

What is not flagged
-------------------
Enabled subscriptions. Azure does not say since when a subscription is disabled: the start of the
90 days lies between the last change on record that a disabled subscription would have refused and
this reading. A state that is not known here is unknown.

How to fix it
-------------
Settle what the subscription is disabled for, and have it enabled again, ahead of the earliest
possible end.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from auditor.evidence import clocks
from auditor.evidence.clocks import Bound
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import CUSTOMER, ActorKind, Operation, OperationStatus
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster, Subscription
from auditor.model.verdict import (
    Clock,
    ClockKind,
    Confidence,
    Evidence,
    Finding,
    Severity,
    Unknown,
)

RULE = Rule(
    id="SUB001",
    title="Subscription is disabled",
    severity=Severity.CRITICAL,
    clauses=("C11",),
    docs_url="https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states",
    since="0.1.0",
    judges=Subject.CLUSTER,
)

_MEANS = MappingProxyType(
    {
        "disabled": "its clusters are stopped, and deleted after 90 days",
        "deleted": "its clusters are deleted at once",
        "warned": "it is about to be disabled, which stops its clusters",
        "pastdue": "it is about to be disabled, which stops its clusters",
    }
)
_WARNINGS = frozenset({"warned", "pastdue"})
_REFUSED = CUSTOMER | {ActorKind.CLUSTER_IDENTITY}
"""Whose writes a disabled subscription refuses; Azure's own go on, to stop what runs there."""


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Look at the state of the cluster's subscription."""
    managed, subscription = cluster.managed.require(), cluster.subscription
    state = subscription.state.casefold()
    if state in _MEANS:
        clock = _clock(managed, context) if state == "disabled" else None
        yield _finding(managed, subscription, clock)
    elif state != "enabled":
        yield Unknown(gap=_of_unknown_state(managed, subscription))


def _finding(managed: ManagedCluster, subscription: Subscription, clock: Clock | None) -> Finding:
    name = subscription.name or subscription.id
    state = subscription.state.casefold()
    warning = state in _WARNINGS
    since = (Evidence(text=f"disabled since: {clock.basis}", source="clock"),) if clock else ()
    return Finding(
        resource_id=f"/subscriptions/{managed.subscription_id}",
        path="state",
        summary=f"Subscription {name} is {subscription.state}: {_MEANS[state]}",
        severity=Severity.HIGH if warning else Severity.CRITICAL,
        confidence=Confidence.CONFIRMED,
        expected="Enabled",
        actual=subscription.state,
        advice=warning,
        clock=clock,
        evidence=(
            Evidence(text=f"its state is {subscription.state}", source="subscriptions"),
            *since,
        ),
        remediation="Have the subscription enabled again, or move what is needed elsewhere.",
        rests_on=(managed.id,),
    )


def _clock(managed: ManagedCluster, context: Context) -> Clock:
    created = managed.created_at
    signs = [Bound(created, "the cluster was created then")] if created else []
    signs += [
        Bound(operation.at, f"{operation.name} was still accepted")
        for operation in context.operations.known_or(())
        if _was_accepted(operation)
    ]
    seen = Bound(context.now, "this reading shows it disabled")
    start = clocks.between(signs, [seen])
    return clocks.clock(ClockKind.SUBSCRIPTION, start, context.now)


def _was_accepted(operation: Operation) -> bool:
    """Whether it shows an enabled subscription: a disabled one still lets things be deleted."""
    return (
        operation.actor.kind in _REFUSED
        and operation.status is OperationStatus.SUCCEEDED
        and "/delete" not in operation.name.casefold()
    )


def _of_unknown_state(managed: ManagedCluster, subscription: Subscription) -> Gap:
    said = f"is {subscription.state!r}, which is not known here" if subscription.state else ""
    return Gap(
        scope=f"/subscriptions/{managed.subscription_id}",
        collector="subscriptions",
        outcome=Outcome.FAILED,
        code="UnknownState",
        message=f"the state of the subscription {said or 'was not read'}",
    )
