"""What is there: scale sets, their instances, virtual machines and disks.

Source: ``Microsoft.Compute``, api-version 2026-04-01. ARM returns neither ``protectedSettings``
nor ``customData``: what hides in them leaves no trace here, only in the activity log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from auditor.model import resource_id as arm


class Setting(msgspec.Struct, frozen=True, order=True):
    """A public extension setting; the value is replaced by its digest, for it can be a secret."""

    name: str
    digest: str


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A VM extension as a model, an instance or a VM carries it."""

    name: str
    publisher: str = ""
    type: str = ""
    version: str = ""
    auto_upgrade_minor: bool | None = None
    automatic_upgrade: bool | None = None
    settings: tuple[Setting, ...] = ()
    force_update_tag: str | None = None
    provision_after: tuple[str, ...] = ()
    suppress_failures: bool | None = None
    protected_settings_from_key_vault: bool = False
    provisioning_state: str | None = None


class ImageReference(msgspec.Struct, frozen=True, kw_only=True):
    """Where an operating system image comes from: an id, or marketplace coordinates."""

    id: str | None = None
    community_gallery_image_id: str | None = None
    shared_gallery_image_id: str | None = None
    publisher: str | None = None
    offer: str | None = None
    sku: str | None = None
    version: str | None = None
    exact_version: str | None = None

    @property
    def label(self) -> str:
        """The image in one printable string."""
        where = self.id or self.community_gallery_image_id or self.shared_gallery_image_id
        return where or ":".join(
            p or "" for p in (self.publisher, self.offer, self.sku, self.version)
        )


class DataDisk(msgspec.Struct, frozen=True, kw_only=True):
    """A data disk of a model or an instance."""

    lun: int = 0
    name: str | None = None
    id: str | None = None
    size_gb: int | None = None


class OsDisk(msgspec.Struct, frozen=True, kw_only=True):
    """The operating system disk; ``ephemeral`` is ``diffDiskSettings.option == Local``."""

    id: str | None = None
    name: str | None = None
    size_gb: int | None = None
    caching: str | None = None
    storage_account_type: str | None = None
    ephemeral: bool = False
    ephemeral_placement: str | None = None
    encryption_set_id: str | None = None


class IpConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """One IP configuration of a NIC profile.

    What it is a backend of: ``backend_pool_ids`` and ``inbound_nat_pool_ids`` of load balancers,
    ``gateway_pool_ids`` of application gateways.
    """

    name: str = ""
    primary: bool = False
    subnet_id: str | None = None
    public_ip: bool = False
    public_ip_prefix_id: str | None = None
    backend_pool_ids: tuple[str, ...] = ()
    inbound_nat_pool_ids: tuple[str, ...] = ()
    gateway_pool_ids: tuple[str, ...] = ()
    application_security_group_ids: tuple[str, ...] = ()


class NicConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """A network interface as the scale set's model (or an instance) describes it."""

    name: str = ""
    primary: bool = False
    ip_forwarding: bool | None = None
    accelerated_networking: bool | None = None
    nsg_id: str | None = None
    dns_servers: tuple[str, ...] = ()
    ip_configurations: tuple[IpConfiguration, ...] = ()


