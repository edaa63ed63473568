from __future__ import annotations

import msgspec
import pytest

from auditor.evidence import managed_network, pools
from auditor.model.aks import NodePool, PoolKind
from auditor.model.compute import VirtualMachine
from auditor.model.errors import UnreadableError
from auditor.model.facet import Gap, Known, Outcome, partly
from auditor.model.network import NetworkInterface
from auditor.model.question import ProveAbsent
from auditor.model.snapshot import Cluster
from tests.rules import build

OTHER = "26180122"
PROVIDER = f"{build.NODES}/providers/Microsoft.Network"
CUSTOM = (
    f"{build.SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/corp"
)
DECOY = build.group(f"{PROVIDER}/networkSecurityGroups/aks-agentpool-{OTHER}-nsg")


def own_group(cluster: Cluster) -> str:
    return managed_network.of(cluster).require().nsg_id


def test_the_tag_of_the_scale_sets_names_the_group_and_the_network() -> None:
    network = managed_network.of(build.cluster()).require()

    assert network.nsg_id == build.OWN_GROUP
    assert network.node_subnet_id == build.OWN_SUBNET


def test_a_custom_network_has_only_the_group() -> None:
    assert own_group(build.cluster(networks=())) == build.OWN_GROUP


def test_the_tag_holds_where_the_objects_are_gone() -> None:
    assert own_group(build.cluster(groups=(), networks=())) == build.OWN_GROUP


def test_the_clusters_own_group_is_found_among_others() -> None:
    cluster = build.cluster(groups=(DECOY, build.group()))
    network = managed_network.of(cluster).require()

    assert managed_network.security_group(cluster, network) == Known(build.group())


def test_what_does_not_read_of_a_list_still_tells_its_name() -> None:
    unread = msgspec.structs.replace(build.GAP, scope=build.OWN_GROUP)
    cluster = build.cluster(build.scale_set(number=None), networks=())
    cluster = msgspec.structs.replace(cluster, security_groups=partly((), [unread]))

    assert own_group(cluster) == build.OWN_GROUP


@pytest.mark.parametrize("tag", ["mine", "1234", "26180121-nsg/../x"])
def test_what_no_number_of_akss_looks_like_names_nothing(tag: str) -> None:
    cluster = build.cluster(build.scale_set(number=tag), groups=(), networks=())

    assert isinstance(managed_network.of(cluster), Gap)


def test_early_clusters_have_five_digits() -> None:
    early = build.group(f"{PROVIDER}/networkSecurityGroups/aks-agentpool-46237-nsg")

    cluster = build.cluster(build.scale_set(number="46237"), groups=(early,), networks=())
    assert own_group(cluster) == early.id


def test_names_settle_what_the_tags_do_not_say() -> None:
    assert own_group(build.cluster(build.scale_set(number=None))) == build.OWN_GROUP


def test_names_settle_what_the_tags_contradict() -> None:
    scale_sets = (build.scale_set("system"), build.scale_set("apps", OTHER))

    assert own_group(build.cluster(*scale_sets)) == build.OWN_GROUP


def test_a_decoy_beside_the_real_group_does_not_outweigh_the_tags() -> None:
    assert own_group(build.cluster(groups=(build.group(), DECOY))) == build.OWN_GROUP


@pytest.mark.parametrize("tag", [OTHER, "26180121/../x", "", None])
def test_doubt_remains_where_tags_and_names_do_not_agree(tag: str | None) -> None:
    cluster = build.cluster(build.scale_set(number=tag), groups=(build.group(), DECOY), networks=())
    if tag == OTHER:
        cluster = build.cluster(build.scale_set(number=tag))

    told = managed_network.of(cluster)
    assert isinstance(told, Gap)
    assert told.code == "NumberUnknown"


def test_nothing_tells_where_neither_tags_nor_names_do() -> None:
    cluster = build.cluster(build.scale_set(number=None), groups=(), networks=())

    assert isinstance(managed_network.of(cluster), Gap)


@pytest.mark.parametrize("facet", ["scale_sets", "security_groups", "virtual_networks"])
def test_what_could_not_be_read_leaves_the_number_untold(facet: str) -> None:
    cluster = msgspec.structs.replace(build.cluster(), **{facet: build.GAP})

    with pytest.raises(UnreadableError):
        managed_network.of(cluster)


