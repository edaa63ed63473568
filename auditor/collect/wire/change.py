"""Changes of properties, as Resource Graph keeps them (``resourcechanges``).

Source: "Get resource changes". Values come as text, as JSON in a text, or as JSON; ``null`` may
be the word. They may hold secrets: what stands where secrets are kept is replaced by a digest,
and so is an object that is cut off, for nobody can tell what of it stands where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from auditor.collect.wire.base import Digest, Opaque, Wire, moment
from auditor.model import governance as model

_LONGEST = 400
_ROOT = "properties."
_SECRET = re.compile(
    r"(^|[.\[\]'\"])(settings|protectedSettings|customData|userData|httpProxyConfig)\b"
    r"|(?<!disable)password|secret|token|connectionString|accountKey",
    re.IGNORECASE,
)


class Change(Wire):
    """One property before and after, printable."""

    previous_value: str | None = None
    new_value: str | None = None
    is_truncated: bool = False


class Changes(Opaque):
    """What changed, by property path, with its values made printable and harmless."""

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> Changes:
        """The changes as JSON; their harmless form is itself."""
        found = _parsed(value)
        changes = (
            {path: _change(path, change) for path, change in found.items()}
            if isinstance(found, Mapping)
            else {}
        )
        return cls(msgspec.json.encode(changes, order="sorted").decode())

    @property
    def by_path(self) -> Mapping[str, Change]:
        """Each change by the path of its property."""
        return msgspec.json.decode(str(self), type=dict[str, Change])


class ChangeAttributes(Wire):
    """``changeAttributes``: who changed something when, and by what client, where known."""

    timestamp: str | None = None
    correlation_id: str | None = None
    changed_by: str | None = None
    client_type: str | None = None


class ChangeProperties(Wire):
    """``properties`` of a change record."""

    target_resource_id: str | None = None
    change_attributes: ChangeAttributes | None = None
    changes: Changes | None = None


class WireChange(Wire):
    """A record of what one write changed on one resource."""

    id: str
    properties: ChangeProperties | None = None

    def to_model(self) -> tuple[model.PropertyChange, ...]:
        """A change per property; none where the record has no time, or tells no property."""
        own = self.properties or ChangeProperties()
        about = own.change_attributes or ChangeAttributes()
        at = moment(about.timestamp)
        if at is None:
            return ()
        return tuple(
            model.PropertyChange(
                resource_id=own.target_resource_id or "",
                path=path.removeprefix(_ROOT),
                before=change.previous_value,
                after=change.new_value,
                at=at,
                correlation_id=about.correlation_id or "",
                changed_by=about.changed_by or "",
                client=about.client_type or "",
                truncated=change.is_truncated,
            )
            for path, change in (own.changes or Changes.of(None)).by_path.items()
        )


def _parsed(value: object) -> object:
    """A value out of its text, if it is an object or a list; a digest where it is cut off."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return str(Digest.of(value))


def _change(path: str, change: object) -> Change:
    known = change if isinstance(change, Mapping) else {}
    before, after = (_printable(path, known.get(end)) for end in ("previousValue", "newValue"))
    cut = str(known.get("isTruncated", "")).casefold() == "true"
    clipped = any(text and text.endswith("…") for text in (before, after))
    return Change(previous_value=before, new_value=after, is_truncated=cut or clipped)


def _printable(path: str, value: object) -> str | None:
    harmless = _harmless(path, _parsed(value))
    if harmless is None or harmless == "null":
        return None
    if isinstance(harmless, str):
        return harmless if len(harmless) <= _LONGEST else f"{harmless[: _LONGEST - 1]}…"
    text = msgspec.json.encode(harmless).decode()
    return text if len(text) <= _LONGEST else str(Digest.of(text))


def _harmless(path: str, value: object) -> object:
    """The value without what stands at secret places, however deep."""
    if value is not None and _SECRET.search(path):
        return str(Digest.of(value))
    if isinstance(value, Mapping):
        return {name: _harmless(str(name), child) for name, child in value.items()}
    if isinstance(value, list):
        return [_harmless("", child) for child in value]
    return value
