from __future__ import annotations

import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from auditor.model.errors import UsageError
from auditor.report import write as module
from auditor.report.view import Report
from auditor.report.write import FORMATS, write

CSV = [
    "findings.csv",
    "verdicts.csv",
    "clusters.csv",
    "coverage.csv",
    "clauses.csv",
    "node_pools.csv",
    "rules.csv",
    "run.csv",
    "clocks.csv",
    "exemptions.csv",
]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_format_writes_its_files_and_nothing_else(tmp_path: Path, report: Report) -> None:
    folder = tmp_path / "new" / "report"
    paths = write(report, folder, FORMATS)
    assert [path.name for path in paths] == [
        "report.html",
        *CSV,
        "report.xlsx",
        "report.json",
        "report.sarif",
        "summary.md",
        "junit.xml",
        "aks-auditor.prom",
        *(name.replace(".csv", ".parquet") for name in CSV),
        "report.ocsf.ndjson",
    ]
    assert names(folder) == sorted(path.name for path in paths)


def test_one_format_leaves_the_others_alone(tmp_path: Path, report: Report) -> None:
    (tmp_path / "report.html").write_text("of another run")
    assert [path.name for path in write(report, tmp_path, ["csv"])] == CSV
    assert (tmp_path / "report.html").read_text() == "of another run"


def test_reports_are_for_their_owner_alone(tmp_path: Path, report: Report) -> None:
    folder = tmp_path / "report"
    (path,) = write(report, folder, ["json"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_report_gives_the_same_bytes(tmp_path: Path, report: Report) -> None:
    first = {p.name: p.read_bytes() for p in write(report, tmp_path / "a", FORMATS)}
    second = {p.name: p.read_bytes() for p in write(report, tmp_path / "b", FORMATS)}
    assert first == second


def test_an_earlier_report_stays_whole_when_a_new_one_fails(
    tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_report: Report, out: BinaryIO) -> None:
        out.write(b"half a repo")
        raise OSError(28, "No space left on device")

    write(report, tmp_path, ["html", "json"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setitem(module.FORMATS, "json", {"report.json": full})
    with pytest.raises(UsageError, match="No space left on device"):
        write(report, tmp_path, ["html", "json"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_symbolic_link_is_not_followed(tmp_path: Path, report: Report) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.json").symlink_to(victim)
    with pytest.raises(UsageError, match="symbolic link"):
        write(report, folder, ["json"])
    assert victim.read_text() == "precious"


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path, report: Report) -> None:
    there = tmp_path / "report"
    there.write_text("")
    with pytest.raises(UsageError, match="cannot be written") as refused:
        write(report, there, ["json"])
    assert "\n" not in refused.value.message


def test_an_unknown_format_is_refused_before_anything_is_written(
    tmp_path: Path, report: Report
) -> None:
    with pytest.raises(UsageError, match="unknown report format: docx"):
        write(report, tmp_path / "new", ["json", "docx"])
    assert not (tmp_path / "new").exists()
