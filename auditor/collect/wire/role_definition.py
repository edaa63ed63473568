"""``Microsoft.Authorization/roleDefinitions``, api-version 2022-04-01."""

from __future__ import annotations

from auditor.collect.wire.base import Strings, Wire, strings
from auditor.model import governance as model


class Permission(Wire):
    """What a role allows, less what it leaves out."""

    actions: Strings | None = None
    not_actions: Strings | None = None


class DefinitionProperties(Wire):
    """``properties`` of a role definition; nearly all have one permission."""

    role_name: str | None = None
    permissions: list[Permission] | None = None


class WireRoleDefinition(Wire):
    """A role definition, built in or custom."""

    id: str
    properties: DefinitionProperties | None = None

    def to_model(self) -> model.RoleDefinition:
        """The definition in the model's words."""
        own = self.properties or DefinitionProperties()
        permissions = own.permissions or []
        return model.RoleDefinition(
            id=self.id,
            name=own.role_name or "",
            actions=strings(a for p in permissions for a in p.actions or ()),
            not_actions=strings(a for p in permissions for a in p.not_actions or ()),
        )
