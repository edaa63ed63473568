"""One subscription, from its list of clusters to a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from auditor.collect import surfaces
from auditor.collect.activity import Window, read_logs
from auditor.collect.concurrency import every
from auditor.collect.discovery import Discovery, Unit
from auditor.collect.facets import distinct, gaps_of, is_gone, unreadable
from auditor.collect.graph import with_graph
from auditor.collect.interest import interest_of
from auditor.collect.lists import read_lists
from auditor.collect.node_group import read_cluster
from auditor.collect.once import Once
from auditor.collect.options import Scope, SourceOptions
from auditor.collect.reader import Reader
from auditor.collect.releases import Releases
from auditor.collect.surroundings import surrounded
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Facet, Gap, Known, Partial
from auditor.model.snapshot import Cluster, ResourceGroup, Snapshot

_CLUSTER = "microsoft.containerservice/managedclusters"
_UNREGISTERED = "MissingSubscriptionRegistration"


async def read_unit(
    reader: Reader, outside: Once, options: SourceOptions, unit: Unit, found: Discovery
) -> Snapshot:
    """Collect one subscription."""
    named = found.named.get(arm.key(unit.subscription.id), ())
    if unit.gap:
        hidden = [unreadable(i, unit.subscription, unit.gap) for i in named]
        return _snapshot(options, unit, hidden, [unit.gap], listed=False)
    reading = _Unit(reader, outside, options, unit, found)
    listed = await reading.clusters()
    groups = await reading.groups(needed=bool(listed.known_or(()) or named) or _is_gap(listed))
    managed, refused = await reading.resolved(listed, _named(named, groups))
    clusters = await reading.read(managed, groups)
    hidden = [c for c in refused if _is_judged(options.scope, c.id)]
    gaps = [gap for gap in listed.causes if not _is_of_cluster(gap)]
    whole = [*clusters, *hidden]
    read = _snapshot(options, unit, whole, [*gaps, *reading.gaps], listed=not gaps)
    return msgspec.structs.replace(read, visible=found.visible)


class _Unit:
    """Reads one subscription."""

    def __init__(
        self,
        reader: Reader,
        outside: Once,
        options: SourceOptions,
        unit: Unit,
        found: Discovery,
    ) -> None:
        self._reader = reader
        self._releases = Releases(outside, found.through)
        self._graph_refused = found.graph
        self._outside = outside
        self._options = options
        self._subscription = unit.subscription
        self._scope = f"/subscriptions/{unit.subscription.id}"
        self.gaps: list[Gap] = []

    async def clusters(self) -> Facet[tuple[ManagedCluster, ...]]:
        """The list of clusters; where AKS was never used, ARM says so with a 409."""
        listed = await self._reader.list(surfaces.CLUSTERS, self._scope)
        if isinstance(listed, Gap) and listed.code == _UNREGISTERED:
            return Known(())
        return listed

    async def groups(self, *, needed: bool) -> Facet[tuple[ResourceGroup, ...]]:
        """The resource groups; without a cluster in sight, they tell nothing."""
        if not needed:
            return Known(())
        return await self._reader.list(surfaces.GROUPS, self._scope)

    async def resolved(
        self, listed: Facet[tuple[ManagedCluster, ...]], named: Sequence[str]
    ) -> tuple[list[ManagedCluster], list[Cluster]]:
        """The clusters that can be read, and those that are named elsewhere and refused.

        A name without a cluster behind it is not one: Graph lags behind deletions. The list
        itself names those of its clusters that do not read; each is asked for alone.
        """
        managed = {arm.key(m.id): m for m in listed.known_or(())}
        unread = [gap.scope for gap in listed.causes if _is_of_cluster(gap)]
        names = {arm.key(i): i for i in (*named, *unread)}
        hidden = [i for key, i in names.items() if key not in managed]
        read = await every(self._reader.get(surfaces.CLUSTERS, i) for i in hidden)
        refused = []
        for cluster_id, facet in zip(hidden, read, strict=True):
            if isinstance(facet, Known):
                managed[arm.key(cluster_id)] = facet.value
            elif not is_gone(facet):
                cause = _root_cause(listed, facet)
                refused.append(unreadable(cluster_id, self._subscription, cause))
        return list(managed.values()), refused

    async def read(
        self, managed: Sequence[ManagedCluster], groups: Facet[tuple[ResourceGroup, ...]]
    ) -> list[Cluster]:
        """Those of the clusters that are judged, with everything that they are judged by."""
        if not any(_is_judged(self._options.scope, m.id) for m in managed):
            return []
        read = [m for m in managed if _is_judged(self._options.reads, m.id)]
        lists = await read_lists(self._reader, self._subscription.id, groups, self._outside)
        clusters = await every(
            read_cluster(self._reader, self._subscription, m, lists) for m in read
        )
        clusters = await surrounded(self._reader, self._releases, self._subscription.id, clusters)
        clusters = await with_graph(
            self._reader, self._subscription.id, clusters, managed, self._graph_refused
        )
        return await self._with_activity(clusters)

    async def _with_activity(self, clusters: Sequence[Cluster]) -> list[Cluster]:
        judged = [c for c in clusters if _is_judged(self._options.scope, c.id)]
        interests = {c.id: interest_of(c) for c in clusters if isinstance(c.managed, Known)}
        if not interests:
            return judged
        window = Window(self._options.since, self._options.now)
        logs = await read_logs(
            self._reader, self._subscription.id, list(interests.values()), window
        )
        self.gaps += logs.beside(interests[c.id] for c in judged if c.id in interests)
        return [
            msgspec.structs.replace(cluster, activity=logs.of(interests[cluster.id]))
            if cluster.id in interests
            else cluster
            for cluster in judged
        ]


def _named(graph: Iterable[str], groups: Facet[tuple[ResourceGroup, ...]]) -> list[str]:
    """Clusters that Graph or a node resource group's ``managedBy`` names, each once."""
    owners = [group.managed_by or "" for group in groups.known_or(())]
    named = [*graph, *(owner for owner in owners if arm.resource_type(owner) == _CLUSTER)]
    return list({arm.key(cluster_id): cluster_id for cluster_id in named}.values())


