"""Control plane and node pools are too many Kubernetes versions apart.

What it finds
-------------
Node pools more than three minor versions behind their control plane (two, for a control plane
older than 1.28), and node pools that are ahead of it.

Why it matters
--------------
Kubernetes supports a kubelet that is up to three minor versions older than the API server, and
never a newer one. AKS follows that policy from 1.28 on: beyond it, nodes are out of support, and
the control plane cannot be upgraded any further.

What is not flagged
-------------------
Pools within that window, as after an upgrade of the control plane alone, and different patches of
one minor version. A control plane or pool that is being upgraded cannot be told.

How to fix it
-------------
Upgrade the node pools that lag behind, one minor version after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import kubernetes_versions as versions
from auditor.evidence.kubernetes_versions import Minor, Running
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="LIFE004",
    title="Versions are too far apart",
    severity=Severity.MEDIUM,
    clauses=("C13",),
    docs_url="https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.VERSION}),
)

_WIDER_SINCE = Minor(1, 28)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Compare every node pool with the control plane."""
    managed = cluster.managed.require()
    first = versions.control_plane(managed)
    if isinstance(first, Gap):
        yield Unknown(gap=first)
        return
    allowed = 3 if first.minor >= _WIDER_SINCE else 2
    for pool in versions.node_pools(managed, context):
        if isinstance(pool, Gap):
            yield Unknown(gap=pool)
        elif not _fits(first.minor, pool.minor, allowed):
            yield _finding(managed, first, pool, allowed)


def _fits(first: Minor, pool: Minor, allowed: int) -> bool:
    return first.major == pool.major and 0 <= first.number - pool.number <= allowed


def _finding(managed: ManagedCluster, first: Running, pool: Running, allowed: int) -> Finding:
    ahead = pool.minor > first.minor
    how = "ahead of" if ahead else f"more than {allowed} minor versions behind"
    oldest = Minor(first.minor.major, first.minor.number - allowed)
    record = f"AKS's own record: the control plane runs {first.version}, {pool.name} {pool.version}"
    upgrade = ("--name", pool.pool, "--kubernetes-version", first.version)
    return Finding(
        resource_id=pool.id,
        path=pool.path,
        summary=f"Node pool {pool.pool} on {pool.version} is {how} its control plane on "
        f"{first.version}",
        severity=Severity.MEDIUM,
        confidence=min(Confidence.CONFIRMED, pool.at_most, key=lambda c: c.rank),
        expected=f"{oldest} to {first.minor}",
        actual=pool.version,
        node_pool=pool.pool,
        evidence=(Evidence(text=record, source="managedClusters"),),
        remediation=_remediation(ahead=ahead),
        commands=()
        if ahead
        else (
            remedy.az("nodepool get-upgrades", managed, "--nodepool-name", pool.pool),
            remedy.az("nodepool upgrade", managed, *upgrade),
        ),
    )


def _remediation(*, ahead: bool) -> str:
    if ahead:
        return "Upgrade the control plane to the version of its node pools."
    return "Upgrade the node pool, one minor version after the other."
