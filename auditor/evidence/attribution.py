"""Attribution: which deed a finding goes back to, and how sure that makes it.

A finding takes the newest operation by another hand than AKS's that explains it; otherwise its
author is unknown, and it could have happened since the last moment that evidence speaks for.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from auditor.evidence import changes, recorded, remedies
from auditor.model import resource_id as arm
from auditor.model.operation import ActorKind, Operation, OperationKind, OperationStatus
from auditor.model.rule import Context, Rule
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Evidence, Finding, Judgement, Verdict

FINGERPRINT_VERSION = "aksa1"

_WRITTEN_AS_A_WHOLE = frozenset(
    {
        "microsoft.network/networksecuritygroups/securityrules",
        "microsoft.network/virtualnetworks/subnets",
    }
)
"""Resources that ARM lets nobody write in part, and that have no location of their own."""


def authors(
    finding: Finding, context: Context
) -> tuple[tuple[Operation | None, tuple[str, ...]], ...]:
    """Who brought a finding's state about: operations with the instances that each explains.

    An operation must have succeeded, by another hand than AKS's, on the resource itself, on a
    parent that is written as a whole, or on a child; where the record names instances or
    properties, they must be the finding's. Of several the newest is taken, for each instance: a
    customer's before that of a Microsoft service, which absolves nobody. Instances that none
    explains come last, with ``None``.
    """
    known = finding.operation or finding.author
    if known is not None:
        return ((known, finding.instances),)
    fitting = sorted(_fitting(finding, context), key=_weight, reverse=True)
    if not finding.instances:
        return ((next(iter(fitting), None), ()),)
    left = list(finding.instances)
    found: list[tuple[Operation | None, tuple[str, ...]]] = []
    for operation in fitting:
        named = operation.named_instances
        taken = tuple(i for i in left if not named or i.casefold() in named)
        if taken:
            found.append((operation, taken))
            left = [i for i in left if i not in taken]
    return (*found, (None, tuple(left))) if left else tuple(found)


def _weight(operation: Operation) -> tuple[bool, datetime, str]:
    by_service = operation.actor.kind is ActorKind.AZURE_SERVICE
    return not by_service, operation.at, operation.id


def _fitting(finding: Finding, context: Context) -> Iterator[Operation]:
    group = arm.group_id(
        arm.subscription(finding.resource_id), arm.resource_group(finding.resource_id)
    )
    for scope in {arm.root(finding.resource_id), arm.root(group)}:
        yield from (o for o in context.done_to(scope) if _explains(o, finding))


def _explains(operation: Operation, finding: Finding) -> bool:
    return (
        operation.kind in finding.explained_by
        and operation.status is OperationStatus.SUCCEEDED
        and not operation.actor.is_of_aks
        and _reaches(operation, finding)
        and _names_the_property(operation, finding)
    )


def _reaches(operation: Operation, finding: Finding) -> bool:
    """Whether the operation can have changed the finding's resource by changing its own.

    Tags belong to one resource alone; a resource group's write is no write of what lies in it,
    unless it is moved or deleted with it.
    """
    done_to, found_on = operation.target, finding.resource_id
    if operation.kind is OperationKind.TAGS_WRITE:
        return arm.same(done_to, found_on)
    written = operation.name.casefold().endswith("/write")
    if operation.kind is OperationKind.GROUP_WRITE and not written:
        return arm.within(found_on, done_to)
    if not arm.resource_type(found_on) or not arm.resource_type(done_to):
        return arm.same(done_to, found_on)
    return arm.within(done_to, found_on) or arm.within(found_on, done_to)


def _names_the_property(operation: Operation, finding: Finding) -> bool:
    """Whether the request's body, where recorded, could have set the finding's property.

    A partial body leaves alone what it does not name. A whole one resets it: a resource that
    is written with its location, or one that has no partial write. The body of an action says
    nothing of properties.
    """
    paths = operation.request_paths
    if not paths or not finding.path or not operation.name.casefold().endswith("/write"):
        return True
    if _is_whole(operation) or _can_remove(operation, finding):
        return True
    named = [_segments(path) for path in paths]
    collection = _collection(operation.target, finding.resource_id)
    if collection is not None:
        return any(collection in path for path in named)
    if _collection(finding.resource_id, operation.target) not in {None, "virtualmachines"}:
        return True
    return any(_one_leads_to_the_other(path, _segments(finding.path)) for path in named)


def _is_whole(operation: Operation) -> bool:
    lowered = {path.casefold() for path in operation.request_paths}
    return "location" in lowered or arm.resource_type(operation.target) in _WRITTEN_AS_A_WHOLE


def _can_remove(operation: Operation, finding: Finding) -> bool:
    """Tags can be replaced as a whole: then a tag is lost that the request does not name."""
    if finding.actual is not None or not finding.path.startswith("tags"):
        return False
    sends_tags = any(path.casefold().startswith("tags") for path in operation.request_paths)
    return operation.kind is OperationKind.TAGS_WRITE or sends_tags


def _collection(parent: str, child: str) -> str | None:
    """The name under which the parent's body holds the child, such as ``extensions``."""
    if arm.same(parent, child) or not arm.within(child, parent):
        return None
    return arm.key(child).removeprefix(arm.key(parent)).split("/")[1]


