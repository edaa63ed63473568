"""A machine without room ends a run in one line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from auditor.model.errors import RunFailedError
from auditor.report.spool import Spool, temporary_folder
from tests.report import sample

UNIT = sample.shop()


def test_a_unit_that_the_disk_does_not_take_is_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(RunFailedError, match="temporary folder cannot be written to") as caught:
        Spool(tmp_path / "gone").write(UNIT)
    assert "TMPDIR" in caught.value.hint


def test_no_temporary_folder_is_a_failed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(RunFailedError, match="No such file"), temporary_folder():
        pass


def test_a_temporary_folder_goes_with_its_context() -> None:
    with temporary_folder() as folder:
        Spool(folder).write(UNIT)
        assert list(Spool(folder)) == [UNIT]
    assert not folder.exists()
