"""What a report says once: the program, the policy, the run itself, its notes, and its hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from auditor.model.operation import ActorKind


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all rows."""


class ToolRow(Row, frozen=True, kw_only=True):
    """The program that wrote the report."""

    name: str
    version: str


class ClauseRow(Row, frozen=True, kw_only=True):
    """A clause of the policy, with the rules behind it or why ARM cannot show it.

    ``visible`` tells whether Azure Resource Manager shows anything of it.
    """

    id: str
    text: str
    rules: tuple[str, ...] = ()
    not_visible_reason: str = ""
    visible: bool = True


class PolicyRow(Row, frozen=True, kw_only=True):
    """The policy edition that was audited against."""

    edition: str
    date: date
    url: str
    clauses: tuple[ClauseRow, ...]


class CallRow(Row, frozen=True, kw_only=True):
    """How often one method and path template was called; ``blocked``: refused before sending."""

    method: str
    path: str
    count: int
    failed: int = 0
    blocked: int = 0


class ScopeRow(Row, frozen=True, kw_only=True):
    """What the run was asked to look at, as given."""

    subscriptions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    tenant: str = ""
    cloud: str = ""
    activity_since: datetime | None = None


class PartRow(Row, frozen=True, kw_only=True):
    """The part of a run that a report is about.

    ``split_by`` is what the run was split by, as asked (``tag:owner``). ``kind`` tells a part with
    a value of its own from the rest: clusters of which it is known that they have ``none``, and
    those of which it is ``unknown``. ``key`` is the value in one spelling for all, ``name`` as
    people write it.
    """

    split_by: str
    kind: Literal["value", "none", "unknown"]
    key: str
    name: str


class RunRow(Row, frozen=True, kw_only=True):
    """The run header; ``as_of`` is the moment for which clocks were computed.

    ``part`` is empty in the report of the whole run. The part of a part names both, the wider
    one first; status and reasons are then the part's own.
    ``thresholds`` are those that rules judged by, by their names as options.
    """

    id: str
    started_at: datetime
    finished_at: datetime
    as_of: datetime
    scope: ScopeRow
    status: Literal["complete", "incomplete"]
    status_reasons: tuple[str, ...] = ()
    api_calls: tuple[CallRow, ...] = ()
    part: tuple[PartRow, ...] = ()
    thresholds: Mapping[str, int] = {}


class NoteRow(Row, frozen=True, kw_only=True):
    """The same difference on many clusters with nobody on record, told once.

    ``id`` is the deed that its findings share; property and values are those of one of them.
    ``judged`` counts the clusters on which the rule could be judged.
    """

    id: str
    rule_id: str
    resource_type: str
    property: str
    expected: str | None
    actual: str | None
    clusters: int
    judged: int
    summary: str


class HandRow(Row, frozen=True, kw_only=True):
    """Whose hand violations are on record for; ``actor`` is empty where only its kind is known.

    A summary has ten, those that reached most clusters first; what nobody is on record for comes
    last, and beside the ten.
    """

    actor_kind: str
    actor: str
    violations: int
    clusters: int

    @property
    def is_nobody(self) -> bool:
        """Whether nobody is on record."""
        return self.actor_kind == ActorKind.UNKNOWN and not self.actor
