"""The subnet that AKS manages for its nodes lost AKS's security group, or got another.

What it finds
-------------
The node subnet of AKS's own virtual network (``aks-vnet-<number>``, ``aks-subnet``) without a
security group, or with another than the cluster's own; or the subnet or the network gone, while
node pools live there.

Why it matters
--------------
Security groups may be customised on your own subnets only. On the managed subnet, AKS's group is
what lets traffic in to Services and keeps the rest out. Taking it off or replacing it leaves the
nodes open or cut off, and the cluster unsupportable.

What is not flagged
-------------------
The subnets ``aks-appgateway`` and ``aks-virtualkubelet``, which have no security group by design.
Your own subnets, also in a network that lies in the node resource group. A cluster that is being
created or deleted. Where the scale sets carry AKS's group on their network interfaces instead, as
older clusters may: a lead only.

How to fix it
-------------
Attach the cluster's own security group to the subnet again by reconciling the cluster, and check
afterwards. If the subnet needs a security group of your own, make the cluster on your own subnet.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import managed_network, pools
from auditor.evidence.managed_network import ManagedNetwork
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.network import Subnet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, NotApplicable, Severity, Unknown

RULE = Rule(
    id="NET002",
    title="Managed node subnet lost or changed its security group",
    severity=Severity.HIGH,
    clauses=("C6",),
    docs_url="https://learn.microsoft.com/azure/aks/concepts-network#network-security-groups",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.NETWORK}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown | NotApplicable]:
    """Compare what is attached to the node subnet with the cluster's own security group."""
    unsettled = managed_network.unsettled(cluster.managed.require())
    if unsettled is not None:
        yield Unknown(gap=unsettled)
        return
    network = managed_network.of(cluster).require()
    virtual_network = managed_network.virtual_network(cluster, network)
    subnet = virtual_network.subnet(network.node_subnet_id) if virtual_network else None
    if subnet is None:
        yield from _gone(cluster, network)
    elif moving := managed_network.moving(subnet, "what is attached is not settled"):
        yield Unknown(gap=moving)
    elif not arm.same(subnet.nsg_id, network.nsg_id):
        yield _finding(cluster, network, subnet.nsg_id, _confidence(cluster, network, subnet))


def _gone(cluster: Cluster, network: ManagedNetwork) -> Iterator[Finding | Unknown | NotApplicable]:
    """A subnet that no list shows: on a custom network there is none, else it must be proven."""
    views = pools.node_pools(cluster)
    housed = [view.pool.name for view in views if managed_network.houses(network, view)]
    if not housed:
        yield NotApplicable(reason="no node pool lives on a network of AKS's own")
        return
    if cluster.is_present(network.node_subnet_id).require():
        what = "answers, though the list lacks it"
        yield Unknown(gap=managed_network.in_motion(network.node_subnet_id, what))
        return
    yield _finding(cluster, network, "404 Not Found", Confidence.LIKELY, *housed)


def _confidence(cluster: Cluster, network: ManagedNetwork, subnet: Subnet) -> Confidence:
    """Older clusters may carry the group on the network interfaces in place of the subnet."""
    nics = [nic for scale_set in cluster.scale_sets.require() for nic in scale_set.nics]
    on_nics = any(arm.same(nic.nsg_id, network.nsg_id) for nic in nics)
    return Confidence.POSSIBLE if on_nics and subnet.nsg_id is None else Confidence.LIKELY


def _finding(
    cluster: Cluster,
    network: ManagedNetwork,
    actual: str | None,
    confidence: Confidence,
    *housed: str,
) -> Finding:
    managed, name = cluster.managed.require(), arm.name(network.nsg_id)
    return Finding(
        resource_id=network.node_subnet_id,
        path="networkSecurityGroup",
        summary=_summary(name, actual, housed),
        severity=Severity.HIGH,
        confidence=confidence,
        expected=network.nsg_id,
        actual=actual or "none",
        explained_by=frozenset({OperationKind.SUBNET_WRITE, OperationKind.VNET_WRITE}),
        evidence=(
            Evidence(
                text=f"the cluster's own security group is {name}, by its number",
                source="tags of the scale sets, names in the node resource group",
            ),
            Evidence(
                text=f"attached to aks-subnet: {actual or 'none'}",
                source=arm.name(network.vnet_id),
            ),
        ),
        remediation="Reconcile the cluster so that AKS attaches its own security group again.",
        commands=(remedy.reconcile(managed), remedy.lock_down(managed)),
    )


def _summary(group: str, actual: str | None, housed: tuple[str, ...]) -> str:
    if housed:
        return f"AKS's node subnet is gone, though node pools live there: {', '.join(housed)}"
    if actual is None:
        return f"AKS's node subnet lost its security group {group}"
    return f"AKS's node subnet has security group {arm.name(actual)} in place of {group}"
