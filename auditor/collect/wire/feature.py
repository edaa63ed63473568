"""``Microsoft.Features``: the preview features of ``Microsoft.ContainerService``, 2021-07-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class FeatureProperties(Wire):
    """``properties`` of a feature."""

    state: str | None = None


class WireFeature(Wire):
    """A feature; ARM puts the provider's namespace before its name."""

    id: str
    name: str | None = None
    properties: FeatureProperties | None = None

    def to_model(self) -> model.Feature:
        """The feature in the model's words."""
        own = self.properties or FeatureProperties()
        return model.Feature(name=arm.name(self.name or self.id), state=own.state or "")
