"""Small edits of recorded objects, and the one finding that each must give.

No operation is on record: what is found rests on state alone. Where Azure was recorded to tell
such an edit elsewhere, the edit is taken from there.
"""

from __future__ import annotations

from tests.reference.expected import CLUSTER, Finding
from tests.reference.tampering import Taken, Tampering

_SET = "virtualMachineScaleSets"
_KUBENET = f"{_SET}/aks-nodepool1-43072926-vmss"
_CNI = f"{_SET}/aks-default-38283636-vmss"
_OVERLAY = f"{_SET}/aks-nodepool1-87752918-vmss"
_YOUNG = f"{_SET}/aks-default-37531762-vmss"
_EPHEMERAL = f"{_SET}/aks-nodepool1-16061838-vmss"
_THIRD_OF_FOUR = f"{_SET}/aks-nodepool186-36552431-vmss"
_SERVING = f"{_SET}/aks-agentpool-21259349-vmss"
_OLD = f"{_SET}/aks-nodepool1-25268602-vmss"
_CUSTOM = f"{_SET}/aks-nodepool1-38718814-vmss"
_NSG = "networkSecurityGroups/aks-agentpool-31644424-nsg"
_SUBNET = "virtualNetworks/aks-vnet-22141952"

_VM = "virtualMachineProfile"
_STORAGE = f"{_VM}.storageProfile"
_EXTENSIONS = f"{_VM}.extensionProfile.extensions"
_NICS = f"{_VM}.networkProfile.networkInterfaceConfigurations"
_NIC = f"properties.{_NICS}.0.properties"
_SCRIPT = f"properties.{_EXTENSIONS}.0"
_POWER = "properties.instanceView.statuses.1"


def _compute(path: str) -> str:
    return f"microsoft.compute/{path.casefold()}"


def _network(path: str) -> str:
    return f"microsoft.network/{path.casefold()}"


