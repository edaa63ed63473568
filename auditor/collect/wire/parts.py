"""What scale sets, their instances and virtual machines have in common (``Microsoft.Compute``)."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Digest, Reference, Strings, Wire, id_of, moment, strings
from auditor.model import compute as model
from auditor.model import resource_id as arm

_POWER = "powerstate/"
_PROVISIONING = "provisioningstate/"


class Sku(Wire):
    """Size and count."""

    name: str | None = None
    capacity: int | None = None


class Identity(Wire):
    """The managed identities of a machine; the map's values are not needed."""

    type: str | None = None
    user_assigned_identities: dict[str, Reference | None] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the user-assigned ones."""
        return tuple(self.user_assigned_identities or ())


class ExtensionProperties(Wire):
    """``properties`` of an extension; its values are digests, for they can hold secrets."""

    publisher: str | None = None
    type: str | None = None
    type_handler_version: str | None = None
    auto_upgrade_minor_version: bool | None = None
    enable_automatic_upgrade: bool | None = None
    settings: dict[str, Digest] | None = None
    force_update_tag: str | None = None
    provision_after_extensions: Strings | None = None
    suppress_failures: bool | None = None
    protected_settings_from_key_vault: Digest | None = None
    provisioning_state: str | None = None


class WireExtension(Wire):
    """An extension of a model, an instance or a VM."""

    id: str | None = None
    name: str | None = None
    properties: ExtensionProperties | None = None

    def to_model(self) -> model.Extension:
        """The extension in the model's words."""
        own = self.properties or ExtensionProperties()
        settings = sorted((own.settings or {}).items())
        return model.Extension(
            name=self.name or arm.name(self.id or ""),
            publisher=own.publisher or "",
            type=own.type or "",
            version=own.type_handler_version or "",
            auto_upgrade_minor=own.auto_upgrade_minor_version,
            automatic_upgrade=own.enable_automatic_upgrade,
            settings=tuple(model.Setting(name, str(digest)) for name, digest in settings),
            force_update_tag=own.force_update_tag,
            provision_after=strings(own.provision_after_extensions),
            suppress_failures=own.suppress_failures,
            protected_settings_from_key_vault=own.protected_settings_from_key_vault is not None,
            provisioning_state=own.provisioning_state,
        )


def extensions_of(extensions: list[WireExtension] | None) -> tuple[model.Extension, ...]:
    """The extensions in the model's words."""
    return tuple(extension.to_model() for extension in extensions or ())


class WireImage(Wire):
    """An image reference."""

    id: str | None = None
    community_gallery_image_id: str | None = None
    shared_gallery_image_id: str | None = None
    publisher: str | None = None
    offer: str | None = None
    sku: str | None = None
    version: str | None = None
    exact_version: str | None = None

    def to_model(self) -> model.ImageReference:
        """The image in the model's words."""
        return model.ImageReference(**msgspec.structs.asdict(self))


class ManagedDisk(Wire):
    """The managed disk behind an OS or data disk."""

    id: str | None = None
    storage_account_type: str | None = None
    disk_encryption_set: Reference | None = None


class DiffDisk(Wire):
    """Present on ephemeral disks."""

    option: str | None = None
    placement: str | None = None


class WireOsDisk(Wire):
    """The operating system disk."""

    name: str | None = None
    disk_size_gb: int | None = msgspec.field(default=None, name="diskSizeGB")
    caching: str | None = None
    managed_disk: ManagedDisk | None = None
    diff_disk_settings: DiffDisk | None = None

    def to_model(self) -> model.OsDisk:
        """The disk in the model's words."""
        managed, diff = self.managed_disk or ManagedDisk(), self.diff_disk_settings or DiffDisk()
        return model.OsDisk(
            id=managed.id,
            name=self.name,
            size_gb=self.disk_size_gb,
            caching=self.caching,
            storage_account_type=managed.storage_account_type,
            ephemeral=(diff.option or "").casefold() == "local",
            ephemeral_placement=diff.placement,
            encryption_set_id=id_of(managed.disk_encryption_set),
        )


class WireDataDisk(Wire):
    """A data disk."""

    lun: int | None = None
    name: str | None = None
    disk_size_gb: int | None = msgspec.field(default=None, name="diskSizeGB")
    managed_disk: ManagedDisk | None = None

    def to_model(self) -> model.DataDisk:
        """The disk in the model's words."""
        return model.DataDisk(
            lun=self.lun or 0,
            name=self.name,
            id=self.managed_disk.id if self.managed_disk else None,
            size_gb=self.disk_size_gb,
        )


class Storage(Wire):
    """``storageProfile``."""

    image_reference: WireImage | None = None
    os_disk: WireOsDisk | None = None
    data_disks: list[WireDataDisk] | None = None

    @property
    def image(self) -> model.ImageReference | None:
        """The image in the model's words; a reference that names nothing is none."""
        reference = self.image_reference or WireImage()
        return reference.to_model() if reference != WireImage() else None

    @property
    def system_disk(self) -> model.OsDisk:
        """The OS disk in the model's words."""
        return (self.os_disk or WireOsDisk()).to_model()

    @property
    def data(self) -> tuple[model.DataDisk, ...]:
        """The data disks in the model's words."""
        return tuple(disk.to_model() for disk in self.data_disks or ())


class PublicKey(Wire):
    """An SSH public key."""

    key_data: str | None = None


class Ssh(Wire):
    """``ssh``."""

    public_keys: list[PublicKey] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys; a trailing newline is no difference."""
        return tuple(k.key_data.strip() for k in self.public_keys or () if k.key_data)


class LinuxConfiguration(Wire):
    """``linuxConfiguration``."""

    disable_password_authentication: bool | None = None
    ssh: Ssh | None = None


class OsProfile(Wire):
    """``osProfile``; passwords and custom data are never returned, nor would they be kept."""

    computer_name_prefix: str | None = None
    admin_username: str | None = None
    linux_configuration: LinuxConfiguration | None = None
    allow_extension_operations: bool | None = None


class Status(Wire):
    """One status of an instance view."""

    code: str | None = None
    time: str | None = None


class InstanceView(Wire):
    """What runs, as far as Compute tells."""

    statuses: list[Status] | None = None

    @property
    def power(self) -> model.PowerState:
        """The power state in the model's words."""
        status = self._status(_POWER)
        code = (status.code or "").casefold().removeprefix(_POWER)
        return model.PowerState(code=code, since=moment(status.time))

    @property
    def provisioning(self) -> Status:
        """The status of the last provisioning action."""
        return self._status(_PROVISIONING)

    def _status(self, prefix: str) -> Status:
        for status in self.statuses or ():
            if (status.code or "").casefold().startswith(prefix):
                return status
        return Status()
