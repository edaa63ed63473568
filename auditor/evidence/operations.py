"""Operations: the records of the activity log, merged into what was done, once each.

One call leaves two to four records (Started, Accepted, Succeeded or Failed), some without their
caller. Source: the Azure Monitor activity log schema.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from auditor.evidence.operation_kinds import kind_of
from auditor.model import resource_id as arm
from auditor.model.operation import (
    ActivityRecord,
    Claims,
    Operation,
    OperationKind,
    OperationStatus,
)

_API_VERSION = re.compile(r"[?&]api-version=([\w.-]+)", re.IGNORECASE)
_ENDED_WELL = {"succeeded"}
_ENDED_BADLY = {"failed", "canceled", "cancelled"}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An operation before its caller is classified."""

    operation: Operation
    caller: str
    claims: Claims
    client_address: str = ""
    tenant_id: str = ""
    policy_assignment: str = ""


def merge(records: Iterable[ActivityRecord]) -> tuple[Call, ...]:
    """Merge records into calls, oldest first; the order of the records does not matter.

    Records belong together by operation id, failing that by correlation id, and always by
    resource, operation name and caller: a deployment shares one correlation id among all that
    it writes, and two different known callers are never one operation.
    """
    groups: dict[tuple[str, str, str], list[ActivityRecord]] = defaultdict(list)
    policies: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in {r.event_id or r: r for r in records}.values():
        if record.policy_assignment and record.correlation_id:
            policies[_request(record)].add(record.policy_assignment)
        if _is_about_an_act(record):
            shared = record.operation_id or record.correlation_id or record.event_id
            name = record.name.casefold()
            groups[shared.casefold(), arm.key(record.resource_id), name].append(record)
    parts = [part for group in groups.values() for part in _by_caller(group)]
    calls = [_call(part, policies.get(_request(part[0]), ())) for part in parts]
    return tuple(_told_apart(sorted(calls, key=_age)))


def _request(record: ActivityRecord) -> tuple[str, str]:
    """What the records of Azure Policy share with those of the request that it looked at."""
    return record.correlation_id.casefold(), arm.root(record.resource_id)


def _age(call: Call) -> tuple[datetime, tuple[str, ...]]:
    return call.operation.started_at, _signature(call)


def _signature(call: Call) -> tuple[str, ...]:
    """What tells a call from others under the same operation id."""
    operation = call.operation
    who = (call.claims.object_id or call.caller or call.claims.app_id).casefold()
    return operation.id, arm.key(operation.resource_id), operation.name.casefold(), who


def _told_apart(calls: Iterable[Call]) -> Iterator[Call]:
    """Calls, oldest first, each with an id of its own.

    One operation id can cover calls on several resources or by several callers. The oldest
    keeps it; the others get a suffix that the next run finds again.
    """
    taken: set[str] = set()
    for call in calls:
        operation = call.operation
        if operation.id.casefold() in taken:
            digest = hashlib.sha256("\n".join(_signature(call)).encode()).hexdigest()[:8]
            operation = msgspec.structs.replace(operation, id=f"{operation.id}~{digest}")
        taken.add(operation.id.casefold())
        yield msgspec.structs.replace(call, operation=operation)


def _is_about_an_act(record: ActivityRecord) -> bool:
    """Whether the record tells of an act: policy audits and alerts do not; an eviction does."""
    administrative = record.category.casefold() in {"", "administrative"}
    return administrative or kind_of(record.name, record.resource_id) is OperationKind.EVICTION


def _by_caller(group: list[ActivityRecord]) -> Iterator[list[ActivityRecord]]:
    """Split a group in which several callers are known.

    A record without its caller (often the last one) goes to the lone caller, or to the only
    one whose call has no end yet. Beside several such callers nobody can tell whose end it
    is: it is left out, so that none of them is said to have succeeded.
    """
    ids = {r.caller.casefold(): r.claims.object_id.casefold() for r in group if r.claims.object_id}
    parts: dict[str, list[ActivityRecord]] = defaultdict(list)
    for record in group:
        parts[_caller(record, ids)].append(record)
    nameless = parts.pop("", [])
    heirs = list(parts.values())
    if len(heirs) > 1:
        heirs = [part for part in heirs if _outcome(part)[1] is None]
    if len(heirs) == 1:
        heirs[0].extend(nameless)
    yield from parts.values() or [nameless]


def _caller(record: ActivityRecord, ids: Mapping[str, str]) -> str:
    """The caller's object id, else what the record calls them; empty where it says nothing."""
    claims, caller = record.claims, record.caller.casefold()
    known = claims.object_id.casefold() or (caller and ids.get(caller, caller))
    return known or claims.app_id.casefold()


def _call(group: list[ActivityRecord], policies: Iterable[str]) -> Call:
    records = sorted(group, key=lambda r: (r.at, r.event_id))
    first = records[0]
    named = next((r for r in records if r.claims.app_id or r.claims.object_id), None) or next(
        (r for r in records if r.caller), first
    )
    status, ended_at = _outcome(records)
    return Call(
        operation=Operation(
            id=first.operation_id or first.event_id,
            name=first.name,
            kind=kind_of(first.name, first.resource_id),
            resource_id=first.resource_id,
            status=status,
            started_at=first.at,
            ended_at=ended_at,
            correlation_id=first.correlation_id,
            instance_ids=tuple(sorted({i for r in records for i in r.instance_ids})),
            request_paths=tuple(sorted({p for r in records for p in r.request_paths})),
            event_ids=tuple(r.event_id for r in records),
            failure_code=next((r.failure_code for r in records if r.failure_code), ""),
            blocked_by=tuple(sorted({i for r in records for i in r.blocked_by})),
            api_version=next(filter(None, map(_api_version, records)), ""),
            policies=tuple(sorted(policies)),
        ),
        caller=next((r.caller for r in records if r.caller), ""),
        claims=named.claims,
        client_address=next((r.client_address for r in records if r.client_address), ""),
        tenant_id=next((r.tenant_id for r in records if r.tenant_id), ""),
        policy_assignment=next((r.policy_assignment for r in records if r.policy_assignment), ""),
    )


def _api_version(record: ActivityRecord) -> str:
    """The version of the API that was called, where the record has the request's address."""
    found = _API_VERSION.search(record.request_uri)
    return found[1] if found else ""


def _outcome(records: list[ActivityRecord]) -> tuple[OperationStatus, datetime | None]:
    """A success outweighs a failure that was retried within the same operation."""
    for endings, status in (
        (_ENDED_WELL, OperationStatus.SUCCEEDED),
        (_ENDED_BADLY, OperationStatus.FAILED),
    ):
        ended = [r.at for r in records if r.status.casefold() in endings]
        if ended:
            return status, max(ended)
    return OperationStatus.RUNNING, None
