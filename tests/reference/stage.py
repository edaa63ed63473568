"""A scene, or a recorded cluster alone, as documents of a fake ARM.

The recorders replaced SSH keys and identities: where one object tells what another lost, that is
restored. A node resource group is the one recorded, in the cluster's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import msgspec

from auditor.demo.patches import Documents, merge
from auditor.demo.place import Place
from auditor.demo.tenant import Tenant
from auditor.evidence import node_images
from auditor.model import resource_id as arm
from tests.reference import instances, moving, recordings
from tests.reference.moving import SUBSCRIPTION, TENANT, Names
from tests.reference.recordings import Document
from tests.reference.scene import Override, Scene

_STAGED_ELSEWHERE = {
    "microsoft.compute/virtualmachinescalesets",
    "microsoft.network/networksecuritygroups",
    "microsoft.network/virtualnetworks",
}


_HOST = "managedClusters/aks_update_run_command-23-Succeeded.json"
"""A plain cluster of 2025, for node pools that were recorded without theirs."""

_CURRENT = {
    "1.9": (2018, 11, 1),
    "1.12": (2019, 7, 1),
    "1.15": (2020, 4, 1),
    "1.16": (2020, 4, 1),
    "1.25": (2023, 6, 1),
    "1.32": (2025, 10, 1),
}
"""When a Kubernetes version was current, for clusters that were recorded without node image."""


class Stage(msgspec.Struct, frozen=True):
    """A tenant with one cluster, and where that lies."""

    place: Place
    tenant: Tenant


def of_scene(scene: Scene) -> Stage:
    """The whole of a scene."""
    rows = _rows_of(scene.residents)
    recorded = [recordings.body(name) for name in scene.scale_sets]
    names = moving.names(*(recorded or rows))
    cluster = _cluster(scene, names)
    sets = [_scale_set(body, scene, names) for body in recorded]
    network = _network(scene, cluster, sets, names)
    _restore(cluster, sets)
    nodes = [node for s in sets for node in instances.of(s, scene.nodes, scene.at)]
    rows = [moving.moved(row, names) for row in rows]
    others = [_routed(row, nodes) for row in (*rows, *_tables_beyond(rows, network))]
    return _stage([cluster, *others, *sets, *nodes, *network], scene.at)


def of_cluster(name: str) -> Stage:
    """A recorded cluster about when it was recorded; its node resource group holds nothing."""
    cluster = recordings.body(name)
    return _stage([cluster], _recorded_about(cluster))


def of_node_pool(name: str) -> Stage:
    """A recorded node pool as the one pool of a recorded cluster, again without its nodes."""
    cluster, pool = recordings.body(_HOST), recordings.body(name)
    profile = {"name": pool["name"], **pool["properties"]}
    cluster["properties"]["agentPoolProfiles"] = [profile]
    return _stage([cluster], _recorded_about(cluster))


def _stage(documents: Iterable[Document], at: datetime) -> Stage:
    placed = [moving.placed(document) for document in documents]
    cluster = placed[0]
    place = Place(
        tenant=TENANT,
        subscription=SUBSCRIPTION,
        group=arm.resource_group(cluster["id"]),
        cluster=arm.name(cluster["id"]),
        location=cluster["location"],
        node_group=cluster["properties"]["nodeResourceGroup"],
    )
    everything = [*_around(place), *placed]
    return Stage(place, Tenant(id=TENANT, now=at, documents=_by_key(everything)))


def _around(place: Place) -> Iterable[Document]:
    """Subscription and resource groups, from the one recording of each."""
    subscription = moving.placed(recordings.body("subscriptions/GET-account-5.json"))
    yield subscription | {"subscriptionId": place.subscription, "tenantId": place.tenant}
    recorded = recordings.body(*recordings.names("resourceGroups", "aks-*.json"))
    names = Names(group=place.group, cluster=place.cluster, node_group=place.node_group)
    node_group = moving.moved(recorded, names)
    yield moving.placed(node_group | {"location": place.location})
    kept = {key: node_group[key] for key in ("type", "properties")}
    yield kept | {"id": place.group_id, "name": place.group, "location": place.location}


def _recorded_about(cluster: Document) -> datetime:
    """Weeks after its newest node image was built, or when its Kubernetes version was current."""
    pools = cluster["properties"].get("agentPoolProfiles") or []
    images = [pool.get("nodeImageVersion") or "" for pool in pools]
    built = [date for image in images if (date := node_images.built_on(image))]
    if built:
        return datetime.combine(max(built), time(12), UTC) + timedelta(weeks=3)
    minor = ".".join(cluster["properties"]["kubernetesVersion"].split(".")[:2])
    return datetime(*_CURRENT[minor], 12, tzinfo=UTC)


def _cluster(scene: Scene, names: Names) -> Document:
    body = moving.moved(recordings.body(scene.cluster), names)
    properties = _patched(body["properties"], scene.of_cluster)
    pools = properties["agentPoolProfiles"]
    if scene.pools:
        pools = [merge(pools[0], {"name": name, **size}) for name, size in scene.pools.items()]
    properties["agentPoolProfiles"] = [_patched(pool, scene.of_pools) for pool in pools]
    return body | {"properties": properties}


def _scale_set(body: Document, scene: Scene, names: Names) -> Document:
    """A recorded scale set, or a row that borrows the properties of one."""
    group_id = arm.group_id(moving.ZEROS, names.node_group)
    body.setdefault("id", f"{group_id}/providers/{moving.SCALE_SET}/{body['name']}")
    if "properties" not in body:
        model = recordings.body(scene.model)
        target = msgspec.structs.replace(names, scale_set=body["name"])
        borrowed = moving.moved(model, target)["properties"]
        body["properties"] = borrowed | {"timeCreated": body["createdTime"]}
    return _patched(body, scene.of_scale_sets)


def _routed(row: Document, nodes: Iterable[Document]) -> Document:
    """A route table as the cloud provider fills it: of those only rows were recorded."""
    if row["type"] != "Microsoft.Network/routeTables":
        return row
    routes = [
        {
            "name": node["properties"]["osProfile"]["computerName"],
            "properties": {"addressPrefix": "10.244.0.0/24", "nextHopType": "VirtualAppliance"},
        }
        for node in nodes
    ]
    return row | {"properties": {"routes": routes}}


def _tables_beyond(rows: Iterable[Document], network: Iterable[Document]) -> list[Document]:
    """The route tables on subnets that the borrowed list of another group does not have."""
    listed = {arm.key(row["id"]) for row in rows}
    subnets = [subnet for one in network for subnet in one["properties"].get("subnets") or []]
    tables = [(subnet.get("properties") or {}).get("routeTable") for subnet in subnets]
    ids = {arm.key(table["id"]): table["id"] for table in tables if table}
    return [
        {"id": table_id, "name": arm.name(table_id), "type": "Microsoft.Network/routeTables"}
        for key, table_id in ids.items()
        if key not in listed
    ]


def _network(
    scene: Scene, cluster: Document, sets: Iterable[Document], names: Names
) -> list[Document]:
    """Security group and network, the nodes' NICs on them."""
    group = moving.moved(recordings.body(scene.security_group), names)
    network = recordings.body(scene.network)
    if not scene.custom_network:
        return [group, moving.moved(network, names)]
    subnet_id = cluster["properties"]["agentPoolProfiles"][0]["vnetSubnetID"]
    for scale_set in sets:
        _put_on(subnet_id, group["id"], scale_set)
    del group["properties"]["subnets"]
    attached = {"routeTable": {"id": _table_beside(group["id"])}}
    subnet = {"name": arm.name(subnet_id), "id": subnet_id, "properties": attached}
    place = {"id": arm.parent(subnet_id), "name": arm.name(arm.parent(subnet_id))}
    return [group, network | place | {"properties": {"subnets": [subnet]}}]


