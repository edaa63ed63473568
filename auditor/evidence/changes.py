"""Changes: what Resource Graph kept of properties before and after (``resourcechanges``, 14 days).

They only ever add to the evidence: a state is shown with the values that it had, a finding whose
author is unknown is dated, and a correlation id leads to an operation that the log keeps under
another resource. What is not there, or could not be read, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from auditor.evidence import applications, recorded
from auditor.evidence.principals import readable
from auditor.model import resource_id as arm
from auditor.model.governance import PropertyChange
from auditor.model.operation import (
    CUSTOMER,
    Actor,
    ActorKind,
    Operation,
    OperationKind,
    OperationStatus,
)
from auditor.model.rule import Context
from auditor.model.verdict import Evidence, Finding

SOURCE = "Resource Graph changes"

_MOST_STEPS = 5
_MOST_CHARACTERS = 100
_LAG = timedelta(minutes=15)
_OF_THE_AKS_API = frozenset(
    {OperationKind.AKS_WRITE, OperationKind.AKS_START, OperationKind.AKS_STOP}
)
_PEOPLE = CUSTOMER | {ActorKind.UNKNOWN}
_INDEX_OR_DOT = re.compile(r"[.\[\]\"']+")
_NAME = re.compile(r"[\w.-]+")


def of_finding(finding: Finding, context: Context) -> tuple[PropertyChange, ...]:
    """The changes of the property that a state finding is about, oldest first."""
    if finding.is_recorded:
        return ()
    changed = context.changed(finding.resource_id)
    return tuple(change for change in changed if _is_about(change, finding))


def by_operation(operation: Operation, context: Context) -> tuple[PropertyChange, ...]:
    """What an operation changed: by its correlation id and the time, on its own resource."""
    return tuple(
        change
        for change in context.changed(operation.target)
        if _shares_correlation(change, operation) and _is_near(change, operation)
    )


def dating(finding: Finding, context: Context) -> PropertyChange | None:
    """The change that brought the finding's state about: the last one, if it led to this value."""
    changes = of_finding(finding, context)
    last = [change for change in changes if change.at == changes[-1].at]
    return next((change for change in last if _leads_to_state(change, finding)), None)


def bounds(
    change: PropertyChange, since: datetime | None, context: Context
) -> tuple[datetime | None, datetime]:
    """When a change can have happened: after the one before it on the same resource."""
    known = [since] if since is not None else []
    known += [earlier.at for earlier in context.changed(change.resource_id)]
    return max((at for at in known if at < change.at), default=None), change.at


def lead(finding: Finding, context: Context) -> Operation | None:
    """The operation behind a state whose own resource has none on record.

    It shares the correlation id of the change that led to the state. A call of the AKS API
    under that id makes AKS's own hand as likely as the caller's: then it leads to nobody.
    """
    change = dating(finding, context)
    if change is None or _may_be_akss(change, context):
        return None
    together = context.correlated(change.correlation_id)
    explaining = (o for o in together if _can_have_caused(o, change, finding))
    return max(explaining, key=lambda o: (o.at, o.id), default=None)


def client(finding: Finding, operation: Operation | None, context: Context) -> str:
    """The application that was used, as far as claims and changes tell.

    The claims' word stands where they name an application. Otherwise it is that of a change by
    the actor's own hand in the same call; without an operation, that of the change that led to
    the state, unless AKS may have made it.
    """
    if operation is None:
        change = dating(finding, context)
        its_own = change is not None and not _may_be_akss(change, context)
        return applications.named(change.client) if change and its_own else ""
    actor = operation.actor
    if actor.client in applications.CLIENTS.values() or actor.kind not in _PEOPLE:
        return actor.client
    used = (
        applications.named(change.client)
        for change in (*by_operation(operation, context), *of_finding(finding, context))
        if _shares_correlation(change, operation) and _is_by(change, actor)
    )
    return ", ".join(filter(None, (next(filter(None, used), ""), actor.client)))


def told(finding: Finding, operation: Operation | None, context: Context) -> Iterator[Evidence]:
    """The steps of the trail that show values before and after, oldest first."""
    if operation is not None and finding.is_recorded:
        changes = by_operation(operation, context)
    else:
        changes = of_finding(finding, context)
    if len(changes) > _MOST_STEPS:
        count = len(changes) - _MOST_STEPS
        yield Evidence(text=f"{count} earlier or further changes are left out", source=SOURCE)
    for change in changes[-_MOST_STEPS:]:
        yield Evidence(text=_sentence(change, context), source=SOURCE, at=change.at)


