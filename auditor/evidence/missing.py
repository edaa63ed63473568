"""Missing machines: node VMs that AKS counts on, and that are not there.

A pool without a scale set has no capacity to compare. AKS lists the machines of a VirtualMachines
pool itself; of an availability set it only tells their number, so that their names must be on
record. Absence is proven by a 404 on the machine itself, never by a list that lacks it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from auditor.evidence import pools
from auditor.model import resource_id as arm
from auditor.model.aks import PoolKind
from auditor.model.compute import Node
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A node VM that is proven gone, with the newest deletion of it on record, by any hand."""

    id: str
    deletion: Operation | None

    @property
    def is_by_aks(self) -> bool:
        """Whether AKS itself deleted it."""
        return self.deletion is not None and self.deletion.actor.is_of_aks


def machines(view: NodePoolView, context: Context) -> Facet[tuple[Missing, ...]]:
    """The node VMs of a pool without a scale set that AKS counts on and that answer 404."""
    listed = _listed_by_aks(view)
    if isinstance(listed, Gap):
        return listed
    machines_there = pools.machines_there(view.cluster, view.pool)
    if isinstance(machines_there, Gap):
        return machines_there
    there = {arm.key(machine.id) for machine in machines_there.value}
    lacking = [i for i in listed.value if pools.is_machine(i) and arm.key(i) not in there]
    if view.pool.count is None and not (there or lacking or view.pool.may_be_empty):
        return unproven(view, "no VM of it is listed, and how many AKS wants is not told")
    short = (view.pool.count or 0) - len(there) - len(lacking)
    if short > 0 and not view.pool.autoscaling:
        named = _on_record(view, context, short, {*there, *map(arm.key, lacking)})
        if isinstance(named, Gap):
            return named
        lacking += named.value
    return _proven(view, lacking, context)


def beyond_sight(view: NodePoolView, there: Collection[Node]) -> Gap | None:
    """Why a pool may have nodes that cannot be seen from here, if so; ``there`` are its VMs.

    AKS may list a machine without a VM: it is being made, or is outside of Azure. Of a pool of
    single machines it states neither count nor bounds: that nothing is listed proves nothing.
    """
    listed = _listed_by_aks(view)
    if isinstance(listed, Gap):
        return listed if view.pool.has_single_machines else None
    if others := [arm.name(i) for i in listed.value if not pools.is_machine(i)]:
        return unproven(view, f"whether machine {others[0]} runs, which has no VM, cannot be seen")
    if view.pool.has_single_machines and not (there or listed.value):
        return unproven(view, "no machine of it is listed, and how many AKS wants is not told")
    return None


def without_machines(view: NodePoolView) -> str | None:
    """Why there is nothing to compare in a pool of single machines, if so: AKS lists no VM.

    That is not in order either, for AKS does not say that it wants none.
    """
    if view.pool.has_single_machines and view.nodes == Known(()):
        return f"node pool {view.pool.name} is of single machines, and AKS lists no VM of it"
    return None


def _listed_by_aks(view: NodePoolView) -> Facet[tuple[str, ...]]:
    listed = view.pool.kind == PoolKind.VIRTUAL_MACHINES
    return view.cluster.machines_of(view.pool) if listed else Known(())


def _proven(
    view: NodePoolView, lacking: Sequence[str], context: Context
) -> Facet[tuple[Missing, ...]]:
    for machine_id in lacking:
        present = view.cluster.is_present(machine_id)
        if isinstance(present, Gap):
            return present
        if present.value:
            return unproven(view, "a VM of it answers, though the list lacks it")
    return Known(tuple(_missing(i, context) for i in lacking))


def _on_record(
    view: NodePoolView, context: Context, short: int, known: Collection[str]
) -> Facet[tuple[str, ...]]:
    """As many machines as are lacking, by the names that the log and the group's list hold."""
    if isinstance(context.operations, Gap):
        return context.operations
    base = f"{view.managed.node_resource_group_id}/providers/Microsoft.Compute/virtualMachines"
    named = (f"{base}/{name}" for name in dict.fromkeys(_names(view, context)))
    unlisted = (i for i in named if arm.key(i) not in known)
    fitting = tuple(i for i in unlisted if not _missing(i, context).is_by_aks)
    if len(fitting) < short:
        return unproven(view, f"{short} of its VMs are not listed, nor are their names on record")
    return Known(fitting[:short])


def _names(view: NodePoolView, context: Context) -> Iterator[str]:
    """Names of machines of this pool, those that were last acted on first."""
    operations = [o.resource_id for o in reversed(context.operations.known_or(()))]
    residents = [resident.id for resident in view.cluster.residents.known_or(())]
    for resource_id in (*operations, *residents):
        on_scale_set = arm.segment(resource_id, "virtualMachineScaleSets")
        name = arm.segment(resource_id, "virtualMachines")
        if name and not on_scale_set and pools.is_machine_name(name, view.pool):
            yield name.casefold()


def _missing(machine_id: str, context: Context) -> Missing:
    deletions = [
        operation
        for operation in context.done_to(machine_id)
        if operation.kind is OperationKind.NODE_DELETE
        and operation.status is OperationStatus.SUCCEEDED
    ]
    newest = max(deletions, key=lambda o: (o.at, o.id), default=None)
    return Missing(id=machine_id, deletion=newest)


def unproven(view: NodePoolView, message: str) -> Gap:
    """That machines of a pool are gone cannot be said."""
    return Gap(
        scope=view.pool_id,
        collector="virtual_machines",
        outcome=Outcome.SKIPPED,
        code="NotProven",
        message=f"node pool {view.pool.name}: {message}",
    )
