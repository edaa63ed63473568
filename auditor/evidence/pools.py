"""Node pools beside the scale sets that are there for them.

A scale set is never renamed, so its name decides before its tags, which people edit:
``aks-<pool>-<8 digits>-vmss`` on Linux, ``aks<pool>`` on Windows. Source: names seen in AKS node
resource groups of 2020 to 2026; the digits are per pool, not the cluster's suffix.
"""

from __future__ import annotations

import re

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool, PoolKind
from auditor.model.compute import Instance, ScaleSet, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.snapshot import Cluster, NodePoolView

_LINUX_NAME = re.compile(r"aks-(?P<pool>[a-z0-9]+)-\d{5,}-vmss", re.IGNORECASE)
_POOL_TAGS = ("aks-managed-poolName", "poolName")
_KARPENTER = ("karpenter.azure.com", "karpenter.sh")
_SUFFIX_TAGS = ("aks-managed-resourceNameSuffix", "resourceNameSuffix")


def node_pools(cluster: Cluster) -> tuple[NodePoolView, ...]:
    """Every node pool of a cluster with its scale set and instances, in AKS's order.

    Raises :class:`~auditor.model.errors.UnreadableError` where the cluster itself is unread.
    """
    managed = cluster.managed.require()
    return tuple(_view(cluster, managed, pool) for pool in managed.pools)


def foreign_scale_sets(cluster: Cluster) -> tuple[ScaleSet, ...]:
    """Scale sets of the node resource group that carry no node pool of the cluster."""
    taken = {
        arm.key(view.scale_set.value.id)
        for view in node_pools(cluster)
        if isinstance(view.scale_set, Known)
    }
    return tuple(s for s in cluster.scale_sets.require() if arm.key(s.id) not in taken)


def foreign_machines(cluster: Cluster) -> tuple[VirtualMachine, ...]:
    """Standalone VMs of the node resource group that neither a pool nor Karpenter made.

    Node auto-provisioning and self-hosted Karpenter tag what they make; pools of VMs carry the
    pool's tag or, in availability sets, its name; AKS Automatic surges with machines of its own.
    """
    managed = cluster.managed.require()
    return tuple(
        machine
        for machine in cluster.virtual_machines.require()
        if not _is_of_karpenter(machine) and not _is_of_pool(machine, managed)
    )


def _is_of_karpenter(machine: VirtualMachine) -> bool:
    return any(tag.casefold().startswith(_KARPENTER) for tag in machine.tags)


def _is_of_pool(machine: VirtualMachine, managed: ManagedCluster) -> bool:
    name, tag = machine.name.casefold(), _tag(machine)
    if managed.hosted_system_pools and name.startswith("aks-system-surge-"):
        return True
    return any(
        pool.kind != PoolKind.SCALE_SET
        and has_node_name(name)
        and (tag == pool.name or name.startswith(f"aks-{pool.name.casefold()}-"))
        for pool in managed.pools
    )


def is_made_by_aks(scale_set: ScaleSet) -> bool:
    """Whether AKS's own mark names this very scale set: a copied one carries another's name.

    The mark reads ``vmssclient-<name>``; in 2020 and before it was ``aks-<name>``.
    """
    tags, name = scale_set.tags, scale_set.name.casefold()
    mark = tags.get("aks-managed-creationSource") or tags.get("creationSource", "")
    return mark.casefold() in {f"vmssclient-{name}", f"aks-{name}"}


def pool_name(scale_set_name: str, managed: ManagedCluster) -> str | None:
    """The node pool for which AKS would have named a scale set so, if the cluster has it."""
    lowered = scale_set_name.casefold()
    linux = _LINUX_NAME.fullmatch(lowered)
    for pool in managed.pools:
        if linux and linux["pool"] == pool.name.casefold():
            return pool.name
        if pool.is_windows and lowered == f"aks{pool.name.casefold()}":
            return pool.name
    return None


def has_node_name(resource_name: str) -> bool:
    """Whether a scale set or VM is named as AKS names nodes, its pool existing or not."""
    return resource_name.casefold().startswith("aks")


def resource_name_suffix(cluster: Cluster) -> str | None:
    """The digits in the names of the cluster's managed NSG, VNet and route table.

    From the tag that AKS puts on every scale set; ``None`` where no scale set carries it, or
    where they disagree, since one must then have been edited.
    """
    suffixes = {
        scale_set.tags[tag]
        for scale_set in cluster.scale_sets.require()
        for tag in _SUFFIX_TAGS
        if scale_set.tags.get(tag)
    }
    return suffixes.pop() if len(suffixes) == 1 else None


def _view(cluster: Cluster, managed: ManagedCluster, pool: NodePool) -> NodePoolView:
    scale_set = _scale_set(cluster, managed, pool)
    instances: Facet[tuple[Instance, ...]] = (
        scale_set if isinstance(scale_set, Gap) else (cluster.instances_of(scale_set.value))
    )
    return NodePoolView(
        cluster=cluster, managed=managed, pool=pool, scale_set=scale_set, instances=instances
    )


def _scale_set(cluster: Cluster, managed: ManagedCluster, pool: NodePool) -> Facet[ScaleSet]:
    if pool.kind != PoolKind.SCALE_SET:
        return _no_scale_set(managed, pool, f"node pools of type {pool.kind} are not judged yet")
    if isinstance(cluster.scale_sets, Gap):
        return cluster.scale_sets
    candidates = [s for s in cluster.scale_sets.value if _carries(s, managed, pool)]
    if not candidates:
        return _no_scale_set(managed, pool, "no scale set of this node pool was listed")
    return Known(max(candidates, key=lambda s: (is_made_by_aks(s), _tag(s) is not None, s.name)))


def _carries(scale_set: ScaleSet, managed: ManagedCluster, pool: NodePool) -> bool:
    by_name = pool_name(scale_set.name, managed)
    if by_name is not None:
        return by_name == pool.name
    return has_node_name(scale_set.name) and (_tag(scale_set) or "") == pool.name


def _tag(carrier: ScaleSet | VirtualMachine) -> str | None:
    return next((carrier.tags[tag] for tag in _POOL_TAGS if tag in carrier.tags), None)


def _no_scale_set(managed: ManagedCluster, pool: NodePool, message: str) -> Gap:
    return Gap(
        scope=f"{managed.id}/agentPools/{pool.name}",
        collector="scale_sets",
        outcome=Outcome.SKIPPED,
        message=message,
    )
