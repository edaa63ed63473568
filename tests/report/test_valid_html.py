"""Every page is HTML as the standard has it, by a validator that forgives nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from auditor.report import split
from auditor.report.write import write
from tests.report import large, sample

WEB = Path(__file__).parents[2] / "web"
VALIDATOR = WEB / "node_modules" / ".bin" / "html-validate"

pytestmark = pytest.mark.skipif(
    not VALIDATOR.exists() and "CI" not in os.environ,
    reason="html-validate is not installed (npm ci --prefix web)",
)


def complaints(page: Path) -> tuple[int, str]:
    """The validator's exit code, and what it says."""
    command = [str(VALIDATOR), "--config", str(WEB / ".htmlvalidate.json"), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("findings", [0, 200], ids=["the sample", "hostile names"])
def test_a_report_is_valid(tmp_path: Path, findings: int) -> None:
    report = large.report(findings) if findings else sample.report()
    (page,) = write(report, tmp_path, ["html"])
    assert complaints(page) == (0, "")


def test_the_index_of_the_parts_is_valid(tmp_path: Path) -> None:
    parts = split.write(sample.report(), tmp_path, ["html"], "subscription")
    assert parts.index is not None
    assert complaints(parts.index) == (0, "")


def test_what_is_not_valid_is_complained_of(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!DOCTYPE html>\n<p><div></p>", "utf-8")
    code, said = complaints(page)
    assert code == 1
    assert "error" in said
