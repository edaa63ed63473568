"""``Microsoft.Network/publicIPAddresses``, api-version 2024-05-01."""

from __future__ import annotations

from auditor.collect.wire.base import Reference, Wire, id_of, tags_of
from auditor.model import network as model
from auditor.model import resource_id as arm


class AddressProperties(Wire):
    """``properties`` of a public IP address: it serves one IP configuration, or a NAT gateway."""

    ip_configuration: Reference | None = None
    nat_gateway: Reference | None = None


class WirePublicAddress(Wire):
    """A public IP address."""

    id: str
    name: str | None = None
    tags: dict[str, str | None] | None = None
    properties: AddressProperties | None = None

    def to_model(self) -> model.PublicAddress:
        """The address in the model's words."""
        own = self.properties or AddressProperties()
        return model.PublicAddress(
            id=self.id,
            name=self.name or arm.name(self.id),
            tags=tags_of(self.tags),
            owner_id=id_of(own.ip_configuration) or id_of(own.nat_gateway),
        )
