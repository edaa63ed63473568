"""What is there: security groups, virtual networks, subnets.

Source: ``Microsoft.Network``, api-version 2024-05-01 or later; the fields used here are older.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from auditor.model import resource_id as arm


class SecurityRule(msgspec.Struct, frozen=True, kw_only=True):
    """One custom rule of a security group (``securityRules``, never the platform's defaults).

    Singular and plural prefixes of ARM are joined into one tuple, sorted as received.
    """

    name: str
    priority: int = 0
    direction: str = "Inbound"
    access: str = "Allow"
    protocol: str = "*"
    source_prefixes: tuple[str, ...] = ()
    source_ports: tuple[str, ...] = ()
    destination_prefixes: tuple[str, ...] = ()
    destination_ports: tuple[str, ...] = ()
    source_application_security_groups: tuple[str, ...] = ()
    destination_application_security_groups: tuple[str, ...] = ()
    description: str | None = None


class NetworkSecurityGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A network security group with its rules and ARM's own back-references."""

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    provisioning_state: str = "Succeeded"
    rules: tuple[SecurityRule, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    nic_ids: tuple[str, ...] = ()


class Subnet(msgspec.Struct, frozen=True, kw_only=True):
    """A subnet with what is attached to it; ``service_endpoints`` such as ``Microsoft.Sql``."""

    id: str
    name: str
    nsg_id: str | None = None
    route_table_id: str | None = None
    nat_gateway_id: str | None = None
    address_prefixes: tuple[str, ...] = ()
    delegations: tuple[str, ...] = ()
    service_endpoints: tuple[str, ...] = ()
    provisioning_state: str = "Succeeded"


class VirtualNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual network with its subnets; ``peerings`` are the ids of the other networks."""

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    provisioning_state: str = "Succeeded"
    address_prefixes: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()
    peerings: tuple[str, ...] = ()
    subnets: tuple[Subnet, ...] = ()

    def subnet(self, subnet_id: str) -> Subnet | None:
        """The subnet of that id, if this network has it."""
        return next((s for s in self.subnets if arm.same(s.id, subnet_id)), None)


class NetworkInterface(msgspec.Struct, frozen=True, kw_only=True):
    """A network interface of its own, as virtual machines have them.

    Those of scale-set instances are no resources of a group: their models describe them.
    ``dns_servers`` are its own, not those of its network.
    """

    id: str
    name: str
    provisioning_state: str = "Succeeded"
    machine_id: str | None = None
    primary: bool = False
    nsg_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    public_ip_ids: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()


class OutboundRule(msgspec.Struct, frozen=True, kw_only=True):
    """How nodes leave through a load balancer; ports per instance, time-out in minutes."""

    name: str
    allocated_ports: int | None = None
    idle_timeout: int | None = None
    protocol: str | None = None
    tcp_reset: bool | None = None
    frontend_ids: tuple[str, ...] = ()
    backend_pool_id: str | None = None


class LoadBalancer(msgspec.Struct, frozen=True, kw_only=True):
    """A load balancer; ``public_ip_ids`` are those of its frontends.

    ``backend_pools``, ``rules`` and ``inbound_nat_rules`` are names.
    """

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    sku: str | None = None
    provisioning_state: str = "Succeeded"
    public_ip_ids: tuple[str, ...] = ()
    backend_pools: tuple[str, ...] = ()
    outbound_rules: tuple[OutboundRule, ...] = ()
    rules: tuple[str, ...] = ()
    inbound_nat_rules: tuple[str, ...] = ()


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route of a route table."""

    name: str
    prefix: str = ""
    next_hop_type: str = ""
    next_hop_address: str | None = None


class RouteTable(msgspec.Struct, frozen=True, kw_only=True):
    """A route table with its routes and the subnets that use it."""

    id: str
    name: str
    location: str = ""
    tags: Mapping[str, str] = {}
    provisioning_state: str = "Succeeded"
    routes: tuple[Route, ...] = ()
    subnet_ids: tuple[str, ...] = ()


class PublicAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A public IP address; ``owner_id`` is the configuration that uses it."""

    id: str
    name: str
    tags: Mapping[str, str] = {}
    owner_id: str | None = None
