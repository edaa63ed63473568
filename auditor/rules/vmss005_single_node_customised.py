"""A single node was customised.

What it finds
-------------
Nodes that differ from their node pool and from their scale set's model in VM size, administrator,
subnet, public address, DNS servers, IP forwarding or number of network interfaces, and nodes that
are protected from scale-in or from the scale set's actions. Nodes of one scale set with the same
difference are one finding that lists them. Node VMs of VirtualMachines pools and availability
sets, which have no model, with a VM size that none of the pool's profiles asks for, or with
another administrator, subnet, public address, DNS servers or more network interfaces than AKS
gives them. Nodes that Karpenter made with a public address or a further network interface.

Why it matters
--------------
AKS treats all nodes of a pool alike. A node that was changed by itself is an edit of an agent
node through an IaaS API, which makes the cluster unsupportable; a protected one is passed over
by scaling, upgrades and repair, and keeps them from finishing.

What is not flagged
-------------------
What AKS and its drivers do to single nodes all the time: a node that does not follow the latest
model, one with a model of its own by Compute's count, other tags, an older image, load balancer
pools, accelerated networking. A node that equals its pool or its model (VMSS001 and VMSS003 judge
the model), pools that AKS resizes in place, gateway pools' public addresses, nodes that are just
being changed. Security groups (NET003), extensions (EXT004) and disks (VMSS006) of single nodes
have rules of their own. A protection without an operation on record is a lead only; a size on a
node behind its model, as an unfinished resize leaves it, is no more than likely. On node VMs, a
size that AKS itself counts nodes of and DNS servers are leads only, and IP forwarding is not
compared. Machines of a pool of single machines may be of any size. Of nodes that Karpenter made all
else is left alone, for its NodePool and NodeClass choose it, and so are further interfaces for
which ``aks-nic-`` tags ask.

How to fix it
-------------
Take the protection off, or have AKS re-create the nodes of the pool. Where another size is wanted,
add a node pool of that size; keep pods on a node by a disruption budget. Of a node that Karpenter
made, delete the NodeClaim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from auditor.evidence import machines, nodes, remedies, single_nodes, standalone
from auditor.evidence.single_nodes import Departure, Shared
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import Instance, NicConfiguration, ScaleSet, VirtualMachine
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView, NodesView, StandaloneNodes
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="VMSS005",
    title="Single node was customised",
    severity=Severity.MEDIUM,
    clauses=("C1",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.NODES,
    compares=frozenset({Aspect.MODEL}),
)

_NIC = "networkProfileConfiguration.networkInterfaceConfigurations"
_IP = f"{_NIC}.ipConfigurations"

Compare = Callable[[NodePoolView, ScaleSet, Instance], tuple[str, str] | None]
"""What pool and model allow, and what the node has; ``None`` where it is no departure."""


class Property(msgspec.Struct, frozen=True):
    """A compared property; ``behind`` is how sure it is on a node behind its model."""

    path: str
    words: str
    compare: Compare
    confidence: Confidence
    behind: Confidence


def check(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare each settled node with its node pool and its scale set's model, if it has one."""
    if isinstance(view, StandaloneNodes) or not view.pool.is_on_scale_set:
        yield from _of_machines(view)
        return
    scale_set, instances = view.scale_set.require(), view.instances.known_or(())
    for group in single_nodes.shared(_departures(view, scale_set, instances)):
        yield _finding(view, scale_set, group)
    changing = [node for node in instances if nodes.is_changing(node)]
    if changing:
        yield Unknown(gap=nodes.in_transition(view, changing))
    yield from (Unknown(gap=gap) for gap in view.instances.causes)


def _departures(
    view: NodePoolView, scale_set: ScaleSet, instances: tuple[Instance, ...]
) -> Iterator[tuple[Instance, Departure]]:
    for node in instances:
        for compared in () if nodes.is_changing(node) else PROPERTIES:
            sides = compared.compare(view, scale_set, node)
            if sides is not None:
                behind = single_nodes.is_behind(node)
                sure = compared.behind if behind else compared.confidence
                sure = single_nodes.at_most_likely_after_failure(node, sure)
                yield node, Departure(compared.path, compared.words, *sides, sure)


