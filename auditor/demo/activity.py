"""Activity-log records in ARM's own shape, written out from one short line per operation.

One operation leaves several records (begun, accepted, ended) that repeat the caller's claims.
Fixtures say each thing once; :func:`expand` writes what ``Microsoft.Insights`` would return.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from auditor.demo.files import Caller, Document
from auditor.demo.place import Place
from auditor.model import resource_id as arm
from auditor.model.errors import UsageError

Status = Literal["Started", "Accepted", "Succeeded", "Failed", "Active", "Resolved"]

_SUB_STATUS = {"Accepted": "Accepted", "Succeeded": "OK", "Failed": "Conflict"}
_HTTP = {"OK": 200, "Created": 201, "Accepted": 202, "Forbidden": 403, "Conflict": 409}
_BEGIN = {"value": "BeginRequest", "localizedValue": "Begin request"}
_END = {"value": "EndRequest", "localizedValue": "End request"}
_INGESTION = timedelta(seconds=70)
_DAY_ZERO = datetime(1, 1, 1, tzinfo=UTC)


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation as a fixture tells it.

    ``at`` is when it began and ``seconds`` how long it took; ``body`` the request body;
    ``correlation`` and ``operation_id`` labels or ids, each operation's own unless given;
    ``sub_status`` and ``status_message`` describe the last record; ``properties`` are added to
    every record's; ``api_version`` puts the request's address on record.
    """

    at: datetime
    operation: str
    resource: str
    caller: str
    status: tuple[Status, ...] = ("Started", "Succeeded")
    seconds: int = 40
    correlation: str = ""
    operation_id: str = ""
    body: Document | None = None
    category: str = "Administrative"
    sub_status: str = ""
    status_message: str = ""
    properties: dict[str, str] = {}
    api_version: str = ""


def expand(entry: Document, callers: Mapping[str, Caller], place: Place) -> Iterator[Document]:
    """The records of one entry; a record that already has ARM's shape is taken as it is."""
    if isinstance(entry.get("operationName"), dict):
        yield entry
        return
    line = _line(entry)
    if line.caller not in callers:
        raise UsageError(f"no caller {line.caller!r}", "see fixtures/callers.json")
    for index in range(len(line.status)):
        yield _Record(line, index, callers[line.caller], place).written()


def _line(entry: Document) -> Entry:
    try:
        return msgspec.convert(entry, Entry)
    except msgspec.ValidationError as error:
        raise UsageError(f"activity entry {entry}: {error}", "see fixtures/README.md") from error


class _Record:
    """One of an operation's records, written out."""

    def __init__(self, line: Entry, index: int, caller: Caller, place: Place) -> None:
        self._line = line
        self._index = index
        self._caller = caller
        self._place = place
        self._status = line.status[index]
        self._resource = place.id_of(line.resource)

    def written(self) -> Document:
        """The record as ARM returns it."""
        record = self._who() | self._what() | self._when() | self._outcome()
        if self._is_request:
            record["httpRequest"] = self._http_request()
        return record

    @property
    def _is_last(self) -> bool:
        return self._index == len(self._line.status) - 1

    @property
    def _is_request(self) -> bool:
        """Whether ARM saw the call itself; the end of a long operation is the provider's word."""
        long_running = "Accepted" in self._line.status
        return self._caller.caller is not None and not (long_running and self._is_last)

    @property
    def _at(self) -> datetime:
        if self._index == 0:
            return self._line.at
        if not self._is_last:
            return self._line.at + timedelta(seconds=1)
        return self._line.at + timedelta(seconds=self._line.seconds)

    @property
    def _event_id(self) -> str:
        return self._id_of("", f"event {self._index}")

    def _id_of(self, label: str, part: str) -> str:
        """A given id as it is, a label's id in this cluster, or the operation's own."""
        try:
            return str(uuid.UUID(label))
        except ValueError:
            own = f"{self._line.at} {self._line.operation} {self._resource} {self._line.caller}"
            return self._place.guid(f"{part} {label or own}")

    def _who(self) -> Document:
        scope = self._resource
        return {
            "authorization": {"action": self._line.operation, "scope": scope},
            "caller": self._caller.caller,
            "channels": "Operation",
            "claims": dict(self._caller.claims),
            "tenantId": self._place.tenant,
        }

    def _what(self) -> Document:
        provider = self._line.operation.partition("/")[0]
        return {
            "correlationId": self._id_of(self._line.correlation, "correlation"),
            "description": "",
            "eventDataId": self._event_id,
            "eventName": _BEGIN if self._status == "Started" else _END,
            "category": _pair(self._line.category),
            "id": f"{self._resource}/events/{self._event_id}/ticks/{_ticks(self._at)}",
            "resourceGroupName": arm.resource_group(self._resource),
            "resourceProviderName": _pair(provider),
            "resourceId": self._resource,
            "resourceType": _pair(_resource_type(self._line.operation)),
            "operationId": self._id_of(self._line.operation_id, "operation"),
            "operationName": _pair(self._line.operation),
            "subscriptionId": arm.subscription(self._resource),
        }

    def _when(self) -> Document:
        return {
            "eventTimestamp": _stamp(self._at),
            "submissionTimestamp": _stamp(self._at + _INGESTION),
        }

    def _outcome(self) -> Document:
        sub_status = self._line.sub_status if self._is_last else ""
        sub_status = sub_status or _SUB_STATUS.get(self._status, "")
        return {
            "level": "Error" if self._status == "Failed" else "Informational",
            "status": _pair(self._status),
            "subStatus": {"value": sub_status, "localizedValue": _localized(sub_status)},
            "properties": self._properties(sub_status),
        }

    def _properties(self, sub_status: str) -> Document:
        about = {
            "eventCategory": self._line.category,
            "entity": self._resource,
            "message": self._line.operation,
            "hierarchy": f"{self._place.tenant}/{self._place.subscription}",
        }
        if self._index == 0 and self._line.body is not None:
            about["requestbody"] = json.dumps(self._line.body, separators=(",", ":"))
        if sub_status:
            about |= {"statusCode": sub_status, "serviceRequestId": self._id_of("", "request")}
        if self._is_last and self._line.status_message:
            about["statusMessage"] = self._line.status_message
        return about | self._line.properties

    def _http_request(self) -> Document:
        request = {
            "clientRequestId": self._id_of("", "client request"),
            "clientIpAddress": self._caller.address,
            "method": _method(self._line.operation),
        }
        if self._line.api_version:
            address = f"https://management.azure.com{self._resource}"
            request["uri"] = f"{address}?api-version={self._line.api_version}"
        return request


def _pair(value: str) -> Document:
    return {"value": value, "localizedValue": value}


def _localized(sub_status: str) -> str:
    code = _HTTP.get(sub_status)
    return f"{sub_status} (HTTP Status Code: {code})" if code else sub_status


def _resource_type(operation: str) -> str:
    """The type that an operation is on: its name without the verb."""
    parts = operation.removesuffix("/action").split("/")
    return "/".join(parts[:-1])


def _method(operation: str) -> str:
    return {"write": "PUT", "delete": "DELETE"}.get(operation.rpartition("/")[2], "POST")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _ticks(at: datetime) -> int:
    return (at - _DAY_ZERO) // timedelta(microseconds=1) * 10
