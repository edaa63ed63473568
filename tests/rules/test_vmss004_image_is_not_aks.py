"""VMSS004: which images are not AKS's, and how surely."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence import pools
from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference
from auditor.model.verdict import Confidence, Finding, Severity, Unknown
from auditor.rules import vmss004_image_is_not_aks as vmss004
from tests import build

IMAGES = "providers/Microsoft.Compute/images/golden"
GALLERY = "providers/Microsoft.Compute/galleries/golden/images/base/versions/1.0.0"
ELSEWHERE = "/subscriptions/30000000-2000-4000-8000-000000000003/resourceGroups"

UNKNOWN_OF_AKS = (
    f"{ELSEWHERE}/AKS-Beyond/providers/Microsoft.Compute/galleries/AKSBeyond"
    "/images/gen2/versions/202610.06.0"
)


def told(image: ImageReference | None, **pool: Any) -> list[Finding]:  # noqa: ANN401 (any field)
    return [f for f in said(image, **pool) if isinstance(f, Finding)]


def said(
    image: ImageReference | None,
    visible: frozenset[str] = frozenset(),
    **pool: Any,  # noqa: ANN401 (any field)
) -> list[Finding | Unknown]:
    asked = build.managed(build.pool(**pool))
    of = build.cluster(asked, scale_sets=(build.scale_set(image=image),))
    (view,) = pools.node_pools(of)
    return list(vmss004.check(view, build.context(subscriptions=visible)))


@pytest.mark.parametrize(
    ("image", "confidence"),
    [
        (f"{build.GROUP_ID}/{GALLERY}", Confidence.CONFIRMED),
        (f"{build.GROUP_ID}/{IMAGES}", Confidence.CONFIRMED),
        (f"{ELSEWHERE}/images/{GALLERY}", Confidence.CONFIRMED),
        (f"{build.NODE_GROUP_ID}/{IMAGES}", Confidence.POSSIBLE),
        (f"{build.NODE_GROUP_ID.upper()}/{IMAGES}", Confidence.POSSIBLE),
        (UNKNOWN_OF_AKS, Confidence.POSSIBLE),
    ],
)
def test_an_image_is_certainly_not_akss_unless_it_lies_where_akss_may(
    image: str, confidence: Confidence
) -> None:
    (finding,) = told(ImageReference(id=image))
    assert (finding.severity, finding.confidence) == (Severity.HIGH, confidence)


def test_a_gallery_just_like_akss_elsewhere_is_unknown_or_where_it_is_visible_a_lead() -> None:
    place = "AKS-Ubuntu/providers/Microsoft.Compute/galleries/AKSUbuntu/images/2404/versions/1.0.0"
    image = ImageReference(id=f"{ELSEWHERE}/{place}")
    (unknown,) = said(image)
    assert isinstance(unknown, Unknown)
    assert f"{ELSEWHERE}/{place}" in unknown.gap.message
    (lead,) = said(image, frozenset({arm.subscription(ELSEWHERE)}))
    assert isinstance(lead, Finding)
    assert (lead.confidence, lead.actual) == (Confidence.POSSIBLE, image.id)


def test_an_image_of_the_marketplace_is_certainly_not_akss() -> None:
    (finding,) = told(ImageReference(publisher="Canonical", offer="ubuntu", sku="22_04"))
    assert finding.confidence is Confidence.CONFIRMED


def test_a_model_that_names_no_image_is_unknown() -> None:
    (unknown,) = said(None)
    assert isinstance(unknown, Unknown)
    assert unknown.gap.code == "ImageNotNamed"


def test_a_pool_of_a_snapshot_and_akss_own_image_are_no_matter() -> None:
    foreign = ImageReference(id=f"{build.GROUP_ID}/{GALLERY}")
    assert told(foreign, source_snapshot_id=f"{build.GROUP_ID}/snapshots/s") == []
    assert told(build.scale_set().image) == []


def test_what_is_expected_is_what_aks_has_on_record() -> None:
    foreign = ImageReference(id=f"{build.GROUP_ID}/{GALLERY}")
    (known,), (unknown,) = told(foreign), told(foreign, node_image_version=None)
    assert known.expected == build.pool().node_image_version
    assert unknown.expected == "an image of AKS's galleries"


@pytest.mark.parametrize(
    ("image", "flagged"),
    [(f"{build.NODE_GROUP_ID}/{IMAGES}", False), (f"{build.GROUP_ID}/{IMAGES}", True)],
)
def test_on_channel_security_patch_aks_keeps_its_images_in_the_node_resource_group(
    image: str, flagged: bool
) -> None:
    asked = build.managed(build.pool(), node_os_upgrade_channel="SecurityPatch")
    scale_set = build.scale_set(image=ImageReference(id=image))
    (view,) = pools.node_pools(build.cluster(asked, scale_sets=(scale_set,)))

    assert bool(list(vmss004.check(view, build.context()))) is flagged
