"""``Microsoft.Network/loadBalancers``, api-version 2024-05-01."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Reference, Wire, id_of, ids, strings, tags_of
from auditor.collect.wire.parts import Sku
from auditor.model import network as model
from auditor.model import resource_id as arm


class FrontendProperties(Wire):
    """``properties`` of a frontend."""

    public_address: Reference | None = msgspec.field(default=None, name="publicIPAddress")


class Frontend(Wire):
    """A frontend: a public address, or an address of a subnet."""

    properties: FrontendProperties | None = None


class OutboundProperties(Wire):
    """``properties`` of an outbound rule."""

    allocated_outbound_ports: int | None = None
    idle_timeout_in_minutes: int | None = None
    protocol: str | None = None
    enable_tcp_reset: bool | None = None
    frontends: list[Reference] | None = msgspec.field(default=None, name="frontendIPConfigurations")
    backend_address_pool: Reference | None = None


class WireOutboundRule(Wire):
    """An outbound rule."""

    name: str | None = None
    properties: OutboundProperties | None = None

    def to_model(self) -> model.OutboundRule:
        """The rule in the model's words."""
        own = self.properties or OutboundProperties()
        return model.OutboundRule(
            name=self.name or "",
            allocated_ports=own.allocated_outbound_ports,
            idle_timeout=own.idle_timeout_in_minutes,
            protocol=own.protocol,
            tcp_reset=own.enable_tcp_reset,
            frontend_ids=ids(own.frontends),
            backend_pool_id=id_of(own.backend_address_pool),
        )


class Named(Wire):
    """A child of which the name is enough."""

    name: str | None = None


class LoadBalancerProperties(Wire):
    """``properties`` of a load balancer."""

    provisioning_state: str | None = None
    frontends: list[Frontend] | None = msgspec.field(default=None, name="frontendIPConfigurations")
    backend_address_pools: list[Named] | None = None
    outbound_rules: list[WireOutboundRule] | None = None
    load_balancing_rules: list[Named] | None = None
    inbound_nat_rules: list[Named] | None = None

    @property
    def public_addresses(self) -> tuple[str, ...]:
        """The ids of the frontends' public addresses."""
        fronts = (front.properties or FrontendProperties() for front in self.frontends or ())
        return strings(id_of(front.public_address) for front in fronts)


class WireLoadBalancer(Wire):
    """A load balancer."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    sku: Sku | None = None
    properties: LoadBalancerProperties | None = None

    def to_model(self) -> model.LoadBalancer:
        """The load balancer in the model's words."""
        own = self.properties or LoadBalancerProperties()
        return model.LoadBalancer(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            sku=(self.sku or Sku()).name,
            provisioning_state=own.provisioning_state or "Succeeded",
            public_ip_ids=own.public_addresses,
            backend_pools=_names(own.backend_address_pools),
            outbound_rules=tuple(rule.to_model() for rule in own.outbound_rules or ()),
            rules=_names(own.load_balancing_rules),
            inbound_nat_rules=_names(own.inbound_nat_rules),
        )


def _names(children: list[Named] | None) -> tuple[str, ...]:
    return strings(child.name for child in children or ())
