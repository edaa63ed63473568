"""NET003 beside its cases: machines with several interfaces, and what is said of each carrier."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.evidence.pools import node_pools
from auditor.model import resource_id as arm
from auditor.model.aks import PoolKind
from auditor.model.facet import Known
from auditor.model.network import NetworkInterface, NetworkSecurityGroup
from auditor.model.operation import OperationKind
from auditor.model.verdict import Confidence, Finding
from auditor.rules import net003_node_nic_with_other_group as rule
from tests import build

OWN = arm.name(build.NSG_ID)
MINE = f"{build.GROUP_ID}/providers/Microsoft.Network/virtualNetworks/own/subnets/nodes"
CORP = f"{build.NETWORK}/networkSecurityGroups/nsg-corp"
FIRST, SECOND = (f"{build.NETWORK}/networkInterfaces/aks-vms-1-nic-{n}" for n in (0, 1))


def interface(nic_id: str, group: str | None, **changes: Any) -> NetworkInterface:  # noqa: ANN401 (any field)
    return NetworkInterface(
        id=nic_id, name=arm.name(nic_id), nsg_id=group, subnet_ids=(MINE,), **changes
    )


def on_machine(*interfaces: NetworkInterface, groups: tuple[str, ...] = ()) -> list[Finding]:
    """What is told of a machine in a network of the customer's with these interfaces."""
    machine = build.machine("aks-vms-1-vm0", nic_ids=tuple(one.id for one in interfaces))
    pool = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=1, subnet_id=MINE)
    listed = tuple(
        NetworkSecurityGroup(id=one, name=arm.name(one)) for one in (build.NSG_ID, *groups)
    )
    of = build.cluster(
        build.managed(pool),
        scale_sets=(),
        virtual_machines=Known((machine,)),
        machines={"vms": Known((machine.id,))},
        network_interfaces=Known(
            tuple(msgspec.structs.replace(i, machine_id=machine.id) for i in interfaces)
        ),
        security_groups=Known(listed),
    )
    answers = rule.check(node_pools(of)[0], build.context())
    return [answer for answer in answers if isinstance(answer, Finding)]


def test_only_the_first_interface_of_a_machine_needs_the_group() -> None:
    first = interface(FIRST, build.NSG_ID, primary=True)
    assert on_machine(first, interface(SECOND, None)) == []
    assert on_machine(interface(SECOND, None), first) == []

    (found,) = on_machine(interface(FIRST, None, primary=True), interface(SECOND, build.NSG_ID))
    assert (found.resource_id, found.confidence) == (FIRST, Confidence.POSSIBLE)
    assert (found.expected, found.actual) == (OWN, "none")
    assert "node VM aks-vms-1-vm0 of node pool vms lacks a security group" in found.summary


def test_another_group_on_any_interface_of_a_machine_is_told() -> None:
    first = interface(FIRST, build.NSG_ID, primary=True)
    (found,) = on_machine(first, interface(SECOND, CORP), groups=(CORP,))

    assert (found.resource_id, found.confidence) == (SECOND, Confidence.CONFIRMED)
    assert (found.expected, found.actual) == (f"{OWN}, or none on AKS's own subnet", CORP)
    assert "carries security group nsg-corp" in found.summary
    assert found.explained_by == {OperationKind.NIC_WRITE}
    assert found.rests_on == (build.machine("aks-vms-1-vm0").id, SECOND, CORP)
    assert found.discriminator == arm.key(CORP)


def of_model(group: str | None, subnet: str = build.SUBNET_ID) -> list[Finding]:
    (nic,) = build.scale_set().nics
    addresses = (msgspec.structs.replace(nic.ip_configurations[0], subnet_id=subnet),)
    own = msgspec.structs.replace(nic, name="nic", nsg_id=group, ip_configurations=addresses)
    asked = build.pool(subnet_id=None if subnet == build.SUBNET_ID else subnet)
    of = build.cluster(build.managed(asked), scale_sets=(build.scale_set(nics=(own,)),))
    answers = rule.check(node_pools(of)[0], build.context())
    return [answer for answer in answers if isinstance(answer, Finding)]


