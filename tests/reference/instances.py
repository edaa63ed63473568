"""Nodes: those that were recorded, and as many as are missing, modelled after one of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime, timedelta

from tests.reference import recordings
from tests.reference.recordings import Document

_NODE = "vmss-instances/aks-clitest000001_cliakstest000001-1-2024-11-01-2.json"
_RUNNING = "vmss-instances/INSTANCEVIEW-vmss_vms-22.json"
"""A node of AKS's, its model applied; and the view of a machine that runs (no view of AKS's own
nodes was recorded)."""


def of(scale_set: Document, recorded: Iterable[str], at: datetime) -> list[Document]:
    """The nodes of a scale set, all of them running since they and it were made."""
    nodes = [recordings.body(name) for name in recorded]
    missing = range(len(nodes), scale_set["sku"]["capacity"])
    since = scale_set["properties"].get("timeCreated") or (at - timedelta(days=1)).isoformat()
    everyone = [*nodes, *(_modelled(scale_set, index) for index in missing)]
    return [_running(node, since) for node in everyone]


def _running(node: Document, since: str) -> Document:
    view = recordings.body(_RUNNING)
    view["computerName"] = node["properties"]["osProfile"]["computerName"]
    view["statuses"][0]["time"] = since
    node["properties"] |= {"instanceView": view, "timeCreated": since}
    return node


def _modelled(scale_set: Document, index: int) -> Document:
    """A recorded node, with all that a scale set's model decides taken from that model."""
    node = recordings.body(_NODE)
    taken = {key: scale_set.get(key) for key in ("location", "tags", "identity")}
    name, number = f"{scale_set['name']}_{index}", str(index)
    node |= taken | {"name": name, "instanceId": number}
    node["id"] = f"{scale_set['id']}/virtualMachines/{index}"
    node["sku"] = {key: scale_set["sku"][key] for key in ("name", "tier")}
    node["properties"] |= _properties(scale_set, node["id"], index)
    node["resources"] = [_extension(e, scale_set, name) for e in _extensions(scale_set)]
    return node


def _properties(scale_set: Document, node_id: str, index: int) -> Document:
    profile = copy.deepcopy(scale_set["properties"]["virtualMachineProfile"])
    prefix = profile["osProfile"].pop("computerNamePrefix")
    storage = profile["storageProfile"]
    disk_name = f"{scale_set['name']}_OsDisk_{index}"
    group_id = scale_set["id"].rpartition("/providers/")[0]
    disk_id = f"{group_id}/providers/Microsoft.Compute/disks/{disk_name}"
    storage["osDisk"] |= {"name": disk_name}
    storage["osDisk"]["managedDisk"]["id"] = disk_id
    nic_id = f"{node_id}/networkInterfaces/{scale_set['name']}"
    return {
        "networkProfileConfiguration": profile["networkProfile"],
        "hardwareProfile": {"vmSize": scale_set["sku"]["name"]},
        "storageProfile": storage,
        "osProfile": profile["osProfile"] | {"computerName": f"{prefix}{index:06x}"},
        "networkProfile": {"networkInterfaces": [{"id": nic_id}]},
    }


def _extensions(scale_set: Document) -> list[Document]:
    profile = scale_set["properties"]["virtualMachineProfile"]
    found: list[Document] = profile["extensionProfile"]["extensions"]
    return found


def _extension(extension: Document, scale_set: Document, node_name: str) -> Document:
    """An extension on a node, under the id that Compute gives it: that of a machine of its own."""
    group_id = scale_set["id"].rpartition("/providers/")[0]
    machine_id = f"{group_id}/providers/Microsoft.Compute/virtualMachines/{node_name}"
    return {
        "name": extension["name"],
        "id": f"{machine_id}/extensions/{extension['name']}",
        "type": "Microsoft.Compute/virtualMachines/extensions",
        "location": scale_set["location"],
        "properties": extension["properties"] | {"provisioningState": "Succeeded"},
    }
