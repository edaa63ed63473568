"""The folder of the parts belongs to one run, and to whoever put something else there."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from auditor.model.errors import UsageError
from auditor.report import write as files
from auditor.report.split import Parts, write
from auditor.report.split.place import MANIFEST
from auditor.report.view import Report
from tests.report import sample


def run(run_id: str, *owners: str) -> Report:
    """The sample's first subscription under another run's id, its clusters with these owners."""
    shop, header = sample.shop(), sample.header()
    rows = tuple(
        msgspec.structs.replace(row, tags={"owner": owner})
        for row, owner in zip(shop.clusters, owners, strict=True)
    )
    of_run = msgspec.structs.replace(header.run, id=run_id)
    return Report(
        msgspec.structs.replace(header, run=of_run), [msgspec.structs.replace(shop, clusters=rows)]
    )


LAST_MONTH = run("last-month", "ann", "bob", "bob")
NOW = run("now", "bob", "bob", "cyd")


def split(report: Report, folder: Path, way: str = "tag:owner", formats: str = "json") -> Parts:
    return write(report, folder, formats.split(), way)


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_parts_lie_below_the_report_with_their_index(tmp_path: Path) -> None:
    parts = split(NOW, tmp_path / "new")
    assert (parts.number, parts.left) == (2, ())
    assert parts.index == tmp_path / "new" / "by-owner" / "index.html"
    assert tree(tmp_path / "new") == {
        f"by-owner/{MANIFEST}",
        "by-owner/index.html",
        "by-owner/index.csv",
        "by-owner/bob/report.json",
        "by-owner/cyd/report.json",
    }


def test_parts_are_for_their_owner_alone(tmp_path: Path) -> None:
    split(NOW, tmp_path)
    for path in (tmp_path / "by-owner").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_part_of_last_month_does_not_stay_to_look_current(tmp_path: Path) -> None:
    split(LAST_MONTH, tmp_path, formats="html csv json")
    split(NOW, tmp_path)
    assert not (tmp_path / "by-owner" / "ann").exists()
    assert tree(tmp_path / "by-owner" / "bob") == {"report.json"}
    assert "last-month" not in (tmp_path / "by-owner" / "bob" / "report.json").read_text("utf-8")


@pytest.mark.parametrize("way", ["", "subscription"])
def test_parts_of_another_run_go_however_the_new_one_is_split(tmp_path: Path, way: str) -> None:
    split(LAST_MONTH, tmp_path)
    split(NOW, tmp_path, way)
    assert not (tmp_path / "by-owner").exists()


def test_one_run_may_be_split_in_several_ways(tmp_path: Path) -> None:
    for way in ("tag:owner", "subscription", ""):
        split(NOW, tmp_path, way)
    assert {path.name for path in tmp_path.iterdir()} == {"by-owner", "by-subscription"}


def test_what_this_tool_did_not_write_stays(tmp_path: Path) -> None:
    split(LAST_MONTH, tmp_path)
    ann = tmp_path / "by-owner" / "ann"
    (ann / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "by-hand").mkdir()
    (tmp_path / "by-hand" / "report.json").write_text("mine", "utf-8")
    parts = split(NOW, tmp_path)
    assert parts.left == ()
    assert tree(ann) == {"notes.txt"}
    assert tree(tmp_path / "by-hand") == {"report.json"}


def test_a_stale_file_that_somebody_has_changed_is_left_and_named(tmp_path: Path) -> None:
    split(LAST_MONTH, tmp_path)
    edited = tmp_path / "by-owner" / "ann" / "report.json"
    edited.write_text("annotated", "utf-8")
    assert split(NOW, tmp_path).left == (edited,)
    assert edited.read_text("utf-8") == "annotated"


def forge(folder: Path, *names: str, content: bytes = b"mine") -> None:
    """A manifest that claims files of this content for the tool."""
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    manifest = {"format": "aks-auditor-parts", "run": "old", "files": dict.fromkeys(names, digest)}
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))


@pytest.mark.parametrize(
    "name",
    [
        "../precious",
        "../../precious",
        "{there}",
        "x/../../precious",
        "link/precious",
        "..\\precious",
    ],
)
def test_a_forged_manifest_deletes_nothing_elsewhere(tmp_path: Path, name: str) -> None:
    out, there = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    for path in (there, out / "precious"):
        path.write_bytes(b"mine")
    forge(out / "by-owner", name.format(there=there))
    (out / "by-owner" / "link").symlink_to(tmp_path, target_is_directory=True)
    split(NOW, out)
    split(NOW, out, "")
    assert there.read_bytes() == (out / "precious").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"format": "x", "run": "", "files": {}}']
)
def test_a_manifest_that_does_not_read_claims_nothing(tmp_path: Path, content: bytes) -> None:
    ours = tmp_path / "by-owner"
    (ours / "ann").mkdir(parents=True)
    (ours / "ann" / "report.json").write_bytes(b"mine")
    (ours / MANIFEST).write_bytes(content)
    split(NOW, tmp_path)
    assert (ours / "ann" / "report.json").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "name", ["by-owner", "by-owner/bob", "by-owner/index.html", f"by-owner/{MANIFEST}"]
)
def test_a_symbolic_link_is_not_followed(tmp_path: Path, name: str) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    link = out / name
    link.parent.mkdir(parents=True)
    victim.mkdir()
    link.symlink_to(victim)
    with pytest.raises(UsageError, match="is a symbolic link"):
        split(NOW, out)
    assert list(victim.iterdir()) == []


def test_earlier_parts_stay_whole_when_new_ones_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_report: Report, _out: BinaryIO) -> None:
        raise OSError(28, "No space left on device")

    split(LAST_MONTH, tmp_path)
    before = {path: (tmp_path / path).read_bytes() for path in tree(tmp_path)}
    monkeypatch.setitem(files.FORMATS, "json", {"report.json": full})
    with pytest.raises(UsageError, match="No space left on device"):
        split(NOW, tmp_path)
    assert {path: (tmp_path / path).read_bytes() for path in tree(tmp_path)} == before


def test_a_folder_in_the_way_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "by-owner").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        split(NOW, tmp_path)


def test_the_same_report_gives_the_same_parts(tmp_path: Path) -> None:
    for name in ("a", "b"):
        split(NOW, tmp_path / name, formats="html csv json markdown sarif")
    first, second = (
        {path: (tmp_path / name / path).read_bytes() for path in tree(tmp_path / name)}
        for name in ("a", "b")
    )
    assert first == second
