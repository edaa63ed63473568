"""The network interfaces of nodes carry another security group than AKS's own.

What it finds
-------------
A security group other than the cluster's own on a network interface that a scale set gives to its
nodes, the first or any further one, or on the interface of single nodes. On a custom network, where
AKS attaches its own group to the interfaces: a scale set, or single nodes, without it. Likewise the
interfaces of node VMs of VirtualMachines pools and availability sets, and, as far as another group
is concerned, of nodes that Karpenter made.

Why it matters
--------------
Security groups may be customised on your own subnets only, never at the network interfaces of
agent nodes. Such a group filters what AKS and its load balancers need, and makes the cluster
unsupportable; the next upgrade takes it off.

What is not flagged
-------------------
The cluster's own group on network interfaces: on custom networks AKS puts it there itself, and
older clusters may carry it on the managed network as well. A missing group is only a lead, unless
someone's operation is on record: AKS has not always attached it. Further interfaces without a
group. A missing group on nodes that Karpenter made, whose earlier releases attached none.

How to fix it
-------------
Have AKS write its model again and re-create the nodes; of a node that Karpenter made, delete the
NodeClaim. Filter traffic by a security group on your own subnet, or by network policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from auditor.evidence import machines, managed_network, remedies, standalone
from auditor.evidence.managed_network import ManagedNetwork
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet, VirtualMachine
from auditor.model.facet import Gap, Known
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView, NodesView, StandaloneNodes
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="NET003",
    title="Node network interfaces carry another security group",
    severity=Severity.HIGH,
    clauses=("C6",),
    docs_url="https://learn.microsoft.com/azure/aks/concepts-security#network-security",
    since="0.1.0",
    judges=Subject.NODES,
    compares=frozenset({Aspect.NETWORK}),
)

_MODEL = "virtualMachineProfile.networkProfile.networkInterfaceConfigurations"
_INSTANCE = "networkProfileConfiguration.networkInterfaceConfigurations"


class Carried(msgspec.Struct, frozen=True):
    """A security group, or the lack of one, on an interface of the model or of instances."""

    group: str | None
    nic: str = ""
    instances: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The carrier in words."""
        if self.instances:
            return f"instances {', '.join(self.instances)}"
        return f"network interface {self.nic}"


