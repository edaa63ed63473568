"""The fake ARM on the loopback address, over HTTPS, beside a managed identity endpoint.

The identity endpoint is the one that App Service gives to its apps (api-version 2019-08-01,
plain HTTP on the loopback address), so that azure-identity gets its tokens in its own way.
Source: *How to use managed identities for App Service*, "REST endpoint reference".
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from aiohttp import web

from auditor.demo.arm import FakeArm
from auditor.demo.certificates import LOOPBACK, server_context

_TOKEN_LIFE = timedelta(hours=1)
_IDENTITY_VERSION = "2019-08-01"
_CLIENT_ID = "11111111-0000-4000-8000-00000000a0d1"
_OBJECT_ID = "11111111-0000-4000-8000-00000000a0d2"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running server is found.

    ``environment`` makes azure-identity take its token here and Python's TLS trust the server;
    ``ca_file`` vanishes with the server.
    """

    base_url: str
    ca_file: Path
    environment: Mapping[str, str]


@asynccontextmanager
async def serve(arm: FakeArm) -> AsyncIterator[Address]:
    """Serve in the running event loop for as long as the context lasts."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="aks-auditor-demo-") as folder:
        context, ca_file = server_context(Path(folder))
        async with (
            _listening(_arm_app(arm), context) as arm_port,
            _listening(_identity_app(secret, arm.tenant.id)) as identity_port,
        ):
            yield _address(arm_port, identity_port, secret, ca_file)


@contextmanager
def serve_in_background(arm: FakeArm) -> Iterator[Address]:
    """Serve from a thread of its own for as long as the context lasts."""
    with _loop_in_a_thread() as loop:
        server = serve(arm)
        address = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        try:
            yield address
        finally:
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-arm", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _address(arm_port: int, identity_port: int, secret: str, ca_file: Path) -> Address:
    trusted = str(ca_file)
    return Address(
        base_url=f"https://{LOOPBACK}:{arm_port}",
        ca_file=ca_file,
        environment={
            "IDENTITY_ENDPOINT": f"http://{LOOPBACK}:{identity_port}/msi/token",
            "IDENTITY_HEADER": secret,
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "SSL_CERT_FILE": trusted,
            "REQUESTS_CA_BUNDLE": trusted,
        },
    )


@asynccontextmanager
async def _listening(
    app: web.Application, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Listen on a free port of the loopback address and tell which."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=context)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _arm_app(arm: FakeArm) -> web.Application:
    async def handle(request: web.Request) -> web.StreamResponse:
        answer = arm.answer(request.method, str(request.url), request.headers, await request.read())
        if answer.dropped:
            _hang_up(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return app


def _hang_up(request: web.Request) -> None:
    """Close the connection without a word: the nearest to silence that costs no time."""
    if request.transport is not None:
        request.transport.abort()


def _identity_app(secret: str, tenant_id: str) -> web.Application:
    async def token(request: web.Request) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != secret:
            return web.json_response({"statusCode": 401, "message": "Unauthorized"}, status=401)
        resource = request.query.get("resource", "")
        if request.query.get("api-version") != _IDENTITY_VERSION or not resource:
            return web.json_response({"statusCode": 400, "message": "Bad Request"}, status=400)
        return web.json_response(_token(resource, tenant_id))

    app = web.Application()
    app.router.add_get("/msi/token", token)
    return app


def _token(resource: str, tenant_id: str) -> Mapping[str, str]:
    expires = str(int((datetime.now(UTC) + _TOKEN_LIFE).timestamp()))
    claims = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{tenant_id}/",
        "exp": expires,
        "appid": _CLIENT_ID,
        "oid": _OBJECT_ID,
        "tid": tenant_id,
        "idtyp": "app",
    }
    head = {"typ": "JWT", "alg": "none"}
    return {
        "access_token": f"{_encoded(head)}.{_encoded(claims)}.unsigned",
        "expires_on": expires,
        "resource": resource,
        "token_type": "Bearer",
        "client_id": _CLIENT_ID,
    }


def _encoded(part: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
