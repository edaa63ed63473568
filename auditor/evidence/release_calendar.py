"""The release calendar of AKS, built in: when the support of a Kubernetes minor version ends.

The last resort, for it ages with this program: AKS's own notice and what a location offers are
asked first. Source: the calendar in Microsoft's article *Supported Kubernetes versions in Azure
Kubernetes Service (AKS)*, edition of 2026-08-05; for versions that it no longer lists, earlier
editions of the same article. Where it gives a month only, it means that month's last day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec

EDITION = date(2026, 8, 5)
ENDED_BEFORE_CALENDAR = date(2024, 3, 31)
"""The end of 1.26: every version before the first of :data:`CALENDAR` ended by then."""


class Lifetime(msgspec.Struct, frozen=True, kw_only=True):
    """The last days of community support and of long-term support, which not all have."""

    community: date
    long_term: date | None = None


def _end_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


CALENDAR: Mapping[tuple[int, int], Lifetime] = MappingProxyType(
    {
        (1, 27): Lifetime(community=_end_of(2024, 7), long_term=_end_of(2025, 7)),
        (1, 28): Lifetime(community=_end_of(2025, 1), long_term=_end_of(2026, 2)),
        (1, 29): Lifetime(community=_end_of(2025, 3), long_term=_end_of(2026, 4)),
        (1, 30): Lifetime(community=date(2025, 8, 22), long_term=_end_of(2026, 7)),
        (1, 31): Lifetime(community=date(2025, 11, 1), long_term=_end_of(2026, 11)),
        (1, 32): Lifetime(community=_end_of(2026, 3), long_term=_end_of(2027, 3)),
        (1, 33): Lifetime(community=_end_of(2026, 7), long_term=_end_of(2027, 7)),
        (1, 34): Lifetime(community=_end_of(2026, 11), long_term=_end_of(2027, 11)),
        (1, 35): Lifetime(community=_end_of(2027, 3), long_term=_end_of(2028, 3)),
        (1, 36): Lifetime(community=_end_of(2027, 6), long_term=_end_of(2028, 6)),
        (1, 37): Lifetime(community=_end_of(2027, 10), long_term=_end_of(2028, 10)),
    }
)


def lifetime(minor: tuple[int, int]) -> Lifetime | None:
    """When the support of a minor version ends; ``None`` for one newer than the calendar."""
    if minor < min(CALENDAR):
        return Lifetime(community=ENDED_BEFORE_CALENDAR)
    return CALENDAR.get(minor)
