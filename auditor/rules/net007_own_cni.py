"""The cluster brings a CNI plugin of its own: its networking is outside AKS support.

What it finds
-------------
Clusters whose network plugin is ``none``.

Why it matters
--------------
Whoever brings a CNI plugin supports it: AKS helps with everything else, but not with connectivity,
IP addresses or network policies of the cluster.

What is not flagged
-------------------
AKS's own plugins, kubenet among them. This is a piece of information, not a breach: bringing a CNI
plugin is supported, the plugin is not.

How to fix it
-------------
Nothing needs fixing. Keep a support contract for the plugin, or move to a network plugin of AKS's
by way of a new cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="NET007",
    title="Network plugin of the customer's own",
    severity=Severity.INFO,
    clauses=("C14",),
    docs_url="https://learn.microsoft.com/azure/aks/use-byo-cni",
    since="0.1.0",
    judges=Subject.CLUSTER,
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Look at the network plugin."""
    managed = cluster.managed.require()
    if (managed.network.plugin or "").casefold() != "none":
        return
    yield Finding(
        resource_id=managed.id,
        path="networkProfile.networkPlugin",
        summary=f"Cluster {managed.name} brings its own CNI plugin: its networking is outside "
        "AKS support",
        severity=Severity.INFO,
        confidence=Confidence.CONFIRMED,
        actual=managed.network.plugin,
        advice=True,
        evidence=(
            Evidence(text="AKS's own record: networkPlugin is none", source="managedClusters"),
        ),
        remediation="Keep a support contract for the plugin.",
    )
