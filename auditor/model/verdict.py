"""What a rule says, and what evaluation makes of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from auditor.model import resource_id as arm
from auditor.model.facet import Gap
from auditor.model.operation import Operation, OperationKind
from auditor.model.question import Question


class Verdict(StrEnum):
    """One per rule and cluster."""

    VIOLATION = "violation"
    WARNING = "warning"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a finding weighs."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for ``info`` to 4 for ``critical``."""
        return _SEVERITIES[self]


class Confidence(StrEnum):
    """How sure a finding is."""

    POSSIBLE = "possible"
    LIKELY = "likely"
    CONFIRMED = "confirmed"

    @property
    def rank(self) -> int:
        """0 for ``possible`` to 2 for ``confirmed``."""
        return _CONFIDENCES[self]


_SEVERITIES = {one: rank for rank, one in enumerate(Severity)}
_CONFIDENCES = {one: rank for rank, one in enumerate(Confidence)}  # every subject asks for it


class ClockKind(StrEnum):
    """The deadlines that the policy sets."""

    NO_NODES = "30d_no_nodes"
    STOPPED = "12m_stopped"
    SUBSCRIPTION = "90d_subscription"


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline as an interval; ``None`` where evidence gives no bound. Never an invented date.

    ``basis`` says in words where the bounds come from.
    """

    kind: ClockKind
    started_earliest: datetime | None
    started_latest: datetime | None
    deadline_earliest: datetime | None
    deadline_latest: datetime | None
    days_left: int | None
    basis: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the trail that a reader can follow: what is said, and where it was read."""

    text: str
    source: str = ""
    at: datetime | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One departure from the policy on one resource, as a rule yields it.

    ``path`` is the property that departs (empty: the resource as a whole).
    ``explained_by`` names the kinds of operation that would have brought the state about;
    ``operation`` is set by recorded rules only; ``author`` by state rules that have found out
    themselves which operation brought the state about, so that none is looked for; they have
    weighed it, too. ``advice`` makes a warning of it whatever its confidence.
    ``raised_by_operation``: a customer's operation on record that explains the finding proves
    it, so that its confidence becomes ``confirmed``. ``questions`` asks the second pass for
    more; ``rests_on`` are the resources that it reads again besides the cluster (default: the
    finding's own resource).
    """

    resource_id: str
    path: str
    summary: str
    severity: Severity
    confidence: Confidence
    expected: str | None = None
    actual: str | None = None
    node_pool: str = ""
    instances: tuple[str, ...] = ()
    explained_by: frozenset[OperationKind] = frozenset()
    raised_by_operation: bool = True
    operation: Operation | None = None
    author: Operation | None = None
    advice: bool = False
    standing: bool = True
    clock: Clock | None = None
    evidence: tuple[Evidence, ...] = ()
    remediation: str = ""
    commands: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    rests_on: tuple[str, ...] = ()
    discriminator: str = ""

    @property
    def is_recorded(self) -> bool:
        """Whether it reports an operation on record, not a state."""
        return self.operation is not None

    @property
    def verdict(self) -> Verdict:
        """``possible`` alone is a warning, never a violation."""
        if self.advice or self.confidence is Confidence.POSSIBLE:
            return Verdict.WARNING
        return Verdict.VIOLATION

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two readings of one departure the same, besides rule and cluster."""
        return (arm.key(self.resource_id), self.path, self.discriminator)


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that a rule could not judge, and why."""

    gap: Gap


class NotApplicable(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that the rule has nothing to say of, and why, as a sentence."""

    reason: str


class RuleVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of one rule on one cluster, with the gaps that it met."""

    rule_id: str
    verdict: Verdict
    reason: str = ""
    gaps: tuple[Gap, ...] = ()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as evaluation leaves it: attributed, folded, with its deed and fingerprint.

    ``client`` is the application that was used, where it is known.
    """

    rule_id: str
    finding: Finding
    fingerprint: str
    deed: str
    operation: Operation | None = None
    since: datetime | None = None
    until: datetime | None = None
    recorded_rules: tuple[str, ...] = ()
    client: str = ""


class ClusterEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All that evaluation says of one cluster: a verdict per rule, and the findings behind them."""

    cluster_id: str
    verdicts: tuple[RuleVerdict, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    questions: frozenset[Question] = frozenset()
