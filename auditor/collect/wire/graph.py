"""``POST /providers/Microsoft.ResourceGraph/resources``, api-version 2022-10-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Wire


class GraphRow(Wire):
    """A row of the ``resources`` table; the query projects no more than an id."""

    id: str

    def to_model(self) -> str:
        """The id."""
        return self.id


class GraphPage(Wire):
    """One page of an answer in ``objectArray`` form."""

    data: list[GraphRow]
    skip_token: str | None = msgspec.field(default=None, name="$skipToken")


class GraphOptions(Wire):
    """How the answer is wanted."""

    result_format: str = "objectArray"
    top: int | None = msgspec.field(default=None, name="$top")
    skip_token: str | None = msgspec.field(default=None, name="$skipToken")


class GraphQuery(Wire, omit_defaults=False):
    """The body of the request."""

    query: str
    options: GraphOptions
