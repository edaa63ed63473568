"""A cluster made of recordings: what a scene says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from tests.reference.recordings import Document


class Override(msgspec.Struct, frozen=True):
    """A merge patch (RFC 7396) over a recorded body, and what proves it."""

    patch: Document
    because: str


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster made of recordings; ``shows`` tells which of AKS's behaviours it stands for.

    ``at`` is about when the scale sets were recorded, and the moment of the audit. ``of_cluster``
    patches the cluster's ``properties``, ``of_pools`` each of its pools, ``of_scale_sets`` each
    scale set; ``pools`` multiplies the recorded cluster's first pool, by name, each with a patch
    of its own. ``model`` lends its ``properties`` to scale sets of which only a row of a list was
    recorded. ``nodes`` are recorded ones; more are modelled, up to the capacity. ``residents`` is
    the node resource group whose recorded list of resources is taken. ``custom_network``: the
    nodes are on the customer's own network.
    """

    shows: str
    at: datetime
    cluster: str
    scale_sets: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    of_cluster: tuple[Override, ...] = ()
    of_pools: tuple[Override, ...] = ()
    of_scale_sets: tuple[Override, ...] = ()
    pools: Mapping[str, Document] = {}
    model: str = ""
    security_group: str
    network: str
    custom_network: bool = False
    residents: str = ""


def day(year: int, month: int, number: int) -> datetime:
    """Noon of a day."""
    return datetime(year, month, number, 12, tzinfo=UTC)


def cluster(name: str) -> str:
    """The recording of a cluster."""
    return f"managedClusters/{name}"


def scale_set(name: str) -> str:
    """The recording of a scale set."""
    return f"virtualMachineScaleSets/aks-{name}.json"


def row(group: str, scale_set: str, copy: str = "") -> str:
    """A scale set as a recorded list of resources shows it: no ``properties``."""
    return f"resourceList/aks-{group}-{scale_set}-vmss-virtualmachinescalesets{copy}.json"


def node(name: str) -> str:
    """The recording of an instance of the one pool whose instances were recorded."""
    return f"vmss-instances/aks-clitest000001_cliakstest000001-{name}.json"


def network(name: str) -> str:
    """The recording of one of AKS's virtual networks."""
    return f"virtualNetworks/aks-{name}.json"


def security_group(name: str) -> str:
    """The recording of one of AKS's security groups."""
    return f"networkSecurityGroups/aks-{name}.json"


NSG_2021 = security_group("clitestqowsddwh2m_cliakstesthd-aks-agentpool-15633231-nsg-2021-02-01")
NSG_2022 = security_group("conk8stest4b3ms3_secondz4mtfa7-aks-agentpool-11909199-nsg-2022-01-01")
NSG_2022_TOO = security_group(
    "conk8stestuuwklq_test-enable-d-aks-agentpool-16882055-nsg-2022-01-01"
)
"""AKS's security groups: no rule at all; ``tags`` absent in 2021, empty in 2022."""

ROUTED = network("clitesta6ibhiht57_cliakstestvl-aks-vnet-46876752-2020-07-01")
ROUTED_TOO = network("clitesthgeh2xxi3s_cliakstestzd-aks-vnet-19367344-2020-07-01")
"""Networks of kubenet clusters: AKS's route table is on the subnet."""

KUBENET = scale_set("clitest000001_cliakstest000001-aks-nodepool1-43072926-vmss-2023-03-01")
"""The one scale set of a kubenet cluster that was recorded in full."""

OWN_POOL = "the scale set's tag for its pool's name"
OWN_SIZE = "the scale set's sku"
OWN_IMAGE = "the image that the scale set's model names"
OWN_VERSION = "the scale set's tag for the orchestrator"

_GALLERY = (
    "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups/AKS-Ubuntu/providers"
    "/Microsoft.Compute/galleries/AKSUbuntu"
)


def image(definition: str, version: str) -> Override:
    """The borrowed model, but with the image of the borrowing pool."""
    reference = {"id": f"{_GALLERY}/images/{definition}/versions/{version}"}
    storage = {"storageProfile": {"imageReference": reference}}
    return Override(
        {"properties": {"virtualMachineProfile": storage}},
        "the recorded pool's nodeImageVersion, as its gallery has it",
    )


def version(number: str, *, cluster_only: bool = False) -> tuple[Override, ...]:
    """The Kubernetes version of cluster or pools, where the scale set's tag knows it better."""
    name = "kubernetesVersion" if cluster_only else "orchestratorVersion"
    current = f"current{name[0].upper()}{name[1:]}"
    return (Override({name: number, current: number}, OWN_VERSION),)
