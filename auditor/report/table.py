"""What a table is: columns in a fixed order, each with one sentence and a way to its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import msgspec

from auditor.report.cells import Cell
from auditor.report.view import Report

Value = Callable[[Any], Cell]


class Column(msgspec.Struct, frozen=True):
    """A column: its name, what it says, and its value (by default the field of its name)."""

    name: str
    says: str
    value: Value | None = None

    def of(self, row: object) -> Cell:
        """The row's value."""
        value: Cell = (self.value or attrgetter(self.name))(row)
        return value


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: what one of its rows is, where the rows come from, and its columns."""

    name: str
    says: str
    rows: Callable[[Report], Iterator[Any]]
    columns: tuple[Column, ...]

    @property
    def header(self) -> list[str]:
        """The names of all columns, the run's first."""
        return [column.name for column in (*RUN_COLUMNS, *self.columns)]

    def records(self, report: Report) -> Iterator[list[Cell]]:
        """The values of every row, in the order of the header."""
        run = [column.of(report.header.run) for column in RUN_COLUMNS]
        for row in self.rows(report):
            yield [*run, *(column.of(row) for column in self.columns)]


RUN_COLUMNS = (
    Column("run_id", "The run that wrote the row.", attrgetter("id")),
    Column("as_of", "The moment for which clocks and ages were computed, in UTC."),
)
"""The first columns of every table, so that the tables of many runs can be put together."""
