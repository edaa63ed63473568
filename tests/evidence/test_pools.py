from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import pools, standalone
from auditor.model.aks import ManagedCluster, PoolKind
from auditor.model.compute import ScaleSet, VirtualMachine
from auditor.model.errors import UnreadableError
from auditor.model.facet import Facet, Gap, Known, partly
from auditor.model.snapshot import NodePoolView
from tests.build import cluster, gap, machine, managed, node, pool, scale_set, scale_set_id

TAGGED = {"aks-managed-poolName": "apps"}


def named(name: str, **tags: str) -> ScaleSet:
    base = scale_set_id().rpartition("/")[0]
    return replace(scale_set(), id=f"{base}/{name}", name=name, tags=tags)


def view(described: ManagedCluster, *scale_sets: ScaleSet) -> NodePoolView:
    return pools.node_pools(cluster(described, scale_sets=scale_sets))[0]


def carrier(described: ManagedCluster, *scale_sets: ScaleSet) -> str | None:
    found = view(described, *scale_sets).scale_set
    return found.value.name if isinstance(found, Known) else None


def test_every_pool_stands_beside_its_scale_set_and_instances() -> None:
    of = cluster(managed(pool(), pool("batch")), nodes={"batch": [node(7, "batch")]})
    apps, batch = pools.node_pools(of)
    assert apps.scale_set.require().id == scale_set_id()
    assert len(apps.instances.require()) == 3
    assert [n.instance_id for n in batch.instances.require()] == ["7"]


def test_a_linux_scale_set_is_known_by_its_name_in_any_case() -> None:
    assert carrier(managed(), named("AKS-APPS-38116459-VMSS")) == "AKS-APPS-38116459-VMSS"


def test_a_windows_scale_set_is_known_by_its_short_name() -> None:
    windows = managed(pool("npwin", os_type="Windows"))
    assert carrier(windows, named("aksnpwin")) == "aksnpwin"


def test_a_linux_pool_has_no_short_name() -> None:
    assert carrier(managed(), named("aksapps")) is None


def test_a_pool_whose_name_begins_alike_has_another_scale_set() -> None:
    two = managed(pool("apps"), pool("apps2"))
    sets = [named("aks-apps2-11111111-vmss"), named("aks-apps-22222222-vmss")]
    found = {
        v.pool.name: v.scale_set.require().name
        for v in pools.node_pools(cluster(two, scale_sets=sets))
    }
    assert found == {"apps": "aks-apps-22222222-vmss", "apps2": "aks-apps2-11111111-vmss"}


def test_the_name_decides_before_an_edited_tag() -> None:
    two = managed(pool(), pool("batch"))
    swapped = [
        replace(scale_set(), tags={"aks-managed-poolName": "batch"}),
        replace(scale_set("batch"), tags={"aks-managed-poolName": "apps"}),
    ]
    found = [v.scale_set.require().name for v in pools.node_pools(cluster(two, scale_sets=swapped))]
    assert found == [scale_set().name, scale_set("batch").name]


@pytest.mark.parametrize("tag", ["aks-managed-poolName", "poolName"])
def test_a_scale_set_of_another_shape_is_known_by_akss_tag(tag: str) -> None:
    assert carrier(managed(), named("aks-hobby", **{tag: "apps"})) == "aks-hobby"


def test_a_customers_scale_set_with_a_copied_tag_carries_no_pool() -> None:
    assert carrier(managed(), named("web", **TAGGED)) is None


def test_of_two_claimants_the_one_that_aks_made_wins() -> None:
    copied = named("aks-apps-99999999-vmss", **scale_set().tags)
    assert carrier(managed(), copied, scale_set()) == scale_set().name
    assert carrier(managed(), scale_set(), copied) == scale_set().name


def test_the_older_name_of_the_creation_mark_counts_too() -> None:
    legacy = named("aks-apps-11111111-vmss", creationSource="vmssclient-aks-apps-11111111-vmss")
    bare = named("aks-apps-99999999-vmss")
    assert carrier(managed(), bare, legacy) == legacy.name


def test_of_two_claimants_that_aks_did_not_mark_the_tagged_one_wins() -> None:
    tagged = named("aks-apps-11111111-vmss", **TAGGED)
    bare = named("aks-apps-99999999-vmss")
    assert carrier(managed(), bare, tagged) == tagged.name


