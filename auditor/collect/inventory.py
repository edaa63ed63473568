"""A subscription-wide list, looked at by resource group; where refused, the groups' own lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Generic, TypeVar

from auditor.collect.facets import Identified
from auditor.collect.interest import group_key
from auditor.collect.reader import Reader
from auditor.collect.surfaces import Surface
from auditor.model import resource_id as arm
from auditor.model.facet import Facet, Gap, Known, Partial, partly

R = TypeVar("R", bound=Identified)


class Inventory(Generic[R]):
    """The items of one surface in one subscription."""

    def __init__(self, reader: Reader, surface: Surface[R], read: Facet[tuple[R, ...]]) -> None:
        self._reader = reader
        self._surface = surface
        self._read = read
        self._by_group: Mapping[str, tuple[R, ...]] = _grouped(read.known_or(()))
        self._by_id = {arm.key(item.id): item for item in read.known_or(())}

    @classmethod
    async def read(cls, reader: Reader, surface: Surface[R], subscription_id: str) -> Inventory[R]:
        """Read the list."""
        scope = f"/subscriptions/{subscription_id}"
        return cls(reader, surface, await reader.list(surface, scope))

    async def of_group(self, group_id: str) -> Facet[tuple[R, ...]]:
        """The items of a resource group.

        A refusal of the whole subscription may leave the group readable. Where it does not, the
        first refusal is the root cause. Items that do not read are gaps of their own groups.
        """
        if isinstance(self._read, Known | Partial):
            key = group_key(group_id)
            unread = (g for g in self._read.causes if group_key(g.scope) in {"", key})
            return partly(self._by_group.get(key, ()), unread)
        own = await self.fresh(group_id)
        same = isinstance(own, Gap) and own.outcome is self._read.outcome
        return self._read if same else own

    async def fresh(self, group_id: str) -> Facet[tuple[R, ...]]:
        """The items of a resource group, listed anew."""
        return await self._reader.list(self._surface, group_id)

    def find(self, resource_id: str) -> R | None:
        """One item, if the list has it."""
        return self._by_id.get(arm.key(resource_id))


def _grouped(items: tuple[R, ...]) -> Mapping[str, tuple[R, ...]]:
    found: dict[str, list[R]] = defaultdict(list)
    for item in items:
        found[group_key(item.id)].append(item)
    return {group: tuple(members) for group, members in found.items()}
