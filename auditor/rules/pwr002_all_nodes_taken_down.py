"""No node of a running cluster runs, and people took nodes down.

What it finds
-------------
A running cluster of which every node is deallocated, stopped or gone, where at least one was
deallocated, powered off or scaled away by someone other than AKS.

Why it matters
--------------
This is not a supported way to stop a cluster: it is out of support. AKS stops it 30 days after the
last node went down; its state is then kept for twelve months at most.

What is not flagged
-------------------
Clusters with a running node anywhere. Clusters that were stopped through AKS, and disabled
subscriptions. Clusters of AKS Automatic whose system nodes Microsoft hosts. Where AKS or Azure
alone explains it (every pool scaled to zero through AKS, spot nodes evicted, no capacity), PWR003
tells it. Whatever could not be read, or is just being changed, makes it unknown.

How to fix it
-------------
Let AKS bring the nodes back: reconcile the cluster (``az aks update``), scale or upgrade a node
pool. Or stop the cluster properly with ``az aks stop``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import at_rest, clocks
from auditor.evidence.outage import Outage, outage
from auditor.model import remedy
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Clock, ClockKind, Evidence, Finding, NotApplicable, Severity

RULE = Rule(
    id="PWR002",
    title="All nodes of a running cluster were taken down",
    severity=Severity.CRITICAL,
    clauses=("C8",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.POWER}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | NotApplicable]:
    """Report the outage of a cluster, if someone other than AKS is among its causes."""
    inapplicable = at_rest.out_of_question(cluster)
    if inapplicable is not None:
        yield NotApplicable(reason=inapplicable)
        return
    found = outage(cluster, context)
    if found is not None and found.is_manual:
        yield _finding(found, clocks.clock(ClockKind.NO_NODES, found.start, context.now))


def _finding(found: Outage, clock: Clock) -> Finding:
    managed = found.still.managed
    return Finding(
        resource_id=managed.id,
        path="",
        summary=f"No node of cluster {managed.name} runs, and not by AKS's doing: AKS stops it "
        "30 days after the last node went down",
        severity=Severity.CRITICAL,
        confidence=found.confidence,
        expected="a running node, or a cluster stopped through AKS",
        actual="no node runs",
        clock=clock,
        evidence=(
            Evidence(text=f"AKS's own record: {managed.power_state}", source="managedClusters"),
            *(
                Evidence(
                    text=cause.text,
                    source="Compute" if cause.operation is None else "Compute and activity log",
                    at=cause.operation.at if cause.operation else None,
                )
                for cause in found.causes
            ),
            Evidence(text=f"no node runs since: {clock.basis}", source="clock"),
        ),
        remediation="Have AKS bring nodes back, or stop the cluster through AKS.",
        commands=(
            *remedy.bring_all_back(managed, (rest.view.pool for rest in found.still.pools)),
            remedy.az("stop", managed),
        ),
        author=found.author,
        questions=found.questions,
        rests_on=found.rests_on,
    )