def _table_beside(security_group_id: str) -> str:
    """The route table that AKS hangs on a customer's subnet without one, for kubenet."""
    table_id = security_group_id.replace("/networkSecurityGroups/", "/routeTables/")
    return f"{table_id.removesuffix('-nsg')}-routetable"


def _put_on(subnet_id: str, security_group_id: str, scale_set: Document) -> None:
    """On a customer's subnet AKS hangs its security group on the NICs."""
    profile = scale_set["properties"]["virtualMachineProfile"]["networkProfile"]
    for nic in profile["networkInterfaceConfigurations"]:
        nic["properties"]["networkSecurityGroup"] = {"id": security_group_id}
        for ip in nic["properties"]["ipConfigurations"]:
            ip["properties"]["subnet"] = {"id": subnet_id}


def _restore(cluster: Document, sets: Iterable[Document]) -> None:
    """Give the cluster what recorders replaced on it and left on its scale sets."""
    properties = cluster["properties"]
    kubelet = (properties.get("identityProfile") or {}).get("kubeletidentity")
    for scale_set in sets:
        os = scale_set["properties"]["virtualMachineProfile"]["osProfile"]
        properties["linuxProfile"]["ssh"] = os["linuxConfiguration"]["ssh"]
        client_id = scale_set["tags"].get("aks-managed-kubeletIdentityClientID")
        if kubelet and client_id:
            kubelet["clientId"] = client_id


def _patched(body: Document, overrides: Iterable[Override]) -> Document:
    for override in overrides:
        body = merge(body, override.patch)
    return body


def _rows_of(node_group: str) -> list[Document]:
    """The recorded list of a node resource group, but for what is staged in full."""
    rows = [recordings.body(name) for name in recordings.names("resourceList")]
    return [
        row
        for row in rows
        if arm.same(arm.resource_group(row["id"]), node_group)
        and arm.resource_type(row["id"]) not in _STAGED_ELSEWHERE
    ]


def _by_key(documents: Iterable[Document]) -> Documents:
    return {arm.key(document["id"]): document for document in documents}
