"""Files that are kept beside the code and must stay what the code makes: ``update-golden``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from auditor.report import json, tables
from auditor.report.write import FORMATS, write
from tests.report import sample

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SCHEMA = ROOT / "docs" / "report.schema.json"
DICTIONARY = ROOT / "docs" / "data-dictionary.md"

PACKED = {"xlsx", "parquet"}
"""Formats whose bytes depend on the libraries of the machine."""


def current() -> Mapping[Path, bytes]:
    """What every published file should hold."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(sample.report(), Path(folder), FORMATS.keys() - PACKED)
        golden = {GOLDEN / path.name: path.read_bytes() for path in paths}
    return golden | {
        SCHEMA: json.schema_text().encode(),
        DICTIONARY: tables.data_dictionary().encode(),
    }


def update() -> None:
    """Write them all."""
    GOLDEN.mkdir(exist_ok=True)
    for path, content in current().items():
        path.write_bytes(content)


if __name__ == "__main__":
    update()