def check(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare the groups on the nodes' network interfaces with the cluster's own."""
    if isinstance(view, StandaloneNodes) or not view.pool.is_on_scale_set:
        yield from _of_machines(view, managed_network.of(view.cluster).require())
        return
    scale_set = view.scale_set.require()
    network = managed_network.of(view.cluster).require()
    is_custom = not managed_network.houses(network, view)
    for nic in scale_set.nics:
        if _departs(nic.nsg_id, network, is_custom and nic is scale_set.primary_nic):
            yield _finding(view, scale_set, network, Carried(nic.nsg_id, nic=nic.name))
    for carried in _on_single_nodes(view, scale_set):
        if _departs(carried.group, network, is_custom):
            yield _finding(view, scale_set, network, carried)
    if isinstance(view.instances, Gap):
        yield Unknown(gap=view.instances)


def _of_machines(view: NodesView, network: ManagedNetwork) -> Iterator[Finding | Unknown]:
    """Node VMs have network interfaces that are resources of their own."""
    found = machines.of(view)
    for machine in found.settled:
        for nic_id in machine.nic_ids:
            for group in _carried(view, machine, nic_id, network):
                if _departs(group, network, needs_one=True):
                    yield _of_interface(view, machine, network, (nic_id, group))
    gaps = [gap for machine in found.settled for gap in machines.interface_gaps(view, machine)]
    yield from (Unknown(gap=gap) for gap in (*found.gaps, *gaps))


def _carried(
    view: NodesView, machine: VirtualMachine, nic_id: str, network: ManagedNetwork
) -> Iterator[str | None]:
    """The groups of an interface, each once; ``None`` where it lacks one that it should have.

    The groups of the node resource group name their interfaces; interfaces name their group.
    """
    readable = (i for i in machines.interfaces(view, machine) if arm.same(i.id, nic_id))
    interface = next(readable, None)
    named = [g.id for g in view.cluster.security_groups.require() if _names(g.nic_ids, nic_id)]
    own = [interface.nsg_id] if interface and interface.nsg_id else []
    yield from {arm.key(group): group for group in (*own, *named)}.values()
    lacks = interface is not None and machines.is_first(interface, machine) and not (own or named)
    if lacks and isinstance(view, NodePoolView) and not managed_network.houses(network, view):
        yield None


def _names(nic_ids: tuple[str, ...], nic_id: str) -> bool:
    return any(arm.same(named, nic_id) for named in nic_ids)


def _departs(group: str | None, network: ManagedNetwork, needs_one: bool) -> bool:
    """Whether an interface should not carry this group, or not lack one."""
    return needs_one if group is None else not arm.same(group, network.nsg_id)


def _on_single_nodes(view: NodePoolView, scale_set: ScaleSet) -> Iterator[Carried]:
    """Groups that instances carry and the model does not, with the instances.

    The groups of the node resource group name their interfaces; instances describe their own.
    """
    spelled: dict[str, str | None] = {}
    carriers: defaultdict[str, set[str]] = defaultdict(set)
    for group, instance in (*_back_references(view, scale_set), *_of_instances(view)):
        key = arm.key(group or "")
        spelled.setdefault(key, group)
        carriers[key].add(instance)
    for nic in scale_set.nics:
        carriers.pop(arm.key(nic.nsg_id or ""), None)
    for key, instances in carriers.items():
        in_order = sorted(instances, key=lambda i: (len(i), i))
        yield Carried(spelled[key], instances=tuple(in_order))


def _back_references(view: NodePoolView, scale_set: ScaleSet) -> Iterator[tuple[str, str]]:
    for group in view.cluster.security_groups.require():
        for nic in group.nic_ids:
            instance = arm.segment(nic, "virtualMachines")
            if instance and arm.within(nic, scale_set.id):
                yield group.id, instance


def _of_instances(view: NodePoolView) -> Iterator[tuple[str | None, str]]:
    """What instances say of their interfaces; a further one may well lack a group."""
    for instance in view.instances.known_or(()):
        for nic in instance.nics:
            if nic.nsg_id or nic.primary:
                yield nic.nsg_id, instance.instance_id


def _of_interface(
    view: NodesView,
    machine: VirtualMachine,
    network: ManagedNetwork,
    carried: tuple[str, str | None],
) -> Finding:
    own, (nic_id, group) = arm.name(network.nsg_id), carried
    renewal = remedies.renewal(view, machine.name)
    what = f"carries security group {arm.name(group)}" if group else "lacks a security group"
    return Finding(
        resource_id=nic_id,
        path="networkSecurityGroup",
        summary=f"Network interface {arm.name(nic_id)} of node VM {machine.name} "
        f"{standalone.whose(view)} {what}; the cluster's own is {own}",
        severity=Severity.HIGH,
        confidence=_confidence(view, network, group),
        expected=f"{own}, or none on AKS's own subnet" if group else own,
        actual=group or "none",
        node_pool=view.pool_name,
        explained_by=frozenset({OperationKind.NIC_WRITE}),
        evidence=(
            Evidence(
                text=f"the cluster's own security group is {own}, by its number",
                source="tags of the scale sets, names in the node resource group",
            ),
            Evidence(text=f"{arm.name(nic_id)}: {group or 'none'}", source=machine.name),
        ),
        remediation=renewal.remediation,
        commands=renewal.restoring,
        discriminator=arm.key(group or "none"),
        rests_on=(machine.id, nic_id, *_listed(view, group)),
    )


def _finding(
    view: NodePoolView, scale_set: ScaleSet, network: ManagedNetwork, carried: Carried
) -> Finding:
    pool, own, group = view.pool.name, arm.name(network.nsg_id), carried.group
    what = f"carry security group {arm.name(group)}" if group else "lack a security group"
    return Finding(
        resource_id=scale_set.id,
        path=_INSTANCE if carried.instances else _MODEL,
        summary=f"Nodes of pool {pool} {what} ({carried.where}); the cluster's own is {own}",
        severity=Severity.HIGH,
        confidence=_confidence(view, network, group),
        expected=f"{own}, or none on AKS's own subnet" if group else own,
        actual=group or "none",
        node_pool=pool,
        instances=carried.instances,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE}),
        evidence=(
            Evidence(
                text=f"the cluster's own security group is {own}, by its number",
                source="tags of the scale sets, names in the node resource group",
            ),
            Evidence(text=f"{carried.where}: {group or 'none'}", source=scale_set.name),
        ),
        remediation="Have AKS write its model again and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, pool),
        discriminator=carried.nic or arm.key(group or "none"),
        rests_on=(scale_set.id, *_listed(view, group)),
    )


def _listed(view: NodesView, group: str | None) -> Iterator[str]:
    """The group itself where it lies in the node resource group: it names its interfaces."""
    for one in view.cluster.security_groups.require():
        if group is not None and arm.same(one.id, group):
            yield one.id


def _confidence(view: NodesView, network: ManagedNetwork, group: str | None) -> Confidence:
    if group is None:
        return Confidence.POSSIBLE
    own = managed_network.security_group(view.cluster, network)
    return Confidence.CONFIRMED if isinstance(own, Known) else Confidence.LIKELY
