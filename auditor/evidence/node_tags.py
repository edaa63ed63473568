"""The system tags of what carries nodes: scale sets, and virtual machines of their own.

AKS copies the tags of a scale set to its instances when it makes or updates them, so that those
differ from one another by design. What a tag must say comes from the node pool, from the cluster,
from the names of AKS's other resources and from the tags of the cluster's other pools.

Source: tags of AKS node resource groups of 2020 to 2026. Values may be empty; a scale set of
2020 says ``aks-<name>`` where later ones say ``vmssclient-<name>``. Of the machines of a
VirtualMachines pool only the pool's name is known for certain: the cluster autoscaler finds them
by it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from auditor.evidence import managed_network
from auditor.evidence.system_tags import (
    CORE,
    EVERY,
    PREFIX,
    Departure,
    changed,
    gone,
    has_ownership,
)
from auditor.evidence.transitions import FAILED
from auditor.model.aks import ManagedCluster, NodePool
from auditor.model.compute import Node, ScaleSet
from auditor.model.facet import Facet, Gap, Known
from auditor.model.snapshot import Cluster, NodePoolView
from auditor.model.verdict import Confidence

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VERSION = re.compile(r"Kubernetes:\d+\.\d+\.\d+\S*")
_CREATED_BY = f"{PREFIX}createOperationID"
_KUBELET = f"{PREFIX}kubeletIdentityClientID"


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A scale set, or a virtual machine, that carries nodes of a pool."""

    id: str
    name: str
    pool: NodePool
    tags: Mapping[str, str]

    @property
    def prefix(self) -> str | None:
        """What stands before the names of its system tags; ``None`` where it has none at all."""
        lowered = {tag.casefold() for tag in self.tags}
        shown = (p for p in (PREFIX, "") if lowered & {f"{p}{name}".casefold() for name in CORE})
        return next(shown, None)

    def value(self, name: str) -> str | None:
        """A system tag's value, under the names of its own time."""
        return self.tags.get(f"{self.prefix or ''}{name}")


class Peers(msgspec.Struct, frozen=True, kw_only=True):
    """What the tags are held against: the cluster, its other carriers, AKS's numbered names.

    ``tagged``: whether anything of the cluster shows that AKS tags what it makes for it;
    ``complete``: whether these are all of its carriers.
    """

    managed: ManagedCluster
    carriers: Sequence[Carrier]
    numbers: Facet[frozenset[str]]
    tagged: bool
    complete: bool


def carriers(view: NodePoolView) -> Facet[tuple[Carrier, ...]]:
    """What carries the nodes of a pool."""
    if view.pool.is_on_scale_set:
        if isinstance(view.scale_set, Gap):
            return view.scale_set
        return Known((_carrier(view.scale_set.value, view.pool),))
    if isinstance(view.nodes, Gap):
        return view.nodes
    return Known(tuple(_carrier(machine, view.pool) for machine in view.nodes.value))


def departures(carrier: Carrier, peers: Peers) -> Iterator[Departure | Gap]:
    """What of a carrier's system tags was changed or removed; a gap where that cannot be told."""
    if carrier.prefix is None:
        yield _without_any(peers)
        return
    yield from _gone(carrier, peers)
    yield from _of_pool(carrier)
    yield from _of_creation(carrier)
    yield from _of_version(carrier)
    yield from _of_kubelet(carrier, peers.managed)
    yield from _of_number(carrier, peers)


def peers(cluster: Cluster, every: Sequence[Carrier], *, complete: bool) -> Peers:
    """What the carriers of a cluster are held against."""
    group = cluster.node_resource_group.known_or(None)
    return Peers(
        managed=cluster.managed.require(),
        carriers=every,
        numbers=_numbers(cluster),
        tagged=(group is not None and has_ownership(group.tags))
        or any(carrier.prefix is not None for carrier in every),
        complete=complete,
    )


def _numbers(cluster: Cluster) -> Facet[frozenset[str]]:
    """The numbers in the names of AKS's security groups and networks."""
    for facet in (cluster.security_groups, cluster.virtual_networks):
        if isinstance(facet, Gap):
            return facet
    return Known(managed_network.numbers_in_names(cluster))


def _carrier(resource: ScaleSet | Node, pool: NodePool) -> Carrier:
    return Carrier(id=resource.id, name=resource.name, pool=pool, tags=resource.tags)


def _without_any(peers: Peers) -> Departure:
    sure = Confidence.LIKELY if peers.tagged else Confidence.POSSIBLE
    because = "AKS tags everything that carries nodes"
    return Departure(tag=EVERY, expected="present", actual=None, confidence=sure, because=because)


