"""``aks-auditor render``: every format from ``report.json`` alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Auditor


def test_a_report_rendered_again_is_the_report_of_the_run(auditor: Auditor, tmp_path: Path) -> None:
    ran = auditor("demo")
    assert ran.code == 0, ran.err
    folder = tmp_path / ran.report()
    done = auditor("render", "--from", str(folder / "report.json"), "-O", "again")
    assert done.code == 0, done.err
    assert done.out.splitlines()[1:] == ran.out.splitlines()[1:]
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == first


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, None])
def test_what_is_no_report_is_one_line(
    auditor: Auditor, tmp_path: Path, content: bytes | None
) -> None:
    source = tmp_path / "report.json"
    if content is not None:
        source.write_bytes(content)
    done = auditor("render", "--from", str(source), "-O", "again")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert not (tmp_path / "again").exists()
