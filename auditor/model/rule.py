"""A rule: one clause check, one file, one pure function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from auditor.model import resource_id as arm
from auditor.model.facet import Facet
from auditor.model.governance import PropertyChange
from auditor.model.observation import Observation
from auditor.model.operation import Operation
from auditor.model.verdict import Finding, NotApplicable, Severity, Unknown


class Subject(StrEnum):
    """What a rule judges, one at a time: a gap in one subject does not hide another.

    ``NODE_POOL`` rules get a :class:`~auditor.model.snapshot.NodePoolView` per pool, ``SCALE_SET``
    rules one per pool that is carried by a scale set (they have no say in others), ``CLUSTER``
    rules the :class:`~auditor.model.snapshot.Cluster`. ``NODES`` rules get each pool's view, and
    :class:`~auditor.model.snapshot.StandaloneNodes` where a cluster has nodes of no pool.
    """

    CLUSTER = "cluster"
    NODES = "nodes"
    NODE_POOL = "node_pool"
    SCALE_SET = "scale_set"


class Aspect(StrEnum):
    """What of a pool or cluster a rule compares: decides what an unfinished operation hides.

    A rule that compares nothing (``recorded`` ones) always runs.
    """

    CAPACITY = "capacity"
    MODEL = "model"
    IMAGE = "image"
    EXTENSIONS = "extensions"
    POWER = "power"
    NETWORK = "network"
    METADATA = "metadata"
    VERSION = "version"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's metadata; its prose is the docstring of its module.

    ``severity`` is the highest that a finding can have; ``clauses`` are the policy's (``C1``);
    ``since`` the version that brought the rule.
    """

    id: str
    title: str
    severity: Severity
    clauses: tuple[str, ...]
    docs_url: str
    since: str
    judges: Subject
    compares: frozenset[Aspect] = frozenset()
    recorded: bool = False

    @property
    def family(self) -> str:
        """The letters of the id: ``VMSS``, ``EXT``, ``PWR``, ``NET``."""
        return self.id.rstrip("0123456789")


class Tunables(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds that a user may set.

    ``endless_transition_hours``: after how long an operation without an end stops hiding what it
    leaves; ``version_warning_days``: how long ahead the end of a Kubernetes version's support is
    told; ``image_warning_days``: above which age a node image is warned of.
    """

    endless_transition_hours: int = 24
    version_warning_days: int = 60
    image_warning_days: int = 60


class Context(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a rule may know besides its subject. It never reads the clock itself.

    ``operations`` are the cluster's own, merged and classified, oldest first. ``changes`` are
    empty where they could not be read: they add to the evidence and never take from it.
    ``subscriptions`` are those that the run can see, in lower case: none is Microsoft's own.
    """

    now: datetime
    operations: Facet[tuple[Operation, ...]]
    observation: Observation | None = None
    tunables: Tunables = Tunables()
    changes: tuple[PropertyChange, ...] = ()
    subscriptions: frozenset[str] = frozenset()

    def done_to(self, resource_id: str) -> tuple[Operation, ...]:
        """What is on record of the top-level resource that the id lies in, oldest first.

        Children included, parents not. Empty also where the log could not be read.
        """
        return self._by_root.get(arm.root(resource_id), ())

    def changed(self, resource_id: str) -> tuple[PropertyChange, ...]:
        """What is known to have changed in the top-level resource, oldest first."""
        return self._changes_by_root.get(arm.root(resource_id), ())

    def correlated(self, correlation_id: str) -> tuple[Operation, ...]:
        """The operations under one correlation id, oldest first; none under an absent one."""
        return self._by_correlation.get(correlation_id.casefold(), ())

    @cached_property
    def _changes_by_root(self) -> Mapping[str, tuple[PropertyChange, ...]]:
        grouped: defaultdict[str, list[PropertyChange]] = defaultdict(list)
        for change in sorted(self.changes, key=lambda c: (c.at, c.path)):
            grouped[arm.root(change.resource_id)].append(change)
        return {root: tuple(changes) for root, changes in grouped.items()}

    @cached_property
    def _by_correlation(self) -> Mapping[str, tuple[Operation, ...]]:
        grouped: defaultdict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations.known_or(()):
            if operation.correlation_id.strip("0-"):
                grouped[operation.correlation_id.casefold()].append(operation)
        return {shared: tuple(operations) for shared, operations in grouped.items()}

    @cached_property
    def _by_root(self) -> Mapping[str, tuple[Operation, ...]]:
        """The operations by what they were done to, so that no finding searches the whole log."""
        grouped: defaultdict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations.known_or(()):
            grouped[arm.root(operation.target)].append(operation)
        return {root: tuple(operations) for root, operations in grouped.items()}


Check = Callable[[Any, Context], Iterator[Finding | Unknown | NotApplicable]]


class LoadedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its check and its documentation, as ``rules.load()`` found them.

    ``sections`` are the docstring's headings in order: *What it finds*, *Why it matters*,
    *What is not flagged*, *How to fix it*.
    """

    rule: Rule
    check: Check
    summary: str
    sections: tuple[tuple[str, str], ...]
