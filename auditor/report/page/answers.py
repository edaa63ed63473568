"""What a reader asks first, answered on the first screen: who did it, and how long there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from auditor.language import Message, counted
from auditor.model.report import SummaryRow
from auditor.model.run import HandRow
from auditor.report import words

SHOWN = 4
"""How many hands, and how many clocks, the first screen names."""


class Hand(NamedTuple):
    """Whose hand violations are on record for; ``address`` is where the page lists them."""

    who: Message
    reach: Message
    address: str


def hands(summary: SummaryRow) -> tuple[Hand, ...]:
    """Those behind violations who reached most clusters; what has no author comes last."""
    named = [row for row in summary.hands if not row.is_nobody]
    nobody = [row for row in summary.hands if row.is_nobody]
    return tuple(map(_hand, (*named[: SHOWN - len(nobody)], *nobody)))


def _hand(row: HandRow) -> Hand:
    many = counted("{n:,} violation", "{n:,} violations", row.violations)
    return Hand(
        who=words.hand(row.actor_kind, row.actor),
        reach=counted(
            "{many} on {n:,} cluster", "{many} on {n:,} clusters", row.clusters, many=many
        ),
        address=f"findings/{urlencode(list(_choice(row)))}",
    )


def _choice(row: HandRow) -> Iterator[tuple[str, str]]:
    """What narrows the page's findings down to these."""
    yield ("verdict", "violation")
    yield ("actor", row.actor_kind)
    if row.actor:
        yield ("q", row.actor)
