"""What of a subscription's activity log concerns which cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from auditor.collect.wire.policies import ALTERING
from auditor.model import resource_id as arm
from auditor.model.facet import Known
from auditor.model.governance import PropertyChange
from auditor.model.operation import ActivityRecord
from auditor.model.snapshot import Cluster

_ALTERING = frozenset(f"microsoft.authorization/policies/{effect}/action" for effect in ALTERING)


class Interest:
    """The ids that concern a cluster: some with all that lies below them, some alone.

    ``groups`` are the resource groups in which they lie, by key; ``needed`` the keys of those
    without whose log the cluster's is no log.
    """

    def __init__(self, own: Sequence[str], shared: Sequence[str], alone: Sequence[str]) -> None:
        self._below = tuple(arm.key(i) for i in (*own, *shared))
        self._alone = frozenset(arm.key(i) for i in alone)
        self.needed = tuple(dict.fromkeys(group_key(i) for i in own))
        self.groups: Mapping[str, str] = {
            group_key(i): arm.resource_group(i) for i in (*shared, *own)
        }

    def __contains__(self, record: ActivityRecord | PropertyChange) -> bool:
        return self.reaches(record.resource_id)

    def reaches(self, resource_id: str) -> bool:
        """Whether what lies there concerns the cluster."""
        key = arm.key(resource_id)
        return key in self._alone or any(
            key == above or key.startswith(f"{above}/") for above in self._below
        )


class Interests:
    """The interests of all clusters of a subscription."""

    def __init__(self, interests: Iterable[Interest]) -> None:
        self._by_group: dict[str, list[Interest]] = defaultdict(list)
        self.groups: dict[str, str] = {}
        for interest in interests:
            self.groups |= interest.groups
            for group in interest.groups:
                self._by_group[group].append(interest)

    def __contains__(self, record: ActivityRecord) -> bool:
        return is_kept(record) and self.reach(record.resource_id)

    def reach(self, resource_id: str) -> bool:
        """Whether what lies there concerns any of the clusters."""
        concerned = self._by_group.get(group_key(resource_id), ())
        return any(interest.reaches(resource_id) for interest in concerned)


def interest_of(cluster: Cluster) -> Interest:
    """The cluster itself, its node resource group, and what of other groups touches its nodes.

    That is the custom networks that they use here, and the settings that scale them.
    """
    managed = cluster.managed.require()
    subnets = [facet.value for facet in cluster.subnets.values() if isinstance(facet, Known)]
    attached = [i for s in subnets for i in (s.id, s.nsg_id, s.route_table_id) if i]
    shared = [i for i in attached if _is_beside(cluster, i)]
    networks = [arm.parent(s.id) for s in subnets if s.id in shared]
    settings = [setting.id for setting in cluster.autoscale_settings.known_or(())]
    group = [managed.node_resource_group_id] if managed.node_resource_group else []
    return Interest([cluster.id, *group], [*shared, *settings], networks)


def is_kept(record: ActivityRecord) -> bool:
    """Deeds, what Azure Policy made of them, and evictions and health, which nobody called for.

    Policy's audits, most of what it records, change nothing and are left out.
    """
    category = record.category.casefold()
    if category in {"", "administrative"}:
        return True
    if category == "policy":
        return record.name.casefold() in _ALTERING
    unbidden = category == "resourcehealth" or "evict" in record.name.casefold()
    return unbidden and not record.caller


def group_key(resource_id: str) -> str:
    """The resource group of an id, as records and groups are matched."""
    return arm.resource_group(resource_id).casefold()


def _is_beside(cluster: Cluster, resource_id: str) -> bool:
    """Whether it lies in the cluster's subscription: another's log is another's to read."""
    return arm.same(arm.subscription(resource_id), arm.subscription(cluster.id))
