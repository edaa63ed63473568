"""The folder of rules is their registry, and insists on their shape."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from auditor import rules
from auditor.model.rule import LoadedRule, Rule, Subject
from auditor.model.verdict import Severity
from auditor.policy import CLAUSES

DOCUMENTATION = """What it says in one sentence.

What it finds
-------------
This.

Why it matters
--------------
Because.

What is not flagged
-------------------
That.

How to fix it
-------------
So.
"""


def module(
    name: str = "vmss999_words_of_it",
    rule_id: str = "VMSS999",
    doc: str = DOCUMENTATION,
    *,
    has_check: bool = True,
) -> ModuleType:
    made = ModuleType(f"auditor.rules.{name}", doc)
    rule = Rule(
        id=rule_id,
        title="A title",
        severity=Severity.HIGH,
        clauses=("C1",),
        docs_url="https://learn.microsoft.com/azure/aks/support-policies",
        since="0.1.0",
        judges=Subject.CLUSTER,
    )
    vars(made)["RULE"] = rule
    if has_check:
        vars(made)["check"] = lambda *_: iter(())
    return made


def test_a_rule_is_its_metadata_its_check_and_its_docstring() -> None:
    made = module()

    loaded = rules._load(made)

    assert loaded.rule is made.RULE
    assert loaded.check is made.check
    assert loaded.summary == "What it says in one sentence."
    assert loaded.sections == (
        ("What it finds", "This."),
        ("Why it matters", "Because."),
        ("What is not flagged", "That."),
        ("How to fix it", "So."),
    )


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (module(name="helpers"), "<id>_<words>.py"),
        (module(name="vmss999"), "<id>_<words>.py"),
        (module(has_check=False), "RULE and check"),
        (module(rule_id="VMSS998"), "RULE.id is VMSS998"),
        (module(doc="One sentence."), "headings"),
        (module(doc=DOCUMENTATION.replace("Why it matters", "Whatever")), "headings"),
    ],
)
def test_what_is_no_rule_is_refused_by_name(made: ModuleType, complaint: str) -> None:
    name = made.__name__.rpartition(".")[2]

    with pytest.raises(rules.RuleShapeError, match=re.escape(name)) as refused:
        rules._load(made)

    assert complaint in str(refused.value)


def test_rules_come_by_id_and_each_once() -> None:
    ids = [loaded.rule.id for loaded in rules.load()]

    assert ids == sorted(set(ids))


@pytest.mark.parametrize("loaded", rules.load(), ids=lambda loaded: loaded.rule.id)
def test_a_rules_words_are_fit_to_print(loaded: LoadedRule) -> None:
    rule = loaded.rule

    assert rule.docs_url.startswith("https://learn.microsoft.com/")
    assert set(rule.clauses) <= {clause.id for clause in CLAUSES}
    assert loaded.summary.endswith(".")
    assert all(text for _, text in loaded.sections)
    assert not rule.recorded or not rule.compares
