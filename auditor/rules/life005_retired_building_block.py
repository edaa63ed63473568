"""The cluster is built on something that AKS has retired, or will.

What it finds
-------------
The Basic load balancer, availability sets, kubenet, and node operating systems, each with the date
of its retirement and what to move to: a violation once the date is past, a warning before.

Why it matters
--------------
Clusters on retired building blocks are out of support. AKS makes no more node images of a retired
operating system, and in the end deletes those that are left: nodes can then be neither added nor
repaired.

What is not flagged
-------------------
What a node boots decides, not the name of its OS SKU: ``Ubuntu`` stands for newer systems as
Kubernetes goes on. A migration that is under way cannot be told. Retirements that the audit cannot
see, such as those of add-ons and preview features.

How to fix it
-------------
Move to the successor that the finding names, ahead of the date.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.evidence import retirements, transitions
from auditor.evidence.kubernetes_versions import pool_id_of
from auditor.evidence.retirements import Retiring
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="LIFE005",
    title="Retired building block",
    severity=Severity.HIGH,
    clauses=("C13",),
    docs_url="https://learn.microsoft.com/azure/aks/upgrade-os-version",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.VERSION}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Look for retired parts of the cluster, then of every node pool."""
    managed = cluster.managed.require()
    for retiring in retirements.of_cluster(managed):
        yield _finding(managed, retiring, context)
    for pool in managed.pools:
        if pool.is_hosted:
            continue
        judgeable = transitions.of_request(managed, pool, RULE.compares, context)
        if isinstance(judgeable, Gap):
            yield Unknown(gap=judgeable)
            continue
        for retiring in retirements.of_node_pool(pool):
            yield msgspec.structs.replace(
                _finding(managed, retiring, context),
                resource_id=pool_id_of(managed, pool),
                node_pool=pool.name,
                summary=_summary(f"Node pool {pool.name}", retiring, context),
                confidence=judgeable.at_most,
            )


def _finding(managed: ManagedCluster, retiring: Retiring, context: Context) -> Finding:
    retirement = retiring.retirement
    past = retirement.is_past(context.now.date())
    return Finding(
        resource_id=managed.id,
        path=retiring.path,
        summary=_summary(f"Cluster {managed.name}", retiring, context),
        severity=Severity.HIGH if past else Severity.LOW,
        confidence=Confidence.CONFIRMED,
        expected=retirement.instead,
        actual=retiring.value,
        advice=not past,
        evidence=(
            Evidence(
                text=f"AKS's own record: {retiring.path} is {retiring.value}",
                source="managedClusters",
            ),
            Evidence(
                text=f"{retirement.what}: retired on {retirement.on}", source=retirement.source
            ),
        ),
        remediation=f"Move to {retirement.instead}.",
        commands=(remedy.az("update", managed, *retirement.update),) if retirement.update else (),
    )


def _summary(what: str, retiring: Retiring, context: Context) -> str:
    retirement = retiring.retirement
    when = "retired" if retirement.is_past(context.now.date()) else "to be retired"
    return f"{what} is built on {retirement.what}, {when} on {retirement.on}"
