"""Whether a Kubernetes version is supported: three witnesses, none of which knows everything.

AKS's *notice* (Resource Graph) is its own word on one cluster, but comes two weeks ahead at most.
The *location*'s offer is live, but has no dates, and a version leaves it before its support ends.
The built-in *calendar* has dates, but ages. Two that agree prove; one alone is a lead, and never
outweighs two others. A witness that was not heard never makes the others say more.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from auditor.evidence import release_calendar
from auditor.evidence.kubernetes_versions import Minor, Plan, minor_of, newest, offers
from auditor.model import resource_id as arm
from auditor.model.facet import Gap, Known
from auditor.model.lifecycle import EndOfLifeNotice
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence

GRACE = timedelta(days=30)
"""How long AKS still supports a version that it has removed."""

NOTICE = "AKS's own notice"
CALENDAR = f"AKS's release calendar of {release_calendar.EDITION}"

_PLATFORM_SUPPORT = 3
"""How many minor versions behind AKS's newest the platform alone is still supported."""

_PLANS = {"community": Plan.COMMUNITY, "lts": Plan.LONG_TERM}


class Says(StrEnum):
    """What a witness with dates says of the end of support."""

    OVER = "over"
    SOON = "soon"
    LATER = "later"
    NOTHING = "nothing"
    UNHEARD = "unheard"


class Outlook(StrEnum):
    """What follows for a version."""

    SUPPORTED = "supported"
    ENDING = "ending"
    ENDED = "ended"
    DOUBTFUL = "doubtful"
    UNTOLD = "untold"


class Opinion(NamedTuple):
    """An outlook, and how sure it is."""

    outlook: Outlook
    confidence: Confidence = Confidence.CONFIRMED


_SUPPORTED = Opinion(Outlook.SUPPORTED)
_UNTOLD = Opinion(Outlook.UNTOLD)
_DOUBTFUL = Opinion(Outlook.DOUBTFUL, Confidence.POSSIBLE)


def opinion(notice: Says, offered: bool | None, calendar: Says) -> Opinion:
    """What the three witnesses say together; ``offered`` is ``None`` where it was not read."""
    if notice is Says.OVER:
        return _by_notice(Outlook.ENDED, offered, calendar)
    if calendar is Says.OVER:
        return _past_the_calendar(notice, offered)
    if notice is Says.SOON:
        return _by_notice(Outlook.ENDING, offered, calendar)
    if calendar is Says.SOON and notice is not Says.LATER:
        heard = notice is Says.NOTHING
        return Opinion(Outlook.ENDING, Confidence.CONFIRMED if heard else Confidence.POSSIBLE)
    return _without_an_end(notice, offered, calendar)


def _by_notice(outlook: Outlook, offered: bool | None, calendar: Says) -> Opinion:
    """AKS's notice holds, unless the calendar contradicts it and the location does not bear it."""
    if calendar is not Says.LATER or offered is False:
        return Opinion(outlook)
    return _SUPPORTED if offered else _DOUBTFUL


def _past_the_calendar(notice: Says, offered: bool | None) -> Opinion:
    """The calendar and the location together prove; AKS's own notice may still differ."""
    if offered is False:
        sure = notice is Says.NOTHING
        return Opinion(Outlook.ENDED, Confidence.CONFIRMED if sure else Confidence.LIKELY)
    if offered and notice is Says.SOON:
        return Opinion(Outlook.ENDING)
    return _SUPPORTED if offered and notice is Says.LATER else _DOUBTFUL


def _without_an_end(notice: Says, offered: bool | None, calendar: Says) -> Opinion:
    if offered is None:
        return _UNTOLD
    if not offered:
        return _DOUBTFUL
    dated = calendar is not Says.NOTHING or notice is not Says.UNHEARD
    return _SUPPORTED if dated else _UNTOLD


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """The outlook of one version under one plan, with what every witness said.

    ``end`` is the date that the outlook rests on, ``None`` where there is none, and ``source``
    whose it is; ``platform`` says what is left once the plan's support has ended; ``unheard``
    are the witnesses that could not be read.
    """

    outlook: Outlook
    confidence: Confidence
    end: date | None
    source: str
    platform: str
    unheard: tuple[Gap, ...]
    evidence: tuple[Evidence, ...]


