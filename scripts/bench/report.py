"""How long a large tenant's report takes to write, how big it is, and what memory it needs.

``python -m scripts.bench.report [SUBSCRIPTIONS]``; each has 20 clusters and 200 findings.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from auditor.model.report import ClusterRow, FindingRow, UnitResult
from auditor.report.spool import Spool
from auditor.report.view import Report
from auditor.report.write import FORMATS, write
from tests.report import sample

CLUSTERS = 20
FINDINGS = 200


def units(count: int) -> Iterator[UnitResult]:
    """The sample's first subscription, grown and repeated under new names."""
    shop = sample.shop()
    for number in range(count):
        subscription = f"{number:08d}-0000-4000-8000-000000000000"
        yield UnitResult(
            subscription=msgspec.structs.replace(shop.subscription, id=subscription),
            clusters=tuple(_clusters(shop, subscription)),
            findings=tuple(_findings(shop, subscription)),
            verdicts=tuple(
                msgspec.structs.replace(verdict, cluster_id=_cluster_id(subscription, one))
                for one in range(CLUSTERS)
                for verdict in shop.verdicts[: len(sample.RULES)]
            ),
        )


def _cluster_id(subscription: str, number: int) -> str:
    old = sample.cluster_id(sample.SHOP, "checkout-weu")
    return old.replace(sample.SHOP.id, subscription) + f"-{number:02d}"


def _clusters(shop: UnitResult, subscription: str) -> Iterator[ClusterRow]:
    for number in range(CLUSTERS):
        yield msgspec.structs.replace(
            shop.clusters[1], id=_cluster_id(subscription, number), subscription_id=subscription
        )


def _findings(shop: UnitResult, subscription: str) -> Iterator[FindingRow]:
    for number in range(FINDINGS):
        name = f"{sample.hash_of(f'{subscription}{number}'):040x}"
        yield msgspec.structs.replace(
            shop.findings[number % len(shop.findings)],
            fingerprint=f"aksa1-{name}",
            deed=name,
            cluster_id=_cluster_id(subscription, number % CLUSTERS),
        )


def main(count: int) -> None:
    """Spool the units, then write every format on its own."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder))
        for unit in units(count):
            spool.write(unit)
        print(f"{count * CLUSTERS:,} clusters, {count * FINDINGS:,} findings")
        for one in FORMATS:
            begun = time.perf_counter()
            paths = write(Report(sample.header(), spool), Path(folder) / one, [one])
            size = sum(path.stat().st_size for path in paths) / 1e6
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            took = time.perf_counter() - begun
            print(f"{one:5} {took:6.2f} s {size:7.1f} MB   peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
