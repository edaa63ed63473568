"""Why a call failed, as the activity log tells it: the error's code, and what stood in the way.

``properties.statusMessage`` of a failed record holds ARM's error as JSON in a string. Its text
may quote what was sent, so that only the code stays, and the ids of the locked scopes
(``ScopeLocked``) or policy assignments (``RequestDisallowedByPolicy``) that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from auditor.collect.wire.base import Opaque, parsed

_OWN = "blockedBy"
_LOCKED = re.compile(r"locked:\s*((?:'/[^']+'[,\s]*)+)")
_WORD = re.compile(r"[A-Za-z]{3,80}")
_QUOTED = re.compile(r"'(/[^']+)'")
_ASSIGNMENT = re.compile(r"/[\w.()/ -]+/policyAssignments/[\w.()-]+", re.IGNORECASE)


class Refusal(Opaque):
    """The harmless part of a status message: of what is no JSON, a single word."""

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> Refusal:
        """``{"code": …, "blockedBy": […]}``."""
        error = parsed(value)
        if not isinstance(error, Mapping):
            error = {"code": value} if _WORD.fullmatch(str(value)) else {}
        text = str(value)
        known = error.get(_OWN)
        blocked = known if isinstance(known, list) else list(_blocked_by(text))
        code = next(_codes(error), "")
        kept = {"code": code, _OWN: blocked}
        return cls(msgspec.json.encode(kept).decode() if code else "")

    @property
    def code(self) -> str:
        """ARM's error code, the innermost, such as ``ScopeLocked``."""
        return str(self._kept().get("code") or "")

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """Ids of the locked scopes or policy assignments that the error names."""
        named = self._kept().get(_OWN)
        return tuple(map(str, named)) if isinstance(named, list) else ()

    def _kept(self) -> Mapping[str, object]:
        kept = parsed(str(self))
        return kept if isinstance(kept, Mapping) else {}


def _codes(error: Mapping[str, object]) -> Iterator[str]:
    """The codes of an error and of those that it wraps, innermost first."""
    inner = error.get("error")
    if isinstance(inner, Mapping):
        yield from _codes(inner)
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping):
            yield from _codes(detail)
    code = error.get("code")
    if isinstance(code, str):
        yield code


def _blocked_by(text: str) -> Iterator[str]:
    locked = _LOCKED.search(text)
    found = _QUOTED.findall(locked[1]) if locked else _ASSIGNMENT.findall(text)
    yield from dict.fromkeys(found)
