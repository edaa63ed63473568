"""Node VMs: the machines of a pool without a scale set, beside what AKS was asked for.

A machine has no model that it could be held against: what its node pool and its cluster state is
all there is, and of a VirtualMachines pool that is little. How AKS makes such machines is known
from few witnesses, so that nothing that their state alone shows is more than likely. Of a machine
that Karpenter made only that is compared which no user of Karpenter can ask for.

Sources: the REST reference of ``agentPools`` (2026-08-01); Microsoft's page on VirtualMachines
node pools; pools of machines and an availability set, 2020 to 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from auditor.evidence import nodes, pool_model, pools
from auditor.evidence.single_nodes import Departure
from auditor.evidence.transitions import FAILED, SETTLED
from auditor.model import resource_id as arm
from auditor.model.aks import NodePool
from auditor.model.compute import VirtualMachine
from auditor.model.facet import Facet, Gap, Outcome, Partial
from auditor.model.network import NetworkInterface
from auditor.model.snapshot import NodePoolView, NodesView, StandaloneNodes
from auditor.model.verdict import Confidence

_LIKELY, _POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


class Machines(msgspec.Struct, frozen=True):
    """The node VMs of a view that can be judged, lowest first, and why others cannot."""

    settled: tuple[VirtualMachine, ...]
    gaps: tuple[Gap, ...]


def of(view: NodesView) -> Machines:
    """The machines of a pool without a scale set, or of no pool.

    Raises :class:`~auditor.model.errors.UnreadableError` where none could be read.
    """
    read = _read(view)
    if not isinstance(read, Partial):
        view.nodes.require()
    known: tuple[VirtualMachine, ...] = read.known_or(())
    there = sorted(known, key=nodes.number)
    changing = [machine for machine in there if nodes.is_changing(machine)]
    settled = tuple(machine for machine in there if not nodes.is_changing(machine))
    moving = (nodes.in_transition(view, changing),) if changing else ()
    return Machines(settled, (*moving, *read.causes))


def _read(view: NodesView) -> Facet[tuple[VirtualMachine, ...]]:
    if isinstance(view, StandaloneNodes):
        return view.nodes
    return pools.machines_there(view.cluster, view.pool)


def interfaces(view: NodesView, machine: VirtualMachine) -> Iterator[NetworkInterface]:
    """The machine's network interfaces that can be judged, as far as the group lists them."""
    for interface in view.cluster.network_interfaces.known_or(()):
        if _is_of(interface, machine) and not _is_in_motion(interface):
            yield interface


def interface_gaps(view: NodesView, machine: VirtualMachine) -> Iterator[Gap]:
    """Why a machine's network interfaces cannot be judged, if so."""
    facet = view.cluster.network_interfaces
    if isinstance(facet, Gap):
        yield facet
        return
    own = [interface for interface in facet.value if _is_of(interface, machine)]
    known = {arm.key(interface.id) for interface in own}
    for interface in own:
        if _is_in_motion(interface):
            yield _unjudged(interface.id, Outcome.TRANSITION, "is just being changed")
    for interface_id in machine.nic_ids:
        if arm.key(interface_id) not in known:
            yield _unjudged(interface_id, Outcome.SKIPPED, "is not listed in the group")


def is_first(interface: NetworkInterface, machine: VirtualMachine) -> bool:
    """Whether an interface carries the node's own address."""
    return interface.primary or len(machine.nic_ids) == 1


def departures(view: NodesView, machine: VirtualMachine) -> Iterator[Departure]:
    """In what the machine itself differs from what AKS was asked for."""
    if isinstance(view, StandaloneNodes):
        yield from _told(_count(machine, machine.tags))
    else:
        further = _count(machine, view.pool.tags)
        yield from _told(_size(view, machine), _administrator(view, machine), further)


def interface_departures(view: NodesView, interface: NetworkInterface) -> Iterator[Departure]:
    """In what one of its network interfaces does; security groups are another matter.

    Of a pool of single machines AKS is asked for each interface by itself.
    """
    if isinstance(view, StandaloneNodes):
        yield from _told(_public_address(interface))
    elif not view.pool.has_single_machines:
        asked_for = _may_have_public_address(view.pool)
        address = None if asked_for else _public_address(interface)
        yield from _told(_subnet(view, interface), address, _dns_servers(interface))


