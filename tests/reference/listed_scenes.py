"""Scenes of 2020 to 2023 whose node resource group was recorded as a list of its resources.

A list shows names, tags, sizes and identities, but no ``properties``: the scale sets borrow the
model of the one kubenet scale set that was recorded in full. What is on trial here are the rows:
old tags, old names, and all that AKS keeps beside its nodes.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference.scene import (
    KUBENET,
    NSG_2021,
    NSG_2022,
    OWN_POOL,
    OWN_SIZE,
    OWN_VERSION,
    ROUTED,
    ROUTED_TOO,
    Override,
    Scene,
    cluster,
    day,
    image,
    network,
    row,
)

WITH_PUBLIC_SERVICE = "MC_contosobld_bicepbuild2_westus2"
"""The only recorded list with the public address of a Service in it."""

_CAPACITY = "the capacity in the scale set's row"
_CUSTOM = "virtualNetworks/network_vnet-24.json"


def _kubenet_2021(group: str, digits: str, on: str, count: int = 1) -> Scene:
    listed = group.removeprefix("MC_")[:30]
    return Scene(
        shows="kubenet in 2021: tags without prefix, the outbound address owned by 'kubernetes'",
        at=day(2021, 4, 13),
        cluster=cluster(
            "LIST-aks_create_slb_vmss_with_outbound_ip_prefixes_then_update_msi-15.json#0"
        ),
        of_pools=(Override({"count": count}, _CAPACITY),),
        of_scale_sets=(image("1804", "2021.01.06"),),
        scale_sets=(row(listed, f"aks-nodepool1-{digits}"),),
        model=KUBENET,
        security_group=NSG_2021,
        network=on,
        residents=group,
    )


_CLUSTER_2020 = cluster("aks_byo_appgw_with_ingress_appgw_addon-42-Succeeded.json")
_NO_IDENTITIES = (
    Override({"identityProfile": None}, "no identity lies in the recorded node resource group"),
    Override({"addonProfiles": None}, "likewise; the borrowed cluster's add-ons have theirs"),
)
_MANAGED_NETWORK = Override(
    {"vnetSubnetID": None}, "AKS's own network lies in the recorded node resource group"
)


def _kubenet_2020(name: str, copy: str, network_copy: str) -> Scene:
    """One of two clusters with the same suffix: AKS makes it from the DNS prefix."""
    group = "conto-what-if_managedCluster12"
    return Scene(
        shows="kubenet in 2020: creationSource aks-aks-..., aksEngineVersion; two clusters have "
        "the same suffix",
        at=day(2020, 11, 20),
        cluster=_CLUSTER_2020,
        of_cluster=_NO_IDENTITIES,
        of_pools=(_MANAGED_NETWORK, Override({"vmSize": "Standard_DS2"}, OWN_SIZE)),
        of_scale_sets=(image("1604", "2020.10.28"),),
        scale_sets=(row(group, "aks-nodepool1-36552431", copy),),
        model=KUBENET,
        security_group=NSG_2021,
        network=network(f"{group}-aks-vnet-36552431-2020-07-01{network_copy}"),
        residents=f"MC_conto-what-if_{name}_eastus",
    )


def _custom_network(
    recording: str, scale_set: str, pool: tuple[Override, ...], nsg: str, residents: str
) -> Scene:
    return Scene(
        shows="kubenet on the customer's network: AKS's security group hangs on the NICs",
        at=day(2022, 5, 12),
        cluster=cluster(recording),
        of_pools=pool,
        of_scale_sets=(image("1604", "2020.10.28"),),
        scale_sets=(scale_set,),
        model=KUBENET,
        security_group=nsg,
        network=_CUSTOM,
        custom_network=True,
        residents=residents,
    )


SCENES: Mapping[str, Scene] = {
    "kubenet-2020": _kubenet_2020("managedCluster128", "", "-2"),
    "kubenet-2020-same-suffix": _kubenet_2020("managedCluster128PartTwo", "-2", ""),
    "kubenet-2020-four-pools": Scene(
        shows="kubenet in 2020: four pools of one cluster, all with the cluster's own digits",
        at=day(2020, 11, 20),
        cluster=_CLUSTER_2020,
        of_cluster=_NO_IDENTITIES,
        pools={
            "nodepool123": {"vmSize": "Standard_D3"},
            "nodepool145": {"vmSize": "Standard_D3"},
            "nodepool186": {"vmSize": "Standard_D3"},
            "nodepool194": {"vmSize": "Standard_D2"},
        },
        of_pools=(_MANAGED_NETWORK,),
        of_scale_sets=(image("1604", "2020.10.28"),),
        scale_sets=tuple(
            row("conto-what-if_cluster150_eastu", f"aks-nodepool{number}-36552431")
            for number in (123, 145, 186, 194)
        ),
        model=KUBENET,
        security_group=NSG_2021,
        network=network("conto-what-if_cluster150_eastu-aks-vnet-36552431-2020-07-01"),
        residents="MC_conto-what-if_cluster150_eastus",
    ),
    "kubenet-2021-private": _kubenet_2021(
        "MC_clitest26dv6eu6lv_cliakstestxh34h5_westus2", "10307300", ROUTED, count=3
    ),
    "kubenet-2021-one-node": _kubenet_2021(
        "MC_clitest5hd5ygbfne_cliakstestd7wsg5_westus2", "25268602", ROUTED_TOO
    ),
    "kubenet-2021-one-node-too": _kubenet_2021(
        "MC_clitestmn4gzfekdw_cliakstests7jj4s_westus2", "37244533", ROUTED
    ),
    "kubenet-2021-southcentralus": _kubenet_2021(
        "MC_clitests6ojzbpknr_cliakstestnigqau_southcentralus", "36498806", ROUTED_TOO
    ),
    "kubenet-2021-without-create-operation": _kubenet_2021(
        "MC_clitestu54uy6hm2p_cliakstest4rjci2_westus2", "12369646", ROUTED, count=3
    ),
    "kubenet-2021-custom-network": _custom_network(
        "aks_byo_subnet_with_ingress_appgw_addon-17-Succeeded.json",
        row("clitestu2sf5uuu4n_cliakstestjt", "aks-nodepool1-36885111"),
        (Override({"count": 1, "orchestratorVersion": "1.18.14"}, f"{_CAPACITY}; {OWN_VERSION}"),),
        NSG_2021,
        "MC_clitestu2sf5uuu4n_cliakstestjtfenr_eastus",
    ),
    "kubenet-2022-custom-network": _custom_network(
        "aks_byo_appgw_with_ingress_appgw_addon-42-Succeeded.json",
        row("clitestdjgwby233t_cliakstestmq", "aks-nodepool1-38718814"),
        (Override({"orchestratorVersion": "1.22.6"}, OWN_VERSION),),
        NSG_2022,
        "MC_clitestdjgwby233t_cliakstestmqf2mu_eastus",
    ),
    "kubenet-2023-public-service": Scene(
        shows="kubenet in 2023: prefixed tags, k8s-azure-* on the address of a public Service, "
        "other digits on the scale set than on the cluster",
        at=day(2023, 6, 20),
        cluster=cluster("aks_update_with_workload_identity-29-Succeeded.json"),
        of_pools=(
            Override({"name": "agentpool"}, OWN_POOL),
            Override({"vmSize": "Standard_B2s", "count": 1}, OWN_SIZE),
        ),
        of_scale_sets=(image("2204gen2containerd", "202306.01.0"),),
        scale_sets=(row("contosobld_bicepbuild2_westus2", "aks-agentpool-21259349"),),
        model=KUBENET,
        security_group=NSG_2022,
        network=ROUTED,
        residents=WITH_PUBLIC_SERVICE,
    ),
    "availability-set-2021": Scene(
        shows="an availability set: a virtual machine of AKS's, extensions with other names",
        at=day(2021, 4, 13),
        cluster=cluster("aks_create_blb_vmas-11-Succeeded.json"),
        of_cluster=(Override({"kubernetesVersion": "1.18.14"}, "the machine's tag"),),
        of_pools=(Override({"orchestratorVersion": "1.18.14"}, "the machine's tag"),),
        security_group=NSG_2021,
        network=ROUTED_TOO,
        residents="MC_clitestaaylinu2ot_cliakstestod2mor_westus2",
    ),
}
