"""``Microsoft.Compute/disks``, api-version 2026-03-02."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Wire, moment, tags_of
from auditor.model import compute as model
from auditor.model import resource_id as arm


class DiskProperties(Wire):
    """``properties`` of a disk; one name really begins with a capital."""

    disk_state: str | None = None
    last_ownership_update_time: str | None = msgspec.field(
        default=None, name="LastOwnershipUpdateTime"
    )


class WireDisk(Wire):
    """A managed disk."""

    id: str
    name: str | None = None
    managed_by: str | None = None
    tags: dict[str, str | None] | None = None
    properties: DiskProperties | None = None

    def to_model(self) -> model.Disk:
        """The disk in the model's words."""
        own = self.properties or DiskProperties()
        return model.Disk(
            id=self.id,
            name=self.name or arm.name(self.id),
            managed_by=self.managed_by,
            state=own.disk_state,
            ownership_changed_at=moment(own.last_ownership_update_time),
            tags=tags_of(self.tags),
        )
