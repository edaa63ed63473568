"""A rule's documentation in Markdown, and as plain text: the same blocks of the same docstring."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from auditor.language import ENGLISH
from auditor.report import markdown
from auditor.report.prose import Block, Span, blocks

_LONGEST = 10_000
"""Characters of one span: a paragraph of documentation is shown in full."""


def in_markdown(sections: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The headings, paragraphs and lists of the sections, to be joined by blank lines."""
    for title, text in sections:
        yield f"## {markdown.text(title)}"
        yield from map(_marked_block, blocks(text))


def plain(text: str, width: int, language: str = ENGLISH) -> Iterator[str]:
    """The lines of a text, wrapped to a terminal's width; commands stay as they were written."""
    for number, block in enumerate(blocks(text, language)):
        if number:
            yield ""
        for line in block.lines:
            yield from textwrap.wrap(
                "".join(map(_quoted, line)),
                width,
                initial_indent="- " if block.is_list else "",
                subsequent_indent="  " if block.is_list else "",
                break_long_words=False,
                break_on_hyphens=False,
            )


def _marked_block(block: Block) -> str:
    mark = "- " if block.is_list else ""
    return "\n".join(mark + "".join(map(_marked, line)) for line in block.lines)


def _marked(span: Span) -> str:
    if span.is_code:
        return markdown.code(span.text)
    before = " " if span.text.startswith(" ") else ""
    after = " " if span.text.endswith(" ") else ""
    return f"{before}{markdown.text(span.text, _LONGEST)}{after}"


def _quoted(span: Span) -> str:
    return f"`{span.text}`" if span.is_code else span.text
