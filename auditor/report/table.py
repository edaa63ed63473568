"""What a table is: columns in a fixed order, each with one sentence and a way to its value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from auditor.report.cells import Cell
from auditor.report.view import Report

Value = Callable[[Any], Cell]


class Kind(StrEnum):
    """What a column holds, in the words of the data dictionary; any value can be missing."""

    TEXT = "text"
    WHOLE = "integer"
    NUMBER = "decimal"
    TRUTH = "true or false"
    MOMENT = "time"
    DAY = "date"
    TEXTS = "list"
    STEPS = "list of steps"
    LABELS = "names and texts"
    COUNTS = "names and integers"


class Column(msgspec.Struct, frozen=True):
    """A column: its name, what it says, its value (by default the field of its name), its kind."""

    name: str
    says: str
    value: Value | None = None
    kind: Kind = Kind.TEXT

    def of(self, row: object) -> Cell:
        """The row's value."""
        value: Cell = (self.value or attrgetter(self.name))(row)
        return value


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: what one of its rows is, where the rows come from, and its columns."""

    name: str
    says: str
    rows: Callable[[Report], Iterable[Any]]
    columns: tuple[Column, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """All columns, the run's first."""
        return (*RUN_COLUMNS, *self.columns)

    @property
    def header(self) -> list[str]:
        """The names of all columns."""
        return [column.name for column in self.all_columns]

    def records(self, report: Report) -> Iterator[list[Cell]]:
        """The values of every row, in the order of the header."""
        run = [column.of(report.header.run) for column in RUN_COLUMNS]
        for row in self.rows(report):
            yield [*run, *(column.of(row) for column in self.columns)]


whole = partial(Column, kind=Kind.WHOLE)
truth = partial(Column, kind=Kind.TRUTH)
moment = partial(Column, kind=Kind.MOMENT)
day = partial(Column, kind=Kind.DAY)
texts = partial(Column, kind=Kind.TEXTS)

RUN_COLUMNS = (
    Column("run_id", "The run that wrote the row.", attrgetter("id")),
    moment("as_of", "The moment for which clocks and ages were computed, in UTC."),
)
"""The first columns of every table, so that the tables of many runs can be put together."""
