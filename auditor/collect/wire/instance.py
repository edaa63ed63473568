"""``…/virtualMachineScaleSets/{set}/virtualMachines``, ``$expand=instanceView``, 2026-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Strings, Wire, ids, moment, strings, tags_of
from auditor.collect.wire.nic import NetworkInterfaces, NicConfigurations
from auditor.collect.wire.parts import (
    InstanceView,
    OsProfile,
    Sku,
    Storage,
    WireExtension,
    extensions_of,
)
from auditor.model import compute as model
from auditor.model import resource_id as arm


class Hardware(Wire):
    """``hardwareProfile``."""

    vm_size: str | None = None


class Protection(Wire):
    """``protectionPolicy``."""

    protect_from_scale_in: bool | None = None
    protect_from_scale_set_actions: bool | None = None


class InstanceProperties(Wire):
    """``properties`` of an instance."""

    latest_model_applied: bool | None = None
    model_definition_applied: str | None = None
    vm_id: str | None = None
    provisioning_state: str | None = None
    time_created: str | None = None
    instance_view: InstanceView | None = None
    hardware_profile: Hardware | None = None
    storage_profile: Storage | None = None
    os_profile: OsProfile | None = None
    network_profile: NetworkInterfaces | None = None
    network_profile_configuration: NicConfigurations | None = None
    protection_policy: Protection | None = None


class WireInstance(Wire):
    """One instance of a scale set."""

    id: str
    instance_id: str | None = None
    name: str | None = None
    tags: dict[str, str | None] | None = None
    sku: Sku | None = None
    zones: Strings | None = None
    properties: InstanceProperties | None = None
    resources: list[WireExtension] | None = None

    def to_model(self) -> model.Instance:
        """The instance in the model's words."""
        own = self.properties or InstanceProperties()
        view = own.instance_view or InstanceView()
        storage = own.storage_profile or Storage()
        protection = own.protection_policy or Protection()
        size = (own.hardware_profile or Hardware()).vm_size or (self.sku or Sku()).name
        return model.Instance(
            id=self.id,
            instance_id=self.instance_id or arm.name(self.id),
            name=self.name or "",
            tags=tags_of(self.tags),
            vm_size=size,
            vm_id=own.vm_id,
            zones=strings(self.zones),
            provisioning_state=own.provisioning_state or "Succeeded",
            provisioning_code=view.provisioning.code or "",
            provisioned_at=moment(view.provisioning.time),
            created_at=moment(own.time_created),
            power=view.power,
            latest_model_applied=own.latest_model_applied,
            model_definition=own.model_definition_applied,
            image=storage.image,
            os_disk=storage.system_disk,
            data_disks=storage.data,
            admin_username=(own.os_profile or OsProfile()).admin_username,
            protected_from_scale_in=bool(protection.protect_from_scale_in),
            protected_from_scale_set_actions=bool(protection.protect_from_scale_set_actions),
            nics=(own.network_profile_configuration or NicConfigurations()).nics,
            nic_ids=ids((own.network_profile or NetworkInterfaces()).network_interfaces),
            extensions=extensions_of(self.resources),
        )
