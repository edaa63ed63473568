"""Actors: whose hand it was.

The first match wins: AKS's resource provider; the cluster's own identities *doing what they are
known to do*; Azure Policy and other managed identities; Microsoft's services; a user; a service
principal; the platform. What matches none is unknown, never a guess.

A user who calls the AKS API acts in a supported way, and what AKS then does to the nodes is
done by AKS's own hand. A shared correlation id absolves nobody: one deployment can write the
cluster and its scale set under one id. What the cluster's identity is expected to do: the
permissions that AKS documents for it ("AKS service permissions").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from auditor.evidence import applications, pools
from auditor.evidence.operations import Call
from auditor.evidence.principals import Principals, is_delegated, readable
from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity, ManagedCluster, NodePool, PoolKind
from auditor.model.operation import Actor, ActorKind, Claims, Operation, OperationKind

Kind = OperationKind

# What pods do through an identity of the cluster (backups, DNS, certificates) is no node's matter.
_OTHERS_OF_THE_CLUSTER = frozenset({Kind.OTHER, Kind.RESOURCE_WRITE, Kind.RESOURCE_DELETE})
# Restarts, reimages and upgrades are AKS's repair and upgrade work where it acts by the cluster's
# own principal (Azure/AKS#624), the subnet write is its cloud provider's, for private links.
_CONTROL_PLANE = _OTHERS_OF_THE_CLUSTER | {
    Kind.SCALE_SET_WRITE,
    Kind.SCALE_SET_SCALE,
    Kind.NODE_WRITE,
    Kind.NODE_DELETE,
    Kind.NODE_UP,
    Kind.NODE_REIMAGE,
    Kind.NIC_WRITE,
    Kind.OS_DISK_WRITE,
    Kind.NSG_WRITE,
    Kind.SUBNET_WRITE,
    Kind.NETWORK_WRITE,
    Kind.NETWORK_DELETE,
}
_EXTENSIONS = frozenset({Kind.EXTENSION_WRITE, Kind.EXTENSION_DELETE})
_KARPENTER = _OTHERS_OF_THE_CLUSTER | {
    Kind.NODE_WRITE,
    Kind.NODE_DELETE,
    Kind.NIC_WRITE,
    Kind.OS_DISK_WRITE,
}
_RESOURCE_TYPE = re.compile(r"microsoft\.\w+/", re.IGNORECASE)
_KARPENTER_EXTENSION = re.compile(r"computeaks\w+billing|(windows-)?cse-agent-karpenter")


class Classifier:
    """Classifies the callers of one cluster's operations.

    Who is known by claims in one record of the log is known in those that have but the id.
    """

    def __init__(self, managed: ManagedCluster, calls: Iterable[Call]) -> None:
        self._managed = managed
        self._identities = tuple(_identities(managed))
        calls = tuple(calls)
        self._principals = Principals(calls)
        self._karpenter = {
            arm.key(call.claims.managed_identity_id) for call in calls if _is_karpenters(call)
        }

    def actor(self, call: Call) -> Actor:
        """Who made this call."""
        call = self._principals.identified(call)
        if _is_app_of_aks(call):
            return _actor(call, ActorKind.AKS, "AKS resource provider")
        own = [identity for identity in self._identities if _acts_as(call, identity)]
        for identity in own:
            if call.operation.kind in self._expected(identity, call.operation):
                return _actor(call, ActorKind.CLUSTER_IDENTITY, identity.name or identity.role)
        if self._is_karpenter_at_work(call):
            name = arm.name(call.claims.managed_identity_id)
            return _actor(call, ActorKind.CLUSTER_IDENTITY, f"self-hosted Karpenter ({name})")
        named = _of_managed_identity(call) or _of_service(call) or _of_user(call)
        actor = named or _of_application(call) or _of_nobody(call) or _of_bare_id(call)
        return _reused(actor, own[0]) if own else actor

    def _is_karpenter_at_work(self, call: Call) -> bool:
        """Karpenter makes and deletes virtual machines of its own, and touches no scale set."""
        operation, identity = call.operation, call.claims.managed_identity_id
        if arm.key(identity) not in self._karpenter or _in_scale_set(operation):
            return False
        if operation.kind is Kind.EXTENSION_WRITE:
            name = arm.name(operation.resource_id).casefold()
            return bool(_KARPENTER_EXTENSION.fullmatch(name))
        return operation.kind in _KARPENTER

    def _expected(self, identity: ClusterIdentity, operation: Operation) -> frozenset[Kind]:
        """What AKS is known to do through this identity; pods can use most of them."""
        if identity.role == "kubelet" and self._managed.pod_identity:
            return _OTHERS_OF_THE_CLUSTER | {Kind.SCALE_SET_WRITE}
        if identity.role not in {"control_plane", "service_principal"}:
            return _OTHERS_OF_THE_CLUSTER
        if _in_scale_set(operation):
            pool = self._pool(operation)
            down = pool is not None and pool.keeps_deallocated_nodes
            return _CONTROL_PLANE | {Kind.NODE_DOWN} if down else _CONTROL_PLANE
        down = self._managed.is_stopped or any(
            pool.is_stopped or pool.keeps_deallocated_nodes
            for pool in self._managed.pools
            if pool.kind != PoolKind.SCALE_SET
        )
        alone = _CONTROL_PLANE | _EXTENSIONS
        return alone | {Kind.NODE_DOWN} if down else alone

    def _pool(self, operation: Operation) -> NodePool | None:
        scale_set = arm.segment(operation.resource_id, "virtualMachineScaleSets") or ""
        wanted = pools.pool_name(scale_set, self._managed)
        return next((pool for pool in self._managed.pools if pool.name == wanted), None)


def _identities(managed: ManagedCluster) -> Iterable[ClusterIdentity]:
    """Every identity that the cluster calls its own, its control plane's first."""
    yield ClusterIdentity(role="control_plane", name=managed.name, resource_id=managed.id)
    yield from managed.identities
    if managed.service_principal_client_id:
        client_id = managed.service_principal_client_id
        yield ClusterIdentity(role="service_principal", name=client_id, client_id=client_id)


