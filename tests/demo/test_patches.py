from __future__ import annotations

import copy
from typing import Any

import pytest

from auditor.demo import patches, tenant
from auditor.demo.patches import Documents
from auditor.model import resource_id as arm
from auditor.model.errors import UsageError
from tests.support.cases import home

KIND = "linux-managed-vnet"
PLACE = home(KIND)
DOCUMENTS = tenant.of_cluster(KIND).documents
APPS = "virtualMachineScaleSets/aks-apps-38116459-vmss"
NSG = "networkSecurityGroups/aks-agentpool-26180121-nsg"


def apply(**patch: Any) -> Documents:  # noqa: ANN401 (patches are JSON)
    return patches.apply(DOCUMENTS, patch, PLACE)


def at(documents: Documents, path: str) -> dict[str, Any]:
    return documents[arm.key(PLACE.id_of(path))]


def extensions(documents: Documents) -> list[dict[str, Any]]:
    profile = at(documents, APPS)["properties"]["virtualMachineProfile"]["extensionProfile"]
    found: list[dict[str, Any]] = profile["extensions"]
    return found


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": ["c", "d"]}, {"a": ["c", "d"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [1, 2]}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merges_as_rfc_7396_says(
    target: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]
) -> None:
    assert patches.merge(target, patch) == result


def test_leaves_its_arguments_alone() -> None:
    before = copy.deepcopy(DOCUMENTS)
    apply(**{APPS: {"tags": None}, f"{APPS}/extensions/vmssCSE": None, NSG: None})
    assert before == DOCUMENTS


def test_reaches_a_node_pool_in_its_cluster() -> None:
    changed = apply(**{"managedClusters/shop/agentPools/apps": {"count": 5}})
    pools = at(changed, "managedClusters/shop")["properties"]["agentPoolProfiles"]
    assert [pool["count"] for pool in pools] == [2, 5]


def test_reaches_an_extension_of_the_model() -> None:
    changed = apply(**{f"{APPS}/extensions/VMSSCSE": {"properties": {"forceUpdateTag": "x"}}})
    assert extensions(changed)[0]["properties"]["forceUpdateTag"] == "x"
    assert extensions(changed)[0]["properties"]["type"] == "CustomScript"


def test_adds_and_removes_children() -> None:
    new = {"name": "Agent", "properties": {"publisher": "Contoso"}}
    changed = apply(**{f"{APPS}/extensions/Agent": new, f"{APPS}/extensions/vmssCSE": None})
    assert [e["name"] for e in extensions(changed)][1:] == ["AKSLinuxExtension", "Agent"]


def test_deletes_a_resource_and_what_lies_below() -> None:
    gone = arm.key(PLACE.id_of(APPS))
    assert not any(key.startswith(gone) for key in apply(**{APPS: None}))


def test_creates_a_whole_resource() -> None:
    new = {"id": PLACE.id_of("disks/mine"), "name": "mine", "type": "Microsoft.Compute/disks"}
    assert at(apply(**{"disks/mine": new}), "disks/mine") == new


@pytest.mark.parametrize(
    ("path", "patch"),
    [
        ("disks/none", {"tags": {}}),
        ("disks/none", None),
        (f"{NSG}/securityRules/none", {"properties": {}}),
        (f"{NSG}/securityRules/none", None),
        ("networkSecurityGroups/none/securityRules/x", {"name": "x"}),
    ],
)
def test_a_path_that_leads_nowhere_is_told(path: str, patch: dict[str, Any] | None) -> None:
    with pytest.raises(UsageError, match="is not there"):
        apply(**{path: patch})
