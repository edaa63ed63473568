from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from auditor.collect.activity import Logs, Window, in_order, look_back, read_logs
from auditor.collect.interest import Interest
from auditor.demo import tenant
from auditor.demo.arm import FakeArm, PageSizes
from auditor.demo.files import Fault
from auditor.model.facet import Gap, Outcome
from auditor.model.operation import ActivityRecord
from tests.collect.world import (
    NODE_GROUP,
    NOW,
    SCOPE,
    SUBSCRIPTION,
    addresses,
    arm,
    denied,
    reader_of,
)
from tests.support.transport import FakeArmTransport

GROUP = f"{SCOPE}/resourceGroups/rg-shop"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/shop"
SCALE_SET = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks"
ELSEWHERE = f"{SCOPE}/resourceGroups/rg-web/providers/Microsoft.Web/sites/www"
WINDOW = Window(NOW - timedelta(days=30), NOW)
INTEREST = Interest([CLUSTER, NODE_GROUP], [], [])


def event(number: int, resource: str = SCALE_SET, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    at = NOW - timedelta(hours=1 + number)
    return {
        "eventDataId": f"e{number:04}",
        "eventTimestamp": at.isoformat(),
        "resourceId": resource,
        "resourceGroupName": resource.split("/")[4],
        "resourceProviderName": {"value": "Microsoft.Compute"},
        "subscriptionId": SUBSCRIPTION,
        "correlationId": f"c{number}",
        "operationName": {"value": "Microsoft.Compute/virtualMachineScaleSets/write"},
        "category": {"value": "Administrative"},
        "caller": "someone",
        **changes,
    }


def stage(*events: dict[str, Any], faults: tuple[Fault, ...] = (), page: int = 5) -> FakeArm:
    whole = tenant.of_cluster("linux-managed-vnet")
    changed = msgspec.structs.replace(whole, events=events, faults=faults)
    return FakeArm(changed, PageSizes(activity=page))


async def logs_of(fake: FakeArm, *interests: Interest) -> Logs:
    reader = reader_of(FakeArmTransport(fake))
    return await read_logs(reader, SUBSCRIPTION, interests or (INTEREST,), WINDOW)


async def ids(fake: FakeArm, interest: Interest = INTEREST) -> list[str]:
    log = (await logs_of(fake, interest)).of(interest).require()
    return [record.event_id for record in log.records]


async def test_a_short_log_is_one_call() -> None:
    fake = stage(event(2), event(1), event(3, ELSEWHERE))
    assert await ids(fake) == ["e0002", "e0001"]
    assert len(fake.calls) == 1


async def test_where_most_of_the_log_is_about_others_the_groups_own_logs_are_read() -> None:
    events = [event(n, ELSEWHERE if n % 12 else SCALE_SET) for n in range(60)]
    fake = stage(*events)
    assert await ids(fake) == [f"e{n:04}" for n in (48, 36, 24, 12, 0)]
    asked = [p for p in addresses(fake) if "resourceGroupName eq" in p]
    assert {p.rpartition(" eq ")[2] for p in asked} == {
        "'rg-shop'",
        "'MC_rg-shop_shop_westeurope'",
    }


async def test_where_most_of_the_log_is_ours_it_is_read_whole_in_slices() -> None:
    fake = stage(*(event(n) for n in range(60)))
    assert await ids(fake) == [f"e{n:04}" for n in reversed(range(60))]
    assert not any("resourceGroupName" in p for p in addresses(fake))


async def test_slices_leave_no_gap_between_them() -> None:
    slices = WINDOW.slices(7)
    assert slices[0].since == WINDOW.since
    assert slices[-1].until == WINDOW.until
    assert all(a.until == b.since for a, b in itertools.pairwise(slices))


async def test_an_event_that_two_slices_hold_counts_once() -> None:
    record = ActivityRecord(event_id="e", at=NOW)
    nameless = ActivityRecord(event_id="", at=NOW)
    assert in_order([record, nameless, record, nameless]) == (nameless, nameless, record)


async def test_where_the_whole_is_refused_the_groups_may_be_readable() -> None:
    fault = denied(r"eventtypes/management/values\?((?!resourceGroupName).)*$")
    fake = stage(event(1), event(2), faults=(fault,))
    assert await ids(fake) == ["e0002", "e0001"]


async def test_refused_everywhere_is_one_gap() -> None:
    logs = await logs_of(stage(faults=(denied("eventtypes"),)))
    facet = logs.of(INTEREST)
    assert isinstance(facet, Gap)
    assert (facet.scope, facet.permission) == (SCOPE, "Microsoft.Insights/eventtypes/values/read")
    assert {gap.id for gap in logs.beside([INTEREST])} == {facet.id}


async def test_a_slice_that_fails_makes_no_shorter_log() -> None:
    fault = Fault(path=r"skiptoken", status=500)
    facet = (await logs_of(stage(*(event(n) for n in range(60)), faults=(fault,)))).of(INTEREST)
    assert isinstance(facet, Gap)
    assert facet.outcome is Outcome.FAILED


async def test_a_shared_network_that_cannot_be_read_hides_nothing_else() -> None:
    shared = f"{SCOPE}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/v"
    interest = Interest([CLUSTER, NODE_GROUP], [f"{shared}/subnets/s"], [shared])
    whole = denied(r"eventtypes/management/values\?((?!resourceGroupName).)*$")
    fake = stage(event(1), faults=(whole, denied("resourceGroupName eq 'rg-net'")))
    logs = await logs_of(fake, interest)
    assert [r.event_id for r in logs.of(interest).require().records] == ["e0001"]
    assert [gap.scope for gap in logs.beside([interest])] == [SCOPE]


def policy(effect: str) -> dict[str, str]:
    """The name under which Azure Policy records what it did."""
    return {"value": f"Microsoft.Authorization/policies/{effect}/action"}


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"category": {"value": "Policy"}}, False),
        ({"category": {"value": "Policy"}, "operationName": policy("audit")}, False),
        ({"category": {"value": "Policy"}, "operationName": policy("deny")}, False),
        ({"category": {"value": "Policy"}, "operationName": policy("modify")}, True),
        ({"category": {"value": "Policy"}, "operationName": policy("deployIfNotExists")}, True),
        ({"category": {"value": "ResourceHealth"}, "caller": None}, True),
        ({"category": {"value": "ResourceHealth"}, "caller": "someone"}, False),
        (
            {
                "category": {"value": "ServiceHealth"},
                "caller": "",
                "operationName": {"value": "Microsoft.Compute/evictSpotVM/action"},
            },
            True,
        ),
    ],
)
async def test_deeds_are_kept_and_evictions_and_nothing_else(
    changes: dict[str, Any], kept: bool
) -> None:
    assert bool(await ids(stage(event(1, **changes)))) is kept


