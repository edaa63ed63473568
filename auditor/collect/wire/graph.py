"""``POST /providers/Microsoft.ResourceGraph/resources``, api-version 2022-10-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Unread, Wire


class GraphPage(Wire):
    """One page of an answer in ``objectArray`` form; ``unread`` as in :class:`Page`."""

    value: list[msgspec.Raw] = msgspec.field(name="data")
    skip_token: str | None = msgspec.field(default=None, name="$skipToken")
    unread: list[Unread] = msgspec.field(default_factory=list, name="@unread")


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
