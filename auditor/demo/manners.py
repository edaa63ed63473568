"""ARM's manners: what it insists on, how it refuses, and how untidily it spells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from auditor.demo.answers import RefusedError, Request, error, refuse
from auditor.demo.files import Document
from auditor.model import resource_id as arm

_CHALLENGE = (
    'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token",'
    " error_description=\"The authentication failed because of missing 'Authorization' header.\""
)
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_READS = 250


def insist_on_token_and_version(request: Request) -> None:
    """Refuse a request without a bearer token (401) or an api-version (400)."""
    if not request.headers.get("authorization", "").startswith("Bearer "):
        message = "Authentication failed. The 'Authorization' header is missing."
        challenge = {"WWW-Authenticate": _CHALLENGE}
        raise RefusedError(error(401, "AuthenticationFailed", message, challenge))
    if "api-version" not in request.query:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise refuse(400, "MissingApiVersionParameter", message)
    if not _VERSION.fullmatch(request.query["api-version"]):
        message = f"The api-version '{request.query['api-version']}' is invalid."
        raise refuse(400, "InvalidApiVersionParameter", message)


def subscription_missing(name: str) -> RefusedError:
    """404 for a subscription that the caller cannot see."""
    message = f"The subscription '{name}' could not be found."
    return refuse(404, "SubscriptionNotFound", message)


def group_missing(name: str) -> RefusedError:
    """404 for a resource group."""
    return refuse(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def missing(resource_id: str) -> RefusedError:
    """404 for a resource, in the words of ARM or of its provider."""
    if arm.resource_type(resource_id).count("/") > 1:
        return refuse(404, "NotFound", "The entity was not found in this Azure location.")
    kind = resource_id.rpartition("/providers/")[2]
    group = arm.resource_group(resource_id)
    message = f"The Resource '{kind}' under resource group '{group}' was not found."
    return refuse(404, "ResourceNotFound", message)


def parent_missing(parent: str) -> RefusedError:
    """404 for a list below a resource that is not there."""
    message = f"Failed to perform 'read' because the parent resource '{parent}' could not be found."
    return refuse(404, "ParentResourceNotFound", message)


def insist_on_no_expand(request: Request) -> None:
    """Virtual machine lists expand the instance view only together with a filter."""
    if "$expand" in request.query:
        message = "The parameter $expand can only be specified together with $filter."
        raise refuse(400, "InvalidParameter", message)


def insist_on_at_scope(request: Request) -> None:
    """Of the filters of role assignments, only ``atScope()`` is served."""
    if request.query.get("$filter", "atScope()") != "atScope()":
        message = f"The filter '{request.query['$filter']}' is not supported."
        raise refuse(400, "UnsupportedFilter", message)


def location_unknown(path: str) -> RefusedError:
    """404 for a location in which the provider does not work."""
    location = arm.segment(path, "locations")
    message = f"No registered resource provider found for location '{location}'."
    return refuse(404, "NoRegisteredProviderFound", message)


def viewed(document: Document, request: Request) -> Document:
    """The document, its instance view left out unless it was asked for."""
    properties = document.get("properties", {})
    if "instanceView" not in properties:
        return document
    if request.query.get("statusonly", "").casefold() == "true":
        status = {"instanceView": properties["instanceView"]}
        return {key: document[key] for key in ("id", "name", "type")} | {"properties": status}
    if "instanceview" in request.query.get("$expand", "").casefold():
        return document
    kept = {name: value for name, value in properties.items() if name != "instanceView"}
    return document | {"properties": kept}


def shouted(document: Document) -> Document:
    """The document as Compute lists it: its resource group in upper case, references as before."""
    group = arm.resource_group(document["id"])
    return document | {"id": document["id"].replace(f"/{group}/", f"/{group.upper()}/", 1)}


def without_extensions(machine: Document) -> Document:
    """A virtual machine as lists show it: of its extensions, only the ids."""
    ids = [{"id": extension["id"]} for extension in machine.get("resources", [])]
    return machine | ({"resources": ids} if ids else {})


def selected(events: Sequence[Document], request: Request) -> list[Document]:
    """Activity records, reduced to the properties that ``$select`` names."""
    names = [name.strip() for name in request.query.get("$select", "").split(",") if name.strip()]
    if not names:
        return list(events)
    return [{name: event[name] for name in names if name in event} for event in events]


def remaining(calls: int) -> Mapping[str, str]:
    """The header that tells how many reads are left."""
    return {"x-ms-ratelimit-remaining-subscription-reads": str(max(_READS - calls % _READS, 1))}


def endpoints(request: Request) -> Document:
    """``/metadata/endpoints``: what a client needs to know of a cloud, api-version 2022-09-01."""
    parts = urlsplit(request.url)
    here = f"{parts.scheme}://{parts.netloc}"
    return {
        "name": "Fixture",
        "resourceManager": here,
        "portal": here,
        "graph": here,
        "graphAudience": here,
        "authentication": {
            "loginEndpoint": here,
            "audiences": [here],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
    }
