"""The second pass: what a first evaluation asked is read, and joins the snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from auditor.collect import surfaces
from auditor.collect.activity import in_order, look_back
from auditor.collect.concurrency import every, together
from auditor.collect.facets import distinct, gaps_of, is_gone
from auditor.collect.once import Once
from auditor.collect.options import SourceOptions
from auditor.collect.reader import Reader
from auditor.collect.second_reading import read_again
from auditor.model import resource_id as arm
from auditor.model.compute import Disk
from auditor.model.facet import Facet, Gap, Known, Outcome
from auditor.model.operation import ActivityLog
from auditor.model.question import LookBack, ProveAbsent, Question, ReadAgain, ReadDisks
from auditor.model.snapshot import Cluster, Snapshot

_SCOPE_MISSING = frozenset({"ResourceGroupNotFound", "SubscriptionNotFound"})


async def answered(
    reader: Reader,
    options: SourceOptions,
    snapshot: Snapshot,
    questions: Mapping[str, frozenset[Question]],
) -> Snapshot:
    """The snapshot with answers; ``questions`` are by the clusters' keys."""
    answering = _Answering(reader, options)
    clusters = await every(
        answering.cluster(cluster, sorted(questions.get(arm.key(cluster.id), ()), key=repr))
        for cluster in snapshot.clusters
    )
    gaps = distinct([*snapshot.gaps, *answering.gaps, *gaps_of(clusters)])
    return msgspec.structs.replace(snapshot, clusters=tuple(clusters), gaps=gaps)


class _Answering:
    """Answers questions; nothing that was read before is trusted."""

    def __init__(self, reader: Reader, options: SourceOptions) -> None:
        self._reader = reader
        self._fresh = Once(reader)
        self._options = options
        self.gaps: list[Gap] = []

    async def cluster(self, cluster: Cluster, questions: Sequence[Question]) -> Cluster:
        """One cluster with the answers to its questions; each cluster is answered for itself."""
        again = [q.resource_id for q in questions if isinstance(q, ReadAgain)]
        absent = [q.resource_id for q in questions if isinstance(q, ProveAbsent)]
        back = [q.resource_id for q in questions if isinstance(q, LookBack)]
        async with together() as tasks:
            second = tasks.create_task(self._second(cluster, again))
            presence = tasks.create_task(self._presence(absent))
            activity = tasks.create_task(self._activity(cluster, back))
            disks = tasks.create_task(self._disks(cluster, questions))
        return msgspec.structs.replace(
            cluster,
            second=second.result(),
            presence={**cluster.presence, **presence.result()},
            activity=activity.result(),
            disks=disks.result(),
        )

    async def _second(self, cluster: Cluster, asked: Sequence[str]) -> Cluster | None:
        return await read_again(self._fresh, cluster, asked) if asked else cluster.second

    async def _presence(self, asked: Sequence[str]) -> dict[str, Facet[bool]]:
        found = await every(self._is_present(resource_id) for resource_id in asked)
        return {arm.key(i): facet for i, facet in zip(asked, found, strict=True)}

    async def _is_present(self, resource_id: str) -> Facet[bool]:
        """Whether a resource exists: only a 404 in a readable group proves that it does not."""
        surface = surfaces.presence(arm.resource_type(resource_id))
        if surface is None:
            return self._unknown(resource_id)
        read = await self._fresh.get(surface, resource_id)
        if isinstance(read, Known):
            return Known(value=True)
        if not is_gone(read) or read.code in _SCOPE_MISSING:
            return read
        group = arm.group_id(arm.subscription(resource_id), arm.resource_group(resource_id))
        around = await self._fresh.get(surfaces.GROUPS, group)
        return around if isinstance(around, Gap) else Known(value=False)

    def _unknown(self, resource_id: str) -> Gap:
        return Gap(
            scope=resource_id,
            collector="presence",
            outcome=Outcome.SKIPPED,
            message="no api-version is known with which to ask for this type of resource",
            at=self._options.now,
        )

    async def _activity(self, cluster: Cluster, asked: Sequence[str]) -> Facet[ActivityLog]:
        if isinstance(cluster.activity, Gap):
            return cluster.activity
        log = cluster.activity.value
        for resource_id in asked:
            log = await self._deepened(log, resource_id, cluster)
        return Known(log)

    async def _deepened(self, log: ActivityLog, resource_id: str, cluster: Cluster) -> ActivityLog:
        """The log with a resource's own past; where it cannot be read, the log stays as it is."""
        here = arm.same(arm.subscription(resource_id), arm.subscription(cluster.id))
        until = self._options.since if here else self._options.now
        records, since = await look_back(self._reader, resource_id, until, self._options.now)
        if isinstance(records, Gap):
            self.gaps.append(records)
            return log
        return msgspec.structs.replace(
            log,
            records=in_order([*log.records, *records.value]),
            deepened=(*log.deepened, (arm.key(resource_id), since)),
        )

    async def _disks(
        self, cluster: Cluster, questions: Sequence[Question]
    ) -> Facet[tuple[Disk, ...]] | None:
        asked = [q.resource_id for q in questions if isinstance(q, ReadDisks)]
        return await self._fresh.list(surfaces.DISKS, asked[0]) if asked else cluster.disks
