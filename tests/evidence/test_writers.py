from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.applications import AKS_RESOURCE_PROVIDER
from auditor.evidence.writers import Writer, allows_writing, outside_writers
from auditor.model.aks import ClusterIdentity
from auditor.model.facet import Gap, Known
from auditor.model.governance import RoleAssignment, RoleDefinition
from auditor.model.operation import ActivityLog, ActivityRecord, Claims
from auditor.model.snapshot import Cluster
from tests.build import (
    COMPUTE,
    GROUP_ID,
    NODE_GROUP_ID,
    NOON,
    SUBSCRIPTION,
    cluster,
    gap,
    managed,
)

HOME = f"/subscriptions/{SUBSCRIPTION}"
ROLES = f"{HOME}/providers/Microsoft.Authorization/roleDefinitions"
CONTRIBUTOR = RoleDefinition(
    id=f"{ROLES}/b24988ac",
    name="Contributor",
    actions=("*",),
    not_actions=("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
)
READER = RoleDefinition(id=f"{ROLES}/acdd72a7", name="Reader", actions=("*/read",))


def assigned(principal: str, scope: str = HOME, **more: str) -> RoleAssignment:
    fields = {"principal_type": "User", "role_definition_id": CONTRIBUTOR.id} | more
    return RoleAssignment(id=f"{principal}@{scope}", principal_id=principal, scope=scope, **fields)


def shop(*assignments: RoleAssignment, **more: Any) -> Cluster:  # noqa: ANN401 (any field)
    roles = {
        "role_assignments": Known(assignments),
        "role_definitions": Known((CONTRIBUTOR, READER)),
    }
    return replace(cluster(), **(roles | more))


def found(*assignments: RoleAssignment, **more: Any) -> tuple[Writer, ...]:  # noqa: ANN401 (any field)
    return outside_writers(shop(*assignments, **more)).require()


def identified(**more: Any) -> Known[Any]:  # noqa: ANN401 (any field)
    return Known(managed(**more))


@pytest.mark.parametrize(
    ("actions", "not_actions", "may"),
    [
        (("*",), (), True),
        (("*",), ("*",), False),
        (("*",), ("Microsoft.Authorization/*/Write",), True),
        (("*",), ("Microsoft.Compute/*", "Microsoft.Network/*", "Microsoft.Resources/*"), False),
        (("Microsoft.Compute/*",), (), True),
        (("microsoft.compute/VIRTUALMACHINESCALESETS/write",), (), True),
        (("Microsoft.Compute/*/read",), (), False),
        (("Microsoft.Compute/virtualMachines/*",), ("Microsoft.Compute/virtualMachines/*",), False),
        (("Microsoft.Compute/virtualMachineScaleSets/*/action",), (), True),
        (("Microsoft.Resources/tags/*",), (), True),
        (("Microsoft.ContainerService/*",), (), False),
        (("Microsoft.ComputeSchedule/*",), (), False),
        (("*/read",), (), False),
        ((), (), False),
    ],
)
def test_a_role_may_write_by_an_action_that_nothing_takes_away(
    actions: tuple[str, ...], not_actions: tuple[str, ...], *, may: bool
) -> None:
    role = RoleDefinition(id="r", actions=actions, not_actions=not_actions)
    assert allows_writing(role) is may


@pytest.mark.parametrize(
    "action",
    [
        "Compute/virtualMachineScaleSets/delete",
        "Compute/virtualMachineScaleSets/deallocate/action",
        "Compute/virtualMachineScaleSets/powerOff/action",
        "Compute/virtualMachineScaleSets/restart/action",
        "Compute/virtualMachineScaleSets/reimage/action",
        "Compute/virtualMachineScaleSets/extensions/write",
        "Compute/virtualMachineScaleSets/virtualMachines/write",
        "Compute/virtualMachineScaleSets/virtualMachines/delete",
        "Compute/virtualMachineScaleSets/virtualMachines/deallocate/action",
        "Compute/virtualMachineScaleSets/virtualMachines/runCommand/action",
        "Compute/virtualMachines/write",
        "Compute/virtualMachines/delete",
        "Compute/virtualMachines/deallocate/action",
        "Compute/virtualMachines/runCommand/action",
        "Compute/virtualMachines/extensions/write",
        "Compute/disks/write",
        "Compute/disks/delete",
        "Network/networkInterfaces/write",
        "Network/networkSecurityGroups/write",
        "Network/networkSecurityGroups/securityRules/write",
        "Network/virtualNetworks/write",
        "Network/virtualNetworks/subnets/write",
        "Network/routeTables/write",
        "Network/routeTables/routes/write",
        "Network/loadBalancers/write",
        "Network/publicIPAddresses/write",
        "Resources/subscriptions/resourceGroups/write",
        "Resources/subscriptions/resourceGroups/delete",
    ],
)
def test_one_way_to_change_what_aks_keeps_is_enough(action: str) -> None:
    assert allows_writing(RoleDefinition(id="r", actions=(f"Microsoft.{action}",)))


@pytest.mark.parametrize(
    "scope",
    [
        "/",
        "/providers/Microsoft.Management/managementGroups/corp",
        HOME.upper(),
        NODE_GROUP_ID.lower(),
        f"{COMPUTE}/virtualMachineScaleSets/aks-apps-26180121-vmss",
    ],
)
def test_an_assignment_reaches_the_nodes_from_above_and_within(scope: str) -> None:
    (writer,) = found(assigned("ann", scope))
    assert writer == Writer(principal_id="ann", principal_type="User", scopes=(scope,))


@pytest.mark.parametrize("scope", [GROUP_ID, f"{NODE_GROUP_ID}-2", "/subscriptions/other"])
def test_an_assignment_elsewhere_does_not(scope: str) -> None:
    assert found(assigned("ann", scope)) == ()


def test_an_identity_is_counted_once_with_all_its_scopes() -> None:
    (writer,) = found(assigned("ann"), assigned("ANN", NODE_GROUP_ID), assigned("ann", HOME))
    assert writer.scopes == (HOME, NODE_GROUP_ID)


def test_a_group_is_one_identity() -> None:
    (writer,) = found(assigned("team", principal_type="Group"))
    assert writer.principal_type == "Group"


def test_a_reader_writes_nothing() -> None:
    assert found(assigned("ann", role_definition_id=READER.id)) == ()


def test_a_role_is_the_same_at_whatever_scope_it_is_named() -> None:
    at_tenant = f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR.id[-8:].upper()}"
    assert len(found(assigned("ann", role_definition_id=at_tenant))) == 1


