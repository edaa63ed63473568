"""Attribution: which deed a finding goes back to, and how sure that makes it.

A finding takes the newest operation by another hand than AKS's that explains it; otherwise its
author is unknown, and it could have happened since the last moment that evidence speaks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from auditor.evidence import recorded
from auditor.model import resource_id as arm
from auditor.model.operation import Operation, OperationStatus
from auditor.model.rule import Rule
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Evidence, Finding, Judgement

FINGERPRINT_VERSION = "aksa1"


def explaining(finding: Finding, operations: Iterable[Operation]) -> Operation | None:
    """The newest operation that would have brought the finding's state about.

    It must have succeeded, by another hand than AKS's, on the resource itself, on a parent that
    is written as a whole, or on a child; where the record names instances or properties, they
    must be the finding's.
    """
    if finding.operation is not None:
        return finding.operation
    fitting = [operation for operation in operations if _explains(operation, finding)]
    return max(fitting, key=lambda o: (o.at, o.id), default=None)


def _explains(operation: Operation, finding: Finding) -> bool:
    return (
        operation.kind in finding.explained_by
        and operation.status is OperationStatus.SUCCEEDED
        and not operation.actor.is_of_aks
        and _related(operation.resource_id, finding.resource_id)
        and _names_an_instance(operation, finding)
        and _names_the_property(operation, finding)
    )


def _related(one: str, other: str) -> bool:
    return arm.within(one, other) or arm.within(other, one)


def _names_an_instance(operation: Operation, finding: Finding) -> bool:
    single = arm.segment(operation.resource_id, "virtualMachines")
    named = {single} if single else set(operation.instance_ids)
    return not named or not finding.instances or bool(named & set(finding.instances))


def _names_the_property(operation: Operation, finding: Finding) -> bool:
    """Whether the request's body, where recorded, could have set the finding's property."""
    if not operation.request_paths or not finding.path:
        return True
    wanted = _segments(finding.path)
    return any(_one_leads_to_the_other(_segments(p), wanted) for p in operation.request_paths)


def _segments(path: str) -> list[str]:
    return [part for part in path.casefold().split(".") if part != "properties"]


def _one_leads_to_the_other(left: Sequence[str], right: Sequence[str]) -> bool:
    return all(a == b for a, b in zip(left, right, strict=False))


def judge(
    rule: Rule, finding: Finding, cluster: Cluster, operations: Sequence[Operation]
) -> Judgement:
    """A finding with its author, deed and fingerprint."""
    operation = explaining(finding, operations)
    attributed = _strengthened(finding, operation)
    fingerprint = fingerprint_of(rule, finding, cluster)
    log = cluster.activity.known_or(None)
    return Judgement(
        rule_id=rule.id,
        finding=attributed,
        fingerprint=fingerprint,
        deed=operation.id if operation else fingerprint,
        operation=operation,
        since=log.reaches(finding.resource_id) if log and not operation else None,
        until=log.until if log and not operation else None,
    )


def _strengthened(finding: Finding, operation: Operation | None) -> Finding:
    """An operation on record proves what a state alone only suggests."""
    if operation is None or finding.is_recorded:
        return finding
    trail = Evidence(
        text=f"{operation.name} by {recorded.who(operation.actor)}",
        source="activity log",
        at=operation.at,
    )
    proof = recorded.confidence(operation)
    confidence = finding.confidence
    if finding.raised_by_operation and proof.rank > confidence.rank:
        confidence = proof
    severity = recorded.severity(operation, finding.severity)
    return msgspec.structs.replace(
        finding,
        confidence=confidence,
        severity=min(severity, finding.severity, key=lambda s: s.rank),
        evidence=(*finding.evidence, trail),
    )


def fingerprint_of(rule: Rule, finding: Finding, cluster: Cluster) -> str:
    """The finding's stable name: never its severity, text, time or author.

    A cluster that was deleted and made again under its name is another one (``resourceUID``).
    """
    managed = cluster.managed.known_or(None)
    parts = (
        rule.id,
        arm.key(cluster.id),
        managed.resource_uid if managed else "",
        arm.key(finding.resource_id),
        finding.path,
        finding.discriminator,
    )
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{FINGERPRINT_VERSION}-{digest[:40]}"


def fold(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Fold each recorded finding into the state findings that carry its deed.

    The deed is then told once, by what it left behind; the recorded rule's verdict stays.
    """
    all_of_them = tuple(judgements)
    recorded_rules: dict[str, set[str]] = {}
    for judgement in all_of_them:
        if judgement.finding.is_recorded:
            recorded_rules.setdefault(judgement.deed, set()).add(judgement.rule_id)
    carried = {j.deed for j in all_of_them if not j.finding.is_recorded}
    return tuple(
        msgspec.structs.replace(j, recorded_rules=tuple(sorted(recorded_rules.get(j.deed, ()))))
        if not j.finding.is_recorded
        else j
        for j in all_of_them
        if not (j.finding.is_recorded and j.deed in carried)
    )
