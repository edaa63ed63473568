"""What the activity log recorded, and what evidence makes of it.

Records are what ARM returns (``Microsoft.Insights/eventtypes/management/values``, api-version
2015-04-01); operations are records merged, with their caller classified.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import msgspec

from auditor.model import resource_id as arm

_TAGS = re.compile(r"/providers/microsoft\.resources/tags/[^/]+$", re.IGNORECASE)


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The few token claims that tell who called; empty strings where the record has none."""

    app_id: str = ""
    app_id_acr: str = ""
    identity_type: str = ""
    managed_identity_id: str = ""
    object_id: str = ""
    tenant_id: str = ""
    scope: str = ""
    upn: str = ""
    name: str = ""
    address: str = ""


class ActivityRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the activity log; several make one operation.

    ``request_paths`` are the dotted property paths of the request body, without values (which
    can hold secrets); ``instance_ids`` the scale-set instances that a POST action named;
    ``failure_code`` ARM's error code of a failed call, ``blocked_by`` the ids of the locked scopes
    or policy assignments that its error names. ``policy_assignment`` is the id of the assignment
    that altered something, which only Azure Policy's own records name.
    """

    event_id: str
    operation_id: str = ""
    correlation_id: str = ""
    name: str = ""
    resource_id: str = ""
    category: str = ""
    status: str = ""
    sub_status: str = ""
    at: datetime
    caller: str = ""
    claims: Claims = Claims()
    client_address: str = ""
    tenant_id: str = ""
    policy_assignment: str = ""
    request_uri: str = ""
    request_paths: tuple[str, ...] = ()
    instance_ids: tuple[str, ...] = ()
    failure_code: str = ""
    blocked_by: tuple[str, ...] = ()


class ActivityLog(msgspec.Struct, frozen=True, kw_only=True):
    """The records of a window, and the resources that were looked back on beyond it.

    ``deepened`` maps the key of a resource to the moment back to which its own log was read.
    """

    since: datetime
    until: datetime
    records: tuple[ActivityRecord, ...] = ()
    deepened: tuple[tuple[str, datetime], ...] = ()

    def reaches(self, resource_id: str) -> datetime:
        """The moment back to which operations on this resource would be on record."""
        spans = [since for scope, since in self.deepened if arm.within(resource_id, scope)]
        return min([self.since, *spans])


class ActorKind(StrEnum):
    """Whose hand it was."""

    AKS = "aks"
    CLUSTER_IDENTITY = "cluster_identity"
    USER = "user"
    SERVICE_PRINCIPAL = "service_principal"
    MANAGED_IDENTITY = "managed_identity"
    AZURE_POLICY = "azure_policy"
    AZURE_SERVICE = "azure_service"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


CUSTOMER = frozenset({ActorKind.USER, ActorKind.SERVICE_PRINCIPAL, ActorKind.MANAGED_IDENTITY})
OF_AKS = frozenset({ActorKind.AKS, ActorKind.CLUSTER_IDENTITY, ActorKind.PLATFORM})


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A caller, classified. ``positive``: identified by its claims, not only by a bare id.

    ``policy_assignment`` is the id of Azure Policy's assignment, ``borrowed`` the role of the
    cluster's own identity that somebody uses for what AKS never does through it.
    """

    kind: ActorKind = ActorKind.UNKNOWN
    name: str = ""
    id: str = ""
    client: str = ""
    address: str = ""
    positive: bool = False
    policy_assignment: str = ""
    borrowed: str = ""

    @property
    def is_of_aks(self) -> bool:
        """Whether AKS, the cluster's own identity in its own work, or the platform acted."""
        return self.kind in OF_AKS


class OperationKind(StrEnum):
    """What an operation does, as far as rules tell operations apart."""

    SCALE_SET_WRITE = "scale_set_write"
    SCALE_SET_DELETE = "scale_set_delete"
    SCALE_SET_SCALE = "scale_set_scale"
    NODE_WRITE = "node_write"
    NODE_DELETE = "node_delete"
    NODE_REIMAGE = "node_reimage"
    NODE_DOWN = "node_down"
    NODE_UP = "node_up"
    NODE_COMMAND = "node_command"
    EXTENSION_WRITE = "extension_write"
    EXTENSION_DELETE = "extension_delete"
    NIC_WRITE = "nic_write"
    OS_DISK_WRITE = "os_disk_write"
    NSG_WRITE = "nsg_write"
    NSG_DELETE = "nsg_delete"
    SUBNET_WRITE = "subnet_write"
    VNET_WRITE = "vnet_write"
    NETWORK_WRITE = "network_write"
    NETWORK_DELETE = "network_delete"
    TAGS_WRITE = "tags_write"
    GROUP_WRITE = "group_write"
    LOCK_WRITE = "lock_write"
    AUTOSCALE_WRITE = "autoscale_write"
    RESOURCE_WRITE = "resource_write"
    RESOURCE_DELETE = "resource_delete"
    EVICTION = "eviction"
    AKS_WRITE = "aks_write"
    AKS_START = "aks_start"
    AKS_STOP = "aks_stop"
    OTHER = "other"


class OperationStatus(StrEnum):
    """How an operation ended; only a succeeded one changed anything for certain."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RUNNING = "running"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one call, merged: who did what to which resource, when, and how it ended.

    ``policies`` are the ids of the assignments of Azure Policy that altered the call or deployed
    something in its wake. They tell how, never who: a call stays its caller's.
    """

    id: str
    name: str
    kind: OperationKind
    resource_id: str
    status: OperationStatus
    started_at: datetime
    ended_at: datetime | None = None
    correlation_id: str = ""
    actor: Actor = Actor()
    instance_ids: tuple[str, ...] = ()
    request_paths: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    failure_code: str = ""
    blocked_by: tuple[str, ...] = ()
    api_version: str = ""
    policies: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The resource that was changed: tags are written to a child resource of their own."""
        return _TAGS.sub("", self.resource_id)

    @property
    def policies_beside(self) -> tuple[str, ...]:
        """The assignments that had a hand in it besides the caller, who may be one of them."""
        own = self.actor.policy_assignment
        return tuple(policy for policy in self.policies if not arm.same(policy, own))

    @property
    def named_instances(self) -> frozenset[str]:
        """The instances or machines that it was done to, in lower case; empty for all of them."""
        single = arm.segment(self.resource_id, "virtualMachines")
        named = (single,) if single else self.instance_ids
        return frozenset() if "*" in named else frozenset(n.casefold() for n in named)

    @property
    def at(self) -> datetime:
        """When it took effect: its end, or its start while no end is on record."""
        return self.ended_at or self.started_at
