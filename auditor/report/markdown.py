"""Other people's text in Markdown that shows it and does nothing else.

A word that could mean anything (emphasis, a link, HTML, a mention) is shown as code, in which
nothing means anything. Japanese has no spaces: there, punctuation ends a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.report import plain

LONGEST = 400
"""Characters of one text, unless its caller allows more."""

_PLAIN = re.compile(
    r"(?!(?i:www\.|gh-\d|[0-9a-f]{7,}\b))"  # what GitHub links without being told
    r"[^\W_]+(?:(?:[-,/'’%]|(?<=\d)[.:](?=\d))[^\W_]+)*[%'’]?"  # noqa: RUF001 (a quotation mark)
    r"|[%…·→–]"  # noqa: RUF001 (a dash)
)
_JAPANESE = re.compile("([、。「」『』（）：；・〜])")  # noqa: RUF001 (full width, and means nothing)
_STRUCTURE = str.maketrans({mark: f"⟦U+{ord(mark):04X}⟧" for mark in "`|"})


def text(value: str, longest: int = LONGEST) -> str:
    """The text on one line, its dangerous words as code. Not for the beginning of a line.

    Characters that would be invisible, and those that give code and tables their structure, are
    spelled out as ``⟦U+007C⟧``.
    """
    return " ".join(
        "".join(map(_word, _JAPANESE.split(between_spaces)))
        for between_spaces in _shown(value, longest)
    )


def code(value: str) -> str:
    """The text as code, on one line; nothing where it is empty."""
    shown = " ".join(_shown(value))
    return _code(shown) if shown else ""


def row(*cells: str) -> str:
    """A row of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are Markdown already."""
    return "\n".join((row(*head), row(*("---" for _ in head)), *(row(*cells) for cells in rows)))


def _word(word: str) -> str:
    inner = word.removeprefix("(")
    core = inner.removesuffix(":").rstrip(").,;!?")
    plain = not core or _JAPANESE.fullmatch(core) or _PLAIN.fullmatch(core)
    before, after = word[: len(word) - len(inner)], inner[len(core) :]
    return f"{before}{core if plain else _code(core)}{after}"


def _shown(value: str, longest: int = LONGEST) -> list[str]:
    shown = plain.shown(value)
    return (shown if len(shown) <= longest else f"{shown[:longest]} …").split()


def _code(shown: str) -> str:
    return f"`{plain.inert(shown.translate(_STRUCTURE))}`"
