"""One connection pool for everything: ARM, and the endpoints that hand out tokens."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from azure.core.pipeline.transport import (  # pylint: disable=no-name-in-module
    AioHttpTransport,
)

from auditor.model.errors import UsageError

_CONNECT_SECONDS = 15
_READ_SECONDS = 90


@asynccontextmanager
async def open_transport(concurrency: int) -> AsyncIterator[AioHttpTransport]:
    """A transport that trusts what the environment says, and closes with the context."""
    connector = aiohttp.TCPConnector(limit=concurrency, ssl=trusted())
    session = aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,  # azure-core does it
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=True,
    )
    async with session:
        yield AioHttpTransport(
            session=session,
            session_owner=False,
            connection_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
        )


def trusted() -> ssl.SSLContext:
    """The certificate authorities of ``SSL_CERT_FILE`` or the system, and of a bundle.

    ``REQUESTS_CA_BUNDLE`` is what the Azure CLI honours. Raises :class:`UsageError` for one that
    cannot be read.
    """
    context = ssl.create_default_context()
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle:
        where = {"capath": bundle} if Path(bundle).is_dir() else {"cafile": bundle}
        try:
            context.load_verify_locations(**where)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"REQUESTS_CA_BUNDLE holds no certificates: {bundle}",
                "let it name a PEM file or a directory of them",
            ) from error
    return context
