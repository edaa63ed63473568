"""The rules and the policy behind them, for people who look them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from auditor.language import Message
from auditor.model.errors import UsageError
from auditor.model.rule import LoadedRule
from auditor.model.run import ClauseRow, PolicyRow
from auditor.report.rule_text import plain
from auditor.settings import did_you_mean


def table(rules: Sequence[LoadedRule], language: str) -> Table:
    """One line a rule."""
    grid = Table("Rule", "Title", "Severity", "Clauses", box=box.SIMPLE_HEAD, pad_edge=False)
    for loaded in rules:
        rule = loaded.rule
        title = Message(rule.title).in_language(language)
        cells = (rule.id, title, rule.severity.value, " ".join(rule.clauses))
        grid.add_row(*map(Text, cells))
    return grid


def clauses(policy: PolicyRow, language: str) -> Table:
    """The policy's clauses, each with the rules behind it or why there are none."""
    grid = Table(
        "Clause",
        "What it says",
        "Rules",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_lines=True,
        title=f"Support policy of AKS, edition of {policy.edition}, paraphrased from {policy.url}",
        title_justify="left",
    )
    for clause in policy.clauses:
        says = Message(clause.text).in_language(language)
        grid.add_row(clause.id, Text(says), Text(_behind(clause, language)))
    return grid


def _behind(clause: ClauseRow, language: str) -> str:
    why_not = Message(clause.not_visible_reason).in_language(language)
    return "\n".join(filter(None, (" ".join(clause.rules), why_not)))


def find(rule_id: str, rules: Sequence[LoadedRule]) -> LoadedRule:
    """The rule with this id, in any case; :class:`UsageError` names the nearest if none has."""
    by_id = {loaded.rule.id: loaded for loaded in rules}
    if found := by_id.get(rule_id.upper()):
        return found
    hint = did_you_mean(rule_id.upper(), by_id, "`aks-auditor rules` lists them")
    raise UsageError(f"there is no rule {rule_id}", hint)


def explanation(loaded: LoadedRule, language: str, width: int) -> Iterator[str]:
    """A rule's documentation, line by line, for a terminal of this width."""
    rule = loaded.rule
    clauses = f"clause{'s' if len(rule.clauses) > 1 else ''} {' '.join(rule.clauses)}"
    yield f"{rule.id}  {Message(rule.title).in_language(language)}"
    yield f"severity up to {rule.severity}, {clauses}, since {rule.since}"
    yield ""
    yield from plain(loaded.summary, width, language)
    for title, text in loaded.sections:
        yield ""
        yield f"{Message(title).in_language(language)}:"
        yield from plain(text, width, language)
    yield ""
    yield rule.docs_url
