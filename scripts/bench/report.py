"""How long a large tenant's report takes to write, how big it is, and what memory it needs.

``python -m scripts.bench.report [FINDINGS]``; ten to a cluster, twenty clusters to a subscription.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from auditor.report.spool import Spool
from auditor.report.view import Report
from auditor.report.write import FORMATS, write
from tests.report import large, sample


def main(count: int) -> None:
    """Spool the units, then write every format on its own."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder))
        for unit in large.units(count):
            spool.write(unit)
        print(f"{count:,} findings")
        for one in FORMATS:
            begun = time.perf_counter()
            paths = write(Report(sample.header(), spool), Path(folder) / one, [one])
            size = sum(path.stat().st_size for path in paths) / 1e6
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            took = time.perf_counter() - begun
            print(f"{one:10} {took:6.2f} s {size:7.1f} MB   peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
