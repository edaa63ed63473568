from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.report import EvidenceRow, FindingRow, UnitResult
from auditor.report import tables
from auditor.report.cells import MAX_LENGTH, Cell, cell, guarded
from auditor.report.columns import CLUSTERS, FINDINGS, TABLES
from auditor.report.run_columns import RULES, RUN
from auditor.report.table import Table
from auditor.report.view import Report
from tests.report import sample

FORMULA_STARTS = "=+-@\t\r\n\0＝＋－＠"  # noqa: RUF001 (full-width signs are the point)
TEXT = st.text(st.characters(codec="utf-8"), max_size=80)


def written(table: Table, report: Report) -> bytes:
    out = io.BytesIO()
    tables.write(table, report, out)
    return out.getvalue()


def with_summary(text: str) -> Report:
    unit = sample.shop()
    finding = msgspec.structs.replace(unit.findings[0], summary=text, owner=text)
    return Report(sample.header(), [msgspec.structs.replace(unit, findings=(finding,))])


@given(TEXT)
def test_a_cell_is_one_line_and_no_formula(text: str) -> None:
    made = guarded(text)
    assert not made.startswith(tuple(FORMULA_STARTS))
    assert len(made.splitlines()) <= 1
    assert all(character == "\t" or character >= " " for character in made)
    assert len(made) <= MAX_LENGTH


@given(st.sampled_from(FORMULA_STARTS), TEXT)
def test_text_that_starts_like_a_formula_is_guarded(start: str, rest: str) -> None:
    assert guarded(start + rest).startswith("'")


@given(st.text("abc =+-@0123456789.,;:_/'\"", min_size=1).filter(lambda t: t[0] not in "=+-@"))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(TEXT)
def test_what_is_written_is_read_back_by_csv_and_pandas(text: str) -> None:
    content = written(FINDINGS, with_summary(text))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert rows[0]["summary"] == frame["summary"][0] == guarded(text)
    assert len(rows) == len(frame) == 1


def test_a_lone_surrogate_does_not_stop_a_table() -> None:
    assert b"\\ud800" in written(FINDINGS, with_summary("\ud800"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-3, "-3"),
        (94.4, "94.4"),
        (datetime(2026, 11, 22, 6, 50, 52, 999, UTC), "2026-11-22T06:50:52Z"),
        (
            datetime(2026, 11, 22, 15, 50, tzinfo=timezone(timedelta(hours=9))),
            "2026-11-22T06:50:00Z",
        ),
        (date(2026, 6, 9), "2026-06-09"),
        (("a", "b"), "a; b"),
        ({"z": "1", "a": 2}, "a=2; z=1"),
        ((), ""),
        (("=1+1", "b"), "'=1+1; b"),
        ("two\r\nlines", "two ⏎ lines"),
        ("nul\0", "nul␀"),
        (
            (EvidenceRow(text="seen", source="Compute", at=sample.NOW),),
            "2026-11-22T06:50:52Z seen [Compute]",
        ),
        ((EvidenceRow(text="seen"),), "seen"),
    ],
)
def test_a_value_has_one_form(value: Cell, text: str) -> None:
    assert cell(value) == text


def test_a_long_cell_ends_below_excels_limit_and_says_so() -> None:
    made = guarded("x" * 40_000)
    assert len(made) == MAX_LENGTH
    assert made.endswith("report.json has all of it)")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_line_is_quoted_and_ends_with_crlf(table: Table, report: Report) -> None:
    content = written(table, report)
    assert content.startswith(b'\xef\xbb\xbf"run_id",')
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines.pop() == ""
    assert all(line.startswith('"') and line.endswith('"') and "\n" not in line for line in lines)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_has_its_header(table: Table) -> None:
    rows = list(
        csv.reader(io.StringIO(written(table, Report(sample.header(), [])).decode("utf-8-sig")))
    )
    rows_of_the_run = {"rules.csv": len(sample.RULES), "run.csv": 1, "exemptions.csv": 2}
    assert rows[0] == table.header
    assert len(rows) == 1 + rows_of_the_run.get(table.name, 0)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_names_are_unique_and_every_column_is_explained(table: Table) -> None:
    assert len(set(table.header)) == len(table.header)
    assert all(column.says.endswith(".") or "…" in column.says for column in table.columns)


