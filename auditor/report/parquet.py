"""The tables as Parquet, for lakehouses: values with their types, text as it was received.

Imports PyArrow, which is an extra: only :mod:`auditor.report.write` imports this module, and only
when the format is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from pyarrow import parquet

from auditor.model.report import EvidenceRow
from auditor.report.cells import item
from auditor.report.table import Column, Kind, Table
from auditor.report.view import Report

_ROWS = 10_000
"""Rows of a group: what a table holds in memory at a time."""

_MOMENT = pa.timestamp("us", tz="UTC")
_TYPES: Mapping[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TRUTH: pa.bool_(),
    Kind.MOMENT: _MOMENT,
    Kind.DAY: pa.date32(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.STEPS: pa.list_(
        pa.struct([("text", pa.string()), ("source", pa.string()), ("at", _MOMENT)])
    ),
    Kind.LABELS: pa.map_(pa.string(), pa.string()),
    Kind.COUNTS: pa.map_(pa.string(), pa.int64()),
}


def write(table: Table, report: Report, out: BinaryIO) -> None:
    """Write one table as Parquet, group by group; an empty one has its columns, too."""
    schema = pa.schema([_field(column) for column in table.all_columns])
    schema = schema.with_metadata({"description": table.says})
    with parquet.ParquetWriter(out, schema) as writer:
        for group in _groups(table.records(report)):
            columns = zip(*group, strict=True)
            arrays = [
                pa.array([_of(kind, value) for value in values], _TYPES[kind])
                for kind, values in zip(_kinds(table), columns, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _field(column: Column) -> pa.Field:
    return pa.field(column.name, _TYPES[column.kind], metadata={"comment": column.says})


def _kinds(table: Table) -> Iterator[Kind]:
    return (column.kind for column in table.all_columns)


def _groups(records: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while group := list(islice(records, _ROWS)):
        yield group


def _of(kind: Kind, value: Any) -> Any:  # noqa: ANN401 (a cell, as PyArrow takes it)
    """The value as its type takes it."""
    convert = _CONVERTED.get(kind)
    return value if value is None or convert is None else convert(value)


def _texts(values: Iterable[object]) -> list[str]:
    return [item(value) for value in values]


def _steps(steps: Iterable[EvidenceRow]) -> list[dict[str, Any]]:
    return [msgspec.structs.asdict(step) for step in steps]


def _pairs(values: Mapping[str, object]) -> list[tuple[str, object]]:
    return sorted(values.items())


_CONVERTED: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXTS: _texts,
    Kind.STEPS: _steps,
    Kind.LABELS: _pairs,
    Kind.COUNTS: _pairs,
}
