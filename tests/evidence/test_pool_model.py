"""What a scale set's model is held against, and which differences nobody asked about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.evidence import pools
from auditor.evidence.pool_model import differences
from auditor.model.aks import ManagedCluster
from auditor.model.compute import ImageReference, IpConfiguration, NicConfiguration, OsDisk
from tests import build

DISK = build.scale_set().os_disk
KEY = "ssh-rsa AAAAB3Nza"
OWN = f"{build.GROUP_ID}/providers/Microsoft.Network/virtualNetworks/vnet-own/subnets"
SETS = f"{build.GROUP_ID}/providers/Microsoft.Compute/diskEncryptionSets"
ASGS = f"{build.GROUP_ID}/providers/Microsoft.Network/applicationSecurityGroups"
PREFIXES = f"{build.GROUP_ID}/providers/Microsoft.Network/publicIPPrefixes"


def found(
    pool: dict[str, Any] | None = None,
    managed: dict[str, Any] | None = None,
    **scale_set: Any,  # noqa: ANN401 (any field)
) -> dict[str, tuple[str, str]]:
    """What is asked for and what is there, by the last part of the property's path."""
    described = build.managed(build.pool(**pool or {}), **managed or {})
    model = build.scale_set(**scale_set)
    (view,) = pools.node_pools(build.cluster(described, scale_sets=(model,)))
    told = list(differences(view, model))
    return {d.property.path.rpartition(".")[2]: (d.expected, d.actual) for d in told}


def disk(**changes: Any) -> OsDisk:  # noqa: ANN401 (any field)
    return msgspec.structs.replace(DISK, **changes)


def nics(*addresses: IpConfiguration) -> tuple[NicConfiguration, ...]:
    return (NicConfiguration(name="nic", primary=True, ip_configurations=addresses),)


def on(*subnets: str) -> tuple[NicConfiguration, ...]:
    return nics(*(IpConfiguration(subnet_id=subnet) for subnet in subnets))


def public(prefix: str | None = None) -> tuple[NicConfiguration, ...]:
    address = IpConfiguration(subnet_id=build.SUBNET_ID, public_ip=True, public_ip_prefix_id=prefix)
    return nics(IpConfiguration(subnet_id=build.SUBNET_ID), address)


SPOT: dict[str, Any] = {"priority": "Spot", "eviction_policy": "Delete", "spot_max_price": -1.0}
ON_SPOT: dict[str, Any] = {"priority": "Spot", "eviction_policy": "Delete", "spot_max_price": -1.0}


def test_a_model_as_aks_writes_it_differs_in_nothing() -> None:
    assert found() == {}
    assert found(SPOT, **ON_SPOT) == {}


@pytest.mark.parametrize(
    ("changes", "path", "expected", "actual"),
    [
        ({"sku_name": "Standard_D8s_v5"}, "name", "Standard_D4s_v5", "Standard_D8s_v5"),
        ({"os_disk": disk(size_gb=129)}, "diskSizeGB", "128", "129"),
        ({"os_disk": disk(ephemeral=True)}, "diffDiskSettings", "Managed", "Ephemeral"),
        ({"zones": ("3", "1")}, "zones", "none", "1, 3"),
        ({"priority": "Spot"}, "priority", "Regular", "Spot"),
        ({"encryption_at_host": True}, "encryptionAtHost", "off", "on"),
        ({"ultra_ssd": True}, "ultraSSDEnabled", "off", "on"),
        ({"secure_boot": True}, "secureBootEnabled", "off", "on"),
        ({"vtpm": True}, "vTpmEnabled", "off", "on"),
        ({"nics": public()}, "publicIPAddressConfiguration", "off", "on"),
        (
            {"os_disk": disk(encryption_set_id=f"{SETS}/des")},
            "diskEncryptionSet",
            "none",
            f"{SETS}/des",
        ),
        ({"proximity_placement_group_id": "/ppg"}, "id", "none", "/ppg"),
        ({"capacity_reservation_group_id": "/crg"}, "id", "none", "/crg"),
        ({"host_group_id": "/hg"}, "id", "none", "/hg"),
    ],
)
def test_what_the_model_has_and_the_pool_did_not_ask_for(
    changes: dict[str, Any], path: str, expected: str, actual: str
) -> None:
    assert found(**changes) == {path: (expected, actual)}


@pytest.mark.parametrize(
    ("pool", "path"),
    [
        ({"zones": ("1", "2")}, "zones"),
        ({"encryption_at_host": True}, "encryptionAtHost"),
        ({"ultra_ssd": True}, "ultraSSDEnabled"),
        ({"secure_boot": True}, "secureBootEnabled"),
        ({"vtpm": True}, "vTpmEnabled"),
        ({"fips": True}, "id"),
        ({"proximity_placement_group_id": "/ppg"}, "id"),
        ({"capacity_reservation_group_id": "/crg"}, "id"),
        ({"host_group_id": "/hg"}, "id"),
    ],
)
def test_what_the_pool_asks_for_and_the_model_lacks(pool: dict[str, Any], path: str) -> None:
    assert set(found(pool)) == {path}


