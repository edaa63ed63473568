from __future__ import annotations

import csv
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import msgspec
import pytest

from auditor.report import json as report_json
from auditor.report import reread
from auditor.report.split import index, write
from auditor.report.view import Report
from auditor.report.write import FORMATS
from auditor.report.write import write as write_whole
from tests.report import browser, sample

HOSTILE = "<img src=x onerror=alert(1)>\u202e'\" style=x"
ROOT = Path(__file__).parents[3]


def whole() -> Report:
    """The sample's run; one owner bears a hostile name, one a Japanese one."""
    owners = iter([HOSTILE, "決済チーム", "決済チーム", "labs", "=1+1", "LABS"])
    units = []
    for unit in (sample.shop(), sample.labs(), sample.closed()):
        rows = (msgspec.structs.replace(row, tags={"owner": next(owners)}) for row in unit.clusters)
        units.append(msgspec.structs.replace(unit, clusters=tuple(rows)))
    return Report(sample.header(), units)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run with its parts by owner, in every format."""
    out = tmp_path_factory.mktemp("report")
    write_whole(whole(), out, FORMATS)
    write(whole(), out, FORMATS, "tag:owner")
    return out / "by-owner"


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    text = (folder / "index.csv").read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


class Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_table_lists_every_part_the_gravest_first(rows: list[dict[str, str]]) -> None:
    told = ("kind", "name", "clusters", "out_of_support", "at_risk", "not_assessed")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("value", "決済チーム", "2", "1", "1", "0"),
        ("value", HOSTILE, "1", "1", "0", "0"),
        ("value", "LABS", "2", "0", "0", "1"),
        ("unknown", "not known", "0", "0", "0", "0"),
        ("value", "'=1+1", "1", "0", "0", "0"),
    ]
    assert rows[3]["subscriptions_not_assessed"] == "1"
    assert {row["split_by"] for row in rows} == {"tag:owner"}
    assert {row["run_id"] for row in rows} == {sample.header().run.id}


def test_numbers_of_the_table_are_those_of_the_parts(
    folder: Path, rows: list[dict[str, str]]
) -> None:
    for row in rows:
        part = json.loads((folder / row["folder"] / "report.json").read_text("utf-8"))
        for name in ("clusters", "in_support", "findings", "violations", "unread"):
            assert row[name] == str(part["summary"][name])
        deadlines = [c["nearest_deadline"] for c in part["clusters"] if c["nearest_deadline"]]
        assert row["nearest_deadline"][:16] == min(deadlines, default="")[:16]


def test_every_link_leads_to_a_file_and_never_out_of_the_report(folder: Path, page: str) -> None:
    links = [a["href"] or "" for tag, a in Tags(page).found if tag == "a"]
    relative = [unquote(link) for link in links if not link.startswith("#")]
    assert [link for link in relative if not (folder / link).is_file()] == []
    assert all((folder / link).resolve().is_relative_to(folder.parent) for link in relative)
    assert len(relative) == 5 + len(["../report.html", "index.csv"])


def test_a_hostile_name_is_shown_and_does_nothing(page: str) -> None:
    tags = Tags(page).found
    assert {tag for tag, _ in tags}.isdisjoint({"img", "script", "iframe", "object", "link"})
    assert [a for _, a in tags if "style" in a or any(name.startswith("on") for name in a)] == []
    assert "\u202e" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;⟦U+202E⟧" in page


def test_the_page_may_load_and_run_nothing(page: str) -> None:
    (policy,) = [
        a["content"] or ""
        for tag, a in Tags(page).found
        if tag == "meta" and "default-src" in str(a)
    ]
    assert policy.startswith(
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    )
    assert "unsafe" not in policy


def test_the_page_can_be_read_aloud(page: str) -> None:
    tags = Tags(page).found
    assert ("html", {"lang": "en"}) in tags
    assert sum(tag == "h1" for tag, _ in tags) == 1
    heads = [a.get("scope") for tag, a in tags if tag == "th"]
    assert heads == ["col"] * 5 + ["row"] * 5
    for label in ("Gravest state", "Clusters", "Findings", "Nearest deadline"):
        assert page.count(f'data-en="{label}"') == 5
    assert re.search("✕</span> <span[^>]*>Out of support", page)  # never colour alone


def test_a_part_says_whose_it_is_in_every_format_for_people(folder: Path) -> None:
    part = folder / "決済チーム"
    page = (part / "report.html").read_text("utf-8")
    assert ">owner: 決済チーム</span>" in page
    assert re.search(r"<title>[^<]*owner: 決済チーム[^<]*</title>", page)
    assert "owner: 決済チーム" in (part / "summary.md").read_text("utf-8")
    run = (part / "run.csv").read_text("utf-8-sig")
    assert '"tag:owner","決済チーム","決済チーム"' in run


def test_a_part_fits_the_schema_and_can_be_rendered_again(folder: Path, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
    packed = {"report.xlsx"}
    for part in (path for path in folder.iterdir() if path.is_dir()):
        document = json.loads((part / "report.json").read_text("utf-8"))
        jsonschema.validate(document, schema)
        again = reread.read(part / "report.json")
        for path in write_whole(again, tmp_path / part.name, FORMATS):
            if path.name not in packed:
                assert path.read_bytes() == (part / path.name).read_bytes()


def test_the_parts_of_a_report_that_is_read_back_are_those_of_the_run(
    folder: Path, tmp_path: Path
) -> None:
    write(reread.read(folder.parent / "report.json"), tmp_path, ["json", "csv"], "tag:owner")
    made = [path for path in tmp_path.rglob("*.*") if path.suffix in {".csv", ".json"}]
    for path in made:
        if not path.name.startswith("."):
            assert path.read_bytes() == (folder.parent / path.relative_to(tmp_path)).read_bytes()
    assert len(made) > 5 * 9


def test_a_part_of_a_part_names_both(folder: Path, tmp_path: Path) -> None:
    labs = reread.read(folder / "labs" / "report.json")
    parts = write(labs, tmp_path, ["json", "html"], "subscription")
    assert parts.number == 1
    inner = report_json.read(tmp_path / "by-subscription" / "labs" / "report.json")
    assert [one.split_by for one in inner.run.part] == ["tag:owner", "subscription"]
    page = (tmp_path / "by-subscription" / "labs" / "report.html").read_text("utf-8")
    assert "owner: LABS, subscription: Labs" in page


def test_a_report_from_before_there_were_parts_can_be_split(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder.parent / "report.json").read_text("utf-8"))
    del document["run"]["part"]
    for row in document["subscriptions"]:
        del row["management_group_names"]
    old = tmp_path / "report.json"
    old.write_text(json.dumps(document), "utf-8")
    assert write(reread.read(old), tmp_path, ["json"], "tag:owner").number == 5


def test_without_a_cluster_the_index_says_so(tmp_path: Path) -> None:
    parts = write(Report(sample.header(), []), tmp_path, ["json"], "tag:owner")
    assert parts.number == 0
    assert parts.index is not None
    page = parts.index.read_text("utf-8")
    assert "No cluster was found, so there are no parts." in page
    assert 'href="../report.json"' in page


@pytest.mark.browser
@pytest.mark.skipif(
    browser.PROGRAM is None and "CI" not in os.environ,
    reason="no Chromium here (on Debian: apt-get install chromium)",
)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_browser_finds_nothing_to_refuse_and_room_for_all(folder: Path, width: int) -> None:
    with (
        browser.chromium() as chromium,
        browser.opened(chromium, (folder / "index.html").as_uri(), width=width) as watched,
    ):
        watched.assert_quiet()
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        shown = "getComputedStyle(document.querySelector('.parts .badge')).backgroundColor"
        assert watched.page.evaluate(shown) == "rgb(142, 11, 22)"  # the style is not refused


def test_every_column_of_the_table_is_documented() -> None:
    text = (ROOT / "docs" / "split.md").read_text("utf-8")
    told = re.findall(r"`(\w+)`", text.partition("## index.csv")[2])
    columns = index.table([]).header
    assert [name for name in columns if name not in told] == []