class ScaleSet(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual machine scale set's model; ``capacity`` in instances."""

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    sku_name: str | None = None
    capacity: int | None = None
    zones: tuple[str, ...] = ()
    identity_type: str | None = None
    identity_ids: tuple[str, ...] = ()
    etag: str | None = None
    unique_id: str | None = None
    provisioning_state: str = "Succeeded"
    created_at: datetime | None = None
    orchestration_mode: str | None = None
    single_placement_group: bool | None = None
    upgrade_mode: str | None = None
    automatic_os_upgrade: bool | None = None
    automatic_repairs: bool | None = None
    overprovision: bool | None = None
    fault_domain_count: int | None = None
    scale_in_rules: tuple[str, ...] = ()
    scale_in_force_deletion: bool | None = None
    priority: str | None = None
    eviction_policy: str | None = None
    spot_max_price: float | None = None
    license_type: str | None = None
    image: ImageReference | None = None
    os_disk: OsDisk = OsDisk()
    data_disks: tuple[DataDisk, ...] = ()
    computer_name_prefix: str | None = None
    admin_username: str | None = None
    ssh_keys: tuple[str, ...] = ()
    password_authentication_disabled: bool | None = None
    allow_extension_operations: bool | None = None
    nics: tuple[NicConfiguration, ...] = ()
    extensions: tuple[Extension, ...] = ()
    encryption_at_host: bool | None = None
    security_type: str | None = None
    secure_boot: bool | None = None
    vtpm: bool | None = None
    ultra_ssd: bool | None = None
    boot_diagnostics: bool | None = None
    terminate_notification: bool | None = None
    os_image_notification: bool | None = None
    has_user_data: bool = False
    gallery_applications: tuple[str, ...] = ()
    proximity_placement_group_id: str | None = None
    capacity_reservation_group_id: str | None = None
    host_group_id: str | None = None

    @property
    def primary_nic(self) -> NicConfiguration | None:
        """The NIC profile that carries the node's own address."""
        return next((nic for nic in self.nics if nic.primary), next(iter(self.nics), None))

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """Every subnet that the model puts nodes on, in order, as received."""
        ids = [ip.subnet_id for nic in self.nics for ip in nic.ip_configurations if ip.subnet_id]
        return tuple({arm.key(subnet): subnet for subnet in reversed(ids)}.values())[::-1]


class PowerState(msgspec.Struct, frozen=True):
    """The power state of an instance (``running``, ``deallocated``, …) and when it was set.

    ``code`` is the instance view's ``PowerState/*`` in lower case without its prefix, or an
    empty string where the view has none; ARM seldom dates it.
    """

    code: str = ""
    since: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether the machine runs, or is on its way to."""
        return self.code in {"running", "starting"}

    @property
    def is_down(self) -> bool:
        """Whether the machine is deallocated or stopped, or on its way there."""
        return self.code in {"deallocated", "deallocating", "stopped", "stopping"}


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that is, or should be, a node: an instance of a scale set or a VM of its own.

    ``provisioning_code`` is the instance view's full ``ProvisioningState/*`` code: a failed
    start for want of capacity reads ``ProvisioningState/failed/AllocationFailed``. ``power`` is
    ``None`` where no instance view was read.
    """

    id: str
    name: str = ""
    tags: Mapping[str, str] = {}
    vm_size: str | None = None
    zones: tuple[str, ...] = ()
    provisioning_state: str = "Succeeded"
    provisioning_code: str = ""
    provisioned_at: datetime | None = None
    created_at: datetime | None = None
    power: PowerState | None = None
    image: ImageReference | None = None
    os_disk: OsDisk = OsDisk()
    data_disks: tuple[DataDisk, ...] = ()
    nic_ids: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def label(self) -> str:
        """What operations and people call it: an instance's number, a VM's name."""
        return arm.name(self.id)

    @property
    def power_code(self) -> str:
        """The code of its power state, or an empty string where none is known."""
        return self.power.code if self.power else ""


class Instance(Node, frozen=True, kw_only=True):
    """One instance of a scale set, with its instance view."""

    instance_id: str
    power: PowerState = PowerState()
    vm_id: str | None = None
    latest_model_applied: bool | None = None
    model_definition: str | None = None
    admin_username: str | None = None
    protected_from_scale_in: bool = False
    protected_from_scale_set_actions: bool = False
    nics: tuple[NicConfiguration, ...] = ()


class VirtualMachine(Node, frozen=True, kw_only=True):
    """A standalone VM in a node resource group (VirtualMachines pool, NAP, availability set)."""

    location: str = ""
    priority: str | None = None
    admin_username: str | None = None
    identity_type: str | None = None
    identity_ids: tuple[str, ...] = ()
    availability_set_id: str | None = None
    scale_set_id: str | None = None


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """A managed disk.

    ``ownership_changed_at``: last attached, detached, or its VM last deallocated or started
    (``properties.LastOwnershipUpdateTime``).
    """

    id: str
    name: str
    managed_by: str | None = None
    state: str | None = None
    ownership_changed_at: datetime | None = None
    tags: Mapping[str, str] = {}
