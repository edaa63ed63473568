"""Which cloud: where its ARM is, whom its tokens are for, and who hands them out."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from azure.core import AsyncPipelineClient, AzureClouds
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient
from azure.mgmt.core.tools import get_arm_endpoints

from auditor.collect import policies
from auditor.collect.budgets import ARM, ARM_ELSEWHERE, Rate
from auditor.collect.calls import Ledger
from auditor.collect.options import SourceOptions
from auditor.collect.wire.base import Strings, Wire, strings
from auditor.model.errors import UsageError

_METADATA = "/metadata/endpoints?api-version=2022-09-01"
_NAMED = {
    "public": (AzureClouds.AZURE_PUBLIC_CLOUD, None),
    "china": (AzureClouds.AZURE_CHINA_CLOUD, "https://login.chinacloudapi.cn"),
    "usgov": (AzureClouds.AZURE_US_GOVERNMENT, "https://login.microsoftonline.us"),
}
_OK = 200


class Cloud(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud: ARM's address without a trailing slash, the scope of its tokens, their issuer.

    ``authority`` is ``None`` where azure-identity's own default holds. ``reads`` is the budget
    below ARM's own limit on reads, per subscription.
    """

    endpoint: str
    scope: str
    authority: str | None = None
    reads: Rate = ARM


class Authentication(Wire):
    """``authentication`` of the metadata."""

    login_endpoint: str | None = None
    audiences: Strings | None = None


class Endpoints(Wire):
    """``GET {arm}/metadata/endpoints``: one object, or in older versions a list of one."""

    authentication: Authentication | None = None


def named(name: str) -> Cloud:
    """A cloud by name; raises :class:`UsageError` for an unknown one."""
    if name not in _NAMED:
        raise UsageError(f"unknown cloud {name!r}", f"use one of {', '.join(_NAMED)}")
    setting, authority = _NAMED[name]
    known = get_arm_endpoints(setting)
    return Cloud(
        endpoint=known["resource_manager"].rstrip("/"),
        scope=known["credential_scopes"][0],
        authority=authority,
        reads=ARM if name == "public" else ARM_ELSEWHERE,
    )


async def resolve(
    options: SourceOptions,
    transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse],
    ledger: Ledger,
) -> Cloud:
    """The cloud that the options mean; a custom endpoint is asked about its tokens."""
    if options.arm_endpoint is None:
        return named(options.cloud)
    endpoint = checked(options.arm_endpoint)
    told = await _metadata(endpoint, transport, ledger)
    audiences = strings(told.audiences) or (f"{endpoint}/",)
    audience = next((a for a in audiences if a.rstrip("/") == endpoint), audiences[0])
    login = told.login_endpoint or ""
    return Cloud(
        endpoint=endpoint,
        scope=f"{audience.rstrip('/')}/.default",
        authority=login if login.startswith("https://") else None,
    )


def checked(endpoint: str) -> str:
    """A custom endpoint as the auditor uses it; raises :class:`UsageError` unless it is https."""
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname:
        raise UsageError(
            f"--arm-endpoint must be an https address, not {endpoint!r}",
            "a private certificate authority comes from SSL_CERT_FILE or REQUESTS_CA_BUNDLE",
        )
    if parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError("--arm-endpoint takes scheme, host and port only", "https://host:port")
    return f"https://{parts.netloc}"


async def _metadata(
    endpoint: str,
    transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse],
    ledger: Ledger,
) -> Authentication:
    client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncARMPipelineClient(
        endpoint, policies=policies.anonymous(endpoint, ledger), transport=transport
    )
    try:
        response = await client.send_request(HttpRequest("GET", endpoint + _METADATA))
        if response.status_code != _OK:
            return Authentication()
        told = msgspec.json.decode(response.content, type=Endpoints | list[Endpoints])
    except (AzureError, msgspec.DecodeError):
        return Authentication()
    first = told if isinstance(told, Endpoints) else next(iter(told), Endpoints())
    return first.authentication or Authentication()
