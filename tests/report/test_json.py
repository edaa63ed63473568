from __future__ import annotations

import io
import json as stdlib
from pathlib import Path

import jsonschema
import msgspec
import pytest

from auditor.model.errors import UsageError
from auditor.model.report import ReportDocument
from auditor.report import json
from auditor.report.view import Report
from tests.report import sample

EMPTY = Report(sample.header(), [])


def written(report: Report) -> bytes:
    out = io.BytesIO()
    json.write(report, out)
    return out.getvalue()


@pytest.mark.parametrize("report", [sample.report(), EMPTY], ids=["sample", "empty"])
def test_a_report_is_valid_by_its_schema(report: Report) -> None:
    schema = json.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(stdlib.loads(written(report)), schema, jsonschema.Draft202012Validator)


def test_the_schema_refuses_what_is_no_report() -> None:
    document = stdlib.loads(written(sample.report()))
    document["findings"][0]["state"] = "gone"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.schema())


def test_the_reader_gives_back_what_was_written(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(written(report))
    document = json.read(path)
    assert document.findings == tuple(report.findings())
    assert document.coverage == tuple(report.coverage())
    assert document.summary == report.summary
    assert document.run == report.header.run


def test_every_member_of_the_contract_is_written_in_its_order() -> None:
    names = [field.name for field in msgspec.structs.fields(ReportDocument)]
    assert list(stdlib.loads(written(EMPTY))) == names


def test_the_same_report_gives_the_same_bytes() -> None:
    assert written(sample.report()) == written(sample.report())


def test_a_newer_minor_version_can_be_read(tmp_path: Path) -> None:
    document = stdlib.loads(written(EMPTY)) | {"schema_version": "1.7", "something_new": []}
    path = tmp_path / "report.json"
    path.write_text(stdlib.dumps(document))
    assert json.read(path).schema_version == "1.7"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{}", "is no report"),
        (b"not json", "is no report"),
        (b"\xff\xfe", "is no report"),
        (written(EMPTY).replace(b'"1.0"', b'"2.0"', 1), "schema version 2.0"),
    ],
    ids=["empty object", "no JSON", "binary", "another version"],
)
def test_what_is_no_report_is_refused_in_one_line(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says) as refused:
        json.read(path)
    assert "\n" not in refused.value.message


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        json.read(tmp_path / "nothing.json")
