"""Residents of a node resource group: whether AKS, an add-on or Kubernetes made a resource.

A resource is never renamed, so its type and name tell most; what has no name of its own is known
by its tags, or by the feature of the cluster that it serves. Where nothing of this speaks and the
type is none that AKS is known to make, someone else put it there, or a newer AKS did.

Sources: AKS node resource groups of 2020 to 2026; Microsoft's pages on the features named here;
the CSI drivers for Azure disks, files and Managed Lustre; Kubernetes' cloud-provider-azure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap
from auditor.model.snapshot import Cluster, Resident


class Origin(StrEnum):
    """Whose a resident is, as far as can be told.

    ``CUSTOMARY``: Microsoft's own pages have customers put such things there. ``JUDGED``: a node,
    or part of a machine or an endpoint, of which another rule or finding speaks. ``UNTOLD``:
    AKS may have made it. ``UNKNOWN_TYPE``: AKS is not known to make such things at all.
    """

    OF_AKS = "of_aks"
    CUSTOMARY = "customary"
    JUDGED = "judged"
    UNTOLD = "untold"
    UNKNOWN_TYPE = "unknown_type"
    FOREIGN = "foreign"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster, and the parts of standalone machines in its node resource group, by key."""

    managed: ManagedCluster
    machine_parts: frozenset[str] | None = None

    @property
    def is_isolated(self) -> bool:
        """Whether nodes get their images from a registry that AKS may keep in the group."""
        return self.managed.network.outbound_type.casefold() in {"none", "block"}

    def has_addon(self, name: str) -> bool:
        """Whether an add-on with an identity of its own is on."""
        return any(identity.name.casefold() == name for identity in self.managed.identities)


Test = Callable[[Resident, Place], Origin]


def place(cluster: Cluster) -> Place:
    """The cluster as residents are told by."""
    machines = cluster.virtual_machines
    if isinstance(machines, Gap):
        return Place(managed=cluster.managed.require())
    parts = [i for vm in machines.value for i in (*vm.nic_ids, vm.os_disk.id) if i]
    return Place(managed=cluster.managed.require(), machine_parts=frozenset(map(arm.key, parts)))


def origin(resident: Resident, where: Place) -> Origin:
    """Whose a resident is."""
    kind = resident.type.casefold()
    if kind in _CUSTOMARY or kind.startswith("microsoft.alertsmanagement/"):
        return Origin.CUSTOMARY
    if kind in _JUDGED or kind.startswith(_JUDGED_BELOW):
        return Origin.JUDGED
    if kind.startswith("microsoft.kubernetesconfiguration/"):
        return Origin.OF_AKS
    known = _KINDS.get(_top_level_type(kind))
    if known is not None:
        return known(_top(resident), where)
    return Origin.UNTOLD if _is_marked(resident, where) else Origin.UNKNOWN_TYPE


def is_made_by_aks(resource_id: str, managed: ManagedCluster) -> bool:
    """Whether AKS or its cloud provider made a resource, going by its id alone.

    Disks and storage accounts of volumes are Kubernetes' and hold the customer's data.
    """
    root = top_level(resource_id)
    kind = arm.resource_type(root)
    resident = Resident(id=root, name=arm.name(root), type=kind)
    if kind == _ADDRESSES:
        return _ADDRESS.fullmatch(resident.name) is not None
    own = origin(resident, Place(managed=managed)) is Origin.OF_AKS
    return own and kind not in _OF_VOLUMES


def _is_marked(resident: Resident, where: Place) -> bool:
    """Whether tags, owner or name are such as AKS and Kubernetes give."""
    tagged = any(tag.casefold().startswith(_MARKS) for tag in resident.tags)
    owned = arm.same(resident.managed_by or "-", where.managed.id)
    name = resident.name.casefold()
    return tagged or owned or name.startswith("aks") or where.managed.name.casefold() in name


def _named(pattern: str, otherwise: Origin = Origin.FOREIGN) -> Test:
    """Known by its name alone: AKS puts no tags there, so that tags prove nothing."""
    names = re.compile(pattern, re.IGNORECASE)

    def test(resident: Resident, _: Place) -> Origin:
        return Origin.OF_AKS if names.fullmatch(resident.name) else otherwise

    return test


