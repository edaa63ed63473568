"""``--split-by``: to each team its own, from the run and from ``report.json``."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Auditor, Azure, at


def index(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def document(folder: Path) -> Any:  # noqa: ANN401 (JSON as it comes)
    return json.loads((folder / "report.json").read_text("utf-8"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_owner_gets_a_report_and_rendering_gives_the_same(
    auditor: Auditor, tmp_path: Path
) -> None:
    ran = auditor("demo", "--split-by", "tag:Owner")
    assert ran.code == 0, ran.err
    whole = tmp_path / ran.report()
    assert ran.out.splitlines()[-1] == f"7 parts by tag:Owner: {ran.report()}/by-owner/index.html"

    rows = index(whole / "by-owner")
    assert Counter(row["kind"] for row in rows) == {"value": 5, "none": 1, "unknown": 1}
    parts = [document(whole / "by-owner" / row["folder"]) for row in rows]
    told = Counter(row["id"] for part in parts for row in part["clusters"])
    assert told == Counter(row["id"] for row in document(whole)["clusters"])
    for row, part in zip(rows, parts, strict=True):
        owners = {cluster["owner"].casefold() for cluster in part["clusters"]}
        assert owners == {row["key"]}
    assert parts[-1]["subscriptions"][0]["status"] == "not_assessed"

    source = str(whole / "report.json")
    done = auditor("render", "--from", source, "-O", "again", "--split-by", "tag:Owner")
    assert done.code == 0, done.err
    assert files(tmp_path / "again") == files(whole)


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("subscription", {"retail", "platform", "sandbox", "acquired", "suspended"}),
        ("management-group", {"Retail", "Platform", "Sandboxes", "Decommissioned", "not known"}),
    ],
)
def test_a_live_run_is_split_by_place_in_every_format(
    auditor: Auditor, azure: Azure, tmp_path: Path, way: str, names: set[str]
) -> None:
    flags, environ = at(azure())
    formats = "html,csv,xlsx,json,sarif,markdown"
    asked = {**environ, "AKS_AUDITOR_SPLIT_BY": way}
    done = auditor("audit", *flags, "-f", formats, environ=asked)
    assert done.code == 0, done.err
    out = tmp_path / "aks-auditor-report"
    rows = index(out / f"by-{way}")
    assert {row["name"].removeprefix("contoso-") for row in rows} == names
    written = {path.name for path in out.iterdir() if path.is_file()}
    for row in rows:
        part = out / f"by-{way}" / row["folder"]
        assert {path.name for path in part.iterdir()} == written
    last = document(out / f"by-{way}" / rows[-1]["folder"])
    assert last["run"]["status"] == "incomplete"
    assert last["summary"]["subscriptions_not_assessed"] == 1


def test_gates_judge_the_whole_run_and_people_stay_left_out(
    auditor: Auditor, tmp_path: Path
) -> None:
    done = auditor(
        "demo", "--split-by", "tag:owner", "--actors", "hash", "--fail-on", "low", "-f", "json,html"
    )
    assert done.code == 3, done.err
    parts = files(tmp_path / done.report() / "by-owner")
    assert any(name.startswith("person-") for name in parts)
    text = b"".join(parts.values()).decode("utf-8")
    assert "@contoso.example" not in text
