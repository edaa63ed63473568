"""What a subscription's snapshot holds, over the fake ARM and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from auditor.collect import Scope, surfaces
from auditor.collect.concurrency import every
from auditor.collect.once import Once
from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Document, Fault, TenantSubscription
from auditor.demo.tenant import HOME, Builder
from auditor.model import resource_id as arm_id
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.snapshot import Cluster, Snapshot
from tests.collect.world import (
    NODE_GROUP,
    NOW,
    SCOPE,
    arm,
    collected,
    denied,
    paths,
    reader_of,
    source,
    with_faults,
)
from tests.support.cases import arm_for_case
from tests.support.transport import FakeArmTransport

COMPUTE = "providers/Microsoft.Compute"
NETWORK = "providers/Microsoft.Network"
ROLES = "providers/Microsoft.Authorization/roleAssignments"
CLUSTER_LIST = rf"^{SCOPE}/providers/Microsoft.ContainerService/managedClusters\?"
A_CLUSTER = r"managedClusters/shop\?"
CLUSTER = "managedclusters/shop"
NODE_GROUP_KEY = NODE_GROUP.casefold()
MC = arm_id.name(NODE_GROUP)


def wide(kind: str) -> str:
    """The subscription-wide list of a type, as a fault's pattern."""
    return rf"^{SCOPE}/providers/{kind}\?"


def only(snapshot: Snapshot) -> Cluster:
    (cluster,) = snapshot.clusters
    return cluster


def changed(
    change: Callable[[dict[str, Document]], None], kind: str = "linux-managed-vnet"
) -> FakeArm:
    """The fake ARM with its documents changed by hand."""
    whole = tenant.of_cluster(kind)
    documents = dict(whole.documents)
    change(documents)
    return FakeArm(msgspec.structs.replace(whole, documents=documents))


def without(*endings: str, faults: tuple[Fault, ...] = ()) -> FakeArm:
    """The fake ARM without the documents whose id, or whose parent's, ends so."""

    def drop(documents: dict[str, Document]) -> None:
        for key in [k for k in documents if f"{k}/".rpartition("/")[0].endswith(endings)]:
            del documents[key]

    fake = changed(drop)
    return FakeArm(with_faults(fake.tenant, *faults))


async def test_a_healthy_cluster_is_known_in_every_facet() -> None:
    snapshot = await collected(arm())
    cluster = only(snapshot)
    assert snapshot.listed
    assert snapshot.gaps == ()
    assert cluster.managed.require().name == "shop"
    assert len(cluster.scale_sets.require()) == 2
    assert [len(f.require()) for f in cluster.instances.values()] == [2, 3]
    assert len(cluster.security_groups.require()) == 1
    assert len(cluster.virtual_networks.require()) == 1
    assert [type(f) for f in cluster.subnets.values()] == [Known]
    assert cluster.node_resource_group.require().managed_by
    assert len(cluster.residents.require()) > 10
    assert cluster.virtual_machines == Known(())
    assert cluster.activity.require().records


async def test_a_subscription_without_clusters_costs_one_call() -> None:
    fake = without(CLUSTER)
    assert (await collected(fake)).clusters == ()
    listed = [p for p in paths(fake) if p.startswith(f"{SCOPE}/")]
    assert set(listed) == {f"{SCOPE}/providers/Microsoft.ContainerService/managedClusters"}


async def test_a_subscription_that_never_used_aks_has_no_clusters() -> None:
    fault = Fault(path=CLUSTER_LIST, status=409, code="MissingSubscriptionRegistration")
    snapshot = await collected(nothing_there(fault))
    assert snapshot.listed
    assert snapshot.gaps == ()


def nothing_there(*faults: Fault) -> FakeArm:
    """No source names a cluster."""
    return without(CLUSTER, NODE_GROUP_KEY, faults=faults)


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_list_that_cannot_be_read_is_never_an_empty_one(status: int) -> None:
    snapshot = await collected(nothing_there(Fault(path=CLUSTER_LIST, status=status)))
    assert not snapshot.listed
    assert [gap.collector for gap in snapshot.gaps] == ["clusters"]


async def test_clusters_that_graph_names_are_read_one_by_one_where_the_list_is_refused() -> None:
    snapshot = await collected(arm("linux-managed-vnet", denied(CLUSTER_LIST)))
    assert not snapshot.listed
    assert only(snapshot).managed.require().name == "shop"


