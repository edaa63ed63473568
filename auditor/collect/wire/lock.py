"""``Microsoft.Authorization/locks``, api-version 2020-05-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class LockProperties(Wire):
    """``properties`` of a lock."""

    level: str | None = None


class WireLock(Wire):
    """A management lock; its id begins with the id of what it locks."""

    id: str
    name: str | None = None
    properties: LockProperties | None = None

    def to_model(self) -> model.Lock:
        """The lock in the model's words."""
        own = self.properties or LockProperties()
        return model.Lock(
            id=self.id,
            name=self.name or arm.name(self.id),
            level=own.level or "",
            scope=arm.extended(self.id),
        )
