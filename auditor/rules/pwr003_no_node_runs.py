"""No node of a running cluster runs, and nobody is known to have taken them down.

What it finds
-------------
A running cluster without a single running VM, for any cause but someone's hand: every pool scaled
to zero, spot nodes evicted, no capacity or quota to start them, or AKS's own operations that
failed.

Why it matters
--------------
A cluster without a running VM has no Ready node. AKS stops such a cluster after 30 days; its state
is then kept for twelve months at most.

What is not flagged
-------------------
Clusters with a running node anywhere, a node VM that Karpenter made included. Clusters that were
stopped through AKS, and disabled subscriptions. Clusters of AKS Automatic whose system nodes
Microsoft holds: nobody can see them from outside. Where people took nodes down, PWR002 tells it:
one cluster without nodes has one clock. Whatever could not be read, or is just being changed, makes
it unknown; so do a machine that AKS lists without a VM, which can be outside of Azure, and a pool
of single machines of which it lists none, for it does not say how many it wants. Nodes that run and
are not Ready cannot be seen without the Kubernetes API.

How to fix it
-------------
Have AKS run a node again: reconcile the cluster (``az aks update``), scale or upgrade a node pool.
Or stop the cluster properly with ``az aks stop``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import at_rest, clocks
from auditor.evidence.at_rest import Rest
from auditor.evidence.outage import Outage, outage
from auditor.model import remedy
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Clock, ClockKind, Evidence, Finding, NotApplicable, Severity

RULE = Rule(
    id="PWR003",
    title="No node of a running cluster runs",
    severity=Severity.CRITICAL,
    clauses=("C9",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.POWER}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | NotApplicable]:
    """Report the outage of a cluster that nobody but AKS or Azure had a hand in."""
    inapplicable = at_rest.out_of_question(cluster)
    if inapplicable is not None:
        yield NotApplicable(reason=inapplicable)
        return
    found = outage(cluster, context)
    if found is not None and not found.is_manual:
        yield _finding(found, clocks.clock(ClockKind.NO_NODES, found.start, context.now))


def _finding(found: Outage, clock: Clock) -> Finding:
    managed = found.still.managed
    return Finding(
        resource_id=managed.id,
        path="",
        summary=f"No node of cluster {managed.name} runs: AKS stops it 30 days after the last node "
        "went down",
        severity=Severity.CRITICAL,
        confidence=found.confidence,
        expected="a running node, or a cluster stopped through AKS",
        actual="no node runs",
        clock=clock,
        evidence=(
            Evidence(text=f"AKS's own record: {managed.power_state}", source="managedClusters"),
            *(Evidence(text=_told(rest), source="Compute") for rest in found.still.pools),
            *(
                Evidence(text=f"node {node.name}, of no pool: {node.power_code}", source="Compute")
                for node in found.still.others
            ),
            Evidence(text=f"no node runs since: {clock.basis}", source="clock"),
        ),
        remediation="Have AKS run a node again, or stop the cluster through AKS.",
        commands=(
            *remedy.bring_all_back(managed, (rest.view.pool for rest in found.still.pools)),
            remedy.az("stop", managed),
        ),
        questions=found.questions,
        rests_on=found.rests_on,
    )


def _told(rest: Rest) -> str:
    """What is left of a pool, in words."""
    pool = rest.view.pool
    if not rest.nodes:
        return f"node pool {pool.name} has no nodes"
    states = sorted({node.power_code or "without power state" for node in rest.nodes})
    return f"node pool {pool.name}: {len(rest.nodes)} nodes, {', '.join(states)}"
