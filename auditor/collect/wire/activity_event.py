"""``Microsoft.Insights/eventtypes/management/values``, api-version 2015-04-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Localized, Wire, moment
from auditor.collect.wire.policies import Policies
from auditor.collect.wire.refusal import Refusal
from auditor.collect.wire.request_body import RequestBody
from auditor.model import operation as model

_POLICY = "Policy"
_MICROSOFT = "http://schemas.microsoft.com/identity/claims"
_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"


class WireClaims(Wire):
    """The claims of the caller's token that tell who called."""

    appid: str | None = None
    appidacr: str | None = None
    idtyp: str | None = None
    xms_mirid: str | None = msgspec.field(default=None, name="xms_mirid")
    ipaddr: str | None = None
    name: str | None = None
    object_id: str | None = msgspec.field(default=None, name=f"{_MICROSOFT}/objectidentifier")
    tenant_id: str | None = msgspec.field(default=None, name=f"{_MICROSOFT}/tenantid")
    scope: str | None = msgspec.field(default=None, name=f"{_MICROSOFT}/scope")
    upn: str | None = msgspec.field(default=None, name=f"{_SOAP}/upn")
    login: str | None = msgspec.field(default=None, name=f"{_SOAP}/name")

    def to_model(self) -> model.Claims:
        """The claims in the model's words."""
        return model.Claims(
            app_id=self.appid or "",
            app_id_acr=self.appidacr or "",
            identity_type=self.idtyp or "",
            managed_identity_id=self.xms_mirid or "",
            object_id=self.object_id or "",
            tenant_id=self.tenant_id or "",
            scope=self.scope or "",
            upn=self.upn or self.login or "",
            name=self.name or "",
            address=self.ipaddr or "",
        )


class HttpRequest(Wire):
    """``httpRequest``."""

    client_ip_address: str | None = None
    uri: str | None = None


class EventProperties(Wire):
    """``properties`` of an event; of body and message only what is harmless is kept."""

    requestbody: RequestBody | None = None
    policies: Policies | None = None
    status_message: Refusal | None = None


class WireEvent(Wire):
    """One record of the activity log.

    "The schema isn't strictly enforced across all data sources": a value may come with its
    translation or alone.
    """

    event_timestamp: str
    event_data_id: str | None = None
    id: str | None = None
    operation_id: str | None = None
    correlation_id: str | None = None
    operation_name: Localized | str | None = None
    resource_id: str | None = None
    category: Localized | str | None = None
    status: Localized | str | None = None
    sub_status: Localized | str | None = None
    caller: str | None = None
    claims: WireClaims | None = None
    http_request: HttpRequest | None = None
    tenant_id: str | None = None
    properties: EventProperties | None = None

    def to_model(self) -> model.ActivityRecord:
        """The record in the model's words; raises ``ValueError`` for one without a time."""
        at = moment(self.event_timestamp)
        if at is None:
            raise ValueError(f"an activity record's time does not read: {self.event_timestamp!r}")
        request = self.http_request or HttpRequest()
        properties = self.properties or EventProperties()
        body = properties.requestbody or RequestBody()
        refusal = properties.status_message or Refusal()
        policies = properties.policies or Policies()
        return model.ActivityRecord(
            event_id=self.event_data_id or self.id or "",
            operation_id=self.operation_id or "",
            correlation_id=self.correlation_id or "",
            name=_plain(self.operation_name),
            resource_id=self.resource_id or "",
            category=_plain(self.category),
            status=_plain(self.status),
            sub_status=_plain(self.sub_status),
            at=at,
            caller=self.caller or "",
            claims=(self.claims or WireClaims()).to_model(),
            client_address=request.client_ip_address or "",
            tenant_id=self.tenant_id or "",
            policy_assignment=policies.assignment if _plain(self.category) == _POLICY else "",
            request_uri=request.uri or "",
            request_paths=body.paths,
            instance_ids=body.instance_ids,
            failure_code=refusal.code,
            blocked_by=refusal.blocked_by,
        )


def _plain(value: Localized | str | None) -> str:
    return (value.value or "") if isinstance(value, Localized) else value or ""
