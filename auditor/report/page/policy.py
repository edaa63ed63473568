"""The policy clause by clause, and the rules behind it, with what this run says of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from auditor.language import LANGUAGES, Message
from auditor.model.report import RuleRow
from auditor.model.run import ClauseRow
from auditor.report import words
from auditor.report.clauses import clause_rows
from auditor.report.page import anchors
from auditor.report.page.anchors import Reference
from auditor.report.prose import Block, blocks
from auditor.report.view import Report


class Tally(NamedTuple):
    """How many clusters have a verdict."""

    verdict: str
    label: Message
    number: int


class ClauseCard(NamedTuple):
    """A clause: what it says, which rules audit it, what they found or why none can."""

    anchor: str
    id: str
    text: Message
    rules: tuple[Reference, ...]
    tallies: tuple[Tally, ...]
    reason: Message | None


class Section(NamedTuple):
    """A heading of a rule's documentation and what stands under it, in each language."""

    title: Message
    texts: tuple[tuple[str, tuple[Block, ...]], ...]


class RuleCard(NamedTuple):
    """A rule, explained in its own words."""

    anchor: str
    id: str
    title: Message
    severity: str
    summary: Message
    clauses: tuple[Reference, ...]
    tallies: tuple[Tally, ...]
    sections: tuple[Section, ...]
    link: str | None


class Policy(NamedTuple):
    """Both lists."""

    clauses: tuple[ClauseCard, ...]
    rules: tuple[RuleCard, ...]


def policy(report: Report) -> Policy:
    """Clauses and rules with the clusters counted by verdict, in one pass over the units.

    A clause counts a cluster once, by the worst verdict of the clause's rules.
    """
    rules, clauses = report.header.rules, report.header.policy.clauses
    of_rule: dict[str, Counter[str]] = defaultdict(Counter)
    of_clause: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in report.units:
        for row in unit.verdicts:
            of_rule[row.rule_id][row.verdict] += 1
        for judged in clause_rows(unit, clauses):
            of_clause[judged.clause][judged.verdict] += 1
    return Policy(
        clauses=tuple(_clause_card(clause, of_clause[clause.id]) for clause in clauses),
        rules=tuple(_rule_card(rule, of_rule[rule.id]) for rule in rules),
    )


def _clause_card(clause: ClauseRow, counted: Counter[str]) -> ClauseCard:
    return ClauseCard(
        anchor=anchors.clause(clause.id),
        id=clause.id,
        text=Message(clause.text),
        rules=tuple(Reference(anchors.rule(rule), rule) for rule in clause.rules),
        tallies=_tallies(counted) if clause.rules else (),
        reason=Message(clause.not_visible_reason) if clause.not_visible_reason else None,
    )


def _rule_card(rule: RuleRow, counted: Counter[str]) -> RuleCard:
    return RuleCard(
        anchor=anchors.rule(rule.id),
        id=rule.id,
        title=Message(rule.title),
        severity=rule.severity,
        summary=Message(" ".join(rule.summary.split())),
        clauses=tuple(Reference(anchors.clause(one), one) for one in rule.clauses),
        tallies=_tallies(counted),
        sections=tuple(_section(title, text) for title, text in rule.sections),
        link=anchors.link(rule.docs_url),
    )


def _section(title: str, text: str) -> Section:
    texts = ((language, blocks(text, language)) for language in LANGUAGES)
    return Section(Message(title), tuple(texts))


def _tallies(counted: Counter[str]) -> tuple[Tally, ...]:
    return tuple(
        Tally(verdict, label, counted[verdict])
        for verdict, label in words.VERDICTS.items()
        if counted[verdict]
    )
