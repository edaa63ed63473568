"""Machines of no node pool: nodes that Karpenter or AKS Automatic made, and those of strangers."""

from __future__ import annotations

from auditor.evidence import pools
from auditor.model.aks import ManagedCluster
from auditor.model.compute import VirtualMachine
from auditor.model.snapshot import Cluster


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


def _looks_like_node(machine: VirtualMachine) -> bool:
    tagged = pools.pool_tag(machine) is not None or pools.is_of_karpenter(machine)
    return tagged or pools.has_node_name(machine.name)


def _is_node(machine: VirtualMachine, cluster: Cluster) -> bool:
    return pools.is_of_karpenter(machine) or _is_surge(machine, cluster.managed.require())


def _is_surge(machine: VirtualMachine, managed: ManagedCluster) -> bool:
    return managed.has_hosted_nodes and machine.name.casefold().startswith("aks-system-surge-")


def _require_lists(cluster: Cluster, strangers: tuple[VirtualMachine, ...]) -> None:
    """A machine may be one of those that AKS lists, where such a list could not be read."""
    for pool in cluster.managed.require().pools if strangers else ():
        if pools.is_listed_by_aks(pool):
            cluster.machines_of(pool).require()
