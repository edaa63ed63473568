"""Everything that Azure was recorded to answer decodes and finds its words in the model."""

from __future__ import annotations

import json

import msgspec
import pytest

from auditor.collect.wire import base
from auditor.collect.wire.activity_event import WireEvent
from auditor.collect.wire.base import Translatable
from auditor.collect.wire.cluster import WireCluster
from auditor.collect.wire.instance import WireInstance
from auditor.collect.wire.kubernetes_versions import WireVersions
from auditor.collect.wire.load_balancer import WireLoadBalancer
from auditor.collect.wire.node_pool import WireNodePool
from auditor.collect.wire.parts import InstanceView
from auditor.collect.wire.resident import WireResident
from auditor.collect.wire.resource_group import WireResourceGroup
from auditor.collect.wire.scale_set import WireScaleSet
from auditor.collect.wire.security_group import WireSecurityGroup
from auditor.collect.wire.subscription import WireSubscription
from auditor.collect.wire.virtual_network import WireVirtualNetwork
from auditor.model.aks import NodePool
from auditor.model.compute import ScaleSet
from tests.reference import recordings
from tests.reference.recordings import Document, label

pytestmark = recordings.needed

KINDS: dict[str, type[Translatable[object]]] = {
    "activityLog": WireEvent,
    "kubernetesVersions": WireVersions,
    "loadBalancers": WireLoadBalancer,
    "managedClusters": WireCluster,
    "networkSecurityGroups": WireSecurityGroup,
    "resourceGroups": WireResourceGroup,
    "resourceList": WireResident,
    "subscriptions": WireSubscription,
    "virtualMachineScaleSets": WireScaleSet,
    "virtualNetworks": WireVirtualNetwork,
    "vmss-instances": WireInstance,
}

NO_ANSWERS = {
    "activityLog/DOC-impact.": "documentation of the diagnostic stream, which has another shape",
    "activityLog/DOC-persistence.": "likewise",
    "subscriptions/LIST-account-25": "a list of tenants",
    "virtualMachineScaleSets/INSTANCEVIEW-": "the view of a scale set, which nobody reads",
    "virtualMachineScaleSets/SPEC-VirtualMachineScaleSet_GetInstanceView": "likewise",
    "virtualMachineScaleSets/aks-francecentral-PUT-REQUEST": "a request: its state is a number",
    "vmss-instances/INSTANCEVIEW-": "the view of an instance alone, see below",
}
"""What lies in those folders without being an answer that the collectors get."""

ANSWERS = [
    name
    for folder in KINDS
    for name in recordings.names(folder)
    if not name.startswith(tuple(NO_ANSWERS))
]


def decoded(document: Document, kind: type[Translatable[object]]) -> object:
    wire = msgspec.json.decode(json.dumps(document), type=kind, dec_hook=base.custom)
    return wire.to_model()


@pytest.mark.parametrize("name", ANSWERS, ids=label)
def test_an_answer_decodes(name: str) -> None:
    decoded(recordings.body(name), KINDS[name.partition("/")[0]])


NODE_POOLS = [name for name in recordings.names("agentPools") if "/MACHINES-" not in name]


@pytest.mark.parametrize("name", NODE_POOLS, ids=label)
def test_a_node_pool_decodes_as_its_cluster_would_show_it(name: str) -> None:
    body = recordings.body(name)
    own = body["properties"]

    pool = decoded({"name": body["name"], **own}, WireNodePool)

    assert isinstance(pool, NodePool)
    assert pool.kind == own["type"]
    assert pool.vm_size == own.get("vmSize")
    assert pool.count == nodes_asked_for(own)
    assert pool.vm_sizes == tuple(profile["size"] for profile in profiles(own))
    assert pool.provisioning_state == own["provisioningState"]


def nodes_asked_for(own: Document) -> int | None:
    """The pool's count; of a VirtualMachines pool without one, what its profiles add up to."""
    asked = profiles(own)
    return sum(profile["count"] for profile in asked) if asked else own.get("count")


def profiles(own: Document) -> list[Document]:
    """The profiles of a recorded pool, all of them of a fixed number of machines."""
    scale = own.get("virtualMachinesProfile", {}).get("scale", {})
    assert scale.keys() <= {"manual"}
    found: list[Document] = scale.get("manual", [])
    return found


@pytest.mark.parametrize(
    "name", recordings.names("virtualMachineScaleSets", "aks-*vmss-*.json"), ids=label
)
def test_a_scale_set_of_aks_is_understood(name: str) -> None:
    body = recordings.body(name)
    profile = body["properties"]["virtualMachineProfile"]

    scale_set = decoded(body, WireScaleSet)

    assert isinstance(scale_set, ScaleSet)
    assert scale_set.capacity == body["sku"]["capacity"]
    assert scale_set.upgrade_mode == "Manual"
    assert scale_set.overprovision is False
    assert scale_set.image
    assert scale_set.image.id == profile["storageProfile"]["imageReference"]["id"]
    assert len(scale_set.subnet_ids) == 1
    assert {extension.name for extension in scale_set.extensions} >= {
        "vmssCSE",
        f"{scale_set.name}-AKSLinuxBilling",
    }


@pytest.mark.parametrize(
    ("name", "power"),
    [
        ("vmss_vms-22", "running"),
        ("vmss_vms-24", "stopped"),
        ("vmss_vms-26", "stopped"),
        ("vmss_vms_debian-22", "running"),
        ("vmss_vms_debian-38", "deallocated"),
    ],
)
def test_the_power_state_of_a_recorded_machine(name: str, power: str) -> None:
    view = recordings.body(f"vmss-instances/INSTANCEVIEW-{name}.json")

    assert msgspec.convert(view, InstanceView).power.code == power
