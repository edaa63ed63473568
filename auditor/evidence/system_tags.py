"""System tags: what AKS and its cloud provider write on their resources, and departures from it.

Sources: tags of AKS node resource groups of 2020 to 2026; the constants of Kubernetes'
cloud-provider-azure; Microsoft's FAQ, which names ``aks-managed-*`` and ``k8s-azure-*`` as the
families that must not be changed. A tag whose name is not known here accuses nobody: AKS adds
new ones. ARM keeps the case of a tag's name as it was written last, and takes names that differ
in case alone for one tag.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from auditor.model.aks import ManagedCluster
from auditor.model.verdict import Confidence

PREFIX = "aks-managed-"
EVERY = "aks-managed-*"
CLUSTER_NAME = "aks-managed-cluster-name"
CLUSTER_GROUP = "aks-managed-cluster-rg"
TYPE = "aks-managed-type"
SERVICE = "k8s-azure-service"
SERVICE_CLUSTER = "k8s-azure-cluster-name"

CORE = ("poolName", "creationSource", "resourceNameSuffix", "orchestrator")
"""On every scale set of every age: under these names at first, with the prefix since late 2021."""

_FAMILIES = (PREFIX, "k8s-azure-", "kubernetes.io-created-for-")
_OF_OLD = frozenset({name.casefold() for name in CORE} | {"createoperationid"})
_STABLE = frozenset(
    {"poolName", "creationSource", "resourceNameSuffix", "createOperationID"}
    | {"cluster-name", "cluster-rg", "type"}
)
_NEARLY = 0.9
_IN_REQUEST = re.compile(r"(?:properties\.)?tags\.(.+)", re.IGNORECASE)


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """A system tag that is not as it was written; ``actual`` is ``None`` where it is gone.

    ``because`` says where the expectation comes from, ``imitation`` which tag of nearly the same
    name stands there instead.
    """

    tag: str
    expected: str
    actual: str | None
    confidence: Confidence
    because: str
    imitation: str = ""

    @property
    def path(self) -> str:
        """The tag as a property of its resource; all of them where every one is gone."""
        return "tags" if self.tag == EVERY else f"tags.{self.tag}"

    @property
    def what(self) -> str:
        """The departure in words, to follow the name of a resource."""
        if self.actual is not None:
            return f"says {self.actual or 'nothing'} in tag {self.tag}, not {self.expected}"
        instead = f"; {self.imitation} stands there instead" if self.imitation else ""
        return f"lacks {'its tags' if self.tag == EVERY else 'tag'} {self.tag}{instead}"


def is_system(tag: str, *, on_node: bool = False) -> bool:
    """Whether a tag of this name is AKS's or its cloud provider's; nodes had plain names once."""
    lowered = tag.casefold()
    return lowered.startswith(_FAMILIES) or (on_node and lowered in _OF_OLD)


def named_in(paths: Iterable[str]) -> frozenset[str]:
    """The names of the tags that a request on record set."""
    found = (_IN_REQUEST.fullmatch(path) for path in paths)
    return frozenset(match[1] for match in found if match)


def gone(
    tag: str, tags: Mapping[str, str], confidence: Confidence, because: str, expected: str = ""
) -> Departure:
    """The departure of a tag that is missing; one that differs in case alone is only a lead."""
    imitation = nearly(tag, (name for name in tags if name not in _KNOWN))
    if imitation.casefold() == tag.casefold():
        confidence = Confidence.POSSIBLE
    return Departure(
        tag=tag,
        expected=expected or "present",
        actual=None,
        confidence=confidence,
        because=because,
        imitation=imitation,
    )


def changed(
    tag: str, tags: Mapping[str, str], expected: str, confidence: Confidence, because: str
) -> Departure:
    """The departure of a tag that has another value."""
    return Departure(
        tag=tag, expected=expected, actual=tags[tag], confidence=confidence, because=because
    )


def of_ownership(tags: Mapping[str, str], managed: ManagedCluster) -> Iterator[Departure]:
    """Departures of the tags that name the cluster, where at least one of them stands.

    They are written together: a resource that has none of them says nothing about itself.
    """
    expected = {CLUSTER_NAME: managed.name, CLUSTER_GROUP: managed.resource_group}
    for tag, value in expected.items():
        if tag not in tags and has_ownership(tags):
            why = "AKS writes the tags that name the cluster together"
            yield gone(tag, tags, Confidence.LIKELY, why, value)
        elif tag in tags and tags[tag].casefold() != value.casefold():
            yield changed(tag, tags, value, Confidence.CONFIRMED, "the cluster's own name")


def has_ownership(tags: Mapping[str, str]) -> bool:
    """Whether a resource names a cluster as AKS does."""
    return CLUSTER_NAME in tags or CLUSTER_GROUP in tags


def lost_ownership(
    tags: Mapping[str, str], confidence: Confidence, because: str
) -> Iterator[Departure]:
    """Departures of a resource that names no cluster at all, though AKS made it do so."""
    for tag in (CLUSTER_NAME, CLUSTER_GROUP):
        yield gone(tag, tags, confidence, because)


def since(earlier: Mapping[str, str], tags: Mapping[str, str], at: datetime) -> Iterator[Departure]:
    """Departures from what an earlier run saw, by property path: tags that AKS never changes.

    Any other system tag that has vanished since is a lead: AKS drops tags of features.
    """
    because = f"a run of {at:%Y-%m-%d %H:%M}Z saw it"
    for path, value in earlier.items():
        tag = path.removeprefix("tags.")
        if tag == path or not is_system(tag, on_node=True):
            continue
        stable = tag.removeprefix(PREFIX) in _STABLE
        if tag not in tags:
            sure = Confidence.LIKELY if stable else Confidence.POSSIBLE
            yield gone(tag, tags, sure, because, value)
        elif stable and tags[tag] != value:
            yield changed(tag, tags, value, Confidence.LIKELY, because)


def surest(departures: Iterable[Departure]) -> tuple[Departure, ...]:
    """One departure for each tag: the surest of those that several sources show."""
    found: dict[str, Departure] = {}
    for departure in departures:
        known = found.get(departure.tag)
        if known is None or departure.confidence.rank > known.confidence.rank:
            found[departure.tag] = departure
    return tuple(found.values())


def nearly(text: str, others: Iterable[str]) -> str:
    """The one of the others that this text is nearly like; empty where there is none."""
    spelled = {other.casefold(): other for other in others}
    near = difflib.get_close_matches(text.casefold(), spelled, n=1, cutoff=_NEARLY)
    return spelled[near[0]] if near else ""


_KNOWN = frozenset(
    {
        *(f"{prefix}{name}" for prefix in (PREFIX, "") for name in (*CORE, "createOperationID")),
        *(CLUSTER_NAME, CLUSTER_GROUP, TYPE, f"{PREFIX}operationID"),
        *(SERVICE, SERVICE_CLUSTER, "k8s-azure-dns-label-service"),
    }
)
