"""The documents of a tenant as reads find them: first as they were, then as they became."""

from __future__ import annotations

import re
from collections import Counter

from auditor.demo.answers import refuse
from auditor.demo.files import Document
from auditor.demo.patches import Inline, children, inline
from auditor.demo.tenant import Tenant
from auditor.model import resource_id as arm

INSTANCES = "microsoft.compute/virtualmachinescalesets/virtualmachines"

_BY_TYPE = re.compile(r"resourceType eq '([^']+)'", re.IGNORECASE)
_ENVELOPE = ("id", "name", "type", "kind", "sku", "location", "managedBy", "tags", "identity")


class Shelf:
    """A tenant's documents, and how often each was read."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._keys = list(tenant.documents | tenant.later)
        self._reads: Counter[str] = Counter()

    def holds(self, resource_id: str) -> bool:
        """Whether the resource is there; to ask is not to read."""
        where = inline(arm.resource_type(resource_id))
        if where is None:
            return self._peek(arm.key(resource_id)) is not None
        parent = self._peek(arm.key(arm.parent(resource_id)))
        return parent is not None and _child(parent, resource_id, where) is not None

    def read(self, resource_id: str) -> Document | None:
        """The resource, or ``None``; the next read may find it changed."""
        where = inline(arm.resource_type(resource_id))
        if where:
            parent = self.read(arm.parent(resource_id))
            return parent and _child(parent, resource_id, where)
        key = arm.key(resource_id)
        found = self._peek(key)
        self._reads[key] += 1
        return found

    def glance(self, resource_id: str) -> Document | None:
        """The resource as a list shows it in outline: to glance at it is not to read it."""
        return self._peek(arm.key(resource_id))

    def subscriptions(self) -> list[str]:
        """The keys of all subscriptions."""
        return [key for key in self._keys if key.count("/") == len(("", "subscriptions"))]

    def groups(self, path: str) -> list[str]:
        """The keys of the resource groups that the path ``…/resourceGroups`` lists."""
        return [key for key in self._keys if arm.same(arm.parent(key) + "/resourcegroups", path)]

    def within(self, path: str, kind: str) -> list[str]:
        """The keys of what a list's path covers: resources of one type (lower case)."""
        where = inline(kind)
        if where:
            return self._inline_keys(path, where)
        nested = kind.count("/") > 1
        scope = path if nested else path.rpartition("/providers/")[0]
        return [key for key in self.of_type(kind) if arm.within(key, scope)]

    def residents(self, path: str, filter_: str) -> list[Document]:
        """Rows of ``…/resources``: no properties, and half the groups spelt in lower case."""
        wanted = _resource_type(filter_)
        rows = [
            {name: document[name] for name in _ENVELOPE if name in document}
            for key in self._keys
            if arm.within(key, path.rpartition("/")[0])
            and (document := self._peek(key))
            and _is_tracked(document)
            and wanted in {None, arm.resource_type(key)}
        ]
        return [_respelt(row) if index % 2 else row for index, row in enumerate(rows)]

    def _peek(self, key: str) -> Document | None:
        if key in self._tenant.later and self._reads[key]:
            return self._tenant.later[key]
        return self._tenant.documents.get(key)

    def of_type(self, kind: str) -> list[str]:
        """The keys of all resources of a type (lower case), wherever they are."""
        return [key for key in self._keys if arm.resource_type(key) == kind]

    def _inline_keys(self, path: str, where: Inline) -> list[str]:
        parent = self._peek(arm.key(path.rpartition("/")[0])) or {}
        return [arm.key(f"{path}/{child['name']}") for child in children(parent, where)]


def _child(parent: Document, resource_id: str, where: Inline) -> Document | None:
    name = arm.name(resource_id)
    held = next((c for c in children(parent, where) if arm.same(c["name"], name)), None)
    if held is None or not where.flat:
        return held
    properties = {key: value for key, value in held.items() if key != "name"}
    pool_id = f"{parent['id']}/agentPools/{held['name']}"
    kind = f"{parent['type']}/agentPools"
    return {"id": pool_id, "name": held["name"], "type": kind, "properties": properties}


def _resource_type(filter_: str) -> str | None:
    if not filter_:
        return None
    match = _BY_TYPE.fullmatch(filter_.strip())
    if match is None:
        message = f"Invalid $filter '{filter_}' specified in the query string."
        raise refuse(400, "InvalidFilterInQueryString", message)
    return match[1].casefold()


def _is_tracked(document: Document) -> bool:
    """Whether the generic list knows the resource: no instances, locks or group itself."""
    kind = arm.resource_type(document["id"])
    return kind not in {"", INSTANCES} and "location" in document


def _respelt(row: Document) -> Document:
    group = arm.resource_group(row["id"])
    return row | {"id": row["id"].replace(f"/{group}/", f"/{group.lower()}/", 1)}
