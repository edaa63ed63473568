"""The fake ARM as an azure-core transport: in process, without sockets or waiting."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, MutableMapping
from types import TracebackType
from typing import Any, Self

from azure.core.exceptions import HttpResponseError, ServiceResponseTimeoutError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.core.utils import case_insensitive_dict

from auditor.demo.answers import Answer
from auditor.demo.arm import FakeArm


class FakeArmTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Carries requests to a :class:`FakeArm`; ``naps`` are the waits that it spared."""

    def __init__(self, arm: FakeArm) -> None:
        self.arm = arm
        self.naps: list[float] = []

    async def send(self, request: HttpRequest, **_: object) -> AsyncHttpResponse:
        """Answer, or time out where a fault says so."""
        body = request.content if isinstance(request.content, str | bytes) else b""
        body = body.encode() if isinstance(body, str) else body
        answer = self.arm.answer(request.method, request.url, request.headers, body)
        if answer.dropped:
            raise ServiceResponseTimeoutError("the fixture does not answer")
        return FakeResponse(request, answer)

    async def sleep(self, duration: float) -> None:
        """Record the wait instead of waiting."""
        self.naps.append(duration)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class FakeResponse(AsyncHttpResponse):
    """An answer in the form that azure-core hands to its callers."""

    def __init__(self, request: HttpRequest, answer: Answer) -> None:
        self._request = request
        self._answer = answer
        self._headers = case_insensitive_dict(answer.headers)
        self._encoding: str | None = "utf-8"

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def reason(self) -> str:
        return ""

    @property
    def content_type(self) -> str | None:
        return self._headers.get("Content-Type")

    @property
    def is_closed(self) -> bool:
        return True

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def content(self) -> bytes:
        return self._answer.body

    def text(self, encoding: str | None = None) -> str:
        return self.content.decode(encoding or "utf-8-sig")

    def json(self) -> Any:  # noqa: ANN401 (azure-core's own signature)
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise HttpResponseError(response=self)

    async def read(self) -> bytes:
        return self.content

    async def iter_raw(self, **_: object) -> AsyncIterator[bytes]:
        yield self.content

    async def iter_bytes(self, **_: object) -> AsyncIterator[bytes]:
        yield self.content

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()
