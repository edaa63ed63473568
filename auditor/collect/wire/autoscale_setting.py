"""``Microsoft.Insights/autoscaleSettings``, api-version 2022-10-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class AutoscaleProperties(Wire):
    """``properties`` of an autoscale setting."""

    enabled: bool | None = None
    target_resource_uri: str | None = None


class WireAutoscaleSetting(Wire):
    """An autoscale setting."""

    id: str
    name: str | None = None
    properties: AutoscaleProperties | None = None

    def to_model(self) -> model.AutoscaleSetting:
        """The setting in the model's words."""
        own = self.properties or AutoscaleProperties()
        return model.AutoscaleSetting(
            id=self.id,
            name=self.name or arm.name(self.id),
            enabled=bool(own.enabled),
            target_id=own.target_resource_uri or "",
        )
