"""Someone other than AKS wrote the security group or the subnets that AKS manages.

What it finds
-------------
Operations on record by which a user, a service principal or another identity wrote or deleted the
cluster's own security group, one of its rules, or a subnet of AKS's own virtual network, also where
nothing of it can be seen any more. A network that was written as a whole counts where the request
named its subnets, and as a lead where the record does not say what was sent.

Why it matters
--------------
Security groups may be customised on your own subnets only. The cloud provider writes the managed
group anew with every change of a Service: an edit that is gone today has still let traffic in, or
kept it out, and made the cluster unsupportable.

What is not flagged
-------------------
AKS's own writes and those of the cluster's control-plane identity, by which the cloud provider
acts for Services and private links. Your own subnets and security groups, wherever they lie.
Changes of tags alone. Failed and forbidden calls. Other settings of the managed network.

How to fix it
-------------
Undo what was written, if it still stands, and open ports through Services or node pools. Take the
permission to write in the node resource group away from the caller, or switch on node resource
group lockdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import msgspec

from auditor.evidence import managed_network, recorded
from auditor.evidence.managed_network import ManagedNetwork
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity

RULE = Rule(
    id="NET004",
    title="AKS's security group or subnet was written outside AKS",
    severity=Severity.HIGH,
    clauses=("C6",),
    docs_url="https://learn.microsoft.com/azure/aks/concepts-network#network-security-groups",
    since="0.1.0",
    judges=Subject.CLUSTER,
    recorded=True,
)

_DID = MappingProxyType(
    {
        OperationKind.NSG_WRITE: "wrote security group",
        OperationKind.NSG_DELETE: "deleted security group",
        OperationKind.SUBNET_WRITE: "wrote subnet",
        OperationKind.VNET_WRITE: "wrote virtual network",
    }
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Report every such operation on AKS's own network objects."""
    deeds = tuple(recorded.deeds(RULE.id, cluster, context))
    if not deeds:
        return
    network = managed_network.of(cluster).require()
    for operation in deeds:
        certain = _touches(operation, network)
        if certain is not False:
            finding = recorded.finding(operation, _telling(operation, cluster), cluster, context)
            yield finding if certain else _lead(finding)


def _touches(operation: Operation, network: ManagedNetwork) -> bool | None:
    """Whether an operation changed the managed group or a managed subnet; ``None`` if untold.

    A network is written as a whole, its subnets included, but the record may say what was sent.
    """
    if not arm.same(operation.resource_id, network.vnet_id):
        is_group = arm.within(operation.resource_id, network.nsg_id)
        return is_group or network.is_managed(operation.resource_id)
    if operation.name.casefold().endswith("/delete"):
        return True
    sent = {part for path in operation.request_paths for part in path.casefold().split(".")}
    return "subnets" in sent if sent else None


def _lead(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, confidence=Confidence.POSSIBLE)


def _telling(operation: Operation, cluster: Cluster) -> recorded.Telling:
    did = f"{_DID[operation.kind]} {arm.name(operation.resource_id)}"
    rule = arm.segment(operation.resource_id, "securityRules")
    if rule is not None:
        verb = "removed" if operation.name.casefold().endswith("/delete") else "wrote"
        did = f"{verb} security rule {rule}"
    return recorded.Telling(
        did=did,
        severity=Severity.HIGH,
        remediation="Undo what still stands, and keep the caller out of the node resource group.",
        commands=(remedy.lock_down(cluster.managed.require()),),
    )
