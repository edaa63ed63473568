"""A resource in the node resource group was made neither by AKS nor by Kubernetes.

What it finds
-------------
Resources of your own in the node resource group: networks, security groups, storage, registries,
gateways, identities and whatever else no part of the cluster needs.

Why it matters
--------------
The node resource group is AKS's. It is deleted with the cluster, and whatever else lies in it too,
without being asked for. Its policies, locks and lockdown were not made for other resources.

What is not flagged
-------------------
What AKS, its add-ons and extensions, the CSI drivers, the cloud provider, Karpenter and the
application gateway ingress make. Public addresses, snapshots and alert rules, which Microsoft's own
pages have you put there. Links of AKS's private DNS zone to your networks. Scale sets, machines
with their parts, and autoscale settings, of which other rules speak. Resources that AKS may have
made, and volumes' disks and storage accounts, are a lead only; so is a type that AKS is not known
to use, for it may have begun to.

How to fix it
-------------
Move the resource to a resource group of its own before the cluster is deleted, or make it there
anew.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditor.evidence import residents
from auditor.evidence.residents import Origin
from auditor.model.facet import each
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster, Resident
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="META003",
    title="Foreign resource in the node resource group",
    severity=Severity.MEDIUM,
    clauses=("C5",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.METADATA}),
)

_WRITES = frozenset(
    {
        OperationKind.NETWORK_WRITE,
        OperationKind.NSG_WRITE,
        OperationKind.VNET_WRITE,
        OperationKind.NIC_WRITE,
        OperationKind.RESOURCE_WRITE,
    }
)
_SAID = {
    Origin.FOREIGN: "was made neither by AKS nor by Kubernetes",
    Origin.UNKNOWN_TYPE: "is of a type that AKS is not known to make",
    Origin.UNTOLD: "may not be AKS's",
}


def check(cluster: Cluster, context: Context) -> Iterator[Finding]:
    """Tell of every resident whose it is."""
    where = residents.place(cluster)
    for resident in each(cluster.residents):
        whose = residents.origin(resident, where)
        if whose in _SAID:
            yield _finding(resident, whose, where.managed.node_resource_group)


def _finding(resident: Resident, whose: Origin, group: str) -> Finding:
    certain = whose is Origin.FOREIGN
    return Finding(
        resource_id=resident.id,
        path="",
        summary=f"{resident.name} in {group} {_SAID[whose]}",
        severity=Severity.LOW if whose is Origin.UNTOLD else Severity.MEDIUM,
        confidence=Confidence.LIKELY if certain else Confidence.POSSIBLE,
        expected="resources of the cluster only",
        actual=resident.type,
        explained_by=_WRITES,
        advice=True,
        evidence=(
            Evidence(text=f"{resident.type} {resident.name} lies there", source=group),
            Evidence(
                text=f"tags: {', '.join(sorted(resident.tags)) or 'none'}", source=resident.name
            ),
        ),
        remediation="Move it to a group of its own: this one is deleted with the cluster.",
        commands=(
            "az resource move --destination-group <group> --ids " + shlex.quote(resident.id),
        ),
    )
