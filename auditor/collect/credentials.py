"""Who asks: azure-identity's default chain, or the one way of signing in that was named."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity import DeviceCodeCredential
from azure.identity.aio import (
    AzureCliCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from auditor.collect.cloud import Cloud
from auditor.collect.options import SourceOptions
from auditor.model.errors import RunFailedError, UsageError

# azure-identity logs, over many lines, what the error that it raises says again.
logging.getLogger("azure.identity").addHandler(logging.NullHandler())


def credential_for(
    options: SourceOptions,
    cloud: Cloud,
    transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse],
) -> AsyncTokenCredential:
    """The credential to ask for tokens, over the shared transport; close it after use.

    Raises :class:`UsageError` for an unknown way, :class:`RunFailedError` for one that the
    environment does not provide for.
    """
    ways: Mapping[str | None, Callable[..., AsyncTokenCredential]] = {
        None: _default,
        "cli": _cli,
        "managed-identity": _managed_identity,
        "workload-identity": _workload_identity,
        "environment": _environment,
        "device-code": _device_code,
    }
    way = ways.get(options.auth)
    if way is None:
        names = ", ".join(name for name in ways if name)
        raise UsageError(f"unknown way to sign in {options.auth!r}", f"use one of {names}")
    settings = _settings(cloud, transport)
    try:
        return way(options.tenant, settings)
    except ValueError as error:
        raise RunFailedError(
            f"signing in as {options.auth or 'default'} is not set up: {error}",
            "set what azure-identity needs, or choose another --auth",
        ) from error


def _settings(
    cloud: Cloud, transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse]
) -> dict[str, Any]:
    """What every credential that talks to a server needs."""
    settings: dict[str, Any] = {"transport": transport}
    if cloud.authority:
        settings["authority"] = cloud.authority
    return settings


def _default(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:
    if tenant is None:
        return DefaultAzureCredential(**settings)
    return InTenant(
        DefaultAzureCredential(additionally_allowed_tenants=[tenant], **settings), tenant
    )


def _cli(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:  # noqa: ARG001 (the CLI brings its own transport)
    return AzureCliCredential(tenant_id=tenant or "")


def _managed_identity(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:  # noqa: ARG001 (an identity has but one tenant)
    """The machine's own identity; of several, as in the default chain, AZURE_CLIENT_ID's."""
    settings.pop("authority", None)
    return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"), **settings)


def _workload_identity(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:
    if tenant:
        settings["tenant_id"] = tenant
    return WorkloadIdentityCredential(**settings)


def _environment(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:
    if tenant is None:
        return EnvironmentCredential(**settings)
    return InTenant(
        EnvironmentCredential(additionally_allowed_tenants=[tenant], **settings), tenant
    )


def _device_code(tenant: str | None, settings: dict[str, Any]) -> AsyncTokenCredential:
    settings.pop("transport")
    if tenant:
        settings["tenant_id"] = tenant
    return InThread(DeviceCodeCredential(prompt_callback=_tell, **settings))


def _tell(address: str, code: str, expires: datetime) -> None:  # noqa: ARG001 (azure-identity's signature)
    """Standard output is for data, so people are told on standard error."""
    sys.stderr.write(f"To sign in, open {address} and enter the code {code}.\n")


class InTenant(AsyncTokenCredential):
    """A credential that asks for tokens of one tenant."""

    def __init__(self, credential: AsyncTokenCredential, tenant: str) -> None:
        self._credential = credential
        self._tenant = tenant

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:  # noqa: ANN401 (the protocol's own signature)
        """A token of that tenant."""
        return await self._credential.get_token(*scopes, **(kwargs | {"tenant_id": self._tenant}))

    async def close(self) -> None:
        """Close the credential."""
        await self._credential.close()

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class InThread(AsyncTokenCredential):
    """A credential that azure-identity has only in a blocking form."""

    def __init__(self, credential: DeviceCodeCredential) -> None:
        self._credential = credential

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:  # noqa: ANN401 (the protocol's own signature)
        """A token, waited for in a thread."""
        return await asyncio.to_thread(self._credential.get_token, *scopes, **kwargs)

    async def close(self) -> None:
        """Close the credential."""
        await asyncio.to_thread(self._credential.close)

    async def __aexit__(self, *_: object) -> None:
        await self.close()
