"""Management groups above a subscription, as Resource Graph shows them (``resourcecontainers``).

Source: "Azure Resource Graph sample queries for management groups": the chain begins with the
subscription's parent and ends with the tenant's root group.
"""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model import governance as model
from auditor.model import resource_id as arm


class WireAncestor(Wire):
    """One group of the chain; ``name`` is its id."""

    name: str | None = None
    display_name: str | None = None


class PlacementProperties(Wire):
    """``properties`` of a subscription."""

    management_group_ancestors_chain: list[WireAncestor] | None = None


class WirePlacement(Wire):
    """A subscription as a container of resources."""

    id: str
    properties: PlacementProperties | None = None

    def to_model(self) -> model.Placement:
        """The placement in the model's words."""
        own = self.properties or PlacementProperties()
        return model.Placement(
            subscription_id=arm.subscription(self.id),
            groups=tuple(
                model.ManagementGroup(id=one.name, name=one.display_name or "")
                for one in own.management_group_ancestors_chain or ()
                if one.name
            ),
        )
