"""Keeping the cyclic garbage collector out of the way while much is built and little dropped."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class _Pauses:
    """How many units are being read; the collector rests while there is one."""

    def __init__(self) -> None:
        self._count = 0
        self._was_enabled = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Rest for as long as the context lasts, then look at what was made meanwhile, once."""
        if self._count == 0:
            self._was_enabled = gc.isenabled()
            gc.disable()
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            gc.collect(0)
            if self._count == 0 and self._was_enabled:
                gc.enable()


paused = _Pauses().one