async def test_a_cluster_that_is_named_but_refused_is_one_gap_in_every_facet() -> None:
    faults = denied(CLUSTER_LIST), denied(A_CLUSTER)
    snapshot = await collected(arm("linux-managed-vnet", *faults))
    cluster = only(snapshot)
    (gap,) = snapshot.gaps
    assert gap.permission == "Microsoft.ContainerService/managedClusters/read"
    assert cluster.managed == cluster.scale_sets == cluster.activity == cluster.residents == gap


async def test_a_node_resource_group_names_its_cluster_where_graph_is_refused_too() -> None:
    faults = denied(CLUSTER_LIST), denied(A_CLUSTER), denied("ResourceGraph")
    assert only(await collected(arm("linux-managed-vnet", *faults))).name == "shop"


async def test_a_name_without_a_cluster_is_none() -> None:
    faults = denied(CLUSTER_LIST), Fault(path=A_CLUSTER, status=404, code="ResourceNotFound")
    assert (await collected(arm("linux-managed-vnet", *faults))).clusters == ()


@pytest.mark.parametrize(
    ("kind", "facet"),
    [
        ("Microsoft.Compute/virtualMachineScaleSets", "scale_sets"),
        ("Microsoft.Network/networkSecurityGroups", "security_groups"),
        ("Microsoft.Network/virtualNetworks", "virtual_networks"),
    ],
)
async def test_a_refused_subscription_may_leave_the_group_readable(kind: str, facet: str) -> None:
    healthy = only(await collected(arm()))
    snapshot = await collected(arm("linux-managed-vnet", denied(wide(kind))))
    assert snapshot.gaps == ()
    assert getattr(only(snapshot), facet) == getattr(healthy, facet)


async def test_refused_everywhere_is_one_root_cause() -> None:
    snapshot = await collected(arm("linux-managed-vnet", denied(f"{NETWORK}/virtualNetworks")))
    assert {gap.scope for gap in snapshot.gaps if gap.collector == "virtual_networks"} == {SCOPE}


async def test_an_unreadable_group_is_one_gap_and_hidden_resources_are_not_missing() -> None:
    """Lists of a subscription leave out what the identity may not see, without a word."""
    hidden = (NODE_GROUP_KEY, "-nsg", "/aks-vnet-26180121")
    lists = rf"/resources|/{COMPUTE}/virtualMachines|/{NETWORK}/networkInterfaces|/{ROLES}"
    fake = without(*hidden, faults=(denied(rf"{NODE_GROUP}({lists})?\?"),))
    snapshot = await collected(fake)
    cluster = only(snapshot)
    assert isinstance(cluster.security_groups, Gap)
    assert cluster.security_groups == cluster.node_resource_group == cluster.residents
    assert cluster.virtual_networks == cluster.node_resource_group
    assert isinstance(cluster.scale_sets, Known)
    assert [g.collector for g in snapshot.gaps if g.scope == NODE_GROUP] == ["resource_groups"]


async def test_a_group_that_is_gone_leaves_one_gap_and_no_accusation() -> None:
    snapshot = await collected(without(NODE_GROUP_KEY))
    cluster = only(snapshot)
    assert isinstance(cluster.managed, Known)
    assert {gap.outcome for gap in snapshot.gaps} == {Outcome.GONE}
    assert cluster.scale_sets == cluster.residents == cluster.node_resource_group
    assert isinstance(cluster.activity, Known)


async def test_a_cluster_that_is_deleted_meanwhile_is_gone() -> None:
    fault = Fault(path=A_CLUSTER, status=404, code="ResourceNotFound")
    cluster = only(await collected(without(NODE_GROUP_KEY, faults=(fault,))))
    assert isinstance(cluster.managed, Gap)
    assert cluster.managed.outcome is Outcome.GONE
    assert cluster.activity == cluster.managed


async def test_a_cluster_without_a_node_resource_group_yet_is_in_transition() -> None:
    def unnamed(documents: dict[str, Document]) -> None:
        for document in documents.values():
            document.get("properties", {}).pop("nodeResourceGroup", None)

    (gap,) = (await collected(changed(unnamed))).gaps
    assert gap.outcome is Outcome.TRANSITION


async def test_scale_sets_that_the_subscriptions_list_misses_are_read_in_their_group() -> None:
    stale = Fault(path=wide("Microsoft.Compute/virtualMachineScaleSets"), status=200)
    stale = msgspec.structs.replace(stale, body='{"value": []}')
    fake = arm("linux-managed-vnet", stale)
    assert len(only(await collected(fake)).scale_sets.require()) == 2
    assert f"{NODE_GROUP}/{COMPUTE}/virtualMachineScaleSets" in paths(fake)


