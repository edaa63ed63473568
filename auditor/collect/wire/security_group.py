"""``Microsoft.Network/networkSecurityGroups``, api-version 2024-05-01."""

from __future__ import annotations

from auditor.collect.wire.base import Reference, Strings, Wire, ids, strings, tags_of
from auditor.model import network as model
from auditor.model import resource_id as arm


class RuleProperties(Wire):
    """``properties`` of a security rule: one prefix or port, or several, seldom both."""

    priority: int | None = None
    direction: str | None = None
    access: str | None = None
    protocol: str | None = None
    description: str | None = None
    source_address_prefix: str | None = None
    source_address_prefixes: Strings | None = None
    source_port_range: str | None = None
    source_port_ranges: Strings | None = None
    source_application_security_groups: list[Reference] | None = None
    destination_address_prefix: str | None = None
    destination_address_prefixes: Strings | None = None
    destination_port_range: str | None = None
    destination_port_ranges: Strings | None = None
    destination_application_security_groups: list[Reference] | None = None


class WireRule(Wire):
    """A custom rule."""

    name: str
    properties: RuleProperties | None = None

    def to_model(self) -> model.SecurityRule:
        """The rule in the model's words."""
        own = self.properties or RuleProperties()
        return model.SecurityRule(
            name=self.name,
            priority=own.priority or 0,
            direction=own.direction or "Inbound",
            access=own.access or "Allow",
            protocol=own.protocol or "*",
            source_prefixes=_joined(own.source_address_prefix, own.source_address_prefixes),
            source_ports=_joined(own.source_port_range, own.source_port_ranges),
            destination_prefixes=_joined(
                own.destination_address_prefix, own.destination_address_prefixes
            ),
            destination_ports=_joined(own.destination_port_range, own.destination_port_ranges),
            source_application_security_groups=ids(own.source_application_security_groups),
            destination_application_security_groups=ids(
                own.destination_application_security_groups
            ),
            description=own.description,
        )


class SecurityGroupProperties(Wire):
    """``properties`` of a security group; the platform's default rules are left out."""

    provisioning_state: str | None = None
    security_rules: list[WireRule] | None = None
    subnets: list[Reference] | None = None
    network_interfaces: list[Reference] | None = None


class WireSecurityGroup(Wire):
    """A network security group."""

    id: str
    name: str | None = None
    location: str | None = None
    tags: dict[str, str | None] | None = None
    properties: SecurityGroupProperties | None = None

    def to_model(self) -> model.NetworkSecurityGroup:
        """The group in the model's words."""
        own = self.properties or SecurityGroupProperties()
        return model.NetworkSecurityGroup(
            id=self.id,
            name=self.name or arm.name(self.id),
            location=self.location or "",
            tags=tags_of(self.tags),
            provisioning_state=own.provisioning_state or "Succeeded",
            rules=tuple(rule.to_model() for rule in own.security_rules or ()),
            subnet_ids=ids(own.subnets),
            nic_ids=ids(own.network_interfaces),
        )


def _joined(single: str | None, several: Strings | None) -> tuple[str, ...]:
    return strings([single or None, *(several or ())])
