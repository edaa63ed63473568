"""Which subscriptions to collect, and which clusters other sources name."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.collect import surfaces
from auditor.collect.facets import is_refused
from auditor.collect.failures import FailedReadError
from auditor.collect.options import Scope
from auditor.collect.reader import Reader
from auditor.collect.releases import plain
from auditor.model import resource_id as arm
from auditor.model.errors import RunFailedError, UsageError
from auditor.model.facet import Facet, Gap, Outcome
from auditor.model.governance import ManagementGroup
from auditor.model.snapshot import Resident, Subscription

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CLUSTERS = (
    "resources"
    " | where type =~ 'microsoft.containerservice/managedclusters'"
    " | project id, name, subscriptionId, resourceGroup, location"
    " | order by id asc"
)
_PLACEMENTS = (
    "resourcecontainers"
    " | where type =~ 'microsoft.resources/subscriptions'"
    " | project id, properties"
    " | order by id asc"
)
_UNAUTHENTICATED = 401


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription to collect; ``gap`` says why it is known not to be readable."""

    subscription: Subscription
    gap: Gap | None = None


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """The units of a run, sorted by subscription id, and what stood in the way of finding them.

    ``named`` holds, by subscription in lower case, the ids of clusters that Resource Graph shows,
    ``through`` the first subscription with a cluster in a location, by location; ``graph`` says
    why Graph shows none. ``visible`` are all subscriptions that ARM shows, by their keys.
    """

    units: tuple[Unit, ...]
    named: Mapping[str, tuple[str, ...]] = {}
    through: Mapping[str, str] = {}
    graph: Gap | None = None
    visible: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()


async def discover(reader: Reader, scope: Scope) -> Discovery:
    """Find the units.

    Every subscription that ARM shows is a unit: Graph leaves out what it cannot read and lags
    behind, so its silence about a subscription proves nothing, while ARM's list costs one call.
    What Graph adds is the names of clusters that ARM's lists hide, and the management groups
    above a subscription. Raises :class:`UsageError` for a name that no visible subscription bears.
    """
    visible = await reader.list(surfaces.SUBSCRIPTIONS, "")
    if isinstance(visible, Gap) and visible.status == _UNAUTHENTICATED:
        raise RunFailedError(
            f"Azure refused the token: {visible.message}", "sign in again, or name the --tenant"
        )
    graph = await reader.rows(surfaces.GRAPH, _CLUSTERS)
    rows = (cluster.id for cluster in graph.known_or(()))
    named = _by_subscription((*rows, *(gap.scope for gap in graph.causes)))
    units = _given(reader, scope, visible) if scope.subscriptions else _all(scope, visible, named)
    excluded = {arm.key(s.id) for value in scope.exclude for s in _known(value, visible)}
    kept = {
        arm.key(u.subscription.id): u for u in units if arm.key(u.subscription.id) not in excluded
    }
    above = {} if is_refused(graph) else await _management_groups(reader)
    return Discovery(
        units=tuple(_placed(kept[key], above.get(key, ())) for key in sorted(kept)),
        named=named,
        through=_by_location(graph.known_or(())),
        graph=graph if is_refused(graph) else None,
        visible=frozenset(arm.key(s.id) for s in visible.known_or(())),
        gaps=(*visible.causes, *graph.causes),
    )


async def _management_groups(reader: Reader) -> Mapping[str, tuple[ManagementGroup, ...]]:
    """The groups above each subscription, by its key.

    No verdict rests on them: where Graph does not say, they are not known, and that is no failed
    read of the run.
    """
    read = await reader.rows(surfaces.PLACEMENTS, _PLACEMENTS)
    return {arm.key(one.subscription_id): one.groups for one in read.known_or(())}


def _placed(unit: Unit, groups: tuple[ManagementGroup, ...]) -> Unit:
    subscription = msgspec.structs.replace(unit.subscription, management_groups=groups)
    return msgspec.structs.replace(unit, subscription=subscription)


def _all(
    scope: Scope,
    visible: Facet[tuple[Subscription, ...]],
    named: Mapping[str, tuple[str, ...]],
) -> list[Unit]:
    """Whatever ARM or Graph shows; clusters given by id narrow it down to their subscriptions."""
    shown = {arm.key(s.id): s for s in visible.known_or(())}
    unread = (arm.key(arm.subscription(gap.scope)) for gap in visible.causes)
    shown |= {key: Subscription(id=key) for key in (*named, *unread) if key and key not in shown}
    wanted = {arm.key(arm.subscription(cluster)) for cluster in scope.clusters}
    if wanted and "" not in wanted:
        shown = {key: shown.get(key, Subscription(id=key)) for key in wanted}
    return [Unit(subscription=subscription) for subscription in shown.values()]


def _given(reader: Reader, scope: Scope, visible: Facet[tuple[Subscription, ...]]) -> list[Unit]:
    return [unit for value in scope.subscriptions for unit in _units(reader, value, visible)]


def _units(reader: Reader, value: str, visible: Facet[tuple[Subscription, ...]]) -> list[Unit]:
    found = _known(value, visible)
    if found:
        return [Unit(subscription=subscription) for subscription in found]
    unseen = FailedReadError(Outcome.DENIED, "the identity cannot see this subscription")
    gap = reader.gap(surfaces.SUBSCRIPTIONS, f"/subscriptions/{value.casefold()}", unseen)
    return [Unit(subscription=Subscription(id=value.casefold()), gap=gap)]


def _known(value: str, visible: Facet[tuple[Subscription, ...]]) -> Sequence[Subscription]:
    """The visible subscription that an id or a name means; none for an id that is not visible."""
    shown: tuple[Subscription, ...] = visible.known_or(())
    found = [s for s in shown if value.casefold() in {s.id.casefold(), s.name.casefold()}]
    if not found and isinstance(visible, Gap):
        if _GUID.fullmatch(value):
            return [Subscription(id=value.casefold())]
        raise RunFailedError(
            f"the subscriptions cannot be listed, so none is known by the name {value!r}",
            "give the subscription's id",
        )
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} subscriptions are called {value!r}",
            f"give an id: {', '.join(sorted(s.id for s in found))}",
        )
    if not found and not _GUID.fullmatch(value):
        raise UsageError(f"no visible subscription is called {value!r}", _near(value, shown))
    return found


def _near(value: str, visible: Iterable[Subscription]) -> str:
    names = {s.name.casefold(): s.name for s in visible if s.name}
    near = difflib.get_close_matches(value.casefold(), names, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(repr(names[name]) for name in near)}?"
    return "`az account list --all` shows those that you can see"


def _by_subscription(cluster_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for cluster_id in cluster_ids:
        found[arm.key(arm.subscription(cluster_id))].append(cluster_id)
    return {key: tuple(ids) for key, ids in found.items() if key}


def _by_location(clusters: Iterable[Resident]) -> Mapping[str, str]:
    """The first subscription by id that has a cluster in a location, for each location."""
    places = ((arm.key(arm.subscription(c.id)), plain(c.location)) for c in clusters)
    return {location: key for key, location in sorted(places, reverse=True) if key and location}
