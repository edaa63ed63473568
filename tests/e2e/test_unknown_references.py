"""What AKS names after this program was written accuses nobody, and is shown as it is."""

from __future__ import annotations

import csv
from pathlib import Path

from auditor.demo.server import serve_in_background
from tests.e2e.program import Auditor, at
from tests.support import variants

NEW = Path(__file__).with_name("unknown_references.json")

RAW = (
    "AKSNebula-gen2-r9",
    "galleries/AKSNebula/images/gen2/versions/r9",
    "1.99.3",
    "'next'",
    "Microsoft.AKS Compute.AKS.Linux.Helper 7.0",
    "Microsoft.Azure.NodeInsight NodeInsightLinux 1.4",
    "Partial",
)
"""What was read and is not known: images, versions, extensions, a level of lockdown."""


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_not_known_gives_leads_and_unknowns_with_the_raw_value(
    auditor: Auditor, tmp_path: Path
) -> None:
    with serve_in_background(variants.arm_for_file(NEW)) as address:
        flags, environ = at(address)
        done = auditor("audit", *flags, environ=environ)

    assert done.code == 0, done.err
    folder = tmp_path / "aks-auditor-report"
    assert {row["verdict"] for row in rows_of(folder, "verdicts.csv")} <= {
        "pass",
        "warning",
        "unknown",
        "not_applicable",
    }
    assert {row["confidence"] for row in rows_of(folder, "findings.csv")} == {"possible"}
    shown = "".join((folder / name).read_text("utf-8") for name in ("findings.csv", "verdicts.csv"))
    assert [raw for raw in RAW if raw not in shown] == []
    assert "aks-managed-quantum-mode" not in shown
