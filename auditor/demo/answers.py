"""Requests and answers of the fake ARM, and the words in which ARM refuses."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import msgspec

from auditor.demo.files import Document

T = TypeVar("T")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as ARM sees it: path without a trailing slash, query names in lower case."""

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
        """Take a raw request apart."""
        parts = urlsplit(url)
        return cls(
            method=method.upper(),
            url=url,
            path=unquote(parts.path).rstrip("/"),
            query={name.casefold(): value for name, value in parse_qsl(parts.query)},
            headers={name.casefold(): value for name, value in headers.items()},
            body=body,
        )

    @property
    def target(self) -> str:
        """Path and query, decoded: what a fault's pattern is matched against."""
        return unquote(self.url[self.url.index("/", self.url.index("://") + 3) :])

    def following(self, token: str) -> str:
        """The address of the page that a skip token names."""
        parts = urlsplit(self.url)
        kept = [(n, v) for n, v in parse_qsl(parts.query) if n.casefold() != "$skiptoken"]
        return urlunsplit(parts._replace(query=urlencode([*kept, ("$skiptoken", token)], safe="$")))


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back; ``dropped``: nothing does, the caller waits in vain."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    dropped: bool = False


class RefusedError(Exception):
    """ARM says no; the answer says it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


def ok(document: Document) -> Answer:
    """A document, as JSON."""
    return Answer(body=json.dumps(document).encode(), headers=_JSON)


def error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """ARM's error body, ``{"error": {"code", "message"}}``."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Answer(status=status, headers={**_JSON, **(headers or {})}, body=body)


def refuse(status: int, code: str, message: str) -> RefusedError:
    """ARM's error, to be raised."""
    return RefusedError(error(status, code, message))


def page(request: Request, items: Sequence[T], size: int) -> tuple[Sequence[T], Document]:
    """The page that the request asks for, and ``nextLink`` where another one follows."""
    chosen, token = cut(request.query.get("$skiptoken", ""), items, size)
    return chosen, {"nextLink": request.following(token)} if token else {}


def cut(token: str, items: Sequence[T], size: int) -> tuple[Sequence[T], str]:
    """The items that a skip token leads to, and the token of what follows, if anything does.

    Raises :class:`RefusedError` for a token that ARM never gave.
    """
    start = _offset(token)
    end = start + size
    return items[start:end], _token(end) if end < len(items) else ""


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from {offset}".encode()).decode()


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise refuse(400, "InvalidSkipToken", "The skip token is not valid.") from None


_JSON = {"Content-Type": "application/json; charset=utf-8"}
