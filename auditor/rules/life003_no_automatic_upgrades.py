"""Nothing upgrades the cluster by itself: node images, or Kubernetes patches.

What it finds
-------------
Clusters without a channel for node images (``None``, or ``Unmanaged``, which patches nodes and
leaves their image as it is), and clusters without a channel for Kubernetes versions (``none``, or
``node-image``, which leaves the version as it is).

Why it matters
--------------
The customer keeps node images and Kubernetes versions within the support policy. Without a
channel, somebody has to think of it, every few weeks.

What is not flagged
-------------------
A channel that Azure does not show: the default renews node images. This is advice, never a breach:
upgrades may well come from a pipeline. How old images are is told by LIFE002, how old versions are
by LIFE001.

How to fix it
-------------
Set the channels, with a maintenance window that suits.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="LIFE003",
    title="No automatic upgrades",
    severity=Severity.INFO,
    clauses=("C12", "C13"),
    docs_url="https://learn.microsoft.com/azure/aks/auto-upgrade-cluster",
    since="0.1.0",
    judges=Subject.CLUSTER,
)

_LEAVES_IMAGES = frozenset({"none", "unmanaged"})
_LEAVES_VERSIONS = frozenset({"", "none", "node-image"})


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Look at the two channels."""
    managed = cluster.managed.require()
    for_versions = (managed.upgrade_channel or "").casefold()
    for_images = (managed.node_os_upgrade_channel or "").casefold()
    if for_images in _LEAVES_IMAGES and for_versions != "node-image":
        yield _finding(
            managed,
            path="autoUpgradeProfile.nodeOSUpgradeChannel",
            channel=managed.node_os_upgrade_channel,
            what="node images",
            flags=("--node-os-upgrade-channel", "NodeImage"),
        )
    if for_versions in _LEAVES_VERSIONS:
        yield _finding(
            managed,
            path="autoUpgradeProfile.upgradeChannel",
            channel=managed.upgrade_channel,
            what="Kubernetes patches",
            flags=("--auto-upgrade-channel", "patch"),
        )


def _finding(
    managed: ManagedCluster, *, path: str, channel: str | None, what: str, flags: tuple[str, str]
) -> Finding:
    shown = channel or "none"
    return Finding(
        resource_id=managed.id,
        path=path,
        summary=f"Cluster {managed.name} has no automatic upgrades of {what} (channel {shown})",
        severity=Severity.INFO,
        confidence=Confidence.CONFIRMED,
        expected=flags[1],
        actual=shown,
        advice=True,
        evidence=(Evidence(text=f"AKS's own record: {path} is {shown}", source="managedClusters"),),
        remediation=f"Let a channel renew {what}, or see to it that a pipeline does.",
        commands=(remedy.az("update", managed, *flags),),
    )
