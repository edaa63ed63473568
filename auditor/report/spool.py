"""Unit results on disk, so that a run's memory does not grow with the tenant."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from auditor.model.errors import RunFailedError
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
        """Put one unit away; :class:`RunFailedError` where the disk does not take it."""
        name = quote(unit.subscription.id.casefold(), safe="") + ".json"
        try:
            (self._folder / name).write_bytes(_ENCODER.encode(unit))
        except OSError as error:
            raise _no_room(error) from error

    def __iter__(self) -> Iterator[UnitResult]:
        for path in sorted(self._folder.glob("*.json")):
            yield _DECODER.decode(path.read_bytes())


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for spools that goes with the context; :class:`RunFailedError` if there is none."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="aks-auditor-")
    except OSError as error:
        raise _no_room(error) from error
    with folder as path:
        yield Path(path)


def _no_room(error: OSError) -> RunFailedError:
    return RunFailedError(
        f"the temporary folder cannot be written to: {error.strerror}",
        "make room there, or let TMPDIR name another folder",
    )
