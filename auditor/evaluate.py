"""From a snapshot and rules to verdicts and findings.

A rule judges one subject at a time. What it could not read becomes *unknown* with its cause; a
rule that crashes is *unknown* for that subject and named; breaches found before either are
kept. A contradiction is reported only if two reads show it. Two laws hold, and are tested:
replacing any known fact by a gap never turns a verdict into ``pass`` or ``not_applicable``, and
never creates a violation or raises a confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from auditor.evidence import attribution, missing, pools, standalone, transitions
from auditor.evidence.actors import Classifier
from auditor.evidence.operations import merge
from auditor.evidence.transitions import Judgeable
from auditor.model import resource_id as arm
from auditor.model.errors import UnreadableError
from auditor.model.facet import Facet, Gap, Known, Outcome, Partial, partly
from auditor.model.operation import Operation
from auditor.model.question import LookBack, Question, ReadAgain
from auditor.model.rule import Context, LoadedRule, Rule, Subject
from auditor.model.snapshot import Cluster, NodePoolView, NodesView, StandaloneNodes
from auditor.model.verdict import (
    ClusterEvaluation,
    Confidence,
    Finding,
    Judgement,
    NotApplicable,
    RuleVerdict,
    Unknown,
    Verdict,
)

CRASHED = "RuleCrashed"
"""The code of a gap that stands for a defect of a rule: it makes the run incomplete."""

CHANGED = "ChangedBetweenReads"

Answer = Finding | Unknown | NotApplicable


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule said of one cluster, in one reading.

    ``inapplicable`` holds the reasons of those of its ``subjects`` that it has no say in.
    """

    loaded: LoadedRule
    subjects: int
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    inapplicable: tuple[str, ...] = ()


def evaluate(cluster: Cluster, rules: Sequence[LoadedRule], context: Context) -> ClusterEvaluation:
    """Judge one cluster by every rule.

    ``context.operations`` is replaced by the cluster's own. The questions are what should be
    answered before the result is final; they stay the same once answered, so whoever answers
    keeps count of what was asked.
    """
    context = msgspec.structs.replace(
        context, operations=operations_of(cluster), changes=cluster.changes.known_or(())
    )
    said = _ask_all(rules, cluster, context)
    if cluster.second is not None:
        second = _second_reading(cluster, cluster.second)
        again = _ask_all(rules, second, context)
        said = [_confirmed(*both) for both in zip(said, again, strict=True)]
    judgements = tuple(
        judgement
        for s in said
        for finding in s.findings
        for judgement in attribution.judge(s.loaded.rule, finding, cluster, context)
    )
    return ClusterEvaluation(
        cluster_id=cluster.id,
        verdicts=tuple(_verdict(s, judgements) for s in said),
        judgements=attribution.fold(judgements),
        questions=frozenset(_questions(cluster, said, judgements)),
    )


def _second_reading(first: Cluster, second: Cluster) -> Cluster:
    """The second reading, beside the same evidence: log, proofs of absence and disks."""
    return msgspec.structs.replace(
        second, activity=first.activity, presence=first.presence, disks=first.disks
    )


def operations_of(cluster: Cluster) -> Facet[tuple[Operation, ...]]:
    """The cluster's operations, merged, with their callers classified, oldest first."""
    if isinstance(cluster.activity, Gap) and not isinstance(cluster.activity, Partial):
        return cluster.activity
    if isinstance(cluster.managed, Gap):
        return cluster.managed
    calls = merge(cluster.activity.value.records)
    classifier = Classifier(cluster.managed.value, calls)
    operations = (msgspec.structs.replace(c.operation, actor=classifier.actor(c)) for c in calls)
    return partly(tuple(operations), cluster.activity.causes)


def _ask_all(rules: Iterable[LoadedRule], cluster: Cluster, context: Context) -> list[Said]:
    """Every rule's answers on one reading, of which the nodes are put together once."""
    views = _views(cluster) if isinstance(cluster.managed, Known) else ()
    return [_ask(loaded, cluster, views, context) for loaded in rules]


