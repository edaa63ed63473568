from __future__ import annotations

import asyncio
import gc

import pytest

from auditor.collect import garbage
from auditor.collect.concurrency import SingleFlight, every
from auditor.model.errors import UsageError


async def test_a_question_is_asked_once_however_many_ask() -> None:
    asked: list[str] = []

    async def ask() -> int:
        asked.append("!")
        await asyncio.sleep(0)
        return 42

    flights: SingleFlight[int] = SingleFlight()
    assert await every(flights.get("key", ask) for _ in range(5)) == [42] * 5
    assert await flights.get("key", ask) == 42
    assert len(asked) == 1


async def test_the_cache_is_bounded_and_forgets_the_oldest() -> None:
    asked: list[str] = []

    def question(key: str) -> SingleFlight[str]:
        asked.append(key)
        return flights

    flights: SingleFlight[str] = SingleFlight(kept=2)

    async def ask(key: str) -> str:
        question(key)
        return key

    for key in ("a", "b", "a", "c", "a", "b"):
        await flights.get(key, lambda key=key: ask(key))  # type: ignore[misc]  # bound at once
    assert asked == ["a", "b", "c", "b"]


async def test_results_keep_their_order() -> None:
    async def late(value: int) -> int:
        for _ in range(5 - value):
            await asyncio.sleep(0)
        return value

    assert await every(late(value) for value in range(5)) == [0, 1, 2, 3, 4]


async def test_the_first_error_is_raised_as_itself_and_cancels_the_rest() -> None:
    cancelled = False

    async def wait() -> None:
        nonlocal cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    async def fail() -> None:
        await asyncio.sleep(0)
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        await every([wait(), fail()])
    assert cancelled


def test_the_collector_rests_while_any_unit_is_read() -> None:
    assert gc.isenabled()
    with garbage.paused():
        with garbage.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


async def test_an_answer_that_nobody_waits_for_any_more_fails_in_silence() -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def ask() -> int:
        asked.set()
        await closed.wait()
        raise RuntimeError("the session is closed")

    said: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    flights: SingleFlight[int] = SingleFlight()
    asking = asyncio.ensure_future(flights.get("key", ask))
    await asked.wait()
    asking.cancel()
    await asyncio.wait([asking])
    closed.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del flights, asking
    gc.collect()
    assert said == []
