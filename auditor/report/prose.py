"""A rule's docstring as blocks that a template can print without marking anything safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

_CODE = re.compile(r"``(.+?)``|`(.+?)`")
_ITEM = re.compile(r"^[-*] ", re.MULTILINE)


class Span(NamedTuple):
    """A piece of a line, literal or not."""

    text: str
    is_code: bool


class Block(NamedTuple):
    """A paragraph (one line of spans), or a list (one line per item)."""

    is_list: bool
    lines: tuple[tuple[Span, ...], ...]


def blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs and lists, separated by blank lines; items begin with ``-`` or ``*``."""
    return tuple(_block(part) for part in re.split(r"\n\s*\n", dedent(text).strip()) if part)


def _block(part: str) -> Block:
    if not _ITEM.match(part):
        return Block(is_list=False, lines=(_line(part),))
    return Block(is_list=True, lines=tuple(_line(item) for item in _ITEM.split(part) if item))


def _line(text: str) -> tuple[Span, ...]:
    return tuple(_spans(" ".join(text.split())))


def _spans(text: str) -> Iterator[Span]:
    end = 0
    for code in _CODE.finditer(text):
        if code.start() > end:
            yield Span(text[end : code.start()], is_code=False)
        yield Span(code[1] or code[2], is_code=True)
        end = code.end()
    if end < len(text):
        yield Span(text[end:], is_code=False)
