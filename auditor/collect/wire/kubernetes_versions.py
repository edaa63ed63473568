"""``…/locations/{location}/kubernetesVersions``, api-version 2026-08-01: one answer, no pages."""

from __future__ import annotations

from auditor.collect.wire.base import Strings, Wire, strings
from auditor.model import lifecycle as model


class Capabilities(Wire):
    """``capabilities`` of a version."""

    support_plan: Strings | None = None


class WireVersion(Wire):
    """A minor version."""

    version: str
    is_default: bool | None = None
    is_preview: bool | None = None
    capabilities: Capabilities | None = None
    patch_versions: dict[str, Wire | None] | None = None

    def to_model(self) -> model.KubernetesRelease:
        """The version in the model's words."""
        return model.KubernetesRelease(
            minor=self.version,
            plans=strings((self.capabilities or Capabilities()).support_plan),
            is_preview=bool(self.is_preview),
            is_default=bool(self.is_default),
            patches=tuple(self.patch_versions or ()),
        )


class WireVersions(Wire):
    """All versions that a location offers."""

    values: list[WireVersion]

    def to_model(self) -> tuple[model.KubernetesRelease, ...]:
        """The versions in the model's words."""
        return tuple(version.to_model() for version in self.values)
