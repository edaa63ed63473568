"""``report.html``: one file that needs nothing else, runs nothing of what it shows.

Every value that a template prints passes :func:`_shown` and Jinja's autoescaping; only this
package's own style and script are trusted, and the page's policy names them by digest. What the
page is made of is readable without the script, which makes the findings a table to search in.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from functools import cache
from typing import BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from auditor.language import ENGLISH, LANGUAGES, Message, counted, message
from auditor.report import embedded, words
from auditor.report.page import (
    answers,
    clocks,
    clusters,
    coverage,
    findings,
    headline,
    island,
    reproduce,
)
from auditor.report.page import policy as policies
from auditor.report.view import Report
from auditor.resources import folder

_SPAN = Markup('<span class="{}" lang="{}">{}</span>')

_OF_RECORD = ("run", "tool")
"""Facts that few ask for, and that stand beside the command to run again."""

_BUFFERED = 200
"""Template events that are written at a time."""


def write(report: Report, out: BinaryIO) -> None:
    """Write the page, section by section."""
    fill("report.html.j2", _page(report), out)


def fill(template: str, page: Mapping[str, object], out: BinaryIO) -> None:
    """Write what a template makes of a page, piece by piece."""
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="\n")
    stream = _environment().get_template(template).stream(page)
    stream.enable_buffering(_BUFFERED)
    text.writelines(stream)
    text.flush()
    text.detach()


def dress(*styles: str, script: str = "") -> dict[str, object]:
    """A page's own styles and script, given by name, under a policy that allows these alone."""
    css, js = "\n".join(map(_asset, styles)), _asset(script) if script else ""
    return {
        "csp": content_security_policy(css, js),
        "style": Markup(css),  # noqa: S704 (this package's own file)
        "script": Markup(js),  # noqa: S704 (this package's own file)
    }


def content_security_policy(style: str, script: str) -> str:
    """Nothing may load, run or be sent but this very style and this very script."""
    return "; ".join(
        (
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _page(report: Report) -> dict[str, object]:
    """Everything that the templates print."""
    summary, header = report.summary, report.header
    return {
        **dress("report.css", script="report.js"),
        "language": report.language,
        "header": header,
        "summary": summary,
        "lead": headline.lead(summary),
        "facts": headline.facts(header, summary),
        "record": _OF_RECORD,
        "whose": headline.whose(header.run),
        "banner": headline.banner(header.run, summary),
        "states": headline.states(summary),
        "changes": headline.changes(header, summary),
        "hands": answers.hands(summary),
        "first": answers.SHOWN,
        "shares": headline.shares(summary),
        "notes": headline.notes(header.notes),
        "clocks": clocks.cards(report),
        "groups": clusters.groups(report),
        "sections": findings.sections(report),
        "policy": policies.policy(report),
        "exemptions": header.exemptions,
        "gaps": coverage.gaps(report),
        "receipt": coverage.receipt(header.run.api_calls),
        "reproduce": reproduce.command(header.run),
        "data": island.data(report),
        "document": embedded.document(report),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "_": message,
        "counted": counted,
        "languages": tuple(LANGUAGES),
        "severities": words.SEVERITIES,
    }
    environment.filters["spoken"] = _spoken
    return environment


def _shown(value: object) -> object:
    """What a template prints: messages in every language, hidden characters spelled out."""
    if isinstance(value, Message):
        return _in_every_language(value)
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.visible(value)
    return value


def _in_every_language(text: Message) -> Markup:
    """The message in every language, each marked; the style sheet shows one of them."""
    told = {language: _markup(text, language) for language in LANGUAGES}
    if len(set(told.values())) == 1:
        return told[ENGLISH]
    spans = (_SPAN.format(language, language, one) for language, one in told.items())
    return Markup("").join(spans)


def _markup(text: Message, language: str) -> Markup:
    """The message in one language, for HTML: what fills its places is escaped, too."""
    sentence = escape(words.visible(text.sentence(language)))
    return Markup(text.filled(language, sentence, _shown))  # noqa: S704 (escaped: Markup.format)


def _spoken(text: Message, language: str) -> str:
    """The message in one language, for an attribute."""
    return text.in_language(language)


def _asset(name: str) -> str:
    return (folder("templates") / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
