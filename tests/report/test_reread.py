from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.model.errors import UsageError
from auditor.report import embedded, reread
from auditor.report import json as report_json
from auditor.report.view import Report
from auditor.report.write import FORMATS, write

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def path(tmp_path: Path, report: Report) -> Path:
    (written,) = write(report, tmp_path, ["json"])
    return written


@pytest.fixture
def page(tmp_path: Path, report: Report) -> Path:
    (written,) = write(report, tmp_path, ["html"])
    return written


def test_every_format_is_the_same_from_the_file_as_from_the_run(
    path: Path, tmp_path: Path, report: Report
) -> None:
    first = {p.name: p.read_bytes() for p in write(report, tmp_path / "run", FORMATS)}
    second = {p.name: p.read_bytes() for p in write(reread.read(path), tmp_path / "again", FORMATS)}
    assert first == second


def test_every_format_is_the_same_from_the_page_as_from_the_run(
    page: Path, tmp_path: Path, report: Report
) -> None:
    first = {p.name: p.read_bytes() for p in write(report, tmp_path / "run", FORMATS)}
    second = {p.name: p.read_bytes() for p in write(reread.read(page), tmp_path / "again", FORMATS)}
    assert first == second


def test_a_page_that_is_cut_off_anywhere_is_refused(page: Path) -> None:
    whole = page.read_bytes()
    last = whole.index(embedded.OPENING) + len(embedded.OPENING)
    for length in (40, 5_000, last - 1, last, last + 4, last + 400):
        page.write_bytes(whole[:length])
        with pytest.raises(UsageError, match="cut off"):
            reread.read(page)


@pytest.mark.parametrize(
    ("packed", "says"),
    [(b"", "cut off"), (b"?", "is damaged"), (b"H4sIAAAA", "cut off"), (b"AAAA", "is damaged")],
)
def test_a_page_whose_report_is_damaged_is_refused(page: Path, packed: bytes, says: str) -> None:
    page.write_bytes(embedded.OPENING + packed + embedded.CLOSING)
    with pytest.raises(UsageError, match=says):
        reread.read(page)


def test_a_page_that_is_no_report_is_refused(page: Path) -> None:
    page.write_bytes(b"\xef\xbb\xbf\n<!doctype html><title>Something else</title>")
    with pytest.raises(UsageError, match=r"carries no report: .* no report\.html") as refused:
        reread.read(page)
    assert refused.value.hint == "render its report.json"


def test_what_failed_everywhere_is_counted_as_the_run_counted_it(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    document["summary"]["unread"] = 17
    path.write_text(json.dumps(document), "utf-8")
    assert reread.read(path).summary.unread == 17


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda d: d["subscriptions"].append(d["subscriptions"][0]), "there twice"),
        (lambda d: d["clusters"].append(d["clusters"][0]), "there twice"),
        (lambda d: d["subscriptions"].clear(), "subscription '.*' is named but not there"),
        (lambda d: d["clusters"].clear(), "cluster '.*' is named but not there"),
        (lambda d: d["rules"].clear(), "rule '.*' is named but not there"),
        (lambda d: d["policy"]["clauses"].clear(), "clause '.*' is named but not there"),
        (lambda d: d["verdicts"][0].update(verdict="fine"), "'fine' is no verdict"),
        (lambda d: d["findings"][0].update(severity="grave"), "'grave' is no severity"),
        (lambda d: d["findings"][0].update(confidence="sure"), "'sure' is no confidence"),
        (lambda d: d["findings"][0].update(rule_id="VMSS999"), "rule 'VMSS999' is named"),
        (lambda d: d["run"].update(as_of="2026-11-22T06:50:52"), "06:50:52 is no moment"),
        (
            lambda d: d["findings"][0]["evidence"][0].update(at="0001-01-01T00:00:00+14:00"),
            r"0001-01-01T00:00:00\+14:00 is no moment",
        ),
        (lambda d: d["findings"][0].update(days_left=-(1 << 53)), "-9007199254740992 is larger"),
        (
            lambda d: d["summary"].update(clusters=10**30),
            "1000000000000000000000000000000 is larger",
        ),
        (lambda d: d["clusters"][0]["outside_writer_scopes"].update(group=1 << 60), "is larger"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(path: Path, edit: Edit, says: str) -> None:
    document = json.loads(path.read_text("utf-8"))
    edit(document)
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(UsageError, match=says):
        reread.read(path)


def test_a_file_that_nests_without_end_is_refused(path: Path) -> None:
    path.write_bytes(b'{"more": ' + b"[" * 500_000)
    with pytest.raises(UsageError, match="is no report"):
        reread.read(path)


def test_a_file_too_large_to_be_held_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_json, "LARGEST", 1 << 10)
    with pytest.raises(UsageError, match="is larger than"):
        reread.read(path)


@pytest.mark.parametrize("place", ["/dev/zero", "/"])
def test_what_is_no_plain_file_is_not_read(place: str) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        reread.read(Path(place))
