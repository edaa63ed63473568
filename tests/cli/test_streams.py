"""Streams that are closed, full or left, and signals: how the program ends all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cli import app, audits
from auditor.report.spool import temporary_folder
from auditor.settings import Settings

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(shell: str) -> subprocess.CompletedProcess[str]:
    """What ``sh`` makes of a line in which ``$auditor`` is the program."""
    program = f"{sys.executable} -m auditor"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "auditor": program}
    return subprocess.run(
        ["/bin/sh", "-c", shell],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_who_stops_reading_has_read_enough() -> None:
    done = run("{ $auditor schema; echo $? >&2; } | head -n 1")
    assert (done.stdout, done.stderr) == ("{\n", "0\n")


@pytest.mark.parametrize("command", ["version", "rules"])
def test_a_stdout_that_is_closed_is_no_error(command: str) -> None:
    done = run(f"$auditor {command} >&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_stdout_that_is_full_is_one_line_and_exit_code_2() -> None:
    done = run("$auditor rules --json >/dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "error: stdout cannot be written to: No space left on device"
        " (hint: make room where it leads to)\n"
    )


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("listener", ["2>/dev/full", "2>&-"])
def test_words_that_reach_nobody_change_no_exit_code(listener: str) -> None:
    assert run(f"$auditor explain nothing {listener}").returncode == 2


@pytest.fixture
def handlers() -> Iterator[None]:
    """Puts back what ``main`` sets for its process."""
    before = signal.getsignal(signal.SIGTERM), sys.excepthook
    yield
    signal.signal(signal.SIGTERM, before[0])
    sys.excepthook = before[1]


@pytest.mark.usefixtures("handlers")
def test_a_run_that_is_told_to_end_clears_away_what_is_temporary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[Path] = []

    def audit(_: Settings) -> int:
        with temporary_folder() as folder:
            used.append(folder)
            signal.raise_signal(signal.SIGTERM)
        return 0

    monkeypatch.setattr(audits, "audit", audit)
    monkeypatch.setattr(sys, "argv", ["aks-auditor", "audit"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 130
    assert [folder.exists() for folder in used] == [False]
