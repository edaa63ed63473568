from __future__ import annotations

import io
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone

import duckdb
import msgspec
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet as reader

from auditor.model.report import (
    ClockRow,
    ClusterRow,
    CoverageRow,
    EvidenceRow,
    FindingRow,
    NodePoolRow,
    RuleRow,
    SummaryRow,
)
from auditor.model.run import PartRow, Row, RunRow
from auditor.report import parquet
from auditor.report.cells import cell
from auditor.report.columns import CLUSTERS, FINDINGS, TABLES, VERDICTS
from auditor.report.run_columns import CLOCKS, EXEMPTIONS
from auditor.report.table import Kind, Table
from auditor.report.view import Report
from tests.report import sample

ROWS: Mapping[str, tuple[type[Row], ...]] = {
    "findings.csv": (FindingRow,),
    "clusters.csv": (ClusterRow,),
    "coverage.csv": (CoverageRow,),
    "node_pools.csv": (NodePoolRow,),
    "rules.csv": (RuleRow,),
    "run.csv": (RunRow, SummaryRow),
    "clocks.csv": (ClockRow,),
}
KINDS: Mapping[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    bool: Kind.TRUTH,
    datetime: Kind.MOMENT,
    tuple[str, ...]: Kind.TEXTS,
    tuple[NodePoolRow, ...]: Kind.TEXTS,
    tuple[PartRow, ...]: Kind.TEXTS,
    tuple[EvidenceRow, ...]: Kind.STEPS,
    Mapping[str, str]: Kind.LABELS,
    Mapping[str, int]: Kind.COUNTS,
}


def kind_of(hint: object) -> Kind:
    """The kind that a field of this type should be."""
    if typing.get_origin(hint) is typing.Literal:
        return Kind.TEXT
    choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    (held,) = (one for one in choices if one is not types.NoneType)
    return KINDS[held]


def written(table: Table, report: Report) -> bytes:
    out = io.BytesIO()
    parquet.write(table, report, out)
    return out.getvalue()


def read(table: Table, report: Report) -> pa.Table:
    return reader.read_table(io.BytesIO(written(table, report)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_the_columns_and_rows_of_its_csv(table: Table, report: Report) -> None:
    held = read(table, report)
    assert held.column_names == table.header
    assert held.num_rows == len(list(table.records(report)))
    assert held.schema.field("run_id").metadata[b"comment"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_has_the_same_types(table: Table, report: Report) -> None:
    assert read(table, Report(sample.header(), [])).schema == read(table, report).schema


@pytest.mark.parametrize("name", ROWS)
def test_a_column_is_of_the_kind_that_its_field_is(name: str) -> None:
    """A number that was declared as text would be one in a lakehouse for ever."""
    (table,) = (one for one in TABLES if one.name == name)
    hints: dict[str, object] = {}
    for row in ROWS[name]:
        hints |= typing.get_type_hints(row)
    declared = {one.name: one.kind for one in table.columns if one.name in hints}
    assert len(declared) > 5
    assert declared == {column: kind_of(hints[column]) for column in declared}


def test_values_have_their_types(report: Report) -> None:
    told = {row["rule_id"]: row for row in read(FINDINGS, report).to_pylist()}
    row = told["PWR002"]
    assert row["standing"] is True
    assert row["days_left"] == 2
    assert row["instances"] == ["0", "1", "2"]
    assert row["deadline_earliest"] == sample.NO_NODES.deadline_earliest
    assert row["deadline_earliest"].utcoffset() == timedelta()
    assert row["evidence"][0] == {
        "text": "node pool system asks for Standard_D4s_v5",
        "source": "agentPools",
        "at": sample.NOW,
    }
    assert told["PWR004"]["days_left"] is None


def test_text_is_as_it_was_received(report: Report) -> None:
    """No program calculates Parquet, so that nothing needs a guard."""
    summaries = read(FINDINGS, report)["summary"].to_pylist()
    assert "=cmd|' /C calc'!A0 is a disk that AKS did not make" in summaries


def test_moments_are_in_utc_to_the_microsecond() -> None:
    unit = sample.shop()
    tokyo = timezone(timedelta(hours=9))
    at = datetime(2026, 11, 22, 15, 50, 1, 7, tokyo)
    row = msgspec.structs.replace(unit.findings[0], occurred_at=at)
    report = Report(sample.header(), [msgspec.structs.replace(unit, findings=(row,))])
    (held,) = read(FINDINGS, report)["occurred_at"].to_pylist()
    assert held == at
    assert held.utcoffset() == timedelta()


def test_days_are_dates_and_what_is_none_is_missing(report: Report) -> None:
    assert read(EXEMPTIONS, report)["expires"].to_pylist() == [date(2027, 2, 28), None]


def test_maps_are_maps(report: Report) -> None:
    tags = read(CLUSTERS, report)["tags"].to_pylist()[0]
    assert dict(tags) == {"Owner-Email": "shop-platform@contoso.example", "costCenter": "4711"}


def test_duckdb_and_pandas_read_it(report: Report) -> None:
    with duckdb.connect() as connection:
        connection.register("clocks", read(CLOCKS, report))
        nearest = connection.execute("select cluster_name, days_left from clocks order by 2")
        assert nearest.fetchone() == ("cart-weu", 2)
    frame = pd.read_parquet(io.BytesIO(written(CLOCKS, report)))
    assert str(frame["deadline_latest"].dt.tz) == "UTC"


def test_rows_are_written_group_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_ROWS", 10)
    out, sizes = io.BytesIO(), set[int]()

    class Watched(Report):
        def rows(self) -> Iterator[object]:
            for row in VERDICTS.rows(self):
                sizes.add(out.tell())
                yield row

    table = msgspec.structs.replace(VERDICTS, rows=Watched.rows)
    parquet.write(table, Watched(sample.header(), [sample.shop(), sample.labs()]), out)
    assert len(sizes) == 4
    assert reader.ParquetFile(out).num_row_groups == 4


def test_csv_says_the_same(report: Report) -> None:
    """Both are made from the same columns: a value that only one can say would be a defect."""
    held = read(FINDINGS, report).to_pylist()
    for row, record in zip(held, FINDINGS.records(report), strict=True):
        for name, value in zip(FINDINGS.header, record, strict=True):
            if isinstance(value, bool | int | datetime):
                assert cell(row[name]) == cell(value)
