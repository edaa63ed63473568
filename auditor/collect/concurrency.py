"""Doing several things at a time, and no thing twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_KEPT = 10_000


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose first error cancels the rest and is raised as itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def every(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, in order."""
    async with together() as group:
        tasks = [group.create_task(work) for work in works]
    return [task.result() for task in tasks]


class SingleFlight(Generic[T]):
    """A bounded cache in which the same question is asked once, however many ask it at a time."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[str, asyncio.Future[T]] = OrderedDict()

    async def get(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to ``key``, asked for only if nobody has."""
        known = self._answers.get(key)
        if known is None or known.cancelled():
            known = asyncio.ensure_future(ask())
            known.add_done_callback(_heard)
            self._answers[key] = known
        self._answers.move_to_end(key)
        while len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return await asyncio.shield(known)


def _heard(answer: asyncio.Future[T]) -> None:
    """Errors are for those who asked; where all have left, asyncio's log is not told instead."""
    if not answer.cancelled():
        answer.exception()