def _finding(view: NodePoolView, scale_set: ScaleSet, group: Shared) -> Finding:
    pool, on, departure = view.pool.name, nodes.listed(group.nodes), group.departure
    return Finding(
        resource_id=scale_set.id,
        path=departure.path,
        summary=f"{departure.words} on {on} of node pool {pool}: {departure.actual}, where pool "
        f"and scale set have {departure.expected}",
        severity=Severity.MEDIUM,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=pool,
        instances=group.instance_ids,
        explained_by=frozenset({OperationKind.NODE_WRITE}),
        evidence=(
            Evidence(
                text=f"{departure.words} of the pool: {departure.expected}",
                source=f"node pool {pool}, scale set {scale_set.name}",
            ),
            Evidence(text=f"{on}: {departure.actual}", source="Compute"),
        ),
        remediation="Have AKS re-create the nodes of the pool; take a protection off first.",
        commands=(remedy.recreate_nodes(view.managed, pool),),
        discriminator=group.discriminator,
    )


def _of_machines(view: NodesView) -> Iterator[Finding | Unknown]:
    """Node VMs are resources of their own, told one by one."""
    found = machines.of(view)
    for machine in found.settled:
        for departure in machines.departures(view, machine):
            yield _of_machine(view, machine, machine.id, departure)
        for interface in machines.interfaces(view, machine):
            for departure in machines.interface_departures(view, interface):
                yield _of_machine(view, machine, interface.id, departure)
    gaps = [gap for machine in found.settled for gap in machines.interface_gaps(view, machine)]
    yield from (Unknown(gap=gap) for gap in (*found.gaps, *gaps))


def _of_machine(
    view: NodesView, machine: VirtualMachine, changed_id: str, departure: Departure
) -> Finding:
    """A departure of a node VM, or of its network interface."""
    words, whose = departure.words, standalone.whose(view)
    renewal = remedies.renewal(view, machine.name)
    return Finding(
        resource_id=changed_id,
        path=departure.path,
        summary=f"{words} on node VM {machine.name} {whose}: {departure.actual}, where "
        f"{departure.expected} was asked for",
        severity=Severity.MEDIUM,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=view.pool_name,
        explained_by=frozenset({OperationKind.NODE_WRITE, OperationKind.NIC_WRITE}),
        evidence=(
            Evidence(text=f"{words} of nodes {whose}: {departure.expected}", source="AKS"),
            Evidence(text=f"{machine.name}: {departure.actual}", source=arm.name(changed_id)),
        ),
        remediation=renewal.remediation,
        commands=renewal.commands,
        rests_on=tuple(dict.fromkeys((machine.id, changed_id))),
    )


def _other(actual: str | None, *allowed: str | None) -> tuple[str, str] | None:
    """The first value that is allowed, and the actual one, where it is none of them."""
    stated = [value for value in allowed if value]
    if not actual or not stated or actual.casefold() in {value.casefold() for value in stated}:
        return None
    return stated[0], actual


def _size(view: NodePoolView, scale_set: ScaleSet, node: Instance) -> tuple[str, str] | None:
    return _other(node.vm_size, view.pool.vm_size, scale_set.sku_name)


def _administrator(
    view: NodePoolView, scale_set: ScaleSet, node: Instance
) -> tuple[str, str] | None:
    managed = view.managed
    name = managed.windows_admin_username if view.pool.is_windows else managed.admin_username
    return _other(node.admin_username, name, scale_set.admin_username)


def _interfaces(view: NodePoolView, scale_set: ScaleSet, node: Instance) -> tuple[str, str] | None:
    """The pool's own tags can ask AKS for further interfaces (``aks-nic-secondary-count``)."""
    asked_for = any(tag.casefold().startswith("aks-nic-") for tag in view.pool.tags)
    if asked_for or not scale_set.nics or len(node.nics) <= len(scale_set.nics):
        return None
    return _named(scale_set.nics), _named(node.nics)


