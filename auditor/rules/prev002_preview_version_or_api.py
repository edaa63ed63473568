"""The cluster runs a preview Kubernetes version, or was written with a preview API.

What it finds
-------------
A control plane or node pool on a Kubernetes version that its location offers as a preview, and
callers who wrote the cluster with a ``-preview`` version of the AKS API, once for each caller and
version.

Why it matters
--------------
Previews are supported by best effort and are not meant for production. Only a preview API can set
preview properties, and each of these APIs is removed after about a year: what calls it then fails.

What is not flagged
-------------------
Reading with a preview API, and failed calls. Calls from the Azure portal, which chooses its API
itself. That an API is on record is advice: whether preview properties were set cannot be seen.

How to fix it
-------------
Upgrade to a generally available version once there is one. Move pipelines, templates and modules
to a stable version of the API.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.evidence import kubernetes_versions as versions
from auditor.evidence import recorded
from auditor.evidence.kubernetes_versions import Running
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.lifecycle import KubernetesRelease
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="PREV002",
    title="Preview version or preview API",
    severity=Severity.MEDIUM,
    clauses=("C15",),
    docs_url="https://learn.microsoft.com/azure/aks/concepts-preview-api-life-cycle",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.VERSION}),
)

_WRITES = frozenset({OperationKind.AKS_WRITE, OperationKind.AKS_START, OperationKind.AKS_STOP})
_PORTAL = "Azure portal"


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Look at what runs, then at what was called."""
    managed = cluster.managed.require()
    if isinstance(cluster.releases, Gap):
        yield Unknown(gap=cluster.releases)
    else:
        yield from _previews(managed, cluster.releases.value, context)
    yield from _calls(managed, context)


def _previews(
    managed: ManagedCluster, releases: tuple[KubernetesRelease, ...], context: Context
) -> Iterator[Finding | Unknown]:
    minors = {versions.minor_of(release.minor) for release in releases if release.is_preview}
    for running in versions.distinct(managed, context):
        if isinstance(running, Gap):
            yield Unknown(gap=running)
        elif running.minor in minors:
            yield _preview(managed, running)


def _preview(managed: ManagedCluster, running: Running) -> Finding:
    offered = f"location {managed.location} offers {running.minor} as a preview"
    return Finding(
        resource_id=running.id,
        path=running.path,
        summary=f"Cluster {managed.name}: {running.name} runs preview version {running.version}",
        severity=Severity.MEDIUM,
        confidence=running.at_most,
        expected="a generally available version",
        actual=running.version,
        node_pool=running.pool,
        evidence=(
            Evidence(
                text=f"AKS's own record: {running.name} runs {running.version}",
                source="managedClusters",
            ),
            Evidence(text=offered, source="kubernetesVersions"),
        ),
        remediation="Upgrade to a generally available version once there is one.",
        commands=(remedy.az("get-upgrades", managed),),
    )


def _calls(managed: ManagedCluster, context: Context) -> Iterator[Finding]:
    """What was written with a preview API, once for each caller and version."""
    by_caller: defaultdict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in context.operations.known_or(()):
        if _is_preview_write(operation, managed):
            caller = (operation.actor.id or operation.actor.name).casefold()
            by_caller[caller, operation.api_version.casefold()].append(operation)
    for (caller, version), operations in sorted(by_caller.items()):
        yield _call(managed, operations, f"{caller} {version}")
    context.operations.require()


def _is_preview_write(operation: Operation, managed: ManagedCluster) -> bool:
    return (
        operation.kind in _WRITES
        and operation.status is OperationStatus.SUCCEEDED
        and operation.api_version.casefold().endswith("-preview")
        and not operation.actor.is_of_aks
        and operation.actor.client != _PORTAL
        and arm.within(operation.resource_id, managed.id)
    )


def _call(managed: ManagedCluster, operations: list[Operation], discriminator: str) -> Finding:
    newest = max(operations, key=lambda o: (o.at, o.id))
    times = "once" if len(operations) == 1 else f"{len(operations)} times"
    who = recorded.who(newest.actor)
    return Finding(
        resource_id=managed.id,
        path="",
        summary=f"{who} wrote cluster {managed.name} with preview API {newest.api_version} "
        f"({times} on record)",
        severity=Severity.LOW,
        confidence=recorded.confidence(newest),
        expected="a stable version of the API",
        actual=newest.api_version,
        operation=newest,
        advice=True,
        evidence=tuple(
            Evidence(
                text=f"{operation.name} with api-version {operation.api_version} by {who}",
                source="activity log",
                at=operation.at,
            )
            for operation in operations
        ),
        remediation="Move the caller to a stable version of the AKS API.",
        discriminator=discriminator,
    )
