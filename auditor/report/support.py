"""The support state of a cluster, and why: the first of four states that holds.

``out_of_support``
    a violation of severity high or critical, confirmed or likely, that still stands.
``at_risk``
    any other violation (one that is on record only included), a warning of
    severity medium or above, a running clock, or an operation that has lasted over 24 hours
    (``--endless-transition-hours``).
``not_assessed``
    a rule of clauses C1 to C9 could not be judged, wholly or in part, because a read failed.
``in_support``
    the rest.

A cluster in the middle of an operation (an upgrade, a scaling) is not thereby unread: what the
operation hides is listed among the reasons, but does not decide. Where nothing is under way any
more because the operation *failed*, what it hides stays hidden until someone acts, so that it
decides like a failed read. An exemption changes no support state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from auditor.evidence.transitions import ENDLESS, FAILED
from auditor.model import resource_id as arm
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.report import FindingRow, ObstacleRow, SupportState
from auditor.model.verdict import Confidence, Severity, Verdict
from auditor.report.assessed import Assessed
from auditor.report.findings import has_clock

DECIDING_CLAUSES = frozenset({"C1", "C2", "C3", "C4", "C5", "C6", "C6a", "C7", "C8", "C9"})

_ALL_JUDGED = "No breach, no warning of weight, no running clock, and nothing left unread."
_REST_JUDGED = "No breach, no warning of weight and no running clock in what could be judged."


class Support(NamedTuple):
    """A support state with its reasons in plain sentences, the decisive ones first."""

    state: SupportState
    reasons: tuple[str, ...]


class Hidden(NamedTuple):
    """A gap, and the rules of clauses C1 to C9 that it kept from judging."""

    gap: Gap
    rules: tuple[str, ...]


def support(findings: Sequence[FindingRow], obstacles: Sequence[ObstacleRow]) -> Support:
    """A cluster's support state as of the run, from all its findings and obstacles."""
    why: dict[SupportState, list[str]] = {
        "out_of_support": _told(one for one in findings if _breaks(one)),
        "at_risk": [
            *_told(one for one in findings if _threatens(one) and not _breaks(one)),
            *_reasons(obstacles, "at_risk"),
        ],
        "not_assessed": _reasons(obstacles, "not_assessed"),
    }
    passing = _reasons(obstacles, "in_support")
    state = next((state for state, reasons in why.items() if reasons), None)
    if state is None:
        return Support("in_support", (_REST_JUDGED if passing else _ALL_JUDGED, *passing))
    return Support(state, (*(line for lines in why.values() for line in lines), *passing))


def obstacle_rows(assessed: Assessed) -> Iterator[ObstacleRow]:
    """What kept the deciding rules from judging the cluster, in a fixed order."""
    unread = _is_unread(assessed)
    for gap, rules in _hidden(assessed):
        who = ", ".join(rules) or "the cluster as a whole"
        yield ObstacleRow(
            cluster_id=assessed.cluster.id,
            makes=_consequence(gap, unread),
            reason=f"Not judged ({who}): {gap.message}",
        )
    for reason in _unexplained(assessed):
        yield ObstacleRow(cluster_id=assessed.cluster.id, makes="not_assessed", reason=reason)


def _consequence(gap: Gap, unread: Callable[[Gap], bool]) -> SupportState:
    if gap.code == ENDLESS:
        return "at_risk"
    return "not_assessed" if unread(gap) else "in_support"


def _reasons(obstacles: Iterable[ObstacleRow], makes: SupportState) -> list[str]:
    return [one.reason for one in obstacles if one.makes == makes]


def _breaks(finding: FindingRow) -> bool:
    return (
        finding.verdict == Verdict.VIOLATION
        and Severity(finding.severity).rank >= Severity.HIGH.rank
        and finding.standing
    )


def _threatens(finding: FindingRow) -> bool:
    return (
        finding.verdict == Verdict.VIOLATION
        or Severity(finding.severity).rank >= Severity.MEDIUM.rank
        or has_clock(finding)
    )


def _told(findings: Iterable[FindingRow]) -> list[str]:
    """One line per rule, the gravest first: its gravest finding, and how many more there are."""
    by_rule: dict[str, list[FindingRow]] = {}
    for finding in sorted(findings, key=_gravity):
        by_rule.setdefault(finding.rule_id, []).append(finding)
    return [_line(found) for found in by_rule.values()]


def _gravity(finding: FindingRow) -> tuple[int, int, str, str]:
    return (
        -Severity(finding.severity).rank,
        -Confidence(finding.confidence).rank,
        finding.rule_id,
        finding.fingerprint,
    )


def _line(found: list[FindingRow]) -> str:
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    closed = "" if first.standing else ", on record only"
    grade = f"{first.severity}, {first.confidence}{closed}"
    return f"{first.rule_id} ({grade}): {first.summary}{more}"


def _hidden(assessed: Assessed) -> list[Hidden]:
    """What kept deciding rules from judging, one entry per root cause, in a fixed order."""
    gaps: dict[str, Gap] = {}
    rules: dict[str, set[str]] = {}
    for verdict in assessed.evaluation.verdicts:
        if DECIDING_CLAUSES.intersection(assessed.rules[verdict.rule_id].clauses):
            for gap in verdict.gaps:
                gaps.setdefault(gap.id, gap)
                rules.setdefault(gap.id, set()).add(verdict.rule_id)
    if isinstance(assessed.cluster.managed, Gap):
        gaps.setdefault(assessed.cluster.managed.id, assessed.cluster.managed)
    return [Hidden(gaps[one], tuple(sorted(rules.get(one, ())))) for one in sorted(gaps)]


def _unexplained(assessed: Assessed) -> list[str]:
    """Deciding rules whose verdict is *unknown* without a gap to point to, such as a crash."""
    return [
        f"Not judged ({verdict.rule_id}): {verdict.reason}"
        for verdict in assessed.evaluation.verdicts
        if verdict.verdict is Verdict.UNKNOWN
        and not verdict.gaps
        and DECIDING_CLAUSES.intersection(assessed.rules[verdict.rule_id].clauses)
    ]


def _is_unread(assessed: Assessed) -> Callable[[Gap], bool]:
    """Tells a failed read, or a failed operation, from an operation that is under way."""
    failed = {key for key, state in _states(assessed) if state.casefold() in FAILED}
    return lambda gap: gap.outcome is not Outcome.TRANSITION or arm.key(gap.scope) in failed


def _states(assessed: Assessed) -> Iterable[tuple[str, str]]:
    managed, scale_sets = assessed.managed, assessed.cluster.scale_sets
    if managed is None:
        return
    yield arm.key(managed.id), managed.provisioning_state
    for pool in managed.pools:
        yield arm.key(f"{managed.id}/agentPools/{pool.name}"), pool.provisioning_state
    for scale_set in scale_sets.value if isinstance(scale_sets, Known) else ():
        yield arm.key(scale_set.id), scale_set.provisioning_state
