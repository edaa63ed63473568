"""The cluster is stopped, as is supported: its state is kept for twelve months.

What it finds
-------------
Clusters that are stopped, with the interval in which the twelve months end. The nearer the
earliest possible end, the heavier it weighs: low, medium under 90 days, high under 30, critical
under 7 days or overdue.

Why it matters
--------------
AKS keeps the state of a stopped cluster for up to twelve months and then deletes it with all its
resources.

What is not flagged
-------------------
Running clusters. This is always a warning: a stopped cluster is in support. The start is never
invented: it is the stop on record, or lies between the last sign that the cluster ran (a start on
record, a change to a node pool, the last time that one of its disks changed hands, its creation)
and this reading. The activity log reaches back 90 days only, and AKS also stops clusters by itself
without a record, so that a missing record does not prove that the stop is older.

How to fix it
-------------
Start the cluster in time (it can be stopped again afterwards), or delete it if nobody needs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import clocks, stops
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.question import LookBack, ReadDisks
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import (
    Clock,
    ClockKind,
    Confidence,
    Evidence,
    Finding,
    NotApplicable,
    Severity,
)

RULE = Rule(
    id="PWR004",
    title="Stopped cluster is deleted after twelve months",
    severity=Severity.CRITICAL,
    clauses=("C7",),
    docs_url="https://learn.microsoft.com/azure/aks/start-stop-cluster",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.POWER}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | NotApplicable]:
    """Report when the retention of a stopped cluster ends, as far as evidence tells."""
    managed = cluster.managed.require()
    if not managed.is_stopped:
        yield NotApplicable(reason="the cluster is not stopped")
        return
    start = stops.stopped_since(cluster, managed, context)
    yield _finding(managed, clocks.clock(ClockKind.STOPPED, start, context.now))


def _finding(managed: ManagedCluster, clock: Clock) -> Finding:
    return Finding(
        resource_id=managed.id,
        path="powerState.code",
        summary=f"Cluster {managed.name} is stopped: AKS deletes it twelve months after the stop",
        severity=clocks.severity_of_stop(clock),
        confidence=Confidence.CONFIRMED,
        actual=managed.power_state,
        advice=True,
        clock=clock,
        evidence=(
            Evidence(text=f"AKS's own record: {managed.power_state}", source="managedClusters"),
            Evidence(text=f"stopped since: {clock.basis}", source="clock"),
        ),
        remediation="Start the cluster in time, or delete it if nobody needs it.",
        commands=(remedy.az("start", managed),),
        questions=(LookBack(managed.id), ReadDisks(managed.node_resource_group_id)),
    )