async def test_instances_that_cannot_be_read_leave_the_rest_known() -> None:
    snapshot = await collected(arm("linux-managed-vnet", denied("aks-apps-[0-9]+-vmss/virtual")))
    facets = [type(f) for f in only(snapshot).instances.values()]
    assert sorted(f.__name__ for f in facets) == ["Gap", "Known"]
    assert [gap.collector for gap in snapshot.gaps] == ["scale_set_instances"]


async def test_machines_are_read_with_their_views_where_there_are_any() -> None:
    cluster = only(await collected(arm("virtual-machines-pool")))
    machines = cluster.virtual_machines.require()
    assert machines
    assert {m.power.code for m in machines if m.power} == {"running"}


async def test_machines_tell_of_their_last_provisioning() -> None:
    cluster = only(await collected(arm("virtual-machines-pool")))
    machine, *_ = cluster.virtual_machines.require()
    assert machine.provisioning_code == "ProvisioningState/succeeded"
    assert machine.provisioned_at is not None


async def test_the_machines_of_a_pool_are_those_that_aks_lists() -> None:
    cluster = only(await collected(arm("virtual-machines-pool")))
    there = {arm_id.key(m.id) for m in cluster.virtual_machines.require()}
    assert {
        name: set(map(arm_id.key, ids.require())) for name, ids in cluster.machines.items()
    } == {"vms": there}


async def test_a_machine_without_a_vm_is_there_by_aks_own_id() -> None:
    cluster = only(await collected(arm_for_case("PWR003/unknown-single-machine-outside-of-azure")))
    (machine_id,) = cluster.machines["vms"].require()
    assert machine_id.endswith("/agentPools/vms/machines/aks-vms-26193347-vm0")


async def test_a_pool_of_a_scale_set_costs_no_call_for_its_machines() -> None:
    fake = arm("linux-managed-vnet")
    assert only(await collected(fake)).machines == {}
    assert not any("/machines" in path for path in paths(fake))


async def test_machines_that_aks_does_not_tell_are_a_gap_of_their_pool_alone() -> None:
    snapshot = await collected(arm("virtual-machines-pool", denied("/agentPools/vms/machines")))
    (gap,) = snapshot.gaps
    assert only(snapshot).machines == {"vms": gap}
    assert gap.permission == "Microsoft.ContainerService/managedClusters/agentPools/machines/read"
    assert isinstance(only(snapshot).virtual_machines, Known)


async def test_one_machine_that_cannot_be_read_makes_no_shorter_list() -> None:
    fault = denied(r"virtualMachines/[^/]+\?.*instanceView")
    cluster = only(await collected(arm("virtual-machines-pool", fault)))
    assert isinstance(cluster.virtual_machines, Gap)


async def test_a_custom_subnet_and_its_security_group_are_read_wherever_they_are() -> None:
    cluster = only(await collected(arm("linux-custom-vnet")))
    subnets = [facet.require() for facet in cluster.subnets.values()]
    node_group = cluster.managed.require().node_resource_group_id
    assert all(not arm_id.within(subnet.id, node_group) for subnet in subnets)
    attached = {arm_id.key(s.nsg_id) for s in subnets if s.nsg_id}
    assert set(cluster.subnet_security_groups) == attached


async def test_a_custom_network_that_cannot_be_listed_is_asked_for_by_id() -> None:
    lists = denied(rf"{NETWORK}/(virtualNetworks|networkSecurityGroups)\?")
    cluster = only(await collected(arm("linux-custom-vnet", lists)))
    healthy = only(await collected(arm("linux-custom-vnet")))
    assert cluster.subnets == healthy.subnets
    assert cluster.subnet_security_groups == healthy.subnet_security_groups


async def test_the_route_table_of_a_custom_subnet_is_read_wherever_it_is() -> None:
    cluster = only(await collected(arm("kubenet-own-routes")))
    ((key, facet),) = cluster.subnet_route_tables.items()
    table = facet.require()
    assert key == arm_id.key(table.id)
    assert next(route.name for route in table.routes) == "default"
    assert cluster.route_tables == Known(())


async def test_a_route_table_that_cannot_be_listed_is_asked_for_by_id_once() -> None:
    fake = arm("kubenet-own-routes", denied(rf"^{SCOPE}/{NETWORK}/routeTables\?"))
    cluster = only(await collected(fake))
    healthy = only(await collected(arm("kubenet-own-routes")))
    assert cluster.subnet_route_tables == healthy.subnet_route_tables
    assert len([path for path in paths(fake) if path.endswith("/routeTables/rt-nodes")]) == 1


