"""The SARIF description of the tool: every rule that was evaluated, with its documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.model.report import RuleRow
from auditor.model.verdict import Severity
from auditor.report import words
from auditor.report.page import anchors
from auditor.report.rule_text import in_markdown
from auditor.report.view import Header

_SCORES: Mapping[str, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
"""GitHub shows above 9.0 as critical, from 7.0 as high, from 4.0 as medium, above 0 as low."""


def driver(header: Header) -> dict[str, Any]:
    """The tool as a SARIF ``toolComponent``."""
    return {
        "name": header.tool.name,
        "fullName": f"{header.tool.name} {header.tool.version}",
        "version": header.tool.version,
        "semanticVersion": header.tool.version,
        "rules": [_rule(rule) for rule in header.rules],
        "notifications": [_notification(outcome) for outcome in words.OUTCOMES],
    }


def embedded(text: str) -> str:
    """Text as SARIF messages hold it: no link is embedded in it, and no argument is named.

    Source: SARIF 2.1.0, 3.11.5 (placeholders) and 3.11.6 (embedded links).
    """
    doubled = words.visible(" ".join(text.split())).replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", doubled)


def _notification(outcome: str) -> dict[str, Any]:
    label = str(words.OUTCOMES[outcome])
    return {
        "id": outcome,
        "name": _pascal(f"read {label}"),
        "shortDescription": {"text": f"{label}."},
        "fullDescription": {"text": f"Something could not be read: {label.lower()}."},
        "help": {"text": f"What would help: {words.ADVICE[outcome]}."},
    }


def _pascal(text: str) -> str:
    """A text as one identifier, as names of SARIF descriptors are: ``NodeImageIsNotAksSOwn``."""
    return "".join(word.capitalize() for word in re.findall(r"[^\W_]+", text, re.ASCII))


def _rule(rule: RuleRow) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "name": _pascal(rule.title),
        "shortDescription": {"text": embedded(rule.title)},
        "fullDescription": {"text": embedded(rule.summary)},
        "help": {"text": _plain_help(rule), "markdown": "\n\n".join(in_markdown(rule.sections))},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "tags": ["azure", "aks", *(f"clause-{clause}" for clause in rule.clauses)],
        },
    }
    link = anchors.link(rule.docs_url)
    return described | ({"helpUri": link} if link else {})


def _plain_help(rule: RuleRow) -> str:
    return "\n\n".join(
        f"{title}: {embedded(text.replace('``', '`'))}" for title, text in rule.sections
    )
