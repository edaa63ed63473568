"""A fixture tenant: documents, activity and faults, put together from the fixture files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from auditor.demo import activity, files, patches
from auditor.demo.files import CaseFile, Document, Fault, TenantSubscription
from auditor.demo.patches import Documents
from auditor.demo.place import Place
from auditor.model import resource_id as arm
from auditor.model.errors import UsageError

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
"""The moment for which cases are written, unless they say otherwise."""

HOME = Place(
    tenant="a3e5c1d7-64b2-4f0e-9c8b-2f71d05be913",
    subscription="6f2b8c14-93d7-4e5a-b1f0-8c7d2e4a9b36",
    group="rg-shop",
    cluster="shop",
    location="westeurope",
)
"""Where a single cluster is put."""


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """What the fake ARM serves.

    ``documents`` holds subscriptions, groups, resources and scale-set instances by the key of
    their id; ``later`` what some of them have become at their second read (``None``: gone);
    ``events`` the activity log, newest first; ``ancestors`` the management groups above each
    subscription, by its id, which Resource Graph alone shows.
    """

    id: str
    now: datetime
    documents: Documents
    later: dict[str, Document | None] = {}
    events: tuple[Document, ...] = ()
    faults: tuple[Fault, ...] = ()
    ancestors: dict[str, list[Document]] = {}


def of_cluster(kind: str, place: Place = HOME) -> Tenant:
    """A tenant with one healthy cluster."""
    builder = _at(place)
    builder.add(kind, place)
    return builder.tenant(NOW)


def of_case(case_id: str, place: Place = HOME) -> Tenant:
    """A tenant with the one cluster of a case."""
    case = files.case(case_id)
    builder = _at(place)
    builder.add(case.base, place, (case_id,))
    return builder.tenant(case.now or NOW)


def demo() -> Tenant:
    """The tenant of ``tenant.json``."""
    plan = files.tenant()
    ids = {entry.name: entry.id for entry in plan.subscriptions}
    builder = Builder(plan.tenant, plan.subscriptions, plan.faults)
    for entry in plan.clusters:
        place = Place(
            tenant=plan.tenant,
            subscription=ids[entry.subscription],
            group=entry.group,
            cluster=entry.name,
            location=entry.location,
            node_group=entry.node_group,
            own_numbers=True,
        )
        builder.add(entry.base, place, entry.cases, entry.faults)
        builder.tag(place, entry.tags)
    return builder.tenant(plan.now)


def _at(place: Place) -> Builder:
    subscription = TenantSubscription(id=place.subscription, name="contoso-retail")
    return Builder(place.tenant, [subscription])


class Builder:
    """Puts clusters, one after the other, into subscriptions."""

    def __init__(
        self,
        tenant_id: str,
        subscriptions: Iterable[TenantSubscription],
        faults: Iterable[Fault] = (),
    ) -> None:
        self._tenant_id = tenant_id
        entries = tuple(subscriptions)
        self._documents = _by_key(_subscription(entry, tenant_id) for entry in entries)
        self._ancestors = {one.id: one.management_groups for one in entries}
        self._later: dict[str, Document | None] = {}
        self._events: list[Document] = []
        self._faults = list(faults)

    def add(
        self,
        kind: str,
        place: Place,
        case_ids: Iterable[str] = (),
        faults: Iterable[Fault] = (),
    ) -> None:
        """Add a healthy cluster with the differences of some cases on top, in their order."""
        place = files.settled(kind, place)
        cases = [files.case(case_id, place) for case_id in case_ids]
        base = files.cluster(kind, place)
        around = files.surroundings(place).resources
        for key, document in _by_key(base.resources, *base.instances.values(), around).items():
            self._documents.setdefault(key, document)
        for case in cases:
            self._change(kind, case, place)
        lines = [*base.activity, *(line for case in cases for line in case.activity)]
        self._record(lines, place)
        self._faults += [_filled(fault, place) for fault in faults]

    def tag(self, place: Place, tags: Mapping[str, str | None]) -> None:
        """Put tags over a cluster's own, whenever it is read."""
        key = arm.key(place.cluster_id)
        for documents in (self._documents, self._later):
            if cluster := documents.get(key):
                changed = {**cluster.get("tags", {}), **tags}
                kept = {name: value for name, value in changed.items() if value is not None}
                documents[key] = cluster | {"tags": kept}

    def tenant(self, now: datetime) -> Tenant:
        """All that was added."""
        newest_first = sorted(self._events, key=_moment, reverse=True)
        return Tenant(
            id=self._tenant_id,
            now=now,
            documents=self._documents,
            later=self._later,
            events=tuple(newest_first),
            faults=tuple(self._faults),
            ancestors=self._ancestors,
        )

    def _change(self, kind: str, case: CaseFile, place: Place) -> None:
        if case.base != kind:
            raise UsageError(f"the case {case.title!r} stands on {case.base}, not on {kind}")
        changed = patches.apply(self._documents, case.patch, place)
        changed |= _by_key(case.add, *case.instances.values())
        later = patches.apply(changed, case.then, place)
        keys = [key for key in changed | later if changed.get(key) is not later.get(key)]
        self._later |= {key: later.get(key) for key in keys}
        self._documents = changed
        self._faults += case.faults

    def _record(self, lines: Iterable[Document], place: Place) -> None:
        callers = files.callers(place)
        for line in lines:
            self._events += activity.expand(line, callers, place)


def _by_key(*lists: Iterable[Document]) -> Documents:
    return {arm.key(document["id"]): document for listed in lists for document in listed}


def _moment(event: Document) -> tuple[str, str]:
    return (event["eventTimestamp"], event["eventDataId"])


def _filled(fault: Fault, place: Place) -> Fault:
    return msgspec.structs.replace(fault, path=place.fill(fault.path))


def _subscription(entry: TenantSubscription, tenant_id: str) -> Document:
    return {
        "id": f"/subscriptions/{entry.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": entry.id,
        "tenantId": tenant_id,
        "displayName": entry.name,
        "state": entry.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }
