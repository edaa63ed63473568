"""The rules and the policy behind them, for people who look them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model.errors import UsageError
from auditor.model.rule import LoadedRule
from auditor.model.run import ClauseRow, PolicyRow
from auditor.report import words
from auditor.report.rule_text import plain
from auditor.settings import did_you_mean


def table(rules: Sequence[LoadedRule], language: str) -> Table:
    """One line a rule."""
    heads = (_("Rule"), _("Title"), _("Severity"), _("Clauses"))
    grid = Table(*_said(language, *heads), box=box.SIMPLE_HEAD, pad_edge=False)
    for loaded in rules:
        rule = loaded.rule
        title, severity = _said(language, Message(rule.title), words.SEVERITIES[rule.severity])
        cells = (rule.id, title, severity, " ".join(rule.clauses))
        grid.add_row(*map(Text, cells))
    return grid


def clauses(policy: PolicyRow, language: str) -> Table:
    """The policy's clauses, each with the rules behind it or why there are none."""
    title = _(
        "Support policy of AKS, edition of {edition}, paraphrased from {url}",
        edition=policy.edition,
        url=policy.url,
    )
    grid = Table(
        *_said(language, _("Clause"), _("What it says"), _("Rules")),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_lines=True,
        title=title.in_language(language),
        title_justify="left",
    )
    for clause in policy.clauses:
        says = Message(clause.text).in_language(language)
        grid.add_row(clause.id, Text(says), Text(_behind(clause, language)))
    return grid


def _said(language: str, *messages: Message) -> tuple[str, ...]:
    return tuple(message.in_language(language) for message in messages)


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
    facts = counted(
        "severity up to {severity}, clause {clauses}, since {version}",
        "severity up to {severity}, clauses {clauses}, since {version}",
        len(rule.clauses),
        severity=words.SEVERITIES[rule.severity],
        clauses=" ".join(rule.clauses),
        version=rule.since,
    )
    yield f"{rule.id}  {Message(rule.title).in_language(language)}"
    yield facts.in_language(language)
    yield ""
    yield from plain(loaded.summary, width, language)
    for title, text in loaded.sections:
        yield ""
        yield f"{Message(title).in_language(language)}:"
        yield from plain(text, width, language)
    yield ""
    yield rule.docs_url