_OF_MODEL = (
    Tampering(
        title="another VM size",
        scene="kubenet-own-cluster",
        of=_KUBENET,
        at="sku",
        to={"name": "Standard_D8s_v3"},
        gives=Finding("VMSS001", _compute(_KUBENET), "sku.name", "confirmed"),
    ),
    Tampering(
        title="another VM size in one of four pools, 2020",
        scene="kubenet-2020-four-pools",
        of=_THIRD_OF_FOUR,
        at="sku",
        to={"name": "Standard_D3_v2"},
        gives=Finding("VMSS001", _compute(_THIRD_OF_FOUR), "sku.name", "confirmed"),
    ),
    Tampering(
        title="a larger OS disk",
        scene="azure-cni-2020-06-01",
        of=_CNI,
        at=f"properties.{_STORAGE}.osDisk",
        to={"diskSizeGB": 256},
        gives=Finding("VMSS001", _compute(_CNI), f"{_STORAGE}.osDisk.diskSizeGB", "confirmed"),
    ),
    Tampering(
        title="one node more",
        scene="overlay-extension-on-one-node",
        of=_OVERLAY,
        at="sku",
        to={"capacity": 3},
        gives=Finding("VMSS002", _compute(_OVERLAY), "sku.capacity", "confirmed"),
    ),
    Tampering(
        title="one node fewer, as an old api-version tells it",
        scene="azure-cni-2017-03-30",
        of=_CNI,
        at="sku",
        to={"capacity": 2},
        gives=Finding("VMSS002", _compute(_CNI), "sku.capacity", "confirmed"),
    ),
    Tampering(
        title="IP forwarding off on kubenet: no pod is reached from another node",
        scene="kubenet-own-cluster",
        of=_KUBENET,
        at=_NIC,
        to={"enableIPForwarding": False},
        gives=Finding("VMSS003", _compute(_KUBENET), f"{_NICS}.enableIPForwarding", "likely"),
    ),
    Tampering(
        title="rolling upgrades",
        scene="overlay-young-pool",
        of=_YOUNG,
        at="properties.upgradePolicy",
        to={"mode": "Rolling"},
        gives=Finding("VMSS003", _compute(_YOUNG), "upgradePolicy.mode", "likely"),
    ),
    Tampering(
        title="automatic repairs",
        scene="azure-cni-2020-06-01",
        of=_CNI,
        at="properties",
        to={"automaticRepairsPolicy": {"enabled": True, "gracePeriod": "PT30M"}},
        gives=Finding("VMSS003", _compute(_CNI), "automaticRepairsPolicy.enabled", "likely"),
    ),
    Tampering(
        title="a marketplace image",
        scene="ephemeral-as-aks-asks-for-it",
        of=_EPHEMERAL,
        at=f"properties.{_STORAGE}.imageReference",
        to={"id": None, "publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        gives=Finding("VMSS004", _compute(_EPHEMERAL), f"{_STORAGE}.imageReference", "confirmed"),
    ),
    Tampering(
        title="an image of a gallery that is called like AKS's",
        scene="kubenet-own-cluster",
        of=_KUBENET,
        at=f"properties.{_STORAGE}.imageReference",
        to={
            "id": "/subscriptions/5d0c9e7a-2b64-4f18-8a33-c41f7be09d56/resourceGroups/AKS-Ubuntu"
            "/providers/Microsoft.Compute/galleries/AKSUbuntu/images/2204gen2containerd/versions"
            "/202309.06.0"
        },
        gives=Finding("VMSS004", _compute(_KUBENET), f"{_STORAGE}.imageReference", "confirmed"),
    ),
)

_OF_POOLS = (
    Tampering(
        title="a pool that AKS does not know any more, its scale set still there",
        scene="kubenet-own-cluster",
        of="managedClusters/cliakstest000001",
        at="properties.agentPoolProfiles.0",
        to=None,
        gives=Finding("VMSS008", _compute(_KUBENET), "", "possible"),
    ),
    Tampering(
        title="a pool that AKS does not know any more, its scale set still there, 2021",
        scene="kubenet-2021-one-node",
        of="managedClusters/cliakstestd7wsg5",
        at="properties.agentPoolProfiles.0",
        to=None,
        gives=Finding("VMSS008", _compute(_OLD), "", "possible"),
    ),
)

_OF_EXTENSIONS = (
    Tampering(
        title="a script of somebody's own in AKS's script extension",
        scene="kubenet-own-cluster",
        of=_KUBENET,
        at=f"{_SCRIPT}.properties",
        to={"settings": {"fileUris": ["https://scripts.example.com/harden.sh"]}},
        gives=Finding(
            "EXT001", _compute(f"{_KUBENET}/extensions/vmssCSE"), "settings", "confirmed"
        ),
    ),
    Tampering(
        title="a force-update tag, which runs the script again",
        scene="overlay-extension-on-one-node",
        of=_OVERLAY,
        at=f"{_SCRIPT}.properties",
        to={"forceUpdateTag": "1"},
        gives=Finding(
            "EXT001", _compute(f"{_OVERLAY}/extensions/vmssCSE"), "forceUpdateTag", "confirmed"
        ),
    ),
    Tampering(
        title="no script extension",
        scene="azure-cni-2020-06-01",
        of=_CNI,
        at=_SCRIPT,
        to=None,
        gives=Finding("EXT002", _compute(f"{_CNI}/extensions/vmssCSE"), "name", "confirmed"),
    ),
    Tampering(
        title="an extension that lets people in",
        scene="overlay-young-pool",
        of=_YOUNG,
        at=f"properties.{_EXTENSIONS}",
        to=Taken(f"{_SET}/vmss_extension_debian-27-Succeeded.json", f"properties.{_EXTENSIONS}.2"),
        gives=Finding(
            "EXT003", _compute(f"{_YOUNG}/extensions/VMAccessForLinux"), "publisher", "confirmed"
        ),
    ),
    Tampering(
        title="a health probe",
        scene="kubenet-2023-public-service",
        of=_SERVING,
        at=f"properties.{_EXTENSIONS}",
        to=Taken(
            f"{_SET}/vmss_update_automatic_repairs_with_health_extension-24-Succeeded.json",
            f"properties.{_EXTENSIONS}.0",
        ),
        gives=Finding(
            "EXT003",
            _compute(f"{_SERVING}/extensions/ApplicationHealthLinux"),
            "publisher",
            "confirmed",
        ),
    ),
    Tampering(
        title="an extension on one node of two",
        scene="overlay-extension-on-one-node",
        of=f"{_OVERLAY}/virtualMachines/1",
        at="resources",
        to=Taken(f"{_SET}/vmss_extension_debian-27-Succeeded.json", f"properties.{_EXTENSIONS}.0"),
        gives=Finding(
            "EXT004",
            _compute(f"{_OVERLAY}/virtualMachines/1/extensions/NetworkWatcherAgentLinux"),
            "publisher",
            "possible",
        ),
    ),
)

_OF_NETWORK = (
    Tampering(
        title="SSH from somebody's home",
        scene="kubenet-own-cluster",
        of=_NSG,
        at="properties.securityRules",
        to=Taken("networkSecurityGroups/custodian-nessus.json", "properties.securityRules.2"),
        gives=Finding("NET001", _network(f"{_NSG}/securityRules/MikeWilsonHomeSSH"), "", "likely"),
    ),
    Tampering(
        title="a rule for a service that is none of the cluster's",
        scene="kubenet-own-cluster",
        of=_NSG,
        at="properties.securityRules",
        to=Taken("networkSecurityGroups/custodian-nessus.json", "properties.securityRules.0"),
        gives=Finding("NET001", _network(f"{_NSG}/securityRules/nessus-tcp8834"), "", "likely"),
    ),
    Tampering(
        title="the node subnet without its security group",
        scene="azure-cni-2020-06-01",
        of=_SUBNET,
        at="properties.subnets.0.properties.networkSecurityGroup",
        to=None,
        gives=Finding(
            "NET002", _network(f"{_SUBNET}/subnets/aks-subnet"), "networkSecurityGroup", "likely"
        ),
    ),
    Tampering(
        title="another security group on the nodes",
        scene="overlay-extension-on-one-node",
        of=_OVERLAY,
        at=_NIC,
        to={
            "networkSecurityGroup": {
                "id": "/subscriptions/5d0c9e7a-2b64-4f18-8a33-c41f7be09d56/resourceGroups/hub"
                "/providers/Microsoft.Network/networkSecurityGroups/locked-down"
            }
        },
        gives=Finding("NET003", _compute(_OVERLAY), _NICS, "confirmed"),
    ),
    Tampering(
        title="AKS's security group taken off the nodes of a custom network",
        scene="kubenet-2022-custom-network",
        of=_CUSTOM,
        at=f"{_NIC}.networkSecurityGroup",
        to=None,
        gives=Finding("NET003", _compute(_CUSTOM), _NICS, "possible"),
    ),
)

_DEALLOCATED = Taken("vmss-instances/INSTANCEVIEW-vmss_vms_debian-38.json", "statuses.1")

_OF_POWER = (
    Tampering(
        title="one node of three deallocated",
        scene="azure-cni-2020-06-01",
        of=f"{_CNI}/virtualMachines/1",
        at=_POWER,
        to=_DEALLOCATED,
        gives=Finding("PWR001", _compute(_CNI), "powerState", "confirmed"),
    ),
    Tampering(
        title="one node of two stopped, and still paid for",
        scene="overlay-extension-arriving",
        of=f"{_OVERLAY}/virtualMachines/0",
        at=_POWER,
        to=Taken("vmss-instances/INSTANCEVIEW-vmss_vms-24.json", "statuses.1"),
        gives=Finding("PWR001", _compute(_OVERLAY), "powerState", "confirmed"),
    ),
    Tampering(
        title="the only node deallocated",
        scene="overlay-young-pool",
        of=f"{_YOUNG}/virtualMachines/0",
        at=_POWER,
        to=_DEALLOCATED,
        gives=Finding("PWR001", _compute(_YOUNG), "powerState", "confirmed"),
        also=(Finding("PWR002", CLUSTER, "", "confirmed"),),
    ),
)

TAMPERINGS = (*_OF_MODEL, *_OF_POOLS, *_OF_EXTENSIONS, *_OF_NETWORK, *_OF_POWER)
