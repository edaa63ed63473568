"""``POST /providers/Microsoft.ResourceGraph/resources``, api-version 2022-10-01."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from auditor.collect.wire.base import Wire

W = TypeVar("W")


class GraphPage(Wire, Generic[W]):
    """One page of an answer in ``objectArray`` form."""

    data: list[W]
    skip_token: str | None = msgspec.field(default=None, name="$skipToken")


class GraphOptions(Wire):
    """How the answer is wanted."""

    result_format: str = "objectArray"
    top: int | None = msgspec.field(default=None, name="$top")
    skip_token: str | None = msgspec.field(default=None, name="$skipToken")


class GraphQuery(Wire):
    """The body of the request; without subscriptions, it is about all that the caller sees."""

    query: str
    options: GraphOptions
    subscriptions: list[str] | None = None
