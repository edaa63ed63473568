"""Reading: an address becomes a known fact, or a gap that says why not."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from azure.core.rest import HttpRequest

from auditor.collect import decoding, failures, surfaces
from auditor.collect.client import Carrier
from auditor.collect.decoding import P, Sifted
from auditor.collect.failures import FailedReadError
from auditor.collect.redact import mask
from auditor.collect.surfaces import Surface
from auditor.collect.wire.base import Page
from auditor.collect.wire.graph import GraphOptions, GraphPage, GraphQuery
from auditor.model.facet import Facet, Gap, Known, Outcome, partly

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


class Part(msgspec.Struct, Generic[M], frozen=True, kw_only=True):
    """One page of a list: what of it was read, what was not, and whether more follow."""

    items: tuple[M, ...]
    gaps: tuple[Gap, ...]
    more: bool


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
            decode = partial(decoding.decoded, kind=surface.wire)
            answer = await self._fetch(HttpRequest("GET", url), decode, region)
            return Known(answer.to_model())
        except FailedReadError as failure:
            return self.gap(surface, resource_id, failure)
        except ValueError as error:
            return self.gap(surface, resource_id, decoding.failed(error))

    async def list(
        self, surface: Surface[M], scope: str, *, region: str = "", **query: str
    ) -> Facet[tuple[M, ...]]:
        """All pages of a list, or a gap: pages without the last one make no list.

        An element that does not read is a gap of its own, and hides none of the others.
        """
        try:
            parts = [part async for part in self.pages(surface, scope, region=region, **query)]
        except FailedReadError as failure:
            return self.gap(surface, scope, failure)
        return _whole(parts)

    async def pages(
        self, surface: Surface[M], scope: str, *, region: str = "", **query: str
    ) -> AsyncGenerator[Part[M], None]:
        """The pages of a list; raises ``FailedReadError``."""
        decode = partial(decoding.sifted, kind=Page, wire=surface.wire)
        url: str | None = self._url(surface.under(scope), surface, query)
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise FailedReadError(Outcome.FAILED, "the list's pages have no end", _OK)
            seen.add(url)
            answer = await self._fetch(HttpRequest("GET", url), decode, region)
            link = answer.page.next_link
            url = _unbraced(link) if link else None
            yield self._part(surface, scope, answer, more=bool(link))

    async def rows(
        self, surface: Surface[M], query: str, subscription_id: str = ""
    ) -> Facet[tuple[M, ...]]:
        """The rows of a Resource Graph query, of one subscription or of all that Graph shows."""
        scope = f"/subscriptions/{subscription_id}" if subscription_id else ""
        asked = GraphQuery(query=query, options=GraphOptions(top=_ROWS))
        if subscription_id:
            asked.subscriptions = [subscription_id]
        decode = partial(decoding.sifted, kind=GraphPage, wire=surface.wire)
        parts: list[Part[M]] = []
        try:
            for _ in range(_MOST_PAGES):
                answer = await self._fetch(self._graph_request(asked), decode, "")
                asked.options.skip_token = answer.page.skip_token
                parts.append(self._part(surface, scope, answer, more=bool(answer.page.skip_token)))
                if not parts[-1].more:
                    return _whole(parts)
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

    def _part(
        self, surface: Surface[M], scope: str, answer: Sifted[P, M], *, more: bool
    ) -> Part[M]:
        """A page; each gap is named by the element's own id, or by the list where it shows none."""
        items, unread = answer.translated()
        gaps = (self.gap(surface, u.id or scope, decoding.failed(u.message)) for u in unread)
        return Part(items=items, gaps=tuple(gaps), more=more)

    async def _fetch(self, request: HttpRequest, decode: Callable[[bytes], W], region: str) -> W:
        """One answer, decoded; raises ``FailedReadError``, having recorded either."""
        try:
            answer = await self._exchange(request, decode, region)
        except FailedReadError as failure:
            if self._recorder:
                self._recorder.keep_failure(request, failure)
            raise
        if self._recorder:
            self._recorder.keep(request, decoding.encoded(answer))
        return answer

    async def _exchange(self, request: HttpRequest, decode: Callable[[bytes], W], region: str) -> W:
        answer = await self._carrier.carry(request, region)
        body = mask(answer.body)
        if answer.status != _OK:
            raise failures.of_answer(answer.status, body)
        return decode(body)


def _whole(parts: Iterable[Part[M]]) -> Facet[tuple[M, ...]]:
    """The list that its pages make."""
    parts = tuple(parts)
    items = tuple(item for part in parts for item in part.items)
    return partly(items, (gap for part in parts for gap in part.gaps))


def _unbraced(link: str) -> str:
    """A link without braces, which the SDK's clients would take for a template's."""
    return link.replace("{", "%7B").replace("}", "%7D")
