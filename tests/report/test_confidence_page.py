"""The page on confidence names every rule: what is not written down cannot be relied upon."""

from __future__ import annotations

import re
from pathlib import Path

from auditor import rules
from auditor.model.verdict import Confidence

PAGE = (Path(__file__).parents[2] / "docs" / "confidence.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-Z]+\d+ \|", line)
]


def test_every_rule_has_one_row_in_their_order() -> None:
    assert [row[0] for row in ROWS] == [loaded.rule.id for loaded in rules.load()]


def test_every_row_says_something_of_at_least_one_confidence() -> None:
    assert all(len(row) == 1 + len(Confidence) and any(row[1:]) for row in ROWS)


def test_recorded_rules_refer_to_the_record_and_only_they_for_all_three() -> None:
    by_record = {row[0] for row in ROWS if all(cell.startswith("on record") for cell in row[1:])}
    assert by_record == {loaded.rule.id for loaded in rules.load() if loaded.rule.recorded}