def test_a_custom_network_in_the_node_resource_group_is_not_managed() -> None:
    network = managed_network.of(build.cluster()).require()

    assert network.is_managed(build.OWN_SUBNET.upper())
    assert not network.is_managed(f"{PROVIDER}/virtualNetworks/vnet-mine/subnets/aks-subnet")
    assert not network.is_managed(f"{build.OWN_NETWORK}-2/subnets/aks-subnet")


@pytest.mark.parametrize(
    ("asked_for", "has", "expected"),
    [
        (None, build.OWN_SUBNET, True),
        (None, f"{CUSTOM}/subnets/nodes", False),
        (build.OWN_SUBNET, f"{CUSTOM}/subnets/nodes", True),
        (f"{CUSTOM}/subnets/nodes", build.OWN_SUBNET, False),
    ],
)
def test_the_request_says_where_a_pool_lives_and_without_one_its_scale_set(
    asked_for: str | None, has: str, *, expected: bool
) -> None:
    cluster = build.cluster(
        build.scale_set("system", build.NUMBER, build.nic(has)),
        pools=(NodePool(name="system", subnet_id=asked_for),),
    )
    (view,) = pools.node_pools(cluster)

    assert managed_network.houses(managed_network.of(cluster).require(), view) is expected


def test_where_a_pool_of_machines_without_a_subnet_lives_is_not_known() -> None:
    machines = NodePool(name="vms", kind=PoolKind.VIRTUAL_MACHINES)
    cluster = build.cluster(pools=(machines,))
    (view,) = pools.node_pools(cluster)

    with pytest.raises(UnreadableError):
        managed_network.houses(managed_network.of(cluster).require(), view)


def test_a_scale_set_without_interfaces_is_taken_to_live_on_aks_s_network() -> None:
    bare = msgspec.structs.replace(build.scale_set(), nics=())
    (view,) = pools.node_pools(build.cluster(bare))

    assert managed_network.houses(managed_network.of(view.cluster).require(), view)


def test_a_pool_of_machines_lives_where_its_own_interfaces_are() -> None:
    provider = f"{build.NODES}/providers"
    mine, other = (f"{provider}/Microsoft.Network/networkInterfaces/{n}" for n in "ab")
    elsewhere = f"{build.SUBSCRIPTION}/resourceGroups/g/providers/x/virtualNetworks/v/subnets/s"
    machine = VirtualMachine(
        id=f"{provider}/Microsoft.Compute/virtualMachines/aks-vms-1-vm0",
        name="aks-vms-1-vm0",
        nic_ids=(mine.upper(),),
    )
    interfaces = (
        NetworkInterface(id=mine, name="a", subnet_ids=(elsewhere,)),
        NetworkInterface(id=other, name="b", subnet_ids=(build.OWN_SUBNET,)),
    )
    cluster = msgspec.structs.replace(
        build.cluster(pools=(NodePool(name="vms", kind=PoolKind.VIRTUAL_MACHINES, count=1),)),
        virtual_machines=Known((machine,)),
        machines={"vms": Known((machine.id,))},
        network_interfaces=Known(interfaces),
    )
    (view,) = pools.node_pools(cluster)

    assert not managed_network.houses(managed_network.of(cluster).require(), view)


def absent(cluster: Cluster) -> Gap:
    told = managed_network.security_group(cluster, managed_network.of(cluster).require())
    assert isinstance(told, Gap)
    return told


def test_a_group_that_is_not_listed_has_to_be_proven_absent() -> None:
    cluster = build.cluster(groups=())

    assert absent(cluster).question == ProveAbsent(build.OWN_GROUP)
    answered = {
        here: msgspec.structs.replace(
            cluster, presence={build.OWN_GROUP.casefold(): Known(value=here)}
        )
        for here in (True, False)
    }
    gone = absent(answered[False])
    assert (gone.outcome, gone.status) == (Outcome.GONE, 404)
    assert absent(answered[True]).outcome is Outcome.TRANSITION


@pytest.mark.parametrize(
    ("state", "settled"), [("Creating", False), ("deleting", False), ("Updating", True)]
)
def test_only_making_and_deleting_a_cluster_moves_its_network(state: str, *, settled: bool) -> None:
    managed = build.cluster().managed.require()
    managed = msgspec.structs.replace(managed, provisioning_state=state)

    assert (managed_network.unsettled(managed) is None) is settled