def test_a_pool_without_a_listed_scale_set_is_unknown_not_missing() -> None:
    found = view(managed(), scale_set("batch")).scale_set
    assert isinstance(found, Gap)
    assert "no scale set of this node pool was listed" in found.message
    assert found.collector == "scale_sets"


def test_an_unread_list_is_its_own_gap() -> None:
    (found,) = pools.node_pools(replace(cluster(), scale_sets=gap()))
    assert found.scale_set == gap()
    assert found.instances == gap()


def test_unread_instances_leave_the_scale_set_known() -> None:
    (found,) = pools.node_pools(replace(cluster(), instances={}))
    assert isinstance(found.scale_set, Known)
    assert isinstance(found.instances, Gap)


@pytest.mark.parametrize("kind", [PoolKind.VIRTUAL_MACHINES, PoolKind.AVAILABILITY_SET])
def test_a_pool_of_machines_has_no_scale_set_to_miss(kind: PoolKind) -> None:
    found = view(managed(pool(kind=kind)), scale_set()).scale_set
    assert isinstance(found, Gap)
    assert kind in found.message
    assert found.collector == "virtual_machines"


def test_an_unread_cluster_has_no_pools_to_tell() -> None:
    with pytest.raises(UnreadableError):
        pools.node_pools(replace(cluster(), managed=gap()))


def test_a_scale_set_without_a_pool_is_foreign() -> None:
    of = cluster(scale_sets=[scale_set(), named("web"), scale_set("gone")])
    assert [s.name for s in pools.foreign_scale_sets(of)] == ["web", scale_set("gone").name]


def test_a_second_claimant_is_foreign() -> None:
    copied = named("aks-apps-99999999-vmss", **scale_set().tags)
    assert [*pools.foreign_scale_sets(cluster(scale_sets=[scale_set(), copied]))] == [copied]


def test_a_scale_set_that_does_not_read_leaves_its_own_pool_unknown() -> None:
    described = managed(pool(), pool("batch"), pool("web"))
    unread = gap(scale_set_id("batch"))
    of = cluster(described, scale_sets=[])
    read = partly((scale_set(), named("aks-batch-99999999-vmss")), [unread])
    apps, batch, web = pools.node_pools(replace(of, scale_sets=read))
    assert apps.scale_set == Known(scale_set())
    assert batch.scale_set == unread
    assert web.scale_set == unread, "it may be its own, under another name"


def test_what_may_carry_a_pool_whose_own_does_not_read_is_not_called_foreign() -> None:
    copied = named("aks-apps-99999999-vmss")
    read = partly((copied, named("web")), [gap(scale_set_id())])
    told: list[ScaleSet] = []
    with pytest.raises(UnreadableError):
        told.extend(pools.foreign_scale_sets(replace(cluster(), scale_sets=read)))
    assert [one.name for one in told] == ["web"]


def test_foreign_scale_sets_of_an_unread_list_are_unknown() -> None:
    with pytest.raises(UnreadableError):
        list(pools.foreign_scale_sets(replace(cluster(), scale_sets=gap())))


def test_the_pool_of_a_name_is_one_that_the_cluster_has() -> None:
    described = managed(pool(), pool("npwin", os_type="Windows"))
    assert pools.pool_name("aks-apps-38116459-vmss", described) == "apps"
    assert pools.pool_name("aksnpwin", described) == "npwin"
    assert pools.pool_name("aks-gone-38116459-vmss", described) is None
    assert pools.pool_name("web", described) is None


def test_nodes_are_named_after_aks() -> None:
    assert pools.has_node_name("aks-default-2jf98")
    assert pools.has_node_name("AKSnpwin")
    assert not pools.has_node_name("jumpbox")


def test_the_clusters_suffix_is_on_every_scale_set() -> None:
    assert pools.resource_name_suffix(cluster()) == "26180121"


def test_the_suffix_of_a_legacy_cluster_stands_under_the_older_tag() -> None:
    legacy = replace(scale_set(), tags={"resourceNameSuffix": "46237"})
    assert pools.resource_name_suffix(cluster(scale_sets=[legacy])) == "46237"


def test_suffixes_that_disagree_tell_nothing() -> None:
    edited = replace(scale_set("batch"), tags={"aks-managed-resourceNameSuffix": "11111111"})
    assert pools.resource_name_suffix(cluster(scale_sets=[scale_set(), edited])) is None


def test_without_tags_there_is_no_suffix() -> None:
    assert pools.resource_name_suffix(cluster(scale_sets=[replace(scale_set(), tags={})])) is None


