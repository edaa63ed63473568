"""What people open the tables with sees in them what was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from auditor.report.columns import CLUSTERS, FINDINGS, TABLES
from auditor.report.table import Column, Kind, Table
from auditor.report.view import Report
from auditor.report.write import write

DUCKDB = {
    Kind.WHOLE: {"BIGINT"},
    Kind.NUMBER: {"DOUBLE"},
    Kind.TRUTH: {"BOOLEAN"},
    Kind.MOMENT: {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
}
PANDAS = {
    Kind.WHOLE: pd.api.types.is_numeric_dtype,
    Kind.NUMBER: pd.api.types.is_float_dtype,
    Kind.TRUTH: pd.api.types.is_bool_dtype,
}
by_name = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture
def folder(tmp_path: Path, report: Report) -> Path:
    write(report, tmp_path, ["csv"])
    return tmp_path


def filled(table: Table, report: Report) -> Iterator[Column]:
    """The columns that hold a value in every row, so that a reader can tell what it is."""
    columns = zip(*table.records(report), strict=True)
    for column, values in zip(table.all_columns, columns, strict=True):
        if None not in values:
            yield column


@by_name
def test_pandas_sees_the_columns_and_their_types(
    table: Table, report: Report, folder: Path
) -> None:
    frame = pd.read_csv(folder / table.name)
    assert list(frame.columns) == table.header
    assert len(frame) == len(list(table.records(report)))
    for column in filled(table, report):
        if column.kind in PANDAS:
            assert PANDAS[column.kind](frame[column.name].dtype), column.name
        if column.kind == Kind.MOMENT:
            assert str(pd.to_datetime(frame[column.name]).dt.tz) == "UTC", column.name


@by_name
def test_duckdb_sees_the_columns_and_their_types(
    table: Table, report: Report, folder: Path
) -> None:
    with duckdb.connect() as connection:
        read = connection.read_csv(str(folder / table.name))
        assert read.columns == table.header
        assert len(read.fetchall()) == len(list(table.records(report)))
        types = dict(zip(read.columns, map(str, read.types), strict=True))
    for column in filled(table, report):
        if column.kind in DUCKDB:
            assert types[column.name] in DUCKDB[column.kind], column.name


def test_duckdb_joins_tables_by_the_key(folder: Path, report: Report) -> None:
    """ARM compares ids without case, programs with it: hence the keys."""
    query = f"""
        select count(*) from read_csv('{folder / FINDINGS.name}') as finding
        join read_csv('{folder / CLUSTERS.name}') as cluster using (cluster_key, run_id)
    """  # noqa: S608 (paths of this test)
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchone() == (report.summary.findings,)