def test_a_model_is_told_by_its_interface() -> None:
    (found,) = of_model(CORP)
    assert found.summary == (
        f"Nodes of pool apps carry security group nsg-corp (network interface nic); "
        f"the cluster's own is {OWN}"
    )
    assert (found.expected, found.actual) == (f"{OWN}, or none on AKS's own subnet", CORP)
    assert found.discriminator == "nic"
    (lacking,) = of_model(None, MINE)
    assert (lacking.expected, lacking.actual) == (OWN, "none")
    assert "lack a security group (network interface nic)" in lacking.summary
    assert of_model(None) == []


def test_instances_are_told_by_their_numbers_and_rest_on_the_group_that_names_them() -> None:
    named = tuple(f"{build.node_id(n)}/networkInterfaces/nic" for n in (10, 2))
    corp = NetworkSecurityGroup(id=CORP, name="nsg-corp", nic_ids=named)
    of = build.cluster(security_groups=Known((build.security_group(), corp)))
    (found,) = rule.check(node_pools(of)[0], build.context())

    assert isinstance(found, Finding)
    assert "(instances 2, 10)" in found.summary
    assert found.instances == ("2", "10")
    assert found.rests_on == (build.scale_set_id(), CORP)
    assert found.discriminator == arm.key(CORP)
    assert found.path == "networkProfileConfiguration.networkInterfaceConfigurations"


def test_a_group_that_names_an_interface_is_on_it() -> None:
    machine = build.machine("aks-vms-1-vm0", nic_ids=(FIRST,))
    bare = interface(FIRST, None, primary=True, machine_id=machine.id)
    of = build.cluster(
        build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=1, subnet_id=MINE)),
        virtual_machines=Known((machine,)),
        machines={"vms": Known((machine.id,))},
        network_interfaces=Known((bare,)),
        security_groups=Known((build.security_group(nic_ids=(FIRST,)),)),
    )
    assert list(rule.check(node_pools(of)[0], build.context())) == []


def on_instance(*groups: str | None) -> list[Finding]:
    """What is told of an instance in a customer's network whose interfaces carry these groups."""
    (nic,) = build.scale_set().nics
    addresses = (msgspec.structs.replace(nic.ip_configurations[0], subnet_id=MINE),)
    own = msgspec.structs.replace(nic, nsg_id=build.NSG_ID, ip_configurations=addresses)
    carried = tuple(
        msgspec.structs.replace(own, name=f"nic-{n}", primary=n == 0, nsg_id=group)
        for n, group in enumerate(groups)
    )
    of = build.cluster(
        build.managed(build.pool(subnet_id=MINE)),
        scale_sets=(build.scale_set(nics=(own,)),),
        nodes={"apps": (build.node(0, nics=carried),)},
    )
    answers = rule.check(node_pools(of)[0], build.context())
    return [answer for answer in answers if isinstance(answer, Finding)]


def test_a_further_interface_of_an_instance_may_lack_a_group_but_carry_no_other() -> None:
    assert on_instance(build.NSG_ID, None) == []
    assert [found.actual for found in on_instance(None)] == ["none"]
    assert [found.actual for found in on_instance(build.NSG_ID, CORP)] == [CORP]


def test_a_further_interface_of_a_model_may_lack_a_group() -> None:
    (nic,) = build.scale_set().nics
    addresses = (msgspec.structs.replace(nic.ip_configurations[0], subnet_id=MINE),)
    own = msgspec.structs.replace(nic, nsg_id=build.NSG_ID, ip_configurations=addresses)
    further = msgspec.structs.replace(own, name="eth1", primary=False, nsg_id=None)
    of = build.cluster(
        build.managed(build.pool(subnet_id=MINE)),
        scale_sets=(build.scale_set(nics=(own, further)),),
    )
    assert list(rule.check(node_pools(of)[0], build.context())) == []
