"""Operations: the records of the activity log, merged into what was done, once each.

One call leaves two to four records (Started, Accepted, Succeeded or Failed), some without their
caller. Sources: Azure Monitor activity log schema; the provider operation lists of
Microsoft.Compute, Microsoft.Network and Microsoft.ContainerService.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from auditor.model import resource_id as arm
from auditor.model.operation import (
    ActivityRecord,
    Claims,
    Operation,
    OperationKind,
    OperationStatus,
)

Kind = OperationKind

_NODE_CARRIERS = (
    "microsoft.compute/virtualmachinescalesets/virtualmachines/",
    "microsoft.compute/virtualmachinescalesets/",
    "microsoft.compute/virtualmachines/",
)
_NODE_VERBS = {
    "delete/action": Kind.NODE_DELETE,
    "scale/action": Kind.SCALE_SET_SCALE,
    "deallocate/action": Kind.NODE_DOWN,
    "poweroff/action": Kind.NODE_DOWN,
    "hibernate/action": Kind.NODE_DOWN,
    "simulateeviction/action": Kind.NODE_DOWN,
    "start/action": Kind.NODE_UP,
    "restart/action": Kind.NODE_UP,
    "reimage/action": Kind.NODE_REIMAGE,
    "reimageall/action": Kind.NODE_REIMAGE,
    "redeploy/action": Kind.NODE_REIMAGE,
    "manualupgrade/action": Kind.NODE_REIMAGE,
    "osrollingupgrade/action": Kind.NODE_REIMAGE,
    "rollingupgrades/action": Kind.NODE_REIMAGE,
    "performmaintenance/action": Kind.NODE_REIMAGE,
    "reapply/action": Kind.NODE_REIMAGE,
    "installpatches/action": Kind.NODE_COMMAND,
    "runcommand/action": Kind.NODE_COMMAND,
    "runcommands/write": Kind.NODE_COMMAND,
    "runcommands/delete": Kind.NODE_COMMAND,
    "extensions/write": Kind.EXTENSION_WRITE,
    "extensions/delete": Kind.EXTENSION_DELETE,
}
_NAMES = {
    "microsoft.compute/virtualmachinescalesets/write": Kind.SCALE_SET_WRITE,
    "microsoft.compute/virtualmachinescalesets/delete": Kind.SCALE_SET_DELETE,
    "microsoft.compute/virtualmachinescalesets/virtualmachines/write": Kind.NODE_WRITE,
    "microsoft.compute/virtualmachinescalesets/virtualmachines/delete": Kind.NODE_DELETE,
    "microsoft.compute/virtualmachines/write": Kind.NODE_WRITE,
    "microsoft.compute/virtualmachines/delete": Kind.NODE_DELETE,
    "microsoft.compute/disks/write": Kind.OS_DISK_WRITE,
    "microsoft.compute/disks/delete": Kind.OS_DISK_WRITE,
    "microsoft.network/networkinterfaces/write": Kind.NIC_WRITE,
    "microsoft.network/networkinterfaces/delete": Kind.NIC_WRITE,
    "microsoft.network/networksecuritygroups/write": Kind.NSG_WRITE,
    "microsoft.network/networksecuritygroups/delete": Kind.NSG_DELETE,
    "microsoft.network/networksecuritygroups/securityrules/write": Kind.NSG_WRITE,
    "microsoft.network/networksecuritygroups/securityrules/delete": Kind.NSG_WRITE,
    "microsoft.network/virtualnetworks/write": Kind.VNET_WRITE,
    "microsoft.network/virtualnetworks/delete": Kind.VNET_WRITE,
    "microsoft.network/virtualnetworks/subnets/write": Kind.SUBNET_WRITE,
    "microsoft.network/virtualnetworks/subnets/delete": Kind.SUBNET_WRITE,
    "microsoft.resources/tags/write": Kind.TAGS_WRITE,
    "microsoft.resources/tags/delete": Kind.TAGS_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/write": Kind.GROUP_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/delete": Kind.GROUP_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/moveresources/action": Kind.GROUP_WRITE,
    "microsoft.serialconsole/serialports/connect/action": Kind.NODE_COMMAND,
    "microsoft.containerservice/managedclusters/start/action": Kind.AKS_START,
    "microsoft.containerservice/managedclusters/stop/action": Kind.AKS_STOP,
}
_AKS = "microsoft.containerservice/managedclusters/"
_AKS_READS = re.compile(r"credential/action$|runcommand/action$|/read$")
_OS_DISK = re.compile(r"_osdisk_|disk1_[0-9a-f]{32}$|os__1_", re.IGNORECASE)
_VM_ACCESS = re.compile(r"vmaccess|^enablevmaccess$", re.IGNORECASE)

_ENDED_WELL = {"succeeded"}
_ENDED_BADLY = {"failed", "canceled", "cancelled"}


def kind_of(name: str, resource_id: str = "") -> OperationKind:
    """What an operation does; ``name`` as ``operationName.value``, in any case.

    The resource decides where the name alone does not: only an operating system disk is part
    of a node (backup tools write persistent-volume disks), and the VM access extension is a
    way into a node rather than an extension of it.
    """
    lowered = name.casefold()
    kind = _NAMES.get(lowered) or _node_kind(lowered)
    if kind is Kind.OS_DISK_WRITE and not _OS_DISK.search(arm.name(resource_id)):
        return Kind.OTHER
    if kind in {Kind.EXTENSION_WRITE, Kind.EXTENSION_DELETE}:
        return Kind.NODE_COMMAND if _VM_ACCESS.search(arm.name(resource_id)) else kind
    if kind is None and lowered.startswith(_AKS):
        return Kind.OTHER if _AKS_READS.search(lowered) else Kind.AKS_WRITE
    return kind or Kind.OTHER


def _node_kind(lowered: str) -> OperationKind | None:
    for carrier in _NODE_CARRIERS:
        if lowered.startswith(carrier):
            verb = lowered.removeprefix(carrier)
            if "evict" in verb and not verb.startswith("simulate"):
                return Kind.EVICTION
            return _NODE_VERBS.get(verb)
    return None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An operation before its caller is classified."""

    operation: Operation
    caller: str
    claims: Claims
    client_address: str
    policy_assignment: str


