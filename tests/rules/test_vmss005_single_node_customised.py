"""VMSS005: which differences of single nodes are told, how surely, and once for all that share."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.pools import node_pools
from auditor.model.compute import Instance, IpConfiguration, NicConfiguration
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import vmss005_single_node_customised as rule
from tests import build

(NIC,) = build.scale_set().nics
ADDRESS = IpConfiguration(name="ip", primary=True, subnet_id=build.SUBNET_ID, public_ip=True)
FURTHER = NicConfiguration(name="eth1", ip_configurations=(NIC.ip_configurations[0],))


def view(
    *nodes: Instance,
    scale_set: dict[str, Any] | None = None,
    managed: dict[str, Any] | None = None,
    **pool: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    asked = build.managed(build.pool(**pool), **(managed or {}))
    sets = [build.scale_set(**(scale_set or {}))]
    (one,) = node_pools(build.cluster(asked, scale_sets=sets, nodes={"apps": nodes}))
    return one


def check(of: NodePoolView) -> list[Finding | Unknown]:
    return list(rule.check(of, build.context()))


def findings(*nodes: Instance, **of: Any) -> list[Finding]:  # noqa: ANN401 (any field)
    return [answer for answer in check(view(*nodes, **of)) if isinstance(answer, Finding)]


def node(number: int = 0, **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"latest_model_applied": True, "nics": (NIC,)}
    return build.node(number, **given | changes)


def test_nodes_as_their_pool_asks_are_not_customised() -> None:
    assert check(view(node(0), node(1, vm_size="STANDARD_D4S_V5"), build.node(2))) == []


@pytest.mark.parametrize(
    ("changes", "sure"),
    [
        ({"latest_model_applied": True}, Confidence.CONFIRMED),
        ({"latest_model_applied": None}, Confidence.LIKELY),
        ({"latest_model_applied": False}, Confidence.LIKELY),
        ({"latest_model_applied": True, "provisioning_state": "Failed"}, Confidence.LIKELY),
    ],
)
def test_another_size_is_sure_only_on_a_settled_node_that_follows_its_model(
    changes: dict[str, Any], sure: Confidence
) -> None:
    (found,) = findings(node(vm_size="Standard_D8s_v5", **changes))
    assert (found.confidence, found.expected) == (sure, "Standard_D4s_v5")


def test_a_size_that_is_the_models_is_the_models_matter() -> None:
    assert findings(node(vm_size="X"), scale_set={"sku_name": "X"}) == []


def test_nodes_that_share_a_difference_are_told_once_and_by_number() -> None:
    sizes = {10: "A", 2: "A", 3: "B"}
    first, second = findings(*(node(number, vm_size=size) for number, size in sizes.items()))
    assert (first.instances, first.discriminator) == (("2", "10"), "")
    assert (second.instances, second.discriminator) == (("3",), "3")


def test_the_surest_node_speaks_for_all_that_share_its_value() -> None:
    behind = node(1, vm_size="A", latest_model_applied=False)
    (found,) = findings(behind, node(2, vm_size="A"))
    assert (found.instances, found.confidence) == (("1", "2"), Confidence.CONFIRMED)


def test_both_protections_are_leads() -> None:
    protected = node(protected_from_scale_in=True, protected_from_scale_set_actions=True)
    assert [(f.path, f.confidence) for f in findings(protected)] == [
        ("protectionPolicy.protectFromScaleIn", Confidence.POSSIBLE),
        ("protectionPolicy.protectFromScaleSetActions", Confidence.POSSIBLE),
    ]


def test_a_node_that_is_being_changed_is_not_settled() -> None:
    (only,) = check(view(node(vm_size="A", provisioning_state="Updating")))
    assert isinstance(only, Unknown)


@pytest.mark.parametrize(
    ("os", "name", "told"),
    [("Windows", "azureuser", True), ("Windows", "winadmin", False), ("Linux", "winadmin", True)],
)
def test_each_system_has_its_own_administrator(os: str, name: str, *, told: bool) -> None:
    names = {"admin_username": "azureuser", "windows_admin_username": "winadmin"}
    model = {"admin_username": "winadmin" if os == "Windows" else "azureuser"}
    found = findings(node(admin_username=name), scale_set=model, managed=names, os_type=os)
    assert bool(found) is told


def test_a_further_interface_is_told_unless_the_pools_tags_ask_for_it() -> None:
    double = node(nics=(NIC, FURTHER))
    (found,) = findings(double)
    assert found.actual == f"{NIC.name}, eth1"
    assert findings(double, tags={"aks-nic-secondary-count": "1"}) == []
    assert findings(double, scale_set={"nics": (NIC, FURTHER)}) == []


@pytest.mark.parametrize(
    ("pool", "told"), [({}, True), ({"node_public_ip": True}, False), ({"mode": "Gateway"}, False)]
)
def test_an_address_is_told_where_neither_pool_nor_gateway_brings_it(
    pool: dict[str, Any], *, told: bool
) -> None:
    addressed = node(nics=(replace(NIC, ip_configurations=(ADDRESS,)),))
    assert bool(findings(addressed, **pool)) is told


def test_a_subnet_of_the_pods_is_no_departure() -> None:
    pods = replace(NIC.ip_configurations[0], subnet_id="/subnets/pods")
    spread = node(nics=(replace(NIC, ip_configurations=(*NIC.ip_configurations, pods)),))
    assert findings(spread, pod_subnet_id="/SUBNETS/pods") == []
    (found,) = findings(spread)
    assert found.actual == "/subnets/pods"


@pytest.mark.parametrize(
    ("own", "model", "plugin", "told"),
    [
        (False, True, "azure", True),
        (True, False, "azure", True),
        (True, False, "kubenet", False),
        (None, False, "azure", False),
    ],
)
def test_forwarding_is_held_against_model_and_network(
    own: bool | None, model: bool | None, plugin: str, *, told: bool
) -> None:
    network = replace(build.managed().network, plugin=plugin, plugin_mode=None)
    found = findings(
        node(nics=(replace(NIC, ip_forwarding=own),)),
        scale_set={"nics": (replace(NIC, ip_forwarding=model),)},
        managed={"network": network},
    )
    assert bool(found) is told


def test_dns_servers_of_the_model_are_no_departure() -> None:
    asking = node(nics=(replace(NIC, dns_servers=("10.0.0.4", "10.0.0.5")),))
    (found,) = findings(asking, scale_set={"nics": (replace(NIC, dns_servers=("10.0.0.4",)),)})
    assert (found.expected, found.actual) == ("10.0.0.4", "10.0.0.5")
    (alone,) = findings(asking)
    assert (alone.expected, alone.actual) == ("none of their own", "10.0.0.4, 10.0.0.5")


def test_forwarding_is_that_of_the_interface_with_the_node_s_own_address() -> None:
    other = replace(FURTHER, primary=False, ip_forwarding=False)
    both = {"nics": (NIC, other)}
    assert findings(node(nics=(other, NIC)), scale_set=both) == []
    still = replace(NIC, ip_forwarding=False)
    (found,) = findings(node(nics=(replace(other, ip_forwarding=True), still)), scale_set=both)
    assert (found.expected, found.actual) == ("on", "off")


def test_a_node_is_held_against_nothing_that_its_model_does_not_tell() -> None:
    untold = {"nics": (), "sku_name": None, "admin_username": None}
    addressed = replace(NIC, ip_configurations=(replace(ADDRESS, public_ip=False),))
    told = node(nics=(addressed, FURTHER), admin_username="someone")
    assert findings(told, scale_set=untold, vm_size=None) == []
    secondary = replace(FURTHER, primary=False, ip_forwarding=False)
    assert findings(node(nics=(secondary,))) == []


def test_an_address_that_the_model_brings_is_the_models_matter() -> None:
    addressed = replace(NIC, ip_configurations=(ADDRESS,))
    assert findings(node(nics=(addressed,)), scale_set={"nics": (addressed,)}) == []


def test_a_configuration_without_a_subnet_lies_in_no_other_one() -> None:
    nowhere = IpConfiguration(name="ip2", primary=False, subnet_id=None)
    both = replace(NIC, ip_configurations=(*NIC.ip_configurations, nowhere))
    assert findings(node(nics=(both,))) == []


def test_forwarding_of_a_node_behind_its_model_may_be_that_of_an_earlier_one() -> None:
    still = replace(NIC, ip_forwarding=False)
    assert findings(node(nics=(still,), latest_model_applied=False)) == []
    assert len(findings(node(nics=(still,)))) == 1