MACHINES = managed(pool(), pool("vms", kind=PoolKind.VIRTUAL_MACHINES))


@pytest.mark.parametrize(
    ("found", "described"),
    [
        (machine("aks-vms-12345678-vm0"), MACHINES),
        (machine("aks-abc", tags={"aks-managed-poolName": "vms"}), MACHINES),
        (machine("aks-default-2jf98", tags={"karpenter.sh_nodepool": "default"}), managed()),
        (machine("aks-x", tags={"karpenter.azure.com_cluster": "shop"}), managed()),
        (machine("aks-system-surge-1"), managed(hosted_system_pools=True)),
    ],
)
def test_machines_that_a_pool_or_karpenter_made_are_not_foreign(
    found: VirtualMachine, described: ManagedCluster
) -> None:
    of = cluster(described, virtual_machines=Known((found,)))
    assert standalone.foreign_machines(of) == ()


@pytest.mark.parametrize(
    ("found", "described"),
    [
        (machine("jumpbox"), MACHINES),
        (machine("jumpbox"), managed(hosted_system_pools=True)),
        (
            machine("jumpbox"),
            managed(pool("system", mode="ManagedSystem", kind=PoolKind.VIRTUAL_MACHINES)),
        ),
        (machine("jumpbox", tags={"aks-managed-poolName": "vms"}), MACHINES),
        (machine("aks-apps-12345678-vm0"), MACHINES),
        (machine("aks-system-surge-1"), managed()),
        (machine("aks-abc", tags={"aks-managed-poolName": "apps"}), managed()),
    ],
)
def test_machines_that_only_look_like_nodes_are_foreign(
    found: VirtualMachine, described: ManagedCluster
) -> None:
    listed = {"vms": Known(())}
    of = cluster(described, virtual_machines=Known((found,)), machines=listed)
    assert standalone.foreign_machines(of) == (found,)


def test_a_machine_that_aks_lists_is_its_pools_whatever_its_name() -> None:
    odd = machine("vms-0")
    listed = {"vms": Known((odd.id.upper(),))}
    of = cluster(MACHINES, virtual_machines=Known((odd,)), machines=listed)
    assert standalone.foreign_machines(of) == ()
    assert pools.node_pools(of)[1].nodes == Known((odd,))


def test_a_machine_that_aks_may_list_is_not_called_foreign() -> None:
    of = cluster(MACHINES, virtual_machines=Known((machine("vms-0"),)), machines={"vms": gap()})
    with pytest.raises(UnreadableError):
        standalone.foreign_machines(of)


def test_the_nodes_of_a_pool_are_its_instances_or_its_machines() -> None:
    own, other = machine("aks-vms-12345678-vm0"), machine("aks-default-2jf98")
    of = cluster(MACHINES, virtual_machines=Known((own, other)))
    apps, vms = pools.node_pools(of)
    assert [n.label for n in apps.nodes.require()] == ["0", "1", "2"]
    assert vms.nodes == Known((own,))
    assert vms.carrier_id == vms.pool_id
    assert standalone.every_kind(of) == (other,)
    unread = pools.node_pools(replace(of, virtual_machines=gap()))
    assert unread[1].nodes == gap()


def test_a_tag_of_a_pool_that_is_gone_still_marks_a_node() -> None:
    odd = machine("odd", tags={"aks-managed-poolName": "gone"})
    of = cluster(MACHINES, virtual_machines=Known((odd, machine("jumpbox"))))
    assert standalone.every_kind(of) == (odd,)


def test_that_no_other_machine_is_a_node_takes_the_lists_of_those_that_may_be() -> None:
    node_vm = machine("aks-default-2jf98")
    refused = cluster(MACHINES, virtual_machines=Known((node_vm,)), machines={"vms": gap()})
    assert standalone.all_of_every_kind(refused) == (node_vm,)
    with pytest.raises(UnreadableError):
        standalone.all_of_every_kind(
            replace(refused, virtual_machines=Known((node_vm, machine("jumpbox"))))
        )


def test_of_a_list_that_reads_in_part_the_machines_that_read_are_there() -> None:
    own, asked = machine("aks-vms-12345678-vm0"), MACHINES.pools[1]
    of = cluster(MACHINES, virtual_machines=partly((own, machine("jumpbox")), [gap()]))
    there = pools.machines_there(of, asked)
    assert there == partly((own,), [gap()])
    assert pools.machines_there(replace(of, virtual_machines=gap()), asked) == gap()


