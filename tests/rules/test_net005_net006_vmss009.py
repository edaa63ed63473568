"""What no fixture shows of blocked traffic, edited network resources and autoscale settings."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.aks import NetworkProfile
from auditor.model.facet import Facet, Known
from auditor.model.governance import AutoscaleSetting
from auditor.model.network import NetworkSecurityGroup, Route, RouteTable, Subnet, VirtualNetwork
from auditor.model.observation import Observation
from auditor.model.operation import OperationKind
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, NotApplicable, Severity, Unknown, Verdict
from auditor.rules import net005_required_traffic_blocked as net005
from auditor.rules import net006_managed_network_resource_edited as net006
from auditor.rules import vmss009_autoscale_setting_on_scale_set as vmss009
from tests import build
from tests.deeds import operation
from tests.evidence.test_egress import rule

MINE = f"{build.GROUP_ID}/providers/Microsoft.Network"
GROUP = f"{MINE}/networkSecurityGroups/nsg"


def subnet(name: str, prefix: str, group: str | None = GROUP) -> Subnet:
    resource_id = f"{MINE}/virtualNetworks/v/subnets/{name}"
    return Subnet(id=resource_id, name=name, nsg_id=group, address_prefixes=(prefix,))


def on(*subnets: Facet[Subnet], **group: Any) -> Cluster:  # noqa: ANN401 (any field)
    facet = Known(NetworkSecurityGroup(id=GROUP, name="nsg", **group))
    read = {f"subnet-{number}": one for number, one in enumerate(subnets)}
    return build.cluster(subnets=read, subnet_security_groups={arm.key(GROUP): facet})


def blocked(of: Cluster) -> list[Finding | Unknown | NotApplicable]:
    return list(net005.check(of, build.context(of)))


A, B = Known(subnet("a", "10.1.0.0/24")), Known(subnet("b", "10.1.1.0/24"))


def test_subnets_under_one_group_are_judged_together() -> None:
    deny = rule(source_prefixes=("10.1.0.0/23",), destination_prefixes=("10.1.0.0/23",))
    (finding,) = blocked(on(A, B, rules=(deny,)))
    assert isinstance(finding, Finding)
    assert finding.verdict is Verdict.VIOLATION
    assert "subnet a, b" in finding.summary


def test_a_route_table_that_was_attached_since_it_was_read_is_unknown() -> None:
    routed = Known(replace(A.value, nsg_id=None, route_table_id=f"{MINE}/routeTables/rt"))
    (answer,) = blocked(on(routed))
    assert isinstance(answer, Unknown)
    assert answer.gap.scope.endswith("/routetables/rt")


def test_subnets_under_one_route_table_are_told_together() -> None:
    table_id = f"{MINE}/routeTables/rt"
    routed = [Known(replace(one.value, nsg_id=None, route_table_id=table_id)) for one in (A, B)]
    dropping = Route(name="default", prefix="0.0.0.0/0", next_hop_type="None")
    table = RouteTable(id=table_id, name="rt", routes=(dropping,))
    of = replace(on(*routed), subnet_route_tables={arm.key(table_id): Known(table)})
    (finding,) = blocked(of)
    assert isinstance(finding, Finding)
    assert "on subnet a, b drops" in finding.summary
    assert finding.rests_on == (table_id,)


def test_one_subnet_kept_from_the_other_is_a_lead() -> None:
    deny = rule(source_prefixes=("10.1.0.0/24",), destination_prefixes=("10.1.1.0/24",))
    (finding,) = blocked(on(A, B, rules=(deny,)))
    assert isinstance(finding, Finding)
    assert finding.verdict is Verdict.WARNING


def test_a_subnet_without_a_group_lets_everything_through() -> None:
    assert blocked(on(Known(subnet("a", "10.1.0.0/24", None)))) == []


def test_a_subnet_that_cannot_be_read_hides_no_other_and_no_other_clears_it() -> None:
    answers = blocked(on(A, build.gap("s"), rules=(rule(),)))
    assert {type(answer) for answer in answers} == {Finding, Unknown}
    assert [type(answer) for answer in blocked(on(build.gap("s")))] == [Unknown]


def test_a_group_that_was_not_read_is_unknown() -> None:
    cluster = build.cluster(subnets={"a": A})
    assert [type(answer) for answer in blocked(cluster)] == [Unknown]


def test_aks_s_own_group_on_a_custom_subnet_is_another_rule_s_matter() -> None:
    own = Known(subnet("a", "10.1.0.0/24", build.NSG_ID))
    assert blocked(build.cluster(subnets={"a": own})) == []


def test_an_author_on_record_does_not_make_it_surer() -> None:
    (finding,) = blocked(on(A, rules=(rule(destination_prefixes=("Internet",)),)))
    assert isinstance(finding, Finding)
    assert not finding.raised_by_operation


def test_what_is_blocked_for_certain_is_told_alone_and_anyone_may_have_done_it() -> None:
    (finding,) = blocked(on(A, rules=(rule(),)))
    assert isinstance(finding, Finding)
    assert "traffic between nodes (outbound)" in (finding.expected or "")
    assert "name resolution" not in (finding.expected or "")
    assert finding.explained_by == {OperationKind.NSG_WRITE, OperationKind.SUBNET_WRITE}

    (lead,) = blocked(on(A, rules=(rule(destination_prefixes=("AzurePlatformDNS",)),)))
    assert isinstance(lead, Finding)
    assert lead.expected == "let through: name resolution"


READ: dict[str, Any] = {"load_balancers": Known(()), "route_tables": Known(())}


def edited(of: Cluster, **changes: Any) -> list[Finding | Unknown]:  # noqa: ANN401 (any field)
    return list(net006.check(of, build.context(of, **changes)))


def test_a_cluster_being_made_is_not_judged_by_its_state() -> None:
    peered = VirtualNetwork(id=build.VNET_ID, name="aks-vnet-26180121", dns_servers=("10.1.0.4",))
    making = build.managed(provisioning_state="Creating")
    of = build.cluster(making, virtual_networks=Known((peered,)), **READ)
    assert [type(answer) for answer in edited(of)] == [Unknown]


def test_without_the_cluster_s_number_the_record_still_speaks() -> None:
    of = build.cluster(security_groups=build.gap("groups"), **READ)
    wrote = operation(
        OperationKind.NETWORK_WRITE,
        f"{build.NETWORK}/loadBalancers/kubernetes",
        name="Microsoft.Network/loadBalancers/write",
    )
    context = build.context(of, wrote)
    answers = [type(answer) for answer in net006.check(of, context)]
    assert sorted(answers, key=str) == sorted([Unknown, Finding], key=str)


def test_a_network_written_with_its_subnets_is_another_rule_s_matter() -> None:
    of = build.cluster(**READ)
    for paths, told in (
        (("properties.dhcpOptions.dnsServers",), 1),
        (("properties.subnets.name", "properties.dhcpOptions"), 0),
        ((), 0),
    ):
        wrote = operation(
            OperationKind.VNET_WRITE,
            build.VNET_ID,
            name="Microsoft.Network/virtualNetworks/write",
            request_paths=paths,
        )
        assert len(list(net006.check(of, build.context(of, wrote)))) == told


def test_clusters_that_leave_otherwise_need_no_load_balancer_to_be_read() -> None:
    routed = build.managed(network=NetworkProfile(outbound_type="userDefinedRouting"))
    of = build.cluster(routed, route_tables=Known(()))
    assert edited(of) == []


def test_an_earlier_run_weighs_more_than_the_state_alone() -> None:
    network = VirtualNetwork(
        id=build.VNET_ID, name="aks-vnet-26180121", dns_servers=("10.1.0.4",), subnets=()
    )
    of = build.cluster(virtual_networks=Known((network,)), **{**READ, "load_balancers": Known(())})
    fields = {arm.key(build.VNET_ID): {"dhcpOptions.dnsServers": ""}}
    before = Observation(cluster_id=build.CLUSTER_ID, at=build.NOON, fields=fields)
    (lead,) = edited(of)
    (finding,) = edited(of, observation=before)
    assert isinstance(lead, Finding)
    assert isinstance(finding, Finding)
    assert (lead.verdict, finding.verdict) == (Verdict.WARNING, Verdict.VIOLATION)


def setting(target: str, **changes: Any) -> AutoscaleSetting:  # noqa: ANN401 (any field)
    return AutoscaleSetting(id="/autoscale", name="a", target_id=target, **changes)


def scaled(one: AutoscaleSetting, **changes: Any) -> list[Finding | Unknown]:  # noqa: ANN401 (any facet)
    of = replace(build.cluster(), autoscale_settings=Known((one,)), **changes)
    return list(vmss009.check(of, build.context(of)))


def test_a_setting_on_a_scale_set_that_cannot_be_read_is_a_lead() -> None:
    found, unknown = scaled(setting(build.scale_set_id()), scale_sets=build.gap())
    assert isinstance(found, Finding)
    assert (found.verdict, found.severity) == (Verdict.WARNING, Severity.LOW)
    assert isinstance(unknown, Unknown)


@pytest.mark.parametrize(
    "target",
    [
        f"{build.COMPUTE}/virtualMachineScaleSets/web",
        f"{build.GROUP_ID}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-38116459-vmss",
        f"{build.NODE_GROUP_ID}/providers/Microsoft.Web/serverFarms/aks-plan",
        "",
    ],
)
def test_settings_on_anything_else_are_no_matter(target: str) -> None:
    assert scaled(setting(target)) == []


def test_a_setting_on_a_scale_set_of_the_cluster_is_one() -> None:
    (found,) = scaled(setting(build.scale_set_id().upper()))
    assert isinstance(found, Finding)
    assert (found.verdict, found.node_pool) == (Verdict.VIOLATION, "apps")


def test_what_scales_a_pool_instead_is_named_where_there_is_a_pool() -> None:
    (of_pool,) = scaled(setting(build.scale_set_id()))
    (of_none,) = scaled(setting(build.scale_set_id("gone"), enabled=False))
    assert isinstance(of_pool, Finding)
    assert isinstance(of_none, Finding)
    assert "Autoscale setting a scales aks-apps" in of_pool.summary
    assert of_pool.commands[-1].endswith(
        "--name apps --enable-cluster-autoscaler --min-count '<min>' --max-count '<max>'"
    )
    assert "is switched off, but made to scale aks-gone" in of_none.summary
    assert of_none.commands == ("az monitor autoscale delete --ids /autoscale",)
    assert of_none.node_pool == ""


def test_a_windows_scale_set_is_named_after_its_pool() -> None:
    name = f"{build.COMPUTE}/virtualMachineScaleSets/aksnpwin"
    described = build.managed(build.pool("npwin", os_type="Windows"))
    of = replace(build.cluster(described), autoscale_settings=Known((setting(name),)))
    (found,) = vmss009.check(of, build.context(of))
    assert isinstance(found, Finding)
    assert found.node_pool == "npwin"


def test_a_setting_that_is_gone_again_is_told_from_the_record_one_that_is_there_by_itself() -> None:
    made = operation(
        OperationKind.AUTOSCALE_WRITE,
        f"{build.NODE_GROUP_ID}/providers/Microsoft.Insights/autoscaleSettings/a",
        name="Microsoft.Insights/autoscaleSettings/write",
    )
    there = replace(setting(build.scale_set_id()), id=made.resource_id.upper())

    def told(*settings: AutoscaleSetting) -> list[bool]:
        of = replace(build.cluster(), autoscale_settings=Known(settings))
        answers = vmss009.check(of, build.context(of, made))
        return [answer.is_recorded for answer in answers if isinstance(answer, Finding)]

    assert told() == [True]
    assert told(there) == [False]
