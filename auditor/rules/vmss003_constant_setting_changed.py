"""A setting that AKS holds constant was changed on the scale set.

What it finds
-------------
Settings that AKS has no request for and always writes the same way: manual upgrade mode, no
automatic OS upgrade, no automatic repairs, no overprovisioning (Linux), one network interface, IP
forwarding where pods are routed through their node, no DNS servers of its own, no load balancer but
the cluster's and no application gateway before the nodes, extension operations allowed, no password
login; and others that AKS has not been seen to set: scheduled events, scale-in policy, boot
diagnostics, inbound NAT pools, user data, VM applications.

Why it matters
--------------
These settings decide who upgrades, repairs and removes nodes. Another hand on them works against
AKS, and editing the scale set makes the cluster unsupportable.

What is not flagged
-------------------
Placement groups (Azure changes them itself), fault domains, rolling-upgrade parameters while the
mode is manual, overprovisioning of Windows pools, extra interfaces that the pool's network profile
or its own ``aks-nic-*`` tags ask for. What AKS may set in some feature is a lead only, unless
somebody's operation is on record: so is an extra interface, which a preview asks for unseen.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. Use AKS's own features instead: its
autoscaler, node auto-repair, upgrade channels and planned maintenance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import IpConfiguration, ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity

RULE = Rule(
    id="VMSS003",
    title="Setting that AKS holds constant was changed",
    severity=Severity.HIGH,
    clauses=("C1", "C5"),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.MODEL}),
)

_VM = "virtualMachineProfile"
_NIC = f"{_VM}.networkProfile.networkInterfaceConfigurations"
_IP = f"{_NIC}.ipConfigurations"


class Constant(msgspec.Struct, frozen=True):
    """A setting with AKS's value; ``departs`` gives the other value where there is one."""

    path: str
    words: str
    expected: str
    departs: Callable[[NodePoolView, ScaleSet], str | None]
    confidence: Confidence = Confidence.LIKELY
    severity: Severity = Severity.HIGH


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Compare each constant with the scale set's model."""
    scale_set = view.scale_set.require()
    for constant in CONSTANTS:
        actual = constant.departs(view, scale_set)
        if actual is not None:
            yield _finding(view, scale_set, constant, actual)


def _finding(view: NodePoolView, scale_set: ScaleSet, constant: Constant, actual: str) -> Finding:
    pool, subject = view.pool.name, f"{constant.words} of node pool {view.pool.name}"
    return Finding(
        resource_id=scale_set.id,
        path=constant.path,
        summary=f"{subject}: {actual}, where AKS sets {constant.expected}",
        severity=constant.severity,
        confidence=constant.confidence,
        expected=constant.expected,
        actual=actual,
        node_pool=pool,
        explained_by=frozenset({OperationKind.SCALE_SET_WRITE}),
        evidence=(
            Evidence(
                text=f"AKS writes {constant.words.lower()} as: {constant.expected}",
                source="scale sets as AKS makes them",
            ),
            Evidence(text=f"the scale set has: {actual}", source=scale_set.name),
        ),
        remediation="Have AKS write its own setting again and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, pool),
    )


