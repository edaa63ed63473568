"""What surrounds clusters: read once per subscription, narrowed to each cluster."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.collect import surfaces
from auditor.collect.releases import plain
from auditor.collect.surfaces import Surface
from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Document, Fault, TenantSubscription
from auditor.demo.tenant import HOME, Builder, Tenant
from auditor.model import resource_id as arm_id
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.snapshot import Cluster, Snapshot
from tests.collect.world import NODE_GROUP, SCOPE, arm, collected, denied, paths, source

AUTHORIZATION = "providers/Microsoft.Authorization"
VMSS = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-38116459-vmss"
OPTIONAL: dict[str, Surface[Any]] = {
    "autoscale_settings": surfaces.AUTOSCALE_SETTINGS,
    "locks": surfaces.LOCKS,
    "role_assignments": surfaces.ROLE_ASSIGNMENTS,
    "role_definitions": surfaces.ROLE_DEFINITIONS,
    "deny_assignments": surfaces.DENY_ASSIGNMENTS,
    "features": surfaces.FEATURES,
    "releases": surfaces.RELEASES,
}
ADDRESS = {"releases": "/kubernetesVersions", "features": surfaces.FEATURES.path}


def with_documents(*documents: Document, kind: str = "linux-managed-vnet") -> FakeArm:
    """The fake ARM with a healthy cluster and some documents more."""
    whole = tenant.of_cluster(kind)
    more = {arm_id.key(document["id"]): document for document in documents}
    return FakeArm(msgspec.structs.replace(whole, documents=whole.documents | more))


async def cluster_of(fake: FakeArm) -> Cluster:
    snapshot = await collected(fake)
    assert snapshot.gaps == ()
    (cluster,) = snapshot.clusters
    return cluster


def autoscale(name: str, target: str) -> Document:
    return {
        "id": f"{SCOPE}/resourceGroups/rg-shop/{surfaces.AUTOSCALE_SETTINGS.path}/{name}",
        "name": name,
        "properties": {"enabled": True, "targetResourceUri": target},
    }


def lock(scope: str, name: str, level: str = "CanNotDelete") -> Document:
    return {"id": f"{scope}/{AUTHORIZATION}/locks/{name}", "properties": {"level": level}}


async def test_autoscale_settings_are_found_wherever_they_lie_by_what_they_scale() -> None:
    fake = with_documents(
        autoscale("ours", VMSS.upper()), autoscale("theirs", f"{SCOPE}/resourceGroups/rg-shop/x")
    )
    (setting,) = (await cluster_of(fake)).autoscale_settings.require()
    assert (setting.name, setting.enabled, setting.target_id) == ("ours", True, VMSS.upper())


async def test_who_wrote_an_autoscale_setting_is_looked_up_in_its_own_group() -> None:
    fake = with_documents(autoscale("ours", VMSS))
    assert fake.tenant.events
    event = fake.tenant.events[0] | {
        "eventDataId": "of-the-setting",
        "resourceId": autoscale("ours", VMSS)["id"],
        "resourceGroupName": "rg-shop",
    }
    whole = msgspec.structs.replace(fake.tenant, events=(event, *fake.tenant.events))
    log = (await cluster_of(FakeArm(whole))).activity.require()
    assert "of-the-setting" in {record.event_id for record in log.records}


async def test_locks_on_the_group_above_it_and_in_it_are_the_clusters() -> None:
    fake = with_documents(
        lock(SCOPE, "everything"),
        lock(NODE_GROUP.lower(), "nodes", "ReadOnly"),
        lock(VMSS, "one"),
        lock(f"{SCOPE}/resourceGroups/rg-shop", "beside"),
        lock(f"{NODE_GROUP}-2", "another"),
    )
    locks = (await cluster_of(fake)).locks.require()
    assert {(k.name, k.level, k.scope) for k in locks} == {
        ("everything", "CanNotDelete", SCOPE),
        ("nodes", "ReadOnly", NODE_GROUP.lower()),
        ("one", "CanNotDelete", VMSS),
    }


async def test_roles_are_those_on_the_group_and_above_it() -> None:
    fake = with_documents(
        {
            "id": f"{VMSS}/{AUTHORIZATION}/roleAssignments/below",
            "properties": {"principalId": "p", "scope": VMSS},
        }
    )
    cluster = await cluster_of(fake)
    scopes = [a.scope for a in cluster.role_assignments.require()]
    assert NODE_GROUP in scopes
    assert SCOPE in scopes
    assert "/providers/Microsoft.Management/managementGroups/contoso" in scopes
    assert VMSS not in scopes


async def test_only_roles_that_somebody_has_are_kept() -> None:
    roles = {role.name: role for role in (await cluster_of(arm())).role_definitions.require()}
    assert set(roles) == {"Owner", "Contributor", "Reader", "User Access Administrator"}
    assert roles["Owner"].actions == ("*",)
    assert "Microsoft.Authorization/*/Write" in roles["Contributor"].not_actions


async def test_lockdown_shows_as_a_deny_assignment_on_the_group() -> None:
    (deny,) = (await cluster_of(arm("custom-node-group"))).deny_assignments.require()
    assert deny.scope.endswith("/rg-shop-nodes")
    assert deny.is_system_protected
    assert (await cluster_of(arm())).deny_assignments == Known(())


async def test_features_bear_their_own_names() -> None:
    features = (await cluster_of(arm())).features.require()
    assert "AzureLinuxOSGuardPreview" in {feature.name for feature in features}
    assert not any(feature.is_registered for feature in features)


async def test_the_versions_of_the_clusters_location_are_known() -> None:
    releases = {r.minor: r for r in (await cluster_of(arm())).releases.require()}
    assert releases["1.35"].is_default
    assert releases["1.35"].patches == ("1.35.2", "1.35.4")
    assert releases["1.33"].plans == ("AKSLongTermSupport",)


@pytest.mark.parametrize("facet", OPTIONAL)
async def test_refused_evidence_is_one_gap_that_names_the_permission(facet: str) -> None:
    surface = OPTIONAL[facet]
    healthy = await cluster_of(arm())
    snapshot = await collected(arm("linux-managed-vnet", denied(ADDRESS.get(facet, surface.path))))
    (gap,) = snapshot.gaps
    (cluster,) = snapshot.clusters
    assert (gap.collector, gap.permission) == (surface.collector, surface.permission)
    assert getattr(cluster, facet) == gap
    others = {name for name in OPTIONAL if getattr(cluster, name) == getattr(healthy, name)}
    assert set(OPTIONAL) - others <= {facet, "role_definitions"}


async def test_without_assignments_no_role_is_left_out() -> None:
    (cluster,) = (
        await collected(arm("linux-managed-vnet", denied(surfaces.ROLE_ASSIGNMENTS.path)))
    ).clusters
    assert len(cluster.role_definitions.require()) == 6


async def test_a_group_that_is_gone_has_no_surroundings_but_the_locations_versions() -> None:
    whole = tenant.of_cluster("linux-managed-vnet")
    documents = {
        key: document
        for key, document in whole.documents.items()
        if not arm_id.within(key, NODE_GROUP)
    }
    fake = FakeArm(msgspec.structs.replace(whole, documents=documents))
    (cluster,) = (await collected(fake)).clusters
    assert isinstance(cluster.locks, Gap)
    assert cluster.locks.outcome is Outcome.GONE
    assert cluster.locks == cluster.role_assignments == cluster.node_resource_group
    assert isinstance(cluster.releases, Known)
    assert isinstance(cluster.features, Known)


async def test_one_call_per_subscription_and_one_per_group_is_enough() -> None:
    fake = FakeArm(two_clusters())
    assert len((await collected(fake)).clusters) == 2
    pages = [call for call in fake.calls if "skiptoken" in call.url]
    fake.calls = [call for call in fake.calls if call not in pages]
    asked = paths(fake)
    for surface in (surfaces.LOCKS, surfaces.FEATURES, surfaces.AUTOSCALE_SETTINGS):
        assert asked.count(f"{SCOPE}/{surface.path}") == 1
    assert sum("/roleAssignments" in path for path in asked) == 2
    assert sum("/kubernetesVersions" in path for path in asked) == 1


def two_clusters() -> Tenant:
    builder = Builder(HOME.tenant, [TenantSubscription(id=HOME.subscription, name="one")])
    builder.add("linux-managed-vnet", HOME)
    builder.add("spot", msgspec.structs.replace(HOME, cluster="till"))
    return builder.tenant(tenant.NOW)


OTHER = "00000000-0000-4000-8000-000000000001"


def two_subscriptions(*faults: Fault) -> FakeArm:
    """A cluster in each of two subscriptions, in one location."""
    ids = (HOME.subscription, OTHER)
    entries = [TenantSubscription(id=i, name=i) for i in ids]
    builder = Builder(HOME.tenant, entries, faults)
    for subscription in ids:
        builder.add("spot", msgspec.structs.replace(HOME, subscription=subscription))
    return FakeArm(builder.tenant(tenant.NOW))


async def all_collected(fake: FakeArm) -> list[Snapshot]:
    """Every unit, the last one first."""
    async with source(fake) as opened:
        return [await opened.collect(unit) for unit in reversed(await opened.units())]


def versions_asked(fake: FakeArm) -> list[str]:
    return [arm_id.subscription(p) for p in paths(fake) if p.endswith("/kubernetesVersions")]


async def test_a_location_is_asked_once_in_a_whole_run_by_whoever_comes_first_by_id() -> None:
    fake = two_subscriptions()
    snapshots = await all_collected(fake)
    assert versions_asked(fake) == [OTHER]
    assert len({s.clusters[0].releases.require() for s in snapshots}) == 1


async def test_where_the_first_subscription_refuses_a_cluster_asks_its_own() -> None:
    fake = two_subscriptions(denied(f"{OTHER}/.*kubernetesVersions"))
    own, other = await all_collected(fake)
    assert versions_asked(fake) == [OTHER, HOME.subscription]
    assert own.gaps == ()
    assert isinstance(own.clusters[0].releases, Known)
    (gap,) = other.gaps
    assert other.clusters[0].releases == gap


async def test_without_graph_a_cluster_asks_its_own_subscription() -> None:
    fake = two_subscriptions(denied("ResourceGraph"))
    await all_collected(fake)
    assert set(versions_asked(fake)) == {HOME.subscription, OTHER}


@pytest.mark.parametrize("name", ["westeurope", "West Europe", "WESTEUROPE"])
def test_a_location_is_one_however_it_is_spelt(name: str) -> None:
    assert plain(name) == "westeurope"
