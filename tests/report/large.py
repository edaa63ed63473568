"""A tenant of many findings, whose every name tries to be something else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.model.report import ClusterRow, FindingRow, UnitResult
from auditor.report.view import Report
from tests.report import sample

OF_A_CLUSTER = 10
"""Findings of each cluster."""

OF_A_SUBSCRIPTION = 20
"""Clusters of each subscription."""

NAMES = (sample.SCRIPT, sample.HOSTILE, '"><svg onload=alert(1)>', "{{ 7*7 }}", "plain", "ノード")


def report(findings: int) -> Report:
    """The sample's header over that many findings, at most one cluster not full."""
    return Report(sample.header(), tuple(units(findings)))


def units(findings: int) -> Iterator[UnitResult]:
    """The subscriptions of such a tenant."""
    shop = sample.shop()
    left, number = findings, 0
    while left > 0:
        subscription = f"{number:08d}-0000-4000-8000-000000000000"
        found = min(left, OF_A_CLUSTER * OF_A_SUBSCRIPTION)
        yield UnitResult(
            subscription=msgspec.structs.replace(shop.subscription, id=subscription),
            clusters=tuple(_clusters(shop, subscription)),
            findings=tuple(_findings(shop, subscription, found)),
            verdicts=tuple(
                msgspec.structs.replace(verdict, cluster_id=_cluster_id(subscription, one))
                for one in range(OF_A_SUBSCRIPTION)
                for verdict in shop.verdicts[: len(sample.RULES)]
            ),
        )
        left, number = left - found, number + 1


def _cluster_id(subscription: str, number: int) -> str:
    old = sample.cluster_id(sample.SHOP, "checkout-weu")
    return old.replace(sample.SHOP.id, subscription) + f"-{number:02d}"


def _clusters(shop: UnitResult, subscription: str) -> Iterator[ClusterRow]:
    for number in range(OF_A_SUBSCRIPTION):
        name = NAMES[number % len(NAMES)]
        yield msgspec.structs.replace(
            shop.clusters[1],
            id=_cluster_id(subscription, number),
            name=f"{name}-{subscription[:8]}-{number}",
            owner=name,
            subscription_id=subscription,
        )


def _findings(shop: UnitResult, subscription: str, count: int) -> Iterator[FindingRow]:
    for number in range(count):
        name = f"{sample.hash_of(f'{subscription}{number}'):040x}"
        told = NAMES[number % len(NAMES)]
        row = shop.findings[number % len(shop.findings)]
        yield msgspec.structs.replace(
            row,
            fingerprint=f"aksa1-{name}",
            deed=name,
            cluster_id=_cluster_id(subscription, number % OF_A_SUBSCRIPTION),
            summary=f"{row.summary}: {told} {number}",
            actual=told,
            actor=told if row.actor else "",
            resource_id=row.resource_id.replace(sample.SHOP.id, subscription),
        )