def _views(cluster: Cluster) -> tuple[NodesView, ...]:
    apart = standalone.nodes_of(cluster)
    return (*pools.node_pools(cluster), *((apart,) if apart else ()))


def _ask(
    loaded: LoadedRule, cluster: Cluster, views: Sequence[NodesView], context: Context
) -> Said:
    """One rule's answers on every subject of the cluster."""
    if isinstance(cluster.managed, Gap):
        return Said(loaded=loaded, subjects=1, gaps=(cluster.managed,))
    subjects = _subjects(loaded, cluster, views, context)
    if not subjects:
        nothing = pools.without_pools(cluster.managed.value)
        return Said(loaded=loaded, subjects=0, inapplicable=(nothing,))
    answers: list[Answer] = []
    for subject, judgeable in subjects:
        if isinstance(judgeable, NotApplicable):
            answers.append(judgeable)
        elif isinstance(judgeable, Gap):
            answers.append(Unknown(gap=judgeable))
        else:
            said = _answers(loaded, subject, cluster, context)
            answers.extend(_capped(answer, judgeable.at_most) for answer in said)
            answers.extend(Unknown(gap=gap) for gap in _unseen(subject))
    return Said(
        loaded=loaded,
        subjects=len(subjects),
        findings=tuple(
            sorted((a for a in answers if isinstance(a, Finding)), key=lambda f: f.identity)
        ),
        gaps=_once(g for a in answers if isinstance(a, Unknown) for g in a.gap.causes),
        inapplicable=tuple(a.reason for a in answers if isinstance(a, NotApplicable)),
    )


