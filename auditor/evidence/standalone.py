"""Machines of no node pool: nodes that Karpenter made, and machines that are nobody's nodes.

Node auto-provisioning is Karpenter, run by AKS; customers also run it themselves. Either way it
makes virtual machines ``aks-<nodeclaim>`` with an interface and an operating system disk of the
same name, and tags all of them. Size, image, zone, subnet, tags and operating system disk are its
user's choice, by NodePool and AKSNodeClass. No setting of these gives a node a security group, a
public address or a further interface, and node auto-provisioning takes none for identities
either; a self-hosted Karpenter has settings for identities and, of late, for a data disk. The surge
machines of AKS Automatic are known by their name alone, and not judged.

Sources: Karpenter's Azure provider, releases of 2024 to 2026; Microsoft's page on AKSNodeClass.
"""

from __future__ import annotations

from auditor.evidence import pools
from auditor.model.aks import ManagedCluster
from auditor.model.compute import DataDisk, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Partial, partly
from auditor.model.snapshot import Cluster, NodesView, StandaloneNodes


def nodes_of(cluster: Cluster) -> StandaloneNodes | None:
    """The nodes that Karpenter made, or ``None`` where there certainly are none."""
    found = _found(cluster)
    if found == Known(()):
        return None
    return StandaloneNodes(cluster=cluster, managed=cluster.managed.require(), nodes=found)


def whose(view: NodesView) -> str:
    """Whose the nodes are, in words that follow a node's name."""
    if isinstance(view, StandaloneNodes):
        return "that Karpenter made"
    return f"of node pool {view.pool.name}"


def is_of_node_class(disk: DataDisk, machine: VirtualMachine, managed: ManagedCluster) -> bool:
    """Whether a self-hosted Karpenter may have made the data disk with its machine."""
    own = (disk.name or "").casefold().startswith(f"{machine.name.casefold()}-data")
    return own and not managed.node_provisioning


def foreign_machines(cluster: Cluster) -> tuple[VirtualMachine, ...]:
    """Standalone VMs of the node resource group that neither a pool nor Karpenter made.

    Node auto-provisioning and self-hosted Karpenter tag what they make; pools of VMs carry the
    pool's tag or its name; AKS Automatic surges with machines of its own.

    Raises :class:`~auditor.model.errors.UnreadableError` where a machine may be one of those that
    AKS lists, and that list could not be read.
    """
    strangers = tuple(m for m in pools.of_no_pool(cluster) if not _is_node(m, cluster))
    _require_lists(cluster, strangers)
    return strangers


def every_kind(cluster: Cluster) -> tuple[VirtualMachine, ...]:
    """Node VMs that belong to no pool: Karpenter's, AKS Automatic's, and what looks like one."""
    return tuple(machine for machine in pools.of_no_pool(cluster) if _looks_like_node(machine))


def all_of_every_kind(cluster: Cluster) -> tuple[VirtualMachine, ...]:
    """The same, and certainly no other machine is a node.

    Raises :class:`~auditor.model.errors.UnreadableError` like :func:`foreign_machines`.
    """
    others = tuple(m for m in pools.of_no_pool(cluster) if not _looks_like_node(m))
    _require_lists(cluster, others)
    return every_kind(cluster)


def _found(cluster: Cluster) -> Facet[tuple[VirtualMachine, ...]]:
    """Karpenter's machines; a gap where AKS may list one of them in a pool, unseen."""
    there = cluster.virtual_machines
    if isinstance(there, Gap) and not isinstance(there, Partial):
        return there
    tagged = (machine for machine in there.value if pools.is_of_karpenter(machine))
    own = tuple(machine for machine in tagged if pools.pool_of(machine, cluster) is None)
    unread = _unread_lists(cluster) if own else ()
    return unread[0] if unread else partly(own, there.causes)


def _looks_like_node(machine: VirtualMachine) -> bool:
    tagged = pools.pool_tag(machine) is not None or pools.is_of_karpenter(machine)
    return tagged or pools.has_node_name(machine.name)


def _is_node(machine: VirtualMachine, cluster: Cluster) -> bool:
    return pools.is_of_karpenter(machine) or _is_surge(machine, cluster.managed.require())


def _is_surge(machine: VirtualMachine, managed: ManagedCluster) -> bool:
    return managed.has_hosted_nodes and machine.name.casefold().startswith("aks-system-surge-")


def _require_lists(cluster: Cluster, strangers: tuple[VirtualMachine, ...]) -> None:
    """A machine may be one of those that AKS lists, where such a list could not be read."""
    for gap in _unread_lists(cluster) if strangers else ():
        gap.require()


def _unread_lists(cluster: Cluster) -> tuple[Gap, ...]:
    listed = filter(pools.is_listed_by_aks, cluster.managed.require().pools)
    read = (cluster.machines_of(pool) for pool in listed)
    return tuple(facet for facet in read if isinstance(facet, Gap))
