"""All nodes have been down for 30 days or more: the control plane may be archived.

What it finds
-------------
A running cluster whose nodes were taken down by someone other than AKS (PWR002) 30 days ago or
longer. Where evidence leaves open whether the 30 days are over, it is a lead.

Why it matters
--------------
AKS may archive control planes that have been outside of its guidelines for 30 days or more. The
Kubernetes API is then gone until AKS allocates a control plane again.

What is not flagged
-------------------
Whatever PWR002 does not flag, and outages that demonstrably began less than 30 days ago.

How to fix it
-------------
Any update that brings the cluster back into support makes AKS allocate its control plane again:
scale or upgrade a node pool through AKS.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from auditor.evidence import clocks
from auditor.evidence.outage import Outage, manual_outage
from auditor.model import remedy
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Clock, ClockKind, Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="PWR006",
    title="Control plane may be archived",
    severity=Severity.CRITICAL,
    clauses=("C10a",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.POWER}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report an outage that has, or may have, outlasted 30 days."""
    outage = manual_outage(cluster, context)
    if outage is None:
        return
    clock = clocks.clock(ClockKind.NO_NODES, outage.start, context.now)
    if _is_over(clock.deadline_latest, context.now):
        yield _finding(outage, clock, outage.confidence)
    elif clock.deadline_earliest is None or _is_over(clock.deadline_earliest, context.now):
        yield _finding(outage, clock, Confidence.POSSIBLE)


def _is_over(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and deadline <= now


def _finding(outage: Outage, clock: Clock, confidence: Confidence) -> Finding:
    managed = outage.still.managed
    how_long = "may have" if confidence is Confidence.POSSIBLE else "has"
    return Finding(
        resource_id=managed.id,
        path="",
        summary=f"Cluster {managed.name} {how_long} been without a running node for 30 days or "
        "more: AKS may archive its control plane",
        severity=Severity.CRITICAL,
        confidence=confidence,
        expected="less than 30 days without a running node",
        actual="30 days or more",
        evidence=(Evidence(text=f"no node runs since: {clock.basis}", source="clock"),),
        remediation="Have AKS bring nodes back; any such update allocates the control plane anew.",
        commands=tuple(remedy.bring_back(managed, rest.view.pool) for rest in outage.still.pools),
        questions=outage.questions,
        rests_on=outage.scale_sets,
    )
