"""How the page says things: states, moments, deadlines, outcomes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from auditor.model import resource_id as arm

SUPPORT: Mapping[str, str] = {
    "out_of_support": "Out of support",
    "at_risk": "At risk",
    "not_assessed": "Not assessed",
    "in_support": "In support",
}

VERDICTS: Mapping[str, str] = {
    "violation": "Violation",
    "warning": "Warning",
    "unknown": "Not judged",
    "pass": "Passed",
    "not_applicable": "Not applicable",
    "not_visible": "Not visible",
}

OUTCOMES: Mapping[str, str] = {
    "denied": "Access denied",
    "throttled": "Throttled",
    "timeout": "Timed out",
    "gone": "Gone when asked",
    "transition": "In transition",
    "failed": "Failed",
    "skipped": "Not attempted",
}

ADVICE: Mapping[str, str] = {
    "denied": "a role that may read it, such as Reader on the subscription",
    "throttled": "another run, at a quieter hour or with fewer requests at a time",
    "timeout": "another run",
    "gone": "nothing: it was deleted while the run read",
    "transition": "nothing: it is judged once the operation has ended",
    "failed": "another run; report it if it stays",
    "skipped": "nothing that a role could change",
}
"""What would let a read succeed, where no single permission would."""

ACTORS: Mapping[str, str] = {
    "aks": "AKS",
    "cluster_identity": "the cluster's own identity",
    "user": "user",
    "service_principal": "service principal",
    "managed_identity": "managed identity",
    "azure_policy": "Azure Policy",
    "azure_service": "an Azure service",
    "platform": "the Azure platform",
    "unknown": "author unknown",
}

CLOCKS: Mapping[str, str] = {
    "30d_no_nodes": "no running nodes: AKS stops the cluster after 30 days",
    "12m_stopped": "stopped: AKS deletes state and resources after 12 months",
    "90d_subscription": "subscription suspended: clusters are deleted after 90 days",
}

CONFIDENCE: Mapping[str, str] = {
    "confirmed": "Confirmed: the evidence leaves no benign cause",
    "likely": "Likely: AKS is not known to do this, but nobody is on record for it",
    "possible": "Possible: a lead that AKS itself may explain",
}

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def visible(text: str) -> str:
    """The text with every character that would be invisible, or reorder its line, spelled out.

    A name can hold control characters, bidirectional overrides and zero-width letters to pass
    for another one. They come out as ``⟦U+202E⟧``.
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_spelled, text))


def moment(at: datetime | None) -> str:
    """A moment to the minute, in UTC; ``not dated`` where there is none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "not dated"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 cluster``, ``2 clusters``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def policies(assignments: Sequence[str]) -> str:
    """Azure Policy's assignments that had a hand in a call, to be read behind its caller."""
    names = " and ".join(map(arm.name, assignments))
    noun = "assignment" if len(assignments) == 1 else "assignments"
    return f"with the policy {noun} {names}" if names else ""


def deadline(earliest: datetime | None, latest: datetime | None, as_of: datetime) -> str:
    """A deadline as the interval that the evidence allows, and no narrower."""
    if earliest is None and latest is None:
        return "No date can be given: nothing on record says when the clock started."
    if earliest is not None and earliest == latest:
        return f"{_dated(earliest, as_of)}."
    soonest = f"{_dated(earliest, as_of)} at the earliest" if earliest else "How soon is not known"
    longest = f"{_dated(latest, as_of)} at the latest" if latest else "how late is not known"
    return f"{soonest}, {longest}."


def _dated(at: datetime, as_of: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d} ({distance(at, as_of)})"


def distance(at: datetime, as_of: datetime) -> str:
    """How far a moment lies from the run's, in whole days."""
    days = abs(at - as_of) // timedelta(days=1)
    if not days:
        return "within a day" if at >= as_of else "less than a day ago"
    return f"in {count(days, 'day')}" if at >= as_of else f"{count(days, 'day')} ago"


def _spelled(character: str) -> str:
    hidden = unicodedata.category(character) in _INVISIBLE or character in _BLANK_LETTERS
    return f"⟦U+{ord(character):04X}⟧" if hidden else character
