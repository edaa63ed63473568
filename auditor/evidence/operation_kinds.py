"""What an operation does, by its name in the activity log.

Sources: the provider operation lists of Microsoft.Compute, Microsoft.Network, Microsoft.Resources,
Microsoft.Insights and Microsoft.ContainerService. Names are compared in lower case: the log knows
several spellings.
"""

from __future__ import annotations

import re

from auditor.model import resource_id as arm
from auditor.model.operation import Operation, OperationKind

Kind = OperationKind

_NODE_CARRIERS = (
    "microsoft.compute/virtualmachinescalesets/virtualmachines/",
    "microsoft.compute/virtualmachinescalesets/",
    "microsoft.compute/virtualmachines/",
)
_NODE_VERBS = {
    "delete/action": Kind.NODE_DELETE,
    "scale/action": Kind.SCALE_SET_SCALE,
    "setorchestrationservicestate/action": Kind.SCALE_SET_WRITE,
    "converttosingleplacementgroup/action": Kind.SCALE_SET_WRITE,
    "attachdetachdatadisks/action": Kind.NODE_WRITE,
    "generalize/action": Kind.NODE_WRITE,
    "deallocate/action": Kind.NODE_DOWN,
    "poweroff/action": Kind.NODE_DOWN,
    "hibernate/action": Kind.NODE_DOWN,
    "simulateeviction/action": Kind.NODE_DOWN,
    "start/action": Kind.NODE_UP,
    "restart/action": Kind.NODE_UP,
    "reimage/action": Kind.NODE_REIMAGE,
    "reimageall/action": Kind.NODE_REIMAGE,
    "redeploy/action": Kind.NODE_REIMAGE,
    "manualupgrade/action": Kind.NODE_REIMAGE,
    "osrollingupgrade/action": Kind.NODE_REIMAGE,
    "rollingupgrades/action": Kind.NODE_REIMAGE,
    "performmaintenance/action": Kind.NODE_REIMAGE,
    "reapply/action": Kind.NODE_REIMAGE,
    "forcerecoveryservicefabricplatformupdatedomainwalk/action": Kind.NODE_REIMAGE,
    "installpatches/action": Kind.NODE_COMMAND,
    "runcommand/action": Kind.NODE_COMMAND,
    "runcommands/write": Kind.NODE_COMMAND,
    "runcommands/delete": Kind.NODE_COMMAND,
    "extensions/write": Kind.EXTENSION_WRITE,
    "extensions/delete": Kind.EXTENSION_DELETE,
}
_NAMES = {
    "microsoft.compute/virtualmachinescalesets/write": Kind.SCALE_SET_WRITE,
    "microsoft.compute/virtualmachinescalesets/delete": Kind.SCALE_SET_DELETE,
    "microsoft.compute/virtualmachinescalesets/virtualmachines/write": Kind.NODE_WRITE,
    "microsoft.compute/virtualmachinescalesets/virtualmachines/delete": Kind.NODE_DELETE,
    "microsoft.compute/virtualmachines/write": Kind.NODE_WRITE,
    "microsoft.compute/virtualmachines/delete": Kind.NODE_DELETE,
    "microsoft.network/networkinterfaces/write": Kind.NIC_WRITE,
    "microsoft.network/networkinterfaces/delete": Kind.NIC_WRITE,
    "microsoft.network/networksecuritygroups/write": Kind.NSG_WRITE,
    "microsoft.network/networksecuritygroups/delete": Kind.NSG_DELETE,
    "microsoft.network/networksecuritygroups/securityrules/write": Kind.NSG_WRITE,
    "microsoft.network/networksecuritygroups/securityrules/delete": Kind.NSG_WRITE,
    "microsoft.network/virtualnetworks/write": Kind.VNET_WRITE,
    "microsoft.network/virtualnetworks/delete": Kind.VNET_WRITE,
    "microsoft.network/virtualnetworks/subnets/write": Kind.SUBNET_WRITE,
    "microsoft.network/virtualnetworks/subnets/delete": Kind.SUBNET_WRITE,
    "microsoft.resources/tags/write": Kind.TAGS_WRITE,
    "microsoft.resources/tags/delete": Kind.TAGS_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/write": Kind.GROUP_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/delete": Kind.GROUP_WRITE,
    "microsoft.resources/subscriptions/resourcegroups/moveresources/action": Kind.GROUP_WRITE,
    "microsoft.authorization/locks/write": Kind.LOCK_WRITE,
    "microsoft.authorization/locks/delete": Kind.LOCK_WRITE,
    "microsoft.insights/autoscalesettings/write": Kind.AUTOSCALE_WRITE,
    "microsoft.insights/autoscalesettings/delete": Kind.AUTOSCALE_WRITE,
    "microsoft.serialconsole/serialports/connect/action": Kind.NODE_COMMAND,
    "microsoft.containerservice/managedclusters/start/action": Kind.AKS_START,
    "microsoft.containerservice/managedclusters/stop/action": Kind.AKS_STOP,
}
_AKS = "microsoft.containerservice/managedclusters/"
_AKS_READS = re.compile(r"credential/action$|runcommand/action$|/read$")
_NETWORK = re.compile(
    r"microsoft\.network/(loadbalancers|routetables|natgateways|publicipaddresses|publicipprefixes"
    r"|virtualnetworks|privateendpoints|privatelinkservices|applicationsecuritygroups)"
    r"(?P<part>/.+)?/(?P<verb>write|delete)"
)
"""What AKS and its cloud provider make; DNS and gateways are pods' and add-ons' matter."""
_DISKS = re.compile(r"microsoft\.compute/disks/(write|delete)$")
_OS_DISK = re.compile(r"_osdisk_|disk1_[0-9a-f]{32}$|os__1_", re.IGNORECASE)
_DELETE = "/delete"
_WRITE = "/write"
_ACCESS = "microsoft.authorization"
_AMID = "/providers/"

