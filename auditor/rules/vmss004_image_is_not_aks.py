"""The scale set boots its nodes from an image that is not AKS's.

What it finds
-------------
A scale set whose model refers to a custom image, a marketplace image or the gallery of another
tenant, where AKS would have put an image of its own galleries.

Why it matters
--------------
The base operating system image of AKS nodes cannot be changed. A node that boots from another
image is outside support, and the next upgrade replaces it.

What is not flagged
-------------------
Images of AKS's own galleries, also when they are older or newer than the node pool says: an
instance keeps its image until AKS reimages it. Node pools made from a snapshot. Images in the node
resource group of a cluster on channel SecurityPatch, where AKS keeps the images that it patched. A
lead only, unless someone's operation is on record: other images there, and galleries that are named
like AKS's and not known here, or lie in another subscription that this run can see. A gallery just
like AKS's in a subscription that is neither AKS's nor visible is unknown; outside the public cloud,
where AKS's own subscription is not known, it is taken for AKS's.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. If the nodes need more than AKS's image
holds, install it with a DaemonSet or choose another ``--os-sku``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import node_images
from auditor.evidence.node_images import Origin
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference, ScaleSet
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS004",
    title="Node image is not AKS's own",
    severity=Severity.HIGH,
    clauses=("C1", "C3"),
    docs_url="https://learn.microsoft.com/azure/aks/node-images",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.IMAGE}),
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare where the scale set's image comes from with where AKS keeps its own."""
    scale_set = view.scale_set.require()
    image = scale_set.image
    if view.pool.source_snapshot_id:
        return
    if image is None:
        yield Unknown(gap=_unnamed(scale_set))
        return
    if _is_patch(image, view):
        return
    origin = node_images.origin(image, view.managed, context.subscriptions)
    if origin is Origin.UNTOLD:
        yield Unknown(gap=_untold(scale_set, image))
    elif origin is not Origin.AKS:
        yield _finding(view, scale_set, image, origin)


def _unnamed(scale_set: ScaleSet) -> Gap:
    return Gap(
        scope=scale_set.id,
        collector="scale_sets",
        outcome=Outcome.FAILED,
        code="ImageNotNamed",
        message=f"Azure did not name the image of {scale_set.name}",
    )


def _untold(scale_set: ScaleSet, image: ImageReference) -> Gap:
    """Why it cannot be told whose an image is."""
    return Gap(
        scope=scale_set.id,
        collector="node_images",
        outcome=Outcome.SKIPPED,
        code="GalleryUntold",
        message=f"whether {image.id} is AKS's image cannot be told: its gallery is named like "
        "AKS's, but lies in a subscription that is not known here",
    )


def _finding(
    view: NodePoolView, scale_set: ScaleSet, image: ImageReference, origin: Origin
) -> Finding:
    return Finding(
        resource_id=scale_set.id,
        path="virtualMachineProfile.storageProfile.imageReference",
        summary=f"Node pool {view.pool.name} boots from {image.label}, not from AKS's image",
        severity=Severity.HIGH,
        confidence=_confidence(image, view, origin),
        expected=view.pool.node_image_version or "an image of AKS's galleries",
        actual=image.label,
        node_pool=view.pool.name,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE}),
        evidence=(
            Evidence(
                text=f"AKS's own record: nodeImageVersion {view.pool.node_image_version}",
                source="managedClusters",
            ),
            Evidence(
                text=f"the scale set's model: {image.label}",
                source="virtualMachineScaleSets",
            ),
        ),
        remediation="Have AKS write its image back and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, view.pool.name),
    )


def _is_inside(image: ImageReference, view: NodePoolView) -> bool:
    return arm.within(image.id or "", view.managed.node_resource_group_id)


def _is_patch(image: ImageReference, view: NodePoolView) -> bool:
    """Whether AKS may well have made the image: channel SecurityPatch keeps patched ones there."""
    channel = (view.managed.node_os_upgrade_channel or "").casefold()
    return channel == "securitypatch" and _is_inside(image, view)


def _confidence(image: ImageReference, view: NodePoolView, origin: Origin) -> Confidence:
    """An image in the node resource group may be AKS's patch, a new gallery may be AKS's too."""
    doubtful = _is_inside(image, view) or origin is Origin.LEAD
    return Confidence.POSSIBLE if doubtful else Confidence.CONFIRMED
