"""Node pools beside the scale sets, or the virtual machines, that are there for them.

A resource is never renamed, so its name decides before its tags, which people edit: scale sets
are called ``aks-<pool>-<8 digits>-vmss`` on Linux and ``aks<pool>`` on Windows, machines
``aks-<pool>-…``. Source: names seen in AKS node resource groups of 2020 to 2026; the digits are
per pool, not the cluster's suffix. Of the machines of a VirtualMachines pool AKS keeps a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool, PoolKind
from auditor.model.compute import Instance, Node, ScaleSet, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Outcome, Partial, each, partly
from auditor.model.rule import Subject
from auditor.model.snapshot import Cluster, NodePoolView

_LINUX_NAME = re.compile(r"aks-(?P<pool>[a-z0-9]+)-\d{5,}-vmss", re.IGNORECASE)
_POOL_TAGS = ("aks-managed-poolName", "poolName")
_KARPENTER = ("karpenter.azure.com", "karpenter.sh")
_KARPENTERS_NAME = re.compile(r"aks-[a-z0-9.-]+-[a-z0-9]{5}", re.IGNORECASE)
_SUFFIX_TAGS = ("aks-managed-resourceNameSuffix", "resourceNameSuffix")


def node_pools(cluster: Cluster) -> tuple[NodePoolView, ...]:
    """Every node pool of a cluster with its scale set and instances, in AKS's order.

    Raises :class:`~auditor.model.errors.UnreadableError` where the cluster itself is unread.
    """
    managed = cluster.managed.require()
    return tuple(_view(cluster, managed, pool) for pool in managed.pools)


def foreign_scale_sets(cluster: Cluster) -> Iterator[ScaleSet]:
    """Scale sets of the node resource group that carry no node pool of the cluster.

    Raises like :func:`each`; none is told that may carry a pool whose own does not read.
    """
    views, managed = node_pools(cluster), cluster.managed.require()
    unread = [view.pool for view in views if view.scale_set in cluster.scale_sets.causes]
    taken = {arm.key(v.scale_set.value.id) for v in views if isinstance(v.scale_set, Known)}
    for one in each(cluster.scale_sets):
        if arm.key(one.id) not in taken and not any(_carries(one, managed, p) for p in unread):
            yield one


def of_no_pool(cluster: Cluster) -> tuple[VirtualMachine, ...]:
    """The machines of the node resource group that are nodes of no node pool.

    Raises :class:`~auditor.model.errors.UnreadableError` where not all of them could be read.
    """
    managed = cluster.managed.require()
    there = cluster.virtual_machines.require()
    return tuple(vm for vm in there if _pool_of(vm, cluster, managed) is None)


def out_of_reach(view: NodePoolView, subject: Subject) -> str | None:
    """Why there is nothing of a node pool that a rule on such subjects could judge, if so."""
    name = view.pool.name
    if view.pool.is_hosted:
        return f"Microsoft holds the nodes of node pool {name} in a subscription of its own"
    if subject is Subject.SCALE_SET and not view.pool.is_on_scale_set:
        return f"node pool {name} is of type {view.pool.kind}, without a scale set to compare"
    return None


def without_pools(managed: ManagedCluster) -> str:
    """Why a cluster has no node pool that could be judged."""
    if managed.has_hosted_nodes:
        return "Microsoft holds the system nodes in a subscription of its own; no other pool exists"
    return "the cluster has no node pool"


def is_of_karpenter(machine: VirtualMachine) -> bool:
    """Whether node auto-provisioning, or a self-hosted Karpenter, tagged the machine as its own."""
    return any(tag.casefold().startswith(_KARPENTER) for tag in machine.tags)


def is_listed_by_aks(pool: NodePool) -> bool:
    """Whether AKS keeps a list of the pool's machines, which alone tells which ones it counts."""
    return pool.kind == PoolKind.VIRTUAL_MACHINES and not pool.is_hosted


def pool_of(machine: VirtualMachine, cluster: Cluster) -> str | None:
    """The pool that a machine is a node of: by its name, else by AKS's own list, else its tag."""
    return _pool_of(machine, cluster, cluster.managed.require())


def _pool_of(machine: VirtualMachine, cluster: Cluster, managed: ManagedCluster) -> str | None:
    own = [pool for pool in managed.pools if not pool.is_on_scale_set]
    fitting = (
        pool.name
        for belongs in (_by_name, _by_list, _by_tag)
        for pool in own
        if belongs(machine, pool, cluster)
    )
    return next(fitting, None)


def _by_name(machine: VirtualMachine, pool: NodePool, _cluster: Cluster) -> bool:
    """Karpenter's pools can bear the name of one of AKS's: tag and form of the name tell."""
    of_karpenter = is_of_karpenter(machine) and _KARPENTERS_NAME.fullmatch(machine.name)
    return is_machine_name(machine.name, pool) and not of_karpenter


def _by_list(machine: VirtualMachine, pool: NodePool, cluster: Cluster) -> bool:
    listed = cluster.machines_of(pool).known_or(()) if is_listed_by_aks(pool) else ()
    return any(arm.same(machine.id, listed_id) for listed_id in listed)


def _by_tag(machine: VirtualMachine, pool: NodePool, _cluster: Cluster) -> bool:
    return has_node_name(machine.name) and pool_tag(machine) == pool.name


def is_machine(resource_id: str) -> bool:
    """Whether what AKS lists in a pool is a VM, rather than a machine that has none (yet)."""
    return arm.resource_type(resource_id) == "microsoft.compute/virtualmachines"


def is_machine_name(name: str, pool: NodePool) -> bool:
    """Whether AKS would have named a machine of this pool so."""
    return name.casefold().startswith(f"aks-{pool.name.casefold()}-")


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
    carried: Facet[tuple[Node, ...]] = (
        instances if isinstance(instances, Gap) else Known(tuple(instances.value))
    )
    return NodePoolView(
        cluster=cluster,
        managed=managed,
        pool=pool,
        scale_set=scale_set,
        instances=instances,
        nodes=carried if pool.is_on_scale_set else _machines(cluster, pool),
    )


def unlisted_machines(view: NodePoolView) -> tuple[Gap, ...]:
    """Why a VM that could be read may be a node of the pool unseen: AKS's list of them was not."""
    listed = view.cluster.machines_of(view.pool)
    if not is_listed_by_aks(view.pool) or isinstance(listed, Known):
        return ()
    there = view.cluster.virtual_machines
    return (listed,) if isinstance(there, Known) and of_no_pool(view.cluster) else ()


def machines_there(cluster: Cluster, pool: NodePool) -> Facet[tuple[VirtualMachine, ...]]:
    """The VMs of a pool without a scale set, as far as Compute lists them."""
    read, managed = cluster.virtual_machines, cluster.managed
    if isinstance(read, Gap) and not isinstance(read, Partial):
        return read
    mine = (vm for vm in read.value if _pool_of(vm, cluster, managed.require()) == pool.name)
    return partly(tuple(mine), read.causes)


def _machines(cluster: Cluster, pool: NodePool) -> Facet[tuple[Node, ...]]:
    there = machines_there(cluster, pool)
    if isinstance(there, Gap):
        return there
    if not there.value and not _is_empty_by_design(cluster, pool):
        return _none_listed(cluster.managed.require(), pool, "no VM of this node pool was listed")
    return Known(tuple(there.value))


def _is_empty_by_design(cluster: Cluster, pool: NodePool) -> bool:
    """Whether the pool may be without VMs; of one that can have some, AKS must list none."""
    if pool.count == 0:
        return True
    listed = cluster.machines_of(pool)
    return (
        pool.may_be_empty and isinstance(listed, Known) and not any(map(is_machine, listed.value))
    )


def _scale_set(cluster: Cluster, managed: ManagedCluster, pool: NodePool) -> Facet[ScaleSet]:
    if not pool.is_on_scale_set:
        return _none_listed(managed, pool, f"node pools of type {pool.kind} have no scale set")
    known = cluster.scale_sets.known_or(())
    candidates = [s for s in known if _carries(s, managed, pool)]
    for gap in cluster.scale_sets.causes:
        if not candidates or pool_name(arm.name(gap.scope), managed) == pool.name:
            return gap
    if not candidates:
        return _none_listed(managed, pool, "no scale set of this node pool was listed")
    return Known(
        max(candidates, key=lambda s: (is_made_by_aks(s), pool_tag(s) is not None, s.name))
    )


def _carries(scale_set: ScaleSet, managed: ManagedCluster, pool: NodePool) -> bool:
    by_name = pool_name(scale_set.name, managed)
    if by_name is not None:
        return by_name == pool.name
    return has_node_name(scale_set.name) and pool_tag(scale_set) == pool.name


def pool_tag(carrier: ScaleSet | VirtualMachine) -> str | None:
    """The node pool that a carrier's tags name, if any."""
    return next((carrier.tags[tag] for tag in _POOL_TAGS if tag in carrier.tags), None)


def _none_listed(managed: ManagedCluster, pool: NodePool, message: str) -> Gap:
    return Gap(
        scope=f"{managed.id}/agentPools/{pool.name}",
        collector="scale_sets" if pool.is_on_scale_set else "virtual_machines",
        outcome=Outcome.SKIPPED,
        message=message,
    )
