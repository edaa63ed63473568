"""``Microsoft.Authorization/roleAssignments``, api-version 2022-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class AssignmentProperties(Wire):
    """``properties`` of a role assignment."""

    principal_id: str | None = None
    principal_type: str | None = None
    role_definition_id: str | None = None
    scope: str | None = None


class WireRoleAssignment(Wire):
    """A role assignment."""

    id: str
    properties: AssignmentProperties | None = None

    def to_model(self) -> model.RoleAssignment:
        """The assignment in the model's words."""
        own = self.properties or AssignmentProperties()
        return model.RoleAssignment(
            id=self.id,
            principal_id=own.principal_id or "",
            principal_type=own.principal_type or "",
            role_definition_id=own.role_definition_id or "",
            scope=own.scope or arm.extended(self.id),
        )
