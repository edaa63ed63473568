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

from collections.abc import Iterable

from auditor.evidence import applications, pools
from auditor.evidence.operations import Call
from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity, ManagedCluster, NodePool
from auditor.model.operation import Actor, ActorKind, Claims, Operation, OperationKind

Kind = OperationKind

_CONTROL_PLANE = frozenset(
    {
        Kind.SCALE_SET_WRITE,
        Kind.SCALE_SET_SCALE,
        Kind.NODE_WRITE,
        Kind.NODE_DELETE,
        Kind.NIC_WRITE,
        Kind.OS_DISK_WRITE,
        Kind.NSG_WRITE,
        Kind.OTHER,
    }
)
# Clusters with a service principal act through it in more ways: restarts and manual upgrades
# under its name are AKS's repair and upgrade work (Azure/AKS#624).
_SERVICE_PRINCIPAL = _CONTROL_PLANE | {Kind.NODE_UP, Kind.NODE_REIMAGE}
# Pods can use the kubelet's and the add-ons' identities; AKS itself never edits nodes by them.
_OTHERS_OF_THE_CLUSTER = frozenset({Kind.OTHER})
_STANDALONE_VMS = frozenset({Kind.EXTENSION_WRITE, Kind.EXTENSION_DELETE})
_DEALLOCATING = frozenset({Kind.NODE_DOWN, Kind.NODE_UP})


class Classifier:
    """Classifies the callers of one cluster's operations.

    AKS's resource provider is known by its application id, and by any object id under which a
    record of the same log shows that application: later records may carry the object id alone.
    """

    def __init__(self, managed: ManagedCluster, calls: Iterable[Call]) -> None:
        self._managed = managed
        self._aks_object_ids = {
            name
            for call in calls
            if call.claims.app_id.casefold() == applications.AKS_RESOURCE_PROVIDER
            for name in (call.claims.object_id.casefold(), call.caller.casefold())
            if name
        }

    def actor(self, call: Call) -> Actor:
        """Who made this call."""
        own = self._own_identity(call)
        if self._is_aks(call):
            return _actor(call, ActorKind.AKS, "AKS resource provider")
        if own and call.operation.kind in self._expected(own, call.operation):
            return _actor(call, ActorKind.CLUSTER_IDENTITY, own.name or own.role)
        named = _of_managed_identity(call) or _of_service(call) or _of_user(call)
        actor = named or _of_application(call) or _of_nobody(call) or _of_bare_id(call)
        return _reused(actor, own) if own else actor

    def _is_aks(self, call: Call) -> bool:
        ids = {call.claims.object_id.casefold(), call.caller.casefold()} - {""}
        app_id = call.claims.app_id.casefold()
        return app_id == applications.AKS_RESOURCE_PROVIDER or (
            not app_id and bool(ids & self._aks_object_ids)
        )

    def _own_identity(self, call: Call) -> ClusterIdentity | None:
        claims = call.claims
        ids = {claims.object_id, claims.app_id, call.caller}
        lowered = {i.casefold() for i in ids if i}
        for identity in self._identities():
            if lowered & {identity.principal_id.casefold(), identity.client_id.casefold()}:
                return identity
            mirid = claims.managed_identity_id
            if mirid and arm.same(identity.resource_id, mirid):
                return identity
        return None

    def _identities(self) -> Iterable[ClusterIdentity]:
        managed = self._managed
        yield from managed.identities
        yield ClusterIdentity(role="control_plane", name=managed.name, resource_id=managed.id)
        if managed.service_principal_client_id:
            client_id = managed.service_principal_client_id
            yield ClusterIdentity(role="service_principal", name=client_id, client_id=client_id)

    def _expected(self, identity: ClusterIdentity, operation: Operation) -> frozenset[Kind]:
        pool = self._pool(operation)
        if identity.role == "kubelet" and self._managed.pod_identity:
            return _OTHERS_OF_THE_CLUSTER | {Kind.SCALE_SET_WRITE}
        if identity.role not in {"control_plane", "service_principal"}:
            return _OTHERS_OF_THE_CLUSTER
        expected = _SERVICE_PRINCIPAL if identity.role == "service_principal" else _CONTROL_PLANE
        if pool and pool.keeps_deallocated_nodes:
            expected |= _DEALLOCATING
        if arm.segment(operation.resource_id, "virtualMachineScaleSets") is None:
            expected |= _STANDALONE_VMS
        return expected

    def _pool(self, operation: Operation) -> NodePool | None:
        scale_set = arm.segment(operation.resource_id, "virtualMachineScaleSets") or ""
        wanted = pools.pool_name(scale_set, self._managed)
        return next((pool for pool in self._managed.pools if pool.name == wanted), None)


def _actor(call: Call, kind: ActorKind, name: str, *, positive: bool = True) -> Actor:
    claims = call.claims
    return Actor(
        kind=kind,
        name=name,
        id=claims.object_id or call.caller or claims.app_id,
        client=applications.CLIENTS.get(claims.app_id.casefold(), ""),
        address=call.client_address or claims.address,
        positive=positive,
    )


def _of_managed_identity(call: Call) -> Actor | None:
    identity = call.claims.managed_identity_id
    assignment = arm.segment(identity, "policyAssignments") or arm.segment(
        call.policy_assignment, "policyAssignments"
    )
    if assignment:
        return _actor(call, ActorKind.AZURE_POLICY, assignment)
    return _actor(call, ActorKind.MANAGED_IDENTITY, arm.name(identity)) if identity else None


def _of_service(call: Call) -> Actor | None:
    service = applications.AZURE_SERVICES.get(call.claims.app_id.casefold())
    if service is None or _is_delegated(call.claims):
        return None
    return _actor(call, ActorKind.AZURE_SERVICE, service)


def _is_delegated(claims: Claims) -> bool:
    """Whether the application acted for a person who had signed in."""
    delegated = "user_impersonation" in claims.scope.casefold()
    return claims.identity_type.casefold() == "user" or delegated or bool(claims.upn)


def _of_user(call: Call) -> Actor | None:
    name = call.claims.upn or call.caller or call.claims.name
    if _is_delegated(call.claims) or "@" in call.caller:
        return _actor(call, ActorKind.USER, name)
    return None


def _of_application(call: Call) -> Actor | None:
    claims = call.claims
    if not claims.app_id:
        return None
    return _actor(call, ActorKind.SERVICE_PRINCIPAL, claims.name or f"application {claims.app_id}")


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
    )