def _made_for(
    serves: Callable[[Place], bool], pattern: str = "", otherwise: Origin = Origin.FOREIGN
) -> Test:
    """Known by the feature of the cluster that it serves, by its name, or by its tags."""
    names = re.compile(pattern, re.IGNORECASE)

    def test(resident: Resident, where: Place) -> Origin:
        tagged = any(tag.casefold().startswith(_MARKS) for tag in resident.tags)
        named = bool(pattern) and names.fullmatch(resident.name) is not None
        return Origin.OF_AKS if serves(where) or tagged or named else otherwise

    return test


def _never(_: Place) -> bool:
    return False


def _identity(resident: Resident, where: Place) -> Origin:
    """The identities that the cluster names, and those called after it or its add-ons."""
    known = {arm.key(identity.resource_id) for identity in where.managed.identities}
    name, cluster = resident.name.casefold(), where.managed.name.casefold()
    if arm.key(resident.id) in known or name == f"{cluster}-agentpool":
        return Origin.OF_AKS
    if name.startswith(_ADDONS) and name.endswith(f"-{cluster}"):
        return Origin.OF_AKS
    if where.managed.pod_identity:
        return Origin.CUSTOMARY
    former = name.endswith(f"-{cluster}") or name == "cost-analysis-identity"
    return Origin.UNTOLD if former else Origin.FOREIGN


def _disk(resident: Resident, where: Place) -> Origin:
    """Node and volume disks; a page of Microsoft's has static volumes made in this group."""
    if arm.key(resident.id) in (where.machine_parts or ()) or resident.managed_by:
        return Origin.JUDGED
    marked = any(tag.casefold().startswith(_MARKS) for tag in resident.tags)
    if marked or _DISK.match(resident.name) or resident.name.casefold().startswith("aks"):
        return Origin.OF_AKS
    return Origin.UNTOLD


def _nic(resident: Resident, where: Place) -> Origin:
    """Interfaces of nodes; those of other machines and endpoints go with these."""
    if ".nic." in resident.name.casefold() or arm.key(resident.id) in (where.machine_parts or ()):
        return Origin.JUDGED
    if _is_marked(resident, where):
        return Origin.OF_AKS
    return Origin.FOREIGN if where.machine_parts is not None else Origin.UNTOLD


def _zone(resident: Resident, where: Place) -> Origin:
    """Private DNS zones; any network may be linked to AKS's, for a hub to find the API server."""
    name = resident.name.casefold()
    if any(suffix in name for suffix in _ZONES) or (where.is_isolated and "azurecr" in name):
        return Origin.OF_AKS
    return Origin.FOREIGN


def _image(_: Resident, where: Place) -> Origin:
    channel = (where.managed.node_os_upgrade_channel or "").casefold()
    return Origin.OF_AKS if channel == "securitypatch" else Origin.UNTOLD


def _top_level_type(kind: str) -> str:
    return "/".join(kind.split("/")[:2])


def _top(resident: Resident) -> Resident:
    """A child under the name of the top-level resource that it is part of."""
    return msgspec.structs.replace(resident, name=arm.name(top_level(resident.id)))


def top_level(resource_id: str) -> str:
    """The id of the top-level resource that an id lies in, spelled as received."""
    return resource_id.strip()[: len(arm.root(resource_id))]


_MARKS = (
    "aks-managed-",
    "k8s-azure-",
    "kubernetes.io-created-for-",
    "karpenter.",
    "managed-by-k8s-ingress",
    "ingress-for-aks-cluster-id",
)
_ADDONS = (
    "azurepolicy-",
    "omsagent-",
    "azurekeyvaultsecretsprovider-",
    "ext-",
    "ingressapplicationgateway-",
    "aciconnectorlinux-",
    "webapprouting-",
    "applicationloadbalancer-",
    "ai-toolchain-operator-",
    "httpapplicationrouting-",
)
_ZONES = ("azmk8s.io", "azk8s.cn", "containerservice.azure", "file.core.", "blob.core.")
_ADDRESS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|kubernetes-a[0-9a-f]{16,}.*", re.IGNORECASE
)
_DISK = re.compile(
    r"(kubernetes-dynamic-)?pvc-|restore-|pv-|.*(_osdisk_|disk1_|os__1_)", re.IGNORECASE
)

