"""``virtualMachinesProfile`` and ``virtualMachineNodesStatus`` of a pool, api-version 2026-08-01.

Pools of type VirtualMachines have neither count nor size of their own: each profile asks for so
many machines of one size, or bounds their number. A pool of single machines (mode ``Machines``)
has no profile.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.collect.wire.base import Wire, strings


class ManualProfile(Wire):
    """A fixed number of machines of one size."""

    size: str | None = None
    count: int | None = None


class AutoscaleProfile(Wire):
    """Bounds for the number of machines of one size."""

    size: str | None = None
    min_count: int | None = None
    max_count: int | None = None


class Scale(Wire):
    """``scale``: profiles of either kind, which add up."""

    manual: list[ManualProfile] | None = None
    autoscale: list[AutoscaleProfile] | None = None


class MachinesProfile(Wire):
    """``virtualMachinesProfile``."""

    scale: Scale | None = None

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes that the profiles ask for, each once, in order."""
        return _once([*(p.size for p in self._manual), *(p.size for p in self._autoscale)])

    @property
    def autoscaled(self) -> bool:
        """Whether the number of machines is bounded rather than fixed."""
        return bool(self._autoscale)

    @property
    def count(self) -> int | None:
        """How many machines the fixed profiles ask for, where nothing is autoscaled."""
        return None if self._autoscale else _sum(p.count for p in self._manual)

    @property
    def min_count(self) -> int | None:
        """The least number of machines, where their number is autoscaled."""
        return self._bound(p.min_count for p in self._autoscale)

    @property
    def max_count(self) -> int | None:
        """The largest number of machines, where their number is autoscaled."""
        return self._bound(p.max_count for p in self._autoscale)

    def _bound(self, counts: Iterable[int | None]) -> int | None:
        return _sum((*counts, *(p.count for p in self._manual))) if self._autoscale else None

    @property
    def _manual(self) -> list[ManualProfile]:
        return (self.scale or Scale()).manual or []

    @property
    def _autoscale(self) -> list[AutoscaleProfile]:
        return (self.scale or Scale()).autoscale or []


class MachinesStatus(Wire):
    """An item of ``virtualMachineNodesStatus``: the nodes of one size that AKS counts."""

    size: str | None = None
    count: int | None = None


def sizes_there(status: Iterable[MachinesStatus] | None) -> tuple[str, ...]:
    """The sizes of which AKS counts a node."""
    return _once(of_size.size for of_size in status or () if of_size.count)


def _once(sizes: Iterable[str | None]) -> tuple[str, ...]:
    """The sizes that are stated, each once; Azure's spelling of case varies."""
    stated = [size for size in strings(sizes) if size]
    return tuple({size.casefold(): size for size in reversed(stated)}.values())[::-1]


def _sum(counts: Iterable[int | None]) -> int | None:
    """All of them together; ``None`` where one is not stated, or there is none."""
    all_of_them = list(counts)
    stated = [count for count in all_of_them if count is not None]
    return sum(stated) if stated and len(stated) == len(all_of_them) else None