def _acts_as(call: Call, identity: ClusterIdentity) -> bool:
    claims = call.claims
    ids = {i.casefold() for i in (claims.object_id, claims.app_id, call.caller) if i}
    mirid = claims.managed_identity_id
    return bool(ids & {identity.principal_id.casefold(), identity.client_id.casefold()}) or (
        bool(mirid) and arm.same(identity.resource_id, mirid)
    )


def _in_scale_set(operation: Operation) -> bool:
    return arm.segment(operation.resource_id, "virtualMachineScaleSets") is not None


def _is_app_of_aks(call: Call) -> bool:
    return call.claims.app_id.casefold() == applications.AKS_RESOURCE_PROVIDER


def _is_karpenters(call: Call) -> bool:
    """Whether a managed identity makes nodes as Karpenter does: by its tags, or by its name."""
    identity = call.claims.managed_identity_id
    if arm.segment(identity, "userAssignedIdentities") is None:
        return False
    makes_node = call.operation.kind is Kind.NODE_WRITE and not _in_scale_set(call.operation)
    tagged = any("karpenter" in path.casefold() for path in call.operation.request_paths)
    return makes_node and (tagged or "karpenter" in arm.name(identity).casefold())


def _actor(call: Call, kind: ActorKind, name: str, *, positive: bool = True) -> Actor:
    claims = call.claims
    return Actor(
        kind=kind,
        name=name,
        id=claims.object_id or call.caller or claims.app_id,
        client=applications.client(claims),
        address=call.client_address or claims.address,
        positive=positive,
    )


def _of_managed_identity(call: Call) -> Actor | None:
    identity = call.claims.managed_identity_id
    assignment = arm.segment(identity, "policyAssignments")
    if assignment is None and not is_delegated(call):
        assignment = arm.segment(call.policy_assignment, "policyAssignments")
    if assignment:
        return _of_policy(call, assignment)
    name = arm.name(identity) + _home(call)
    return _actor(call, ActorKind.MANAGED_IDENTITY, name) if identity else None


def _of_policy(call: Call, assignment: str) -> Actor:
    """Azure Policy by the name of its assignment, whose own identity does the work."""
    identity = call.claims.managed_identity_id
    own = arm.segment(identity, "policyAssignments") is not None
    return msgspec.structs.replace(
        _actor(call, ActorKind.AZURE_POLICY, assignment),
        client="Azure Policy",
        policy_assignment=identity if own else call.policy_assignment,
    )


def _of_service(call: Call) -> Actor | None:
    if not call.claims.app_id and _RESOURCE_TYPE.match(call.caller):
        return _actor(call, ActorKind.AZURE_SERVICE, call.caller)
    service = applications.AZURE_SERVICES.get(call.claims.app_id.casefold())
    if service is None or is_delegated(call):
        return None
    return _actor(call, ActorKind.AZURE_SERVICE, service)


def _of_user(call: Call) -> Actor | None:
    name = readable(call.claims.upn or call.caller or call.claims.name)
    return _actor(call, ActorKind.USER, name + _home(call)) if is_delegated(call) else None


def _of_application(call: Call) -> Actor | None:
    claims = call.claims
    if not claims.app_id:
        return None
    name = claims.name or f"application {claims.app_id}"
    return _actor(call, ActorKind.SERVICE_PRINCIPAL, name + _home(call))


def _home(call: Call) -> str:
    """Which tenant manages the resources by Azure Lighthouse: a caller's claims name their own."""
    home = call.claims.tenant_id
    foreign = home and call.tenant_id and home.casefold() != call.tenant_id.casefold()
    return f" (of the managing tenant {home})" if foreign else ""


def _of_nobody(call: Call) -> Actor | None:
    if call.caller or call.claims != Claims():
        return None
    return _actor(call, ActorKind.PLATFORM, "Azure platform")


def _of_bare_id(call: Call) -> Actor:
    """An id without claims: a customer's principal or a service of Microsoft's, nobody can tell."""
    return _actor(call, ActorKind.UNKNOWN, call.caller or call.claims.object_id, positive=False)


def _reused(actor: Actor, own: ClusterIdentity) -> Actor:
    """One of the cluster's identities doing what it never does by itself: someone else uses it."""
    kind = (
        ActorKind.SERVICE_PRINCIPAL
        if own.role == "service_principal"
        else ActorKind.MANAGED_IDENTITY
    )
    role = own.role.replace("_", " ")
    return Actor(
        kind=kind,
        name=f"{own.name or actor.name} (the cluster's own {role} identity)",
        id=actor.id,
        client=actor.client,
        address=actor.address,
        positive=True,
        borrowed=role,
    )
