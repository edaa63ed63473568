"""How the fake ARM answers for what surrounds clusters."""

from __future__ import annotations

import json

import pytest

from tests.support.cases import BASE_URL, BEARER, arm_for_kind, get, get_all, home

KIND = "virtual-machines-pool"
PLACE = home(KIND)
ROLES = "providers/Microsoft.Authorization/roleAssignments"
VERSIONS = "providers/Microsoft.ContainerService/locations"


def scopes(path: str, **query: str) -> set[str]:
    found = get_all(arm_for_kind(KIND), f"{path}/{ROLES}", **query)
    return {assignment["properties"]["scope"].rpartition("/")[2] for assignment in found}


def test_role_assignments_are_those_above_and_below_a_scope() -> None:
    assert scopes(PLACE.subscription_id) == {"contoso", PLACE.subscription, PLACE.node_group}
    assert scopes(PLACE.group_id) == {"contoso", PLACE.subscription}


def test_at_scope_leaves_out_what_is_below() -> None:
    assert scopes(PLACE.subscription_id, _filter="atScope()") == {"contoso", PLACE.subscription}


def status(path: str) -> tuple[int, str]:
    url = f"{BASE_URL}{path}{'&' if '?' in path else '?'}api-version=2022-04-01"
    answer = arm_for_kind(KIND).answer("GET", url, BEARER)
    return answer.status, json.loads(answer.body)["error"]["code"]


def test_no_other_filter_of_role_assignments_is_served() -> None:
    path = f"{PLACE.group_id}/{ROLES}?$filter=principalId eq 'x'"
    assert status(path) == (400, "UnsupportedFilter")


def test_versions_come_in_one_answer_of_their_own_shape() -> None:
    path = f"{PLACE.subscription_id}/{VERSIONS}/{PLACE.location}/kubernetesVersions"
    answer = get(arm_for_kind(KIND), path)
    assert set(answer) == {"values"}


def test_a_location_where_aks_is_not_has_no_versions() -> None:
    path = f"{PLACE.subscription_id}/{VERSIONS}/atlantis/kubernetesVersions"
    assert status(path) == (404, "NoRegisteredProviderFound")


def test_features_are_listed_for_one_provider() -> None:
    path = (
        f"{PLACE.subscription_id}/providers/Microsoft.Features"
        "/providers/Microsoft.ContainerService/features"
    )
    names = {feature["name"].partition("/")[0] for feature in get_all(arm_for_kind(KIND), path)}
    assert names == {"Microsoft.ContainerService"}


@pytest.mark.parametrize(("pool", "count"), [("vms", 2), ("system", 0)])
def test_machines_are_listed_below_their_pool(pool: str, count: int) -> None:
    path = f"{PLACE.cluster_id}/agentPools/{pool}/machines"
    assert len(get_all(arm_for_kind(KIND), path)) == count


def test_a_pool_that_is_not_there_has_no_machines() -> None:
    path = f"{PLACE.cluster_id}/agentPools/nothing/machines"
    assert status(path) == (404, "ParentResourceNotFound")
