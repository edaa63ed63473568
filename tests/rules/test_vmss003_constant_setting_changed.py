"""VMSS003: each constant, how sure and grave another value is, and where it may differ."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.evidence.pools import node_pools
from auditor.model.aks import NetworkProfile
from auditor.model.compute import IpConfiguration, NicConfiguration
from auditor.model.verdict import Confidence, Finding, Severity
from auditor.rules import vmss003_constant_setting_changed as rule
from tests import build

(NIC,) = build.scale_set().nics
LIKELY, LEAD = Confidence.LIKELY, Confidence.POSSIBLE
OVERLAY = NetworkProfile(plugin="azure", plugin_mode="Overlay")
WINDOWS = {"os_type": "Windows"}


def findings(
    pool: dict[str, Any] | None = None,
    network: NetworkProfile = OVERLAY,
    **scale_set: Any,  # noqa: ANN401 (any field)
) -> list[Finding]:
    described = build.managed(build.pool(**pool or {}), network=network)
    sets = (build.scale_set(**scale_set),)
    (view,) = node_pools(build.cluster(described, scale_sets=sets))
    return list(rule.check(view, build.context()))


def told(
    pool: dict[str, Any] | None = None,
    network: NetworkProfile = OVERLAY,
    **scale_set: Any,  # noqa: ANN401 (any field)
) -> dict[str, str | None]:
    """The actual value by the last part of each departing property's path."""
    found = findings(pool, network, **scale_set)
    return {finding.path.rpartition(".")[2]: finding.actual for finding in found}


def nic(**changes: Any) -> NicConfiguration:  # noqa: ANN401 (any field)
    return msgspec.structs.replace(NIC, **changes)


BALANCER = "/subscriptions/s/resourceGroups/own/providers/Microsoft.Network/loadBalancers/lb"
GATEWAY = (
    "/subscriptions/s/resourceGroups/own/providers/Microsoft.Network/applicationGateways/agw"
    "/backendAddressPools"
)


def behind(**pools: Any) -> NicConfiguration:  # noqa: ANN401 (any field)
    return nic(ip_configurations=(IpConfiguration(name="ipconfig1", primary=True, **pools),))


@pytest.mark.parametrize(
    ("changes", "path", "actual", "sure"),
    [
        ({"upgrade_mode": "Rolling"}, "mode", "Rolling", LIKELY),
        ({"automatic_os_upgrade": True}, "enableAutomaticOSUpgrade", "on", LIKELY),
        ({"automatic_repairs": True}, "enabled", "on", LIKELY),
        ({"overprovision": True}, "overprovision", "on", LIKELY),
        ({"nics": (nic(ip_forwarding=False),)}, "enableIPForwarding", "off", LIKELY),
        (
            {"nics": (NIC, nic(name="second", primary=False))},
            "networkInterfaceConfigurations",
            "aks-apps-38116459-vmss, second",
            LEAD,  # a preview lets pools ask for more
        ),
        (
            {"nics": (nic(dns_servers=("10.0.0.5", "10.0.0.4", "10.0.0.5")),)},
            "dnsServers",
            "10.0.0.5, 10.0.0.4",
            LIKELY,
        ),
        (
            {"nics": (behind(backend_pool_ids=(f"{BALANCER}/backendAddressPools/b",)),)},
            "loadBalancerBackendAddressPools",
            "lb",
            LIKELY,
        ),
        (
            {"nics": (behind(gateway_pool_ids=(f"{GATEWAY}/a", f"{GATEWAY}/b")),)},
            "applicationGatewayBackendAddressPools",
            "agw",
            LIKELY,
        ),
        (
            {"nics": (behind(inbound_nat_pool_ids=(f"{BALANCER}/inboundNatPools/ssh",)),)},
            "loadBalancerInboundNatPools",
            "lb",
            LEAD,
        ),
        ({"allow_extension_operations": False}, "allowExtensionOperations", "forbidden", LIKELY),
        (
            {"password_authentication_disabled": False},
            "disablePasswordAuthentication",
            "allowed",
            LIKELY,
        ),
        ({"scale_in_rules": ("Default", "OldestVM")}, "scaleInPolicy", "OldestVM", LEAD),
        ({"scale_in_force_deletion": True}, "scaleInPolicy", "force deletion", LEAD),
        ({"terminate_notification": True}, "enable", "on", LEAD),
        ({"os_image_notification": True}, "enable", "on", LEAD),
        ({"boot_diagnostics": True}, "enabled", "on", LEAD),
        ({"has_user_data": True}, "userData", "present", LEAD),
        ({"gallery_applications": ("/a", "/b")}, "galleryApplications", "/a, /b", LEAD),
    ],
)
def test_every_constant_is_held_against_the_model(
    changes: dict[str, Any], path: str, actual: str, sure: Confidence
) -> None:
    (found,) = findings(**changes)
    grave = Severity.LOW if "boot_diagnostics" in changes else Severity.HIGH
    assert (found.path.rpartition(".")[2], found.actual) == (path, actual)
    assert (found.confidence, found.severity) == (sure, grave)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"upgrade_mode": "manual"},
        {"upgrade_mode": None},
        {"overprovision": False, "automatic_os_upgrade": False, "automatic_repairs": False},
        {"password_authentication_disabled": True, "allow_extension_operations": True},
        {"password_authentication_disabled": None, "allow_extension_operations": None},
        {"scale_in_rules": ("default",), "scale_in_force_deletion": False},
        {"terminate_notification": False, "os_image_notification": False},
        {"boot_diagnostics": False},
        {"nics": (nic(ip_forwarding=None),)},
        {"nics": ()},
    ],
)
def test_absent_and_off_and_any_case_are_as_aks_writes_them(changes: dict[str, Any]) -> None:
    assert told(**changes) == {}


def test_windows_scale_sets_overprovision_and_let_passwords_in() -> None:
    assert told(WINDOWS, overprovision=True, password_authentication_disabled=False) == {}


@pytest.mark.parametrize(
    ("network", "needed"),
    [
        (NetworkProfile(plugin="kubenet"), True),
        (NetworkProfile(plugin="Kubenet", plugin_mode=None), True),
        (NetworkProfile(plugin="azure", plugin_mode="OVERLAY"), True),
        (NetworkProfile(plugin="azure", plugin_mode=None), False),
        (NetworkProfile(plugin="none", plugin_mode=None), False),
        (NetworkProfile(plugin=None, plugin_mode=None), False),
    ],
)
def test_interfaces_forward_where_pods_are_routed_through_their_node(
    network: NetworkProfile, *, needed: bool
) -> None:
    found = told(network=network, nics=(nic(ip_forwarding=False),))
    assert found == ({"enableIPForwarding": "off"} if needed else {})


def test_further_interfaces_can_be_asked_for_by_the_pool_s_tags() -> None:
    two = (NIC, nic(name="second", primary=False))
    assert told({"tags": {"AKS-nic-secondary-count": "1"}}, nics=two) == {}
    assert set(told({"tags": {"team": "shop"}}, nics=two)) == {"networkInterfaceConfigurations"}
