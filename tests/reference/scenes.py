"""Every scene: which recordings make which cluster, and what AKS behaviour it shows.

Nobody recorded a whole node resource group. A scene puts one together: a recorded scale set, the
recorded cluster that fits it best, and a recorded network. Where the cluster is another than the
scale set's own, what the scale set's recording proves is laid over it: each such override stands
here, with its proof.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference import listed_scenes
from tests.reference.scene import (
    KUBENET,
    NSG_2022,
    NSG_2022_TOO,
    OWN_IMAGE,
    OWN_POOL,
    OWN_SIZE,
    OWN_VERSION,
    ROUTED,
    Override,
    Scene,
    cluster,
    day,
    network,
    node,
    scale_set,
    version,
)

_CNI_NETWORKS = {
    "2017-03-30": network("azpslrg12enwmp2px_azpsl2sq16jl-aks-vnet-22141952-2022-01-01"),
    "2017-12-01": network("azpslrg4rmbhdw6sn_azpsl7vpr55z-aks-vnet-22141952-2022-01-01"),
    "2020-06-01": network("azpslrg4v5nsu8mco_azpsl2bmiuq4-aks-vnet-22141952-2022-01-01"),
}


def _azure_cni(api_version: str) -> Scene:
    """The same scale set, as three api-versions of Compute tell it."""
    name = "AZPSLRG1VDTERFRFZ_AZPSL67MZIW7-aks-default-38283636-vmss"
    return Scene(
        shows="Azure CNI without overlay: addresses by the dozen on each NIC, IP forwarding off; "
        "a cluster with a service principal",
        at=day(2023, 10, 12),
        cluster=cluster("aks_create_with_azuremonitormetrics-33-Succeeded.json"),
        of_cluster=(
            *version("1.26.6", cluster_only=True),
            Override(
                {"identityProfile": None},
                "the scale set has no identity, and aks-managed-kubeletIdentityClientID is empty",
            ),
        ),
        of_pools=(
            Override({"name": "default"}, OWN_POOL),
            Override({"vmSize": "Standard_D2_v2"}, OWN_SIZE),
            Override({"nodeImageVersion": "AKSUbuntu-2204containerd-202309.06.0"}, OWN_IMAGE),
            *version("1.26.6"),
        ),
        scale_sets=(scale_set(f"{name}-{api_version}"),),
        security_group=NSG_2022,
        network=_CNI_NETWORKS[api_version],
    )


def _overlay(shows: str, api_version: str, nodes: tuple[str, ...], on: str) -> Scene:
    """One pool, before and after AKS brought its own extension to a node."""
    name = "clitest000001_cliakstest000001-aks-nodepool1-87752918-vmss"
    return Scene(
        shows=shows,
        at=day(2025, 4, 10),
        cluster=cluster("aks_update_enable_acns-31-Succeeded.json"),
        of_cluster=(Override({"currentKubernetesVersion": "1.30.11"}, OWN_VERSION),),
        of_pools=(
            Override({"count": 2}, "the scale set's capacity, and the two instances recorded"),
            Override({"nodeImageVersion": "AKSUbuntu-2204gen2containerd-202503.21.0"}, OWN_IMAGE),
            Override({"currentOrchestratorVersion": "1.30.11"}, OWN_VERSION),
        ),
        scale_sets=(scale_set(f"{name}-{api_version}"),),
        nodes=tuple(node(name) for name in nodes),
        security_group=NSG_2022_TOO,
        network=on,
    )


_RECORDED: Mapping[str, Scene] = {
    "kubenet-own-cluster": Scene(
        shows="kubenet: scale set and cluster of one and the same recording, nothing overridden",
        at=day(2023, 10, 9),
        cluster=cluster("LIST-aks_trustedaccess_rolebinding-11.json#0"),
        scale_sets=(KUBENET,),
        security_group=NSG_2022,
        network=ROUTED,
        residents=listed_scenes.WITH_PUBLIC_SERVICE,
    ),
    "azure-cni-2017-03-30": _azure_cni("2017-03-30"),
    "azure-cni-2017-12-01": _azure_cni("2017-12-01"),
    "azure-cni-2020-06-01": _azure_cni("2020-06-01"),
    "overlay-extension-arriving": _overlay(
        "AKS has just added AKSLinuxExtension 1.218: no node has the latest model yet",
        "2024-11-01",
        ("0-2024-11-01", "1-2024-11-01"),
        network("clitestqowsddwh2m_cliakstesthd-aks-vnet-15633231-2021-02-01"),
    ),
    "overlay-extension-on-one-node": _overlay(
        "a moment later: one node has the latest model, the other has not",
        "2023-09-01",
        ("0-2024-11-01", "1-2024-11-01-2"),
        network("clitestqvbvwasjk6_cliakstestg3-aks-vnet-23870010-2020-07-01"),
    ),
    "overlay-young-pool": Scene(
        shows="overlay; a young pool has no AKSLinuxExtension; standard SSDs for a small VM size",
        at=day(2024, 8, 26),
        cluster=cluster(
            "aks_create_with_app_routing_enabled_and_nginx_specified_abbrv-15-Succeeded.json"
        ),
        of_cluster=version("1.27.1", cluster_only=True),
        of_pools=(
            Override({"name": "default"}, OWN_POOL),
            Override({"vmSize": "Standard_D2_v2", "count": 1}, OWN_SIZE),
            Override({"nodeImageVersion": "AKSUbuntu-2204containerd-202408.12.0"}, OWN_IMAGE),
            *version("1.27.1"),
        ),
        scale_sets=(
            scale_set("ANSIBLETEST-6EE5A2AF-119B-4C90-aks-default-37531762-vmss-2023-09-01"),
        ),
        security_group=NSG_2022_TOO,
        network=_CNI_NETWORKS["2017-12-01"],
    ),
    "ephemeral-as-aks-asks-for-it": Scene(
        shows="the body that AKS itself puts: ephemeral disk, empty tags, compute.aks.billing",
        at=day(2025, 11, 28),
        cluster=cluster("aks_update_run_command-23-Succeeded.json"),
        of_cluster=(Override({"currentKubernetesVersion": "1.32.9"}, OWN_VERSION),),
        of_pools=(
            Override({"count": 2}, OWN_SIZE),
            Override({"nodeImageVersion": "AKSUbuntu-2204gen2containerd-202511.07.0"}, OWN_IMAGE),
            Override({"currentOrchestratorVersion": "1.32.9"}, OWN_VERSION),
        ),
        scale_sets=(scale_set("francecentral-PUT-REQUEST-body"),),
        of_scale_sets=(
            Override(
                {"properties": {"provisioningState": "Succeeded"}},
                "a request has no state: a 0 stands there, and no id",
            ),
        ),
        security_group=NSG_2022_TOO,
        network=_CNI_NETWORKS["2020-06-01"],
    ),
}

SCENES = {**_RECORDED, **listed_scenes.SCENES}
