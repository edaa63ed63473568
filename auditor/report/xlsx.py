"""``report.xlsx``: every table as a sheet, in which text is text and a moment is a date.

No cell is a formula or a link, whatever a resource is called. Times are UTC: Excel knows no
zones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from auditor.report.cells import Cell, cell, joined, looks_like_formula, one_line
from auditor.report.columns import CLAUSES, CLUSTERS, COVERAGE, FINDINGS, VERDICTS
from auditor.report.run_columns import CLOCKS, EXEMPTIONS, NODE_POOLS, RULES, RUN
from auditor.report.table import Table
from auditor.report.view import Report

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEETS = (
    FINDINGS,
    CLUSTERS,
    NODE_POOLS,
    CLOCKS,
    CLAUSES,
    VERDICTS,
    COVERAGE,
    EXEMPTIONS,
    RULES,
    RUN,
)

MOST_ROWS = 1_048_576
"""Rows of a sheet, its header and the word about those left out included."""

_NARROWEST, _WIDEST = 8, 60
_EXACT = 1 << 53
"""From here on a cell's number would no longer be the one that was written."""

_FIRST_YEAR = 1900
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Formats(NamedTuple):
    """How cells look."""

    header: Format
    moment: Format
    day: Format
    guarded: Format


def write(report: Report, out: BinaryIO) -> None:
    """Write the workbook; while it is made, its rows lie in a folder of their own."""
    with _workbook(report, out) as book:
        formats = Formats(
            header=book.add_format({"bold": True, "bottom": 1}),
            moment=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
            day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            guarded=book.add_format({"quote_prefix": True}),
        )
        for table in SHEETS:
            name = table.name.removesuffix(".csv").replace("_", " ")
            _fill(book.add_worksheet(name), table, report, formats)


@contextmanager
def _workbook(report: Report, out: BinaryIO) -> Iterator[Workbook]:
    import xlsxwriter  # noqa: PLC0415 (a quarter of a second that a run without it need not spend)

    header = report.header
    with TemporaryDirectory(prefix="aks-auditor-") as folder:
        book = xlsxwriter.Workbook(out, {**_OPTIONS, "tmpdir": folder})
        book.set_properties(
            {
                "title": f"AKS support policy, as of {cell(header.run.as_of)}",
                "author": f"{header.tool.name} {header.tool.version}",
                "created": _naive(header.run.finished_at),
            }
        )
        yield book
        book.close()


def _fill(sheet: Worksheet, table: Table, report: Report, formats: Formats) -> None:
    """A sheet of the table: filters on its frozen header, and columns as wide as their content."""
    widths = [_width(name) for name in table.header]
    for column, name in enumerate(table.header):
        sheet.write_string(0, column, name, formats.header)
    last = 0
    records = table.records(report)
    for last, record in zip(range(1, MOST_ROWS - 1), records, strict=False):
        for column, value in enumerate(record):
            _put(sheet, last, column, value, formats)
            widths[column] = max(widths[column], _width(value))
    _say_more(sheet, last + 1, sum(1 for _ in records), table.name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(table.header) - 1)


def _say_more(sheet: Worksheet, row: int, left_out: int, source: str) -> None:
    if left_out:
        sheet.write_string(row, 0, f"{left_out:,} more rows do not fit: {source} has all")


def _put(sheet: Worksheet, row: int, column: int, value: Cell, formats: Formats) -> None:
    """The value as what it is; what Excel could not hold exactly as text."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < _EXACT:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime) and value.year > _FIRST_YEAR:
        sheet.write_datetime(row, column, _naive(value), formats.moment)
    elif isinstance(value, date) and value.year > _FIRST_YEAR:
        sheet.write_datetime(row, column, datetime.combine(value, time.min), formats.day)
    elif text := _text(value):
        look = formats.guarded if looks_like_formula(text) else None
        sheet.write_string(row, column, text, look)


def _text(value: Cell) -> str:
    """The value as text that XML can hold."""
    if value is None or isinstance(value, int | float | date):
        return cell(value)
    return one_line(_NOT_IN_XML.sub("�", joined(value)))


def _width(value: Cell) -> int:
    length = len(value) if isinstance(value, str) else len(cell(value))
    return min(max(length + 2, _NARROWEST), _WIDEST)


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
