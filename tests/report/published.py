"""Files that are kept beside the code and must stay what the code makes: ``update-golden``."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor import policy, rules
from auditor.cli.reference import options_page
from auditor.model.verdict import Confidence
from auditor.report import embedded, handbook, json, tables
from auditor.report.write import FORMATS, write
from tests.report import sample

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
DOCS = ROOT / "docs"
RULES = DOCS / "rules"
SCHEMA = DOCS / "report.schema.json"
DICTIONARY = DOCS / "data-dictionary.md"

PACKED = {"xlsx", "parquet"}
"""Formats whose bytes depend on the machine's libraries, as those do that a page packs."""


def current() -> Mapping[Path, bytes]:
    """What every published file should hold."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(sample.report(), Path(folder), FORMATS.keys() - PACKED)
        golden = {GOLDEN / path.name: _told(path.read_bytes()) for path in paths}
    pages = {path: text.encode() for path, text in _handbook().items()}
    return golden | pages | {SCHEMA: json.schema_text().encode()}


def confidence_rows() -> Mapping[str, tuple[str, ...]]:
    """What the page on confidence says of each rule: confirmed, likely, possible."""
    page = (DOCS / "confidence.md").read_text("utf-8")
    lines = re.findall(r"^\| \[?([A-Z]+\d+)\b[^|]*\|(.*)\|$", page, re.MULTILINE)
    return {rule: tuple(cell.strip() for cell in cells.split("|")) for rule, cells in lines}


def _told(content: bytes) -> bytes:
    """The file without what it carries packed."""
    return re.sub(re.escape(embedded.OPENING) + b"[^<]*", embedded.OPENING, content)


def update() -> None:
    """Write them all, and remove what a rule has left behind that is no more."""
    files = current()
    for folder in (GOLDEN, RULES):
        folder.mkdir(exist_ok=True)
        for stale in set(folder.iterdir()) - files.keys():
            stale.unlink()
    for path, content in files.items():
        path.write_bytes(content)


def _handbook() -> Mapping[Path, str]:
    """The pages of ``docs/`` that are made, not written."""
    loaded, rows = rules.load(), confidence_rows()
    clauses = policy.policy(one.rule for one in loaded)
    return {
        DICTIONARY: tables.data_dictionary(),
        DOCS / "options.md": options_page(),
        DOCS / "policy.md": handbook.policy_page(clauses, loaded),
        RULES / "index.md": handbook.rule_index(loaded),
        **{
            RULES / f"{one.rule.id}.md": handbook.rule_page(one, _by_confidence(rows[one.rule.id]))
            for one in loaded
        },
    }


def _by_confidence(cells: Sequence[str]) -> Mapping[str, str]:
    ranked = sorted(Confidence, key=lambda confidence: -confidence.rank)
    return {rank: cell for rank, cell in zip(ranked, cells, strict=True) if cell}


if __name__ == "__main__":
    update()
