"""Node VMs beside what AKS was asked for: what departs, how surely, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import disks, machines, managed_network, pools
from auditor.evidence.single_nodes import Departure
from auditor.model.aks import PoolKind
from auditor.model.compute import OsDisk, VirtualMachine
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.network import NetworkInterface
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence
from tests import build

NIC_ID = f"{build.NETWORK}/networkInterfaces/aks-apps-1-nic-0"
CUSTOM = f"{build.GROUP_ID}/providers/Microsoft.Network/virtualNetworks/own/subnets/nodes"
D4, D8 = "Standard_D4s_v5", "Standard_D8s_v5"


def machine(number: int = 0, **changes: Any) -> VirtualMachine:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"vm_size": D4, "nic_ids": (NIC_ID,)}
    return build.machine(f"aks-apps-1-vm{number}", **given | changes)


def interface(**changes: Any) -> NetworkInterface:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"subnet_ids": (build.SUBNET_ID,)}
    return NetworkInterface(id=NIC_ID, name="aks-apps-1-nic-0", **given | changes)


def view(
    *there: VirtualMachine,
    interfaces: Facet[tuple[NetworkInterface, ...]] | None = None,
    managed: dict[str, Any] | None = None,
    **asked: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    given: dict[str, Any] = {
        "kind": PoolKind.VIRTUAL_MACHINES,
        "vm_size": None,
        "vm_sizes": (D4,),
        "count": len(there) or 2,
    }
    described = build.managed(build.pool(**given | asked), **(managed or {}))
    of = build.cluster(
        described,
        virtual_machines=Known(there or (machine(0), machine(1))),
        machines={"apps": Known(())},
        network_interfaces=interfaces or Known((interface(),)),
    )
    return pools.node_pools(of)[0]


def told(found: list[Departure]) -> list[tuple[str, Confidence]]:
    return [(departure.words, departure.confidence) for departure in found]


def of_machine(of: NodePoolView) -> list[tuple[str, Confidence]]:
    (only,) = machines.of(of).settled
    return told(list(machines.departures(of, only)))


def of_interface(given: NetworkInterface, **asked: Any) -> list[tuple[str, Confidence]]:  # noqa: ANN401 (any field)
    of = view(interfaces=Known((given,)), **asked)
    return told(list(machines.interface_departures(of, given)))


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, D4),
        ({}, D4.upper()),
        ({}, None),
        ({"vm_sizes": (D8, D4)}, D4),
        ({"vm_sizes": (), "mode": "Machines"}, D8),
        ({"vm_sizes": (), "vm_size": D4, "kind": PoolKind.AVAILABILITY_SET}, D4),
    ],
)
def test_a_size_that_a_profile_asks_for_or_none_states_is_no_departure(
    asked: dict[str, Any], size: str | None
) -> None:
    assert of_machine(view(machine(vm_size=size), **asked)) == []


@pytest.mark.parametrize(
    ("asked", "sure"),
    [
        ({}, Confidence.LIKELY),
        ({"current_vm_sizes": (D4,)}, Confidence.LIKELY),
        ({"current_vm_sizes": (D4, D8.lower())}, Confidence.POSSIBLE),
        ({"vm_sizes": (), "vm_size": D4, "kind": PoolKind.AVAILABILITY_SET}, Confidence.LIKELY),
    ],
)
def test_another_size_is_likely_at_most_and_a_lead_where_aks_counts_it(
    asked: dict[str, Any], sure: Confidence
) -> None:
    assert of_machine(view(machine(vm_size=D8), **asked)) == [("VM size", sure)]


def test_the_administrator_is_the_clusters_where_it_names_one() -> None:
    other = machine(admin_username="root2")
    named = {"admin_username": "azureuser"}
    assert of_machine(view(other, managed=named)) == [("Administrator's name", Confidence.LIKELY)]
    assert of_machine(view(other)) == []
    assert of_machine(view(machine(admin_username=None), managed=named)) == []
    assert of_machine(view(machine(admin_username="AzureUser"), managed=named)) == []
    both = named | {"windows_admin_username": "winadmin"}
    assert (
        of_machine(view(machine(admin_username="winadmin"), managed=both, os_type="Windows")) == []
    )
    assert len(of_machine(view(machine(admin_username="winadmin"), managed=both))) == 1


def test_a_second_interface_departs_unless_the_pools_tags_ask_for_it() -> None:
    two = machine(nic_ids=(NIC_ID, f"{NIC_ID}-2"))
    assert of_machine(view(two)) == [("Network interfaces", Confidence.LIKELY)]
    assert of_machine(view(two, tags={"aks-nic-secondary-count": "1"})) == []


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, {}, []),
        ({"subnet_ids": (CUSTOM,)}, {}, [("Subnet", Confidence.LIKELY)]),
        ({"subnet_ids": (CUSTOM.upper(),)}, {"subnet_id": CUSTOM}, []),
        ({}, {"subnet_id": CUSTOM}, [("Subnet", Confidence.LIKELY)]),
        ({"subnet_ids": (build.SUBNET_ID, CUSTOM)}, {"pod_subnet_id": CUSTOM}, []),
        ({"public_ip_ids": ("/x/pip",)}, {}, [("Public address", Confidence.LIKELY)]),
        ({"public_ip_ids": ("/x/pip",)}, {"node_public_ip": True}, []),
        ({"public_ip_ids": ("/x/pip",)}, {"mode": "Gateway"}, []),
        ({"dns_servers": ("10.1.0.4",)}, {}, [("DNS servers", Confidence.POSSIBLE)]),
        ({"subnet_ids": (CUSTOM,), "public_ip_ids": ("/x/pip",)}, {"mode": "Machines"}, []),
    ],
)
def test_interfaces_are_held_against_what_the_pool_asks_for(
    changes: dict[str, Any], asked: dict[str, Any], expected: list[tuple[str, Confidence]]
) -> None:
    assert of_interface(interface(**changes), **asked) == expected


def test_while_akss_own_network_cannot_be_told_no_subnet_departs() -> None:
    elsewhere = interface(subnet_ids=(CUSTOM,))
    of = view(machine(), interfaces=Known((elsewhere,)))
    nothing: dict[str, Any] = {
        "scale_sets": Known(()),
        "security_groups": Known(()),
        "virtual_networks": Known(()),
    }
    untold = replace(of, cluster=replace(of.cluster, **nothing))
    assert told(list(machines.interface_departures(of, elsewhere))) == [
        ("Subnet", Confidence.LIKELY)
    ]
    assert list(machines.interface_departures(untold, elsewhere)) == []


def test_machines_and_interfaces_in_motion_are_not_judged_and_said_so() -> None:
    moving = machine(0, provisioning_state="Updating")
    found = machines.of(view(moving, machine(1)))
    assert [m.name for m in found.settled] == ["aks-apps-1-vm1"]
    assert [gap.outcome for gap in found.gaps] == [Outcome.TRANSITION]

    of = view(machine(), interfaces=Known((interface(provisioning_state="Updating"),)))
    assert list(machines.interfaces(of, machine())) == []
    (gap,) = machines.interface_gaps(of, machine())
    assert (gap.scope, gap.outcome) == (NIC_ID, Outcome.TRANSITION)


def test_interfaces_of_others_leave_nothing_open() -> None:
    foreign = replace(interface(provisioning_state="Updating"), id=f"{NIC_ID}-of-another")
    of = view(machine(), interfaces=Known((interface(), foreign)))
    assert list(machines.interface_gaps(of, machine())) == []


def test_an_interface_that_is_not_listed_or_not_read_is_unknown() -> None:
    (unlisted,) = machines.interface_gaps(view(machine(), interfaces=Known(())), machine())
    assert (unlisted.scope, unlisted.code) == (NIC_ID, "NotListed")
    refused = build.gap()
    assert list(machines.interface_gaps(view(interfaces=refused), machine())) == [refused]
    assert list(machines.interface_gaps(view(), machine())) == []


@pytest.mark.parametrize(("subnet", "expected"), [(build.SUBNET_ID, True), (CUSTOM, False)])
def test_where_machines_live_their_interfaces_tell(subnet: str, *, expected: bool) -> None:
    of = view(machine(), interfaces=Known((interface(subnet_ids=(subnet,)),)))
    network = managed_network.of(of.cluster).require()
    assert managed_network.houses(network, of) is expected


def of_disks(*there: VirtualMachine, **asked: Any) -> list[tuple[str, Confidence]]:  # noqa: ANN401 (any field)
    of = view(*there, **asked)
    settled = machines.of(of).settled
    return told([d for m in settled for d in disks.machine_departures(of, m, settled)])


def with_disk(number: int, name: str = "", size: int = 128, **changes: Any) -> VirtualMachine:  # noqa: ANN401 (any field)
    bare = machine(number, **changes)
    return replace(bare, os_disk=OsDisk(name=name or f"{bare.name}_OsDisk_1_ab", size_gb=size))


SIZE = "OS disk size in GiB"


@pytest.mark.parametrize(
    ("neighbour", "sure"),
    [
        (with_disk(1), Confidence.LIKELY),
        (with_disk(1, vm_size=D8), Confidence.POSSIBLE),
    ],
)
def test_a_larger_os_disk_is_likely_where_a_machine_of_that_size_has_what_was_asked(
    neighbour: VirtualMachine, sure: Confidence
) -> None:
    assert of_disks(with_disk(0, size=256), neighbour) == [(SIZE, sure)]


def test_a_pool_that_states_no_disk_size_takes_the_sizes_own() -> None:
    assert of_disks(with_disk(0, size=256), os_disk_size_gb=0) == []
    assert of_disks(with_disk(0, size=256), os_disk_size_gb=None) == []


def test_a_disk_named_after_another_machine_is_a_lead_beside_one_that_is_not() -> None:
    swapped = with_disk(1, name="aks-apps-1-vm10_OsDisk_1_cd")
    assert of_disks(with_disk(0), swapped) == [("OS disk", Confidence.POSSIBLE)]
    assert of_disks(with_disk(0), with_disk(1, name="golden")) == [("OS disk", Confidence.POSSIBLE)]
    assert of_disks(swapped) == []
    assert of_disks(with_disk(0, name="aks-apps-1-vm0"), with_disk(1)) == []


def test_a_disk_that_states_no_name_is_neither_held_against_anyone_nor_a_measure() -> None:
    nameless = replace(machine(1), os_disk=OsDisk(size_gb=128))
    assert of_disks(with_disk(0), nameless) == []
    assert of_disks(nameless, with_disk(0, name="golden")) == []


def test_machines_that_state_no_size_are_of_one_size() -> None:
    larger, neighbour = with_disk(0, size=256, vm_size=None), with_disk(1, vm_size=None)
    assert of_disks(larger, neighbour) == [(SIZE, Confidence.LIKELY)]


@pytest.mark.parametrize(
    ("asked", "expected"), [(None, [("Disk encryption set", Confidence.LIKELY)]), ("/x/des", [])]
)
def test_another_encryption_set_than_the_clusters_is_likely(
    asked: str | None, expected: list[tuple[str, Confidence]]
) -> None:
    encrypted = replace(machine(), os_disk=OsDisk(encryption_set_id="/x/DES"))
    assert of_disks(encrypted, managed={"disk_encryption_set_id": asked}) == expected


def test_without_a_machine_of_a_pool_that_should_have_some_nothing_is_said() -> None:
    of = view(build.machine("jumpbox"), count=2)
    assert isinstance(of.nodes, Gap)