_OWN_NAT_GATEWAYS = frozenset({"managednatgateway", "managednatgatewayv2"})
_ADDRESSES = "microsoft.network/publicipaddresses"
_OF_VOLUMES = frozenset(
    {
        "microsoft.compute/disks",
        "microsoft.storage/storageaccounts",
        "microsoft.storagecache/amlfilesystems",
    }
)
_CUSTOMARY = frozenset(
    {
        _ADDRESSES,
        "microsoft.compute/snapshots",
        "microsoft.insights/metricalerts",
        "microsoft.insights/scheduledqueryrules",
        "microsoft.insights/activitylogalerts",
    }
)
_JUDGED = frozenset({"microsoft.insights/autoscalesettings"})
_JUDGED_BELOW = ("microsoft.compute/virtualmachinescalesets", "microsoft.compute/virtualmachines")

_KINDS: Mapping[str, Test] = MappingProxyType(
    {
        "microsoft.compute/availabilitysets": _named(r".*availabilityset-\d{5,8}"),
        "microsoft.compute/disks": _disk,
        "microsoft.compute/galleries": _image,
        "microsoft.compute/images": _image,
        "microsoft.containerinstance/containergroups": _made_for(
            lambda where: where.has_addon("aciconnectorlinux"), otherwise=Origin.UNTOLD
        ),
        "microsoft.containerregistry/registries": _made_for(lambda where: where.is_isolated),
        "microsoft.elasticsan/elasticsans": _made_for(_never, otherwise=Origin.UNTOLD),
        "microsoft.managedidentity/userassignedidentities": _identity,
        "microsoft.network/applicationgateways": _made_for(
            lambda where: where.has_addon("ingressapplicationgateway")
        ),
        "microsoft.network/applicationsecuritygroups": _made_for(
            lambda where: any(pool.allowed_host_ports for pool in where.managed.pools)
        ),
        "microsoft.network/dnszones": _made_for(
            lambda where: where.has_addon("httpapplicationrouting"), r".+\.aksapp\.io"
        ),
        "microsoft.network/loadbalancers": _made_for(
            _never, r"kubernetes(-internal)?|kube-apiserver|kubeegressgateway-ilb", Origin.UNTOLD
        ),
        "microsoft.network/natgateways": _made_for(
            lambda where: where.managed.network.outbound_type.casefold() in _OWN_NAT_GATEWAYS
        ),
        "microsoft.network/networkinterfaces": _nic,
        "microsoft.network/networkprofiles": _made_for(
            lambda where: where.has_addon("aciconnectorlinux"), otherwise=Origin.UNTOLD
        ),
        "microsoft.network/networksecuritygroups": _named(r"aks-agentpool-\d{5,8}-nsg"),
        "microsoft.network/privatednszones": _zone,
        "microsoft.network/privateendpoints": _made_for(
            lambda where: where.is_isolated, r"kube-apiserver|.+-pvtendpoint"
        ),
        "microsoft.network/privatelinkservices": _made_for(_never, r"pls-.+", Origin.UNTOLD),
        "microsoft.network/publicipprefixes": _made_for(
            lambda where: any(pool.gateway_prefix_size for pool in where.managed.pools),
            otherwise=Origin.UNTOLD,
        ),
        "microsoft.network/routetables": _named(r"aks-agentpool-\d{5,8}-routetable"),
        "microsoft.network/virtualnetworks": _named(r"aks-vnet-\d{5,8}"),
        "microsoft.servicenetworking/trafficcontrollers": _named(r"alb-.+", Origin.UNTOLD),
        "microsoft.storage/storageaccounts": _made_for(
            _never, r"f(use|uselb|usenfs)?[0-9a-f]{12,23}", Origin.UNTOLD
        ),
        "microsoft.storagecache/amlfilesystems": _made_for(_never, r"pvc-.+", Origin.UNTOLD),
    }
)
"""How residents of each top-level type are told, and all that lies below it."""
