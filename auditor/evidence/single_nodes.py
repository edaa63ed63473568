"""What single nodes have that their scale set's model has not, told once for all that share it.

Sources: the REST reference of ``virtualMachineScaleSets/virtualMachines`` (2026-04-01). That an
instance does not follow the latest model, or has a model of its own by Compute's count, says
nothing: AKS writes models without updating nodes, and its disk and load balancer drivers write
single instances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from auditor.evidence import nodes
from auditor.model.compute import Instance
from auditor.model.verdict import Confidence


class Departure(msgspec.Struct, frozen=True):
    """A property in which a node differs both from its node pool and from its model."""

    path: str
    words: str
    expected: str
    actual: str
    confidence: Confidence


class Shared(msgspec.Struct, frozen=True):
    """A departure with the nodes that share it, lowest first.

    ``discriminator`` tells groups of one property apart: the first has none, each further one
    the id of its lowest node.
    """

    departure: Departure
    nodes: tuple[Instance, ...]
    discriminator: str = ""

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The ids of the nodes."""
        return tuple(node.instance_id for node in self.nodes)


def shared(seen: Iterable[tuple[Instance, Departure]]) -> Iterator[Shared]:
    """Group nodes by what they depart in; properties in order, then groups by lowest node.

    The surest node speaks for all that share its value.
    """
    carriers: defaultdict[tuple[str, str, str], list[tuple[Instance, Departure]]]
    carriers = defaultdict(list)
    for node, departure in sorted(seen, key=lambda pair: nodes.number(pair[0])):
        carriers[departure.path, departure.expected, departure.actual].append((node, departure))
    told: set[str] = set()
    for group in sorted(carriers.values(), key=_place):
        surest = max((d for _, d in group), key=lambda d: d.confidence.rank)
        lowest = group[0][0].instance_id if surest.path in told else ""
        told.add(surest.path)
        yield Shared(surest, tuple(node for node, _ in group), lowest)


def _place(group: list[tuple[Instance, Departure]]) -> tuple[str, tuple[int, str]]:
    node, departure = group[0]
    return departure.path, nodes.number(node)


def is_behind(node: Instance) -> bool:
    """Whether the node may still show an earlier model of its scale set."""
    return node.latest_model_applied is not True


def at_most_likely_after_failure(node: Instance, confidence: Confidence) -> Confidence:
    """No more than likely on a node whose last operation failed: it may have stopped half-way."""
    cap = Confidence.LIKELY if nodes.has_failed(node) else Confidence.CONFIRMED
    return min(confidence, cap, key=lambda c: c.rank)
