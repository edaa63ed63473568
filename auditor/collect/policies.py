"""What every request passes through, in this order, between the auditor and the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncHTTPPolicy,
    AsyncRetryPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from auditor import __version__
from auditor.collect.budgets import Budgets
from auditor.collect.calls import Ledger

GRAPH_QUERY = "/providers/microsoft.resourcegraph/resources"
REGION = "auditor_region"

_LONGEST_WAIT = 300.0
_ATTEMPTS = 10
_ERROR = 400

Request: TypeAlias = PipelineRequest[HttpRequest]
Response: TypeAlias = PipelineResponse[HttpRequest, AsyncHttpResponse]
Policy: TypeAlias = "AsyncHTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]"


class BlockedRequestError(Exception):
    """A request that must not leave: it could write, or would carry the token elsewhere."""


class Guard(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Lets reads to one host pass, and nothing else: the auditor cannot change anything.

    Reads are GET, HEAD, and POST to the Resource Graph query. Tokens go to the cloud's own ARM
    host only, over TLS; a link in an answer that leads elsewhere is not followed.
    """

    def __init__(self, endpoint: str, ledger: Ledger) -> None:
        self._host = _host(endpoint)
        self._ledger = ledger

    def on_request(self, request: Request) -> None:
        """Raise :class:`BlockedRequestError` for what must not leave."""
        method, url = request.http_request.method.upper(), request.http_request.url
        reason = self._objection(method, url)
        if reason:
            self._ledger.blocked(method, url)
            raise BlockedRequestError(reason)

    def _objection(self, method: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https":
            return f"only https is used, not {parts.scheme or 'a relative address'}"
        if _host(url) != self._host:
            return f"an address outside {self._host} is not followed: {parts.netloc}"
        if method in {"GET", "HEAD"}:
            return ""
        if method == "POST" and parts.path.casefold() == GRAPH_QUERY:
            return ""
        return f"{method} {parts.path} could change something"


def _host(url: str) -> str:
    """Host and port; ARM writes the port 443 into some of its links. Empty if it does not read."""
    parts = urlsplit(url)
    try:
        return f"{parts.hostname}:{parts.port or 443}"
    except ValueError:
        return ""


class PatientRetry(AsyncRetryPolicy[HttpRequest, AsyncHttpResponse]):
    """Retries throttled and failed requests as they ask, but not for ever.

    A total wait beyond five minutes is not begun: the refusal is then the answer.
    """

    def __init__(self) -> None:
        super().__init__(retry_total=_ATTEMPTS, retry_status=_ATTEMPTS, retry_backoff_max=60)

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether another attempt is worth its wait."""
        if not super().is_retry(settings, response):
            return False
        wait = self.get_retry_after(response) or self.get_backoff_time(settings)
        settings["waited"] = settings.get("waited", 0.0) + wait
        return bool(settings["waited"] <= _LONGEST_WAIT)


class Pace(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Keeps every attempt within the budgets, and listens to what answers say is left."""

    def __init__(self, budgets: Budgets) -> None:
        super().__init__()
        self._budgets = budgets

    async def send(self, request: Request) -> Response:
        """Wait for the budget, send, listen."""
        url, region = request.http_request.url, request.context.get(REGION, "")
        await self._budgets.spend(url, region)
        response = await self.next.send(request)
        self._budgets.heed(url, response.http_response.headers, region)
        return response


class Receipt(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Counts every attempt that leaves."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    async def send(self, request: Request) -> Response:
        """Send and count."""
        failed = True
        try:
            response = await self.next.send(request)
            failed = response.http_response.status_code >= _ERROR
        finally:
            self._ledger.sent(request.http_request.method, request.http_request.url, failed=failed)
        return response


class Region(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Takes the region, which budgets need, out of the options, which go to the transport."""

    def on_request(self, request: Request) -> None:
        """Move it to the context."""
        request.context[REGION] = request.context.options.pop(REGION, "")


def online(
    endpoint: str, ledger: Ledger, budgets: Budgets, credential: AsyncTokenCredential, scope: str
) -> Sequence[Policy]:
    """The policies towards Azure. The SDK's own logging, redirects and registration are absent."""
    return [
        *_common(endpoint, ledger),
        PatientRetry(),
        AsyncARMChallengeAuthenticationPolicy(credential, scope),
        Pace(budgets),
        Receipt(ledger),
    ]


def anonymous(endpoint: str, ledger: Ledger) -> Sequence[Policy]:
    """The policies for what is asked before there is a token."""
    return [*_common(endpoint, ledger), PatientRetry(), Receipt(ledger)]


def _common(endpoint: str, ledger: Ledger) -> list[Policy]:
    return [
        RequestIdPolicy(),
        HeadersPolicy({"Accept": "application/json"}),
        UserAgentPolicy(base_user_agent=f"aks-auditor/{__version__}"),
        Guard(endpoint, ledger),
        Region(),
    ]
