"""The pipeline from an address to a fact or a gap, over answers written out line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import HttpRequest

from auditor import __version__
from auditor.collect import surfaces
from auditor.collect.budgets import Budgets
from auditor.collect.calls import Ledger
from auditor.collect.client import Clients
from auditor.collect.failures import FailedReadError
from auditor.collect.policies import online
from auditor.demo.answers import Answer
from auditor.model.errors import RunFailedError
from auditor.model.facet import Gap, Known, Outcome
from tests.collect.world import ENDPOINT, NOW, Scripted, Step, ok, reader_of, refusal
from tests.support.credential import StaticCredential

S = "/subscriptions/s1"
GROUPS = f"{S}/resourceGroups"
CLUSTERS = f"{S}/providers/Microsoft.ContainerService/managedClusters"


def group(name: str) -> dict[str, str]:
    return {"id": f"{GROUPS}/{name}", "name": name}


async def read_groups(steps: Step | Sequence[Step]) -> tuple[Any, Scripted]:
    transport = Scripted({GROUPS: steps})
    return await reader_of(transport).list(surfaces.GROUPS, S), transport


async def gap_of(steps: Step | Sequence[Step]) -> Gap:
    facet, _ = await read_groups(steps)
    assert isinstance(facet, Gap)
    return facet


async def test_all_pages_make_the_list() -> None:
    link = f"{ENDPOINT}:443{GROUPS}?api-version=1&$skiptoken=%7Bx%7D{{y}}"
    pages = [ok({"value": [group("a")], "nextLink": link}), ok({"value": [group("b")]})]
    transport = Scripted({GROUPS: pages[0], f":443{GROUPS}": pages[1]})
    facet = await reader_of(transport).list(surfaces.GROUPS, S)
    assert [g.name for g in facet.require()] == ["a", "b"]


async def test_pages_without_the_last_one_make_no_list() -> None:
    link = f"{ENDPOINT}{GROUPS}?page=2"
    gap = await gap_of([ok({"value": [group("a")], "nextLink": link}), refusal(500, "Oops", "no")])
    assert (gap.outcome, gap.status, gap.code, gap.message) == (Outcome.FAILED, 500, "Oops", "no")


async def test_a_list_that_links_to_itself_ends() -> None:
    link = f"{ENDPOINT}{GROUPS}?page=2"
    gap = await gap_of(ok({"value": [], "nextLink": link}))
    assert gap.message == "the list's pages have no end"


async def test_a_refusal_names_the_permission_that_would_do() -> None:
    gap = await gap_of(refusal(403, "AuthorizationFailed", "you may not"))
    assert gap == Gap(
        scope=S,
        collector="resource_groups",
        outcome=Outcome.DENIED,
        message="you may not",
        status=403,
        code="AuthorizationFailed",
        permission="Microsoft.Resources/subscriptions/resourceGroups/read",
        at=NOW,
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (refusal(401, "InvalidAuthenticationToken"), Outcome.DENIED),
        (refusal(404, "ResourceGroupNotFound"), Outcome.GONE),
        (refusal(400, "BadRequest"), Outcome.FAILED),
        (refusal(409, "Conflict"), Outcome.FAILED),
        (Answer(status=302, headers={"Location": "https://evil.test/"}), Outcome.FAILED),
        (Answer(status=204), Outcome.FAILED),
        (Answer(status=404, body=b"<html>gateway</html>"), Outcome.GONE),
        (Answer(status=200, body=b'{"value": [{"id": "x"'), Outcome.FAILED),
        (Answer(status=200, body=b"\xff\xfe"), Outcome.FAILED),
        (Answer(status=200, body=b"[" * 100_000), Outcome.FAILED),
        (ok({"value": {"id": "x"}}), Outcome.FAILED),
        (ok({"value": [{"name": "no id"}]}), Outcome.FAILED),
        (ok({"error": {"code": "Weird"}}), Outcome.FAILED),
        (ServiceRequestError("cannot connect"), Outcome.FAILED),
        (ServiceResponseTimeoutError("too late"), Outcome.TIMEOUT),
    ],
)
async def test_every_failure_is_a_gap(answer: Step, outcome: Outcome) -> None:
    assert (await gap_of(answer)).outcome is outcome


async def test_an_empty_list_is_known() -> None:
    facet, _ = await read_groups(ok({"value": []}))
    assert facet == Known(())


async def test_no_secret_survives_in_a_message() -> None:
    gap = await gap_of(refusal(400, "Bad", "url https://x/?sv=1&sig=SECRET was\n refused"))
    assert gap.message == "url https://x/?sv=1&sig=*** was refused"


async def test_throttling_is_waited_for_as_asked() -> None:
    steps = [refusal(429, **{"Retry-After": "7"}), refusal(503), ok({"value": []})]
    facet, transport = await read_groups(steps)
    assert facet == Known(())
    assert transport.naps[0] == 7


async def test_throttling_without_end_is_a_gap_after_a_bounded_wait() -> None:
    facet, transport = await read_groups(refusal(429, "TooManyRequests", **{"Retry-After": "60"}))
    assert facet.outcome is Outcome.THROTTLED
    assert sum(transport.naps) <= 300


async def test_a_wait_that_is_too_long_is_not_begun() -> None:
    facet, transport = await read_groups(refusal(429, **{"Retry-After": "3600"}))
    assert facet.outcome is Outcome.THROTTLED
    assert transport.naps == []


async def test_a_list_of_an_unregistered_provider_registers_nothing() -> None:
    transport = Scripted({CLUSTERS: refusal(409, "MissingSubscriptionRegistration")})
    facet = await reader_of(transport).list(surfaces.CLUSTERS, S)
    assert isinstance(facet, Gap)
    assert [request.method for request in transport.requests] == ["GET"]


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.test{GROUPS}?x=1",
        f"https://arm.example.test@evil.test{GROUPS}",
        f"https://arm.example.test.evil.test{GROUPS}",
        f"https://arm.example.test:8443{GROUPS}",
        f"https://arm.example.test:no{GROUPS}",
        f"http://arm.example.test{GROUPS}?x=1",
        f"{GROUPS}?x=1",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(link: str) -> None:
    ledger = Ledger()
    transport = Scripted({GROUPS: ok({"value": [], "nextLink": link})})
    facet = await reader_of(transport, ledger).list(surfaces.GROUPS, S)
    assert isinstance(facet, Gap)
    assert len(transport.requests) == 1
    assert sum(row.blocked for row in ledger.rows()) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", GROUPS),
        ("DELETE", f"{GROUPS}/a"),
        ("PATCH", f"{GROUPS}/a"),
        ("POST", f"{S}/providers/Microsoft.ContainerService/register"),
        ("POST", "/providers/Microsoft.ResourceGraph/resources/x"),
        ("POST", "/providers/Microsoft.ResourceGraph/../x"),
    ],
)
async def test_what_could_write_never_leaves(method: str, path: str) -> None:
    ledger = Ledger()
    transport = Scripted({path: ok({})})
    chain = online(ENDPOINT, ledger, Budgets(), StaticCredential(), "scope")
    clients = Clients(ENDPOINT, chain, transport, StaticCredential())
    with pytest.raises(FailedReadError, match="could change something"):
        await clients.carry(HttpRequest(method, ENDPOINT + path), "")
    assert transport.requests == []
    assert [(row.count, row.blocked) for row in ledger.rows()] == [(0, 1)]


async def test_requests_say_who_asks_and_what_for() -> None:
    _, transport = await read_groups(ok({"value": []}))
    (request,) = transport.requests
    assert request.url == f"{ENDPOINT}{GROUPS}?api-version=2025-04-01"
    assert request.headers["User-Agent"].startswith(f"aks-auditor/{__version__}")
    assert request.headers["Authorization"] == "Bearer a-fake-token"


class NobodyCredential(StaticCredential):
    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        raise ClientAuthenticationError(message="nobody is signed in\nand so on")


async def test_without_a_token_the_run_fails_with_a_hint() -> None:
    transport, credential = Scripted({}), NobodyCredential()
    chain = online(ENDPOINT, Ledger(), Budgets(), credential, "scope")
    clients = Clients(ENDPOINT, chain, transport, credential)
    with pytest.raises(RunFailedError) as caught:
        await clients.carry(HttpRequest("GET", ENDPOINT + GROUPS), "")
    assert caught.value.message == "signing in to Azure failed: nobody is signed in"
    assert caught.value.hint


async def test_graph_pages_follow_the_skip_token() -> None:
    pages = [
        ok({"data": [{"id": "/a"}], "$skipToken": "t1"}),
        ok({"data": [{"id": "/b"}]}),
    ]
    transport = Scripted({"/providers/Microsoft.ResourceGraph/resources": pages})
    facet = await reader_of(transport).rows(surfaces.GRAPH, "resources")
    assert [row.id for row in facet.require()] == ["/a", "/b"]
    assert b'"$skipToken":"t1"' in transport.requests[1].content


async def test_graph_without_an_end_is_a_gap() -> None:
    page = ok({"data": [], "$skipToken": "again"})
    transport = Scripted({"/providers/Microsoft.ResourceGraph/resources": page})
    facet = await reader_of(transport).rows(surfaces.GRAPH, "resources")
    assert isinstance(facet, Gap)
    assert facet.collector == "resource_graph"


async def test_throttled_graph_queries_are_asked_again() -> None:
    steps: list[Step] = [refusal(429, "RateLimiting"), ok({"data": []})]
    transport = Scripted({"/providers/Microsoft.ResourceGraph/resources": steps})
    assert await reader_of(transport).rows(surfaces.GRAPH, "resources") == Known(())


async def test_an_item_that_cannot_be_translated_is_a_failure() -> None:
    transport = Scripted(
        {
            f"{S}/providers/Microsoft.Insights/eventtypes/management/values": ok(
                {"value": [{"eventTimestamp": "soon"}]}
            )
        }
    )
    facet = await reader_of(transport).list(surfaces.ACTIVITY, S)
    assert isinstance(facet, Gap)
    assert facet.outcome is Outcome.FAILED
