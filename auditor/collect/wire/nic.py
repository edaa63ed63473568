"""Network interfaces, as scale sets, instances and virtual machines describe them."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Reference, Strings, Wire, id_of, ids, strings
from auditor.model import compute as model


class DnsSettings(Wire):
    """``dnsSettings``."""

    dns_servers: Strings | None = None


class PublicIpProperties(Wire):
    """``properties`` of a public IP configuration."""

    public_ip_prefix: Reference | None = msgspec.field(default=None, name="publicIPPrefix")


class PublicIp(Wire):
    """``publicIPAddressConfiguration``; an instance's shows an id instead of properties."""

    properties: PublicIpProperties | None = None


class IpProperties(Wire):
    """``properties`` of an IP configuration."""

    primary: bool | None = None
    subnet: Reference | None = None
    public_ip: PublicIp | None = msgspec.field(default=None, name="publicIPAddressConfiguration")
    load_balancer_backend_address_pools: list[Reference] | None = None
    load_balancer_inbound_nat_pools: list[Reference] | None = None
    application_gateway_backend_address_pools: list[Reference] | None = None
    application_security_groups: list[Reference] | None = None


class WireIpConfiguration(Wire):
    """An IP configuration of a network interface."""

    name: str | None = None
    properties: IpProperties | None = None

    def to_model(self) -> model.IpConfiguration:
        """The configuration in the model's words."""
        own = self.properties or IpProperties()
        public = (own.public_ip and own.public_ip.properties) or PublicIpProperties()
        return model.IpConfiguration(
            name=self.name or "",
            primary=bool(own.primary),
            subnet_id=id_of(own.subnet),
            public_ip=own.public_ip is not None,
            public_ip_prefix_id=id_of(public.public_ip_prefix),
            backend_pool_ids=ids(own.load_balancer_backend_address_pools),
            inbound_nat_pool_ids=ids(own.load_balancer_inbound_nat_pools),
            gateway_pool_ids=ids(own.application_gateway_backend_address_pools),
            application_security_group_ids=ids(own.application_security_groups),
        )


class NicProperties(Wire):
    """``properties`` of a network interface configuration."""

    primary: bool | None = None
    enable_ip_forwarding: bool | None = msgspec.field(default=None, name="enableIPForwarding")
    enable_accelerated_networking: bool | None = None
    network_security_group: Reference | None = None
    dns_settings: DnsSettings | None = None
    ip_configurations: list[WireIpConfiguration] | None = None


class WireNic(Wire):
    """A network interface configuration."""

    name: str | None = None
    properties: NicProperties | None = None

    def to_model(self) -> model.NicConfiguration:
        """The interface in the model's words."""
        own = self.properties or NicProperties()
        return model.NicConfiguration(
            name=self.name or "",
            primary=bool(own.primary),
            ip_forwarding=own.enable_ip_forwarding,
            accelerated_networking=own.enable_accelerated_networking,
            nsg_id=id_of(own.network_security_group),
            dns_servers=strings((own.dns_settings or DnsSettings()).dns_servers),
            ip_configurations=tuple(ip.to_model() for ip in own.ip_configurations or ()),
        )


class NicConfigurations(Wire):
    """``networkProfile`` of a model, ``networkProfileConfiguration`` of an instance."""

    network_interface_configurations: list[WireNic] | None = None

    @property
    def nics(self) -> tuple[model.NicConfiguration, ...]:
        """The interfaces in the model's words."""
        return tuple(nic.to_model() for nic in self.network_interface_configurations or ())


class NetworkInterfaces(Wire):
    """``networkProfile`` of an instance or a VM: ids of interfaces."""

    network_interfaces: list[Reference] | None = None
