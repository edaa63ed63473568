"""A fact that was read, or the reason why it was not.

Every collected facet is ``Known[T] | Gap``. A rule calls ``require()`` and reads on as if the
data were always there, yet cannot mistake a refused read for an empty list: a gap raises
:class:`~auditor.model.errors.UnreadableError`, which only ``evaluate`` catches.

A list of which some elements do not read is a :class:`Partial`: a gap to whoever needs the whole
of it, and the rest of the list to whoever takes its elements one by one, with :func:`each`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Never, TypeAlias, TypeVar

import msgspec

from auditor.model.errors import UnreadableError
from auditor.model.question import Question

T = TypeVar("T")


class Outcome(StrEnum):
    """How a read ended; ``ok`` never stands in a gap."""

    OK = "ok"
    DENIED = "denied"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    GONE = "gone"
    TRANSITION = "transition"
    FAILED = "failed"
    SKIPPED = "skipped"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Why a fact is missing: one root cause, one row of the coverage table.

    ``scope`` is the ARM id that was asked (a list's scope, or the resource itself), ``permission``
    the action that would allow the read, ``question`` what a second pass could still find out.
    """

    scope: str
    collector: str
    outcome: Outcome
    message: str
    status: int | None = None
    code: str = ""
    permission: str = ""
    at: datetime | None = None
    question: Question | None = None

    @property
    def id(self) -> str:
        """Stable id of the root cause: the same refusal met twice is one row."""
        cause = f"{self.scope.casefold()}\n{self.collector}\n{self.outcome}\n{self.code}"
        return "cov-" + hashlib.sha256(cause.encode()).hexdigest()[:12]

    @property
    def causes(self) -> tuple[Gap, ...]:
        """The root causes: the gap itself."""
        return (self,)

    def require(self) -> Never:
        """Raise :class:`UnreadableError`."""
        raise UnreadableError(self)

    def known_or(self, default: T) -> T:
        """The default: for optional evidence, where absence only weakens what is said."""
        return default


class Partial(Gap, frozen=True, kw_only=True):
    """A fact of which some could not be read; as a gap, it is the first of its ``causes``.

    ``value`` is the rest of it. Whoever asks for optional evidence gets that.
    """

    value: Any
    others: tuple[Gap, ...] = ()

    @property
    def causes(self) -> tuple[Gap, ...]:
        """One gap for each element that could not be read."""
        return (Gap(**{name: getattr(self, name) for name in Gap.__struct_fields__}), *self.others)

    def known_or(self, default: T) -> T:  # noqa: ARG002 (the twin of Gap.known_or)
        """The part that was read, of the default's type."""
        part: T = self.value
        return part


class Known(msgspec.Struct, Generic[T], frozen=True):
    """A fact that was read."""

    value: T

    @property
    def causes(self) -> tuple[Gap, ...]:
        """Why it could not be read: nothing."""
        return ()

    def require(self) -> T:
        """The value."""
        return self.value

    def known_or(self, default: object) -> T:  # noqa: ARG002 (the twin of Gap.known_or)
        """The value."""
        return self.value


Facet: TypeAlias = Known[T] | Gap


def partly(value: T, gaps: Iterable[Gap]) -> Facet[T]:
    """A fact of which these gaps are missing: known, where there are none."""
    causes = list({cause.id: cause for gap in gaps for cause in gap.causes}.values())
    if not causes:
        return Known(value)
    first, *others = causes
    return Partial(**msgspec.structs.asdict(first), value=value, others=tuple(others))


def each(facet: Facet[tuple[T, ...]]) -> Iterator[T]:
    """The elements of a list that were read; raises, after the last, where that is not all."""
    yield from facet.known_or(())
    if isinstance(facet, Gap):
        facet.require()
