"""The same difference on many clusters with nobody on record: probably a release of AKS.

AKS rolls new defaults out over weeks, and no list of what it writes is ever complete. A
difference of *settings* that many clusters show, that no operation explains and that contradicts
no request is therefore rated ``possible`` and told once, in a note. What a release does not do
is left alone: take nodes down, set capacity, start a deadline, or bring about a state that
contradicts what AKS itself was asked for (``confirmed``).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import FindingRow, UnitResult
from auditor.model.rule import Aspect, Rule
from auditor.model.verdict import Confidence, Verdict
from auditor.report.findings import has_clock

SETTINGS = frozenset(
    {Aspect.MODEL, Aspect.IMAGE, Aspect.EXTENSIONS, Aspect.NETWORK, Aspect.METADATA}
)
"""What a release of AKS may write anew."""

MOST_BY_HAND = 0.1
"""Where a larger share than this has an author or contradicts a request, it is no release."""

_SHOWN, _UNEXPLAINED, _REFUTED = "shown", "unexplained", "refuted"
_JUDGED = frozenset({Verdict.VIOLATION.value, Verdict.WARNING.value, Verdict.PASS.value})
_TOP_LEVEL = 2
"""How many segments the type of a resource has that lies in no other."""

_OF_ONE_CLUSTER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{5,}")
"""Ids and the numbers in the names that AKS gives: they differ where all else is the same."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """On how many clusters, and on which share of those judged, a difference must be the same."""

    clusters: int = 5
    share: float = 0.2


class Difference(NamedTuple):
    """What findings of several clusters have in common; the digest stands for names and values."""

    rule_id: str
    digest: str

    @property
    def deed(self) -> str:
        """What its findings share where nobody did it on each cluster anew."""
        return f"note-{self.digest}"


class Extent(NamedTuple):
    """On how many clusters a difference shows, of how many on which its rule was judged."""

    clusters: int
    judged: int


class Survey:
    """Counts clusters by difference, unit by unit; the findings themselves are let go."""

    def __init__(self, rules: Iterable[Rule], threshold: Threshold) -> None:
        self._rules = frozenset(rule.id for rule in rules if _tells_settings(rule))
        self._threshold = threshold
        self._judged: Counter[str] = Counter()
        self._clusters: Counter[tuple[str, Difference]] = Counter()

    def add(self, unit: UnitResult) -> None:
        """Count the clusters of one unit; each belongs to one unit alone."""
        self._judged.update(row.rule_id for row in unit.verdicts if row.verdict in _JUDGED)
        told = {
            (kind, difference(row), row.cluster_id)
            for row in unit.findings
            if row.rule_id in self._rules
            for kind in _kinds(row)
        }
        self._clusters.update((kind, same) for kind, same, _ in told)

    def releases(self) -> Mapping[Difference, Extent]:
        """The differences that are probably a release of AKS.

        Only clusters whose activity log was read speak for it: an unread one hides its authors.
        """
        return {
            same: Extent(self._clusters[_SHOWN, same], self._judged[same.rule_id])
            for kind, same in self._clusters
            if kind == _UNEXPLAINED and self._is_release(same)
        }

    def _is_release(self, same: Difference) -> bool:
        unexplained, refuted = (self._clusters[kind, same] for kind in (_UNEXPLAINED, _REFUTED))
        return (
            unexplained >= self._threshold.clusters
            and unexplained >= self._threshold.share * self._judged[same.rule_id]
            and refuted <= MOST_BY_HAND * unexplained
        )


def is_open(row: FindingRow) -> bool:
    """Whether a release could have brought the finding about, as far as its own cluster tells.

    AKS writes to the node resource group; a subnet or a security group elsewhere is not its own.
    """
    home = arm.group_id(row.subscription_id, row.node_resource_group)
    by_aks = arm.within(row.resource_id, home) and not row.operation
    return by_aks and not has_clock(row) and row.confidence != Confidence.CONFIRMED


def difference(row: FindingRow) -> Difference:
    """The finding without what only its cluster has: ids, names, and the numbers in them."""
    named = _name(row)
    parts = [row.resource_type, named, row.property, row.expected, row.actual]
    common = [part if part is None else _common(part, row) for part in parts]
    digest = hashlib.sha256(msgspec.json.encode((row.rule_id, common))).hexdigest()
    return Difference(row.rule_id, digest[:12])


def _tells_settings(rule: Rule) -> bool:
    return not rule.recorded and bool(rule.compares) and rule.compares <= SETTINGS


def _kinds(row: FindingRow) -> Iterator[str]:
    if is_open(row):
        yield _SHOWN
        if row.since is not None:
            yield _UNEXPLAINED
    elif row.operation or row.confidence == Confidence.CONFIRMED:
        yield _REFUTED


def _name(row: FindingRow) -> str:
    """The resource's name where it tells the difference: a child's, or a whole resource's.

    Of a scale set's property it does not matter which scale set carries it.
    """
    is_child = row.resource_type.count("/") >= _TOP_LEVEL
    return arm.name(row.resource_id) if is_child or not row.property else ""


def _common(text: str, row: FindingRow) -> str:
    names = (row.cluster_name, row.node_resource_group, row.resource_group, row.node_pool)
    own = [row.subscription_id, *names]
    longest_first = sorted(map(re.escape, filter(None, own)), key=len, reverse=True)
    mine = rf"(?<![a-z0-9])(?:{'|'.join(longest_first)})(?![a-z0-9])"
    without = re.sub(mine, "{own}", text, flags=re.IGNORECASE)
    return _OF_ONE_CLUSTER.sub("{n}", without.casefold())
