"""How reports say things: states, moments, deadlines, outcomes. Messages, in every language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from auditor.language import Message, counted
from auditor.language import message as _
from auditor.model import resource_id as arm

SUPPORT: Mapping[str, Message] = {
    "out_of_support": _("Out of support"),
    "at_risk": _("At risk"),
    "not_assessed": _("Not assessed"),
    "in_support": _("In support"),
}

VERDICTS: Mapping[str, Message] = {
    "violation": _("Violation"),
    "warning": _("Warning"),
    "unknown": _("Not judged"),
    "pass": _("Passed"),
    "not_applicable": _("Not applicable"),
    "not_visible": _("Not visible"),
}

SEVERITIES: Mapping[str, Message] = {
    "critical": _("critical"),
    "high": _("high"),
    "medium": _("medium"),
    "low": _("low"),
    "info": _("info"),
}

STATES: Mapping[str, Message] = {
    "new": _("New"),
    "open": _("Open"),
    "reopened": _("Reopened"),
    "resolved": _("Resolved"),
    "not_evaluated": _("Not judged this time"),
}
"""What has become of a finding since the run before."""

SPLITS: Mapping[str, Message] = {
    "owner": _("owner"),
    "subscription": _("subscription"),
    "management-group": _("management group"),
}
"""What a run may be split by; any other word is a tag's."""

PARTS: Mapping[str, Message] = {
    "none": _("untagged"),
    "unknown": _("not known"),
}
"""The parts that have no value."""

OUTCOMES: Mapping[str, Message] = {
    "denied": _("Access denied"),
    "throttled": _("Throttled"),
    "timeout": _("Timed out"),
    "gone": _("Gone when asked"),
    "transition": _("In transition"),
    "failed": _("Failed"),
    "skipped": _("Not attempted"),
}

ADVICE: Mapping[str, Message] = {
    "denied": _("a role that may read it, such as Reader on the subscription"),
    "throttled": _("another run, at a quieter hour or with fewer requests at a time"),
    "timeout": _("another run"),
    "gone": _("nothing: it was deleted while the run read"),
    "transition": _("nothing: it is judged once the operation has ended"),
    "failed": _("another run; report it if it stays"),
    "skipped": _("nothing that a role could change"),
}
"""What would let a read succeed, where no single permission would."""

ACTORS: Mapping[str, Message] = {
    "aks": _("AKS"),
    "cluster_identity": _("the cluster's own identity"),
    "user": _("user"),
    "service_principal": _("service principal"),
    "managed_identity": _("managed identity"),
    "azure_policy": _("Azure Policy"),
    "azure_service": _("an Azure service"),
    "platform": _("the Azure platform"),
    "unknown": _("author unknown"),
}

CLOCKS: Mapping[str, Message] = {
    "30d_no_nodes": _("no running nodes: AKS stops the cluster after 30 days"),
    "12m_stopped": _("stopped: AKS deletes state and resources after 12 months"),
    "90d_subscription": _("subscription suspended: clusters are deleted after 90 days"),
}

CONFIDENCE: Mapping[str, Message] = {
    "confirmed": _("Confirmed: the evidence leaves no benign cause"),
    "likely": _("Likely: AKS is not known to do this, but nobody is on record for it"),
    "possible": _("Possible: a lead that AKS itself may explain"),
}

NOT_DATED = _("not dated")

_BETWEEN_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def visible(text: str) -> str:
    """The text with every character that would be invisible, or reorder its line, spelled out.

    A name can hold control characters, bidirectional overrides and zero-width letters to pass
    for another one. They come out as ``⟦U+202E⟧``.
    """
    if text.isprintable() and _BLANK_LETTERS.isdisjoint(text):
        return text
    return "".join(map(_spelled, text))


def named(words: Mapping[str, Message], word: str) -> Message:
    """The message for a word; the word itself where a newer version of this tool wrote it."""
    return words.get(word, Message(word))


def remedies(text: str) -> list[str]:
    """The sentences of an advice: each is translated by itself, for authors add their own."""
    return _BETWEEN_SENTENCES.split(text)


def remedy(text: str) -> Message:
    """An advice, its sentences in the reader's language as far as they are always the same."""
    first, *others = map(Message, remedies(text))
    told = first
    for sentence in others:
        told = _("{so_far} {sentence}", so_far=told, sentence=sentence)
    return told


def moment(at: datetime | None) -> Message:
    """A moment to the minute, in UTC; ``not dated`` where there is none."""
    return Message(utc(at)) if at else NOT_DATED


def utc(at: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def hand(kind: str, name: str) -> Message:
    """Somebody, by name and kind; by kind alone where there is no name."""
    told = named(ACTORS, kind)
    return _("{name} ({kind})", name=name, kind=told) if name else told


def policies(assignments: Sequence[str]) -> Message:
    """Azure Policy's assignments that had a hand in a call, to be read behind its caller."""
    return counted(
        "with the policy assignment {names}",
        "with the policy assignments {names}",
        len(assignments),
        names=", ".join(map(arm.name, assignments)),
    )


def deadline(earliest: datetime | None, latest: datetime | None, as_of: datetime) -> Message:
    """A deadline as the interval that the evidence allows, and no narrower."""
    if earliest is None and latest is None:
        return _("No date can be given: nothing on record says when the clock started.")
    if earliest is not None and earliest == latest:
        return _("{date}.", date=_dated(earliest, as_of))
    if earliest is None or latest is None:
        return _half_open(earliest, latest, as_of)
    return _(
        "{soonest} at the earliest, {longest} at the latest.",
        soonest=_dated(earliest, as_of),
        longest=_dated(latest, as_of),
    )


def _half_open(earliest: datetime | None, latest: datetime | None, as_of: datetime) -> Message:
    if earliest is not None:
        soonest = _dated(earliest, as_of)
        return _("{soonest} at the earliest, how late is not known.", soonest=soonest)
    longest = _dated(latest, as_of) if latest else NOT_DATED
    return _("How soon is not known, {longest} at the latest.", longest=longest)


def _dated(at: datetime, as_of: datetime) -> Message:
    return _("{date} ({distance})", date=day(at), distance=distance(at, as_of))


def day(at: datetime) -> str:
    """The day of a moment, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def distance(at: datetime, as_of: datetime) -> Message:
    """How far a moment lies from the run's, in whole days."""
    days = whole_days(at, as_of)
    if not days:
        return _("within a day") if at >= as_of else _("less than a day ago")
    if at >= as_of:
        return counted("in {n} day", "in {n} days", days)
    return counted("{n} day ago", "{n} days ago", days)


def whole_days(at: datetime, as_of: datetime) -> int:
    """How many whole days lie between two moments, whichever comes first."""
    return abs(at - as_of) // timedelta(days=1)


def _spelled(character: str) -> str:
    hidden = unicodedata.category(character) in _INVISIBLE or character in _BLANK_LETTERS
    return f"⟦U+{ord(character):04X}⟧" if hidden else character
