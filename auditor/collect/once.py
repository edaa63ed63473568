"""Reading one resource once, however many clusters share it."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from auditor.collect.concurrency import SingleFlight
from auditor.collect.reader import Reader
from auditor.collect.surfaces import Surface
from auditor.model import resource_id as arm
from auditor.model.facet import Facet

M = TypeVar("M")


class Once:
    """A reader with a memory. A new one forgets: what it reads is fresh."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._flights: SingleFlight[Facet[Any]] = SingleFlight()

    async def get(
        self, surface: Surface[M], resource_id: str, *, region: str = "", **query: str
    ) -> Facet[M]:
        """One resource; see :meth:`Reader.get`."""
        key = f"get {surface.collector} {arm.key(resource_id)}"
        read = self._flights.get(
            key, lambda: self._reader.get(surface, resource_id, region=region, **query)
        )
        return cast("Facet[M]", await read)

    async def list(
        self, surface: Surface[M], scope: str, *, region: str = "", **query: str
    ) -> Facet[tuple[M, ...]]:
        """All items of a list; see :meth:`Reader.list`."""
        key = f"list {surface.collector} {arm.key(scope)}"
        read = self._flights.get(
            key, lambda: self._reader.list(surface, scope, region=region, **query)
        )
        return cast("Facet[tuple[M, ...]]", await read)
