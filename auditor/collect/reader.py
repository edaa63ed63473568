"""Reading: an address becomes a known fact, or a gap that says why not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from azure.core.rest import HttpRequest

from auditor.collect import failures, surfaces
from auditor.collect.client import Carrier
from auditor.collect.failures import FailedReadError
from auditor.collect.redact import mask
from auditor.collect.surfaces import Surface
from auditor.collect.wire import base
from auditor.collect.wire.base import Page, Translatable
from auditor.collect.wire.graph import GraphOptions, GraphPage, GraphQuery
from auditor.model.facet import Facet, Gap, Known, Outcome

M = TypeVar("M")
W = TypeVar("W")

_OK = 200
_MOST_PAGES = 5_000
_ROWS = 1_000
_SAFE = "/()$'&=-._~:,@!"


class Recorder(Protocol):
    """Keeps what was answered; see ``recorded.py``."""

    def keep(self, request: HttpRequest, body: bytes) -> None:
        """Keep an answer of status 200, encoded again from what was understood of it."""

    def keep_failure(self, request: HttpRequest, failure: FailedReadError) -> None:
        """Keep a refusal, or that no answer came."""


class Reader:
    """Reads lists and resources; every failed read becomes one gap."""

    def __init__(
        self, carrier: Carrier, endpoint: str, now: datetime, recorder: Recorder | None = None
    ) -> None:
        self._carrier = carrier
        self._endpoint = endpoint
        self._now = now
        self._recorder = recorder

    async def get(
        self, surface: Surface[M], resource_id: str, *, region: str = "", **query: str
    ) -> Facet[M]:
        """One resource; ``query`` holds parameters such as ``expand``."""
        url = self._url(resource_id, surface, query)
        try:
            answer = await self._fetch(HttpRequest("GET", url), surface.wire, region)
            return Known(_translated(answer))
        except FailedReadError as failure:
            return self.gap(surface, resource_id, failure)

    async def list(
        self, surface: Surface[M], scope: str, *, region: str = "", **query: str
    ) -> Facet[tuple[M, ...]]:
        """All pages of a list, or a gap: pages without the last one make no list."""
        try:
            pages = [page async for page in self.pages(surface, scope, region=region, **query)]
        except FailedReadError as failure:
            return self.gap(surface, scope, failure)
        return Known(tuple(item for page, _ in pages for item in page))

    async def pages(
        self, surface: Surface[M], scope: str, *, region: str = "", **query: str
    ) -> AsyncGenerator[tuple[tuple[M, ...], bool], None]:
        """The pages of a list, each with whether more follow; raises ``FailedReadError``."""
        url: str | None = self._url(surface.under(scope), surface, query)
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise FailedReadError(Outcome.FAILED, "the list's pages have no end", _OK)
            seen.add(url)
            page = await self._fetch(HttpRequest("GET", url), Page[surface.wire], region)  # type: ignore[name-defined]  # made at run time
            url = _unbraced(page.next_link) if page.next_link else None
            yield tuple(_translated(item) for item in page.value), url is not None

    async def rows(
        self, surface: Surface[M], query: str, subscription_id: str = ""
    ) -> Facet[tuple[M, ...]]:
        """The rows of a Resource Graph query, of one subscription or of all that Graph shows."""
        scope = f"/subscriptions/{subscription_id}" if subscription_id else ""
        asked = GraphQuery(query=query, options=GraphOptions(top=_ROWS))
        if subscription_id:
            asked.subscriptions = [subscription_id]
        rows: list[M] = []
        try:
            for _ in range(_MOST_PAGES):
                page = await self._fetch(self._graph_request(asked), GraphPage[surface.wire], "")  # type: ignore[name-defined]  # made at run time
                rows += [_translated(row) for row in page.data]
                asked.options.skip_token = page.skip_token
                if not page.skip_token:
                    return Known(tuple(rows))
        except FailedReadError as failure:
            return self.gap(surface, scope, failure)
        endless = FailedReadError(Outcome.FAILED, "the list's pages have no end", _OK)
        return self.gap(surface, scope, endless)

    def gap(self, surface: Surface[M], scope: str, failure: FailedReadError) -> Gap:
        """The gap that a failed read leaves."""
        return Gap(
            scope=scope or "/",
            collector=surface.collector,
            outcome=failure.outcome,
            message=failure.message,
            status=failure.status,
            code=failure.code,
            permission=surface.permission if failure.outcome is Outcome.DENIED else "",
            at=self._now,
        )

    def _graph_request(self, body: GraphQuery) -> HttpRequest:
        return HttpRequest(
            "POST",
            self._url(surfaces.GRAPH.under(""), surfaces.GRAPH, {}),
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )

    def _url(self, path: str, surface: Surface[M], query: dict[str, str]) -> str:
        parameters = {"api-version": surface.api_version}
        parameters |= {f"${name}": value for name, value in query.items()}
        encoded = urlencode(parameters, quote_via=quote, safe="$")
        return f"{self._endpoint}{quote(path, safe=_SAFE)}?{encoded}"

    async def _fetch(self, request: HttpRequest, kind: type[W], region: str) -> W:
        """One answer, decoded; raises ``FailedReadError``, having recorded either."""
        try:
            answer = await self._exchange(request, kind, region)
        except FailedReadError as failure:
            if self._recorder:
                self._recorder.keep_failure(request, failure)
            raise
        if self._recorder:
            self._recorder.keep(request, msgspec.json.encode(answer, enc_hook=base.plain))
        return answer

    async def _exchange(self, request: HttpRequest, kind: type[W], region: str) -> W:
        answer = await self._carrier.carry(request, region)
        body = mask(answer.body)
        if answer.status != _OK:
            raise failures.of_answer(answer.status, body)
        return _decoded(body, kind)


def _decoded(body: bytes, kind: type[W]) -> W:
    try:
        return msgspec.json.decode(body, type=kind, dec_hook=base.custom)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise FailedReadError(Outcome.FAILED, f"the answer does not read: {error}", _OK) from error


def _translated(answer: Translatable[M]) -> M:
    try:
        return answer.to_model()
    except ValueError as error:
        raise FailedReadError(Outcome.FAILED, f"the answer does not read: {error}", _OK) from error


def _unbraced(link: str) -> str:
    """A link without braces, which the SDK's clients would take for a template's."""
    return link.replace("{", "%7B").replace("}", "%7D")
