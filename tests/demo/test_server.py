from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.certificates import server_context
from auditor.demo.files import Fault
from auditor.demo.run import demo_environment
from auditor.demo.server import Address, serve
from tests.support.cases import BEARER

LOST = Fault(path="/lost", timeout=True)


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    whole = tenant.of_cluster("linux-managed-vnet")
    async with serve(FakeArm(msgspec.structs.replace(whole, faults=(LOST,)))) as found:
        yield found


@pytest.fixture
async def session(address: Address) -> AsyncIterator[aiohttp.ClientSession]:
    trusted = ssl.create_default_context(cafile=str(address.ca_file))
    connector = aiohttp.TCPConnector(ssl=trusted)
    async with aiohttp.ClientSession(connector=connector) as found:
        yield found


async def test_serves_arm_over_trusted_tls(
    address: Address, session: aiohttp.ClientSession
) -> None:
    url = f"{address.base_url}/subscriptions?api-version=2022-12-01"
    async with session.get(url, headers=BEARER) as response:
        assert [s["displayName"] for s in (await response.json())["value"]] == ["contoso-retail"]


async def test_nobody_else_trusts_it(address: Address) -> None:
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(address.base_url)


async def test_next_links_lead_back_to_the_server(
    address: Address, session: aiohttp.ClientSession
) -> None:
    group = "resourceGroups/MC_rg-shop_shop_westeurope/resources"
    url = f"{address.base_url}/subscriptions/{tenant.HOME.subscription}/{group}"
    async with session.get(url, params={"api-version": "2025-04-01"}, headers=BEARER) as response:
        assert (await response.json())["nextLink"].startswith(url)


async def test_a_lost_answer_hangs_up(address: Address, session: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await session.get(f"{address.base_url}/lost?api-version=2022-12-01", headers=BEARER)


async def test_gives_tokens_as_app_service_does(
    address: Address, session: aiohttp.ClientSession
) -> None:
    environment = address.environment
    query = {"api-version": "2019-08-01", "resource": address.base_url}
    secret = {"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"]}
    endpoint = environment["IDENTITY_ENDPOINT"]
    async with session.get(endpoint, params=query, headers=secret) as response:
        token = await response.json()
    assert token["resource"] == address.base_url
    assert token["access_token"].count(".") == 2
    async with session.get(endpoint, params=query) as response:
        assert response.status == 401
    async with session.get(endpoint, headers=secret) as response:
        assert response.status == 400


def test_the_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    _, trusted = server_context(tmp_path)
    assert b"PRIVATE" not in trusted.read_bytes()
    assert (tmp_path / "server.pem").stat().st_mode & 0o077 == 0


def test_the_demo_runs_beside_its_audience_and_leaves_nothing() -> None:
    with demo_environment() as stage:
        address = stage.address
        url = f"{address.base_url}/subscriptions?api-version=2022-12-01"
        assert asyncio.run(_status(url, address.ca_file)) == 200
        assert [call.status for call in stage.arm.calls] == [200]
    assert not address.ca_file.exists()


async def _status(url: str, ca_file: Path) -> int:
    trusted = ssl.create_default_context(cafile=str(ca_file))
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=BEARER, ssl=trusted) as response,
    ):
        return response.status