def _is_judged(scope: Scope, cluster_id: str) -> bool:
    """Whether the scope's filters let a cluster through; a cluster is given by name or id."""
    groups = {group.casefold() for group in scope.resource_groups}
    if groups and arm.resource_group(cluster_id).casefold() not in groups:
        return False
    clusters = {arm.key(cluster) for cluster in scope.clusters}
    return not clusters or bool(clusters & {arm.key(cluster_id), arm.name(cluster_id).casefold()})


def _root_cause(listed: Facet[tuple[ManagedCluster, ...]], refused: Gap) -> Gap:
    """Where the list was refused likewise, or the cluster in it, that refusal is the cause."""
    own = (gap for gap in listed.causes if arm.same(gap.scope, refused.scope))
    shared = None if isinstance(listed, Partial) else next(iter(listed.causes), None)
    cause = next(own, shared)
    return cause if cause and cause.outcome is refused.outcome else refused


def _is_gap(facet: Facet[tuple[ManagedCluster, ...]]) -> bool:
    return isinstance(facet, Gap)


def _is_of_cluster(gap: Gap) -> bool:
    """Whether a gap in the list of clusters is one cluster, which then stands for it."""
    return arm.resource_type(gap.scope) == _CLUSTER


def _snapshot(
    options: SourceOptions,
    unit: Unit,
    clusters: Sequence[Cluster],
    gaps: Sequence[Gap],
    *,
    listed: bool,
) -> Snapshot:
    ordered = tuple(sorted(clusters, key=lambda cluster: arm.key(cluster.id)))
    return Snapshot(
        subscription=unit.subscription,
        taken_at=options.now,
        clusters=ordered,
        listed=listed,
        gaps=distinct([*gaps, *gaps_of(ordered)]),
    )
