"""Node images: which image references are AKS's own, and how old an image is.

AKS builds its images in its own galleries and names a pool's image
``<gallery>-<definition>-<version>``, where the Windows definition drops its ``windows-``.
Sources: AgentBaker's gallery configuration; the AKS release notes; images seen in node resource
groups of 2020 to 2026; the page on Azure Container Linux, for the name of its images. The
subscription that holds the galleries differs by cloud: elsewhere than in the public one it is the
gallery and its resource group that tell.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from enum import StrEnum

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.compute import ImageReference

_GALLERIES = re.compile(
    r"aks(ubuntu|azurelinux|azurecontainerlinux|cblmariner|windows|flatcar)(edgezone)?",
    re.IGNORECASE,
)
_ANY_GALLERY = re.compile(r"aks[a-z0-9]+", re.IGNORECASE)
_GALLERY_GROUPS = re.compile(r"aks-[a-z0-9]+(-edgezone)?", re.IGNORECASE)
_PUBLIC_CLOUD = "109a5e88-712a-48ae-9078-9ca8b3c81345"
_OTHER_CLOUDS = re.compile(r"us ?(gov|dod|nat|sec)|china|bleu|delos", re.IGNORECASE)
_COMMUNITY = re.compile(r"aks[a-z]+-[0-9a-f-]{36}", re.IGNORECASE)

_DATES = (
    re.compile(r"(?P<y>20\d{2})(?P<m>\d{2})\.(?P<d>\d{1,2})\.\d+"),
    re.compile(r"(?P<y>20\d{2})\.(?P<m>\d{2})\.(?P<d>\d{1,2})$"),
    re.compile(r"\.(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})$"),
)


class Origin(StrEnum):
    """Whose an image is, by where it lies.

    ``LEAD``: named like AKS's, but in a gallery that is not known, or where customers can be;
    ``UNTOLD``: just like AKS's, in a subscription of which nobody here knows whose it is.
    """

    AKS = "aks"
    UNTOLD = "untold"
    LEAD = "lead"
    FOREIGN = "foreign"


def origin(image: ImageReference, managed: ManagedCluster, visible: Container[str]) -> Origin:
    """Whose an image is; ``visible`` are the subscriptions that the run can see, in lower case.

    AKS's galleries lie in a subscription of Microsoft's, one for each cloud, which no customer
    sees. That of the public cloud is known; in another cloud name and place of the gallery tell.
    """
    if not image.id:
        community = arm.segment(image.community_gallery_image_id or "", "CommunityGalleries")
        return Origin.AKS if community and _COMMUNITY.fullmatch(community) else Origin.FOREIGN
    subscription = arm.key(arm.subscription(image.id))
    if not _is_named_so(image.id) or arm.same(subscription, managed.subscription_id):
        return Origin.FOREIGN
    if subscription == _PUBLIC_CLOUD:
        return Origin.AKS
    known = _GALLERIES.fullmatch(arm.segment(image.id, "galleries") or "")
    if subscription in visible or not known:
        return Origin.LEAD
    return Origin.AKS if _OTHER_CLOUDS.match(managed.location) else Origin.UNTOLD


def _is_named_so(image_id: str) -> bool:
    """Whether gallery and resource group are named as AKS names its own."""
    gallery = _ANY_GALLERY.fullmatch(arm.segment(image_id, "galleries") or "")
    return bool(gallery and _GALLERY_GROUPS.fullmatch(arm.resource_group(image_id)))


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
    not documented, so the newest is taken. A version that ends in anything else than a date names
    none: what is not understood there may be a newer one.
    """
    found = [m for pattern in _DATES for m in pattern.finditer(version)]
    dates = {made: m.end() for m in found if (made := _date(m)) is not None}
    return max(dates) if len(version) in dates.values() else None


def _date(named: re.Match[str]) -> date | None:
    try:
        return date(int(named["y"]) % 100 + 2000, int(named["m"]), int(named["d"]))
    except ValueError:
        return None
