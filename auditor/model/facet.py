"""A fact that was read, or the reason why it was not.

Every collected facet is ``Known[T] | Gap``. A rule calls ``require()`` and reads on as if the
data were always there, yet cannot mistake a refused read for an empty list: a gap raises
:class:`~auditor.model.errors.UnreadableError`, which only ``evaluate`` catches.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Generic, Never, TypeAlias, TypeVar

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

    def require(self) -> Never:
        """Raise :class:`UnreadableError`."""
        raise UnreadableError(self)

    def known_or(self, default: T) -> T:
        """The default: for optional evidence, where absence only weakens what is said."""
        return default


class Known(msgspec.Struct, Generic[T], frozen=True):
    """A fact that was read."""

    value: T

    def require(self) -> T:
        """The value."""
        return self.value

    def known_or(self, default: object) -> T:  # noqa: ARG002 (the twin of Gap.known_or)
        """The value."""
        return self.value


Facet: TypeAlias = Known[T] | Gap
