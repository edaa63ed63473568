"""Values as cells of a table that a spreadsheet program opens without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from auditor.model.report import EvidenceRow, NodePoolRow

MAX_LENGTH = 32_766
"""Excel refuses cells of more than 32,767 characters."""

_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 (full-width signs start formulas too)
_CUT = " … (cut: report.json has all of it)"
_LINE_BREAK = re.compile(r"\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code != ord("\t")}

Cell = str | bool | int | float | date | None | Iterable[object] | Mapping[str, object]


def cell(value: Cell) -> str:
    """The value as text: times as ISO 8601 in UTC, lists joined by ``; ``, nothing for ``None``.

    Only what was text is guarded against formulas: a negative number stays a number.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return _moment(value)
    return guarded(joined(value))


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula, on one line and of bounded length."""
    return one_line(f"'{text}" if looks_like_formula(text) else text)


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program that is given this text might calculate it.

    Source: OWASP, CSV Injection; ASVS 1.2.10 adds NUL. Full-width signs are what a Japanese
    keyboard types, and spreadsheet programs accept them.
    """
    return text.startswith(_FORMULA)


def one_line(text: str) -> str:
    """Text without line breaks and control characters, of a length that Excel takes."""
    shown = _LINE_BREAK.sub(" ⏎ ", text).translate(_CONTROL_PICTURES)
    return shown if len(shown) <= MAX_LENGTH else shown[: MAX_LENGTH - len(_CUT)] + _CUT


def _moment(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def joined(value: str | Iterable[object] | Mapping[str, object]) -> str:
    """Text as it is, the items of a list or mapping in one text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={value[key]}" for key in sorted(value))
    return "; ".join(item(one) for one in value)


def item(one: object) -> str:
    """An item of a list as text: rows in a few words."""
    if isinstance(one, EvidenceRow):
        return _evidence(one)
    return _node_pool(one) if isinstance(one, NodePoolRow) else str(one)


def _evidence(step: EvidenceRow) -> str:
    when = f"{_moment(step.at)} " if step.at else ""
    source = f" [{step.source}]" if step.source else ""
    return f"{when}{step.text}{source}"


def _node_pool(pool: NodePoolRow) -> str:
    running = "?" if pool.running is None else pool.running
    count = "?" if pool.count is None else pool.count
    image = pool.image or "image unknown"
    return f"{pool.name} ({pool.mode}, {pool.os}, {running} of {count} running, {image})"
