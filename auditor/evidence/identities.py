"""Identities of scale sets and node VMs: which of them AKS or its add-ons need on their nodes.

The cluster names its kubelet's and its add-ons' identities itself; cluster extensions and cost
analysis have one that only its name tells. Sources: the cluster's ``identityProfile``,
``addonProfiles`` and ``ingressProfile`` (REST reference of ``managedClusters``, 2026-08-01); names
in AKS node resource groups, 2020 to 2026; Azure Policy's built-in definitions for the Azure Monitor
agent; Microsoft's page on cost analysis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity, ManagedCluster
from auditor.model.compute import ScaleSet, VirtualMachine
from auditor.model.facet import Gap, Outcome
from auditor.model.verdict import Confidence

_ADDONS = frozenset(
    {
        "accsgxdeviceplugin",
        "aciconnectorlinux",
        "ai-toolchain-operator",
        "applicationloadbalancer",
        "azurekeyvaultsecretsprovider",
        "azurepolicy",
        "cost-analysis-identity",
        "httpapplicationrouting",
        "ingressapplicationgateway",
        "kubedashboard",
        "omsagent",
        "webapprouting",
    }
)
"""Add-ons whose identities AKS names after add-on and cluster; cost analysis after itself."""

_GUID = r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"
_MONITOR_AGENT = "azuremonitor"
Carrier: TypeAlias = ScaleSet | VirtualMachine
"""What identities are assigned to."""

_KUBELET_TAG = "aks-managed-kubeletIdentityClientID"
_SSH_TAG = "aks-managed-ssh-access"


class Stranger(msgspec.Struct, frozen=True):
    """An identity that no part of AKS is known to need, what it looks like, and how sure it is."""

    id: str
    words: str
    confidence: Confidence


def kubelet(managed: ManagedCluster) -> ClusterIdentity | None:
    """The kubelet's identity; a cluster with a service principal has none."""
    own = (i for i in managed.identities if i.role == "kubelet" and i.resource_id)
    return next(own, None)


def was_given(carrier: Carrier, identity: ClusterIdentity) -> bool:
    """Whether AKS's own mark says that the carrier was made with this kubelet identity.

    Pools that were not upgraded since their cluster got its identity are still without it.
    """
    mark = carrier.tags.get(_KUBELET_TAG, "")
    return bool(mark) and mark.casefold() == identity.client_id.casefold()


def untold(carrier: Carrier) -> Gap | None:
    """The gap where a carrier says that it has user-assigned identities, and names none.

    Resource lists are known to leave them out.
    """
    if carrier.identity_ids or "userassigned" not in (carrier.identity_type or "").casefold():
        return None
    return Gap(
        scope=carrier.id,
        collector="scale_sets" if isinstance(carrier, ScaleSet) else "virtual_machines",
        outcome=Outcome.FAILED,
        code="IdentitiesNotNamed",
        message=f"{carrier.name} has user-assigned identities, which Azure did not name",
    )


def kubelet_untold(managed: ManagedCluster, carrier: Carrier) -> Gap | None:
    """The gap where a cluster with a managed identity does not say which one is kubelet's.

    Any that the nodes have may then be the one. Clusters with a service principal have none.
    """
    if kubelet(managed) or managed.service_principal_client_id or not carrier.identity_ids:
        return None
    return Gap(
        scope=managed.id,
        collector="clusters",
        outcome=Outcome.FAILED,
        code="KubeletIdentityNotNamed",
        message=f"AKS did not name the kubelet identity of cluster {managed.name}",
    )


def system_assigned(carrier: Carrier) -> Confidence | None:
    """How sure it is that a system-assigned identity is not AKS's, where there is one.

    The sign-in by Entra ID uses one on virtual machines; whether AKS's does is not known.
    """
    if "systemassigned" not in (carrier.identity_type or "").casefold():
        return None
    signs_in = carrier.tags.get(_SSH_TAG, "").casefold() == "entraid"
    return Confidence.POSSIBLE if signs_in else Confidence.LIKELY


def strangers(managed: ManagedCluster, carrier: Carrier) -> Iterator[Stranger]:
    """The user-assigned identities that nothing explains.

    Pod identity, AKS's first, puts the identities of pods on the nodes: then any may be needed.
    """
    if managed.pod_identity or kubelet_untold(managed, carrier):
        return
    named = {arm.key(i.resource_id) for i in managed.identities if i.role != "control_plane"}
    for identity_id in carrier.identity_ids:
        if arm.key(identity_id) in named or _is_known(identity_id, managed):
            continue
        yield Stranger(identity_id, *_looks(identity_id, managed, carrier))


def _is_known(identity_id: str, managed: ManagedCluster) -> bool:
    """A cluster extension's, or the one that Microsoft puts on its own subscriptions' machines."""
    name, group = arm.name(identity_id).casefold(), arm.resource_group(identity_id).casefold()
    if group == "azsecpackautoconfigrg":
        return name.startswith("azsecpackautoconfigua")
    of_extension = re.fullmatch(rf"ext-{_GUID}-{re.escape(managed.name.casefold())}", name)
    return _is_in_node_group(identity_id, managed) and of_extension is not None


def _looks(identity_id: str, managed: ManagedCluster, carrier: Carrier) -> tuple[str, Confidence]:
    """What an identity looks like that the cluster does not name, and how sure it is foreign.

    AKS works on node VMs with the cluster's own identity; whether it ever puts it on them is not
    known.
    """
    name, group = arm.name(identity_id).casefold(), arm.resource_group(identity_id)
    addon = name.removesuffix(f"-{managed.name.casefold()}")
    if _is_in_node_group(identity_id, managed) and addon in _ADDONS:
        words = "named like that of an add-on, which the cluster does not have"
        return words, Confidence.POSSIBLE
    if group.casefold() == "built-in-identity-rg" and name.startswith("built-in-identity"):
        return "usually assigned by Azure Policy for the Azure Monitor agent", Confidence.POSSIBLE
    if isinstance(carrier, VirtualMachine) and _is_control_planes(identity_id, managed):
        return "that of the cluster's control plane", Confidence.POSSIBLE
    if any(_MONITOR_AGENT in e.type.casefold() for e in carrier.extensions):
        return "perhaps that of the Azure Monitor agent on these nodes", Confidence.POSSIBLE
    return f"of resource group {group}, which the cluster does not name", Confidence.LIKELY


def _is_control_planes(identity_id: str, managed: ManagedCluster) -> bool:
    own = (i.resource_id for i in managed.identities if i.role == "control_plane")
    return any(arm.same(identity_id, i) for i in own if i)


def _is_in_node_group(identity_id: str, managed: ManagedCluster) -> bool:
    return arm.within(identity_id, managed.node_resource_group_id)
