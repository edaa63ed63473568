"""``aks-auditor render``: every format from ``report.json`` alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.options import EXTRAS, FORMATS
from auditor.report import write
from tests.e2e.program import Auditor, Ran

ROOT = Path(__file__).parents[2]


@pytest.mark.xdist_group("demo")
def test_a_report_rendered_again_is_the_report_of_the_run(
    auditor: Auditor, demo: Ran, tmp_path: Path
) -> None:
    ran, folder = demo.outcome, demo.folder
    done = auditor("render", "--from", str(folder / "report.json"), "-O", "again")
    assert done.code == 0, done.err
    assert done.out.splitlines()[1:] == ran.out.splitlines()[1:]
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == first


def test_every_format_comes_from_the_file_alone(auditor: Auditor, tmp_path: Path) -> None:
    everything = ",".join(FORMATS)
    ran = auditor("demo", "-f", everything)
    assert ran.code == 0, ran.err
    source = tmp_path / ran.report() / "report.json"
    done = auditor("render", "--from", str(source), "-O", "again", "-f", everything)
    assert done.code == 0, done.err
    first = {file.name: file.read_bytes() for file in source.parent.iterdir()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == first
    assert set(first) == {name for files in write.FORMATS.values() for name in files}


def test_without_the_extras_their_formats_are_one_line_and_the_others_are_there(
    auditor: Auditor, tmp_path: Path
) -> None:
    hidden = "\n".join(f"sys.modules[{module!r}] = None" for module in EXTRAS.values())
    (tmp_path / "sitecustomize.py").write_text(f"import sys\n{hidden}\n")
    plain = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    others = ",".join(sorted(set(FORMATS) - set(EXTRAS)))
    ran = auditor("demo", "-f", others, environ=plain)
    assert ran.code == 0, ran.err
    source = str(tmp_path / ran.report() / "report.json")
    for name in EXTRAS:
        for command in (("demo",), ("render", "--from", source)):
            done = auditor(*command, "-f", f"html,{name}", "-O", "never", environ=plain)
            assert (done.code, done.out) == (2, "")
            assert done.err == (
                f"error: format {name} needs a package that is not installed "
                f"(hint: pip install 'aks-auditor[{name}]')\n"
            )
    assert not (tmp_path / "never").exists()


@pytest.mark.xdist_group("demo")
def test_where_a_character_cannot_be_shown_it_is_spelled(
    auditor: Auditor, demo: Ran, tmp_path: Path
) -> None:
    """The report is written by then: a terminal of another encoding must not fail the run."""
    source = str(demo.folder / "report.json")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    done = auditor("render", "--from", source, "-O", "報告", "-f", "json", environ=ascii_only)
    assert done.code == 0, done.err
    assert done.out.startswith("\\u5831\\u544a/report.json\n")
    assert (tmp_path / "報告" / "report.json").exists()


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
