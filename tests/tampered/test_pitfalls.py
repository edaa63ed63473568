"""What audits of AKS commonly miss, or say without knowing: each is met here once.

The other half, what they commonly raise in vain, is in ``tests/benign``.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from tests.support import cases
from tests.test_cases import audit


class Met(NamedTuple):
    """A case, the rule that must speak there, and its verdict."""

    case: str
    rule: str
    verdict: str


PITFALLS = MappingProxyType(
    {
        "what ARM never returns can be swapped without a trace": Met(
            "EXT005/violates-swapped-command-left-no-trace", "EXT005", "violation"
        ),
        "AKS reverts an edit before anyone looks": Met(
            "VMSS010/violates-reverted-edit", "VMSS010", "violation"
        ),
        "a pipeline borrows the cluster's own identity": Met(
            "PWR005/violates-cluster-identity-in-a-pipeline", "PWR005", "violation"
        ),
        "a pod borrows the kubelet's identity": Met(
            "VMSS010/violates-reused-kubelet-identity", "VMSS010", "violation"
        ),
        "one deployment shares its correlation id with AKS's own work": Met(
            "VMSS010/violates-one-deployment-touches-both", "VMSS010", "violation"
        ),
        "a rule is written through its own address": Met(
            "NET001/violates-ssh-rule-by-cli", "NET001", "violation"
        ),
        "rules are written with the group as a whole": Met(
            "NET001/violates-sources-widened-by-terraform", "NET004", "violation"
        ),
        "the network of the nodes lies in another group": Met(
            "NET001/violates-on-a-custom-network-by-policy", "NET001", "violation"
        ),
        "Azure Policy is no person": Met(
            "EXT003/violates-agent-deployed-by-policy", "EXT003", "violation"
        ),
        "the log forgets when a cluster was stopped": Met(
            "PWR004/violates-record-is-gone", "PWR004", "warning"
        ),
        "instances cannot be read": Met("PWR001/unknown-instances-denied", "PWR001", "unknown"),
        "scale sets cannot be read": Met(
            "VMSS001/unknown-scale-sets-refused", "VMSS001", "unknown"
        ),
        "the log cannot be read": Met("VMSS010/unknown-log-refused", "VMSS010", "unknown"),
        "a pool is being changed by AKS": Met(
            "VMSS001/transition-pool-updating", "VMSS001", "unknown"
        ),
        "a pool failed half-way": Met("VMSS001/transition-failed-pool", "VMSS001", "unknown"),
        "a contradiction shows at one of two looks": Met(
            "VMSS001/transition-seen-only-once", "VMSS001", "unknown"
        ),
    }
)


@pytest.mark.parametrize("met", PITFALLS.values(), ids=list(PITFALLS))
async def test_a_pitfall_is_neither_missed_nor_glossed_over(met: Met, tmp_path: Path) -> None:
    report = await audit(cases.arm_for_case(met.case), tmp_path)
    verdicts = {row.rule_id: row.verdict for row in report.verdicts()}
    assert verdicts[met.rule] == met.verdict
