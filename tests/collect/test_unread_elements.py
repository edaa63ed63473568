"""One element of a list does not read: it is a gap of its own, and its siblings are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor import rules
from auditor.collect import surfaces
from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import TenantSubscription
from auditor.demo.tenant import HOME, Builder, Tenant
from auditor.evaluate import evaluate
from auditor.model import resource_id as arm_id
from auditor.model.facet import Facet, Gap, Known, Outcome, Partial
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, Snapshot
from auditor.model.verdict import Verdict
from tests.collect.test_recorded import record, replay
from tests.collect.world import (
    NODE_GROUP,
    NOW,
    SCOPE,
    Scripted,
    collected,
    denied,
    ok,
    reader_of,
    with_faults,
)

SCALE_SETS = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets"
APPS = f"{SCALE_SETS}/aks-apps-38116459-vmss"
TILL = f"{SCOPE}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/till"
GRAPH_REFUSED = denied("Microsoft.ResourceGraph")


def two_clusters() -> Tenant:
    builder = Builder(HOME.tenant, [TenantSubscription(id=HOME.subscription, name="shop")])
    builder.add("linux-managed-vnet", HOME)
    builder.add("kubenet", msgspec.structs.replace(HOME, cluster="till"))
    return builder.tenant(NOW)


def spoilt(whole: Tenant, resource_id: str) -> Tenant:
    """The tenant with a document that no longer reads: a tag is a number."""
    key = arm_id.key(resource_id)
    document = whole.documents[key] | {"tags": {"odd": 7}}
    return msgspec.structs.replace(whole, documents={**whole.documents, key: document})


def named(snapshot: Snapshot, name: str) -> Cluster:
    return next(cluster for cluster in snapshot.clusters if cluster.name == name)


def unread(facet: Facet[Any]) -> list[str]:
    return [arm_id.name(gap.scope) for gap in facet.causes]


async def test_a_cluster_that_does_not_read_hides_no_other_though_graph_names_none() -> None:
    whole = with_faults(spoilt(two_clusters(), TILL), GRAPH_REFUSED)
    snapshot = await collected(FakeArm(whole))
    assert isinstance(named(snapshot, "shop").managed, Known)
    bad = named(snapshot, "till").managed
    assert isinstance(bad, Gap)
    assert arm_id.same(bad.scope, TILL)
    assert bad.outcome is Outcome.FAILED
    assert "tags" in bad.message
    assert snapshot.listed
    assert [gap for gap in snapshot.gaps if gap.collector == "clusters"] == [bad]


async def test_a_scale_set_that_does_not_read_is_unknown_to_its_own_cluster_alone() -> None:
    snapshot = await collected(FakeArm(spoilt(two_clusters(), APPS)))
    mine = named(snapshot, "shop").scale_sets
    assert isinstance(mine, Partial)
    assert unread(mine) == ["aks-apps-38116459-vmss"]
    assert mine.value
    assert isinstance(named(snapshot, "till").scale_sets, Known)


async def test_what_shows_no_id_may_be_anybodys() -> None:
    steps = ok({"value": [{"id": f"{NODE_GROUP}/x", "name": "x"}, {"name": "nameless"}, None]})
    reader = reader_of(Scripted({f"{SCOPE}/resourceGroups": steps}))
    facet = await reader.list(surfaces.GROUPS, SCOPE)
    assert isinstance(facet, Partial)
    assert [group.name for group in facet.value] == ["x"]
    assert [gap.scope for gap in facet.causes] == [SCOPE]


async def test_a_record_that_does_not_read_is_unknown_to_the_cluster_that_it_is_about() -> None:
    whole = two_clusters()
    event = whole.events[0] | {"resourceId": APPS, "caller": 5}
    elsewhere = event | {"resourceId": f"{SCOPE}/resourceGroups/rg-other/providers/a/b/c"}
    whole = msgspec.structs.replace(whole, events=(event, elsewhere, *whole.events))
    snapshot = await collected(FakeArm(whole))
    mine = named(snapshot, "shop").activity
    assert isinstance(mine, Partial)
    assert unread(mine) == ["aks-apps-38116459-vmss"]
    assert isinstance(named(snapshot, "till").activity, Known)
    assert "rg-other" not in repr(snapshot.gaps)


@pytest.mark.parametrize("spoil", [TILL, APPS, f"{APPS}/virtualMachines/10"])
async def test_a_replay_says_the_same(tmp_path: Path, spoil: str) -> None:
    whole = with_faults(spoilt(two_clusters(), spoil), GRAPH_REFUSED)
    recorded = await record(tmp_path / "s", FakeArm(whole))
    assert any("does not read" in gap.message for gap in recorded[0].gaps)
    assert await replay(tmp_path / "s") == recorded


async def test_a_node_that_does_not_read_hides_neither_a_breach_nor_that_it_is_unknown() -> None:
    whole = tenant.of_case("VMSS005/violates-one-node-resized")
    other = arm_id.key(f"{APPS}/virtualMachines/1")
    (cluster,) = (await collected(FakeArm(spoilt(whole, other)))).clusters
    context = Context(now=NOW, operations=Known(()))
    told = {v.rule_id: v for v in evaluate(cluster, rules.load(), context).verdicts}
    assert told["VMSS005"].verdict is Verdict.VIOLATION
    assert [arm_id.key(gap.scope) for gap in told["VMSS005"].gaps] == [other]
    assert told["PWR001"].verdict is Verdict.UNKNOWN
