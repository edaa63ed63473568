"""What AKS has retired, or will: load balancers, availability sets, network plugins, node images.

Dates and ways out are those of Microsoft's announcements, each named with its entry. A thing is
retired from the day after its date on. Nodes are told by the image that they boot, for one OS SKU
stands for other systems as Kubernetes goes on (``Ubuntu`` was 18.04 once); the SKU tells where
there is no image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from auditor.model.aks import ManagedCluster, NodePool, PoolKind


class Retirement(msgspec.Struct, frozen=True, kw_only=True):
    """Something that AKS retires: ``instead`` completes the sentence "Move to …".

    ``update`` are the flags of ``az aks update``, where that alone does it.
    """

    what: str
    on: date
    instead: str
    source: str
    update: tuple[str, ...] = ()

    def is_past(self, today: date) -> bool:
        """Whether it is retired."""
        return today > self.on


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A node operating system that retires: how its images are called, and its OS SKUs."""

    images: str
    skus: tuple[str, ...] = ()
    retirement: Retirement


BASIC_LOAD_BALANCER = Retirement(
    what="the Basic load balancer",
    on=date(2025, 9, 30),
    instead="the Standard load balancer",
    source="Azure/AKS#5020",
)
AVAILABILITY_SETS = Retirement(
    what="an availability set",
    on=date(2025, 9, 30),
    instead="node pools of type VirtualMachines",
    source="Azure/AKS#5021",
    update=("--migrate-vmas-to-vms",),
)
KUBENET = Retirement(
    what="kubenet",
    on=date(2028, 3, 31),
    instead="Azure CNI Overlay",
    source="Azure/AKS#4859",
    update=("--network-plugin", "azure", "--network-plugin-mode", "overlay"),
)

_SYSTEMS = (
    System(
        images=r"aksubuntu(edgezone)?[-:]1[68]04",
        retirement=Retirement(
            what="Ubuntu 18.04 or older",
            on=date(2025, 6, 17),
            instead="a supported Kubernetes version, which brings a newer Ubuntu",
            source="Azure/AKS#4873",
        ),
    ),
    System(
        images=r"aksubuntu(edgezone)?[-:]2004",
        retirement=Retirement(
            what="Ubuntu 20.04",
            on=date(2027, 3, 17),
            instead="Kubernetes 1.34 or later, which brings a newer Ubuntu",
            source="Azure/AKS#4874",
        ),
    ),
    System(
        images=r"aksubuntu(edgezone)?[-:]2204",
        skus=("ubuntu2204",),
        retirement=Retirement(
            what="Ubuntu 22.04",
            on=date(2027, 6, 30),
            instead="Ubuntu 24.04, the default from Kubernetes 1.35 on (OS SKU Ubuntu)",
            source="Azure/AKS#5701",
        ),
    ),
    System(
        images=r"akscblmariner(edgezone)?[-:]|aksazurelinux(edgezone)?[-:]v2",
        skus=("cblmariner", "mariner"),
        retirement=Retirement(
            what="Azure Linux 2.0",
            on=date(2025, 11, 30),
            instead="Azure Linux 3.0 (OS SKU AzureLinux3, or Kubernetes 1.32 or later)",
            source="Azure/AKS#4988",
        ),
    ),
    System(
        images=r"aksazurelinux(edgezone)?[-:]\w*osguard",
        skus=("azurelinuxosguard", "azurelinux3osguard"),
        retirement=Retirement(
            what="Azure Linux with OS Guard (preview)",
            on=date(2026, 12, 10),
            instead="Azure Container Linux (OS SKU AzureContainerLinux)",
            source="Azure/AKS#5950",
        ),
    ),
    System(
        images=r"aksflatcar(edgezone)?[-:]",
        skus=("flatcar",),
        retirement=Retirement(
            what="Flatcar Container Linux (preview)",
            on=date(2026, 6, 8),
            instead="Azure Container Linux (OS SKU AzureContainerLinux)",
            source="Azure/AKS#5648",
        ),
    ),
    System(
        images=r"akswindows(edgezone)?[-:](windows-)?2019",
        skus=("windows2019",),
        retirement=Retirement(
            what="Windows Server 2019",
            on=date(2026, 3, 1),
            instead="a new node pool of Windows Server 2025 or 2022",
            source="Azure/AKS#4091",
        ),
    ),
    System(
        images=r"akswindows(edgezone)?[-:](windows-)?23h2",
        skus=("windowsannual",),
        retirement=Retirement(
            what="Windows Server Annual Channel",
            on=date(2026, 5, 15),
            instead="a new node pool of Windows Server 2025 or 2022",
            source="AKS release notes of 2026-05-29",
        ),
    ),
    System(
        images=r"akswindows(edgezone)?[-:](windows-)?2022",
        skus=("windows2022",),
        retirement=Retirement(
            what="Windows Server 2022",
            on=date(2028, 6, 30),
            instead="a new node pool of Windows Server 2025",
            source="AKS release notes of 2026-06-19",
        ),
    ),
)


class Retiring(NamedTuple):
    """A property whose value stands for something that retires."""

    path: str
    value: str
    retirement: Retirement


def of_cluster(managed: ManagedCluster) -> Iterator[Retiring]:
    """What of the cluster as a whole retires."""
    balancer, plugin = managed.network.load_balancer_sku or "", managed.network.plugin or ""
    if balancer.casefold() == "basic":
        yield Retiring("networkProfile.loadBalancerSku", balancer, BASIC_LOAD_BALANCER)
    if plugin.casefold() == "kubenet":
        yield Retiring("networkProfile.networkPlugin", plugin, KUBENET)


def of_node_pool(pool: NodePool) -> Iterator[Retiring]:
    """What of a node pool retires."""
    if pool.kind.casefold() == PoolKind.AVAILABILITY_SET.casefold():
        yield Retiring("type", pool.kind, AVAILABILITY_SETS)
    image, sku = pool.node_image_version or "", pool.os_sku or ""
    by_image = of_image(image)
    by_sku = next((s.retirement for s in _SYSTEMS if sku.casefold() in s.skus), None)
    if by_image:
        yield Retiring("nodeImageVersion", image, by_image)
    elif by_sku and not image:
        yield Retiring("osSKU", sku, by_sku)


def of_image(node_image_version: str) -> Retirement | None:
    """The retirement of the system in a node image; frozen once past, so no newer one exists."""
    lowered = node_image_version.casefold()
    return next((s.retirement for s in _SYSTEMS if re.match(s.images, lowered)), None)
