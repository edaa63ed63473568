"""Whether a newer node image exists: any pool of the run that runs one proves it.

An image is compared with those of its own gallery and definition alone, by the latest date that
its version names. That no pool runs a newer one proves nothing.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import msgspec

from auditor.evidence.node_images import built_on
from auditor.model.report import ClusterRow, NodePoolRow, UnitResult

_VERSION = re.compile(
    r"(?P<definition>.+?)-(?P<version>\d+(?:\.\d+)+)(?:-(?P<patch>\d{4}\.\d{2}\.\d{2}))?"
)


class Age(NamedTuple):
    """What orders the images of one definition: a later date, then a higher version."""

    built: date
    version: tuple[int, ...]


class NewestImages:
    """The newest image of each definition that any pool runs."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[Age, str]] = {}

    def add(self, unit: UnitResult) -> None:
        """Look at one unit's pools."""
        for image in (pool.image for cluster in unit.clusters for pool in cluster.node_pools):
            read = _read(image)
            if image and read:
                definition, age = read
                newest = self._newest.get(definition, (age, image))
                self._newest[definition] = max(newest, (age, image))

    def told(self, unit: UnitResult) -> UnitResult:
        """The unit, each pool with the newer image that is proven to exist."""
        return msgspec.structs.replace(unit, clusters=tuple(map(self._cluster, unit.clusters)))

    def _cluster(self, row: ClusterRow) -> ClusterRow:
        pools = tuple(
            msgspec.structs.replace(pool, newer_image=self._newer(pool)) for pool in row.node_pools
        )
        return msgspec.structs.replace(row, node_pools=pools)

    def _newer(self, pool: NodePoolRow) -> str | None:
        read = _read(pool.image)
        if read is None or read[0] not in self._newest:
            return None
        definition, own = read
        age, image = self._newest[definition]
        return image if age > own else None


def _read(image: str | None) -> tuple[str, Age] | None:
    """Gallery and definition of an image, in lower case, and its age."""
    parts = _VERSION.fullmatch(image or "")
    built = built_on(image or "")
    if parts is None or built is None:
        return None
    version = tuple(int(number) for number in parts["version"].split("."))
    return parts["definition"].casefold(), Age(built, version)
