"""The pages of the handbook that nobody writes by hand: one a rule, their index, the policy.

They stand in ``docs/``, made by ``scripts/update-golden``; links between them are relative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from auditor.model.rule import Aspect, LoadedRule, Rule, Subject
from auditor.model.run import ClauseRow, PolicyRow
from auditor.report import markdown
from auditor.report.rule_text import in_markdown

FAMILIES: Mapping[str, str] = {
    "EXT": "extensions of nodes",
    "GOV": "guarding what AKS manages",
    "LIFE": "versions, images, retirements",
    "META": "system-created metadata and the node resource group",
    "NET": "networks, security groups, load balancers",
    "PREV": "previews",
    "PWR": "power of nodes and clusters, and its clocks",
    "SUB": "the subscription",
    "VMSS": "nodes and their scale sets",
}

_RULE = re.compile(rf"\b(?:{'|'.join(FAMILIES)})\d{{3}}\b")

_SUBJECTS: Mapping[Subject, str] = {
    Subject.CLUSTER: "each cluster",
    Subject.NODES: "each node pool, and the nodes that belong to none",
    Subject.NODE_POOL: "each node pool",
    Subject.SCALE_SET: "each node pool that a scale set carries",
}

_ASPECTS: Mapping[Aspect, str] = {
    Aspect.CAPACITY: "number of nodes",
    Aspect.MODEL: "settings",
    Aspect.IMAGE: "image",
    Aspect.EXTENSIONS: "extensions",
    Aspect.POWER: "power",
    Aspect.NETWORK: "network",
    Aspect.METADATA: "metadata",
    Aspect.VERSION: "version",
}


def rule_page(loaded: LoadedRule, confidence: Mapping[str, str]) -> str:
    """A rule's page; ``confidence`` holds, for each that it can have, what gives it that one."""
    rule = loaded.rule
    prose = (
        *in_markdown(loaded.sections),
        "## How sure it is",
        markdown.table(("confidence", "where"), confidence.items()),
    )
    parts = (
        f"# {rule.id}: {rule.title}",
        markdown.text(loaded.summary),
        _facts(rule),
        *(_leading_on(text, rule.id) for text in prose),
        "What moves this, whatever the rule: [how sure a finding is](../confidence.md).",
        _timing(rule),
    )
    return _page(parts)


def rule_index(rules: Iterable[LoadedRule]) -> str:
    """All rules by family, each with a link to its page."""
    known = sorted(rules, key=lambda loaded: loaded.rule.id)
    opening = (
        f"{len(known)} rules audit the [clauses of the policy](../policy.md). Severity is the "
        "highest that a finding of the rule can have. `aks-auditor explain VMSS001` shows a "
        "rule's page in a terminal, the report those of all its rules."
    )
    parts = ["# Rules", opening]
    for family, members in groupby(known, key=lambda loaded: loaded.rule.family):
        parts += [f"## {family}: {FAMILIES[family]}", _listing(members)]
    return _page(parts)


def policy_page(policy: PolicyRow, rules: Iterable[LoadedRule]) -> str:
    """The policy's clauses, each with the rules behind it or the reason why there is none."""
    titles = {loaded.rule.id: loaded.rule.title for loaded in rules}
    opening = (
        f"Microsoft's article [Support policies for Azure Kubernetes Service (AKS)]({policy.url}), "
        f"edition of {policy.edition}, paraphrased; the numbers are this project's. A report says "
        "of every cluster what became of every clause: in `clauses.csv`, and beside each cluster "
        "of the page. `aks-auditor policy` prints this list."
    )
    parts = ["# The support policy, clause by clause", opening]
    for clause in policy.clauses:
        parts += _clause(clause, titles)
    return _page(parts)


def _leading_on(text: str, here: str) -> str:
    """The text with every other rule that it names as a link to that rule's page."""
    return _RULE.sub(lambda named: _linked(named[0], here), text)


def _linked(rule_id: str, here: str) -> str:
    return rule_id if rule_id == here else f"[{rule_id}]({rule_id}.md)"


def _facts(rule: Rule) -> str:
    clauses = ", ".join(f"[{one}](../policy.md#{one.lower()})" for one in rule.clauses)
    facts = (
        f"Severity: at most **{rule.severity}**",
        f"{'Clauses' if len(rule.clauses) > 1 else 'Clause'}: {clauses}",
        f"Judges: {_SUBJECTS[rule.judges]}",
        f"Since: {rule.since}",
        f"[Microsoft's documentation]({rule.docs_url})",
    )
    return " · ".join(facts)


def _timing(rule: Rule) -> str:
    """How the rule gets along with operations under way, which `evaluate` decides."""
    if rule.recorded:
        return "It judges operations on record, whatever else is under way."
    if not rule.compares:
        return "Operations under way do not hold it up."
    compared = ", ".join(name for aspect, name in _ASPECTS.items() if aspect in rule.compares)
    return (
        f"While an unfinished operation of AKS may change what it compares ({compared}), its "
        "verdict is *unknown*."
    )


def _listing(rules: Iterable[LoadedRule]) -> str:
    rows = (
        (
            f"[{loaded.rule.id}]({loaded.rule.id}.md)",
            markdown.text(loaded.rule.title),
            loaded.rule.severity.value,
            " ".join(f"[{one}](../policy.md#{one.lower()})" for one in loaded.rule.clauses),
        )
        for loaded in rules
    )
    return markdown.table(("rule", "what it finds", "severity", "clauses"), rows)


def _clause(clause: ClauseRow, titles: Mapping[str, str]) -> Iterator[str]:
    yield f"## {clause.id}"
    yield markdown.text(clause.text)
    if clause.rules:
        yield "\n".join(f"- [{one}](rules/{one}.md) {titles[one]}" for one in clause.rules)
    if clause.not_visible_reason:
        yield f"*Not visible:* {markdown.text(clause.not_visible_reason)}"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
