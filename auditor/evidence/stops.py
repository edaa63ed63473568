"""Stops: since when a cluster is stopped, as is supported.

The stop is on record for 90 days at most, and AKS stops clusters by itself without one. Beyond
that there are signs that the cluster still ran: AKS changes the node pools of running clusters
only, and a disk that is attached or detached is used by a node.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import clocks, recorded
from auditor.evidence.clocks import Bound, Start
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.compute import Disk
from auditor.model.observation import Observation
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster

_POOL_WRITE = "microsoft.containerservice/managedclusters/agentpools/write"


def stopped_since(cluster: Cluster, managed: ManagedCluster, context: Context) -> Start:
    """When a stopped cluster was stopped: the stop on record, or the bounds that signs give."""
    stop = _stop(managed, context)
    if stop is not None:
        return Start.known(stop.at, f"stopped by {recorded.who(stop.actor)}")
    now = Bound(context.now, "the cluster is stopped at this reading")
    return clocks.between(
        not_before=_signs_of_life(cluster, managed, context),
        not_after=[now, *_seen_stopped(cluster, managed, context)],
    )


def _stop(managed: ManagedCluster, context: Context) -> Operation | None:
    """The first stop since the cluster last ran: to stop it once more changes nothing."""
    done = context.done_to(managed.id)
    ran = max((operation.at for operation in done if _shows_life(operation)), default=None)
    stops = (
        operation
        for operation in done
        if operation.kind is OperationKind.AKS_STOP
        and operation.status is OperationStatus.SUCCEEDED
        and (ran is None or operation.at > ran)
    )
    return min(stops, key=lambda o: (o.at, o.id), default=None)


def _signs_of_life(cluster: Cluster, managed: ManagedCluster, context: Context) -> Iterator[Bound]:
    if managed.created_at is not None:
        yield Bound(managed.created_at, "the cluster was created then")
    for operation in context.done_to(managed.id):
        if _shows_life(operation):
            yield Bound(operation.at, f"{operation.name} on the running cluster is on record")
    for disk in cluster.disks_read().known_or(()):
        if disk.ownership_changed_at is not None and _is_of_nodes(disk, managed):
            yield Bound(disk.ownership_changed_at, f"disk {disk.name} last changed hands then")
    seen = context.observation
    if seen is not None and _state_in(seen, managed) == "running":
        yield Bound(seen.at, "an earlier run saw the cluster running")


def _shows_life(operation: Operation) -> bool:
    """Whether AKS accepts such a call for running clusters only."""
    started = operation.kind is OperationKind.AKS_START
    changed = operation.name.casefold() == _POOL_WRITE
    return operation.status is OperationStatus.SUCCEEDED and (started or changed)


def _is_of_nodes(disk: Disk, managed: ManagedCluster) -> bool:
    """Whether the disk can have been used by the cluster's nodes alone."""
    return not disk.managed_by or arm.within(disk.managed_by, managed.node_resource_group_id)


def _seen_stopped(cluster: Cluster, managed: ManagedCluster, context: Context) -> Iterator[Bound]:
    """An earlier run saw it stopped, and the log since then knows of no start."""
    seen, log = context.observation, cluster.activity.known_or(None)
    if seen is None or log is None or _state_in(seen, managed) != "stopped":
        return
    ran_since = any(
        _shows_life(operation) and operation.at >= seen.at
        for operation in context.done_to(managed.id)
    )
    if log.reaches(managed.id) <= seen.at and not ran_since:
        yield Bound(seen.at, "an earlier run saw the cluster stopped")


def _state_in(seen: Observation, managed: ManagedCluster) -> str:
    """The cluster's power state as an earlier run saw it; empty where it did not."""
    return (seen.value(arm.key(managed.id), "powerState.code") or "").casefold()
