"""The files that are no code are found in a wheel, in an editable install and in a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def found(path: Path, cwd: Path) -> dict[str, Path]:
    """Where a fresh interpreter that imports the package from ``path`` finds its folders."""
    script = (
        "from auditor.resources import folder\n"
        "print(folder('fixtures'))\nprint(folder('templates'))"
    )
    output = subprocess.check_output(
        [sys.executable, "-S", "-c", script],
        cwd=cwd,
        env={"PYTHONPATH": str(path), "PATH": os.environ["PATH"]},
        text=True,
    )
    fixtures, templates = map(Path, output.splitlines())
    return {"fixtures": fixtures, "templates": templates}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, built and unpacked as pip would."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", target],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    archive = next(target.glob("*.whl"))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(target / "site")
    return target / "site"


def test_in_a_wheel(wheel: Path, tmp_path: Path) -> None:
    assert found(wheel, tmp_path) == {
        "fixtures": wheel / "auditor" / "fixtures",
        "templates": wheel / "auditor" / "templates",
    }


def test_a_wheel_holds_every_file_of_both_folders(wheel: Path) -> None:
    for name in ("fixtures", "templates"):
        packed = {p.relative_to(wheel / "auditor") for p in (wheel / "auditor" / name).rglob("*")}
        kept = {p.relative_to(ROOT) for p in (ROOT / name).rglob("*")}
        assert packed == kept


def test_in_a_checkout_or_an_editable_install(tmp_path: Path) -> None:
    assert found(ROOT, tmp_path) == {
        "fixtures": ROOT / "fixtures",
        "templates": ROOT / "templates",
    }
