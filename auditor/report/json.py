"""``report.json``: the one lossless format, written row by row, and its published schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from auditor.model.errors import UsageError
from auditor.model.report import SCHEMA_VERSION, ReportDocument
from auditor.model.run import Row
from auditor.report.view import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = f"urn:aks-auditor:report:{SCHEMA_VERSION}"

_INDENT = 2
_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(ReportDocument)

LARGEST = 1 << 30
"""Bytes of the largest file that is read: some 30,000 clusters. It is held in memory as a whole."""


def write(report: Report, out: BinaryIO) -> None:
    """Write the report as a :class:`ReportDocument`, indented so that two runs can be diffed."""
    out.write(b"{\n")
    first = True
    for name, value in _members(report):
        out.write(b"" if first else b",\n")
        out.write(b'  "%s": ' % name.encode())
        first = False
        if isinstance(value, Iterator):
            _write_array(value, out)
        else:
            out.write(_indented(value, 1))
    out.write(b"\n}\n")


def read(path: Path) -> ReportDocument:
    """The report in a file; :class:`UsageError` where it is none, or of another version."""
    return decoded(content(path), path)


def decoded(text: bytes, path: Path) -> ReportDocument:
    """The report in these bytes, which stood in a file of that name."""
    try:
        document = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no report of this tool: {error}") from error
    major = SCHEMA_VERSION.partition(".")[0]
    if document.schema_version.partition(".")[0] != major:
        raise UsageError(
            f"{path} has schema version {document.schema_version}",
            hint=f"this version reads {major}.x",
        )
    return document


def content(path: Path) -> bytes:
    """The bytes of a plain file; a pipe or a device could go on for ever."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file")
        with path.open("rb") as file:
            found = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(found) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20:,} MiB")
    return found


def schema() -> dict[str, Any]:
    """The JSON Schema of ``report.json``. Readers must accept fields that it does not name."""
    return {"$schema": DIALECT, "$id": SCHEMA_ID} | msgspec.json.schema(ReportDocument)


def schema_text() -> str:
    """The schema as it is published in ``docs/report.schema.json``."""
    encoded = _ENCODER.encode(schema())
    return msgspec.json.format(encoded, indent=_INDENT).decode() + "\n"


def _members(report: Report) -> Iterator[tuple[str, Any]]:
    """The members of the document in its own order; an iterator is an array to be streamed."""
    header = report.header
    members: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": header.tool,
        "policy": header.policy,
        "run": header.run,
        "summary": report.summary,
        "subscriptions": report.subscriptions(),
        "clusters": report.clusters(),
        "verdicts": report.verdicts(),
        "findings": report.findings(),
        "clocks": report.clocks(),
        "exemptions": header.exemptions,
        "coverage": report.coverage(),
        "rules": header.rules,
        "changes": header.changes,
        "clauses": report.clauses(),
        "notes": header.notes,
    }
    for field in msgspec.structs.fields(ReportDocument):
        yield field.name, members[field.name]


def _write_array(rows: Iterable[Row], out: BinaryIO) -> None:
    separator = b"\n    "
    out.write(b"[")
    for row in rows:
        out.write(separator)
        out.write(_indented(row, 2))
        separator = b",\n    "
    out.write(b"]" if separator == b"\n    " else b"\n  ]")


def _indented(value: object, depth: int) -> bytes:
    """The value as JSON, its lines after the first indented by ``depth`` levels.

    JSON strings hold no raw line break, so that every line break here is layout.
    """
    text = msgspec.json.format(_ENCODER.encode(value), indent=_INDENT)
    return text.replace(b"\n", b"\n" + b" " * (_INDENT * depth))
