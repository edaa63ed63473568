"""What people, pipelines, policies and pods do to a cluster: every rule meets every manner.

A row names a rule's obvious and its subtle edit, both cases of ``fixtures/cases`` that
``tests/test_cases.py`` holds to every detail. The other manners tell the obvious edit otherwise:
by a pipeline, by Azure Policy, by one of the cluster's own identities, by nobody on record, or
undone since. All go through the real collectors and every rule.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from auditor import rules
from auditor.demo.arm import FakeArm
from auditor.model.report import FindingRow
from tests.support import cases, variants
from tests.test_cases import audit


class Edits(NamedTuple):
    """Cases of one rule; the ``obvious`` edit has somebody on record."""

    obvious: str
    subtle: str


class Manner(StrEnum):
    OBVIOUS = "obvious"
    SUBTLE = "subtle"
    REVERTED = "reverted"
    BY_PIPELINE = "by a pipeline"
    BY_POLICY = "by a policy"
    BY_REUSED_IDENTITY = "by a reused identity"
    BY_NOBODY = "by nobody on record"


ROWS = MappingProxyType(
    {
        "VMSS001": Edits("violates-vm-size-in-portal", "violates-encryption-at-host-by-pipeline"),
        "VMSS002": Edits("violates-scaled-by-a-person", "violates-node-deleted-by-script"),
        "VMSS003": Edits("violates-rolling-upgrade-mode", "violates-dns-server-subtle"),
        "VMSS004": Edits("violates-marketplace-image", "violates-imitating-gallery"),
        "VMSS005": Edits("violates-protected-by-a-person", "violates-one-node-resized"),
        "VMSS006": Edits("violates-attached-by-a-person", "violates-os-disk-of-another-pool"),
        "VMSS007": Edits(
            "violates-identity-by-pipeline", "violates-extension-name-of-another-cluster"
        ),
        "VMSS008": Edits("violates-scale-set-deleted", "violates-foreign-scale-set"),
        "VMSS009": Edits("violates-setting-by-a-pipeline", "violates-setting-of-another-group"),
        "VMSS010": Edits("violates-reverted-edit", "violates-one-deployment-touches-both"),
        "VMSS011": Edits("violates-run-command", "violates-access-reset"),
        "EXT001": Edits("violates-script-in-public-settings", "violates-subtle-flags"),
        "EXT002": Edits("violates-script-deleted", "violates-renamed-script"),
        "EXT003": Edits("violates-third-party-agent", "violates-imitated-name"),
        "EXT004": Edits("violates-agent-on-three-nodes", "violates-script-changed-on-one-node"),
        "EXT005": Edits(
            "violates-swapped-command-left-no-trace", "violates-aks-linux-extension-by-a-person"
        ),
        "PWR001": Edits("violates-cost-saver-deallocated-a-node", "violates-more-than-the-surplus"),
        "PWR002": Edits("violates-nightly-job", "violates-one-manual-cause-beside-spot-evictions"),
        "PWR005": Edits("violates-night-and-morning", "violates-restart-of-one-node"),
        "NET001": Edits("violates-ssh-rule-by-cli", "violates-imitated-digest"),
        "NET002": Edits(
            "violates-group-taken-off-in-portal", "violates-network-written-as-a-whole"
        ),
        "NET003": Edits("violates-group-in-the-model-by-portal", "violates-second-interface"),
        "NET004": Edits("violates-rule-added-and-removed", "violates-second-subnet-of-aks"),
        "NET006": Edits("violates-route-to-a-firewall", "violates-node-without-route-is-a-lead"),
        "META001": Edits("violates-pool-name-in-portal", "violates-letters-of-a-name"),
        "META002": Edits("violates-cluster-name-in-portal", "violates-name-imitated"),
        "META004": Edits(
            "violates-system-tag-changed-and-changed-back",
            "violates-scale-set-patched-with-system-tag",
        ),
    }
)

_ONLY_ON_RECORD = "the rule tells of nothing but the record"
IMPOSSIBLE = MappingProxyType(
    {
        ("VMSS010", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("VMSS011", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("EXT005", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("PWR005", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("NET004", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("META004", Manner.BY_NOBODY): _ONLY_ON_RECORD,
    }
)
"""Cells that nothing can fill, and why."""

NO_EDIT = MappingProxyType(
    {
        "PWR003": "no node for any cause but somebody's hand, which is PWR002's",
        "PWR004": "a cluster that was stopped as is supported",
        "PWR006": "what PWR002 and PWR003 become after thirty days",
    }
)
"""Rules that tell of time, not of a hand."""

COMPLETE = ("VMSS", "EXT", "PWR")
"""Families in which every rule with a violating case has a row, or a reason to have none."""


def as_it_is(case_id: str) -> FakeArm:
    return cases.arm_for_case(case_id)


def told(how: variants.Told) -> Callable[[str], FakeArm]:
    return lambda case_id: variants.arm_for_variant(case_id, how)


TOLD = MappingProxyType(
    {
        Manner.OBVIOUS: as_it_is,
        Manner.SUBTLE: as_it_is,
        Manner.REVERTED: told(variants.undone),
        Manner.BY_PIPELINE: told(variants.by("devops")),
        Manner.BY_POLICY: told(variants.by("policy-assignment")),
        Manner.BY_REUSED_IDENTITY: told(variants.by("kubelet")),
        Manner.BY_NOBODY: told(variants.by_nobody),
    }
)
RECORDED = {loaded.rule.id for loaded in rules.load() if loaded.rule.recorded}
TELL_OF_DEEDS = RECORDED | {"NET006", "VMSS009"}
CELLS = [(rule, manner) for rule in ROWS for manner in Manner if (rule, manner) not in IMPOSSIBLE]


def by_pipeline(row: FindingRow) -> bool:
    return (row.actor_kind, row.actor) == ("managed_identity", "id-pipelines")


def by_policy(row: FindingRow) -> bool:
    exempted = any(line.startswith("az policy exemption") for line in row.commands)
    return exempted and (row.actor_kind, row.actor) == ("azure_policy", "deploy-monitor-agent")


def by_reused_identity(row: FindingRow) -> bool:
    raised = any("somebody else uses it" in step.text for step in row.evidence)
    return raised and "the cluster's own kubelet identity" in row.actor


def by_nobody(row: FindingRow) -> bool:
    return (row.actor_kind, row.operation_id) == ("unknown", "")


SEEN = MappingProxyType(
    {
        Manner.BY_PIPELINE: by_pipeline,
        Manner.BY_POLICY: by_policy,
        Manner.BY_REUSED_IDENTITY: by_reused_identity,
        Manner.BY_NOBODY: by_nobody,
    }
)
NAMED_BY = MappingProxyType({"PWR002": "PWR001"})
"""A whole outage has as many authors as nodes: the finding on each node pool names its own."""


def fits(rule: str, manner: Manner, row: FindingRow) -> bool:
    """Whether a finding tells of the edit as somebody who reads the report must see it."""
    if manner is Manner.REVERTED:
        return row.rule_id in TELL_OF_DEEDS and bool(row.operation_id)
    seen = SEEN.get(manner)
    if seen is None:
        return rule in {row.rule_id, *row.recorded_rules}
    return NAMED_BY.get(rule, rule) in {row.rule_id, *row.recorded_rules} and seen(row)


@pytest.mark.parametrize(("rule", "manner"), CELLS)
async def test_an_edit_is_found_in_every_manner(rule: str, manner: Manner, tmp_path: Path) -> None:
    edits = ROWS[rule]
    case = edits.subtle if manner is Manner.SUBTLE else edits.obvious
    report = await audit(TOLD[manner](f"{rule}/{case}"), tmp_path)

    found = list(report.findings())
    assert [row for row in found if fits(rule, manner, row)], found


def test_rows_and_reasons_are_of_rules_that_exist() -> None:
    known = {loaded.rule.id for loaded in rules.load()}
    assert {*ROWS, *(rule for rule, _ in IMPOSSIBLE)} <= known
    assert ROWS.keys().isdisjoint(NO_EDIT)


def test_every_rule_of_the_complete_families_has_a_row() -> None:
    violated = {case.partition("/")[0] for case in cases.CASES if "/violates-" in case}
    wanted = {loaded.rule.id for loaded in rules.load() if loaded.rule.family in COMPLETE}
    assert wanted & violated <= {*ROWS, *NO_EDIT}


@pytest.mark.parametrize("rule", ROWS)
def test_only_recorded_rules_need_somebody_on_record(rule: str) -> None:
    assert ((rule, Manner.BY_NOBODY) in IMPOSSIBLE) is (rule in RECORDED)
