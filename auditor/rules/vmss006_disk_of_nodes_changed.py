"""Disks were added to nodes, or their operating system disks changed.

What it finds
-------------
A data disk in a scale set's model. A data disk on single nodes that a customer's operation
attached, or of which nobody can tell who attached it. An operating system disk that differs from
node pool and model in size, type or encryption set, or that is not the one that was made with
its node. Nodes with the same difference are one finding that lists them. On node VMs of
VirtualMachines pools and availability sets, which have no model: the same data disks, and an
operating system disk of another size than the pool's, under a foreign encryption set, or named
after another machine. On nodes that Karpenter made: the same data disks.

Why it matters
--------------
AKS nodes have an operating system disk and nothing else; storage comes to them through
Kubernetes. A disk that was added, resized, made slower or exchanged beside AKS is an edit of an
agent node, which makes the cluster unsupportable, and is lost with the node.

What is not flagged
-------------------
Disks of persistent volumes: those that bear a driver's name (``pvc-`` and a GUID) or tags, and
those whose attachment by the cluster's own identity is on record. A disk with neither these marks
nor an operation on record is a lead only, since a static volume looks the same. Disks of the
model on its nodes. The type of an operating system disk on a node behind its model is a lead, for
AKS may have chosen it earlier. Nodes that are just being changed; what the model's operating
system disk should be (VMSS001). On node VMs, the type of the disk; its name is a lead, and so is
its size where no other machine of that VM size has the pool's. Operating system disks of nodes
that Karpenter made, which its NodeClass chooses, and the data disk that a self-hosted Karpenter may
give its machine, under the machine's name.

How to fix it
-------------
Have AKS write its model again and re-create the nodes, or delete the NodeClaim of a node that
Karpenter made. Give workloads disks through persistent volume claims, and nodes other disks through
a new node pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from auditor.evidence import disks, machines, nodes, remedies, single_nodes, standalone
from auditor.evidence.single_nodes import Departure, Shared
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import DataDisk, Instance, Node, ScaleSet, VirtualMachine
from auditor.model.operation import OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView, NodesView, StandaloneNodes
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS006",
    title="Disks of nodes were added or changed",
    severity=Severity.HIGH,
    clauses=("C1",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.NODES,
    compares=frozenset({Aspect.MODEL}),
)

_MODEL = "virtualMachineProfile.storageProfile.dataDisks"
_NODE = "storageProfile.dataDisks"
_REMEDIATION = "Detach the disk, or have the nodes made anew."
_CLAIMS = "Give workloads disks through persistent volume claims."


def check(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """Judge the model's data disks, if there is a model, then the disks of each settled node."""
    if isinstance(view, StandaloneNodes) or not view.pool.is_on_scale_set:
        yield from _of_machines(view, context)
        return
    scale_set = view.scale_set.require()
    if scale_set.data_disks:
        yield _of_model(view, scale_set)
    instances = view.instances.known_or(())
    settled = [node for node in instances if not nodes.is_changing(node)]
    for group in _os_disks(view, scale_set, settled, context):
        yield _of_os_disk(view, scale_set, group)
    if len(settled) < len(instances):
        changing = [node for node in instances if nodes.is_changing(node)]
        yield Unknown(gap=nodes.in_transition(view, changing))
    yield from (Unknown(gap=gap) for gap in view.instances.causes)
    yield from _data_disks(view, scale_set, settled, context)


def _of_model(view: NodePoolView, scale_set: ScaleSet) -> Finding:
    pool = view.pool.name
    actual = ", ".join(f"LUN {d.lun}, {d.size_gb or '?'} GiB" for d in scale_set.data_disks)
    return Finding(
        resource_id=scale_set.id,
        path=_MODEL,
        summary=f"The scale set of node pool {pool} gives its nodes data disks: {actual}",
        severity=Severity.HIGH,
        confidence=Confidence.LIKELY,
        expected="none",
        actual=actual,
        node_pool=pool,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE}),
        evidence=(
            Evidence(text="AKS's models have no data disks", source="scale sets as AKS makes them"),
            Evidence(text=f"the model has {actual}", source=scale_set.name),
        ),
        remediation=f"Have AKS write its model again and re-create the nodes. {_CLAIMS}",
        commands=remedy.restore(view.managed, pool),
    )


