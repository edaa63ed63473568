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
resource group of a cluster on channel SecurityPatch, where AKS keeps the images that it patched.
Other images there, and galleries that are named like AKS's and not known here, are a lead only,
unless someone's operation is on record.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. If the nodes need more than AKS's image
holds, install it with a DaemonSet or choose another ``--os-sku``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import node_images
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

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


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Compare where the scale set's image comes from with where AKS keeps its own."""
    scale_set = view.scale_set.require()
    image = scale_set.image
    if image is None or view.pool.source_snapshot_id:
        return
    if node_images.is_of_aks(image, view.managed.subscription_id) or _is_patch(image, view):
        return
    yield Finding(
        resource_id=scale_set.id,
        path="virtualMachineProfile.storageProfile.imageReference",
        summary=f"Node pool {view.pool.name} boots from {image.label}, not from AKS's image",
        severity=Severity.HIGH,
        confidence=_confidence(image, view),
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
                text=f"the scale set's model: {image.label}", source="virtualMachineScaleSets"
            ),
        ),
        remediation="Have AKS write its image back and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, view.pool.name),
    )


def _is_inside(image: ImageReference, view: NodePoolView) -> bool:
    return bool(image.id) and arm.within(image.id or "", view.managed.node_resource_group_id)


def _is_patch(image: ImageReference, view: NodePoolView) -> bool:
    """Whether AKS may well have made the image: channel SecurityPatch keeps patched ones there."""
    channel = (view.managed.node_os_upgrade_channel or "").casefold()
    return channel == "securitypatch" and _is_inside(image, view)


def _confidence(image: ImageReference, view: NodePoolView) -> Confidence:
    """An image in the node resource group may be AKS's patch, a new gallery may be AKS's too."""
    elsewhere = node_images.may_be_of_aks(image, view.managed.subscription_id)
    doubtful = _is_inside(image, view) or elsewhere
    return Confidence.POSSIBLE if doubtful else Confidence.CONFIRMED
