"""Notices and changes from Resource Graph, narrowed to clusters, without secrets."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect import surfaces
from auditor.collect.graph import _changes_query
from auditor.collect.wire import base
from auditor.collect.wire.change import Changes, WireChange
from auditor.collect.wire.notice import WireNotice
from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Document, Fault
from auditor.demo.tenant import HOME
from auditor.model import resource_id as arm_id
from auditor.model.facet import Gap, Known
from auditor.model.governance import PropertyChange
from auditor.model.lifecycle import EndOfLifeNotice
from auditor.model.snapshot import Cluster
from tests.collect.world import NODE_GROUP, SCOPE, arm, collected

CLUSTER = HOME.cluster_id
VMSS = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-38116459-vmss"
GRAPH = "ResourceGraph"


def notice(cluster: str = CLUSTER, source: str = "EOLNotification", **properties: Any) -> Document:  # noqa: ANN401 (JSON)
    details = {
        "kubernetesVersion": "1.34.8",
        "eolDate": "2026-11-30T00:00:00Z",
        "supportType": "Community",
        "daysUntilEOL": 29,
        "region": "westeurope",
    }
    about = {"eventSource": source, "eventStatus": "Scheduled", "eventDetails": details}
    return {"id": f"{cluster}/scheduledEvents/{source}-1", "properties": about | properties}


def change(
    target: str = VMSS,
    changes: Document | None = None,
    name: str = "1",
    kind: str = "Update",
    **attributes: str,
) -> Document:
    about = {
        "timestamp": "2026-10-29T14:04:22.347+00:00",
        "correlationId": "c0",
        "changedBy": "bob@contoso.example",
        "changedByType": "User",
        "clientType": "Azure Portal",
    }
    return {
        "id": f"{target}/providers/Microsoft.Resources/changes/{name}",
        "properties": {
            "targetResourceId": target,
            "targetResourceType": arm_id.resource_type(target),
            "changeType": kind,
            "changeAttributes": about | attributes,
            "changes": {"sku.capacity": {"previousValue": "3", "newValue": "5"}}
            if changes is None
            else changes,
        },
    }


def with_rows(*rows: Document, faults: tuple[Fault, ...] = ()) -> FakeArm:
    whole = tenant.of_cluster("linux-managed-vnet")
    documents = whole.documents | {arm_id.key(row["id"]): row for row in rows}
    return FakeArm(msgspec.structs.replace(whole, documents=documents, faults=faults))


async def cluster_with(*rows: Document) -> Cluster:
    snapshot = await collected(with_rows(*rows))
    assert snapshot.gaps == ()
    (cluster,) = snapshot.clusters
    return cluster


async def test_a_notice_is_of_the_cluster_whose_event_it_is() -> None:
    cluster = await cluster_with(notice(), notice(f"{CLUSTER}-2"), notice(source="AutoUpgrader"))
    assert cluster.notices == Known(
        (
            EndOfLifeNotice(
                cluster_id=CLUSTER,
                version="1.34.8",
                support_type="Community",
                ends_on=date(2026, 11, 30),
            ),
        )
    )


def test_a_notice_may_be_written_as_text() -> None:
    whole = notice()
    as_text = whole | {"properties": json.dumps(whole["properties"])}
    inner = dict(whole["properties"])
    inner["eventDetails"] = json.dumps(inner["eventDetails"])
    expected = msgspec.convert(whole, WireNotice).to_model()
    for document in (as_text, whole | {"properties": inner}):
        assert msgspec.convert(document, WireNotice).to_model() == expected


def test_a_notice_without_details_says_nothing() -> None:
    said = msgspec.convert({"id": f"{CLUSTER}/scheduledEvents/x"}, WireNotice).to_model()
    assert (said.cluster_id, said.version, said.ends_on) == (CLUSTER, "", None)


async def test_changes_are_flattened_oldest_first_with_who_and_how() -> None:
    cluster = await cluster_with(
        change(name="2", timestamp="2026-10-30T01:00:00Z"),
        change(
            changes={
                "properties.upgradePolicy.mode": {"previousValue": "Manual", "newValue": "Rolling"},
                "tags.owner": {"previousValue": "null", "newValue": "x", "isTruncated": "true"},
            }
        ),
    )
    first, second, third = cluster.changes.require()
    assert first == PropertyChange(
        resource_id=VMSS,
        path="tags.owner",
        before=None,
        after="x",
        at=first.at,
        correlation_id="c0",
        changed_by="bob@contoso.example",
        client="Azure Portal",
        truncated=True,
    )
    assert (second.path, second.before, second.after) == ("upgradePolicy.mode", "Manual", "Rolling")
    assert (third.path, third.before, third.after) == ("sku.capacity", "3", "5")


@pytest.mark.parametrize(
    "row",
    [
        change(f"{SCOPE}/resourceGroups/another/providers/Microsoft.Compute/virtualMachines/x"),
        change(f"{SCOPE}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/x"),
        change(f"{NODE_GROUP}/providers/Microsoft.Compute/disks/x"),
        change(kind="Create", changes={}),
        change(kind="Delete", changes={}),
        change(timestamp="soon"),
    ],
)
async def test_what_is_not_the_clusters_or_tells_nothing_is_no_change(row: Document) -> None:
    assert (await cluster_with(row)).changes == Known(())


async def test_changes_of_the_cluster_itself_are_its_own() -> None:
    assert len((await cluster_with(change(CLUSTER))).changes.require()) == 1


@pytest.mark.parametrize(
    ("facet", "table", "surface"),
    [
        ("notices", "containerserviceeventresources", surfaces.NOTICES),
        ("changes", "resourcechanges", surfaces.CHANGES),
    ],
)
async def test_a_refused_table_is_one_gap(facet: str, table: str, surface: Any) -> None:  # noqa: ANN401 (a surface)
    class Refusing(FakeArm):
        def answer(self, method: str, url: str, headers: Any, body: bytes = b"") -> Any:  # noqa: ANN401 (as inherited)
            broken = body.replace(table.encode(), b"nosuchtable")
            return super().answer(method, url, headers, broken)

    snapshot = await collected(Refusing(tenant.of_cluster("linux-managed-vnet")))
    (gap,) = snapshot.gaps
    assert getattr(snapshot.clusters[0], facet) == gap
    assert (gap.collector, gap.scope, gap.status) == (surface.collector, SCOPE, 400)


async def test_a_subscription_is_asked_for_its_own_rows_with_one_query_each() -> None:
    fake = arm()
    await collected(fake)
    assert sum(GRAPH in call.url for call in fake.calls) == 4  # two find clusters and groups


def test_names_of_groups_cannot_leave_their_quotes() -> None:
    assert "in~ ('a', 'b\\') | x')" in _changes_query(["a", "b') | x"])
    assert "in~ ('c\\\\')" in _changes_query(["c\\"])


def changed(path: str, before: object, after: object) -> PropertyChange:
    """A change as the model has it, decoded, recorded and decoded again."""
    row = change(changes={path: {"previousValue": before, "newValue": after}})
    wire = msgspec.json.decode(json.dumps(row), type=WireChange, dec_hook=base.custom)
    body = msgspec.json.encode(wire, enc_hook=base.plain)
    again = msgspec.json.decode(body, type=WireChange, dec_hook=base.custom)
    assert again.to_model() == wire.to_model()
    (one,) = wire.to_model()
    return one


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("Standard_D8ds_v5", "Standard_D8ds_v5"),
        (True, "true"),
        (3, "3"),
        (None, None),
        ("null", None),
        ('["1","2"]', '["1","2"]'),
        ({"a": 1}, '{"a":1}'),
        ("x" * 500, "x" * 399 + "…"),
    ],
)
def test_values_are_printable(value: object, printed: str | None) -> None:
    assert changed("properties.x", value, "y").before == printed


def test_a_clipped_value_is_said_to_be() -> None:
    assert changed("properties.x", "x" * 500, "y").truncated
    assert not changed("properties.x", "x", "y").truncated


EXTENSION = {"name": "vmssCSE", "properties": {"settings": {"commandToExecute": "hunter2 now"}}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.extensions[0].properties.settings.commandToExecute", "hunter2"),
        ("properties.extensions[0].properties.settings", {"commandToExecute": "hunter2"}),
        ("properties.extensions[0]", EXTENSION),
        ("properties.extensions[0]", json.dumps(EXTENSION)),
        ("properties.extensions", json.dumps([EXTENSION])),
        ("properties.extensions[0]", json.dumps(EXTENSION)[:70]),
        ("properties.userData", "hunter2"),
        ("properties.osProfile.adminPassword", "hunter2"),
        ("properties.servicePrincipalProfile.secret", "hunter2"),
        ("properties.httpProxyConfig.httpProxy", "http://u:hunter2@proxy"),
    ],
)
def test_secrets_are_digests(path: str, value: object) -> None:
    told = changed(path, "null", value).after or ""
    assert "hunter2" not in told
    assert "sha256:" in told


def test_a_setting_about_passwords_is_no_secret() -> None:
    path = "properties.linuxConfiguration.disablePasswordAuthentication"
    assert changed(path, "True", "False").after == "False"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_changes_at_all_are_harmless_and_stay_so(value: object) -> None:
    once = Changes.of(value)
    assert Changes.of(str(once)) == once


@given(st.text(), JSON)
def test_any_value_is_read_and_reads_the_same_again(path: str, value: object) -> None:
    once = Changes.of({path: {"previousValue": value, "newValue": value}})
    assert Changes.of(str(once)) == once
    assert set(once.by_path) == {path}


async def test_graph_that_fails_midway_leaves_a_gap_not_a_part() -> None:
    class Lost(FakeArm):
        def answer(self, method: str, url: str, headers: Any, body: bytes = b"") -> Any:  # noqa: ANN401 (as inherited)
            if b"skipToken" in body and b"resourcechanges" in body:
                body = body.replace(b"resourcechanges", b"nosuchtable")
            return super().answer(method, url, headers, body)

    rows = [change(name=str(n)) for n in range(9)]
    (cluster,) = (await collected(Lost(with_rows(*rows).tenant))).clusters
    assert isinstance(cluster.changes, Gap)
