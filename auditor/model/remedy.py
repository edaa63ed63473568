"""The supported way back, as commands with the cluster's own names filled in.

Sources: Microsoft's pages on each ``az aks`` command, named in the rules that use them; what the
Azure CLI (2.91) itself refuses. Whether an empty update repairs every property is not documented:
re-creating the nodes does. AKS makes them anew for a newer image; on the newest one it does nothing
(Azure/azure-cli-extensions#5989).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from auditor.model.aks import ManagedCluster, NodePool, PoolKind

_BY_IMAGE = "--node-image-only"


def az(command: str, managed: ManagedCluster, *more: str) -> str:
    """An ``az aks …`` command on the cluster; ``command`` such as ``nodepool scale``."""
    cluster_flag = "--cluster-name" if command.startswith("nodepool ") else "--name"
    parts = ["az", "aks", *command.split(), "--subscription", managed.subscription_id]
    parts += ["--resource-group", managed.resource_group, cluster_flag, managed.name, *more]
    return " ".join(shlex.quote(part) for part in parts)


def reconcile(managed: ManagedCluster) -> str:
    """Have AKS write its own settings again."""
    return az("update", managed)


def recreate_nodes(managed: ManagedCluster, pool: str) -> str:
    """Have AKS make the nodes of a pool anew, from its own newer image and its model.

    It renews neither single machines, which it deletes for new ones to be asked for, nor those of
    an availability set, which become a pool of machines.
    """
    asked = next((p for p in managed.pools if p.name == pool), None)
    if asked is not None and asked.has_single_machines:
        return az(
            "nodepool delete-machines", managed, "--name", pool, "--machine-names", "<machine>"
        )
    if asked is not None and asked.kind == PoolKind.AVAILABILITY_SET:
        return az("update", managed, "--migrate-vmas-to-vms")
    return az("nodepool upgrade", managed, "--name", pool, _BY_IMAGE)


def replace_node(machine_name: str) -> str:
    """Have Karpenter drain a node of its own and delete it; it makes another where one is needed.

    A machine is named ``aks-`` and its NodeClaim. Source: Karpenter's documentation on disruption,
    its Azure provider.
    """
    return shlex.join(["kubectl", "delete", "nodeclaim", machine_name.removeprefix("aks-")])


def takes_newer_image(command: str) -> bool:
    """Whether a command does nothing where no image is newer than the pool's."""
    return command.endswith(f" {_BY_IMAGE}")


def bring_back(managed: ManagedCluster, pool: NodePool) -> str:
    """Have AKS run the nodes of a pool again, by a command that the Azure CLI takes for such one.

    It scales no autoscaled pool, a pool of machines size by size, and no other to the number that
    AKS counts already: AKS then has to be sent its own request again.
    """
    if pool.has_single_machines or pool.kind == PoolKind.AVAILABILITY_SET:
        return reconcile(managed)
    if pool.autoscaling or pool.count is None:
        return recreate_nodes(managed, pool.name)
    if pool.kind == PoolKind.VIRTUAL_MACHINES:
        return _bring_back_machines(managed, pool, max(pool.count, 1))
    if pool.count > 0:
        return reconcile(managed)
    return az("nodepool scale", managed, "--name", pool.name, "--node-count", "1")


def _bring_back_machines(managed: ManagedCluster, pool: NodePool, count: int) -> str:
    """A count of several sizes together says nothing of any one of them."""
    if len(pool.vm_sizes) != 1:
        return reconcile(managed)
    sizes = ("--current-vm-sizes", pool.vm_sizes[0], "--vm-sizes", pool.vm_sizes[0])
    named = ("--name", pool.name, *sizes, "--node-count", str(count))
    return az("nodepool manual-scale update", managed, *named)


def bring_all_back(managed: ManagedCluster, pools: Iterable[NodePool]) -> tuple[str, ...]:
    """The same of several pools, each command once."""
    return tuple(dict.fromkeys(bring_back(managed, pool) for pool in pools))


def replace_pool(managed: ManagedCluster, pool: NodePool) -> tuple[str, ...]:
    """Add a pool of what AKS was asked for under another name, then delete the old one.

    In this order, for a cluster keeps one system pool at least. Labels, taints and settings of
    kubelet and kernel are not read, and left to the reader.
    """
    stated = {
        "--mode": pool.mode,
        "--os-type": pool.os_type,
        "--os-sku": pool.os_sku,
        "--node-vm-size": pool.vm_size,
        "--vnet-subnet-id": pool.subnet_id,
        "--priority": pool.priority if pool.is_spot else None,
    }
    flags = [part for flag, value in stated.items() if value for part in (flag, value)]
    zones = ("--zones", *pool.zones) if pool.zones else ()
    added = az("nodepool add", managed, "--name", "<new>", *flags, *zones, *_nodes(pool))
    return added, az("nodepool delete", managed, "--name", pool.name)


def _nodes(pool: NodePool) -> tuple[str, ...]:
    if not pool.autoscaling:
        return () if pool.count is None else ("--node-count", str(pool.count))
    bounds = {"--min-count": pool.min_count, "--max-count": pool.max_count}
    given = (part for flag, n in bounds.items() if n is not None for part in (flag, str(n)))
    return ("--enable-cluster-autoscaler", *given)


def lock_down(managed: ManagedCluster) -> str:
    """Keep everyone but AKS from writing to the node resource group from now on."""
    return az("update", managed, "--nrg-lockdown-restriction-level", "ReadOnly")


def exempt(group_id: str, policy_assignment: str) -> str:
    """Keep an assignment of Azure Policy from acting in a resource group."""
    parts = ["az", "policy", "exemption", "create", "--name", "aks-node-resource-group"]
    parts += ["--policy-assignment", policy_assignment, "--scope", group_id]
    return shlex.join([*parts, "--exemption-category", "Waiver"])


def restore(managed: ManagedCluster, pool: str) -> tuple[str, ...]:
    """Reconcile, then re-create the nodes of a pool (or only reconcile, where none is named)."""
    return (reconcile(managed), *((recreate_nodes(managed, pool),) if pool else ()))
