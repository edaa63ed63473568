"""What all wire structs share: forgiving decoding, and values that must not stay readable."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

M_co = TypeVar("M_co", covariant=True)
W = TypeVar("W")

Strings: TypeAlias = list[str | None]


class Wire(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """Base of all wire structs: camel-case names, unknown fields ignored.

    They hold no cycles, so the cyclic garbage collector need not walk them (``gc=False``).
    """


class Translatable(Protocol[M_co]):
    """A wire struct that stands for something of the model."""

    def to_model(self) -> M_co:
        """The same in the model's words."""


class Unread(Wire):
    """An element of a list that does not read: its id, if it shows one, and why.

    A record of the activity log goes by the id of what it is about.
    """

    id: str = ""
    message: str = ""

    @classmethod
    def of(cls, element: bytes | msgspec.Raw, error: Exception) -> Unread:
        """The element in outline; of what does not read, nothing else is kept."""
        try:
            outline = msgspec.json.decode(element, type=_Outline)
        except msgspec.ValidationError:
            outline = _Outline()
        named = next((i for i in (outline.resource_id, outline.id) if isinstance(i, str)), "")
        return cls(id=named, message=str(error))


class _Outline(Wire):
    id: object = None
    resource_id: object = None


class Page(Wire):
    """One page of a list; an answer without ``value`` is not a list and does not decode.

    ``unread`` stands in for elements that did not decode. Azure never sends it, snapshots do.
    """

    value: list[msgspec.Raw]
    next_link: str | None = None
    unread: list[Unread] = msgspec.field(default_factory=list, name="@unread")


class Reference(Wire):
    """ARM's sub-resource: an id, and seldom more."""

    id: str | None = None


class Localized(Wire):
    """A value that the activity log gives with its translation."""

    value: str | None = None


class Opaque(str):
    """A value that is transformed while it is decoded, for it may hold a secret."""

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> Opaque:
        """The harmless form of a JSON value; the harmless form of that is itself."""
        raise NotImplementedError


class Digest(Opaque):
    """The fingerprint of a value: it shows a change, never the value."""

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> Digest:
        """``sha256:<12 hex digits> (<n> chars)``; a digest stays as it is."""
        text = value if isinstance(value, str) else _canonical(value)
        if _DIGEST.fullmatch(text):
            return cls(text)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return cls(f"sha256:{digest[:12]} ({len(text)} chars)")


def custom(kind: type, value: object) -> Any:  # noqa: ANN401 (msgspec's own signature)
    """Decode what is no JSON type: msgspec's ``dec_hook``."""
    if issubclass(kind, Opaque):
        return kind.of(value)
    raise NotImplementedError(f"no way to decode {kind}")


def plain(value: object) -> str:
    """Encode what is no JSON type: msgspec's ``enc_hook``."""
    if isinstance(value, Opaque):
        return str(value)
    raise NotImplementedError(f"no way to encode {type(value)}")


def parsed(value: object) -> object:
    """What a string holds as JSON, ``None`` where it is none; any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def moment(text: str | None) -> datetime | None:
    """A time as ARM writes it, in UTC; ``None`` for absent, unreadable, and .NET's year 1."""
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
    return None if at.year == 1 else at.replace(tzinfo=at.tzinfo or UTC)


def strings(values: Iterable[str | None] | None) -> tuple[str, ...]:
    """The values that are there."""
    return tuple(value for value in values or () if value is not None)


def ids(references: Iterable[Reference] | None) -> tuple[str, ...]:
    """The ids of sub-resources."""
    return strings(reference.id for reference in references or ())


def id_of(reference: Reference | None) -> str | None:
    """The id of a sub-resource that may be absent."""
    return reference.id if reference else None


def tags_of(tags: Mapping[str, str | None] | None) -> dict[str, str]:
    """Tags as the model has them: a null value is an empty one."""
    return {name: value or "" for name, value in (tags or {}).items()}


def _canonical(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


_DIGEST = re.compile(r"sha256:[0-9a-f]{12} \(\d+ chars\)")