_LEAVES_THE_DISK = re.compile(r"/(redeploy|performmaintenance|reapply|force\w+walk)/action$")
_MODEL = "virtualmachineprofile"


def kind_of(name: str, resource_id: str = "") -> OperationKind:
    """What an operation does; ``name`` as ``operationName.value``, in any case.

    The resource decides where the name alone does not: only an operating system disk is part
    of a node (backup tools write persistent-volume disks), and the VM access extension is a
    way into a node rather than an extension of it.
    """
    lowered = name.casefold()
    if _DISKS.match(lowered) and _OS_DISK.search(arm.name(resource_id)):
        return Kind.OS_DISK_WRITE
    kind = _NAMES.get(lowered) or _node_kind(lowered) or _family(lowered, resource_id)
    if kind in {Kind.EXTENSION_WRITE, Kind.EXTENSION_DELETE}:
        return Kind.NODE_COMMAND if "vmaccess" in arm.name(resource_id).casefold() else kind
    return kind


def _node_kind(lowered: str) -> OperationKind | None:
    for carrier in _NODE_CARRIERS:
        if lowered.startswith(carrier):
            verb = lowered.removeprefix(carrier)
            if "evict" in verb and not verb.startswith("simulate"):
                return Kind.EVICTION
            return _NODE_VERBS.get(verb)
    return None


def _family(lowered: str, resource_id: str) -> OperationKind:
    """The kind of an operation that is not told apart by its own name.

    To delete a part of a resource (a route, a backend pool, a federated credential) is to write
    it. To put something beside it (a diagnostic setting, a role assignment) does nothing to it.
    """
    if _is_beside(lowered, resource_id):
        return Kind.OTHER
    if lowered.startswith(_AKS):
        return Kind.OTHER if _AKS_READS.search(lowered) else Kind.AKS_WRITE
    network = _NETWORK.fullmatch(lowered)
    if network:
        is_whole = not network["part"] and network["verb"] == "delete"
        return Kind.NETWORK_DELETE if is_whole else Kind.NETWORK_WRITE
    if lowered.endswith(_WRITE):
        return Kind.RESOURCE_WRITE
    if not lowered.endswith(_DELETE):
        return Kind.OTHER
    named = arm.resource_type(resource_id)
    is_part = bool(named) and lowered != named + _DELETE
    return Kind.RESOURCE_WRITE if is_part else Kind.RESOURCE_DELETE


def _is_beside(lowered: str, resource_id: str) -> bool:
    """Whether an operation is on an extension resource: another provider's, on a resource.

    The log has it under an id of its own, or under that of the resource that it is on.
    """
    provider = lowered.partition("/")[0]
    own = arm.resource_type(arm.root(resource_id)).partition("/")[0]
    return provider == _ACCESS or _AMID in lowered or own not in {"", provider}


def renews_nodes(operation: Operation) -> bool:
    """Whether a node comes out of it with a fresh disk, made from its scale set's model.

    Redeploying and maintenance move a node to another host and keep its disk.
    """
    if operation.kind is not Kind.NODE_REIMAGE:
        return False
    return not _LEAVES_THE_DISK.search(operation.name.casefold())


def changes_model(operation: Operation) -> bool:
    """Whether nodes made later may differ because of it: it wrote what nodes are made from.

    A body on record that holds no part of the model (the capacity or the tags alone) left the
    model as it was; without a body it may have held anything.
    """
    paths = operation.request_paths
    if operation.kind is Kind.SCALE_SET_WRITE:
        return not paths or any(_MODEL in path.casefold() for path in paths)
    on_model = arm.segment(operation.resource_id, "virtualMachines") is None
    return on_model and operation.kind in {Kind.EXTENSION_WRITE, Kind.EXTENSION_DELETE}
