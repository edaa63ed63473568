"""The thresholds of a run that are not what they are where nobody says anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from auditor.language import Message
from auditor.language import message as _
from auditor.model.rule import Tunables


class Threshold(NamedTuple):
    """A threshold as it was set; ``usual`` is ``None`` for one that this version does not have."""

    option: str
    value: int
    usual: int | None


def changed(given: Mapping[str, int]) -> Iterator[Threshold]:
    """Those that somebody has set to something else, by name."""
    usual: Mapping[str, int] = msgspec.structs.asdict(Tunables())
    for name, value in sorted(given.items()):
        default = usual.get(name.replace("-", "_"))
        if value != default:
            yield Threshold(f"--{name.replace('_', '-')}", value, default)


def told(given: Mapping[str, int]) -> Message | None:
    """The same in words; nothing where all are as usual."""
    so_far = None
    for one in changed(given):
        part = Message(f"{one.option} {one.value}")
        if one.usual is not None:
            part = _("{part} (default: {usual})", part=part, usual=one.usual)
        so_far = _("{so_far}; {part}", so_far=so_far, part=part) if so_far else part
    return so_far
