from __future__ import annotations

import json

import pytest

from auditor.demo import files, tenant
from auditor.demo.arm import FakeArm, PageSizes
from auditor.model import resource_id
from tests.support.cases import BASE_URL, BEARER, arm_for_case, arm_for_kind, get, get_all, home

KIND = "linux-managed-vnet"
PLACE = home(KIND)
SUBSCRIPTION = PLACE.subscription_id
SCALE_SETS = "providers/Microsoft.Compute/virtualMachineScaleSets"
APPS = f"{PLACE.node_group_id}/{SCALE_SETS}/aks-apps-38116459-vmss"
VERSION = "?api-version=2026-04-01"


@pytest.fixture
def arm() -> FakeArm:
    return arm_for_kind(KIND)


def error_of(arm: FakeArm, url: str, method: str = "GET") -> tuple[int, str]:
    answer = arm.answer(method, BASE_URL + url, BEARER)
    return answer.status, json.loads(answer.body)["error"]["code"]


def test_asks_for_a_token(arm: FakeArm) -> None:
    answer = arm.answer("GET", f"{BASE_URL}/subscriptions{VERSION}", {})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "MissingApiVersionParameter"), ("?api-version=latest", "InvalidApiVersionParameter")],
)
def test_asks_for_an_api_version(arm: FakeArm, query: str, code: str) -> None:
    assert error_of(arm, f"/subscriptions{query}") == (400, code)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/subscriptions/00000000-0000-0000-0000-000000000000", "SubscriptionNotFound"),
        (f"{SUBSCRIPTION}/resourceGroups/nobody", "ResourceGroupNotFound"),
        (f"{SUBSCRIPTION}/resourceGroups/nobody/resources", "ResourceGroupNotFound"),
        (APPS.replace("apps", "gone"), "ResourceNotFound"),
        (APPS.replace("apps", "gone") + "/virtualMachines", "ParentResourceNotFound"),
        (APPS + "/virtualMachines/99", "NotFound"),
        (APPS + "/extensions/nothing", "NotFound"),
        (f"{PLACE.cluster_id}/agentPools/nothing", "NotFound"),
    ],
)
def test_says_what_is_not_there(arm: FakeArm, path: str, code: str) -> None:
    assert error_of(arm, path + VERSION) == (404, code)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_counts_and_refuses_writes(arm: FakeArm, method: str) -> None:
    assert error_of(arm, APPS + VERSION, method) == (405, "MethodNotAllowed")
    assert arm.writes == {method: 1}


def test_finds_a_resource_however_its_id_is_spelt(arm: FakeArm) -> None:
    assert get(arm, APPS.upper())["name"] == "aks-apps-38116459-vmss"


def test_pages_lists_and_leads_back_to_itself() -> None:
    arm = arm_for_kind(KIND, PageSizes(lists=2))
    first = get(arm, f"{APPS}/virtualMachines")
    assert len(first["value"]) == 2
    assert first["nextLink"].startswith(f"{BASE_URL}{APPS}/virtualMachines?")
    second = json.loads(arm.answer("GET", first["nextLink"], BEARER).body)
    assert [i["instanceId"] for i in first["value"] + second["value"]] == ["1", "4", "10"]
    assert "nextLink" not in second


def test_refuses_a_skip_token_of_others(arm: FakeArm) -> None:
    url = f"/subscriptions{VERSION}&$skiptoken=a"
    assert error_of(arm, url) == (400, "InvalidSkipToken")


def test_lists_by_subscription_and_by_group(arm: FakeArm) -> None:
    everywhere = get_all(arm, f"{SUBSCRIPTION}/{SCALE_SETS}")
    assert everywhere == get_all(arm, f"{PLACE.node_group_id}/{SCALE_SETS}")
    assert get_all(arm, f"{PLACE.group_id}/{SCALE_SETS}") == []


def test_compute_lists_shout_the_group_and_keep_inner_references(arm: FakeArm) -> None:
    listed = get_all(arm, f"{SUBSCRIPTION}/{SCALE_SETS}")[0]
    assert f"/{PLACE.node_group.upper()}/" in listed["id"]
    nic = listed["properties"]["virtualMachineProfile"]["networkProfile"]
    assert f"/{PLACE.node_group}/" in json.dumps(nic)
    assert f"/{PLACE.node_group}/" in get(arm, APPS)["id"]


