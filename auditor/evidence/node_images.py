"""Node images: which image references are AKS's own, and how old an image is.

AKS builds its images in its own galleries and names a pool's image
``<gallery>-<definition>-<version>``, where the Windows definition drops its ``windows-``.
Sources: AgentBaker's gallery configuration; the AKS release notes; images seen in node resource
groups of 2020 to 2026. The subscription that holds the galleries differs by cloud, so it is the
gallery and its resource group that tell, never the subscription alone.
"""

from __future__ import annotations

import re
from datetime import date

from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference

_GALLERIES = re.compile(
    r"aks(ubuntu|azurelinux|cblmariner|windows|flatcar)(edgezone)?", re.IGNORECASE
)
_GALLERY_GROUPS = re.compile(r"aks-[a-z]+", re.IGNORECASE)
_COMMUNITY = re.compile(r"aks[a-z]+-[0-9a-f-]{36}", re.IGNORECASE)

_DATES = (
    re.compile(r"(?P<y>20\d{2})(?P<m>\d{2})\.(?P<d>\d{1,2})\.\d+"),
    re.compile(r"(?P<y>20\d{2})\.(?P<m>\d{2})\.(?P<d>\d{1,2})$"),
    re.compile(r"\.(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})$"),
)


def is_of_aks(image: ImageReference, subscription_id: str) -> bool:
    """Whether an image comes from one of AKS's galleries, direct or community.

    A gallery in the cluster's own subscription is the customer's, whatever its name.
    """
    if image.id:
        if arm.same(arm.subscription(image.id), subscription_id):
            return False
        gallery = arm.segment(image.id, "galleries") or ""
        group = arm.resource_group(image.id)
        return bool(_GALLERIES.fullmatch(gallery) and _GALLERY_GROUPS.fullmatch(group))
    community = arm.segment(image.community_gallery_image_id or "", "CommunityGalleries")
    return bool(community and _COMMUNITY.fullmatch(community))


def node_image_version(image: ImageReference) -> str | None:
    """The version as AKS would show it on the pool, or ``None`` for an image in other form.

    Example: ``…/galleries/AKSUbuntu/images/2204gen2containerd/versions/202509.23.0`` is
    ``AKSUbuntu-2204gen2containerd-202509.23.0``.
    """
    if not image.id:
        return None
    gallery = arm.segment(image.id, "galleries")
    definition = arm.segment(image.id, "images")
    version = arm.segment(image.id, "versions")
    if not (gallery and definition and version):
        return None
    return f"{gallery}-{re.sub('^windows-', '', definition, flags=re.IGNORECASE)}-{version}"


def built_on(version: str) -> date | None:
    """The latest date that a node image version names, or ``None`` where it names none.

    A security patch of a base image carries both dates; which of them the 90 days count from is
    not documented, so the newest is taken.
    """
    dates = [made for part in _readings(version) if (made := _date(part)) is not None]
    return max(dates, default=None)


def _readings(version: str) -> list[tuple[int, int, int]]:
    found = [m for pattern in _DATES for m in pattern.finditer(version)]
    return [(int(m["y"]) % 100 + 2000, int(m["m"]), int(m["d"])) for m in found]


def _date(parts: tuple[int, int, int]) -> date | None:
    try:
        return date(*parts)
    except ValueError:
        return None
