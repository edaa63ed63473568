"""A rule's docstring as blocks that a template can print without marking anything safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

from auditor.language import ENGLISH, Message

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


def blocks(text: str, language: str = ENGLISH) -> tuple[Block, ...]:
    """Paragraphs and lists, separated by blank lines; items begin with ``-`` or ``*``."""
    return tuple(_block(part, language) for part in _parts(text))


def sentences(text: str) -> Iterator[str]:
    """What there is to translate: each paragraph and each item of a list, on one line."""
    for part in _parts(text):
        yield from _items(part)


def _parts(text: str) -> Iterator[str]:
    return (part for part in re.split(r"\n\s*\n", dedent(text).strip()) if part)


def _items(part: str) -> Iterator[str]:
    items = _ITEM.split(part) if _ITEM.match(part) else [part]
    return (" ".join(item.split()) for item in items if item)


def _block(part: str, language: str) -> Block:
    lines = (Message(item).in_language(language) for item in _items(part))
    return Block(is_list=bool(_ITEM.match(part)), lines=tuple(tuple(_spans(one)) for one in lines))


def _spans(text: str) -> Iterator[Span]:
    end = 0
    for code in _CODE.finditer(text):
        if code.start() > end:
            yield Span(text[end : code.start()], is_code=False)
        yield Span(code[1] or code[2], is_code=True)
        end = code.end()
    if end < len(text):
        yield Span(text[end:], is_code=False)