def _data_disks(
    view: NodePoolView, scale_set: ScaleSet, settled: Sequence[Instance], context: Context
) -> Iterator[Finding | Unknown]:
    """One finding for all nodes; attribution tells those apart whose author is on record."""
    candidates = [(n, d) for n in settled for d in disks.beyond_model(n, scale_set.data_disks)]
    foreign: defaultdict[str, list[DataDisk]] = defaultdict(list)
    carriers: dict[str, Instance] = {}
    for node, disk in sorted(candidates, key=lambda pair: nodes.number(pair[0])):
        if _is_foreign(node, disk, view, context):
            foreign[node.instance_id].append(disk)
            carriers[node.instance_id] = node
    if foreign:
        yield _of_data_disks(view, scale_set, list(carriers.values()), foreign)


def _is_foreign(node: Node, disk: DataDisk, view: NodesView, context: Context) -> bool:
    """Whether neither mark nor record tells that a disk without a volume's name is of one."""
    known = disks.record(disk, view.cluster.disks_read().require())
    marked = known is not None and disks.is_of_driver(known)
    context.operations.require()  # whoever attached a disk of no volume's is in the log
    return not marked and not disks.is_attached_by_cluster(node, known, context)


def _of_data_disks(
    view: NodesView,
    carrier: ScaleSet | VirtualMachine,
    carriers: Sequence[Node],
    foreign: dict[str, list[DataDisk]],
) -> Finding:
    """On a scale set with its instances, or on a node VM, which is a resource of its own."""
    on, renewal = nodes.listed(carriers), remedies.renewal(view, carrier.name)
    actual = "; ".join(
        f"{instance}: {', '.join(disks.label(disk) for disk in own)}"
        for instance, own in foreign.items()
    )
    return Finding(
        resource_id=carrier.id,
        path=_NODE,
        summary=f"Data disks that bear no mark of a volume are attached to {on} "
        f"{standalone.whose(view)} ({actual})",
        severity=Severity.MEDIUM,
        confidence=Confidence.POSSIBLE,
        expected="disks of persistent volumes only",
        actual=actual,
        node_pool=view.pool_name,
        instances=tuple(foreign) if isinstance(carrier, ScaleSet) else (),
        explained_by=frozenset({OperationKind.NODE_WRITE}),
        evidence=(
            Evidence(
                text="neither name nor tags are those of a Kubernetes driver, and no write of "
                "the cluster's identity accounts for them",
                source="Compute, activity log",
            ),
            Evidence(text=f"data disks by node: {actual}", source=carrier.name),
        ),
        remediation=f"{_REMEDIATION} {_CLAIMS}",
        commands=renewal.commands,
    )