def support_of(minor: Minor, plan: Plan, cluster: Cluster, today: date, ahead: int) -> Support:
    """Hear the witnesses on a version; *soon* is within ``ahead`` days of ``today``."""
    noticed, listed = _notice(minor, plan, cluster), calendar_end(minor, plan)
    soon = today + timedelta(days=ahead)
    by_notice = _said(noticed, today, soon)
    by_calendar = _said(listed, today, soon, GRACE)
    if isinstance(cluster.notices, Gap):
        by_notice = Says.UNHEARD
    said = opinion(by_notice, _offered(minor, plan, cluster), by_calendar)
    wanted = Says.SOON if said.outlook is Outlook.ENDING else Says.OVER
    ends = ((by_notice, noticed, NOTICE), (by_calendar, listed, CALENDAR))
    fitting = ((end, source) for says, end, source in ends if says is wanted)
    end, source = next(fitting, (None, ""))
    return Support(
        outlook=said.outlook,
        confidence=said.confidence,
        end=end,
        source=source,
        platform=_platform_support(minor, cluster),
        unheard=tuple(f for f in (cluster.releases, cluster.notices) if isinstance(f, Gap)),
        evidence=(
            _evidence_of_notice(minor, noticed, cluster),
            _evidence_of_offer(minor, plan, cluster),
            _evidence_of_calendar(minor, plan),
        ),
    )


def calendar_end(minor: Minor, plan: Plan) -> date | None:
    """The last day of a version's support by the built-in calendar."""
    lifetime = release_calendar.lifetime(minor)
    if lifetime is None:
        return None
    longer = lifetime.long_term if plan is Plan.LONG_TERM else None
    return longer or lifetime.community


def _said(end: date | None, today: date, soon: date, grace: timedelta = timedelta()) -> Says:
    if end is None:
        return Says.NOTHING
    if today > end + grace:
        return Says.OVER
    return Says.SOON if end <= soon else Says.LATER


def _notice(minor: Minor, plan: Plan, cluster: Cluster) -> date | None:
    """The end that AKS has announced to this cluster: older notices tell of older versions."""
    notices = cluster.notices.known_or(())
    ends = [notice.ends_on for notice in notices if _is_about(notice, minor, plan, cluster)]
    return max((end for end in ends if end), default=None)


def _is_about(notice: EndOfLifeNotice, minor: Minor, plan: Plan, cluster: Cluster) -> bool:
    return (
        arm.same(notice.cluster_id, cluster.id)
        and minor_of(notice.version) == minor
        and _PLANS.get(notice.support_type.casefold(), plan) is plan
    )


def _offered(minor: Minor, plan: Plan, cluster: Cluster) -> bool | None:
    if isinstance(cluster.releases, Known):
        return offers(cluster.releases.value, minor, plan)
    return None


def _platform_support(minor: Minor, cluster: Cluster) -> str:
    latest = newest(cluster.releases.known_or(()))
    if latest is None or latest.major != minor.major:
        return ""
    behind = latest.number - minor.number
    if behind == _PLATFORM_SUPPORT:
        until = Minor(latest.major, latest.number + 1)
        return f"only the platform is still supported, until AKS offers {until}"
    return "not even the platform is supported any more" if behind > _PLATFORM_SUPPORT else ""


def _evidence_of_notice(minor: Minor, noticed: date | None, cluster: Cluster) -> Evidence:
    said = f"support of {minor} ends on {noticed}" if noticed else f"nothing said of {minor}"
    if isinstance(cluster.notices, Gap):
        said = "not read"
    return Evidence(text=f"AKS's own notices: {said}", source="containerserviceeventresources")


def _evidence_of_offer(minor: Minor, plan: Plan, cluster: Cluster) -> Evidence:
    offered = _offered(minor, plan, cluster)
    where = cluster.managed.require().location
    said = "offers" if offered else "does not offer"
    text = f"location {where} {said} {minor} under {plan.words}"
    if offered is None:
        text = f"what location {where} offers: not read"
    return Evidence(text=text, source="kubernetesVersions")


def _evidence_of_calendar(minor: Minor, plan: Plan) -> Evidence:
    end = calendar_end(minor, plan)
    said = f"{plan.words} of {minor} ends on {end}" if end else f"{minor} is not in it"
    text = f"{CALENDAR}, a copy that is built in: {said}"
    return Evidence(text=text, source="Supported Kubernetes versions in AKS")
