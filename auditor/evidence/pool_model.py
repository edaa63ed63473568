"""What a node pool asks for, property by property, beside what its scale set's model says.

Only properties that both AKS and Compute state are compared; absent, null and false are one
state, and case, order and trailing line ends mean nothing. Sources: the REST references of
``agentPools`` (2026-08-01) and ``virtualMachineScaleSets`` (2026-04-01), Microsoft's pages on
Azure Container Linux, and the scale sets that AKS makes. AKS chooses disk placement, storage type,
fault domains and accelerated networking by itself: those have no counterpart in its API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from auditor.evidence import managed_network
from auditor.model import resource_id as arm
from auditor.model.compute import ScaleSet
from auditor.model.facet import Gap
from auditor.model.snapshot import NodePoolView

Values = Mapping[str, str]
"""Values as received by their comparable form: case-folded; absent ones are left out."""

Sides = tuple[Values, Values]
"""What AKS was asked for, and what is there."""

Compare = Callable[[NodePoolView, ScaleSet], "Sides | None"]
"""Both sides of one property; ``None`` where one of them does not say."""

_VM = "virtualMachineProfile"
_IP = f"{_VM}.networkProfile.networkInterfaceConfigurations.ipConfigurations"


class Property(msgspec.Struct, frozen=True):
    """A compared property; ``certain`` is false where AKS itself can be behind a difference."""

    path: str
    words: str
    compare: Compare
    certain: bool = True


class Difference(msgspec.Struct, frozen=True):
    """A property on which request and reality differ, both printable."""

    property: Property
    expected: str
    actual: str


def differences(view: NodePoolView, scale_set: ScaleSet) -> Iterator[Difference]:
    """Every property on which the scale set's model contradicts the node pool."""
    for compared in PROPERTIES:
        sides = compared.compare(view, scale_set)
        if sides is not None and sides[0].keys() != sides[1].keys():
            yield Difference(compared, _words(sides[0]), _words(sides[1]))


def _words(values: Values) -> str:
    return ", ".join(values[key] for key in sorted(values)) or "none"


def _values(*raw: object) -> Values:
    return {str(value).casefold(): str(value) for value in raw if value not in {None, ""}}


def _ids(*raw: str | None) -> Values:
    return {arm.key(value): value for value in raw if value}


def _switches(expected: bool | None, actual: bool | None) -> Sides:
    return _values("on" if expected else "off"), _values("on" if actual else "off")


def _stated(expected: object, actual: object) -> Sides | None:
    """Two values, where both sides state one."""
    sides = _values(expected), _values(actual)
    return sides if all(sides) else None


