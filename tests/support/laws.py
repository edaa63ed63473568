"""Two laws of evaluation, as a list of the ways in which a cluster breaks them.

Replacing any known fact by a gap never turns a verdict into ``pass`` or ``not_applicable``, and
never creates a violation or raises a confidence: a refused read that gives a clean bill is as bad
as one that turns into ten accusations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from auditor.evaluate import evaluate
from auditor.model.facet import Facet, Known, partly
from auditor.model.operation import ActivityLog
from auditor.model.rule import Context, LoadedRule
from auditor.model.snapshot import Cluster
from auditor.model.verdict import ClusterEvaluation, Confidence, Finding, Verdict
from tests.build import gap

CLEAN = {Verdict.PASS, Verdict.NOT_APPLICABLE}
Key = tuple[str, str, str]


def breaches(of: Cluster, rules: Sequence[LoadedRule], now: datetime) -> list[str]:
    """Every way in which one gap more absolves or accuses; empty where the laws hold."""
    return _broken(of, (*with_one_gap(of), *with_gaps_in_both_readings(of)), rules, now)


def breaches_in_part(of: Cluster, rules: Sequence[LoadedRule], now: datetime) -> list[str]:
    """The same of one element that does not read, of a list that does."""
    return _broken(of, with_one_unread(of), rules, now)


def _broken(
    of: Cluster, less: Iterable[tuple[str, Cluster]], rules: Sequence[LoadedRule], now: datetime
) -> list[str]:
    context = Context(now=now, operations=Known(()))
    before = evaluate(of, rules, context)
    return [
        f"without {name}, {breach}"
        for name, changed in less
        for breach in _between(before, evaluate(changed, rules, context))
    ]


def with_one_gap(of: Cluster) -> Iterator[tuple[str, Cluster]]:
    """The cluster with one known fact after the other replaced by a gap, named."""
    for name in of.__struct_fields__:
        value = getattr(of, name)
        if isinstance(value, Known):
            yield name, replace(of, **{name: gap(name)})
        elif isinstance(value, Cluster):
            for inner, changed in with_one_gap(value):
                yield f"{name}.{inner}", replace(of, **{name: changed})
        elif isinstance(value, Mapping):
            for key, one in value.items():
                if isinstance(one, Known):
                    yield f"{name}[{key}]", replace(of, **{name: {**value, key: gap(key)}})


def with_one_unread(of: Cluster) -> Iterator[tuple[str, Cluster]]:
    """The cluster with one element of one list after the other that does not read, named."""
    for name in of.__struct_fields__:
        value = getattr(of, name)
        parts: Iterable[tuple[str, object]]
        if isinstance(value, Cluster):
            parts = with_one_unread(value)
        elif isinstance(value, Mapping):
            parts = (
                (f"{key} of {told}", {**value, key: part})
                for key, one in value.items()
                for told, part in _without_one(one)
            )
        else:
            parts = _without_one(value)
        for told, changed in parts:
            yield f"{name} of {told}", replace(of, **{name: changed})


def _without_one(facet: object) -> Iterator[tuple[str, Facet[Any]]]:
    """A list without its first, or its last; a log that lacks a record; of anything else, none."""
    whole = facet.value if isinstance(facet, Known) else None
    elements = whole.records if isinstance(whole, ActivityLog) else whole
    if not isinstance(elements, tuple):
        return
    for at in sorted({0, len(elements) - 1} if elements else ()):
        rest = elements[:at] + elements[at + 1 :]
        told = _id(elements[at])
        left = replace(whole, records=rest) if isinstance(whole, ActivityLog) else rest
        yield told, partly(left, [gap(told)])


def _id(element: object) -> str:
    """The id by which an element that does not read is known, if it shows one."""
    shown = (getattr(element, name, None) for name in ("resource_id", "id"))
    return next((i for i in shown if isinstance(i, str)), str(element))


def with_gaps_in_both_readings(of: Cluster) -> Iterator[tuple[str, Cluster]]:
    """What is refused the first time is mostly refused the second time too."""
    if of.second is None:
        return
    again = dict(with_one_gap(of.second))
    for name, changed in with_one_gap(replace(of, second=None)):
        if name in again:
            yield f"both {name}", replace(changed, second=again[name])


def _between(before: ClusterEvaluation, after: ClusterEvaluation) -> Iterator[str]:
    """In which ways the laws were broken when a fact became a gap."""
    for was, now in zip(before.verdicts, after.verdicts, strict=True):
        if now.verdict is not was.verdict and now.verdict in CLEAN | {Verdict.VIOLATION}:
            yield f"{now.rule_id}: {was.verdict} became {now.verdict}"
    known = _found_by(before)
    for key, findings in _found_by(after).items():
        if _surest(findings).rank > _surest(known.get(key, [])).rank:
            yield f"{key}: {_surest(findings)} only because a fact is missing"
        if _accuses(findings) and not _accuses(known.get(key, [])):
            yield f"{key}: a violation only because a fact is missing"


def _found_by(evaluation: ClusterEvaluation) -> Mapping[Key, list[Finding]]:
    found: defaultdict[Key, list[Finding]] = defaultdict(list)
    for judgement in evaluation.judgements:
        finding = judgement.finding
        found[judgement.rule_id, finding.resource_id, finding.path].append(finding)
    return found


def _surest(findings: list[Finding]) -> Confidence:
    return max((f.confidence for f in findings), key=lambda c: c.rank, default=Confidence.POSSIBLE)


def _accuses(findings: list[Finding]) -> bool:
    return any(f.verdict is Verdict.VIOLATION for f in findings)
