"""How old node images are: a pool's by AKS's own record, its nodes' by what they boot.

AKS raises the version of a pool at the end of an upgrade, and reimages no node for that alone, so
that nodes can be older than their pool says. The age counts from the newest date in the version,
which is when the image was built.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from auditor.evidence import node_images
from auditor.model.compute import Node
from auditor.model.facet import Gap, Outcome

_TOMORROW = timedelta(days=1)


class Aged(msgspec.Struct, frozen=True, kw_only=True):
    """A node image version, the day it was built on, and how many days ago that is."""

    version: str
    built: date
    days: int


def aged(version: str, today: date) -> Aged | None:
    """How old an image is; ``None`` for a version of unknown form.

    One without a date is, and one whose date is yet to come: where it was built, it may be
    tomorrow already, but not later.
    """
    built = node_images.built_on(version)
    if built is None or built > today + _TOMORROW:
        return None
    return Aged(version=version, built=built, days=max(0, (today - built).days))


def older_nodes(nodes: Iterable[Node], than: Aged, today: date) -> list[tuple[Node, Aged]]:
    """Running nodes whose image is older than their pool's own, as they come.

    A node with a security patch refers to the image that was patched, or to a copy that AKS
    keeps in the node resource group and that bears no version.
    """
    found = []
    for node in nodes:
        boots = node_images.node_image_version(node.image) if node.image else None
        if boots is None or node.power_code != "running" or _is_base_of(boots, than.version):
            continue
        image = aged(boots, today)
        if image and image.built < than.built:
            found.append((node, image))
    return found


def of_unknown_form(pool_id: str, version: str | None) -> Gap:
    """A pool whose image tells no age; with the raw value."""
    said = f"is {version!r}, which has no known form" if version else "is not said"
    return Gap(
        scope=pool_id,
        collector="node_images",
        outcome=Outcome.FAILED,
        code="UnknownImage",
        message=f"the node image version of {pool_id.rpartition('/')[2]} {said}",
    )


def _is_base_of(base: str, version: str) -> bool:
    """Whether a version is the base itself, or a security patch, called after its base.

    Example: ``…-202410.27.0`` and ``…-202410.27.0-2024.12.01``.
    """
    return f"{version.casefold()}-".startswith(f"{base.casefold()}-")