def _disk_size(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """A size of 0 is the VM size's default, which AKS does not state."""
    return _stated(view.pool.os_disk_size_gb or None, scale_set.os_disk.size_gb)


def _disk_type(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    actual = "Ephemeral" if scale_set.os_disk.ephemeral else "Managed"
    return _stated(view.pool.os_disk_type, actual)


def _zones(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """``auto`` leaves the choice of zones to Azure."""
    wanted = _values(*view.pool.zones)
    return None if "auto" in wanted else (wanted, _values(*scale_set.zones))


def _subnet(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """Where nodes are; pods can have a subnet of their own, on further addresses or interfaces."""
    addresses = scale_set.primary_nic.ip_configurations if scale_set.primary_nic else ()
    subnets = [ip.subnet_id for ip in addresses]
    actual = _ids(*(i for i in subnets if not arm.same(i, view.pool.pod_subnet_id)))
    allowed = allowed_subnets(view)
    return (allowed, actual) if allowed and not actual.keys() <= allowed.keys() else None


def allowed_subnets(view: NodePoolView) -> Values:
    """Where AKS puts a pool: the subnet that it asks for, else the managed one or another pool's.

    Nothing, and so no comparison, where AKS's own network cannot be told for certain.
    """
    if view.pool.subnet_id:
        return _ids(view.pool.subnet_id)
    network = managed_network.of(view.cluster)
    if isinstance(network, Gap):
        return {}
    return _ids(network.value.node_subnet_id, *(pool.subnet_id for pool in view.managed.pools))


def _priority(view: NodePoolView, scale_set: ScaleSet) -> Sides:
    return _values(view.pool.priority), _values(scale_set.priority or "Regular")


def _eviction(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """AKS's default is Delete, Compute's is Deallocate."""
    if not (view.pool.is_spot and scale_set.priority):
        return None
    expected, actual = view.pool.eviction_policy, scale_set.eviction_policy
    return _values(expected or "Delete"), _values(actual or "Deallocate")


def _price(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """Absent and -1 both mean: up to the on-demand price."""
    if not view.pool.is_spot:
        return None
    prices = (view.pool.spot_max_price, scale_set.spot_max_price)
    expected, actual = (_values(-1.0 if p is None else float(p)) for p in prices)
    return expected, actual


def _encryption_set(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """An ephemeral disk need not name the cluster's encryption set, but no other either."""
    actual = scale_set.os_disk.encryption_set_id
    if scale_set.os_disk.ephemeral and not actual:
        return None
    return _ids(view.managed.disk_encryption_set_id), _ids(actual)


def _fips(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """Linux images with FIPS say so in their name; Windows ones do not."""
    if scale_set.image is None or not scale_set.image.id or view.pool.is_windows:
        return None
    return _switches(view.pool.fips, "fips" in scale_set.image.id.casefold())


def _secure_boot(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    return _launched(view, scale_set, view.pool.secure_boot, scale_set.secure_boot)


def _vtpm(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    return _launched(view, scale_set, view.pool.vtpm, scale_set.vtpm)


def _launched(
    view: NodePoolView, scale_set: ScaleSet, asked: bool | None, actual: bool | None
) -> Sides | None:
    """A switch of trusted launch, without which Azure Container Linux does not boot at all."""
    always = (view.pool.os_sku or "").casefold() == "azurecontainerlinux"
    if _is_confidential(scale_set) or (always and not asked):
        return None
    return _switches(asked, actual)


def _is_confidential(scale_set: ScaleSet) -> bool:
    """AKS sets both switches itself on confidential VMs, whatever the pool says."""
    return (scale_set.security_type or "").casefold() == "confidentialvm"


def _public_ip(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """A gateway pool gets addresses from its prefix, by AKS's and the gateway's hand."""
    if view.pool.mode.casefold() == "gateway":
        return None
    addresses = [ip.public_ip for nic in scale_set.nics for ip in nic.ip_configurations]
    return _switches(view.pool.node_public_ip, any(addresses))


def _public_prefix(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    if not view.pool.node_public_ip:
        return None
    actual = [ip.public_ip_prefix_id for nic in scale_set.nics for ip in nic.ip_configurations]
    return _ids(view.pool.node_public_ip_prefix_id), _ids(*actual)


def _application_groups(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """For host ports AKS makes a group of its own, in the node resource group."""
    own = view.managed.node_resource_group_id
    addresses = (ip for nic in scale_set.nics for ip in nic.ip_configurations)
    carried = (group for ip in addresses for group in ip.application_security_group_ids)
    actual = _ids(*(group for group in carried if not arm.within(group, own)))
    expected = _ids(*view.pool.application_security_groups)
    return None if actual.keys() <= expected.keys() else (expected, actual)


def _administrator(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    managed = view.managed
    name = managed.windows_admin_username if view.pool.is_windows else managed.admin_username
    return _stated(name, scale_set.admin_username)


def _ssh_keys(view: NodePoolView, scale_set: ScaleSet) -> Sides | None:
    """Keys without their comment: AKS and Compute differ in it and in line ends."""
    expected, actual = (
        {material: material for key in keys if (material := " ".join(key.split()[:2]))}
        for keys in (view.managed.ssh_keys, scale_set.ssh_keys)
    )
    return (expected, actual) if expected and actual else None


PROPERTIES = (
    Property("sku.name", "VM size", lambda v, s: _stated(v.pool.vm_size, s.sku_name)),
    Property(f"{_VM}.storageProfile.osDisk.diskSizeGB", "OS disk size in GiB", _disk_size),
    Property(f"{_VM}.storageProfile.osDisk.diffDiskSettings", "OS disk type", _disk_type),
    Property("zones", "zones", _zones),
    Property(f"{_IP}.subnet", "node subnet", _subnet),
    Property(f"{_VM}.priority", "priority", _priority),
    Property(f"{_VM}.evictionPolicy", "eviction policy", _eviction),
    Property(f"{_VM}.billingProfile.maxPrice", "highest spot price", _price),
    Property(
        f"{_VM}.securityProfile.encryptionAtHost",
        "encryption at host",
        lambda v, s: _switches(v.pool.encryption_at_host, s.encryption_at_host),
    ),
    Property(
        f"{_VM}.storageProfile.osDisk.managedDisk.diskEncryptionSet",
        "disk encryption set",
        _encryption_set,
    ),
    Property(
        f"{_VM}.storageProfile.imageReference.id", "FIPS in the image's name", _fips, certain=False
    ),
    Property(
        "additionalCapabilities.ultraSSDEnabled",
        "Ultra SSD support",
        lambda v, s: _switches(v.pool.ultra_ssd, s.ultra_ssd),
    ),
    Property(f"{_VM}.securityProfile.uefiSettings.secureBootEnabled", "secure boot", _secure_boot),
    Property(f"{_VM}.securityProfile.uefiSettings.vTpmEnabled", "virtual TPM", _vtpm),
    Property(f"{_IP}.publicIPAddressConfiguration", "public address per node", _public_ip),
    Property(
        f"{_IP}.publicIPAddressConfiguration.publicIPPrefix",
        "public address prefix",
        _public_prefix,
    ),
    Property(
        f"{_IP}.applicationSecurityGroups", "application security groups", _application_groups
    ),
    Property(
        "proximityPlacementGroup.id",
        "proximity placement group",
        lambda v, s: (
            _ids(v.pool.proximity_placement_group_id),
            _ids(s.proximity_placement_group_id),
        ),
    ),
    Property(
        f"{_VM}.capacityReservation.capacityReservationGroup.id",
        "capacity reservation group",
        lambda v, s: (
            _ids(v.pool.capacity_reservation_group_id),
            _ids(s.capacity_reservation_group_id),
        ),
    ),
    Property(
        "hostGroup.id",
        "dedicated host group",
        lambda v, s: (_ids(v.pool.host_group_id), _ids(s.host_group_id)),
    ),
    Property(f"{_VM}.osProfile.adminUsername", "administrator's name", _administrator),
    Property(
        f"{_VM}.osProfile.linuxConfiguration.ssh.publicKeys", "SSH keys", _ssh_keys, certain=False
    ),
)