def _of_machines(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """The disks of node VMs, one by one; what the data disks need comes last."""
    found = machines.of(view)
    if isinstance(view, NodePoolView):
        yield from _os_disks_of_machines(view, found.settled)
    yield from (Unknown(gap=gap) for gap in found.gaps)
    for machine in found.settled:
        beyond = _beyond_request(view, machine)
        foreign = [disk for disk in beyond if _is_foreign(machine, disk, view, context)]
        if foreign:
            yield _of_data_disks(view, machine, (machine,), {machine.label: foreign})


def _os_disks_of_machines(
    view: NodePoolView, settled: Sequence[VirtualMachine]
) -> Iterator[Finding]:
    for machine in settled:
        for departure in disks.machine_departures(view, machine, settled):
            yield _of_machine(view, machine, departure)


def _beyond_request(view: NodesView, machine: VirtualMachine) -> Iterator[DataDisk]:
    for disk in disks.beyond_model(machine):
        made_with_it = standalone.is_of_node_class(disk, machine, view.managed)
        if isinstance(view, NodePoolView) or not made_with_it:
            yield disk


def _of_machine(view: NodePoolView, machine: VirtualMachine, departure: Departure) -> Finding:
    """On the machine's disk, where the disk itself can be changed so; else on the machine."""
    pool, words, disk_id = view.pool.name, departure.words, machine.os_disk.id
    on_disk = disks.ON_DISK.get(departure.path) if disk_id else None
    return Finding(
        resource_id=(on_disk and disk_id) or machine.id,
        path=on_disk or departure.path,
        summary=f"{words} of node VM {machine.name} of node pool {pool}: {departure.actual}, where "
        f"AKS was asked for {departure.expected}",
        severity=Severity.HIGH,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=pool,
        explained_by=frozenset({OperationKind.NODE_WRITE, OperationKind.OS_DISK_WRITE}),
        evidence=(
            Evidence(text=f"{words} of the pool: {departure.expected}", source=f"node pool {pool}"),
            Evidence(text=f"{machine.name}: {departure.actual}", source="Compute"),
        ),
        remediation="Have AKS re-create the nodes of the pool; other disks need a new node pool.",
        commands=(remedy.recreate_nodes(view.managed, pool),),
        rests_on=(machine.id,),
    )


def _os_disks(
    view: NodePoolView, scale_set: ScaleSet, settled: Sequence[Instance], context: Context
) -> Iterator[Shared]:
    """Departures of operating system disks; one whose change is on record is told by itself."""
    known = any(n.os_disk.name and disks.is_named_by_compute(n.os_disk, scale_set) for n in settled)
    told: defaultdict[object, list[tuple[Instance, Departure]]] = defaultdict(list)
    for node in settled:
        for departure in disks.os_departures(view, scale_set, node, naming_is_known=known):
            sure = single_nodes.at_most_likely_after_failure(node, departure.confidence)
            path = disks.ON_DISK.get(departure.path) if node.os_disk.id else None
            deed = (_deed(node, context), sure) if path else None
            seen = msgspec.structs.replace(departure, path=path or departure.path, confidence=sure)
            told[deed].append((node, seen))
    for together in told.values():
        yield from single_nodes.shared(together)


def _deed(node: Instance, context: Context) -> str:
    """The operation on record by which another hand than AKS's wrote the node's disk itself."""
    disk_id = node.os_disk.id or ""
    written = (
        operation.id
        for operation in reversed(context.done_to(disk_id))
        if operation.kind is OperationKind.OS_DISK_WRITE
        and operation.status is OperationStatus.SUCCEEDED
        and not operation.actor.is_of_aks
        and arm.same(operation.target, disk_id)
    )
    return next(written, "")


def _of_os_disk(view: NodePoolView, scale_set: ScaleSet, group: Shared) -> Finding:
    """On the lowest node's disk, where the disk itself can be changed so; else on the scale set."""
    pool, on, departure = view.pool.name, nodes.listed(group.nodes), group.departure
    on_disk = departure.path in disks.ON_DISK.values()
    return Finding(
        resource_id=(on_disk and group.nodes[0].os_disk.id) or scale_set.id,
        path=departure.path,
        summary=f"{departure.words} of {on} of node pool {pool}: {departure.actual}, where pool "
        f"and scale set have {departure.expected}",
        severity=Severity.HIGH,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=pool,
        instances=group.instance_ids,
        explained_by=frozenset({OperationKind.NODE_WRITE, OperationKind.OS_DISK_WRITE}),
        evidence=(
            Evidence(
                text=f"{departure.words} of the pool: {departure.expected}",
                source=f"node pool {pool}, scale set {scale_set.name}",
            ),
            Evidence(text=f"{on}: {departure.actual}", source="Compute"),
        ),
        remediation="Have AKS re-create the nodes of the pool; other disks need a new node pool.",
        commands=(remedy.recreate_nodes(view.managed, pool),),
        discriminator=group.discriminator,
        rests_on=(scale_set.id,),
    )
