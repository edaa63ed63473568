"""Unit results on disk, so that a run's memory does not grow with the tenant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from auditor.model.report import UnitResult

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(UnitResult)


class Spool:
    """The unit results of a run, one file each; iterates them again and again in one order.

    ``folder`` must exist and belong to the run alone. The order is that of the subscriptions'
    ids, whatever order they were written in. A unit written twice replaces the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, unit: UnitResult) -> None:
        """Put one unit away."""
        name = quote(unit.subscription.id.casefold(), safe="") + ".json"
        (self._folder / name).write_bytes(_ENCODER.encode(unit))

    def __iter__(self) -> Iterator[UnitResult]:
        for path in sorted(self._folder.glob("*.json")):
            yield _DECODER.decode(path.read_bytes())
