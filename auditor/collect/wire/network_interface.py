"""``Microsoft.Network/networkInterfaces``, api-version 2024-05-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Reference, Wire, id_of, ids, strings
from auditor.collect.wire.nic import DnsSettings
from auditor.model import network as model
from auditor.model import resource_id as arm


class IpProperties(Wire):
    """``properties`` of an IP configuration; the public address is a resource of its own."""

    subnet: Reference | None = None
    public_ip: Reference | None = msgspec.field(default=None, name="publicIPAddress")


class IpConfiguration(Wire):
    """An IP configuration of the interface."""

    properties: IpProperties | None = None


class InterfaceProperties(Wire):
    """``properties`` of a network interface."""

    provisioning_state: str | None = None
    primary: bool | None = None
    virtual_machine: Reference | None = None
    network_security_group: Reference | None = None
    dns_settings: DnsSettings | None = None
    ip_configurations: list[IpConfiguration] | None = None


class WireNetworkInterface(Wire):
    """A network interface that is a resource of its own."""

    id: str
    name: str | None = None
    properties: InterfaceProperties | None = None

    def to_model(self) -> model.NetworkInterface:
        """The interface in the model's words."""
        own = self.properties or InterfaceProperties()
        addresses = [ip.properties or IpProperties() for ip in own.ip_configurations or ()]
        return model.NetworkInterface(
            id=self.id,
            name=self.name or arm.name(self.id),
            provisioning_state=own.provisioning_state or "Succeeded",
            machine_id=id_of(own.virtual_machine),
            primary=bool(own.primary),
            nsg_id=id_of(own.network_security_group),
            subnet_ids=ids(a.subnet for a in addresses if a.subnet),
            public_ip_ids=ids(a.public_ip for a in addresses if a.public_ip),
            dns_servers=strings((own.dns_settings or DnsSettings()).dns_servers),
        )