def test_generic_lists_mix_the_spelling_and_hide_properties(arm: FakeArm) -> None:
    rows = get_all(arm, f"{PLACE.node_group_id}/resources")
    spellings = {resource_id.resource_group(row["id"]) for row in rows}
    assert spellings == {PLACE.node_group, PLACE.node_group.lower()}
    assert not any("properties" in row for row in rows)
    assert not any("/virtualMachines/" in row["id"] for row in rows)


def test_generic_lists_filter_by_type_and_nothing_else(arm: FakeArm) -> None:
    path = f"{PLACE.node_group_id}/resources"
    kind = "resourceType eq 'Microsoft.Network/loadBalancers'"
    assert [row["name"] for row in get_all(arm, path, _filter=kind)] == ["kubernetes"]
    url = f"{path}{VERSION}&$filter=name eq 'kubernetes'"
    assert error_of(arm, url) == (400, "InvalidFilterInQueryString")


def test_instance_views_only_on_request(arm: FakeArm) -> None:
    path = f"{APPS}/virtualMachines"
    plain, expanded = get_all(arm, path), get_all(arm, path, _expand="instanceView")
    assert not any("instanceView" in instance["properties"] for instance in plain)
    assert all("instanceView" in instance["properties"] for instance in expanded)
    view = get(arm, f"{path}/4/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/running"


def test_virtual_machine_lists_have_no_view_and_no_extensions() -> None:
    arm = arm_for_kind("virtual-machines-pool")
    path = f"{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines"
    assert error_of(arm, f"{path}{VERSION}&$expand=instanceView") == (400, "InvalidParameter")
    listed = get_all(arm, path)[0]
    assert [set(extension) for extension in listed["resources"]] == [{"id"}, {"id"}]
    machine = get(arm, listed["id"], _expand="instanceView")
    assert machine["properties"]["instanceView"]["statuses"]
    assert machine["resources"][0]["properties"]["provisioningState"] == "Succeeded"
    status = get_all(arm, path, statusOnly="true")[0]
    assert set(status["properties"]) == {"instanceView"}


def test_serves_children_under_their_own_address(arm: FakeArm) -> None:
    pool = get(arm, f"{PLACE.cluster_id}/agentPools/apps")
    assert pool["type"] == "Microsoft.ContainerService/ManagedClusters/agentPools"
    assert pool["properties"]["count"] == 3
    network = f"{PLACE.node_group_id}/providers/Microsoft.Network"
    subnets = get_all(arm, f"{network}/virtualNetworks/aks-vnet-26180121/subnets")
    assert [s["name"] for s in subnets] == ["aks-subnet", "aks-appgateway", "aks-virtualkubelet"]
    rules = get_all(
        arm, f"{network}/networkSecurityGroups/aks-agentpool-26180121-nsg/securityRules"
    )
    assert get(arm, rules[0]["id"]) == rules[0]


def test_an_object_may_change_after_its_first_read() -> None:
    arm = arm_for_case("VMSS001/transition-seen-only-once")
    sizes = [get(arm, APPS)["sku"]["name"] for _ in range(3)]
    assert sizes == ["Standard_D8ds_v5", "Standard_D4ds_v5", "Standard_D4ds_v5"]


def test_tells_how_many_reads_are_left(arm: FakeArm) -> None:
    answer = arm.answer("GET", f"{BASE_URL}/subscriptions{VERSION}", BEARER)
    assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0


def test_describes_its_cloud_to_anyone(arm: FakeArm) -> None:
    answer = arm.answer("GET", f"{BASE_URL}/metadata/endpoints?api-version=2022-09-01", {})
    cloud = json.loads(answer.body)
    assert cloud["resourceManager"] == BASE_URL
    assert cloud["authentication"]["audiences"] == [BASE_URL]


def test_remembers_its_calls(arm: FakeArm) -> None:
    get(arm, "/subscriptions")
    assert [(call.method, call.status) for call in arm.calls] == [("GET", 200)]


def test_serves_several_subscriptions_side_by_side() -> None:
    demo = FakeArm(tenant.demo())
    names = [s["displayName"] for s in get_all(demo, "/subscriptions")]
    assert names == [subscription.name for subscription in files.tenant().subscriptions]