def test_foreign_machines_of_an_unread_list_are_unknown() -> None:
    with pytest.raises(UnreadableError):
        standalone.foreign_machines(cluster(virtual_machines=gap()))


def test_aks_keeps_a_list_of_a_virtual_machines_pools_machines_only() -> None:
    odd = machine("vms-0")
    old = managed(pool("old", kind=PoolKind.AVAILABILITY_SET))
    of = cluster(old, virtual_machines=Known((odd,)), machines={"old": Known((odd.id,))})
    assert standalone.foreign_machines(of) == (odd,)


NONE: Facet[tuple[str, ...]] = Known(())


def of_machines(
    *there: VirtualMachine,
    listed: Facet[tuple[str, ...]] = NONE,
    **asked: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    described = managed(pool(kind=PoolKind.VIRTUAL_MACHINES, **asked))
    of = cluster(described, virtual_machines=Known(there), machines={"apps": listed})
    return pools.node_pools(of)[0]


SCALED: dict[str, Any] = {"count": None, "autoscaling": True}


@pytest.mark.parametrize(
    "asked", [{**SCALED, "min_count": 0}, {"count": None, "mode": "Machines"}, {"count": 0}]
)
def test_a_pool_of_which_no_machine_is_wanted_may_have_none(asked: dict[str, Any]) -> None:
    assert of_machines(**asked).nodes == Known(())


def test_a_pool_of_no_machines_needs_no_list_of_them() -> None:
    assert of_machines(count=0, listed=gap()).nodes == Known(())
    old = managed(pool(kind=PoolKind.AVAILABILITY_SET, count=0))
    assert pools.node_pools(cluster(old))[0].nodes == Known(())
    scaled = managed(pool(kind=PoolKind.AVAILABILITY_SET, min_count=0, **SCALED))
    assert isinstance(pools.node_pools(cluster(scaled))[0].nodes, Gap)


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ({**SCALED, "min_count": 1}, Known(())),
        ({**SCALED, "min_count": None}, Known(())),
        ({**SCALED, "min_count": 0}, Known((machine("aks-apps-1-vm0").id,))),
        ({**SCALED, "min_count": 0}, gap()),
        ({"count": 2}, Known(())),
    ],
)
def test_a_pool_that_should_have_machines_is_unknown_without(
    asked: dict[str, Any], listed: Facet[tuple[str, ...]]
) -> None:
    assert isinstance(of_machines(listed=listed, **asked).nodes, Gap)


@pytest.mark.parametrize("name", ["aks-apps-2jf98", "AKS-apps-k7wqz"])
def test_karpenters_machine_is_not_of_a_pool_of_the_same_name(name: str) -> None:
    karpenters = machine(name, tags={"karpenter.sh/nodepool": "apps"})
    view = of_machines(karpenters, machine("aks-apps-1-vm0"))
    assert [node.name for node in view.nodes.require()] == ["aks-apps-1-vm0"]
    untagged = of_machines(machine(name))
    assert [node.name for node in untagged.nodes.require()] == [name]


def test_a_tag_of_karpenters_hides_no_machine_that_is_named_or_listed_by_aks() -> None:
    tags = {"karpenter.sh/nodepool": "apps"}
    named, listed = machine("aks-apps-1-vm0", tags=tags), machine("aks-apps-2jf98", tags=tags)
    view = of_machines(named, listed, listed=Known((listed.id,)))
    assert len(view.nodes.require()) == 2


def test_beside_an_unread_list_any_other_machine_may_be_a_pools() -> None:
    stranger, own = machine("jumpbox"), machine("aks-apps-1-vm0")
    refused = gap()
    assert pools.unlisted_machines(of_machines(own, stranger, listed=refused)) == (refused,)
    assert pools.unlisted_machines(of_machines(own, listed=refused)) == ()
    assert pools.unlisted_machines(of_machines(own, stranger)) == ()
    unread = of_machines(own, listed=refused)
    unread = replace(unread, cluster=replace(unread.cluster, virtual_machines=gap()))
    assert pools.unlisted_machines(unread) == ()


def test_an_availability_set_has_no_list_to_miss() -> None:
    described = managed(pool(kind=PoolKind.AVAILABILITY_SET))
    of = cluster(described, virtual_machines=Known((machine("jumpbox"),)))
    assert pools.unlisted_machines(pools.node_pools(of)[0]) == ()