def _upgrade_mode(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    mode = scale_set.upgrade_mode
    return mode if mode and mode.casefold() != "manual" else None


def _overprovision(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    """Windows scale sets have been seen with it on."""
    return "on" if scale_set.overprovision and not view.pool.is_windows else None


def _ip_forwarding(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    """Pods routed through their node (kubenet, overlay) need it; others have been seen without."""
    network, nic = view.managed.network, scale_set.primary_nic
    routed = (network.plugin or "").casefold() == "kubenet" or (
        network.plugin_mode or ""
    ).casefold() == "overlay"
    return "off" if routed and nic is not None and nic.ip_forwarding is False else None


def _extra_nics(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    """Further ones are asked for by the pool's tags (``aks-nic-secondary-count``) or its network.

    The latter is a preview, which the stable API need not show.
    """
    by_tag = any(tag.casefold().startswith("aks-nic-") for tag in view.pool.tags)
    names = [nic.name for nic in scale_set.nics]
    beyond = len(names) > 1 + view.pool.secondary_interfaces
    return ", ".join(names) if beyond and not by_tag else None


def _dns_servers(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    servers = [server for nic in scale_set.nics for server in nic.dns_servers]
    return ", ".join(dict.fromkeys(servers)) or None


def _balancers(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    """AKS's own load balancers, also those for internal Services, lie in its own group."""
    group = view.managed.node_resource_group_id
    pools = (pool for ip in _addresses(scale_set) for pool in ip.backend_pool_ids)
    return _owners(pool for pool in pools if not arm.within(pool, group))


def _gateways(_: NodePoolView, scale_set: ScaleSet) -> str | None:
    """AKS's ingress by application gateway leads to pods, never to nodes."""
    return _owners(pool for ip in _addresses(scale_set) for pool in ip.gateway_pool_ids)


def _nat_pools(_: NodePoolView, scale_set: ScaleSet) -> str | None:
    return _owners(pool for ip in _addresses(scale_set) for pool in ip.inbound_nat_pool_ids)


def _addresses(scale_set: ScaleSet) -> Iterator[IpConfiguration]:
    return (ip for nic in scale_set.nics for ip in nic.ip_configurations)


def _owners(parts: Iterable[str]) -> str | None:
    """What the parts belong to, such as the load balancers of backend pools, each once."""
    owners = {arm.key(owner): owner for owner in map(arm.parent, parts)}
    return ", ".join(arm.name(owners[key]) for key in sorted(owners)) or None


def _password_login(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    allowed = scale_set.password_authentication_disabled is False and not view.pool.is_windows
    return "allowed" if allowed else None


def _scale_in(view: NodePoolView, scale_set: ScaleSet) -> str | None:
    """``Default`` is what an absent policy means."""
    rules = [rule for rule in scale_set.scale_in_rules if rule.casefold() != "default"]
    forced = ["force deletion"] if scale_set.scale_in_force_deletion else []
    return ", ".join(rules + forced) or None


def _on(switch: bool | None) -> str | None:
    return "on" if switch else None


CONSTANTS = (
    Constant("upgradePolicy.mode", "Upgrade mode", "Manual", _upgrade_mode),
    Constant(
        "upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade",
        "Automatic OS upgrade",
        "off",
        lambda _, s: _on(s.automatic_os_upgrade),
    ),
    Constant(
        "automaticRepairsPolicy.enabled",
        "Automatic repairs",
        "off",
        lambda _, s: _on(s.automatic_repairs),
    ),
    Constant("overprovision", "Overprovisioning", "off", _overprovision),
    Constant(f"{_NIC}.enableIPForwarding", "IP forwarding", "on", _ip_forwarding),
    Constant(_NIC, "Network interfaces", "one", _extra_nics, Confidence.POSSIBLE),
    Constant(f"{_NIC}.dnsSettings.dnsServers", "DNS servers", "none of its own", _dns_servers),
    Constant(
        f"{_IP}.loadBalancerBackendAddressPools",
        "Load balancers",
        "those of the node resource group only",
        _balancers,
    ),
    Constant(
        f"{_IP}.applicationGatewayBackendAddressPools", "Application gateways", "none", _gateways
    ),
    Constant(
        f"{_IP}.loadBalancerInboundNatPools",
        "Inbound NAT pools",
        "none",
        _nat_pools,
        Confidence.POSSIBLE,
    ),
    Constant(
        f"{_VM}.osProfile.allowExtensionOperations",
        "Extension operations",
        "allowed",
        lambda _, s: "forbidden" if s.allow_extension_operations is False else None,
    ),
    Constant(
        f"{_VM}.osProfile.linuxConfiguration.disablePasswordAuthentication",
        "Password login",
        "forbidden",
        _password_login,
    ),
    Constant("scaleInPolicy", "Scale-in policy", "none", _scale_in, Confidence.POSSIBLE),
    Constant(
        f"{_VM}.scheduledEventsProfile.terminateNotificationProfile.enable",
        "Termination notice",
        "off",
        lambda _, s: _on(s.terminate_notification),
        Confidence.POSSIBLE,
    ),
    Constant(
        f"{_VM}.scheduledEventsProfile.osImageNotificationProfile.enable",
        "OS image notice",
        "off",
        lambda _, s: _on(s.os_image_notification),
        Confidence.POSSIBLE,
    ),
    Constant(
        f"{_VM}.diagnosticsProfile.bootDiagnostics.enabled",
        "Boot diagnostics",
        "off",
        lambda _, s: _on(s.boot_diagnostics),
        Confidence.POSSIBLE,
        Severity.LOW,
    ),
    Constant(
        f"{_VM}.userData",
        "User data",
        "none",
        lambda _, s: "present" if s.has_user_data else None,
        Confidence.POSSIBLE,
    ),
    Constant(
        f"{_VM}.applicationProfile.galleryApplications",
        "VM applications",
        "none",
        lambda _, s: ", ".join(s.gallery_applications) or None,
        Confidence.POSSIBLE,
    ),
)
"""Source: scale sets of AKS node resource groups, 2020 to 2026, and AKS's own request body."""
