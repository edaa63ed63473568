"""The rules, for people who look them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from auditor.model.errors import UsageError
from auditor.model.rule import LoadedRule
from auditor.settings import did_you_mean


def table(rules: Sequence[LoadedRule]) -> Table:
    """One line a rule."""
    grid = Table("Rule", "Title", "Severity", "Clauses", box=box.SIMPLE_HEAD, pad_edge=False)
    for loaded in rules:
        rule = loaded.rule
        cells = (rule.id, rule.title, rule.severity.value, " ".join(rule.clauses))
        grid.add_row(*map(Text, cells))
    return grid


def find(rule_id: str, rules: Sequence[LoadedRule]) -> LoadedRule:
    """The rule with this id, in any case; :class:`UsageError` names the nearest if none has."""
    by_id = {loaded.rule.id: loaded for loaded in rules}
    if found := by_id.get(rule_id.upper()):
        return found
    raise UsageError(f"there is no rule {rule_id}", did_you_mean(rule_id.upper(), by_id))


def explanation(loaded: LoadedRule) -> Iterator[str]:
    """A rule's documentation, line by line."""
    rule = loaded.rule
    yield f"{rule.id}  {rule.title}"
    yield f"severity up to {rule.severity}, clauses {' '.join(rule.clauses)}, since {rule.since}"
    yield ""
    yield from _lines(loaded.summary)
    for title, text in loaded.sections:
        yield ""
        yield f"{title}:"
        yield from _lines(text)
    yield ""
    yield rule.docs_url


def _lines(text: str) -> list[str]:
    return text.replace("``", "`").splitlines()
