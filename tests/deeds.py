"""Small builders of what the activity log tells: callers, records, and operations made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import ClusterIdentity
from auditor.model.operation import (
    ActivityRecord,
    Actor,
    ActorKind,
    Claims,
    Operation,
    OperationKind,
    OperationStatus,
)
from tests.build import (
    CONTROL_PLANE_IDENTITY,
    GROUP_ID,
    KUBELET_IDENTITY,
    NOON,
    SUBSCRIPTION,
    TENANT,
    minutes_after,
    scale_set_id,
)

SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who may appear in the activity log, and how."""

    caller: str = ""
    claims: Claims = Claims()


AKS_OBJECT = "a0000000-0000-4000-8000-000000000001"
AKS = Caller(
    caller=AKS_OBJECT,
    claims=Claims(
        app_id="7319c514-987d-4e9b-ac3d-d38c4f427f4c",
        app_id_acr="2",
        object_id=AKS_OBJECT,
        identity_type="app",
        tenant_id=TENANT,
    ),
)


def person(name: str, **claims: str) -> Caller:
    """A person with the Azure CLI."""
    upn = f"{name}@contoso.example"
    given = {
        "app_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "app_id_acr": "0",
        "identity_type": "user",
        "object_id": f"object-of-{name}",
        "tenant_id": TENANT,
        "scope": "user_impersonation",
        "upn": upn,
        "name": name.title(),
    }
    return Caller(caller=upn, claims=Claims(**given | claims))


def application(object_id: str, app_id: str, **claims: str) -> Caller:
    """An application with a secret or a certificate of its own."""
    given = {
        "app_id": app_id,
        "app_id_acr": "1",
        "identity_type": "app",
        "object_id": object_id,
        "tenant_id": TENANT,
    }
    return Caller(caller=object_id, claims=Claims(**given | claims))


def identity(resource_id: str, object_id: str, app_id: str = "") -> Caller:
    """A managed identity."""
    return application(
        object_id, app_id or f"app-of-{object_id}", app_id_acr="2", managed_identity_id=resource_id
    )


def own(identity_of_cluster: ClusterIdentity) -> Caller:
    """One of the cluster's identities at work."""
    return identity(
        identity_of_cluster.resource_id,
        identity_of_cluster.principal_id,
        identity_of_cluster.client_id,
    )


ALICE = person("alice")
BOB = person("bob")
PIPELINE = application("object-of-pipeline", "b0000000-0000-4000-8000-000000000001")
AUTOMATION = identity(
    f"{GROUP_ID}/providers/Microsoft.Automation/automationAccounts/night", "object-of-night"
)
POLICY = identity(
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/tags",
    "object-of-policy",
)
CONTROL_PLANE = own(CONTROL_PLANE_IDENTITY)
KUBELET = own(KUBELET_IDENTITY)
BACKUP = application("object-of-backup", "262044b1-e2ce-469f-a196-69ab7ada62d3", app_id_acr="2")
BARE = Caller(caller="d0000000-0000-4000-8000-00000000000d")
NOBODY = Caller()


def record(
    name: str = f"{SCALE_SETS}/write",
    on: str | None = None,
    by: Caller = ALICE,
    **changes: Any,  # noqa: ANN401 (any field)
) -> ActivityRecord:
    """One record of the activity log; an operation by itself unless it shares ids."""
    resource_id = scale_set_id() if on is None else on
    moment = changes.get("at", NOON)
    given: dict[str, Any] = {
        "operation_id": f"operation {name} {resource_id} {by.caller} {moment:%d}",
        "correlation_id": f"correlation {moment:%d}",
        "name": name,
        "resource_id": resource_id,
        "category": "Administrative",
        "status": "Succeeded",
        "at": moment,
        "caller": by.caller,
        "claims": by.claims,
        "tenant_id": TENANT,
    }
    whole = given | changes
    digest = hashlib.sha256(repr(sorted(whole.items())).encode()).hexdigest()
    return ActivityRecord(**{"event_id": f"event {digest[:16]}"} | whole)


def act(
    name: str = f"{SCALE_SETS}/write",
    on: str | None = None,
    by: Caller = ALICE,
    *,
    statuses: Iterable[str] = ("Started", "Accepted", "Succeeded"),
    **changes: Any,  # noqa: ANN401 (any field)
) -> tuple[ActivityRecord, ...]:
    """The records that one call leaves, a minute apart."""
    begun = changes.pop("at", NOON)
    shared = {"operation_id": f"operation {name} {on} {by.caller} {begun:%d %H:%M}"} | changes
    return tuple(
        record(name, on, by, at=minutes_after(begun, index), status=status, **shared)
        for index, status in enumerate(statuses)
    )


def actor(kind: ActorKind = ActorKind.USER, name: str = "alice@contoso.example") -> Actor:
    return Actor(kind=kind, name=name, id=f"object-of-{name}", positive=True)


BY_AKS = actor(ActorKind.AKS, "AKS resource provider")
BY_CLUSTER = actor(ActorKind.CLUSTER_IDENTITY, "id-shop")
BY_PLATFORM = actor(ActorKind.PLATFORM, "Azure platform")
BY_ALICE = actor()
BY_BOB = actor(name="bob@contoso.example")
BY_POLICY = actor(ActorKind.AZURE_POLICY, "tags")
BY_SERVICE = actor(ActorKind.AZURE_SERVICE, "Azure Backup")
BY_BARE = Actor(kind=ActorKind.UNKNOWN, name="an-id", id="an-id")


def operation(
    kind: OperationKind = OperationKind.SCALE_SET_WRITE,
    on: str | None = None,
    by: Actor = BY_ALICE,
    when: datetime = NOON,
    **changes: Any,  # noqa: ANN401 (any field)
) -> Operation:
    """One operation, merged and classified; a succeeded write unless told otherwise."""
    resource_id = scale_set_id() if on is None else on
    given: dict[str, Any] = {
        "id": f"{kind} {arm.name(resource_id)} {by.name} {when:%m-%d %H:%M}",
        "name": f"{SCALE_SETS}/write",
        "status": OperationStatus.SUCCEEDED,
        "started_at": when,
        "ended_at": when,
    }
    return Operation(kind=kind, resource_id=resource_id, actor=by, **given | changes)