def _once(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple({gap.id: gap for gap in gaps}.values())


def _subjects(
    loaded: LoadedRule, cluster: Cluster, views: Sequence[NodesView], context: Context
) -> Sequence[tuple[Cluster | NodesView, Judgeable | Gap | NotApplicable]]:
    """What the rule judges here, each with whether it can be judged, and is settled enough."""
    if loaded.rule.judges is Subject.CLUSTER:
        return [(cluster, transitions.of_cluster(cluster, loaded.rule.compares, context))]
    return [
        (view, _of_nodes(loaded.rule, view, context))
        for view in views
        if loaded.rule.judges is Subject.NODES or isinstance(view, NodePoolView)
    ]


def _unseen(subject: Cluster | NodesView) -> tuple[Gap, ...]:
    """Why a node pool may have nodes that no rule saw: what was said is then not all."""
    return pools.unlisted_machines(subject) if isinstance(subject, NodePoolView) else ()


def _of_nodes(rule: Rule, view: NodesView, context: Context) -> Judgeable | Gap | NotApplicable:
    if isinstance(view, StandaloneNodes):
        return transitions.of_standalone(view, rule.compares, context)
    unseen = pools.out_of_reach(view, rule.judges)
    if unseen is None and rule.compares:
        unseen = missing.without_machines(view)
    if unseen is not None:
        return NotApplicable(reason=unseen)
    return transitions.of_node_pool(view, rule.compares, context)


def _answers(
    loaded: LoadedRule, subject: Cluster | NodesView, cluster: Cluster, context: Context
) -> Iterator[Answer]:
    """The rule's answers until it ends, meets a gap, or crashes; what came before is kept."""
    try:
        yield from loaded.check(subject, context)
    except UnreadableError as error:
        yield Unknown(gap=error.gap)
    except Exception as error:  # noqa: BLE001 (one rule's defect must not cost the whole report)
        yield Unknown(gap=_crash(loaded, cluster, error))


def _crash(loaded: LoadedRule, cluster: Cluster, error: Exception) -> Gap:
    """Name the defect without its message, which could quote what was read."""
    return Gap(
        scope=cluster.id,
        collector=f"rule {loaded.rule.id}",
        outcome=Outcome.FAILED,
        code=CRASHED,
        message=f"rule {loaded.rule.id} failed with {type(error).__name__}; please report it",
    )


def _capped(answer: Answer, at_most: Confidence) -> Answer:
    """A state finding with no more confidence than its subject's condition allows."""
    if not isinstance(answer, Finding) or answer.is_recorded:
        return answer
    least = min(answer.confidence, at_most, key=lambda c: c.rank)
    return msgspec.structs.replace(answer, confidence=least)


def _confirmed(first: Said, second: Said) -> Said:
    """Keep what both reads show; what only the first shows is unknown."""
    shown = {_reading(finding): finding for finding in second.findings}
    kept: list[Finding] = []
    gaps = list(first.gaps)
    met = {gap.id for gap in first.gaps}
    unread = next((gap for gap in second.gaps if gap.id not in met), None)
    for finding in first.findings:
        if finding.is_recorded or finding.advice:
            kept.append(finding)
            continue
        both = _shown_twice(finding, shown.get(_reading(finding)))
        if both is not None:
            kept.append(both)
        if both is None or len(both.instances) < len(finding.instances):
            gaps.append(unread or _changed(finding))
    return msgspec.structs.replace(first, findings=tuple(kept), gaps=_once(gaps))


def _reading(finding: Finding) -> tuple[object, ...]:
    return (*finding.identity, finding.actual)


def _shown_twice(first: Finding, second: Finding | None) -> Finding | None:
    """What both readings say: of several instances those that both name, if one names no other."""
    if second is None:
        return None
    fewer, more = sorted((first, second), key=lambda f: len(f.instances))
    same_shape = bool(fewer.instances) == bool(more.instances)
    if not same_shape or not set(fewer.instances) <= set(more.instances):
        return None
    least = min(first.confidence, second.confidence, key=lambda c: c.rank)
    return msgspec.structs.replace(fewer, confidence=least)


def _changed(finding: Finding) -> Gap:
    return Gap(
        scope=finding.resource_id,
        collector="second reading",
        outcome=Outcome.TRANSITION,
        code=CHANGED,
        message=f"{arm.name(finding.resource_id)} changed between two reads",
    )


def _verdict(said: Said, judgements: Iterable[Judgement]) -> RuleVerdict:
    """The worst that the rule's findings say; without any, *unknown* outweighs *pass*."""
    rule = said.loaded.rule
    mine = [j.finding for j in judgements if j.rule_id == rule.id]
    why = [gap.message for gap in said.gaps] or said.inapplicable
    reason = "; ".join(dict.fromkeys(why))
    return RuleVerdict(rule_id=rule.id, verdict=_worst(mine, said), reason=reason, gaps=said.gaps)


def _worst(findings: Sequence[Finding], said: Said) -> Verdict:
    verdicts = {finding.verdict for finding in findings}
    if Verdict.VIOLATION in verdicts:
        return Verdict.VIOLATION
    if verdicts:
        return Verdict.WARNING
    if said.gaps:
        return Verdict.UNKNOWN
    judged = said.subjects > len(said.inapplicable)
    return Verdict.PASS if judged else Verdict.NOT_APPLICABLE


def _questions(
    cluster: Cluster, said: Iterable[Said], judgements: Iterable[Judgement]
) -> Iterator[Question]:
    for gap in (gap for s in said for gap in s.gaps):
        if gap.question is not None:
            yield gap.question
    for judgement in judgements:
        yield from judgement.finding.questions
        if not judgement.finding.is_recorded and not judgement.finding.advice:
            yield from _doubts(cluster, judgement)


def _doubts(cluster: Cluster, judgement: Judgement) -> Iterator[Question]:
    """A contradiction is read once more, and its author sought as far back as the log goes."""
    finding = judgement.finding
    yield ReadAgain(cluster.id)
    for resource_id in finding.rests_on or (finding.resource_id,):
        yield ReadAgain(resource_id)
    if isinstance(cluster.activity, Known) and finding.explained_by and not judgement.operation:
        yield LookBack(finding.resource_id)
