"""A node pool runs on a node image that is too old.

What it finds
-------------
Node pools whose node image was built more than 90 days ago (violation), or more than 60 (warning,
``--image-warning-days``): by the version that AKS has on record for the pool, or by an older image
that running nodes boot. The newest date in the version counts, so that a security patch renews an
image.

Why it matters
--------------
AKS supports node images that are at most 90 days old. The customer applies node fixes: without new
images, nodes miss the security updates of their operating system and of the container runtime.

What is not flagged
-------------------
Whether a newer image exists is a column of the inventory. AKS rolls an image out for up to two
weeks after it is built, and the policy does not say from when it counts the 90 days: in these two
weeks an image is likely too old. Pools and clusters that are stopped or have no nodes are warned
of only: their next node would boot the old image. Channels ``None`` and ``Unmanaged`` are no
excuse, for they leave the image as it is. A version of unknown form is unknown. Nodes that
Microsoft holds (AKS Automatic) are Microsoft's to renew.

How to fix it
-------------
Upgrade the node image through AKS, and let its channel ``NodeImage`` or ``SecurityPatch`` do so
from now on. Of a retired operating system there is no newer image: move to its successor.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from auditor.evidence import image_age, pools, retirements, transitions
from auditor.evidence.image_age import Aged
from auditor.model import remedy
from auditor.model.compute import Node
from auditor.model.facet import Gap
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="LIFE002",
    title="Node image is too old",
    severity=Severity.HIGH,
    clauses=("C12",),
    docs_url="https://learn.microsoft.com/azure/aks/node-images",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.IMAGE}),
)

SUPPORTED_DAYS = 90
ROLLOUT_DAYS = 14


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Judge every node pool by AKS's own record, then by what its nodes boot."""
    for view in pools.node_pools(cluster):
        if view.pool.is_hosted:
            continue
        judgeable = transitions.of_request(view.managed, view.pool, RULE.compares, context)
        if isinstance(judgeable, Gap):
            yield Unknown(gap=judgeable)
            continue
        version = view.pool.node_image_version
        own = image_age.aged(version or "", context.now.date())
        if own is None:
            yield Unknown(gap=image_age.of_unknown_form(view.pool_id, version))
        else:
            yield from _judged(view, own, context)


def _judged(view: NodePoolView, own: Aged, context: Context) -> Iterator[Finding | Unknown]:
    """The pool's own image first; nodes then tell only what is worse."""
    today = context.now.date()
    warned = min(context.tunables.image_warning_days, SUPPORTED_DAYS)
    if own.days > warned:
        yield _of_pool(view, own, today)
    if own.days > SUPPORTED_DAYS or _is_idle(view):
        return
    yield from (Unknown(gap=gap) for gap in (*view.nodes.causes, *pools.unlisted_machines(view)))
    older = image_age.older_nodes(view.nodes.known_or(()), own, today)
    for days in (SUPPORTED_DAYS, warned):
        found = [(node, image) for node, image in older if image.days > days >= own.days]
        if found:
            yield _of_nodes(view, found, today)
            return


def _is_idle(view: NodePoolView) -> bool:
    """Whether no node should run: an old image then waits for the next one."""
    return view.managed.is_stopped or view.pool.is_stopped or view.pool.count == 0


def _of_pool(view: NodePoolView, own: Aged, today: date) -> Finding:
    boots = "would boot its next node" if _is_idle(view) else "boots its nodes"
    record = Evidence(
        text=f"AKS's own record: nodeImageVersion {own.version}", source="managedClusters"
    )
    finding = _finding(view, own, f"{boots} from {own.version}", record, today)
    if _is_idle(view):
        return msgspec.structs.replace(finding, severity=Severity.LOW, advice=True)
    return finding


def _of_nodes(view: NodePoolView, found: list[tuple[Node, Aged]], today: date) -> Finding:
    oldest = min((image for _, image in found), key=lambda image: image.built)
    which = sorted((node.label for node, _ in found), key=lambda label: (len(label), label))
    boots = Evidence(
        text=f"nodes {', '.join(which)}: {', '.join(sorted({i.version for _, i in found}))}",
        source="the nodes' image references",
    )
    count = "1 running node" if len(which) == 1 else f"{len(which)} running nodes"
    said = f"has {count} on older images, such as {oldest.version}"
    return msgspec.structs.replace(
        _finding(view, oldest, said, boots, today),
        resource_id=view.carrier_id,
        path="storageProfile.imageReference",
        instances=tuple(which),
    )


def _finding(view: NodePoolView, image: Aged, said: str, source: Evidence, today: date) -> Finding:
    """Certain once the image was rolled out everywhere more than 90 days ago."""
    warning = image.days <= SUPPORTED_DAYS
    sure = warning or image.days > SUPPORTED_DAYS + ROLLOUT_DAYS
    built = f"{image.version} was built on {image.built}, {image.days} days ago"
    return Finding(
        resource_id=view.pool_id,
        path="nodeImageVersion",
        summary=f"Node pool {view.pool.name} {said}, built {image.days} days ago",
        severity=Severity.LOW if warning else Severity.HIGH,
        confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
        expected=f"an image built on {today - timedelta(days=SUPPORTED_DAYS)} or later",
        actual=image.version,
        node_pool=view.pool.name,
        advice=warning,
        evidence=(source, Evidence(text=built, source="the version's newest date")),
        remediation=_remediation(view, image, today),
        commands=tuple(_commands(view, image, today)),
    )


def _remediation(view: NodePoolView, image: Aged, today: date) -> str:
    retired = retirements.of_image(image.version)
    if retired and retired.is_past(today):
        return f"AKS makes no newer images of {retired.what}: move to {retired.instead}."
    return f"Upgrade the node image of {view.pool.name} through AKS."


def _commands(view: NodePoolView, image: Aged, today: date) -> Iterator[str]:
    retired = retirements.of_image(image.version)
    if not (retired and retired.is_past(today)):
        yield remedy.recreate_nodes(view.managed, view.pool.name)
    if (view.managed.node_os_upgrade_channel or "").casefold() in {"none", "unmanaged"}:
        yield remedy.az("update", view.managed, "--node-os-upgrade-channel", "NodeImage")