def merge(records: Iterable[ActivityRecord]) -> tuple[Call, ...]:
    """Merge records into calls, oldest first; the order of the records does not matter.

    Records belong together by operation id, failing that by correlation id, and always by
    resource, operation name and caller: a deployment shares one correlation id among all that
    it writes, and two different known callers are never one operation.
    """
    groups: dict[tuple[str, str, str], list[ActivityRecord]] = defaultdict(list)
    for record in {r.event_id: r for r in records}.values():
        if _is_about_an_act(record):
            shared = record.operation_id or record.correlation_id or record.event_id
            groups[shared, arm.key(record.resource_id), record.name.casefold()].append(record)
    calls = [_call(part) for group in groups.values() for part in _by_caller(group)]
    return tuple(sorted(calls, key=lambda c: (c.operation.started_at, c.operation.id)))


def _is_about_an_act(record: ActivityRecord) -> bool:
    """Whether the record tells of an act: policy audits and alerts do not; an eviction does."""
    administrative = record.category.casefold() in {"", "administrative"}
    return administrative or kind_of(record.name, record.resource_id) is Kind.EVICTION


def _by_caller(group: list[ActivityRecord]) -> Iterator[list[ActivityRecord]]:
    """Split a group in which several callers are known; records without one join a lone caller."""
    ids = {r.caller.casefold(): r.claims.object_id.casefold() for r in group if r.claims.object_id}
    parts: dict[str, list[ActivityRecord]] = defaultdict(list)
    for record in group:
        caller = record.caller.casefold()
        parts[record.claims.object_id.casefold() or ids.get(caller, caller)].append(record)
    known = [caller for caller in parts if caller]
    if len(known) == 1:
        yield group
    else:
        yield from parts.values()


def _call(group: list[ActivityRecord]) -> Call:
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
        ),
        caller=next((r.caller for r in records if r.caller), ""),
        claims=named.claims,
        client_address=next((r.client_address for r in records if r.client_address), ""),
        policy_assignment=next((r.policy_assignment for r in records if r.policy_assignment), ""),
    )


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