def _told(*compared: Departure | None) -> Iterator[Departure]:
    return (departure for departure in compared if departure is not None)


def _size(view: NodePoolView, machine: VirtualMachine) -> Departure | None:
    """A size that AKS itself counts nodes of, though no profile asks for it, is a lead only.

    A pool of single machines has no profiles: each machine may be of any size.
    """
    asked = view.pool.vm_sizes or ((view.pool.vm_size,) if view.pool.vm_size else ())
    actual = machine.vm_size
    if not actual or not asked or _is_among(actual, asked):
        return None
    sure = _POSSIBLE if _is_among(actual, view.pool.current_vm_sizes) else _LIKELY
    return Departure("hardwareProfile.vmSize", "VM size", " or ".join(asked), actual, sure)


def _administrator(view: NodePoolView, machine: VirtualMachine) -> Departure | None:
    managed = view.managed
    own = managed.windows_admin_username if view.pool.is_windows else managed.admin_username
    actual = machine.admin_username
    if not own or not actual or _is_among(actual, (own,)):
        return None
    return Departure("osProfile.adminUsername", "Administrator's name", own, actual, _LIKELY)


def _count(machine: VirtualMachine, tags: Iterable[str]) -> Departure | None:
    """Tags of a pool, or of a NodeClass, can ask AKS for more (``aks-nic-secondary-count``)."""
    asked_for = any(tag.casefold().startswith("aks-nic-") for tag in tags)
    if asked_for or len(machine.nic_ids) <= 1:
        return None
    actual = ", ".join(map(arm.name, machine.nic_ids))
    path, words = "networkProfile.networkInterfaces", "Network interfaces"
    return Departure(path, words, "one", actual, _LIKELY)


def _subnet(view: NodePoolView, interface: NetworkInterface) -> Departure | None:
    allowed = pool_model.allowed_subnets(view)
    pods = arm.key(view.pool.pod_subnet_id or "")
    others = [i for i in interface.subnet_ids if arm.key(i) not in {*allowed, pods}]
    if not allowed or not others:
        return None
    expected = " or ".join(allowed[key] for key in sorted(allowed))
    path = "ipConfigurations.subnet"
    return Departure(path, "Subnet", expected, ", ".join(dict.fromkeys(others)), _LIKELY)


def _may_have_public_address(pool: NodePool) -> bool:
    """A gateway pool's nodes get addresses by AKS's and the gateway's hand."""
    return bool(pool.node_public_ip) or pool.mode.casefold() == "gateway"


def _public_address(interface: NetworkInterface) -> Departure | None:
    if not interface.public_ip_ids:
        return None
    actual = ", ".join(map(arm.name, interface.public_ip_ids))
    return Departure("ipConfigurations.publicIPAddress", "Public address", "none", actual, _LIKELY)


def _dns_servers(interface: NetworkInterface) -> Departure | None:
    """AKS leaves name servers to the network; whether it always did, nobody knows."""
    if not interface.dns_servers:
        return None
    actual = ", ".join(interface.dns_servers)
    path = "dnsSettings.dnsServers"
    return Departure(path, "DNS servers", "none of its own", actual, _POSSIBLE)


def _is_among(value: str, allowed: tuple[str, ...]) -> bool:
    return value.casefold() in {one.casefold() for one in allowed}


def _is_of(interface: NetworkInterface, machine: VirtualMachine) -> bool:
    return any(arm.same(interface.id, nic_id) for nic_id in machine.nic_ids)


def _is_in_motion(interface: NetworkInterface) -> bool:
    return interface.provisioning_state.casefold() not in SETTLED | FAILED


def _unjudged(interface_id: str, outcome: Outcome, what: str) -> Gap:
    return Gap(
        scope=interface_id,
        collector="network_interfaces",
        outcome=outcome,
        code="Transition" if outcome is Outcome.TRANSITION else "NotListed",
        message=f"network interface {arm.name(interface_id)} {what}",
    )
