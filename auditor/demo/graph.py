"""The part of Resource Graph that simple queries need.

``<table> | where … | where … | project … | order by id asc``: conditions on one column each
(``=~``, ``==``, ``in~``, ``has``), plain columns or ``alias = column`` in the projection. Whatever
else is asked is refused as an invalid query, so that nobody comes to rely on what the fixtures
cannot prove.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from auditor.demo.answers import Answer, RefusedError, Request, cut, ok, refuse
from auditor.demo.files import Document
from auditor.demo.tenant import Tenant
from auditor.model import resource_id as arm

Value: TypeAlias = object
Column: TypeAlias = Callable[[Document], Value]
Rows: TypeAlias = list[Document]

_MOST = 1000
_SUBSCRIPTION = "microsoft.resources/subscriptions"
_GROUP = f"{_SUBSCRIPTION}/resourcegroups"
_INSTANCE = "microsoft.compute/virtualmachinescalesets/virtualmachines"
_CHANGE = "microsoft.resources/changes"
_EVENT = "microsoft.containerservice/managedclusters/scheduledevents"
_TABLES = {
    "resourcecontainers": frozenset({_SUBSCRIPTION, _GROUP}),
    "computeresources": frozenset({_INSTANCE}),
    "resourcechanges": frozenset({_CHANGE}),
    "containerserviceeventresources": frozenset({_EVENT}),
}
_ENVELOPE = (
    *("name", "kind", "location", "managedBy", "sku", "plan"),
    *("properties", "tags", "identity", "zones"),
)
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_CALL = re.compile(r"(tostring|tolower)\((.+)\)")
_EQUALS = re.compile(r"(\S+)\s*(=~|==)\s*(['\"])([^'\"]*)\3")
_HAS = re.compile(r"(\w+)\s+has\s+(['\"])(\w+)\2")
_AMONG = re.compile(r"(\S+)\s+in~?\s*\(([^)]*)\)")


class Options(msgspec.Struct, frozen=True, rename={"top": "$top", "skip_token": "$skipToken"}):
    """The options of a query that are honoured."""

    top: int = 100
    skip_token: str = ""


class Query(msgspec.Struct, frozen=True):
    """The body of a request."""

    query: str
    subscriptions: list[str] | None = None
    options: Options = Options()


def answer(request: Request, tenant: Tenant, most: int) -> Answer:
    """The page of rows that the query asks for, at most ``most`` of them."""
    asked = _decoded(request)
    rows = _run(asked.query, list(_visible(tenant, asked.subscriptions)))
    size = min(asked.options.top, most, _MOST)
    chosen, token = cut(asked.options.skip_token, rows, size)
    found = {"totalRecords": len(rows), "count": len(chosen), "data": list(chosen)}
    rest = {"facets": [], "resultTruncated": "false"}
    return ok(found | rest | ({"$skipToken": token} if token else {}))


def _decoded(request: Request) -> Query:
    try:
        return msgspec.json.decode(request.body, type=Query)
    except msgspec.DecodeError as error:
        raise refuse(400, "InvalidRequest", str(error)) from error


def _visible(tenant: Tenant, subscriptions: Sequence[str] | None) -> Iterator[Document]:
    wanted = None if subscriptions is None else {s.casefold() for s in subscriptions}
    for document in tenant.documents.values():
        row = _row(document, tenant)
        if wanted is None or row["subscriptionId"].casefold() in wanted:
            yield row


def _row(document: Document, tenant: Tenant) -> Document:
    """A document as Graph keeps it: type and group in lower case, no instance view."""
    resource_id = document["id"]
    row = {name: document.get(name) for name in _ENVELOPE}
    properties = dict(document.get("properties", {}))
    view = properties.pop("instanceView", None)
    if view:
        properties["extended"] = {"instanceView": {"powerState": _power(view)}}
    if not arm.resource_group(resource_id):
        row["name"], properties = document.get("displayName"), _of_subscription(document, tenant)
    return row | {
        "id": resource_id,
        "type": _type(resource_id),
        "tenantId": tenant.id,
        "subscriptionId": arm.subscription(resource_id),
        "resourceGroup": arm.resource_group(resource_id).lower(),
        "properties": properties,
    }


def _of_subscription(document: Document, tenant: Tenant) -> Document:
    own: Document = {"state": document.get("state")}
    chain = tenant.ancestors.get(arm.subscription(document["id"]))
    return own | ({"managementGroupAncestorsChain": chain} if chain else {})


def _type(resource_id: str) -> str:
    kind = arm.resource_type(resource_id)
    return kind or (_GROUP if arm.resource_group(resource_id) else _SUBSCRIPTION)


def _power(view: Document) -> Document:
    codes = [s for s in view.get("statuses", []) if s["code"].startswith("PowerState/")]
    return {name: codes[0].get(name) for name in ("code", "displayStatus")} if codes else {}


def _run(query: str, rows: Rows) -> Rows:
    table, *stages = [stage.strip() for stage in query.split("|")]
    rows = [row for row in rows if _is_in(table.casefold(), row["type"])]
    for stage in stages:
        rows = _stage(stage, rows)
    return rows


def _is_in(table: str, kind: str) -> bool:
    if table == "resources":
        return not any(kind in kinds for kinds in _TABLES.values())
    if table not in _TABLES:
        raise _invalid(f"the table {table!r} is unknown")
    return kind in _TABLES[table]


def _stage(stage: str, rows: Rows) -> Rows:
    verb, _, rest = stage.partition(" ")
    if verb == "where":
        matches = _condition(rest.strip())
        return [row for row in rows if matches(row)]
    if verb == "project":
        columns = dict(_projected(part.strip()) for part in rest.split(","))
        return [{name: column(row) for name, column in columns.items()} for row in rows]
    if stage == "order by id asc":
        return sorted(rows, key=lambda row: str(row["id"]).casefold())
    raise _invalid(stage)


def _condition(text: str) -> Callable[[Document], bool]:
    if match := _EQUALS.fullmatch(text):
        column, wanted = _column(match[1]), match[4].casefold()
        return lambda row: str(column(row)).casefold() == wanted
    if match := _AMONG.fullmatch(text):
        column = _column(match[1])
        values = {value.strip().strip("'\"").casefold() for value in match[2].split(",")}
        return lambda row: str(column(row)).casefold() in values
    if match := _HAS.fullmatch(text):
        column, term = _column(match[1]), re.compile(rf"\b{match[3]}\b", re.IGNORECASE)
        return lambda row: bool(term.search(_text(column(row))))
    raise _invalid(text)


def _projected(text: str) -> tuple[str, Column]:
    name, equals, expression = text.partition("=")
    if equals:
        return name.strip(), _column(expression.strip())
    return text.replace(".", "_"), _column(text)


def _column(text: str) -> Column:
    if match := _CALL.fullmatch(text):
        inner, lower = _column(match[2]), match[1] == "tolower"
        return lambda row: _text(inner(row)).lower() if lower else _text(inner(row))
    if not _PATH.fullmatch(text):
        raise _invalid(text)
    return lambda row: _at(row, text.split("."))


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _at(row: Value, path: Sequence[str]) -> Value:
    for step in path:
        row = row.get(step) if isinstance(row, dict) else None
    return row


def _invalid(what: str) -> RefusedError:
    return refuse(400, "BadRequest", f"InvalidQuery: query is invalid near '{what}'.")
