"""The page on confidence names every rule: what is not written down cannot be relied upon."""

from __future__ import annotations

from auditor import rules
from auditor.model.verdict import Confidence
from tests.report import published

ROWS = published.confidence_rows()


def test_every_rule_has_one_row_in_their_order() -> None:
    assert list(ROWS) == [loaded.rule.id for loaded in rules.load()]


def test_every_row_says_something_of_at_least_one_confidence() -> None:
    assert all(len(cells) == len(Confidence) and any(cells) for cells in ROWS.values())


def test_recorded_rules_refer_to_the_record_and_only_they_for_all_three() -> None:
    by_record = {
        rule for rule, cells in ROWS.items() if all(cell.startswith("on record") for cell in cells)
    }
    assert by_record == {loaded.rule.id for loaded in rules.load() if loaded.rule.recorded}
