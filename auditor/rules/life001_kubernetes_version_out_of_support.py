"""A Kubernetes version is out of support, or will be soon.

What it finds
-------------
A control plane or a node pool whose Kubernetes version AKS no longer supports, or will not in 60
days' time. Community support, long-term support (plan ``AKSLongTermSupport`` on tier Premium) and
the platform support that is left for the version after the last supported one are told apart. The
finding names its witnesses: AKS's own end-of-life notice, what the cluster's location offers, and
a dated copy of AKS's release calendar as the last resort. Two that agree prove; one alone, or a
version that none of them knows, is a lead.

Why it matters
--------------
The customer keeps the Kubernetes version within the support policy. Outside of it, AKS gives no
help with Kubernetes, no fixes and no guarantee, and may upgrade the cluster by itself.

What is not flagged
-------------------
Versions that the location offers under the cluster's plan and that have more than 60 days left
(``--version-warning-days``).
Removed versions in their 30 days of grace are warned of, not accused. Node pools on the control
plane's minor version are covered by its finding. An older patch of a supported minor version: AKS
does not publish when a patch leaves support. Preview versions (PREV002).

How to fix it
-------------
Upgrade the control plane, then the node pools, one minor version after the other; or move to
long-term support, where the location offers the version under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType

from auditor.evidence import kubernetes_versions as versions
from auditor.evidence import version_support
from auditor.evidence.kubernetes_versions import Plan, Running
from auditor.evidence.version_support import Outlook, Support
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="LIFE001",
    title="Kubernetes version is out of support",
    severity=Severity.HIGH,
    clauses=("C13",),
    docs_url="https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.VERSION}),
)

_SEVERITY = MappingProxyType({Outlook.ENDED: Severity.HIGH, Outlook.ENDING: Severity.MEDIUM})


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Judge the control plane, and every node pool on another minor version."""
    for running in versions.distinct(cluster.managed.require(), context):
        if isinstance(running, Gap):
            yield Unknown(gap=running)
        else:
            yield from _judged(running, cluster, context)


def _judged(running: Running, cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    plan = versions.plan_of(cluster.managed.require())
    today, ahead = context.now.date(), context.tunables.version_warning_days
    support = version_support.support_of(running.minor, plan, cluster, today, ahead)
    if support.outlook is Outlook.UNTOLD:
        yield from (Unknown(gap=gap) for gap in support.unheard)
    elif support.outlook is not Outlook.SUPPORTED:
        said = f"{running.name} runs Kubernetes {running.version}; {_when(plan, support, today)}"
        yield _finding(running, support, said, cluster)


def _finding(running: Running, support: Support, said: str, cluster: Cluster) -> Finding:
    managed = cluster.managed.require()
    plan = versions.plan_of(managed)
    record = f"AKS's own record: {running.name} runs {running.version}"
    under = f"under support plan {managed.support_plan} on tier {managed.sku_tier}"
    return Finding(
        resource_id=running.id,
        path=running.path,
        summary=f"Cluster {managed.name}: {said}",
        severity=_severity(support),
        confidence=min(support.confidence, running.at_most, key=lambda c: c.rank),
        expected=f"a version under {plan.words}",
        actual=running.version,
        node_pool=running.pool,
        advice=support.outlook is Outlook.ENDING,
        evidence=(Evidence(text=f"{record}, {under}", source="managedClusters"), *support.evidence),
        remediation=_remediation(running, plan, cluster),
        commands=tuple(_commands(running, plan, cluster)),
    )


def _severity(support: Support) -> Severity:
    """A doubt weighs as much as what it points to: the end by the calendar, or a silent list."""
    if support.outlook is Outlook.DOUBTFUL:
        return Severity.HIGH if support.end else Severity.MEDIUM
    return _SEVERITY[support.outlook]


def _when(plan: Plan, support: Support, today: date) -> str:
    """The end in words, with whose word it is."""
    end = f"{support.end} ({support.source})"
    if support.end is None:
        return f"its {plan.words} may have ended: the location does not offer it"
    if support.outlook is Outlook.ENDED:
        return f"its {plan.words} ended on {end}" + (support.platform and f"; {support.platform}")
    if support.outlook is Outlook.DOUBTFUL:
        return f"its {plan.words} may have ended on {end}"
    if support.end >= today:
        return f"its {plan.words} ends on {end}"
    grace = version_support.GRACE
    last = support.end + grace
    return f"its {plan.words} ended on {end}, and the {grace.days} days of grace end on {last}"


def _remediation(running: Running, plan: Plan, cluster: Cluster) -> str:
    upgrade = f"Upgrade {running.name} to a supported version"
    longer = ", or move the cluster to long-term support"
    return upgrade + (longer if _has_longer(running, plan, cluster) else "") + "."


def _commands(running: Running, plan: Plan, cluster: Cluster) -> Iterator[str]:
    managed = cluster.managed.require()
    yield remedy.az("get-upgrades", managed)
    if running.pool:
        yield _pool_upgrade(managed, running.pool)
    if _has_longer(running, plan, cluster):
        flags = ("--tier", "premium", "--k8s-support-plan", Plan.LONG_TERM)
        yield remedy.az("update", managed, *flags)


def _pool_upgrade(managed: ManagedCluster, pool: str) -> str:
    target = managed.current_kubernetes_version or managed.kubernetes_version or ""
    flags = ("--name", pool, "--kubernetes-version", target)
    return remedy.az("nodepool upgrade", managed, *flags)


def _has_longer(running: Running, plan: Plan, cluster: Cluster) -> bool:
    """Whether long-term support would still cover the version here."""
    releases = cluster.releases.known_or(())
    community = plan is Plan.COMMUNITY
    return community and versions.offers(releases, running.minor, Plan.LONG_TERM)
