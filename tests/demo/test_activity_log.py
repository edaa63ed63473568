from __future__ import annotations

import json

import pytest

from auditor.demo.arm import PageSizes
from tests.support.cases import BASE_URL, BEARER, arm_for_case, arm_for_kind, get, get_all, home

KIND = "linux-managed-vnet"
PLACE = home(KIND)
LOG = f"{PLACE.subscription_id}/providers/Microsoft.Insights/eventtypes/management/values"
SPAN = "eventTimestamp ge '2026-08-10T00:00:00Z' and eventTimestamp le '2026-11-01T03:00:00Z'"
APPS = (
    f"{PLACE.node_group_id}/providers/Microsoft.Compute/virtualMachineScaleSets"
    "/aks-apps-38116459-vmss"
)


def events(filter_: str = SPAN) -> list[dict[str, object]]:
    return get_all(arm_for_kind(KIND), LOG, _filter=filter_)


@pytest.mark.parametrize(
    "filter_",
    [
        "eventTimestamp ge '2026-10-01T00:00:00Z'",
        f"{SPAN} and caller eq 'bob@contoso.example'",
        f"{SPAN} and status eq 'Succeeded'",
        f"{SPAN} or resourceGroupName eq 'x'",
        f"{SPAN} and resourceGroupName eq 'x' and resourceProvider eq 'y'",
        "eventTimestamp ge 'yesterday' and eventTimestamp le '2026-11-01T03:00:00Z'",
        "eventTimestamp ge '2026-01-01T00:00:00Z' and eventTimestamp le '2026-11-01T03:00:00Z'",
        "",
    ],
)
def test_refuses_every_filter_but_the_documented_ones(filter_: str) -> None:
    answer = get(arm_for_kind(KIND), LOG, _filter=filter_)
    assert answer["code"] == "BadRequest"


def test_refuses_to_answer_without_a_filter() -> None:
    assert get(arm_for_kind(KIND), LOG)["code"] == "BadRequest"


def test_answers_newest_first_and_in_pages() -> None:
    arm = arm_for_kind(KIND, PageSizes(activity=7))
    found = get_all(arm, LOG, _filter=SPAN)
    times = [str(event["eventTimestamp"]) for event in found]
    assert times == sorted(times, reverse=True)
    assert len(arm.calls) == -(-len(found) // 7)


def test_keeps_to_the_span() -> None:
    one_day = (
        "eventTimestamp ge '2026-10-21T00:00:00Z' and eventTimestamp le '2026-10-22T00:00:00Z'"
    )
    assert {str(e["eventTimestamp"])[:10] for e in events(one_day)} == {"2026-10-21"}


def test_selects_by_group_whatever_its_case() -> None:
    found = events(f"{SPAN} and resourceGroupName eq '{PLACE.node_group.lower()}'")
    assert {event["resourceGroupName"] for event in found} == {PLACE.node_group}


def test_selects_by_resource_and_what_lies_below() -> None:
    found = {event["resourceId"] for event in events(f"{SPAN} and resourceUri eq '{APPS}'")}
    assert found == {APPS, f"{APPS}/virtualMachines/4"}


def test_selects_by_provider_and_by_correlation() -> None:
    provider = events(f"{SPAN} and resourceProvider eq 'Microsoft.ContainerService'")
    (shared,) = {event["correlationId"] for event in provider}
    correlated = events(f"{SPAN} and correlationId eq '{shared}'")
    assert len(correlated) > len(provider) > 0


def test_select_reduces_the_records() -> None:
    arm = arm_for_kind(KIND)
    found = get_all(arm, LOG, _filter=SPAN, _select="eventDataId, status")
    assert {tuple(event) for event in found} == {("eventDataId", "status")}


def test_one_entry_becomes_the_records_that_arm_keeps() -> None:
    arm = arm_for_case("VMSS001/violates-vm-size-in-portal")
    found = get_all(arm, LOG, _filter=f"{SPAN} and resourceUri eq '{APPS}'")
    ended, accepted, begun = [e for e in found if e["caller"] == "bob@contoso.example"]
    assert [e["status"]["value"] for e in (begun, accepted, ended)] == [
        "Started",
        "Accepted",
        "Succeeded",
    ]
    assert begun["eventName"]["value"] == "BeginRequest"
    assert ended["eventName"]["value"] == "EndRequest"
    assert len({e["eventDataId"] for e in found}) == len(found)
    assert begun["operationId"] == accepted["operationId"] == ended["operationId"]
    assert json.loads(begun["properties"]["requestbody"])["sku"]["name"] == "Standard_D8ds_v5"
    assert "requestbody" not in ended["properties"]
    assert begun["httpRequest"]["method"] == "PUT"
    assert "httpRequest" not in ended
    assert begun["eventTimestamp"] < accepted["eventTimestamp"] < ended["eventTimestamp"]
    assert begun["resourceType"]["value"] == "Microsoft.Compute/virtualMachineScaleSets"


def test_a_subscription_sees_its_own_events_only() -> None:
    arm = arm_for_kind(KIND)
    other = LOG.replace(PLACE.subscription, "b9d04e7a-5c18-4f62-8a3e-d17f6c2b9054")
    url = f"{BASE_URL}{other}?api-version=2015-04-01&$filter={SPAN}"
    assert arm.answer("GET", url, BEARER).status == 404
