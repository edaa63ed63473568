from __future__ import annotations

import pytest

from auditor.collect import Scope
from auditor.collect.discovery import Discovery, discover
from auditor.model.errors import RunFailedError, UsageError
from auditor.model.facet import Outcome
from tests.collect.world import Scripted, Step, ok, reader_of, refusal

A, B, C = (f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-0000-0000-000000000000" for n in "abc")
GRAPH = "/providers/Microsoft.ResourceGraph/resources"


def subscription(guid: str, name: str, state: str = "Enabled") -> dict[str, str]:
    return {"subscriptionId": guid, "displayName": name, "state": state, "tenantId": "t"}


def cluster(guid: str, name: str = "shop") -> str:
    group = f"/subscriptions/{guid}/resourceGroups/rg"
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


VISIBLE = ok({"value": [subscription(B, "Beta", "Disabled"), subscription(A, "Alpha")]})
NONE = ok({"data": []})


async def found(
    subscriptions: Step = VISIBLE,
    graph: Step = NONE,
    given: tuple[str, ...] = (),
    **scope: tuple[str, ...],
) -> Discovery:
    script: dict[str, Step | list[Step]] = {"/subscriptions": subscriptions, GRAPH: graph}
    return await discover(reader_of(Scripted(script)), Scope(subscriptions=given, **scope))


def ids(discovery: Discovery) -> list[str]:
    return [unit.subscription.id for unit in discovery.units]


async def test_every_visible_subscription_is_a_unit_in_any_state_and_sorted() -> None:
    discovery = await found()
    assert ids(discovery) == [A, B]
    assert [u.subscription.state for u in discovery.units] == ["Enabled", "Disabled"]


async def test_graphs_silence_drops_no_subscription() -> None:
    discovery = await found(graph=ok({"data": [{"id": cluster(A)}]}))
    assert ids(discovery) == [A, B]
    assert discovery.named == {A: (cluster(A),)}


async def test_a_subscription_that_only_graph_shows_is_a_unit() -> None:
    assert ids(await found(graph=ok({"data": [{"id": cluster(C)}]}))) == [A, B, C]


async def test_without_graph_arm_alone_decides_and_a_gap_says_so() -> None:
    discovery = await found(graph=refusal(403, "AccessDenied"))
    assert ids(discovery) == [A, B]
    assert [(g.collector, g.outcome) for g in discovery.gaps] == [
        ("resource_graph", Outcome.DENIED)
    ]


async def test_subscriptions_are_given_by_id_or_name_in_any_case() -> None:
    assert ids(await found(given=("ALPHA",))) == [A]
    assert ids(await found(given=(B.upper(),))) == [B]
    assert ids(await found(given=("Alpha", A))) == [A]


async def test_an_id_that_is_not_visible_is_a_unit_that_is_not_assessed() -> None:
    (unit,) = (await found(given=(C,))).units
    assert unit.gap is not None
    assert unit.gap.outcome is Outcome.DENIED
    assert unit.gap.permission == "Microsoft.Resources/subscriptions/read"


async def test_a_name_that_nothing_bears_is_a_usage_error_with_near_matches() -> None:
    with pytest.raises(UsageError) as caught:
        await found(given=("Alpa",))
    assert caught.value.hint == "did you mean 'Alpha'?"


async def test_a_name_that_several_bear_is_a_usage_error() -> None:
    twins = ok({"value": [subscription(A, "Twin"), subscription(B, "twin")]})
    with pytest.raises(UsageError, match="2 subscriptions are called 'twin'"):
        await found(twins, given=("twin",))


async def test_excluded_subscriptions_are_left_out() -> None:
    assert ids(await found(exclude=("beta",))) == [A]
    with pytest.raises(UsageError):
        await found(exclude=("gamma",))


async def test_clusters_given_by_id_narrow_the_run_to_their_subscriptions() -> None:
    assert ids(await found(clusters=(cluster(A),))) == [A]
    assert ids(await found(clusters=(cluster(A), "by-name"))) == [A, B]


async def test_where_subscriptions_cannot_be_listed_ids_still_work() -> None:
    refused = refusal(403, "AuthorizationFailed")
    discovery = await found(refused, ok({"data": [{"id": cluster(C)}]}))
    assert ids(discovery) == [C]
    assert [g.collector for g in discovery.gaps] == ["subscriptions"]
    (unit,) = (await found(refused, given=(A,))).units
    assert (unit.subscription.id, unit.gap) == (A, None)
    with pytest.raises(RunFailedError, match="none is known by the name"):
        await found(refused, given=("Alpha",))


async def test_a_token_that_azure_refuses_fails_the_run() -> None:
    with pytest.raises(RunFailedError, match="refused the token"):
        await found(refusal(401, "InvalidAuthenticationToken", "wrong tenant"))


def placed(guid: str, *groups: tuple[str, str]) -> dict[str, object]:
    chain = [{"name": name, "displayName": shown} for name, shown in groups]
    return {
        "id": f"/subscriptions/{guid}",
        "properties": {"managementGroupAncestorsChain": chain},
    }


async def above(*graph: Step) -> dict[str, list[tuple[str, str]]]:
    """The management groups above each subscription; the first answer tells the clusters."""
    script: dict[str, Step | list[Step]] = {"/subscriptions": VISIBLE, GRAPH: list(graph)}
    discovery = await discover(reader_of(Scripted(script)), Scope())
    units = (unit.subscription for unit in discovery.units)
    assert discovery.gaps == ()
    return {one.id: [(g.id, g.name) for g in one.management_groups] for one in units}


async def test_subscriptions_know_the_management_groups_above_them_the_nearest_first() -> None:
    rows = [placed(A.upper(), ("mg-shop", "Shop"), ("root", "Tenant Root Group")), placed(B)]
    assert await above(NONE, ok({"data": rows})) == {
        A: [("mg-shop", "Shop"), ("root", "Tenant Root Group")],
        B: [],
    }


@pytest.mark.parametrize(
    "answer",
    [
        refusal(403, "AccessDenied"),
        ok({"data": [{"id": f"/subscriptions/{A}", "properties": None}]}),
        ok({"data": [{"id": f"/subscriptions/{A}", "properties": "text"}]}),
        NONE,
    ],
)
async def test_where_graph_does_not_say_the_groups_are_not_known_and_nothing_else_is_missing(
    answer: Step,
) -> None:
    assert await above(NONE, answer) == {A: [], B: []}