async def test_a_refused_route_table_is_a_gap_that_names_the_permission() -> None:
    fault = denied(r"/routeTables(/rt-nodes)?\?")
    snapshot = await collected(arm("kubenet-own-routes", fault))
    (facet,) = only(snapshot).subnet_route_tables.values()
    assert isinstance(facet, Gap)
    assert facet in snapshot.gaps
    assert facet.permission == "Microsoft.Network/routeTables/read"


async def test_what_is_done_to_the_route_table_of_a_custom_subnet_is_of_interest() -> None:
    cluster = only(await collected(arm("kubenet-own-routes")))
    done_to = {record.resource_id for record in cluster.activity.require().records}
    assert any(resource_id.endswith("/routeTables/rt-nodes") for resource_id in done_to)


async def test_filters_limit_what_is_judged() -> None:
    assert (await collected(arm(), scope=Scope(clusters=("other",)))).clusters == ()
    assert (await collected(arm(), scope=Scope(resource_groups=("other",)))).clusters == ()
    scope = Scope(clusters=("SHOP",), resource_groups=("RG-shop",))
    assert only(await collected(arm(), scope=scope)).name == "shop"
    by_id = Scope(clusters=(only(await collected(arm())).id.upper(),))
    assert len((await collected(arm(), scope=by_id)).clusters) == 1


async def test_nothing_but_reads_leaves() -> None:
    fake = arm()
    await collected(fake)
    assert fake.writes == {}
    assert {call.method for call in fake.calls} == {"GET", "POST"}
    assert [c.url for c in fake.calls if c.method == "POST" and "ResourceGraph" not in c.url] == []


async def test_truncated_answers_are_failures() -> None:
    fault = Fault(path=r"MC_[^/]+/resources\?", truncate=True)
    (gap,) = (await collected(arm("linux-managed-vnet", fault))).gaps
    assert (gap.collector, gap.outcome) == ("residents", Outcome.FAILED)


async def test_lost_answers_are_timeouts() -> None:
    fault = Fault(path=r"MC_[^/]+/resources\?", timeout=True)
    (gap,) = (await collected(arm("linux-managed-vnet", fault))).gaps
    assert (gap.collector, gap.outcome) == ("residents", Outcome.TIMEOUT)


async def test_a_subscription_that_is_not_visible_is_not_assessed() -> None:
    unseen = "99999999-0000-0000-0000-000000000000"
    snapshot = await collected(arm(), scope=Scope(subscriptions=(unseen,)))
    (gap,) = snapshot.gaps
    assert (snapshot.listed, snapshot.clusters) == (False, ())
    assert gap.scope == f"/subscriptions/{unseen}"


async def test_refused_groups_and_a_refused_group_are_one_cause() -> None:
    snapshot = await collected(arm("linux-managed-vnet", denied(rf"resourceGroups(/{MC})?\?")))
    gaps = [gap for gap in snapshot.gaps if gap.collector == "resource_groups"]
    assert [gap.scope for gap in gaps] == [SCOPE]


async def test_graphs_refusal_is_one_gap_and_graph_is_not_asked_again() -> None:
    async with source(arm("linux-managed-vnet", denied("ResourceGraph"))) as opened:
        (unit,) = await opened.units()
        snapshot = await opened.collect(unit)
        (gap,) = opened.gaps()
        assert snapshot.gaps == (gap,)
        assert only(snapshot).notices == only(snapshot).changes == gap
        assert gap.collector == "resource_graph"
        assert sum(row.failed for row in opened.calls()) == 1


async def test_what_clusters_share_is_read_once() -> None:
    transport = FakeArmTransport(arm())
    once = Once(reader_of(transport))
    read = await every(once.get(surfaces.GROUPS, i) for i in (NODE_GROUP, NODE_GROUP.upper()))
    assert read[0] is read[1]
    assert len(transport.arm.calls) == 1


async def test_a_snapshot_knows_every_subscription_that_is_visible() -> None:
    ids = (HOME.subscription, "5e0c8a3f-41d7-4b8e-9a52-6d1f0b7c2e94")
    builder = Builder(HOME.tenant, [TenantSubscription(id=i, name=i) for i in ids])
    builder.add("spot", HOME)
    snapshot = await collected(
        FakeArm(builder.tenant(NOW)), scope=Scope(subscriptions=(HOME.subscription,))
    )
    assert snapshot.visible == set(ids)
