"""The second pass, over a fake ARM whose objects may change between two reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Document, Fault
from auditor.model import resource_id as arm_id
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.question import LookBack, ProveAbsent, Question, ReadAgain, ReadDisks
from auditor.model.snapshot import Cluster, Snapshot
from tests.collect.world import NODE_GROUP, NOW, SCOPE, denied, source, with_faults

VMSS = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-38116459-vmss"
NETWORK = f"{NODE_GROUP}/providers/Microsoft.Network"
MISSING = f"{NETWORK}/networkSecurityGroups/aks-agentpool-00000000-nsg"


@asynccontextmanager
async def asked(
    *questions: Question,
    kind: str = "linux-managed-vnet",
    later: dict[str, Document | None] | None = None,
    faults: tuple[Fault, ...] = (),
) -> AsyncIterator[tuple[Snapshot, Snapshot, FakeArm]]:
    """The snapshot before and after; ``faults`` strike in the second pass only."""
    whole = msgspec.structs.replace(tenant.of_cluster(kind), later=later or {})
    fake = FakeArm(with_faults(whole, *faults))
    calm = FakeArm(whole)
    async with source(calm) as first:
        (unit,) = await first.units()
        before = await first.collect(unit)
    if later is not None:
        fake = calm
    async with source(fake) as second:
        key = arm_id.key(before.clusters[0].id)
        yield before, await second.answer(before, {key: frozenset(questions)}), fake


async def answer(*questions: Question, **stage: object) -> Cluster:
    async with asked(*questions, **stage) as (_, after, _fake):  # type: ignore[arg-type]  # passed on
        return after.clusters[0]


def later(resource_id: str, change: Document | None) -> dict[str, Document | None]:
    key = arm_id.key(resource_id)
    document = tenant.of_cluster("linux-managed-vnet").documents[key]
    return {key: None if change is None else document | change}


async def test_without_questions_nothing_is_read() -> None:
    async with asked() as (before, after, fake):
        assert after == before
        assert not any("virtualMachineScaleSets" in call.url for call in fake.calls)


async def test_an_object_is_read_again_beside_the_cluster() -> None:
    cluster = await answer(ReadAgain(VMSS), later=later(VMSS, {"sku": {"capacity": 9}}))
    assert cluster.second is not None
    first, second = (_capacities(c) for c in (cluster, cluster.second))
    assert second == first | {"aks-apps-38116459-vmss": 9}
    assert first != second
    assert cluster.second.security_groups is cluster.security_groups


async def test_what_has_not_changed_reads_the_same() -> None:
    cluster = await answer(ReadAgain(VMSS), ReadAgain(NODE_GROUP), ReadAgain(f"{NETWORK}/x/y"))
    second = cluster.second
    assert second is not None
    assert second.managed == cluster.managed
    assert second.node_resource_group == cluster.node_resource_group
    assert second.residents == cluster.residents
    assert second.instances == cluster.instances
    assert _sizes(second) == _sizes(cluster)


def _capacities(cluster: Cluster) -> dict[str, int | None]:
    return {s.name: s.capacity for s in cluster.scale_sets.require()}


def _sizes(cluster: Cluster) -> list[tuple[str, str | None]]:
    return [(s.name, s.sku_name) for s in cluster.scale_sets.require()]


async def test_an_object_that_is_gone_by_then_leaves_the_list() -> None:
    cluster = await answer(ReadAgain(f"{VMSS}/virtualMachines/0"), later=later(VMSS, None))
    assert cluster.second is not None
    names = [s.name for s in cluster.second.scale_sets.require()]
    assert len(names) == len(cluster.scale_sets.require()) - 1
    assert cluster.second.instances[arm_id.key(VMSS)] == Known(())


async def test_an_object_that_cannot_be_read_again_is_a_gap() -> None:
    fault = Fault(path=r"aks-apps-38116459-vmss\?", status=500)
    async with asked(ReadAgain(VMSS), faults=(fault,)) as (_, after, _fake):
        second = after.clusters[0].second
        assert second is not None
        (gap,) = second.scale_sets.causes
        assert arm_id.same(gap.scope, VMSS)
        assert gap in after.gaps


async def test_a_cluster_that_is_gone_by_then_is_gone_in_every_facet() -> None:
    cluster = await answer(
        ReadAgain(VMSS), faults=(Fault(path=r"managedClusters/shop\?", status=404),)
    )
    assert cluster.second is not None
    assert isinstance(cluster.second.managed, Gap)
    assert cluster.second.scale_sets is cluster.second.managed
    assert isinstance(cluster.managed, Known)


async def test_load_balancers_are_read_again() -> None:
    balancer = f"{NETWORK}/loadBalancers/kubernetes"
    cluster = await answer(
        ReadAgain(f"{balancer}/outboundRules/aksOutboundRule"),
        later=later(balancer, {"properties": {"outboundRules": []}}),
    )
    assert cluster.second is not None
    assert [b.outbound_rules for b in cluster.second.load_balancers.require()] == [()]
    assert [len(b.outbound_rules) for b in cluster.load_balancers.require()] == [1]


async def test_networks_are_read_again_with_the_subnets_that_nodes_use() -> None:
    before = await answer()
    subnet = next(iter(before.subnets.values())).require()
    group = before.security_groups.require()[0]
    cluster = await answer(ReadAgain(subnet.id), ReadAgain(f"{group.id}/securityRules/x"))
    assert cluster.second is not None
    assert cluster.second.subnets == before.subnets
    assert cluster.second.security_groups == before.security_groups
    assert cluster.second.virtual_networks == before.virtual_networks


async def test_a_custom_subnets_group_is_read_again_where_it_is_kept() -> None:
    before = await answer(kind="linux-custom-vnet")
    (subnet,) = [facet.require() for facet in before.subnets.values()]
    assert subnet.nsg_id
    fault = denied(arm_id.name(subnet.nsg_id))
    cluster = await answer(
        ReadAgain(subnet.nsg_id), ReadAgain(subnet.id), kind="linux-custom-vnet", faults=(fault,)
    )
    assert cluster.second is not None
    outside = cluster.second.subnet_security_groups
    assert isinstance(outside[arm_id.key(subnet.nsg_id)], Gap)
    assert cluster.second.subnets == before.subnets


async def test_a_custom_subnets_route_table_is_read_again_where_it_is_kept() -> None:
    kind = "kubenet-own-routes"
    (table,) = [f.require() for f in (await answer(kind=kind)).subnet_route_tables.values()]
    again = ReadAgain(f"{table.id}/routes/default")
    cluster = await answer(again, kind=kind, faults=(denied(table.name),))
    assert cluster.second is not None
    assert isinstance(cluster.second.subnet_route_tables[arm_id.key(table.id)], Gap)
    assert cluster.second.route_tables == cluster.route_tables


async def test_machines_are_read_again_with_their_views() -> None:
    before = await answer(kind="virtual-machines-pool")
    machine = before.virtual_machines.require()[0]
    cluster = await answer(ReadAgain(machine.id), kind="virtual-machines-pool")
    assert cluster.second is not None
    assert cluster.second.virtual_machines == before.virtual_machines


async def test_a_404_in_a_readable_group_proves_absence() -> None:
    cluster = await answer(ProveAbsent(MISSING), ProveAbsent(VMSS))
    assert cluster.is_present(MISSING) == Known(value=False)
    assert cluster.is_present(VMSS.upper()) == Known(value=True)


async def test_a_404_in_an_unreadable_group_proves_nothing() -> None:
    fault = denied(rf"{NODE_GROUP}\?")
    facet = (await answer(ProveAbsent(MISSING), faults=(fault,))).is_present(MISSING)
    assert isinstance(facet, Gap)
    assert facet.outcome is Outcome.DENIED


async def test_neither_a_refusal_nor_a_missing_group_proves_absence() -> None:
    refused = await answer(ProveAbsent(MISSING), faults=(denied("networkSecurityGroups"),))
    assert isinstance(refused.is_present(MISSING), Gap)
    nowhere = f"{SCOPE}/resourceGroups/nowhere/providers/Microsoft.Compute/disks/d"
    assert isinstance((await answer(ProveAbsent(nowhere))).is_present(nowhere), Gap)


async def test_an_unknown_type_cannot_be_asked_for() -> None:
    strange = f"{NODE_GROUP}/providers/Microsoft.Strange/things/t"
    facet = (await answer(ProveAbsent(strange))).is_present(strange)
    assert isinstance(facet, Gap)
    assert facet.outcome is Outcome.SKIPPED


async def test_the_log_is_deepened_for_what_was_asked() -> None:
    cluster = await answer(LookBack(VMSS))
    log = cluster.activity.require()
    assert log.reaches(f"{VMSS}/virtualMachines/1") < NOW - timedelta(days=89)
    assert log.reaches(NODE_GROUP) == NOW - timedelta(days=30)
    assert list(log.records) == sorted(log.records, key=lambda r: (r.at, r.event_id))


async def test_a_past_that_cannot_be_read_leaves_the_log_as_it_was() -> None:
    async with asked(LookBack(VMSS), faults=(denied("resourceUri"),)) as (before, after, _fake):
        assert after.clusters[0].activity == before.clusters[0].activity
        assert [gap.scope for gap in after.gaps] == [VMSS]


async def test_disks_are_read_on_request() -> None:
    before = await answer()
    assert before.disks is None
    disks = (await answer(ReadDisks(NODE_GROUP))).disks_read().require()
    assert disks


async def test_a_second_round_keeps_what_the_first_one_read() -> None:
    async with asked(ReadAgain(VMSS), later=later(VMSS, {"sku": {"capacity": 9}})) as (
        _,
        after,
        fake,
    ):
        key = arm_id.key(after.clusters[0].id)
        async with source(fake) as again:
            third = await again.answer(after, {key: frozenset([ReadAgain(NODE_GROUP)])})
        first, second = after.clusters[0].second, third.clusters[0].second
        assert first is not None
        assert second is not None
        assert second.scale_sets == first.scale_sets


async def test_a_cluster_that_is_refused_by_then_leaves_its_objects_as_they_were() -> None:
    cluster = await answer(ReadAgain(VMSS), faults=(denied(r"managedClusters/shop\?"),))
    assert cluster.second is not None
    assert isinstance(cluster.second.managed, Gap)
    assert cluster.second.scale_sets is cluster.scale_sets


async def test_reading_the_cluster_alone_or_another_group_again_changes_no_object() -> None:
    before = await answer()
    elsewhere = f"{SCOPE}/resourceGroups/rg-shop"
    second = (await answer(ReadAgain(before.id), ReadAgain(elsewhere), ReadAgain(SCOPE))).second
    assert second is not None
    assert second == msgspec.structs.replace(before, managed=second.managed)
