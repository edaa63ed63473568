"""Request bodies on record: which properties were sent, never what they were set to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from auditor.collect.wire.base import Opaque, parsed

_DEEPEST = 24
_NAMED = "instanceids"


class RequestBody(Opaque):
    """A request body with its values taken out; the ids of instances stay.

    The activity log keeps bodies as JSON in a string, often empty, sometimes cut off. What is no
    JSON becomes an empty body. Items of a list are merged into one.
    """

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> RequestBody:
        """The body's outline, as JSON."""
        outline = _outline(parsed(value), _DEEPEST)
        return cls(msgspec.json.encode(outline, order="sorted").decode() if outline else "")

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the properties that were sent, innermost ones only, sorted."""
        return tuple(sorted(set(_paths(parsed(str(self))))))

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The instances that an action names; empty also where it means all of them."""
        return tuple(_instance_ids(parsed(str(self))))


def _outline(value: object, depth: int) -> object:
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        return {name: _kept(name, child, depth - 1) for name, child in value.items()}
    if isinstance(value, list):
        merged = _merged(_outline(item, depth - 1) for item in value)
        return [merged] if merged else None
    return None


def _kept(name: str, value: object, depth: int) -> object:
    if name.casefold() == _NAMED and isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return _outline(value, depth)


def _merged(outlines: Iterable[object]) -> dict[str, object]:
    together: dict[str, object] = {}
    for outline in outlines:
        if isinstance(outline, Mapping):
            for name, child in outline.items():
                together[name] = _joined(together.get(name), child)
    return together


def _joined(left: object, right: object) -> object:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _merged([left, right])
    if isinstance(left, list) and isinstance(right, list):
        return [_merged([*left, *right])] if _named(left, right) is None else _named(left, right)
    return left or right


def _named(left: list[object], right: list[object]) -> list[object] | None:
    both = [*left, *right]
    return both if all(isinstance(item, str) for item in both) else None


def _paths(value: object, above: str = "") -> Iterator[str]:
    if isinstance(value, list):
        value = _merged(value)
    if isinstance(value, Mapping) and value:
        for name, child in value.items():
            yield from _paths(child, f"{above}.{name}" if above else name)
    elif above:
        yield above


def _instance_ids(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    for name, child in value.items():
        if name.casefold() == _NAMED and isinstance(child, list):
            yield from (item for item in child if isinstance(item, str))
