"""Since when nothing of a running cluster runs: the moment when its last node went down.

That moment is on record; or the node's disk remembers it (Compute's ``LastOwnershipUpdateTime``:
when the disk was last attached or detached, or its VM deallocated or started); or it lies between
the last sign of life and this reading. A disk speaks only for deallocated nodes: powering a VM off
does not touch it, and ephemeral disks are not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from auditor.evidence import at_rest, clocks, power, recorded
from auditor.evidence.at_rest import Rest, Standstill
from auditor.evidence.clocks import Bound, Start
from auditor.model import resource_id as arm
from auditor.model.compute import Node
from auditor.model.operation import OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster


def since(cluster: Cluster, still: Standstill, context: Context) -> Start:
    """When the last node went down, as narrowly as the evidence allows."""
    disks = {
        arm.key(disk.id): disk.ownership_changed_at
        for disk in cluster.disks_read().known_or(())
        if disk.ownership_changed_at is not None
    }
    each = [_of_node(node, disks, context) for node in still.nodes]
    each += [_of_empty_pool(cluster, rest, context) for rest in still.pools if not rest.nodes]
    last = clocks.last_of(each)
    now = Bound(context.now, "no node runs at this reading")
    return clocks.between(
        not_before=[*_signs_of_life(still, context), *_given(last.earliest)],
        not_after=[now, *_given(last.latest)],
    )


def _of_node(node: Node, disks: Mapping[str, datetime], context: Context) -> Start:
    """When this node went down."""
    deed = power.last_down(node, context)
    if deed is not None:
        who = recorded.who(deed.actor)
        return Start.known(deed.at, f"{who} took down {node.name}, the last node that ran")
    known = disks.get(arm.key(node.os_disk.id or ""))
    created = Bound(node.created_at, "the newest node was made then") if node.created_at else None
    if known is None:
        return Start(earliest=created)
    moved = Bound(known, f"the disk of {node.name} last changed hands then")
    deallocated = node.power_code == "deallocated"
    return Start(earliest=moved, latest=moved if deallocated else None)


def _of_empty_pool(cluster: Cluster, rest: Rest, context: Context) -> Start:
    """When a pool lost its last node: not after the log begins, if nothing is on record."""
    deed, name = at_rest.last_emptied(rest, context), arm.name(rest.view.carrier_id)
    if deed is None:
        log = cluster.activity.known_or(None)
        if log is None:
            return Start()
        begins = log.reaches(rest.view.carrier_id)
        why = f"nothing has been taken from {name} since the log begins"
        return Start(latest=Bound(begins, why))
    emptied = Bound(deed.at, f"{name} was last emptied by {recorded.who(deed.actor)}")
    return Start(earliest=None if deed.actor.is_of_aks else emptied, latest=emptied)


def _signs_of_life(still: Standstill, context: Context) -> Iterator[Bound]:
    managed = still.managed
    if managed.created_at is not None:
        yield Bound(managed.created_at, "the cluster was created then")
    for operation in context.done_to(managed.id):
        if (
            operation.kind is OperationKind.AKS_START
            and operation.status is OperationStatus.SUCCEEDED
        ):
            yield Bound(operation.at, "AKS started the cluster then")


def _given(bound: Bound | None) -> Iterator[Bound]:
    if bound is not None:
        yield bound
