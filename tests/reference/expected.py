"""Every finding that untouched recordings may give, and every rule that cannot judge them.

Whatever is found and does not stand here is a false alarm.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

CLUSTER = "the cluster"


class Finding(NamedTuple):
    """A finding; ``resource`` by its id within the node resource group, in lower case.

    ``CLUSTER`` is the cluster itself.
    """

    rule: str
    resource: str
    property: str
    confidence: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and why it is right; ``of`` are patterns (``fnmatch``) of names."""

    of: tuple[str, ...]
    finding: Finding
    reason: str


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that cannot judge a scene, in the words of their verdict."""

    of: str
    rules: frozenset[str]
    says: str
    reason: str


def _no_windows_scale_set(name: str, *of: str) -> Expected:
    return Expected(
        of=of,
        finding=Finding("VMSS008", f"{_SCALE_SETS}/{name}", "", "confirmed"),
        reason="A Windows pool's scale set is called after the pool. Nobody recorded it, so that "
        "here it answers 404; of a Linux pool's, the name is unknown, and nothing is said.",
    )


_SCALE_SETS = "microsoft.compute/virtualmachinescalesets"

EXPECTED = (
    _no_windows_scale_set(
        "aksnpwin",
        "managedClusters/aks_create_with_ahub-60-Succeeded.json",
        "managedClusters/aks_update_with_windows_gmsa-59-Succeeded.json",
        "agentPools/LIST-aks_create_with_ahub-59.json#1",
        "agentPools/aks_nodepool_add_with_ossku_windowsannual-32-Succeeded.json",
    ),
    _no_windows_scale_set(
        "aksc000003",
        "agentPools/LIST-aks_gpu_driver_type-33.json#1",
        "agentPools/aks_gpu_driver_type-32-Succeeded.json",
    ),
    _no_windows_scale_set("aksn000004", "agentPools/aks_gpu_driver_type-45-Succeeded.json"),
)


def _identities_not_named(scene: str, carrier: str) -> Unknown:
    return Unknown(
        of=scene,
        rules=frozenset({"VMSS007"}),
        says=f"{carrier} has user-assigned identities, which Azure did not name",
        reason="Its recorded row says UserAssigned and leaves the identities out.",
    )


UNKNOWN = (
    _identities_not_named("kubenet-2021-private", "aks-nodepool1-10307300-vmss"),
    _identities_not_named("kubenet-2021-one-node", "aks-nodepool1-25268602-vmss"),
    _identities_not_named("kubenet-2021-one-node-too", "aks-nodepool1-37244533-vmss"),
    _identities_not_named("kubenet-2021-southcentralus", "aks-nodepool1-36498806-vmss"),
    _identities_not_named("kubenet-2021-without-create-operation", "aks-nodepool1-12369646-vmss"),
    _identities_not_named("kubenet-2021-custom-network", "aks-nodepool1-36885111-vmss"),
    _identities_not_named("availability-set-2021", "aks-nodepool1-41827532-0"),
    Unknown(
        of="availability-set-2021",
        rules=frozenset({"PWR001", "PWR002", "PWR003", "PWR006"}),
        says="node aks-nodepool1-41827532-0 of nodepool1: no power state",
        reason="Of the machine only a row was recorded, which has no instance view.",
    ),
)


def of(name: str) -> set[Finding]:
    """What a scene, a recorded cluster or a recorded node pool may give."""
    return {
        expected.finding
        for expected in EXPECTED
        if any(fnmatchcase(name, pattern) for pattern in expected.of)
    }


def unknown(scene: str) -> dict[str, str]:
    """What cannot be judged of a scene: the reason of the verdict, by rule."""
    return {rule: row.says for row in UNKNOWN if row.of == scene for rule in sorted(row.rules)}
