"""``Microsoft.Resources/resourceGroups``, api-version 2025-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire, tags_of
from auditor.model import resource_id as arm
from auditor.model.snapshot import ResourceGroup


class GroupProperties(Wire):
    """``properties`` of a resource group."""

    provisioning_state: str | None = None


class WireResourceGroup(Wire):
    """A resource group."""

    id: str
    name: str | None = None
    location: str | None = None
    managed_by: str | None = None
    tags: dict[str, str | None] | None = None
    properties: GroupProperties | None = None

    def to_model(self) -> ResourceGroup:
        """The group in the model's words."""
        properties = self.properties or GroupProperties()
        return ResourceGroup(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            managed_by=self.managed_by,
            tags=tags_of(self.tags),
            provisioning_state=properties.provisioning_state or "",
        )