@pytest.mark.parametrize("role", ["control_plane", "kubelet", "addon"])
def test_the_identities_of_the_cluster_are_not_outsiders(role: str) -> None:
    own = ClusterIdentity(role=role, principal_id="OWN")
    assert found(assigned("own"), managed=identified(identities=(own,))) == ()


@pytest.mark.parametrize("app", [AKS_RESOURCE_PROVIDER, "the-cluster's-principal"])
def test_aks_and_the_clusters_principal_are_known_by_what_they_did(app: str) -> None:
    record = ActivityRecord(
        event_id="1", at=NOON, claims=Claims(app_id=app.upper(), object_id="OBJECT")
    )
    log = Known(ActivityLog(since=NOON - timedelta(days=1), until=NOON, records=(record,)))
    old = identified(service_principal_client_id="the-cluster's-principal")
    assert found(assigned("object"), managed=old, activity=log) == ()
    assert len(found(assigned("object"), managed=old, activity=gap("activity"))) == 1


def test_an_outsider_on_record_stays_one() -> None:
    claims = Claims(app_id="a-pipeline", object_id="object")
    record = ActivityRecord(event_id="1", at=NOON, claims=claims)
    log = Known(ActivityLog(since=NOON - timedelta(days=1), until=NOON, records=(record,)))
    (writer,) = found(assigned("object"), activity=log)
    assert writer.principal_id == "object"


def test_nobody_writes_under_lockdown() -> None:
    assert found(assigned("ann"), managed=identified(restriction_level="ReadOnly")) == ()


@pytest.mark.parametrize("unread", ["managed", "role_assignments", "role_definitions"])
def test_what_could_not_be_read_gives_no_number(unread: str) -> None:
    assert isinstance(outside_writers(shop(assigned("ann"), **{unread: gap(unread)})), Gap)


def test_a_role_that_was_not_read_gives_no_number_either() -> None:
    unknown = assigned("bob", role_definition_id=f"{ROLES}/unknown")
    assert isinstance(outside_writers(shop(assigned("ann"), unknown)), Gap)


def test_a_cluster_whose_assignments_nobody_asked_for_has_no_number() -> None:
    assert isinstance(outside_writers(cluster()), Gap)