def _segments(path: str) -> list[str]:
    return [part for part in path.casefold().split(".") if part != "properties"]


def _one_leads_to_the_other(left: Sequence[str], right: Sequence[str]) -> bool:
    return all(a == b for a, b in zip(left, right, strict=False))


def judge(
    rule: Rule, finding: Finding, cluster: Cluster, context: Context
) -> tuple[Judgement, ...]:
    """A finding with its author, deed and fingerprint; one for each deed that lies behind it."""
    found = authors(finding, context)
    if found == ((None, ()),):
        found = ((changes.lead(finding, context), ()),)
    return tuple(
        _judgement(rule, part, operation, cluster, context)
        for part, operation in _parts(finding, found)
    )


def _parts(
    finding: Finding, found: Sequence[tuple[Operation | None, tuple[str, ...]]]
) -> Iterator[tuple[Finding, Operation | None]]:
    """The finding itself, or a part for each group of instances that one deed explains.

    The group of the lowest instance keeps the finding's own discriminator.
    """
    if len(found) == 1:
        yield finding, found[0][0]
        return
    groups = sorted(
        ((sorted(instances, key=_by_number), operation) for operation, instances in found),
        key=lambda group: _by_number(group[0][0]),
    )
    for index, (instances, operation) in enumerate(groups):
        own = [finding.discriminator, instances[0] if index else ""]
        part = msgspec.structs.replace(
            finding,
            instances=tuple(instances),
            summary=f"{finding.summary} (of these: {', '.join(instances)})",
            discriminator="/".join(filter(None, own)),
        )
        yield part, operation


def _by_number(instance: str) -> tuple[int, str]:
    return len(instance), instance


def _judgement(
    rule: Rule,
    finding: Finding,
    operation: Operation | None,
    cluster: Cluster,
    context: Context,
) -> Judgement:
    fingerprint = fingerprint_of(rule, finding, cluster)
    since, until = (None, None) if operation else _bounds(finding, cluster, context)
    trail = (*finding.evidence, *changes.told(finding, operation, context))
    shown = msgspec.structs.replace(finding, evidence=trail)
    return Judgement(
        rule_id=rule.id,
        finding=remedies.fitted(_strengthened(shown, operation), operation, context),
        fingerprint=fingerprint,
        deed=operation.id if operation else fingerprint,
        operation=operation,
        since=since,
        until=until,
        client=changes.client(finding, operation, context),
    )


def _bounds(
    finding: Finding, cluster: Cluster, context: Context
) -> tuple[datetime | None, datetime | None]:
    """When what has no author can have happened: since the log's beginning, or by a change."""
    log = cluster.activity.known_or(None)
    since = log.reaches(finding.resource_id) if log else None
    change = changes.dating(finding, context)
    if change is not None:
        return changes.bounds(change, since, context)
    return since, log.until if log else None


def _strengthened(finding: Finding, operation: Operation | None) -> Finding:
    """An operation on record proves what a state alone only suggests."""
    if operation is None or finding.is_recorded:
        return finding
    trail = Evidence(
        text=f"{operation.name} by {recorded.who(operation.actor)}",
        source="activity log",
        at=operation.at,
    )
    told = msgspec.structs.replace(finding, evidence=(*finding.evidence, trail))
    if finding.author is not None:
        return told  # the rule has weighed it
    proof = recorded.confidence(operation)
    confidence = finding.confidence
    if finding.raised_by_operation and proof.rank > confidence.rank:
        confidence = proof
    severity = recorded.severity(operation, finding.severity)
    return msgspec.structs.replace(told, confidence=confidence, severity=severity)


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

    The deed is then told once, by what it left behind; the recorded rule's verdict stays. A
    state finding that weighs less than the record does not stand in for it.
    """
    all_of_them = tuple(judgements)
    recorded_rules: defaultdict[str, set[str]] = defaultdict(set)
    carriers: defaultdict[str, list[Finding]] = defaultdict(list)
    for judgement in all_of_them:
        if judgement.finding.is_recorded:
            recorded_rules[judgement.deed].add(judgement.rule_id)
        else:
            carriers[judgement.deed].append(judgement.finding)
    return tuple(
        j
        if j.finding.is_recorded
        else msgspec.structs.replace(j, recorded_rules=tuple(sorted(recorded_rules[j.deed])))
        for j in all_of_them
        if not (j.finding.is_recorded and _is_carried(j.finding, carriers[j.deed]))
    )


def _is_carried(record: Finding, carriers: Iterable[Finding]) -> bool:
    return any(
        carrier.standing >= record.standing
        and carrier.severity.rank >= record.severity.rank
        and (carrier.verdict is record.verdict or carrier.verdict is Verdict.VIOLATION)
        for carrier in carriers
    )
