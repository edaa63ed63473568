"""CSV tables that open safely in a spreadsheet program, and the dictionary of their columns.

Comma, CRLF, every cell quoted, UTF-8 with a byte order mark: Excel on a Japanese Windows reads
a file without one as CP932. Read them elsewhere with ``encoding="utf-8-sig"``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from auditor.report.cells import Cell, cell
from auditor.report.columns import TABLES
from auditor.report.table import Table
from auditor.report.view import Report

_CHUNK = 1_000
"""Rows that are held at a time."""


def write(table: Table, report: Report, out: BinaryIO) -> None:
    """Write one table as CSV."""
    import pandas as pd  # noqa: PLC0415 (half a second that a run without tables need not spend)

    text = io.TextIOWrapper(
        out, encoding="utf-8-sig", errors="backslashreplace", newline="", write_through=True
    )
    # As objects: the strings that PyArrow brings, where it is installed, refuse what others take.
    header = pd.DataFrame([table.header], dtype=object)
    bodies = (pd.DataFrame(chunk, dtype=object) for chunk in _chunks(table.records(report)))
    for frame in chain([header], bodies):
        frame.to_csv(text, header=False, index=False, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    text.detach()


def data_dictionary() -> str:
    """The columns of every table in Markdown, as published in ``docs/data-dictionary.md``."""
    return "\n".join([_INTRODUCTION, *(_section(table) for table in TABLES)])


def _chunks(records: Iterator[list[Cell]]) -> Iterator[list[list[str]]]:
    while chunk := list(islice(records, _CHUNK)):
        yield [[cell(value) for value in record] for record in chunk]


_INTRODUCTION = """\
# Data dictionary

The CSV tables of a report. Columns are only ever added, at the end of a table. Files are UTF-8
with a byte order mark (read them with `encoding="utf-8-sig"`), comma-separated, every cell
quoted, lines ended by CRLF.

- Times are ISO 8601 in UTC, truth values `true` and `false`; an empty cell is "not known" or
  "does not apply".
- Lists are joined by `; `. A line break inside a value is shown as ` ⏎ `, another control
  character as its picture (`␀`).
- Text that a spreadsheet program would take for a formula begins with `'`. Cells end after
  32,766 characters. `report.json` is the lossless format.
- `-f xlsx` has the same tables as sheets, `-f parquet` as files of the same names
  (`findings.parquet`), there with the kinds below as types and text as it was received.
"""


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {column.kind} | {column.says} |" for column in table.all_columns
    )
    head = "| column | kind | what it says |\n|---|---|---|"
    return f"## {table.name}\n\n{table.says}\n\n{head}\n{rows}\n"
