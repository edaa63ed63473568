"""Machines of no pool: which of them are nodes of Karpenter's, and when that cannot be told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from auditor.evidence import machines, remedies, standalone
from auditor.model.aks import PoolKind
from auditor.model.compute import DataDisk, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Partial, partly
from auditor.model.network import NetworkInterface
from auditor.model.snapshot import Cluster, StandaloneNodes
from tests import build

TAGS = {"karpenter.sh_nodepool": "default"}
NIC_IDS = tuple(f"{build.NETWORK}/networkInterfaces/nic-{number}" for number in range(2))
MINE = build.machine("aks-default-2jf98", tags=TAGS, nic_ids=NIC_IDS[:1])
JUMPBOX = build.machine("jumpbox")


def of(
    machines_there: Facet[tuple[VirtualMachine, ...]] | None = None, *, nap: bool = True
) -> Cluster:
    described = replace(build.managed(), node_provisioning=nap)
    return build.cluster(described, virtual_machines=machines_there or Known((MINE, JUMPBOX)))


def nodes_of(cluster: Cluster) -> StandaloneNodes:
    found = standalone.nodes_of(cluster)
    assert found is not None
    return found


@pytest.mark.parametrize("nap", [True, False])
def test_the_nodes_that_karpenter_tagged_are_told_whoever_runs_it(nap: bool) -> None:
    assert nodes_of(of(nap=nap)).nodes == Known((MINE,))


def test_without_such_machines_there_is_nothing_to_judge() -> None:
    assert standalone.nodes_of(of(Known((JUMPBOX,)))) is None


def test_machines_that_could_not_be_read_may_be_such() -> None:
    assert isinstance(nodes_of(of(build.gap())).nodes, Gap)


def test_one_machine_that_does_not_read_hides_no_other() -> None:
    part = nodes_of(of(partly((MINE,), [build.gap()]))).nodes
    assert isinstance(part, Partial)
    assert part.value == (MINE,)


def test_a_machine_that_aks_lists_in_a_pool_is_that_pools() -> None:
    described = build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES))
    listed = build.cluster(
        described, virtual_machines=Known((MINE,)), machines={"vms": Known((MINE.id,))}
    )
    assert standalone.nodes_of(listed) is None


def test_where_aks_may_list_it_unseen_its_nodes_cannot_be_told() -> None:
    described = build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES))
    unread = build.cluster(
        described, virtual_machines=Known((MINE,)), machines={"vms": build.gap("machines")}
    )
    assert nodes_of(unread).nodes == build.gap("machines")


def test_a_machine_in_motion_is_left_for_later() -> None:
    moving = replace(MINE, provisioning_state="Creating")
    found = machines.of(nodes_of(of(Known((moving,)))))
    assert found.settled == ()
    assert [(gap.scope, gap.code) for gap in found.gaps] == [
        (build.managed().node_resource_group_id, "Transition")
    ]


def test_only_what_no_user_of_karpenter_can_ask_for_departs() -> None:
    chosen = replace(MINE, vm_size="Standard_E64ds_v5", admin_username="karpenter")
    view = nodes_of(of(Known((chosen,))))
    assert list(machines.departures(view, chosen)) == []
    elsewhere = NetworkInterface(
        id=NIC_IDS[0], name="nic", subnet_ids=("other",), dns_servers=("10.1.0.4",)
    )
    assert list(machines.interface_departures(view, elsewhere)) == []
    public = replace(elsewhere, public_ip_ids=(f"{build.NETWORK}/publicIPAddresses/pip",))
    assert [d.words for d in machines.interface_departures(view, public)] == ["Public address"]


@pytest.mark.parametrize(
    ("tags", "departs"), [({}, True), ({"aks-nic-secondary-count": "1"}, False)]
)
def test_a_further_interface_departs_unless_tags_ask_aks_for_it(
    tags: dict[str, str], departs: bool
) -> None:
    two = replace(MINE, nic_ids=NIC_IDS, tags=TAGS | tags)
    found = list(machines.departures(nodes_of(of(Known((two,)))), two))
    assert [d.words for d in found] == (["Network interfaces"] if departs else [])


@pytest.mark.parametrize(
    ("name", "nap", "own"),
    [
        ("aks-default-2jf98-data", False, True),
        ("AKS-default-2jf98-data-0", False, True),
        ("aks-default-2jf98-data-0", True, False),
        ("scratch", False, False),
    ],
)
def test_the_data_disk_of_a_self_hosted_karpenter_goes_by_its_machines_name(
    name: str, nap: bool, own: bool
) -> None:
    managed = replace(build.managed(), node_provisioning=nap)
    assert standalone.is_of_node_class(DataDisk(name=name), MINE, managed) is own


def test_karpenter_makes_its_own_nodes_anew() -> None:
    renewal = remedies.renewal(nodes_of(of()), MINE.name)
    assert renewal.commands == renewal.restoring == ("kubectl delete nodeclaim default-2jf98",)
