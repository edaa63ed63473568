"""``Microsoft.Authorization/denyAssignments``, api-version 2022-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class DenyProperties(Wire):
    """``properties`` of a deny assignment."""

    deny_assignment_name: str | None = None
    scope: str | None = None
    is_system_protected: bool | None = None


class WireDenyAssignment(Wire):
    """A deny assignment."""

    id: str
    properties: DenyProperties | None = None

    def to_model(self) -> model.DenyAssignment:
        """The assignment in the model's words."""
        own = self.properties or DenyProperties()
        return model.DenyAssignment(
            id=self.id,
            name=own.deny_assignment_name or arm.name(self.id),
            scope=own.scope or arm.extended(self.id),
            is_system_protected=bool(own.is_system_protected),
        )
