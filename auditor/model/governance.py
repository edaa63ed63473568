"""What surrounds a node resource group: locks, assignments, autoscale settings, features.

Sources: ``Microsoft.Authorization`` (locks 2020-05-01, role and deny assignments 2022-04-01),
``Microsoft.Insights/autoscaleSettings`` 2022-10-01, ``Microsoft.Features`` 2021-07-01.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A management lock; ``scope`` is what it locks, ``level`` ``CanNotDelete`` or ``ReadOnly``."""

    id: str
    name: str
    level: str
    scope: str


class RoleAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """Who has which role where; ``scope`` may lie above the node resource group."""

    id: str
    principal_id: str
    principal_type: str = ""
    role_definition_id: str = ""
    scope: str = ""


class RoleDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What a role allows, as patterns of actions."""

    id: str
    name: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


class DenyAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """A deny assignment, such as the one behind node resource group lockdown."""

    id: str
    name: str = ""
    scope: str = ""
    is_system_protected: bool = False


class AutoscaleSetting(msgspec.Struct, frozen=True, kw_only=True):
    """An Azure Monitor autoscale setting and what it scales."""

    id: str
    name: str
    enabled: bool = True
    target_id: str = ""


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """A preview feature of ``Microsoft.ContainerService`` and whether it is registered."""

    name: str
    state: str = ""

    @property
    def is_registered(self) -> bool:
        """Whether the subscription has it switched on, or is about to."""
        return self.state.casefold() in {"registered", "registering"}


class PropertyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One property that changed, as Resource Graph kept it (14 days).

    ``before`` and ``after`` are printable; ``None`` where the property was absent. ``path`` has no
    leading ``properties.``; ``client`` is the program that was used, where Azure recognised it
    (``Azure Portal``), or its application id.
    """

    resource_id: str
    path: str
    before: str | None = None
    after: str | None = None
    at: datetime
    correlation_id: str = ""
    changed_by: str = ""
    client: str = ""
    truncated: bool = False


class ManagementGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A management group: ``id`` is its name in ARM, ``name`` what people call it."""

    id: str
    name: str = ""


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a subscription lies among the management groups, the nearest first."""

    subscription_id: str
    groups: tuple[ManagementGroup, ...] = ()
