"""``Microsoft.Insights/eventtypes/management/values``: the filter's grammar, and who matches.

Source: the reference of *Activity Logs - List*, which allows two time bounds and at most one
more condition, and "no other syntax".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from auditor.demo.answers import Answer, RefusedError
from auditor.demo.files import Document
from auditor.model import resource_id as arm

RETENTION = timedelta(days=90)

_FILTER = re.compile(
    r"eventTimestamp ge '(?P<since>[^']+)' and eventTimestamp le '(?P<until>[^']+)'"
    r"(?: and (?P<field>resourceGroupName|resourceUri|resourceProvider|correlationId)"
    r" eq '(?P<value>[^']+)')?"
)

Matcher: TypeAlias = Callable[[Document, str], bool]

_FIELDS: Mapping[str, Matcher] = {
    "resourceGroupName": lambda event, value: arm.same(event["resourceGroupName"], value),
    "resourceUri": lambda event, value: arm.within(event["resourceId"], value),
    "resourceProvider": lambda event, value: arm.same(
        event["resourceProviderName"]["value"], value
    ),
    "correlationId": lambda event, value: arm.same(event["correlationId"], value),
}


def select(filter_: str | None, now: datetime) -> Callable[[Document], bool]:
    """What the filter lets through; raises ``RefusedError`` for one that ARM would refuse."""
    if filter_ is None:
        raise _bad_request("The filter parameter is required.")
    match = _FILTER.fullmatch(filter_.strip())
    if match is None:
        raise _bad_request(f"The filter '{filter_}' is not supported.")
    since, until = _moment(match["since"]), _moment(match["until"])
    if since < now - RETENTION:
        raise _bad_request("The start time cannot be more than 90 days in the past.")
    field, value = match["field"], match["value"]

    def chosen(event: Document) -> bool:
        inside = since <= _moment(event["eventTimestamp"]) <= until
        return inside and (field is None or _FIELDS[field](event, value))

    return chosen


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _bad_request(f"'{text}' is not a time.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _bad_request(message: str) -> RefusedError:
    """The log's own refusal, which has no ``error`` around it."""
    return RefusedError(
        Answer(
            status=400,
            headers={"Content-Type": "application/json; charset=utf-8"},
            body=json.dumps({"code": "BadRequest", "message": message}).encode(),
        )
    )
