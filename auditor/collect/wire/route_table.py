"""``Microsoft.Network/routeTables``, api-version 2024-05-01."""

from __future__ import annotations

from auditor.collect.wire.base import Reference, Wire, ids, tags_of
from auditor.model import network as model
from auditor.model import resource_id as arm


class RouteProperties(Wire):
    """``properties`` of a route."""

    address_prefix: str | None = None
    next_hop_type: str | None = None
    next_hop_ip_address: str | None = None


class WireRoute(Wire):
    """A route."""

    name: str | None = None
    properties: RouteProperties | None = None

    def to_model(self) -> model.Route:
        """The route in the model's words."""
        own = self.properties or RouteProperties()
        return model.Route(
            name=self.name or "",
            prefix=own.address_prefix or "",
            next_hop_type=own.next_hop_type or "",
            next_hop_address=own.next_hop_ip_address,
        )


class RouteTableProperties(Wire):
    """``properties`` of a route table."""

    provisioning_state: str | None = None
    routes: list[WireRoute] | None = None
    subnets: list[Reference] | None = None


class WireRouteTable(Wire):
    """A route table."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    properties: RouteTableProperties | None = None

    def to_model(self) -> model.RouteTable:
        """The table in the model's words."""
        own = self.properties or RouteTableProperties()
        return model.RouteTable(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            provisioning_state=own.provisioning_state or "Succeeded",
            routes=tuple(route.to_model() for route in own.routes or ()),
            subnet_ids=ids(own.subnets),
        )
