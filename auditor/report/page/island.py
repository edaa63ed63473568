"""What the page's script reads: clusters and findings as compact JSON, its words in every language.

A finding is an array in the order of :data:`FIELDS`, after the place of its cluster. A number
stands for the text at that place of ``strings``, an array of them for what a message says in each
language, in the order of :data:`~auditor.language.LANGUAGES`; where all say the same, it is told
once. Everything is streamed: ``strings`` comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec
from markupsafe import Markup

from auditor.language import ENGLISH, LANGUAGES, Message, translations
from auditor.model.report import ClusterRow, FindingRow, RuleRow
from auditor.report import words
from auditor.report.page import clusters, finding
from auditor.report.page.clusters import ClusterCard, Pool
from auditor.report.page.finding import Step
from auditor.report.view import Report

OF_ROW = (
    "fingerprint",
    "rule_id",
    "verdict",
    "severity",
    "confidence",
    "node_pool",
    "resource_id",
    "property",
    "expected",
    "actual",
    "summary",
    "actor_kind",
    "actor",
    "actor_id",
    "actor_client",
    "operation",
    "correlation_id",
    "state",
    "exemption",
)
"""What of a finding is searched, sorted and chosen by."""

OF_CARD = ("where", "who", "when", "closed", "how_long", "todo", "commands", "trail", "link")
"""What is told of it, in the very sentences of the page without a script."""

FIELDS = (*OF_ROW, *OF_CARD, "dated", "deadline", "left")
"""What the script is told of a finding, besides its cluster."""

REMEMBERED = 50_000
"""Texts that are told once. What comes later is told where it stands, so that memory is bounded."""

_LABELS: Mapping[str, Mapping[str, Message]] = {
    "support": words.SUPPORT,
    "verdict": words.VERDICTS,
    "severity": words.SEVERITIES,
    "state": words.STATES,
    "actor": words.ACTORS,
    "confidence": words.CONFIDENCE,
}
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
_ENCODER = msgspec.json.Encoder(order="deterministic")


def data(report: Report) -> Iterator[Markup]:
    """The members of one JSON object, piece by piece."""
    yield Markup("{")
    yield from _member("fields", FIELDS)
    yield from _member("languages", tuple(LANGUAGES))
    yield from _member("labels", {one: _labels(one) for one in LANGUAGES})
    yield from _member("messages", {one: _messages(one) for one in LANGUAGES if one != ENGLISH})
    yield from _member("rules", {rule.id: _rule(rule) for rule in report.header.rules})
    places: dict[str, int] = {}
    strings = _Strings()
    yield from _array("clusters", _clusters(report, places, strings))
    yield Markup(",\n")
    yield from _array("findings", _findings(report, places, strings))
    yield Markup(",\n")
    yield from _array("strings", iter(strings.told))
    yield Markup("}")


class _Strings:
    """Texts in the order in which they were first met."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}

    def __call__(self, value: object) -> object:
        """A value as the script reads it."""
        if isinstance(value, str):
            return self._place(words.visible(value))
        if isinstance(value, Message):
            told = [self._place(words.visible(value.in_language(one))) for one in LANGUAGES]
            return told if len(set(told)) > 1 else told[0]
        if isinstance(value, Step):
            return self._step(value)
        if isinstance(value, tuple):
            return [self(one) for one in value]
        return value

    def _step(self, step: Step) -> list[object]:
        """A step without the empty values at its end: most of them have several."""
        told = list(step)
        while not told[-1]:
            told.pop()
        return [int(one) if isinstance(one, bool) else self(one) for one in told]

    def _place(self, text: str) -> object:
        if text in self.told or len(self.told) < REMEMBERED:
            return self.told.setdefault(text, len(self.told))
        return text


def _clusters(
    report: Report, places: dict[str, int], strings: _Strings
) -> Iterator[dict[str, object]]:
    """All clusters, in the order of the report; notes their places."""
    for row, card in clusters.every(report):
        places[row.id] = len(places)
        yield _cluster(row, card, strings)


def _cluster(row: ClusterRow, card: ClusterCard, strings: _Strings) -> dict[str, object]:
    return {
        "anchor": card.anchor,
        "id": strings(row.id),
        "name": strings(card.name),
        "place": strings(card.place),
        "subscription": strings(row.subscription_name or row.subscription_id),
        "owner": strings(card.owner),
        "state": card.state,
        "version": strings(card.version),
        "reasons": strings(card.reasons),
        "facts": strings(card.facts),
        "pools": [_pool(pool, strings) for pool in card.pools],
        "found": row.findings_by_severity,
        "clauses": [[one.verdict, [c.label for c in one.clauses]] for one in card.clauses],
    }


def _pool(pool: Pool, strings: _Strings) -> list[object]:
    return [strings(pool.name), strings(pool.nodes), strings(pool.what), strings(pool.image)]


def _findings(report: Report, places: Mapping[str, int], strings: _Strings) -> Iterator[object]:
    rules = {rule.id: rule for rule in report.header.rules}
    as_of = report.header.run.as_of
    for row in report.findings():
        card = finding.card(row, rules[row.rule_id], as_of)
        told = (
            *(getattr(row, name) for name in OF_ROW),
            *(getattr(card, name) for name in OF_CARD),
            *_moments(row, as_of),
        )
        yield [[places[row.cluster_id]], *map(strings, told)]


def _moments(row: FindingRow, as_of: datetime) -> tuple[str | Message | None, ...]:
    """What the columns of times hold: when it was done, when its clock may run out, how far off."""
    deadline = row.deadline_earliest or row.deadline_latest
    return (
        words.utc(row.occurred_at) if row.occurred_at else None,
        words.utc(deadline) if deadline else None,
        words.distance(deadline, as_of) if deadline else None,
    )


def _labels(language: str) -> Mapping[str, Mapping[str, str]]:
    return {
        kind: {word: text.in_language(language) for word, text in known.items()}
        for kind, known in _LABELS.items()
    }


def _messages(language: str) -> Mapping[str, str]:
    """What the script itself says, by its English; of a plural, by the singular."""
    return {one: text for (one, _many), text in translations(language, "page").items()}


def _rule(rule: RuleRow) -> Mapping[str, object]:
    title = Message(rule.title)
    return {"title": [title.in_language(one) for one in LANGUAGES], "clauses": rule.clauses}


def _member(name: str, value: object) -> Iterator[Markup]:
    yield Markup('"{}":{},\n').format(name, _json(value))


def _array(name: str, values: Iterator[object]) -> Iterator[Markup]:
    yield Markup('"{}":[').format(name)
    separator = Markup("\n")
    for value in values:
        yield separator + _json(value)
        separator = Markup(",\n")
    yield Markup("\n]")


def _json(value: object) -> Markup:
    """JSON in which nothing can end the element that holds it."""
    return Markup(_ENCODER.encode(value).decode().translate(_ESCAPES))  # noqa: S704 (escaped)
