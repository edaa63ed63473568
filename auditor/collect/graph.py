"""What Resource Graph adds to ARM: AKS's end-of-life notices, and what changed from what to what.

Graph is a copy that lags behind and leaves out what the identity may not see, so that its
silence proves nothing: both are evidence that can only add to what ARM says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from auditor.collect import surfaces
from auditor.collect.concurrency import every, together
from auditor.collect.facets import is_refused, mapped
from auditor.collect.interest import Interest, interest_of
from auditor.collect.reader import Reader
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Facet, Gap, Known, partly
from auditor.model.governance import PropertyChange
from auditor.model.lifecycle import EndOfLifeNotice
from auditor.model.snapshot import Cluster

_NOTICES = (
    "containerserviceeventresources"
    " | where type =~ 'microsoft.containerservice/managedclusters/scheduledevents'"
    " | where properties has 'EOLNotification'"
    " | project id, properties"
    " | order by id asc"
)
# Instances of scale sets have no change records; disks change whenever a pod moves.
_CHANGING = (
    "microsoft.compute/virtualmachinescalesets",
    "microsoft.compute/virtualmachines",
    "microsoft.containerservice/managedclusters",
    "microsoft.insights/autoscalesettings",
    "microsoft.network/loadbalancers",
    "microsoft.network/networkinterfaces",
    "microsoft.network/networksecuritygroups",
    "microsoft.network/publicipaddresses",
    "microsoft.network/routetables",
    "microsoft.network/virtualnetworks",
)
_MOST_GROUPS = 200

Changes = tuple[PropertyChange, ...]


async def with_graph(
    reader: Reader,
    subscription_id: str,
    clusters: Sequence[Cluster],
    neighbours: Sequence[ManagedCluster],
    refused: Gap | None,
) -> list[Cluster]:
    """The clusters of a subscription with their notices and changes, one query for each.

    The queries are about all ``neighbours`` in the subscription, judged or not, so that a replay
    that looks at fewer clusters asks the same. ``refused`` is why Graph could not say which
    clusters there are: it is then not asked again.
    """
    known = {c.id: interest_of(c) for c in clusters if isinstance(c.managed, Known)}
    if not known:
        return list(clusters)
    if refused:
        nothing = {"notices": refused, "changes": refused}
        return [msgspec.structs.replace(c, **nothing) if c.id in known else c for c in clusters]
    async with together() as tasks:
        notices = tasks.create_task(reader.rows(surfaces.NOTICES, _NOTICES, subscription_id))
        changes = tasks.create_task(_changes(reader, subscription_id, _groups(neighbours)))
    return [
        _narrowed(cluster, known[cluster.id], notices.result(), changes.result())
        if cluster.id in known
        else cluster
        for cluster in clusters
    ]


def _narrowed(
    cluster: Cluster,
    interest: Interest,
    notices: Facet[tuple[EndOfLifeNotice, ...]],
    changes: Facet[Changes],
) -> Cluster:
    return msgspec.structs.replace(
        cluster,
        notices=mapped(
            notices, lambda found: tuple(n for n in found if arm.same(n.cluster_id, cluster.id))
        ),
        changes=mapped(changes, lambda found: tuple(c for c in found if c in interest)),
    )


async def _changes(reader: Reader, subscription_id: str, groups: Sequence[str]) -> Facet[Changes]:
    """What changed in the groups that matter, oldest first, as far back as Graph goes.

    That is 14 days, and was 7 at times: what is older than the first change is not known.
    """
    parts = [groups[at : at + _MOST_GROUPS] for at in range(0, len(groups), _MOST_GROUPS)]
    read = await every(
        reader.rows(surfaces.CHANGES, _changes_query(part), subscription_id) for part in parts
    )
    found = (change for facet in read for row in facet.known_or(()) for change in row)
    unread = (gap for facet in read for gap in facet.causes)
    return next(filter(is_refused, read), None) or partly(tuple(sorted(found, key=_age)), unread)


def _groups(clusters: Iterable[ManagedCluster]) -> list[str]:
    """The resource groups of clusters, of their nodes, and of the networks that they use."""
    names = {
        name.casefold()
        for cluster in clusters
        for name in (
            cluster.resource_group,
            cluster.node_resource_group,
            *(arm.resource_group(pool.subnet_id or "") for pool in cluster.pools),
        )
    }
    return sorted(names - {""})


def _changes_query(groups: Sequence[str]) -> str:
    return (
        "resourcechanges"
        f" | where resourceGroup in~ ({_quoted(groups)})"
        f" | where tostring(properties.targetResourceType) in~ ({_quoted(_CHANGING)})"
        " | where tostring(properties.changeType) =~ 'Update'"
        " | project id, properties"
        " | order by id asc"
    )


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + v.replace("\\", "\\\\").replace("'", "\\'") + "'" for v in values)


def _age(change: PropertyChange) -> tuple[object, ...]:
    return (change.at, arm.key(change.resource_id), change.path)
