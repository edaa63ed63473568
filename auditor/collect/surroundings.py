"""What surrounds clusters: locks, roles, autoscale settings, features, Kubernetes versions.

All of it is evidence beside the point: where it is refused, one gap stands in its facet, and
nothing else is less known for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from auditor.collect import surfaces
from auditor.collect.concurrency import every, together
from auditor.collect.facets import is_absent, mapped, under_group
from auditor.collect.reader import Reader
from auditor.collect.releases import Releases
from auditor.collect.surfaces import Surface
from auditor.model import resource_id as arm
from auditor.model.facet import Facet, Gap, Known
from auditor.model.governance import (
    AutoscaleSetting,
    DenyAssignment,
    Feature,
    Lock,
    RoleAssignment,
    RoleDefinition,
)
from auditor.model.snapshot import Cluster

M = TypeVar("M")

_AT_OR_ABOVE = "atScope()"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one subscription's lists say; each level below it is in them, too."""

    autoscale_settings: Facet[tuple[AutoscaleSetting, ...]]
    locks: Facet[tuple[Lock, ...]]
    role_definitions: Facet[tuple[RoleDefinition, ...]]
    deny_assignments: Facet[tuple[DenyAssignment, ...]]
    features: Facet[tuple[Feature, ...]]


async def surrounded(
    reader: Reader, releases: Releases, subscription_id: str, clusters: Sequence[Cluster]
) -> list[Cluster]:
    """The clusters of a subscription with what surrounds them; unreadable ones stay as they are."""
    known = [cluster for cluster in clusters if isinstance(cluster.managed, Known)]
    if not known:
        return list(clusters)
    surroundings = await _read(reader, subscription_id)
    changed = await every(_around(reader, releases, surroundings, cluster) for cluster in known)
    by_id = {cluster.id: cluster for cluster in changed}
    return [by_id.get(cluster.id, cluster) for cluster in clusters]


async def _read(reader: Reader, subscription_id: str) -> Surroundings:
    async with together() as tasks:

        def begin(surface: Surface[M]) -> asyncio.Task[Facet[tuple[M, ...]]]:
            return tasks.create_task(reader.list(surface, f"/subscriptions/{subscription_id}"))

        autoscale_settings = begin(surfaces.AUTOSCALE_SETTINGS)
        locks = begin(surfaces.LOCKS)
        role_definitions = begin(surfaces.ROLE_DEFINITIONS)
        deny_assignments = begin(surfaces.DENY_ASSIGNMENTS)
        features = begin(surfaces.FEATURES)
    return Surroundings(
        autoscale_settings=autoscale_settings.result(),
        locks=locks.result(),
        role_definitions=role_definitions.result(),
        deny_assignments=deny_assignments.result(),
        features=features.result(),
    )


async def _around(
    reader: Reader, releases: Releases, surroundings: Surroundings, cluster: Cluster
) -> Cluster:
    managed = cluster.managed.require()
    placed = msgspec.structs.replace(
        cluster,
        features=surroundings.features,
        releases=await releases.at(managed.location, cluster.subscription.id),
    )
    if is_absent(cluster.node_resource_group):
        return placed
    return await _around_group(reader, surroundings, placed, managed.node_resource_group_id)


async def _around_group(
    reader: Reader, surroundings: Surroundings, cluster: Cluster, group: str
) -> Cluster:
    """With what is on the node resource group, above it, or on something in it."""
    listed = await reader.list(surfaces.ROLE_ASSIGNMENTS, group, filter=_AT_OR_ABOVE)
    assignments = under_group(cluster.node_resource_group, listed)
    return msgspec.structs.replace(
        cluster,
        autoscale_settings=mapped(
            surroundings.autoscale_settings,
            lambda found: tuple(s for s in found if arm.within(s.target_id, group)),
        ),
        locks=mapped(
            surroundings.locks, lambda found: tuple(k for k in found if _reaches(k.scope, group))
        ),
        deny_assignments=mapped(
            surroundings.deny_assignments,
            lambda found: tuple(d for d in found if _reaches(d.scope, group)),
        ),
        role_assignments=assignments,
        role_definitions=_assigned(surroundings.role_definitions, assignments),
    )


def _assigned(
    definitions: Facet[tuple[RoleDefinition, ...]],
    assignments: Facet[tuple[RoleAssignment, ...]],
) -> Facet[tuple[RoleDefinition, ...]]:
    """The roles that somebody has; Azure has hundreds, most of which matter to nobody here.

    Scopes spell a role's id differently, but its last part is unique.
    """
    if isinstance(assignments, Gap):
        return definitions
    given = {arm.name(a.role_definition_id).casefold() for a in assignments.value}
    return mapped(
        definitions,
        lambda found: tuple(d for d in found if arm.name(d.id).casefold() in given),
    )


def _reaches(scope: str, group: str) -> bool:
    """Whether what stands at a scope is on the group, above it, or on something in it.

    A management group's id does not show what lies below it; lists show only those above.
    """
    above = not arm.subscription(scope) or arm.within(group, scope)
    return above or arm.within(scope, group)
