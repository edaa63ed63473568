"""``Microsoft.Network/virtualNetworks`` and their subnets, api-version 2024-05-01."""

from __future__ import annotations

from auditor.collect.wire.base import Reference, Strings, Wire, id_of, strings, tags_of
from auditor.model import network as model
from auditor.model import resource_id as arm


class DelegationProperties(Wire):
    """``properties`` of a delegation."""

    service_name: str | None = None


class Delegation(Wire):
    """A service that a subnet is delegated to."""

    properties: DelegationProperties | None = None


class ServiceEndpoint(Wire):
    """A service that is reached from a subnet without leaving Azure's network."""

    service: str | None = None


class SubnetProperties(Wire):
    """``properties`` of a subnet: one address prefix, or several."""

    network_security_group: Reference | None = None
    route_table: Reference | None = None
    nat_gateway: Reference | None = None
    address_prefix: str | None = None
    address_prefixes: Strings | None = None
    delegations: list[Delegation] | None = None
    service_endpoints: list[ServiceEndpoint] | None = None
    provisioning_state: str | None = None


class WireSubnet(Wire):
    """A subnet."""

    id: str
    name: str | None = None
    properties: SubnetProperties | None = None

    def to_model(self) -> model.Subnet:
        """The subnet in the model's words."""
        own = self.properties or SubnetProperties()
        delegations = (d.properties or DelegationProperties() for d in own.delegations or ())
        return model.Subnet(
            id=self.id,
            name=self.name or arm.name(self.id),
            nsg_id=id_of(own.network_security_group),
            route_table_id=id_of(own.route_table),
            nat_gateway_id=id_of(own.nat_gateway),
            address_prefixes=strings([own.address_prefix, *(own.address_prefixes or ())]),
            delegations=strings(d.service_name for d in delegations),
            service_endpoints=strings(e.service for e in own.service_endpoints or ()),
            provisioning_state=own.provisioning_state or "Succeeded",
        )


class AddressSpace(Wire):
    """``addressSpace``."""

    address_prefixes: Strings | None = None


class DhcpOptions(Wire):
    """``dhcpOptions``."""

    dns_servers: Strings | None = None


class PeeringProperties(Wire):
    """``properties`` of a peering."""

    remote_virtual_network: Reference | None = None


class Peering(Wire):
    """A peering with another virtual network."""

    id: str | None = None
    properties: PeeringProperties | None = None

    @property
    def remote_id(self) -> str | None:
        """The other network; the peering itself where it does not name one."""
        return id_of((self.properties or PeeringProperties()).remote_virtual_network) or self.id


class NetworkProperties(Wire):
    """``properties`` of a virtual network."""

    provisioning_state: str | None = None
    address_space: AddressSpace | None = None
    dhcp_options: DhcpOptions | None = None
    subnets: list[WireSubnet] | None = None
    virtual_network_peerings: list[Peering] | None = None


class WireVirtualNetwork(Wire):
    """A virtual network."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    properties: NetworkProperties | None = None

    def to_model(self) -> model.VirtualNetwork:
        """The network in the model's words."""
        own = self.properties or NetworkProperties()
        return model.VirtualNetwork(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            provisioning_state=own.provisioning_state or "Succeeded",
            address_prefixes=strings((own.address_space or AddressSpace()).address_prefixes),
            dns_servers=strings((own.dhcp_options or DhcpOptions()).dns_servers),
            peerings=strings(p.remote_id for p in own.virtual_network_peerings or ()),
            subnets=tuple(subnet.to_model() for subnet in own.subnets or ()),
        )
