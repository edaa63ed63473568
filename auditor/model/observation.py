"""The comparable fields of an object as an earlier run saw them, as printable values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What an earlier, complete run saw of one cluster.

    ``fields`` is by resource key, then by property path: printable values, never hashes.
    """

    cluster_id: str
    at: datetime
    fields: Mapping[str, Mapping[str, str]] = {}

    def value(self, resource_key: str, path: str) -> str | None:
        """What the property was then, or ``None`` where it was not seen."""
        return self.fields.get(resource_key, {}).get(path)