def _named(nics: tuple[NicConfiguration, ...]) -> str:
    return ", ".join(nic.name for nic in nics)


def _subnets(view: NodePoolView, scale_set: ScaleSet, node: Instance) -> tuple[str, str] | None:
    own = scale_set.subnet_ids
    allowed = {arm.key(i) for i in (*own, view.pool.subnet_id, view.pool.pod_subnet_id) if i}
    used = [ip.subnet_id for nic in node.nics for ip in nic.ip_configurations if ip.subnet_id]
    others = [subnet for subnet in used if arm.key(subnet) not in allowed]
    return (", ".join(own), ", ".join(dict.fromkeys(others))) if own and others else None


def _public_address(
    view: NodePoolView, scale_set: ScaleSet, node: Instance
) -> tuple[str, str] | None:
    """A gateway pool's nodes get addresses by AKS's and the gateway's hand."""
    expected = view.pool.node_public_ip or view.pool.mode.casefold() == "gateway"
    departs = _has_public_address(node.nics) and not _has_public_address(scale_set.nics)
    return ("none", "present") if departs and not expected else None


def _has_public_address(nics: tuple[NicConfiguration, ...]) -> bool:
    return any(ip.public_ip for nic in nics for ip in nic.ip_configurations)


def _dns_servers(view: NodePoolView, scale_set: ScaleSet, node: Instance) -> tuple[str, str] | None:
    own = {server for nic in scale_set.nics for server in nic.dns_servers}
    others = [s for nic in node.nics for s in nic.dns_servers if s not in own]
    return (", ".join(sorted(own)) or "none of their own", ", ".join(others)) if others else None


def _ip_forwarding(
    view: NodePoolView, scale_set: ScaleSet, node: Instance
) -> tuple[str, str] | None:
    """AKS's models have had it on and off: a node behind its model may show an earlier one.

    Pods routed through their node (kubenet, overlay) need it: there *on* is what AKS asks for.
    """
    model = scale_set.primary_nic
    own = next((nic for nic in node.nics if nic.primary), None)
    if model is None or own is None or single_nodes.is_behind(node):
        return None
    asked_for = "on" if _is_routed(view) else None
    return _other(_switch(own.ip_forwarding), _switch(model.ip_forwarding), asked_for)


def _is_routed(view: NodePoolView) -> bool:
    network = view.managed.network
    return "kubenet" in (network.plugin or "").casefold() or (
        (network.plugin_mode or "").casefold() == "overlay"
    )


def _switch(on: bool | None) -> str:
    return "on" if on else "off"


_SURE, _LIKELY, _POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE

PROPERTIES = (
    Property(
        "protectionPolicy.protectFromScaleIn",
        "Protection from scale-in",
        lambda _v, _s, n: ("off", "on") if n.protected_from_scale_in else None,
        _POSSIBLE,
        _POSSIBLE,
    ),
    Property(
        "protectionPolicy.protectFromScaleSetActions",
        "Protection from actions of the scale set",
        lambda _v, _s, n: ("off", "on") if n.protected_from_scale_set_actions else None,
        _POSSIBLE,
        _POSSIBLE,
    ),
    Property("hardwareProfile.vmSize", "VM size", _size, _SURE, _LIKELY),
    Property("osProfile.adminUsername", "Administrator's name", _administrator, _SURE, _SURE),
    Property(_NIC, "Network interfaces", _interfaces, _LIKELY, _LIKELY),
    Property(f"{_IP}.subnet", "Subnet", _subnets, _LIKELY, _LIKELY),
    Property(
        f"{_IP}.publicIPAddressConfiguration", "Public address", _public_address, _LIKELY, _LIKELY
    ),
    Property(f"{_NIC}.dnsSettings.dnsServers", "DNS servers", _dns_servers, _LIKELY, _LIKELY),
    Property(f"{_NIC}.enableIPForwarding", "IP forwarding", _ip_forwarding, _LIKELY, _LIKELY),
)
"""What AKS keeps the same on all nodes of a pool. AKS is not known to protect nodes, but nothing
says that it never does."""