async def test_of_a_custom_network_its_own_subnet_counts_and_no_other() -> None:
    network = f"{SCOPE}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/v"
    interest = Interest([CLUSTER, NODE_GROUP], [f"{network}/subnets/nodes"], [network])
    fake = stage(
        event(1, f"{network}/subnets/NODES"), event(2, f"{network}/subnets/x"), event(3, network)
    )
    assert await ids(fake, interest) == ["e0003", "e0001"]


async def test_looking_back_reaches_as_far_as_azure_keeps_the_log() -> None:
    old = event(1, eventTimestamp=(NOW - timedelta(days=80)).isoformat())
    fake = stage(old, event(2))
    facet, since = await look_back(reader_of(FakeArmTransport(fake)), SCALE_SET, WINDOW.since, NOW)
    assert [record.event_id for record in facet.require()] == ["e0001"]
    assert NOW - timedelta(days=90) <= since < NOW - timedelta(days=89)
    assert "resourceUri eq" in addresses(fake)[0]


async def test_looking_back_on_a_group_asks_for_the_group() -> None:
    fake = stage()
    await look_back(reader_of(FakeArmTransport(fake)), NODE_GROUP, WINDOW.since, NOW)
    assert "resourceGroupName eq 'MC_rg-shop_shop_westeurope'" in addresses(fake)[0]


async def test_nothing_is_asked_where_the_window_reaches_back_already() -> None:
    fake = arm()
    until = datetime(2026, 1, 1, tzinfo=UTC)
    facet, since = await look_back(reader_of(FakeArmTransport(fake)), SCALE_SET, until, NOW)
    assert facet.require() == ()
    assert since == until
    assert fake.calls == []