def _gone(carrier: Carrier, peers: Peers) -> Iterator[Departure]:
    """The tags that AKS puts on every carrier, as far as they are missing."""
    expected = [f"{carrier.prefix}{name}" for name in CORE]
    if carrier.prefix == PREFIX:
        expected.append(_CREATED_BY)
    for tag in expected:
        if tag not in carrier.tags and _is_usual(tag, carrier, peers):
            yield gone(tag, carrier.tags, _sure(tag, carrier), "AKS puts it beside its others")


def _is_usual(tag: str, carrier: Carrier, peers: Peers) -> bool:
    """Whether AKS puts a tag on such a carrier; on single machines, the others of the pool tell."""
    others = (c for c in peers.carriers if c.pool.name == carrier.pool.name)
    return _is_known(tag, carrier) or any(tag in other.tags for other in others)


def _is_known(tag: str, carrier: Carrier) -> bool:
    """Which of the tags of scale sets AKS puts on single machines, too, is not well known."""
    return carrier.pool.is_on_scale_set or tag.removeprefix(PREFIX) == "poolName"


def _sure(tag: str, carrier: Carrier) -> Confidence:
    return Confidence.LIKELY if _is_known(tag, carrier) else Confidence.POSSIBLE


def _of_pool(carrier: Carrier) -> Iterator[Departure]:
    value = carrier.value("poolName")
    if value is not None and value != carrier.pool.name:
        because = f"node pool {carrier.pool.name}"
        yield _changed(carrier, "poolName", carrier.pool.name, Confidence.CONFIRMED, because)


def _of_creation(carrier: Carrier) -> Iterator[Departure]:
    source = carrier.value("creationSource")
    if source is not None and not source.casefold().endswith(f"-{carrier.name}".casefold()):
        expected = f"vmssclient-{carrier.name}"
        because, tag = "AKS names in it what it made", "creationSource"
        yield _changed(carrier, tag, expected, _sure(tag, carrier), because)
    operation = carrier.tags.get(_CREATED_BY)
    if operation and not _GUID.fullmatch(operation):
        because = "AKS names in it the operation that made the pool"
        yield changed(_CREATED_BY, carrier.tags, "a GUID", Confidence.LIKELY, because)


def _of_version(carrier: Carrier) -> Iterator[Departure]:
    """Another version may be one that AKS has not written yet; no version at all is none."""
    value, pool = carrier.value("orchestrator"), carrier.pool
    expected = f"Kubernetes:{pool.current_kubernetes_version or '<version>'}"
    because = f"node pool {pool.name}"
    if value is None or value == expected:
        return
    if not _VERSION.fullmatch(value):
        yield _changed(carrier, "orchestrator", expected, Confidence.LIKELY, because)
    elif pool.current_kubernetes_version and pool.provisioning_state.casefold() not in FAILED:
        yield _changed(carrier, "orchestrator", expected, Confidence.POSSIBLE, because)


def _of_kubelet(carrier: Carrier, managed: ManagedCluster) -> Iterator[Departure]:
    """A pool keeps the kubelet identity of former days, or none, until it is upgraded."""
    expected = next((i.client_id for i in managed.identities if i.role == "kubelet"), "")
    value = carrier.tags.get(_KUBELET)
    if not expected or value is None or value.casefold() == expected.casefold():
        return
    genuine = not value or _GUID.fullmatch(value)
    sure = Confidence.POSSIBLE if genuine else Confidence.LIKELY
    yield changed(_KUBELET, carrier.tags, expected, sure, "the cluster's kubelet identity")


def _of_number(carrier: Carrier, peers: Peers) -> Iterator[Departure | Gap]:
    """The cluster's number: of the names and the other carriers, what most say is right."""
    value = carrier.value("resourceNameSuffix")
    if value is None:
        return
    if isinstance(peers.numbers, Gap):
        yield peers.numbers
        return
    said = Counter(c.value("resourceNameSuffix") for c in peers.carriers)
    expected = _number(peers.numbers.value, said)
    if value == expected:
        return
    alone = len(peers.carriers) == 1
    settled = peers.complete and expected is not None and (alone or said[expected])
    sure = Confidence.LIKELY if settled else Confidence.POSSIBLE
    because = "names of AKS's resources, tags of the other pools"
    right = expected or "the same on every pool"
    yield _changed(carrier, "resourceNameSuffix", right, sure, because)


def _number(named: frozenset[str], said: Counter[str | None]) -> str | None:
    """The right number, or ``None`` where nothing settles it."""
    settled = named & said.keys() or named
    if len(settled) == 1:
        return min(settled)
    (first, votes), *rest = [*said.most_common(2)]
    return first if not rest or votes > rest[0][1] else None


def _changed(
    carrier: Carrier, name: str, expected: str, sure: Confidence, because: str
) -> Departure:
    return changed(f"{carrier.prefix}{name}", carrier.tags, expected, sure, because)