def test_columns_are_only_ever_added_at_the_end() -> None:
    """People's scripts read them by position too; extend these lists, never reorder them."""
    firsts = {table.name: table.header[:4] for table in TABLES}
    assert firsts == {
        "findings.csv": ["run_id", "as_of", "fingerprint", "deed"],
        "verdicts.csv": ["run_id", "as_of", "cluster_id", "cluster_name"],
        "clusters.csv": ["run_id", "as_of", "id", "cluster_key"],
        "coverage.csv": ["run_id", "as_of", "id", "scope"],
        "clauses.csv": ["run_id", "as_of", "cluster_id", "cluster_name"],
        "node_pools.csv": ["run_id", "as_of", "cluster_id", "cluster_key"],
        "rules.csv": ["run_id", "as_of", "id", "title"],
        "run.csv": ["run_id", "as_of", "started_at", "finished_at"],
        "clocks.csv": ["run_id", "as_of", "cluster_id", "cluster_key"],
        "exemptions.csv": ["run_id", "as_of", "id", "rule"],
    }


def test_rows_are_one_per_thing(report: Report) -> None:
    counts = {table.name: len(list(table.records(report))) for table in TABLES}
    assert counts == {
        "findings.csv": 6,
        "verdicts.csv": 36,
        "clusters.csv": 6,
        "coverage.csv": len(list(report.coverage())),
        "clauses.csv": 6 * len(sample.header().policy.clauses),
        "node_pools.csv": sum(len(cluster.node_pools) for cluster in report.clusters()),
        "rules.csv": len(sample.RULES),
        "run.csv": 1,
        "clocks.csv": 2,
        "exemptions.csv": 2,
    }


def test_more_rows_than_a_chunk_are_all_written() -> None:
    unit = sample.shop()
    many: UnitResult = msgspec.structs.replace(unit, findings=unit.findings * 500)
    content = written(FINDINGS, Report(sample.header(), [many]))
    assert content.count(b"\r\n") == 1 + 500 * len(unit.findings)


def test_rows_are_written_while_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the tenant, a table holds one chunk of it."""
    monkeypatch.setattr(tables, "_CHUNK", 1)
    out, sizes = io.BytesIO(), []

    class Watched(Report):
        def findings(self) -> Iterator[FindingRow]:
            for row in super().findings():
                sizes.append(out.tell())
                yield row

    tables.write(FINDINGS, Watched(sample.header(), [sample.shop()]), out)
    assert sizes == sorted(set(sizes))


def test_a_rule_counts_its_clusters_by_verdict(report: Report) -> None:
    by_rule = {
        record["id"]: record
        for record in csv.DictReader(io.StringIO(written(RULES, report).decode("utf-8-sig")))
    }
    verdicts = ("violation", "unknown", "pass")
    assert [by_rule["PWR002"][f"clusters_{verdict}"] for verdict in verdicts] == ["1", "1", "4"]


def test_the_run_carries_the_headline(report: Report) -> None:
    (record,) = RUN.records(report)
    told = dict(zip(RUN.header, record, strict=True))
    assert told["status"] == "incomplete"
    assert told["out_of_support"] == report.summary.out_of_support
    assert told["requests"] == 5


def test_node_counts_are_unknown_as_soon_as_one_pool_is() -> None:
    labs = Report(sample.header(), [sample.labs()])
    nodes = CLUSTERS.header.index("nodes_running")
    assert [record[nodes] for record in CLUSTERS.records(labs)] == [None, 3, 3]
