"""Every finding that untouched recordings may give, and every rule that cannot judge them.

Whatever is found and does not stand here is a false alarm.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec


class Finding(NamedTuple):
    """A finding; ``resource`` by its id within the node resource group, in lower case."""

    rule: str
    resource: str
    property: str
    confidence: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and why it is right; ``of`` are patterns of scenes or of recorded clusters."""

    of: tuple[str, ...]
    finding: Finding
    reason: str


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that cannot judge a scene, in the words of their verdict."""

    of: str
    rules: frozenset[str]
    says: str
    reason: str


_WINDOWS_SCALE_SET = "microsoft.compute/virtualmachinescalesets/aksnpwin"

EXPECTED = (
    Expected(
        of=(
            "managedClusters/aks_create_with_ahub-60-Succeeded.json",
            "managedClusters/aks_update_with_windows_gmsa-59-Succeeded.json",
        ),
        finding=Finding("VMSS008", _WINDOWS_SCALE_SET, "", "confirmed"),
        reason="A Windows pool's scale set has the pool's name. Nobody recorded it, so that here "
        "it answers 404; of a Linux pool's, the name is unknown, and nothing is said.",
    ),
)

UNKNOWN = (
    Unknown(
        of="availability-set-2021",
        rules=frozenset(
            {
                *("EXT001", "EXT002", "EXT003", "EXT004", "NET003", "PWR001"),
                *("VMSS001", "VMSS002", "VMSS003", "VMSS004"),
            }
        ),
        says="node pools of type AvailabilitySet are not judged yet",
        reason="The pool has no scale set to be compared with.",
    ),
    Unknown(
        of="availability-set-2021",
        rules=frozenset({"PWR002", "PWR006"}),
        says="whether and why node VM aks-nodepool1-41827532-0 is down cannot be told",
        reason="Of the machine only a row was recorded, which has no instance view.",
    ),
)


def of(name: str) -> set[Finding]:
    """What a scene or a recorded cluster may give."""
    return {
        expected.finding
        for expected in EXPECTED
        if any(fnmatchcase(name, pattern) for pattern in expected.of)
    }


def unknown(scene: str) -> dict[str, tuple[str, str]]:
    """What cannot be judged of a scene: verdict and reason by rule."""
    return {
        rule: ("unknown", row.says)
        for row in UNKNOWN
        if row.of == scene
        for rule in sorted(row.rules)
    }
