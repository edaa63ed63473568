"""``Microsoft.Compute/virtualMachineScaleSets``, api-version 2026-04-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import (
    Digest,
    Reference,
    Strings,
    Wire,
    id_of,
    moment,
    strings,
    tags_of,
)
from auditor.collect.wire.nic import NicConfigurations
from auditor.collect.wire.parts import (
    Identity,
    LinuxConfiguration,
    OsProfile,
    Sku,
    Ssh,
    Storage,
    WireExtension,
    extensions_of,
)
from auditor.model import compute as model
from auditor.model import resource_id as arm


class Switch(Wire):
    """A profile that is on or off; Azure spells it ``enabled`` or ``enable``."""

    enabled: bool | None = None
    enable: bool | None = None

    @property
    def on(self) -> bool | None:
        """Whether it is on, if it says so."""
        return self.enabled if self.enabled is not None else self.enable


class AutomaticOsUpgrade(Wire):
    """``automaticOSUpgradePolicy``."""

    enable_automatic_os_upgrade: bool | None = msgspec.field(
        default=None, name="enableAutomaticOSUpgrade"
    )


class UpgradePolicy(Wire):
    """``upgradePolicy``."""

    mode: str | None = None
    automatic_os_upgrade_policy: AutomaticOsUpgrade | None = msgspec.field(
        default=None, name="automaticOSUpgradePolicy"
    )


class ScaleInPolicy(Wire):
    """``scaleInPolicy``."""

    rules: Strings | None = None
    force_deletion: bool | None = None


class Uefi(Wire):
    """``uefiSettings``."""

    secure_boot_enabled: bool | None = None
    v_tpm_enabled: bool | None = None


class SecurityProfile(Wire):
    """``securityProfile``."""

    encryption_at_host: bool | None = None
    security_type: str | None = None
    uefi_settings: Uefi | None = None


class Diagnostics(Wire):
    """``diagnosticsProfile``."""

    boot_diagnostics: Switch | None = None


class ScheduledEvents(Wire):
    """``scheduledEventsProfile``."""

    terminate_notification_profile: Switch | None = None
    os_image_notification_profile: Switch | None = None


class Billing(Wire):
    """``billingProfile``."""

    max_price: float | None = None


class CapacityReservation(Wire):
    """``capacityReservation``."""

    capacity_reservation_group: Reference | None = None


class GalleryApplication(Wire):
    """One of ``applicationProfile.galleryApplications``."""

    package_reference_id: str | None = None


class Applications(Wire):
    """``applicationProfile``."""

    gallery_applications: list[GalleryApplication] | None = None


class Extensions(Wire):
    """``extensionProfile``."""

    extensions: list[WireExtension] | None = None


class Capabilities(Wire):
    """``additionalCapabilities``."""

    ultra_ssd_enabled: bool | None = msgspec.field(default=None, name="ultraSSDEnabled")


class MachineProfile(Wire):
    """``virtualMachineProfile``: what every instance starts from."""

    os_profile: OsProfile | None = None
    storage_profile: Storage | None = None
    network_profile: NicConfigurations | None = None
    extension_profile: Extensions | None = None
    security_profile: SecurityProfile | None = None
    diagnostics_profile: Diagnostics | None = None
    scheduled_events_profile: ScheduledEvents | None = None
    application_profile: Applications | None = None
    capacity_reservation: CapacityReservation | None = None
    billing_profile: Billing | None = None
    priority: str | None = None
    eviction_policy: str | None = None
    license_type: str | None = None
    user_data: Digest | None = None

    def describe(self, scale_set: model.ScaleSet) -> model.ScaleSet:
        """The scale set with what its machines are like."""
        return self._with_software(self._with_hardware(scale_set))

    def _with_hardware(self, scale_set: model.ScaleSet) -> model.ScaleSet:
        storage = self.storage_profile or Storage()
        security = self.security_profile or SecurityProfile()
        uefi = security.uefi_settings or Uefi()
        reservation = self.capacity_reservation or CapacityReservation()
        return msgspec.structs.replace(
            scale_set,
            priority=self.priority,
            eviction_policy=self.eviction_policy,
            spot_max_price=(self.billing_profile or Billing()).max_price,
            image=storage.image,
            os_disk=storage.system_disk,
            data_disks=storage.data,
            nics=(self.network_profile or NicConfigurations()).nics,
            encryption_at_host=security.encryption_at_host,
            security_type=security.security_type,
            secure_boot=uefi.secure_boot_enabled,
            vtpm=uefi.v_tpm_enabled,
            capacity_reservation_group_id=id_of(reservation.capacity_reservation_group),
        )

    def _with_software(self, scale_set: model.ScaleSet) -> model.ScaleSet:
        os = self.os_profile or OsProfile()
        linux = os.linux_configuration or LinuxConfiguration()
        diagnostics = self.diagnostics_profile or Diagnostics()
        events = self.scheduled_events_profile or ScheduledEvents()
        applications = (self.application_profile or Applications()).gallery_applications
        return msgspec.structs.replace(
            scale_set,
            license_type=self.license_type,
            computer_name_prefix=os.computer_name_prefix,
            admin_username=os.admin_username,
            ssh_keys=(linux.ssh or Ssh()).keys,
            password_authentication_disabled=linux.disable_password_authentication,
            allow_extension_operations=os.allow_extension_operations,
            extensions=extensions_of((self.extension_profile or Extensions()).extensions),
            boot_diagnostics=(diagnostics.boot_diagnostics or Switch()).on,
            terminate_notification=(events.terminate_notification_profile or Switch()).on,
            os_image_notification=(events.os_image_notification_profile or Switch()).on,
            has_user_data=self.user_data is not None,
            gallery_applications=strings(a.package_reference_id for a in applications or ()),
        )


class ScaleSetProperties(Wire):
    """``properties`` of a scale set."""

    virtual_machine_profile: MachineProfile | None = None
    upgrade_policy: UpgradePolicy | None = None
    automatic_repairs_policy: Switch | None = None
    scale_in_policy: ScaleInPolicy | None = None
    additional_capabilities: Capabilities | None = None
    overprovision: bool | None = None
    single_placement_group: bool | None = None
    platform_fault_domain_count: int | None = None
    orchestration_mode: str | None = None
    provisioning_state: str | None = None
    unique_id: str | None = None
    time_created: str | None = None
    proximity_placement_group: Reference | None = None
    host_group: Reference | None = None

    def describe(self, scale_set: model.ScaleSet) -> model.ScaleSet:
        """The scale set with its own settings."""
        upgrade = self.upgrade_policy or UpgradePolicy()
        automatic = upgrade.automatic_os_upgrade_policy or AutomaticOsUpgrade()
        scale_in = self.scale_in_policy or ScaleInPolicy()
        described = msgspec.structs.replace(
            scale_set,
            unique_id=self.unique_id,
            provisioning_state=self.provisioning_state or "Succeeded",
            created_at=moment(self.time_created),
            orchestration_mode=self.orchestration_mode,
            single_placement_group=self.single_placement_group,
            upgrade_mode=upgrade.mode,
            automatic_os_upgrade=automatic.enable_automatic_os_upgrade,
            automatic_repairs=(self.automatic_repairs_policy or Switch()).on,
            overprovision=self.overprovision,
            fault_domain_count=self.platform_fault_domain_count,
            scale_in_rules=strings(scale_in.rules),
            scale_in_force_deletion=scale_in.force_deletion,
            ultra_ssd=(self.additional_capabilities or Capabilities()).ultra_ssd_enabled,
            proximity_placement_group_id=id_of(self.proximity_placement_group),
            host_group_id=id_of(self.host_group),
        )
        return (self.virtual_machine_profile or MachineProfile()).describe(described)


class WireScaleSet(Wire):
    """A scale set."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    sku: Sku | None = None
    zones: Strings | None = None
    identity: Identity | None = None
    etag: str | None = None
    properties: ScaleSetProperties | None = None

    def to_model(self) -> model.ScaleSet:
        """The scale set in the model's words."""
        sku, identity = self.sku or Sku(), self.identity or Identity()
        outline = model.ScaleSet(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            sku_name=sku.name,
            capacity=sku.capacity,
            zones=strings(self.zones),
            identity_type=identity.type,
            identity_ids=identity.ids,
            etag=self.etag,
        )
        return (self.properties or ScaleSetProperties()).describe(outline)
