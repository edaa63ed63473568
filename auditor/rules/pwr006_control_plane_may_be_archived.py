"""All nodes have been down for 30 days or more: the control plane may be archived.

What it finds
-------------
A running cluster of which no node has run for 30 days or longer, whoever took the last one
(PWR002, PWR003). Where evidence leaves open whether the 30 days are over, it is a lead.

Why it matters
--------------
AKS may archive control planes that have been outside of its guidelines for 30 days or more. The
Kubernetes API is then gone until AKS allocates a control plane again.

What is not flagged
-------------------
Whatever neither PWR002 nor PWR003 flags, and outages that demonstrably began less than 30 days ago.

How to fix it
-------------
Any update that brings the cluster back into support makes AKS allocate its control plane again:
reconcile the cluster (``az aks update``), scale or upgrade a node pool through AKS.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from auditor.evidence import at_rest, clocks
from auditor.evidence.outage import Outage, outage
from auditor.model import remedy
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
    id="PWR006",
    title="Control plane may be archived",
    severity=Severity.CRITICAL,
    clauses=("C10a",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.POWER}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | NotApplicable]:
    """Report an outage that has, or may have, outlasted 30 days."""
    inapplicable = at_rest.out_of_question(cluster)
    if inapplicable is not None:
        yield NotApplicable(reason=inapplicable)
        return
    found = outage(cluster, context)
    if found is None:
        return
    clock = clocks.clock(ClockKind.NO_NODES, found.start, context.now)
    if _is_over(clock.deadline_latest, context.now):
        yield _finding(found, clock, found.confidence)
    elif clock.deadline_earliest is None or _is_over(clock.deadline_earliest, context.now):
        yield _finding(found, clock, Confidence.POSSIBLE)


def _is_over(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and deadline <= now


def _finding(found: Outage, clock: Clock, confidence: Confidence) -> Finding:
    managed = found.still.managed
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
        commands=remedy.bring_all_back(managed, (rest.view.pool for rest in found.still.pools)),
        author=found.author,
        questions=found.questions,
        rests_on=found.rests_on,
    )
