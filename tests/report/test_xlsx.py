from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from auditor.report import xlsx
from auditor.report.cells import MAX_LENGTH, one_line
from auditor.report.view import Report
from tests.report import sample

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufffe\uffff")
    | st.sampled_from("=+-@'\"<>&_x0D"),
    max_size=60,
)
UNIT = sample.shop()


def written(report: Report) -> bytes:
    out = io.BytesIO()
    xlsx.write(report, out)
    return out.getvalue()


def opened(report: Report) -> Workbook:
    return load_workbook(io.BytesIO(written(report)))


def cells(book: Workbook) -> Iterator[Cell]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from (cell for cell in row if isinstance(cell, Cell))


def of_finding(name: str, **more: Any) -> Cell:  # noqa: ANN401 (any field)
    """The cell of a column in the only row of findings."""
    finding = msgspec.structs.replace(UNIT.findings[0], **more)
    unit = msgspec.structs.replace(UNIT, findings=(finding,))
    sheet = opened(Report(sample.header(), [unit]))["findings"]
    names = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, names.index(name) + 1)
    assert isinstance(cell, Cell)
    return cell


def test_every_table_is_a_sheet_with_a_frozen_filtered_header(report: Report) -> None:
    book = opened(report)
    assert book.sheetnames == [
        "findings",
        "clusters",
        "node pools",
        "clocks",
        "clauses",
        "verdicts",
        "coverage",
        "exemptions",
        "rules",
        "run",
    ]
    for table in xlsx.SHEETS:
        sheet = book[table.name.removesuffix(".csv").replace("_", " ")]
        assert [cell.value for cell in sheet[1]] == table.header
        assert all(cell.font.bold for cell in sheet[1])
        assert sheet.max_row == 1 + len(list(table.records(report)))
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions


def test_no_cell_is_a_formula_or_a_link(report: Report) -> None:
    found = list(cells(opened(report)))
    assert len(found) > 500
    assert [cell.coordinate for cell in found if cell.data_type == "f" or cell.hyperlink] == []


@settings(max_examples=50)  # each opens a workbook
@given(TEXT)
def test_any_text_is_read_back_as_text(text: str) -> None:
    cell = of_finding("summary", summary=text)
    assert (cell.value or "") == one_line(text)
    assert cell.data_type == ("s" if text else "n")  # an empty cell is of type n


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "＝1"])  # noqa: RUF001 (full-width)
def test_text_like_a_formula_stays_text_when_somebody_edits_it(text: str) -> None:
    cell = of_finding("summary", summary=text)
    assert cell.value == text
    assert cell.quotePrefix


@pytest.mark.parametrize("text", ["1e5", "007", "https://evil.example", "\ufffe", "\ud800"])
def test_what_looks_like_something_else_is_text(text: str) -> None:
    cell = of_finding("summary", summary=text)
    assert cell.value == (text if text.isascii() else "�")
    assert cell.hyperlink is None


def test_a_moment_is_a_date_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    cell = of_finding("occurred_at", occurred_at=datetime(2026, 11, 22, 15, 50, 1, 7, tokyo))
    assert cell.is_date
    assert cell.value == datetime(2026, 11, 22, 6, 50, 1)  # noqa: DTZ001 (Excel knows no zones)


def test_a_moment_before_excels_first_day_is_text() -> None:
    cell = of_finding("occurred_at", occurred_at=datetime(1815, 12, 10, tzinfo=UTC))
    assert cell.value == "1815-12-10T00:00:00Z"


@pytest.mark.parametrize(
    ("days", "value"), [(-3, -3), (1 << 60, str(1 << 60)), (None, None)], ids=str
)
def test_a_number_is_a_number_where_excel_can_hold_it(days: int | None, value: object) -> None:
    assert of_finding("days_left", days_left=days).value == value


def test_a_truth_value_is_one() -> None:
    assert of_finding("standing", standing=False).value is False


def test_columns_are_wide_enough_but_not_endless() -> None:
    sheet = opened(sample.report())["findings"]
    widths = [dimension.width for dimension in sheet.column_dimensions.values()]
    assert min(widths) > 8
    assert max(widths) <= 61


def test_a_long_text_ends_below_excels_limit() -> None:
    assert len(str(of_finding("summary", summary="x" * 40_000).value)) == MAX_LENGTH


def test_rows_that_do_not_fit_are_counted(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 5)
    sheet = opened(report)["verdicts"]
    assert sheet.max_row == 5
    assert sheet["A5"].value == "33 more rows do not fit: verdicts.csv has all"


def test_the_workbook_says_when_the_run_ended_and_is_the_same_every_time(report: Report) -> None:
    assert written(report) == written(sample.report())
    ended = report.header.run.finished_at.replace(tzinfo=None)
    assert opened(report).properties.created == ended
