"""What no fixture shows: custom networks inside the node resource group, and mixed clusters."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auditor.evidence import pools
from auditor.model import resource_id as arm
from auditor.model.aks import NodePool
from auditor.model.facet import Known
from auditor.model.network import NetworkSecurityGroup
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, NotApplicable, Unknown
from auditor.rules import net002_node_subnet_without_own_group as net002
from auditor.rules import net003_node_nic_with_other_group as net003
from tests.rules import build

MINE = f"{build.NODES}/providers/Microsoft.Network/virtualNetworks/vnet-mine"
ON_MINE = NodePool(name="system", subnet_id=f"{MINE}/subnets/aks-subnet")
FOREIGN = f"{build.NODES}/providers/Microsoft.Network/networkSecurityGroups/nsg-jump"


def on_mine(group: str | None = build.OWN_GROUP) -> Cluster:
    """A pool on a network of the customer's that lies in the node resource group."""
    return build.cluster(
        build.scale_set("system", build.NUMBER, build.nic(f"{MINE}/subnets/aks-subnet", group)),
        pools=(ON_MINE,),
        networks=(build.network(MINE, None),),
    )


def of_subnet(cluster: Cluster) -> list[Finding | Unknown | NotApplicable]:
    return list(net002.check(cluster, build.context()))


def of_interfaces(cluster: Cluster) -> list[Finding | Unknown]:
    views = pools.node_pools(cluster)
    return [answer for view in views for answer in net003.check(view, build.context())]


def findings(answers: Sequence[Finding | Unknown | NotApplicable]) -> list[Finding]:
    return [answer for answer in answers if isinstance(answer, Finding)]


def test_a_custom_network_in_the_node_resource_group_has_no_managed_subnet() -> None:
    (answer,) = of_subnet(on_mine())

    assert isinstance(answer, NotApplicable)


def test_on_it_the_interfaces_carry_the_clusters_own_group() -> None:
    assert of_interfaces(on_mine()) == []


def test_on_it_a_missing_group_is_a_lead() -> None:
    (finding,) = findings(of_interfaces(on_mine(None)))

    assert finding.confidence is Confidence.POSSIBLE


def test_a_mixed_cluster_is_judged_pool_by_pool() -> None:
    cluster = build.cluster(
        build.scale_set("system"),
        build.scale_set("apps", build.NUMBER, build.nic(f"{MINE}/subnets/aks-subnet")),
        pools=(NodePool(name="system"), msgspec.structs.replace(ON_MINE, name="apps")),
        networks=(build.network(), build.network(MINE, None)),
    )

    assert of_subnet(cluster) == []
    assert [finding.node_pool for finding in findings(of_interfaces(cluster))] == ["apps"]


def test_a_bare_subnet_is_a_lead_where_some_interface_carries_the_group() -> None:
    carrier = build.scale_set("apps", build.NUMBER, build.nic(group=build.OWN_GROUP.upper()))
    two = (NodePool(name="system"), NodePool(name="apps"))
    bare = build.cluster(
        build.scale_set(), carrier, pools=two, networks=(build.network(attached=None),)
    )
    (finding,) = findings(of_subnet(bare))
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.summary.endswith(f"lost its security group {arm.name(build.OWN_GROUP)}")

    nowhere = build.cluster(networks=(build.network(attached=None),))
    (finding,) = findings(of_subnet(nowhere))
    assert finding.confidence is Confidence.LIKELY


def test_another_group_on_the_subnet_is_likely_whatever_the_interfaces_carry() -> None:
    carrier = build.scale_set("system", build.NUMBER, build.nic(group=build.OWN_GROUP))
    (finding,) = findings(
        of_subnet(build.cluster(carrier, networks=(build.network(attached=FOREIGN),)))
    )
    assert finding.confidence is Confidence.LIKELY
    assert finding.summary.endswith(
        f"has security group nsg-jump in place of {arm.name(build.OWN_GROUP)}"
    )


def test_a_subnet_that_is_gone_names_the_pools_that_live_there() -> None:
    cluster = msgspec.structs.replace(
        build.cluster(networks=()), presence={arm.key(build.OWN_SUBNET): Known(value=False)}
    )
    (finding,) = findings(of_subnet(cluster))
    assert finding.summary.endswith("is gone, though node pools live there: system")


def test_the_managed_subnet_counts_even_while_no_pool_lives_there() -> None:
    cluster = on_mine()
    networks = Known((build.network(MINE, None), build.network(attached=None)))

    (finding,) = findings(of_subnet(msgspec.structs.replace(cluster, virtual_networks=networks)))
    assert finding.resource_id == build.OWN_SUBNET


def test_a_pool_without_a_scale_set_keeps_the_absent_network_unknown() -> None:
    cluster = build.cluster(pools=(NodePool(name="system"), NodePool(name="gone")), networks=())
    cluster = msgspec.structs.replace(
        cluster, presence={arm.key(build.OWN_SUBNET): Known(value=True)}
    )

    (answer,) = net002.check(with_pool_on(cluster), build.context())
    assert isinstance(answer, Unknown)


def with_pool_on(cluster: Cluster) -> Cluster:
    managed = cluster.managed.require()
    there = tuple(
        msgspec.structs.replace(pool, subnet_id=build.OWN_SUBNET) for pool in managed.pools
    )
    return msgspec.structs.replace(
        cluster, managed=Known(msgspec.structs.replace(managed, pools=there))
    )


def attached_to(*nodes: str) -> NetworkSecurityGroup:
    interfaces = tuple(
        f"{build.scale_set().id}/virtualMachines/{node}/networkInterfaces/nic" for node in nodes
    )
    return msgspec.structs.replace(build.group(FOREIGN), nic_ids=interfaces)


def test_nodes_with_one_foreign_group_are_one_finding_in_order() -> None:
    cluster = build.cluster(groups=(build.group(), attached_to("10", "9", "1")))

    (finding,) = findings(of_interfaces(cluster))
    assert finding.instances == ("1", "9", "10")


def test_nodes_that_follow_their_scale_sets_model_are_not_told_again() -> None:
    cluster = build.cluster(
        build.scale_set("system", build.NUMBER, build.nic(group=FOREIGN.upper())),
        groups=(build.group(), attached_to("1")),
    )

    (finding,) = findings(of_interfaces(cluster))
    assert finding.instances == ()


def test_interfaces_of_other_machines_are_not_the_pools() -> None:
    jump_box = f"{build.NODES}/providers/Microsoft.Network/networkInterfaces/jump-nic"
    foreign = msgspec.structs.replace(build.group(FOREIGN), nic_ids=(jump_box,))

    assert of_interfaces(build.cluster(groups=(build.group(), foreign))) == []


def test_a_foreign_group_is_only_likely_where_the_own_one_is_nowhere_listed() -> None:
    model = build.scale_set("system", build.NUMBER, build.nic(group=FOREIGN))

    (finding,) = findings(of_interfaces(build.cluster(model, groups=(), networks=())))
    assert finding.confidence is Confidence.LIKELY
