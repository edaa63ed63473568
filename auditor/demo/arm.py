"""A fake Azure Resource Manager that answers from a fixture tenant, manners included.

It insists on an api-version and a bearer token, pages every list, spells ids as untidily as
ARM does, leaves out what was not asked for, and knows nothing but reading: a write is answered
405 and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from auditor.demo import activity_log, graph, manners
from auditor.demo.answers import Answer, RefusedError, Request, error, ok, page
from auditor.demo.faults import Faults
from auditor.demo.shelf import Shelf
from auditor.demo.tenant import Tenant
from auditor.model import resource_id as arm

_METADATA = "/metadata/endpoints"
_GRAPH = "/providers/microsoft.resourcegraph/resources"
_MACHINES = "microsoft.compute/virtualmachines"
_SHOUTED = frozenset(
    f"microsoft.compute/{kind}"
    for kind in ("virtualmachinescalesets", "virtualmachines", "disks", "availabilitysets")
)


class PageSizes(msgspec.Struct, frozen=True, kw_only=True):
    """How many items a page holds: few, so that a small tenant has many pages too."""

    lists: int = 3
    activity: int = 20
    graph: int = 5


class Call(msgspec.Struct, frozen=True):
    """A request that was made, and the status of its answer (0: none came)."""

    method: str
    url: str
    status: int


class FakeArm:
    """Answers requests; remembers its ``calls``, and which objects were read before."""

    def __init__(self, tenant: Tenant, sizes: PageSizes | None = None) -> None:
        self.tenant = tenant
        self.calls: list[Call] = []
        self._sizes = sizes or PageSizes()
        self._shelf = Shelf(tenant)
        self._faults = Faults(tenant.faults)
        self._by_suffix: Mapping[str, Callable[[Request], Answer]] = {
            "/providers/microsoft.insights/eventtypes/management/values": self._activity,
            "/resourcegroups": self._groups,
            "/resources": self._residents,
            "/instanceview": self._instance_view,
            "/providers/microsoft.authorization/roleassignments": self._role_assignments,
            "/kubernetesversions": self._kubernetes_versions,
        }

    @property
    def writes(self) -> Counter[str]:
        """How often each method was used that would have changed something."""
        return Counter(c.method for c in self.calls if c.status == HTTPStatus.METHOD_NOT_ALLOWED)

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Answer one request; ``url`` is absolute."""
        request = Request.parse(method, url, headers, body)
        given = self._faults.meet(request, lambda: self._given(request))
        self.calls.append(Call(request.method, url, 0 if given.dropped else given.status))
        return given

    def _given(self, request: Request) -> Answer:
        try:
            return self._true(request)
        except RefusedError as refused:
            return refused.answer

    def _true(self, request: Request) -> Answer:
        path = request.path.casefold()
        if path == _METADATA:
            return ok(manners.endpoints(request))
        manners.insist_on_token_and_version(request)
        if request.method == "POST" and path == _GRAPH:
            return graph.answer(request, self.tenant, self._sizes.graph)
        if request.method not in {"GET", "HEAD"}:
            message = f"{request.method} is not served: this is for reading."
            return error(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        read = self._read(request, path)
        counted = {**read.headers, **manners.remaining(len(self.calls))}
        return msgspec.structs.replace(read, headers=counted)

    def _read(self, request: Request, path: str) -> Answer:
        if path == "/subscriptions":
            return self._listed(request, self._shelf.subscriptions())
        self._insist_on_scope(request.path)
        for suffix, handler in self._by_suffix.items():
            if path.endswith(suffix):
                return handler(request)
        if _is_item(path) or self._shelf.holds(path):
            return self._item(request)
        return self._list(request)

    def _insist_on_scope(self, path: str) -> None:
        """A subscription or group that is not there is refused before all else."""
        subscription, group = arm.subscription(path), arm.resource_group(path)
        if not self._shelf.holds(f"/subscriptions/{subscription}"):
            raise manners.subscription_missing(subscription)
        if group and not self._shelf.holds(arm.group_id(subscription, group)):
            raise manners.group_missing(group)

    def _item(self, request: Request) -> Answer:
        document = self._shelf.read(request.path)
        if document is None:
            raise manners.missing(request.path)
        return ok(manners.viewed(document, request))

    def _groups(self, request: Request) -> Answer:
        return self._listed(request, self._shelf.groups(request.path))

    def _instance_view(self, request: Request) -> Answer:
        machine_id = request.path.rpartition("/")[0]
        machine = self._shelf.read(machine_id)
        if machine is None:
            raise manners.missing(machine_id)
        return ok(machine["properties"].get("instanceView", {"statuses": []}))

    def _role_assignments(self, request: Request) -> Answer:
        """Those above a scope, on it, and below it; with ``atScope()`` none below."""
        manners.insist_on_at_scope(request)
        keys = self._shelf.of_type("microsoft.authorization/roleassignments")
        scope = arm.extended(request.path)
        below = "$filter" not in request.query
        reaching = [
            key
            for key in keys
            if not arm.subscription(key)
            or arm.within(scope, arm.extended(key))
            or (below and arm.within(key, scope))
        ]
        return self._listed(request, reaching)

    def _kubernetes_versions(self, request: Request) -> Answer:
        versions = self._shelf.read(request.path)
        if versions is None:
            raise manners.location_unknown(request.path)
        return ok({"values": versions["values"]})

    def _list(self, request: Request) -> Answer:
        kind = arm.resource_type(f"{request.path}/*")
        parent = request.path.rpartition("/")[0]
        if kind.count("/") > 1 and not self._shelf.holds(parent):
            raise manners.parent_missing(parent)
        if kind == _MACHINES:
            manners.insist_on_no_expand(request)
        return self._listed(request, self._shelf.within(request.path, kind), kind)

    def _listed(self, request: Request, keys: list[str], kind: str = "") -> Answer:
        chosen, link = page(request, keys, self._sizes.lists)
        read = self._shelf.glance if kind == _MACHINES else self._shelf.read
        found = [document for key in chosen if (document := read(key)) is not None]
        value = [manners.viewed(document, request) for document in found]
        if kind in _SHOUTED:
            value = [manners.shouted(document) for document in value]
        if kind == _MACHINES:
            value = [manners.without_extensions(document) for document in value]
        return ok({"value": value, **link})

    def _residents(self, request: Request) -> Answer:
        rows = self._shelf.residents(request.path, request.query.get("$filter", ""))
        chosen, link = page(request, rows, self._sizes.lists)
        return ok({"value": list(chosen), **link})

    def _activity(self, request: Request) -> Answer:
        matches = activity_log.select(request.query.get("$filter"), self.tenant.now)
        own = arm.subscription(request.path)
        events = [
            event
            for event in self.tenant.events
            if arm.same(event["subscriptionId"], own) and matches(event)
        ]
        chosen, link = page(request, events, self._sizes.activity)
        return ok({"value": manners.selected(chosen, request), **link})


def _is_item(path: str) -> bool:
    """Whether a path names one resource (``…/type/name``) rather than a list (``…/type``)."""
    tail = path.rpartition("/providers/")[2].split("/")
    pairs = tail[1:] if "/providers/" in path else path.strip("/").split("/")
    return len(pairs) % 2 == 0