def _is_about(change: PropertyChange, finding: Finding) -> bool:
    """Whether the change is on the finding's property, or in its resource's parent names it."""
    path, wanted = _segments(change.path), _segments(finding.path)
    if arm.same(change.resource_id, finding.resource_id):
        return bool(path and wanted) and _one_leads_to_the_other(path, wanted)
    if not arm.within(finding.resource_id, change.resource_id):
        return False
    inner = arm.key(finding.resource_id).removeprefix(arm.key(change.resource_id)).split("/")
    collection, name = inner[1], inner[-1]
    return collection in path and name in {*path, *_words(change.before), *_words(change.after)}


def _leads_to_state(change: PropertyChange, finding: Finding) -> bool:
    if change.truncated:
        return False
    if arm.same(change.resource_id, finding.resource_id):
        whole = _segments(change.path) == _segments(finding.path)
        return whole and (change.after or "").casefold() == (finding.actual or "").casefold()
    came_or_went = (change.before is None) != (change.after is None)
    return came_or_went and (change.after is None) == (finding.actual is None)


def _may_be_akss(change: PropertyChange, context: Context) -> bool:
    """Whether AKS wrote it, by the change's own word, or acted under the same correlation id."""
    if _author(change, "", context).is_of_aks:
        return True
    together = context.correlated(change.correlation_id)
    return any(o.actor.is_of_aks or o.kind in _OF_THE_AKS_API for o in together)


def _is_by(change: PropertyChange, actor: Actor) -> bool:
    who = change.changed_by.casefold()
    return bool(who) and who in {actor.id.casefold(), actor.name.casefold()}


def _can_have_caused(operation: Operation, change: PropertyChange, finding: Finding) -> bool:
    """Whether it is of the right kind, or a deployment, which writes resources of any kind."""
    deployment = operation.name.casefold() == "microsoft.resources/deployments/write"
    return (
        (operation.kind in finding.explained_by or deployment)
        and operation.status is OperationStatus.SUCCEEDED
        and _is_near(change, operation)
    )


def _shares_correlation(change: PropertyChange, operation: Operation) -> bool:
    shared = change.correlation_id.casefold()
    return bool(shared) and shared == operation.correlation_id.casefold()


def _is_near(change: PropertyChange, operation: Operation) -> bool:
    return operation.started_at - _LAG <= change.at <= operation.at + _LAG


def _sentence(change: PropertyChange, context: Context) -> str:
    path = change.path.removeprefix("properties.")
    shortened = " (shortened)" if change.truncated else ""
    values = f"{path}: {_value(change.before)} → {_value(change.after)}{shortened}"
    return f"{values}{_hand(change, context)}"


def _hand(change: PropertyChange, context: Context) -> str:
    """Whose hand it was, and through which application, as far as the change tells."""
    client = applications.named(change.client)
    if change.changed_by:
        return f", changed by {recorded.who(_author(change, client, context))}"
    return f", changed through {client}" if client else ""


def _author(change: PropertyChange, client: str, context: Context) -> Actor:
    """Who it was by the records of the resource, by Microsoft's ids, or the id itself.

    Through another application than the change's, where it names one, they did something else.
    """
    known = (o.actor for o in context.done_to(change.resource_id))
    actor = next((a for a in known if _is_by(change, a)), None)
    if actor is not None:
        return msgspec.structs.replace(actor, client=client or actor.client)
    who = change.changed_by.casefold()
    if who == applications.AKS_RESOURCE_PROVIDER:
        return Actor(kind=ActorKind.AKS, name="AKS resource provider")
    service = applications.AZURE_SERVICES.get(who)
    return Actor(name=service or readable(change.changed_by), client=client)


def _value(text: str | None) -> str:
    if text is None:
        return "absent"
    cut = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
    return cut or '""'


def _segments(path: str) -> list[str]:
    parts = (part for part in _INDEX_OR_DOT.split(path.casefold()) if part)
    return [part for part in parts if part != "properties" and not part.isdigit()]


def _words(text: str | None) -> set[str]:
    return set(_NAME.findall((text or "").casefold()))


def _one_leads_to_the_other(left: list[str], right: list[str]) -> bool:
    return all(a == b for a, b in zip(left, right, strict=False))
