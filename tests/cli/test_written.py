"""What is said of a report and its parts once they are written."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from auditor import console
from auditor.cli.written import write_all
from auditor.report.view import Report
from auditor.settings import Settings
from tests.report import sample

BY_OWNER = Settings(output_dir=Path("out"), format=("json",), split_by="subscription")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_index_of_the_parts_is_named_last() -> None:
    lines = list(write_all(sample.report(), BY_OWNER))
    assert lines[0] == "out/report.json"
    assert lines[-1] == "3 parts by subscription: out/by-subscription/index.html"
    whole = msgspec.structs.replace(BY_OWNER, split_by="")
    assert list(write_all(sample.report(), whole)) == lines[:-1]


def test_a_changed_file_of_an_earlier_run_is_left_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.configure("console")
    list(write_all(sample.report(), BY_OWNER))
    edited = Path("out/by-subscription/finance/report.json")
    edited.write_text("annotated", "utf-8")
    later = msgspec.structs.replace(sample.header().run, id="later")
    header = msgspec.structs.replace(sample.header(), run=later)
    list(write_all(Report(header, [sample.shop()]), BY_OWNER))
    assert f"{edited} is of an earlier run" in capsys.readouterr().err
    assert edited.read_text("utf-8") == "annotated"
