"""The pages that are made of rules and policy say what these say, and lead on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from auditor import policy, rules
from auditor.model.rule import LoadedRule
from auditor.report import handbook
from auditor.report.prose import blocks
from tests.report import published

LOADED = rules.load()


def words(loaded: LoadedRule) -> Iterator[str]:
    """Every piece of the docstring, on one line, as a reader sees it."""
    for _, text in (("", loaded.summary), *loaded.sections):
        for block in blocks(text):
            yield from ("".join(span.text for span in line) for line in block.lines)


def shown(markdown: str) -> list[str]:
    """The lines of text of a page, without any mark."""
    inlines = (token for token in MarkdownIt().parse(markdown) if token.type == "inline")
    return ["".join(part.content for part in token.children or ()) for token in inlines]


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_a_rules_page_holds_its_whole_docstring_and_no_mark_of_it_gets_lost(
    loaded: LoadedRule,
) -> None:
    page = handbook.rule_page(loaded, {})
    lines = shown(page)
    assert lines[0] == f"{loaded.rule.id}: {loaded.rule.title}"
    assert set(words(loaded)) <= set(lines)
    assert "⟦U+" not in page


def test_a_rules_page_says_how_sure_it_is_and_when_it_waits() -> None:
    (compares,) = (one for one in LOADED if one.rule.id == "VMSS001")
    (recorded,) = (one for one in LOADED if one.rule.id == "VMSS010")
    page = handbook.rule_page(compares, {"confirmed": "it is there"})
    assert "| confirmed | it is there |" in page
    assert "may change what it compares (settings), its verdict is *unknown*" in page
    assert "whatever else is under way" in handbook.rule_page(recorded, {})


def test_a_rules_page_leads_to_the_other_rules_that_it_names() -> None:
    (loaded,) = (one for one in LOADED if one.rule.id == "PWR002")
    page = handbook.rule_page(loaded, {"confirmed": "as in PWR001 and PWR002"})
    assert "as in [PWR001](PWR001.md) and PWR002" in page
    assert "[PWR003](PWR003.md) tells it" in page


def test_every_family_of_rules_has_a_name_and_every_rule_a_line_in_its_index() -> None:
    assert {loaded.rule.family for loaded in LOADED} == handbook.FAMILIES.keys()
    index = handbook.rule_index(LOADED)
    assert re.findall(r"\((\w+)\.md\)", index) == [loaded.rule.id for loaded in LOADED]


def test_every_clause_leads_to_its_rules_or_says_why_there_are_none() -> None:
    listed = policy.policy(loaded.rule for loaded in LOADED)
    _, *sections = handbook.policy_page(listed, LOADED).split("\n## ")
    assert [section.split()[0] for section in sections] == [one.id for one in listed.clauses]
    for section, clause in zip(sections, listed.clauses, strict=True):
        assert re.findall(r"\(rules/(\w+)\.md\)", section) == list(clause.rules)
        assert clause.rules or "*Not visible:*" in section


def test_the_page_on_confidence_leads_to_every_rules_page() -> None:
    page = (published.DOCS / "confidence.md").read_text("utf-8")
    linked = re.findall(r"^\| \[(\w+)\]\(rules/(\w+)\.md\)", page, re.MULTILINE)
    assert linked == [(loaded.rule.id, loaded.rule.id) for loaded in LOADED]
