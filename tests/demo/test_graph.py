from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.demo import tenant
from auditor.demo.arm import FakeArm, PageSizes
from tests.support.cases import BASE_URL, BEARER, arm_for_kind, home

KIND = "linux-managed-vnet"
PLACE = home(KIND)
URL = f"{BASE_URL}/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"


def ask(query: str, arm: FakeArm | None = None, **body: object) -> tuple[int, dict[str, Any]]:
    content = json.dumps({"query": query, **body}).encode()
    answer = (arm or arm_for_kind(KIND)).answer("POST", URL, BEARER, content)
    return answer.status, json.loads(answer.body)


def test_finds_clusters_by_type() -> None:
    _, found = ask(
        "resources | where type =~ 'Microsoft.ContainerService/managedClusters'"
        " | project id, subscriptionId, power=tostring(properties.powerState.code),"
        " nodes=tolower(properties.nodeResourceGroup) | order by id asc"
    )
    assert found["data"] == [
        {
            "id": PLACE.cluster_id,
            "subscriptionId": PLACE.subscription,
            "power": "Running",
            "nodes": PLACE.node_group.lower(),
        }
    ]
    assert found["resultTruncated"] == "false"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("resourcecontainers | where type =~ 'microsoft.resources/subscriptions'", 1),
        (
            "resourcecontainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups'",
            2,
        ),
        ("computeresources | project id", 5),
        ("resourcechanges", 0),
        (
            "resources | where type in~ ('microsoft.compute/disks', 'microsoft.x/y')",
            6,
        ),
        ("resources | where resourceGroup == 'rg-shop'", 1),
    ],
)
def test_knows_the_usual_tables(query: str, count: int) -> None:
    assert ask(query)[1]["totalRecords"] == count


def test_shows_the_power_of_instances() -> None:
    query = "computeresources | project p=properties.extended.instanceView.powerState.code"
    assert {row["p"] for row in ask(query)[1]["data"]} == {"PowerState/running"}


def test_limits_to_the_subscriptions_asked_for() -> None:
    assert ask("resources", subscriptions=["another"])[1]["count"] == 0
    assert ask("resources", subscriptions=[PLACE.subscription])[1]["count"] > 0


def test_pages_by_skip_token() -> None:
    arm = arm_for_kind(KIND, PageSizes(graph=4))
    query = "resources | project id | order by id asc"
    rows: list[str] = []
    options: dict[str, str] = {}
    while True:
        _, page = ask(query, arm, options=options)
        rows += [row["id"] for row in page["data"]]
        if "$skipToken" not in page:
            break
        options = {"$skipToken": page["$skipToken"]}
    assert len(rows) == page["totalRecords"] > 4
    assert rows == sorted(rows, key=str.casefold)


@pytest.mark.parametrize(
    "query",
    [
        "nosuchtable",
        "resources | join kind=inner (resources) on id",
        "resources | where id contains 'x'",
        "resources | project split(id, '/')",
        "resources | order by name desc",
    ],
)
def test_refuses_what_is_not_simple(query: str) -> None:
    status, body = ask(query)
    assert status == 400
    assert body["error"]["code"] == "BadRequest"


def test_refuses_a_body_that_is_no_query() -> None:
    answer = arm_for_kind(KIND).answer("POST", URL, BEARER, b"[]")
    assert answer.status == 400


def test_shows_the_management_groups_above_a_subscription() -> None:
    bundled = tenant.demo()
    kind = "microsoft.resources/subscriptions"
    query = f"resourcecontainers | where type =~ '{kind}' | project properties"
    chains = [
        [group["name"] for group in row["properties"].get("managementGroupAncestorsChain", [])]
        for row in ask(query, FakeArm(bundled))[1]["data"]
    ]
    assert ["mg-retail", "mg-landing-zones", bundled.id] in chains
    assert [] in chains
