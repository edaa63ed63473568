"""Preview features of AKS are registered on the subscription.

What it finds
-------------
Features of ``Microsoft.ContainerService`` that are registered on the cluster's subscription, or
about to be, by name.

Why it matters
--------------
Preview features are supported by best effort and are not meant for production.

What is not flagged
-------------------
Features that are not registered, or no longer. This is a lead, never more: a registered feature
need not be used by any cluster, and stays registered after it has become generally available.

How to fix it
-------------
See which of the features clusters still need, and unregister the others (``az feature
unregister --namespace Microsoft.ContainerService``).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import resource_id as arm
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="PREV001",
    title="Preview features are registered",
    severity=Severity.LOW,
    clauses=("C15",),
    docs_url="https://learn.microsoft.com/azure/azure-resource-manager/management/preview-features",
    since="0.1.0",
    judges=Subject.CLUSTER,
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """List the registered features."""
    managed, features = cluster.managed.require(), cluster.features.require()
    registered = sorted({arm.name(f.name) for f in features if f.is_registered})
    if not registered:
        return
    names = ", ".join(registered)
    yield Finding(
        resource_id=f"/subscriptions/{managed.subscription_id}",
        path="Microsoft.ContainerService/features",
        summary=f"Preview features registered on the subscription of cluster {managed.name}: "
        f"{names}",
        severity=Severity.LOW,
        confidence=Confidence.POSSIBLE,
        actual=names,
        advice=True,
        evidence=tuple(
            Evidence(text=f"{f.name} is {f.state}", source="Microsoft.Features")
            for f in sorted(features, key=lambda f: f.name)
            if f.is_registered
        ),
        remediation="Unregister the features that no cluster needs any more.",
    )
