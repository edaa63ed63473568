"""No text that a resource, a tag or a person brings is more than text, in whatever format."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from openpyxl import load_workbook
from prometheus_client.parser import text_string_to_metric_families
from pyarrow import parquet

from auditor.report import reread
from auditor.report.cells import guarded
from auditor.report.columns import FINDINGS, TABLES
from auditor.report.ocsf_objects import Event
from auditor.report.view import Report
from auditor.report.write import FORMATS
from tests.report import sample
from tests.report.hostile import FRAGMENTS, TEXT, saying

FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 (full-width signs are the point)
COMMAND = re.compile(r"::|##(vso)?\[", re.IGNORECASE)


def written(report: Report, kind: str, name: str) -> bytes:
    out = io.BytesIO()
    FORMATS[kind][name](report, out)
    return out.getvalue()


def steering(text: str) -> list[str]:
    """What would move a terminal, or hide from a reader."""
    return [one for one in text if not one.isprintable() and one != "\n"]


class Tags(HTMLParser):
    """Every element of a page with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, *sorted(name for name, _ in attrs)] += 1


def elements(xml: bytes) -> list[tuple[str, list[str]]]:
    return [(one.tag, sorted(one.attrib)) for one in ET.fromstring(xml).iter()]  # noqa: S314 (our own)


def csv_rows(report: Report, name: str) -> Iterator[list[str]]:
    text = written(report, "csv", name).decode("utf-8-sig")
    assert len(text.splitlines()) == text.count("\r\n")
    return csv.reader(io.StringIO(text, newline=""))


PLAIN = saying("plain")
PLAIN_ELEMENTS = elements(written(PLAIN, "junit", "junit.xml"))
PAGE = {*Tags(written(PLAIN, "html", "report.html").decode()).found, ("wbr",)}
"""What a page is made of; a long id may break behind its slashes."""
PLAIN_EVENTS = written(PLAIN, "ocsf", "report.ocsf.ndjson").count(b"\n")


@given(TEXT)
def test_junit_keeps_its_structure_and_steers_nobody(text: str) -> None:
    content = written(saying(text), "junit", "junit.xml")
    found = elements(content)
    if text:  # an empty one leaves properties out
        assert found == PLAIN_ELEMENTS
    told = content.decode()
    assert steering(told) == []
    assert not COMMAND.search(told)


@given(TEXT)
def test_prometheus_keeps_its_lines_and_labels(text: str) -> None:
    header = sample.header()
    rules = [msgspec.structs.replace(rule, id=f"{text}{rule.id}") for rule in header.rules]
    tool = msgspec.structs.replace(header.tool, version=text)
    named = Report(msgspec.structs.replace(header, rules=tuple(rules), tool=tool), [])
    told = written(named, "prometheus", "aks-auditor.prom").decode()
    assert steering(told) == []
    families = {one.name: one.samples for one in text_string_to_metric_families(told)}
    assert [sorted(one.labels) for one in families["aks_auditor_info"]] == [
        ["policy_edition", "version"]
    ]
    findings = families["aks_auditor_findings"]
    assert len(findings) == len(rules)
    assert all(one.labels["rule"].endswith(tuple(r.id for r in header.rules)) for one in findings)


@given(TEXT)
def test_an_ocsf_event_is_one_line_and_says_the_very_text(text: str) -> None:
    content = written(saying(text), "ocsf", "report.ocsf.ndjson").decode("ascii")
    lines = content.splitlines()
    assert len(lines) == PLAIN_EVENTS
    events = [Event.model_validate(json.loads(line)) for line in lines]
    found = [event for event in events if event.finding_info.uid.startswith("aksa1-")]
    assert {event.message for event in found} == {text}
    assert {event.status_detail for event in found} <= {text, None}


@given(TEXT)
def test_sarif_has_no_other_results_and_no_links(text: str) -> None:
    (run,) = json.loads(written(saying(text), "sarif", "report.sarif"))["runs"]
    assert len(run["results"]) == len(list(PLAIN.findings()))
    for result in run["results"]:
        (uri,) = (one["physicalLocation"]["artifactLocation"]["uri"] for one in result["locations"])
        assert re.fullmatch(r"[\w.~%/-]+", uri, re.ASCII)
        assert not re.search(r"(?<!\\)(?:\\\\)*\[", result["message"]["text"])
        assert steering(result["message"]["text"]) == []


@given(text=TEXT)
@settings(max_examples=30)
def test_json_gives_back_the_very_report(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "said.json"
    content = written(saying(text), "json", "report.json")
    file.write_bytes(content)
    assert written(reread.read(file), "json", "report.json") == content


@given(TEXT)
@settings(max_examples=30)
def test_every_cell_of_every_table_is_text_on_one_line(text: str) -> None:
    report = saying(text)
    for table in TABLES:
        header, *rows = csv_rows(report, table.name)
        assert header == table.header
        assert len(rows) == sum(1 for _ in table.records(PLAIN))
        assert {len(row) for row in rows} <= {len(header)}
        cells = {cell for row in rows for cell in row}
        assert [cell for cell in cells if cell.startswith(FORMULA)] == []
    (summary,) = {
        row[FINDINGS.header.index("summary")] for row in csv_rows(report, FINDINGS.name)
    } - {"summary"}
    assert summary == guarded(text)


@given(TEXT)
@settings(max_examples=15)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    book = load_workbook(io.BytesIO(written(saying(text), "xlsx", "report.xlsx")))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 500
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []


@given(TEXT)
@settings(max_examples=30)
def test_parquet_holds_the_very_text(text: str) -> None:
    content = written(saying(text), "parquet", "findings.parquet")
    told = parquet.read_table(io.BytesIO(content))
    assert set(told["summary"].to_pylist()) == {text}
    assert told["commands"].to_pylist() == [[text]] * len(told)
    assert told["evidence"].to_pylist()[0][0]["text"] == text


@given(TEXT)
@settings(max_examples=15)
def test_a_page_has_no_other_elements_and_attributes(text: str) -> None:
    page = Tags(written(saying(text), "html", "report.html").decode())
    assert set(page.found) <= PAGE


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, files in FORMATS.items() for name in files]
)
def test_every_format_takes_every_fragment(kind: str, name: str) -> None:
    """All of them together, which chance may leave out."""
    assert written(saying("".join(FRAGMENTS)), kind, name)
