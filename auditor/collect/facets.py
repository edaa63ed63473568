"""Small moves on facets: changing what is known, choosing the gap that is the root cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeGuard, TypeVar

import msgspec

from auditor.model import resource_id as arm
from auditor.model.facet import Facet, Gap, Known, Outcome, Partial, partly
from auditor.model.snapshot import UNREAD, Cluster, Subscription

T = TypeVar("T")
U = TypeVar("U")


class Identified(Protocol):
    """Anything with an ARM id."""

    @property
    def id(self) -> str:
        """The ARM id as received."""


R = TypeVar("R", bound=Identified)


def mapped(facet: Facet[T], change: Callable[[T], U]) -> Facet[U]:
    """What is known changed; a gap stays the gap."""
    if isinstance(facet, Partial):
        return partly(change(facet.value), facet.causes)
    return facet if isinstance(facet, Gap) else Known(change(facet.value))


def is_refused(facet: Facet[T]) -> TypeGuard[Gap]:
    """Whether nothing of it was read, rather than not everything."""
    return isinstance(facet, Gap) and not isinstance(facet, Partial)


def is_absent(facet: Facet[T]) -> TypeGuard[Gap]:
    """Whether it is not there: gone, or not yet made."""
    return isinstance(facet, Gap) and facet.outcome in {Outcome.GONE, Outcome.TRANSITION}


def is_gone(facet: Facet[T]) -> TypeGuard[Gap]:
    """Whether ARM said that it is not there."""
    return isinstance(facet, Gap) and facet.outcome is Outcome.GONE


def under_group(group: Facet[U], read: Facet[tuple[T, ...]]) -> Facet[tuple[T, ...]]:
    """What was read of a group, unless the group itself is the root cause of finding nothing.

    Lists of a whole subscription leave out what the identity may not see, without a word: in a
    group that cannot be read, an empty list says nothing.
    """
    if isinstance(group, Known) or isinstance(read, Partial):
        return read
    if isinstance(read, Gap):
        return group if read.outcome is group.outcome or is_gone(group) else read
    return read if read.value else group


def replaced(items: Facet[tuple[R, ...]], wanted: str, read: Facet[R]) -> Facet[tuple[R, ...]]:
    """A list in which one item was read again: changed, new, gone, or now unreadable."""
    if is_refused(items):
        return items
    known: tuple[R, ...] = items.known_or(())
    gaps = [gap for gap in items.causes if not arm.same(gap.scope, wanted)]
    others = tuple(item for item in known if not arm.same(item.id, wanted))
    if isinstance(read, Gap):
        return partly(others, gaps if is_gone(read) else [*gaps, read])
    position = next((i for i, item in enumerate(known) if arm.same(item.id, wanted)), None)
    at = len(others) if position is None else position
    return partly((*others[:at], read.value, *others[at:]), gaps)


def unreadable(cluster_id: str, subscription: Subscription, gap: Gap) -> Cluster:
    """A cluster of which nothing is known but that it exists: one root cause for everything."""
    return Cluster(
        id=cluster_id,
        subscription=subscription,
        managed=gap,
        node_resource_group=gap,
        residents=gap,
        scale_sets=gap,
        instances={},
        virtual_machines=gap,
        network_interfaces=gap,
        security_groups=gap,
        virtual_networks=gap,
        subnets={},
        activity=gap,
        load_balancers=gap,
        route_tables=gap,
        public_addresses=gap,
        autoscale_settings=gap,
        locks=gap,
        role_assignments=gap,
        role_definitions=gap,
        deny_assignments=gap,
        features=gap,
        releases=gap,
        notices=gap,
        changes=gap,
    )


def gaps_of(clusters: Iterable[Cluster]) -> Iterator[Gap]:
    """Every gap in the clusters' facets, second readings included; what nobody read is none."""
    for cluster in clusters:
        for facet in msgspec.structs.astuple(cluster):
            facets = facet.values() if isinstance(facet, Mapping) else (facet,)
            read = (one for one in facets if isinstance(one, Gap) and one is not UNREAD)
            yield from (cause for gap in read for cause in gap.causes)
        if cluster.second:
            yield from gaps_of([cluster.second])


def distinct(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """One gap per root cause, sorted."""
    causes = [cause for gap in gaps for cause in gap.causes]
    by_id = {gap.id: gap for gap in reversed(causes)}
    return tuple(sorted(by_id.values(), key=lambda gap: (gap.scope.casefold(), gap.collector)))
