"""Stages for the collectors: the fake ARM with faults, or answers written out line by line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import msgspec
from azure.core.exceptions import AzureError
from azure.core.rest import AsyncHttpResponse, HttpRequest

from auditor.collect import Source, SourceOptions, open_source
from auditor.collect.budgets import Budgets
from auditor.collect.calls import Ledger
from auditor.collect.client import Clients
from auditor.collect.policies import online
from auditor.collect.reader import Reader
from auditor.demo import tenant
from auditor.demo.answers import Answer
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from auditor.demo.tenant import HOME, Tenant
from auditor.model.snapshot import Snapshot
from tests.support.credential import StaticCredential
from tests.support.transport import FakeArmTransport, FakeResponse

ENDPOINT = "https://arm.example.test"
NOW = tenant.NOW
SUBSCRIPTION = HOME.subscription
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
NODE_GROUP = f"{SCOPE}/resourceGroups/MC_rg-shop_shop_westeurope"

Step = Answer | AzureError


def options(**changes: Any) -> SourceOptions:  # noqa: ANN401 (any option)
    given: dict[str, Any] = {
        "now": NOW,
        "since": NOW - timedelta(days=30),
        "arm_endpoint": ENDPOINT,
    }
    return SourceOptions(**(given | changes))


def arm(kind: str = "linux-managed-vnet", *faults: Fault) -> FakeArm:
    """The fake ARM with one healthy cluster, and what goes wrong with it."""
    return FakeArm(with_faults(tenant.of_cluster(kind), *faults))


def with_faults(whole: Tenant, *faults: Fault) -> Tenant:
    return msgspec.structs.replace(whole, faults=(*whole.faults, *faults))


def denied(path: str) -> Fault:
    return Fault(path=path, status=403)


@asynccontextmanager
async def source(fake: FakeArm, **changes: Any) -> AsyncIterator[Source]:  # noqa: ANN401 (any option)
    given = options(**changes)
    transport = FakeArmTransport(fake)
    async with open_source(given, transport=transport, credential=StaticCredential()) as opened:
        yield opened


async def collected(fake: FakeArm, **changes: Any) -> Snapshot:  # noqa: ANN401 (any option)
    """The snapshot of the one subscription."""
    async with source(fake, **changes) as opened:
        (unit,) = await opened.units()
        return await opened.collect(unit)


def addresses(fake: FakeArm) -> list[str]:
    """What was asked, decoded and without the host."""
    return [unquote(call.url).removeprefix(ENDPOINT) for call in fake.calls]


def paths(fake: FakeArm) -> list[str]:
    """What was asked, without the query."""
    return [address.partition("?")[0] for address in addresses(fake)]


def ok(document: object, **headers: str) -> Answer:
    return Answer(body=json.dumps(document).encode(), headers=headers)


def refusal(status: int, code: str = "", message: str = "", **headers: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Answer(status=status, headers=headers, body=body)


class Scripted(FakeArmTransport):
    """Answers each path with its steps in turn, the last one for ever; 404 to all others."""

    def __init__(self, script: Mapping[str, Step | Sequence[Step]]) -> None:
        super().__init__(arm())
        self._steps = {
            path: list(steps) if isinstance(steps, Sequence) else [steps]
            for path, steps in script.items()
        }
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest, **_: object) -> AsyncHttpResponse:
        self.requests.append(request)
        steps = self._steps.get(unquote(request.url).removeprefix(ENDPOINT).partition("?")[0])
        step = (steps.pop(0) if len(steps) > 1 else steps[0]) if steps else refusal(404)
        if isinstance(step, AzureError):
            raise step
        return FakeResponse(request, step)


async def no_waiting(_: float) -> None:
    """A sleep that takes no time."""


def reader_of(transport: FakeArmTransport, ledger: Ledger | None = None) -> Reader:
    """A reader over the whole pipeline, whose budgets do not wait."""
    budgets = Budgets(sleep=no_waiting)
    credential = StaticCredential()
    chain = online(ENDPOINT, ledger or Ledger(), budgets, credential, f"{ENDPOINT}/.default")
    return Reader(Clients(ENDPOINT, chain, transport, credential), ENDPOINT, NOW)
