"""NET006: which of AKS's network resources are judged, and how a record of them is told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.aks import NetworkProfile, PoolKind
from auditor.model.facet import Known
from auditor.model.network import LoadBalancer, Route, RouteTable, VirtualNetwork
from auditor.model.operation import Operation, OperationKind
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, Unknown
from auditor.rules import net006_managed_network_resource_edited as net006
from tests import build
from tests.deeds import operation

READ: dict[str, Any] = {"load_balancers": Known(()), "route_tables": Known(())}
OWN_TABLE = f"{build.NETWORK}/routeTables/aks-agentpool-26180121-routetable"


def told(of: Cluster, *operations: Operation) -> list[Finding | Unknown]:
    return list(net006.check(of, build.context(of, *operations)))


def resolving(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    """AKS's own network with a DNS server of the customer's, and nothing else to tell of."""
    network = VirtualNetwork(
        id=build.VNET_ID, name="aks-vnet-26180121", dns_servers=("10.1.0.4",), **changes
    )
    return {**READ, "virtual_networks": Known((network,))}


def test_a_network_that_is_being_written_is_unknown() -> None:
    (answer,) = told(build.cluster(**resolving(provisioning_state="Updating")))
    assert isinstance(answer, Unknown)
    assert "is in state Updating" in answer.gap.message


def test_a_network_whose_last_write_failed_is_judged() -> None:
    (answer,) = told(build.cluster(**resolving(provisioning_state="Failed")))
    assert isinstance(answer, Finding)


@pytest.mark.parametrize("facet", ["scale_sets", "security_groups", "virtual_networks"])
def test_what_tells_which_network_is_akss_must_be_read(facet: str) -> None:
    unread: dict[str, Any] = {facet: build.gap(facet)}
    (answer,) = told(replace(build.cluster(**resolving()), **unread))
    assert isinstance(answer, Unknown)
    assert answer.gap.scope == facet


@pytest.mark.parametrize("facet", ["load_balancers", "route_tables"])
def test_what_cannot_be_read_is_unknown(facet: str) -> None:
    (answer,) = told(build.cluster(**{**READ, facet: build.gap(facet)}))
    assert isinstance(answer, Unknown)
    assert answer.gap.scope == facet


def test_without_a_network_of_akss_there_is_none_to_judge() -> None:
    assert told(build.cluster(**READ, virtual_networks=Known(()))) == []


def test_any_write_that_reaches_the_network_explains_an_edit() -> None:
    (finding,) = told(build.cluster(**resolving()))
    assert isinstance(finding, Finding)
    assert finding.explained_by == {
        OperationKind.NETWORK_WRITE,
        OperationKind.VNET_WRITE,
        OperationKind.SUBNET_WRITE,
    }


@pytest.mark.parametrize(
    ("table", "routes"),
    [(OWN_TABLE, 1), (OWN_TABLE.upper(), 1), (f"{build.NETWORK}/routeTables/hub", 0)],
)
def test_routes_of_other_tables_are_no_matter(table: str, routes: int) -> None:
    away = Route(name="all", prefix="0.0.0.0/0", next_hop_type="Internet")
    listed = RouteTable(id=table, name=table.rpartition("/")[2], routes=(away,))
    of = build.cluster(
        build.managed(network=NetworkProfile(plugin="kubenet", pod_cidrs=("10.244.0.0/16",))),
        nodes={"apps": ()},
        **{**READ, "route_tables": Known((listed,))},
    )
    assert len(told(of)) == routes


def without_routes(*pools: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any facet)
    """A kubenet cluster of which one node of each scale-set pool runs, without any route."""
    profile = NetworkProfile(plugin="kubenet", pod_cidrs=("10.244.0.0/16",))
    subnet = build.subnet(route_table_id=OWN_TABLE)
    network = VirtualNetwork(id=build.VNET_ID, name=arm.name(build.VNET_ID), subnets=(subnet,))
    return {
        "managed_cluster": build.managed(*map(build.pool, pools), network=profile),
        "scale_sets": [build.scale_set(name) for name in pools],
        "nodes": {name: (build.node(0, name),) for name in pools},
        **READ,
        "virtual_networks": Known((network,)),
        "route_tables": Known((RouteTable(id=OWN_TABLE, name=arm.name(OWN_TABLE)),)),
    } | changes


def test_a_route_table_that_is_being_written_is_unknown() -> None:
    moving = RouteTable(id=OWN_TABLE, name=arm.name(OWN_TABLE), provisioning_state="Updating")
    answers = told(build.cluster(**without_routes("apps", route_tables=Known((moving,)))))
    unknown = {answer.gap.message for answer in answers if isinstance(answer, Unknown)}
    assert len(answers) > 0
    assert not any(isinstance(answer, Finding) for answer in answers)
    assert unknown == {f"{arm.name(OWN_TABLE)} is in state Updating: what it holds is not settled"}


def test_only_kubenet_needs_a_route_for_each_node() -> None:
    assert len(told(build.cluster(**without_routes("apps")))) == 1
    overlay = build.managed(network=NetworkProfile(plugin="azure", plugin_mode="overlay"))
    assert told(build.cluster(**without_routes("apps", managed_cluster=overlay))) == []


def test_nodes_that_cannot_be_read_hide_no_other_pools() -> None:
    of = build.cluster(**without_routes("apps", "jobs"))
    key = arm.key(build.scale_set_id("apps"))
    unread, found = told(replace(of, instances={**of.instances, key: build.gap("instances")}))
    assert isinstance(unread, Unknown)
    assert unread.gap.scope == "instances"
    assert isinstance(found, Finding)
    assert "aks-jobs-38116459-vmss000000" in found.summary


def test_a_node_that_may_be_of_a_pool_unseen_is_unknown_beside_those_that_are_seen() -> None:
    profile = NetworkProfile(plugin="kubenet", pod_cidrs=("10.244.0.0/16",))
    pool = build.pool("vms", count=1, kind=PoolKind.VIRTUAL_MACHINES)
    there = (build.machine("aks-vms-26193347-vm0"), build.machine("renamed"))
    of = build.cluster(
        **without_routes(
            "apps",
            managed_cluster=build.managed(build.pool("apps"), pool, network=profile),
            virtual_machines=Known(there),
            machines={"vms": build.gap("machines")},
        )
    )
    unlisted, apps, vms = told(of)
    assert isinstance(unlisted, Unknown)
    assert unlisted.gap.scope == "machines"
    assert isinstance(apps, Finding)
    assert isinstance(vms, Finding)
    assert "aks-vms-26193347-vm0" in vms.summary


def test_the_load_balancer_for_services_within_is_not_the_one_by_which_nodes_leave() -> None:
    own, within = (
        LoadBalancer(id=f"{build.NETWORK}/loadBalancers/{name}", name=name, public_ip_ids=("ip",))
        for name in ("kubernetes", "kubernetes-internal")
    )
    found = told(build.cluster(**{**READ, "load_balancers": Known((within, own))}))
    assert {f.resource_id for f in found if isinstance(f, Finding)} == {own.id}
    assert told(build.cluster(**{**READ, "load_balancers": Known((within,))})) == []


@pytest.mark.parametrize(
    ("network", "paths", "is_told"),
    [
        ("aks-vnet-26180121", ("properties.dhcpOptions",), True),
        ("AKS-VNET-26180121", ("properties.dhcpOptions",), True),
        ("hub", ("properties.dhcpOptions",), False),
        ("aks-vnet-26180121", ("properties.subnets.name", "properties.dhcpOptions"), False),
        ("aks-vnet-26180121", (), False),
    ],
)
def test_of_networks_only_akss_is_told_and_its_subnets_are_another_rules(
    network: str, paths: tuple[str, ...], *, is_told: bool
) -> None:
    wrote = operation(
        OperationKind.VNET_WRITE,
        f"{build.NETWORK}/virtualNetworks/{network}",
        name="Microsoft.Network/virtualNetworks/write",
        request_paths=paths,
    )
    assert bool(told(build.cluster(**READ), wrote)) is is_told


@pytest.mark.parametrize(
    ("on", "verb", "did"),
    [
        ("loadBalancers/kubernetes", "write", "wrote load balancer kubernetes"),
        (
            "routeTables/aks-agentpool-26180121-routetable/routes/all",
            "delete",
            "removed all of route table aks-agentpool-26180121-routetable",
        ),
        ("privateEndpoints/kube-apiserver", "write", "wrote private endpoint kube-apiserver"),
        (
            "publicIPAddresses/0f3a6b1e-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
            "write",
            "wrote public address 0f3a6b1e-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
        ),
        (
            "virtualNetworks/aks-vnet-26180121/virtualNetworkPeerings/hub",
            "write",
            "wrote hub of virtual network aks-vnet-26180121",
        ),
        ("privateLinkServices/pls-web", "write", "wrote privatelinkservices pls-web"),
    ],
)
def test_a_record_is_told_by_what_it_did_to_what(on: str, verb: str, did: str) -> None:
    name = f"Microsoft.Network/{on.partition('/')[0]}/{verb}"
    wrote = operation(OperationKind.NETWORK_WRITE, f"{build.NETWORK}/{on}", name=name)
    (finding,) = told(build.cluster(**READ), wrote)
    assert isinstance(finding, Finding)
    assert finding.summary.startswith(f"alice@contoso.example {did} on ")


@pytest.mark.parametrize(("outbound", "judged"), [("managedNATGateway", 1), ("loadBalancer", 0)])
def test_a_nat_gateway_is_akss_where_the_cluster_leaves_by_one(outbound: str, judged: int) -> None:
    leaving = build.managed(network=NetworkProfile(outbound_type=outbound))
    wrote = operation(
        OperationKind.NETWORK_WRITE,
        f"{build.NETWORK}/natGateways/aks",
        name="Microsoft.Network/natGateways/write",
    )
    found = told(build.cluster(leaving, **READ), wrote)
    summaries = [answer.summary for answer in found if isinstance(answer, Finding)]
    assert len(found) == judged
    assert all("wrote NAT gateway aks on " in summary for summary in summaries)