@pytest.mark.parametrize(
    "pool",
    [
        {"zones": ("auto",)},
        {"os_disk_size_gb": 0},
        {"os_disk_size_gb": None},
        {"os_disk_type": None},
        {"vm_size": None},
        {"vm_size": ""},
        {"application_security_groups": (f"{ASGS}/asked",)},
        {"secure_boot": False, "vtpm": None},
    ],
)
def test_what_the_pool_leaves_open_is_not_compared(pool: dict[str, Any]) -> None:
    assert found(pool, zones=("1",) if "zones" in pool else ()) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"sku_name": "standard_d4S_v5"},
        {"sku_name": None},
        {"os_disk": disk(size_gb=None)},
        {"priority": "regular"},
        {"encryption_at_host": False, "ultra_ssd": False, "secure_boot": False, "vtpm": False},
        {"security_type": "ConfidentialVM", "secure_boot": True, "vtpm": True},
        {"eviction_policy": "Deallocate", "spot_max_price": 0.5},
    ],
)
def test_what_compute_leaves_out_or_spells_otherwise_is_no_difference(
    changes: dict[str, Any],
) -> None:
    assert found(**changes) == {}


def test_on_trusted_machines_the_switches_are_compared() -> None:
    assert set(found(security_type="TrustedLaunch", secure_boot=True, vtpm=True)) == {
        "secureBootEnabled",
        "vTpmEnabled",
    }


def test_azure_container_linux_boots_by_trusted_launch_unless_asked_otherwise() -> None:
    container_linux = {"os_sku": "AzureContainerLinux"}
    assert found(container_linux, secure_boot=True, vtpm=True) == {}
    assert set(found(container_linux | {"secure_boot": True})) == {"secureBootEnabled"}


def test_of_application_security_groups_akss_own_and_those_asked_for_are_none_too_many() -> None:
    own = f"{build.NETWORK}/applicationSecurityGroups/host-ports"
    asked = {"application_security_groups": (f"{ASGS}/asked",)}
    address = IpConfiguration(subnet_id=build.SUBNET_ID)
    carried = msgspec.structs.replace(
        address, application_security_group_ids=(own, f"{ASGS}/ASKED")
    )
    assert found(asked, nics=nics(carried)) == {}
    assert found(nics=nics(carried)) == {"applicationSecurityGroups": ("none", f"{ASGS}/ASKED")}


def test_of_absent_eviction_policies_aks_means_delete_and_compute_deallocate() -> None:
    silent = SPOT | {"eviction_policy": None}
    assert found(silent, **ON_SPOT) == {}
    assert found(silent, **ON_SPOT | {"eviction_policy": None}) == {
        "evictionPolicy": ("Delete", "Deallocate")
    }
    assert found(SPOT | {"eviction_policy": "Deallocate"}, **ON_SPOT) == {
        "evictionPolicy": ("Deallocate", "Delete")
    }


def test_a_spot_pool_on_regular_machines_is_told_once() -> None:
    assert found(SPOT) == {"priority": ("Spot", "Regular")}


def test_an_absent_price_is_the_price_on_demand() -> None:
    assert found(SPOT | {"spot_max_price": None}, **ON_SPOT) == {}
    assert found(SPOT, **ON_SPOT | {"spot_max_price": None}) == {}
    assert found(SPOT | {"spot_max_price": 1}, **ON_SPOT | {"spot_max_price": 1.0}) == {}
    assert found(SPOT, **ON_SPOT | {"spot_max_price": 0.5}) == {"maxPrice": ("-1.0", "0.5")}


def test_an_ephemeral_disk_need_not_name_the_encryption_set_but_no_other_either() -> None:
    pool, own = {"os_disk_type": "Ephemeral"}, {"disk_encryption_set_id": f"{SETS}/des"}
    keyed = {"encryption_set_id": f"{SETS.upper()}/DES"}
    assert found(pool, own, os_disk=disk(ephemeral=True)) == {}
    assert found(pool, own, os_disk=disk(ephemeral=True, **keyed)) == {}
    assert found(managed=own, os_disk=disk(**keyed)) == {}
    other = disk(ephemeral=True, encryption_set_id=f"{SETS}/mine")
    assert found(pool, own, os_disk=other) == {"diskEncryptionSet": (f"{SETS}/des", f"{SETS}/mine")}
    assert found(managed=own) == {"diskEncryptionSet": (f"{SETS}/des", "none")}


def test_fips_is_read_from_the_names_of_linux_images_alone() -> None:
    fips = ImageReference(id="/galleries/AKSUbuntu/images/2204gen2FIPScontainerd/versions/1")
    assert found({"fips": True}, image=fips) == {}
    assert found(image=fips) == {"id": ("off", "on")}
    assert found({"fips": True, "os_type": "Windows"}) == {}
    assert found({"fips": True}, image=None) == {}
    assert found({"fips": True}, image=ImageReference(publisher="microsoft-aks")) == {}


