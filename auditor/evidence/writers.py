"""Who may write to a cluster's node resource group besides AKS, and where they inherit it from.

From role assignments and the roles that they give, as far as Azure Resource Manager tells: a
group counts as one principal, for only the directory knows its members. Lockdown's deny
assignment outranks every role, so that under it nobody else may write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from auditor.evidence.applications import AKS_RESOURCE_PROVIDER
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.errors import UnreadableError
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.governance import RoleAssignment, RoleDefinition
from auditor.model.snapshot import Cluster

WRITES = (
    "Microsoft.Compute/virtualMachineScaleSets/write",
    "Microsoft.Compute/virtualMachineScaleSets/delete",
    "Microsoft.Compute/virtualMachineScaleSets/deallocate/action",
    "Microsoft.Compute/virtualMachineScaleSets/powerOff/action",
    "Microsoft.Compute/virtualMachineScaleSets/restart/action",
    "Microsoft.Compute/virtualMachineScaleSets/reimage/action",
    "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/delete",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand/action",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Compute/virtualMachines/extensions/write",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/disks/delete",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/networkSecurityGroups/securityRules/write",
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Network/virtualNetworks/subnets/write",
    "Microsoft.Network/routeTables/write",
    "Microsoft.Network/routeTables/routes/write",
    "Microsoft.Network/loadBalancers/write",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Resources/tags/write",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
)
"""What changes nodes or what AKS keeps beside them; a role that allows one of it may write."""

_MANAGEMENT_GROUPS = "/providers/microsoft.management/managementgroups"


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """An identity that may write; ``scopes`` are those of its assignments, as received."""

    principal_id: str
    principal_type: str = ""
    scopes: tuple[str, ...] = ()


def outside_writers(cluster: Cluster) -> Facet[tuple[Writer, ...]]:
    """The identities other than AKS's own that may write, by id.

    A gap where assignments, or a role that one of them gives, could not be read: a number that
    leaves some out would be taken for all.
    """
    try:
        return Known(_writers(cluster))
    except UnreadableError as error:
        return error.gap


def allows_writing(role: RoleDefinition) -> bool:
    """Whether a role allows any of :data:`WRITES`: an action that nothing takes away again."""
    allowed, taken = _matching(role.actions), _matching(role.not_actions)
    return bool(allowed - taken)


def _writers(cluster: Cluster) -> tuple[Writer, ...]:
    managed = cluster.managed.require()
    assignments = cluster.role_assignments.require()
    roles = {_role(one.id): one for one in cluster.role_definitions.require()}
    if managed.is_lockdown:
        return ()
    own = _own_principals(cluster, managed)
    granted: dict[str, list[RoleAssignment]] = {}
    for one in assignments:
        if one.principal_id.casefold() in own or not _reaches(one, managed):
            continue
        if allows_writing(_given(one, roles)):
            granted.setdefault(one.principal_id.casefold(), []).append(one)
    return tuple(_writer(granted[principal]) for principal in sorted(granted))


def _writer(assignments: Iterable[RoleAssignment]) -> Writer:
    first, *_ = assignments = tuple(assignments)
    by_key = {arm.key(one.scope): one.scope for one in assignments}
    return Writer(
        principal_id=first.principal_id,
        principal_type=first.principal_type,
        scopes=tuple(by_key[key] for key in sorted(by_key)),
    )


def _given(assignment: RoleAssignment, roles: Mapping[str, RoleDefinition]) -> RoleDefinition:
    role = roles.get(_role(assignment.role_definition_id))
    if role is None:
        Gap(
            scope=assignment.role_definition_id,
            collector="role_definitions",
            outcome=Outcome.SKIPPED,
            message="what a role allows was not read",
        ).require()
    return role


def _role(definition_id: str) -> str:
    """A role is the same at every scope at which it is named."""
    return arm.name(definition_id).casefold()


def _reaches(assignment: RoleAssignment, managed: ManagedCluster) -> bool:
    """Whether an assignment holds for the node resource group, from above, or in it.

    The tenant's scope is ``/``, above every other.
    """
    scope, group = arm.key(assignment.scope), managed.node_resource_group_id
    if scope.startswith(_MANAGEMENT_GROUPS):
        return True  # ARM lists only those management groups that lie above
    return arm.within(group, scope) or arm.within(scope, group)


def _own_principals(cluster: Cluster, managed: ManagedCluster) -> frozenset[str]:
    """The cluster's identities, and whoever the activity log shows to be AKS or its principal.

    A service principal is known by its client id alone, an assignment by its object id; the
    record of anything that it did holds both.
    """
    clients = {AKS_RESOURCE_PROVIDER, (managed.service_principal_client_id or "").casefold()} - {""}
    log = cluster.activity.known_or(None)
    claims = [record.claims for record in log.records] if log else []
    seen = {one.object_id.casefold() for one in claims if one.app_id.casefold() in clients}
    return frozenset(seen | {one.principal_id.casefold() for one in managed.identities}) - {""}


def _matching(patterns: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(_named_by, patterns))


@lru_cache(maxsize=4096)
def _named_by(pattern: str) -> frozenset[str]:
    """Which writes a pattern of a role names; ``*`` stands for any text, slashes included."""
    wanted = re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE)
    return frozenset(filter(wanted.fullmatch, WRITES))
