"""``Microsoft.Compute/virtualMachines``, api-version 2026-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Reference, Strings, Wire, id_of, ids, moment, strings, tags_of
from auditor.collect.wire.instance import Hardware
from auditor.collect.wire.nic import NetworkInterfaces
from auditor.collect.wire.parts import (
    Identity,
    InstanceView,
    OsProfile,
    Storage,
    WireExtension,
    extensions_of,
)
from auditor.model import compute as model
from auditor.model import resource_id as arm


class MachineProperties(Wire):
    """``properties`` of a virtual machine."""

    provisioning_state: str | None = None
    time_created: str | None = None
    priority: str | None = None
    hardware_profile: Hardware | None = None
    storage_profile: Storage | None = None
    os_profile: OsProfile | None = None
    network_profile: NetworkInterfaces | None = None
    instance_view: InstanceView | None = None
    availability_set: Reference | None = None
    virtual_machine_scale_set: Reference | None = None


class WireVirtualMachine(Wire):
    """A standalone virtual machine."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    zones: Strings | None = None
    identity: Identity | None = None
    properties: MachineProperties | None = None
    resources: list[WireExtension] | None = None

    def to_model(self) -> model.VirtualMachine:
        """The machine in the model's words."""
        own = self.properties or MachineProperties()
        storage = own.storage_profile or Storage()
        view = own.instance_view or InstanceView()
        identity = self.identity or Identity()
        return model.VirtualMachine(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            vm_size=(own.hardware_profile or Hardware()).vm_size,
            zones=strings(self.zones),
            priority=own.priority,
            provisioning_state=own.provisioning_state or "Succeeded",
            provisioning_code=view.provisioning.code or "",
            provisioned_at=moment(view.provisioning.time),
            power=view.power if own.instance_view else None,
            created_at=moment(own.time_created),
            admin_username=(own.os_profile or OsProfile()).admin_username,
            identity_type=identity.type,
            identity_ids=identity.ids,
            image=storage.image,
            os_disk=storage.system_disk,
            data_disks=storage.data,
            nic_ids=ids((own.network_profile or NetworkInterfaces()).network_interfaces),
            availability_set_id=id_of(own.availability_set),
            scale_set_id=id_of(own.virtual_machine_scale_set),
            extensions=extensions_of(self.resources),
        )