def test_public_addresses_of_nodes_and_their_prefix() -> None:
    asked = {"node_public_ip": True}
    assert found(asked, nics=public()) == {}
    assert found(asked) == {"publicIPAddressConfiguration": ("on", "off")}
    prefixed = asked | {"node_public_ip_prefix_id": f"{PREFIXES}/a"}
    assert found(prefixed, nics=public(f"{PREFIXES}/A")) == {}
    assert found(prefixed, nics=public(f"{PREFIXES}/b")) == {
        "publicIPPrefix": (f"{PREFIXES}/a", f"{PREFIXES}/b")
    }
    assert found(asked, nics=public(f"{PREFIXES}/b")) == {
        "publicIPPrefix": ("none", f"{PREFIXES}/b")
    }


def test_a_gateway_s_nodes_get_addresses_that_their_pool_does_not_ask_for() -> None:
    assert found({"mode": "Gateway"}, nics=public(f"{PREFIXES}/of-the-gateway")) == {}


def test_a_pool_is_on_the_subnet_that_it_asks_for_whatever_its_pods_have() -> None:
    asked = {"subnet_id": f"{OWN}/nodes", "pod_subnet_id": f"{OWN}/pods"}
    assert found(asked, nics=on(f"{OWN}/NODES", f"{OWN}/PODS")) == {}
    assert found(asked, nics=on(f"{OWN}/other", f"{OWN}/pods")) == {
        "subnet": (f"{OWN}/nodes", f"{OWN}/other")
    }
    assert found(asked, nics=on(f"{OWN}/nodes", f"{OWN}/other")) == {
        "subnet": (f"{OWN}/nodes", f"{OWN}/nodes, {OWN}/other")
    }
    assert found(asked, nics=on(f"{OWN}/pods")) == {}


def test_a_pool_that_asks_for_no_subnet_is_on_aks_s_own() -> None:
    assert found(nics=on(f"{OWN}/mine")) == {"subnet": (build.SUBNET_ID, f"{OWN}/mine")}
    assert found(nics=on()) == {}
    assert found(nics=()) == {}


def test_a_pool_that_asks_for_no_subnet_may_share_another_pool_s() -> None:
    described = build.managed(build.pool(), build.pool("web", subnet_id=f"{OWN}/nodes"))
    assert subnets_told(described, f"{OWN}/nodes") == []
    assert subnets_told(described, f"{OWN}/other") == [
        (f"{build.SUBNET_ID}, {OWN}/nodes", f"{OWN}/other")
    ]


def subnets_told(described: ManagedCluster, subnet: str) -> list[tuple[str, str]]:
    apps, web = build.scale_set(nics=on(subnet)), build.scale_set("web", nics=on(f"{OWN}/nodes"))
    views = pools.node_pools(build.cluster(described, scale_sets=(apps, web)))
    (view,) = (view for view in views if view.pool.name == "apps")
    return [(d.expected, d.actual) for d in differences(view, apps)]


def test_where_aks_s_own_network_cannot_be_told_no_subnet_is_compared() -> None:
    tags = {"aks-managed-poolName": "apps", "aks-managed-resourceNameSuffix": "99999999"}
    assert found(tags=tags, nics=on(f"{OWN}/mine")) == {}


def test_the_administrator_is_windows_s_on_windows() -> None:
    names = {"admin_username": "azureuser", "windows_admin_username": "winuser"}
    assert found(managed=names) == {}
    assert found(managed=names, admin_username="root2") == {"adminUsername": ("azureuser", "root2")}
    windows = {"os_type": "Windows"}
    assert found(windows, names, admin_username="winuser") == {}
    assert found(windows, names) == {"adminUsername": ("winuser", "azureuser")}


def test_keys_are_compared_without_their_comments() -> None:
    own = {"ssh_keys": (f"{KEY} core@shop\n",)}
    assert found(managed=own, ssh_keys=(f"{KEY}  other\r\n",)) == {}
    assert found(managed=own, ssh_keys=()) == {}
    assert found(ssh_keys=(KEY,)) == {}
    two = found(managed=own, ssh_keys=(KEY, "ssh-rsa BBBB"))
    assert two == {"publicKeys": (KEY, f"{KEY}, ssh-rsa BBBB")}


def test_what_aks_itself_may_be_behind_is_not_certain() -> None:
    described = build.managed(build.pool(fips=True), ssh_keys=(KEY,))
    model = build.scale_set(ssh_keys=("ssh-rsa BBBB",), ultra_ssd=True)
    (view,) = pools.node_pools(build.cluster(described, scale_sets=(model,)))
    told = {d.property.words: d.property.certain for d in differences(view, model)}
    assert told == {"FIPS in the image's name": False, "SSH keys": False, "Ultra SSD support": True}
