"""``GET …/resourceGroups/{group}/resources``, api-version 2025-04-01: any resource, in outline."""

from __future__ import annotations

from auditor.collect.wire.base import Wire, tags_of
from auditor.model import resource_id as arm
from auditor.model.snapshot import Resident


class WireResident(Wire):
    """A resource of any type."""

    id: str
    name: str | None = None
    type: str | None = None
    location: str | None = None
    managed_by: str | None = None
    tags: dict[str, str | None] | None = None

    def to_model(self) -> Resident:
        """The resource in the model's words."""
        return Resident(
            id=self.id,
            name=self.name or arm.name(self.id),
            type=self.type or arm.resource_type(self.id),
            location=self.location or "",
            managed_by=self.managed_by,
            tags=tags_of(self.tags),
        )
