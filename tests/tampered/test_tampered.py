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
        "NET006": Edits(
            "violates-route-to-a-firewall", "violates-own-table-applied-without-akss-routes"
        ),
        "META001": Edits("violates-pool-name-in-portal", "violates-letters-of-a-name"),
        "META002": Edits("violates-cluster-name-in-portal", "violates-name-imitated"),
        "META004": Edits(
            "violates-system-tag-changed-and-changed-back",
            "violates-scale-set-patched-with-system-tag",
        ),
        "META003": Edits("violates-put-there-by-a-person", "violates-imitated-names"),
        "META005": Edits("violates-lock-on-the-group", "violates-lock-on-a-load-balancer"),
        "META006": Edits("violates-removed-by-a-person", "violates-value-differs"),
        "NET005": Edits("violates-by-a-person", "violates-deny-all-with-sign-in-forgotten"),
        "LIFE001": Edits("violates-community-support-ended", "violates-a-pool-left-behind"),
        "LIFE002": Edits("violates-image-of-july", "violates-one-node-boots-an-older-image"),
        "LIFE003": Edits("violates-no-channel-at-all", "violates-unmanaged"),
        "LIFE004": Edits("violates-four-versions-behind", "violates-ahead-of-the-control-plane"),
        "LIFE005": Edits("violates-availability-set", "violates-annual-channel-by-its-sku"),
        "SUB001": Edits("violates-disabled", "violates-warned"),
        "PREV001": Edits("violates-two-features", "violates-one-still-registering"),
        "PREV002": Edits(
            "violates-pipeline-with-a-preview-api", "violates-preview-version-of-a-pool"
        ),
    }
)

_ONLY_ON_RECORD = "the rule tells of nothing but the record"
_WITHOUT_AUTHOR = MappingProxyType(
    {
        "LIFE001": "a version ends by the calendar, whoever asked AKS for it",
        "LIFE002": "an image grows old by itself",
        "LIFE003": "AKS offers the choice, and is asked through its own API",
        "LIFE004": "upgrades are asked for through AKS, and this one was not",
        "LIFE005": "what a cluster is built on is retired by Microsoft",
        "SUB001": "Azure disables a subscription, for reasons of billing",
        "PREV001": "a feature is registered on the subscription, beside every cluster",
    }
)
"""Rules of states that no edit of nodes brings about: they have no author to tell."""
_AUTHORS = (Manner.REVERTED, Manner.BY_PIPELINE, Manner.BY_POLICY, Manner.BY_REUSED_IDENTITY)
IMPOSSIBLE = MappingProxyType(
    {
        ("VMSS010", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("VMSS011", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("EXT005", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("PWR005", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("NET004", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("META004", Manner.BY_NOBODY): _ONLY_ON_RECORD,
        ("PREV002", Manner.BY_NOBODY): "only the record tells by which API it was called",
        ("META003", Manner.REVERTED): "what is gone again lies in nobody's way",
        (
            "META005",
            Manner.REVERTED,
        ): "a lock that is gone stops nothing, and what it stopped stays",
        ("META006", Manner.REVERTED): "the tags are there again, as AKS was asked for them",
        ("NET005", Manner.REVERTED): "a group of the customer's own is theirs to write",
    }
    | {(rule, how): why for rule, why in _WITHOUT_AUTHOR.items() for how in _AUTHORS}
)
"""Cells that nothing can fill, and why."""

NO_EDIT = MappingProxyType(
    {
        "GOV001": "lockdown is an offer of AKS's, taken or not when AKS is asked for a cluster",
        "NET007": "AKS is asked for a cluster without a network plugin",
        "PWR003": "no node for any cause but somebody's hand, which is PWR002's",
        "PWR004": "a cluster that was stopped as is supported",
        "PWR006": "what PWR002 and PWR003 become after thirty days",
    }
)
"""Rules that tell of time, or of what AKS was asked for: no hand has edited anything."""


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
TELL_OF_DEEDS = RECORDED | {"NET006", "PREV002", "VMSS009"}
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


def test_every_rule_has_a_row_or_a_reason_to_have_none() -> None:
    assert {loaded.rule.id for loaded in rules.load()} == {*ROWS, *NO_EDIT}


def test_every_row_has_two_different_edits() -> None:
    assert [rule for rule, edits in ROWS.items() if edits.obvious == edits.subtle] == []


@pytest.mark.parametrize("rule", ROWS)
def test_only_rules_that_live_by_the_record_need_somebody_on_it(rule: str) -> None:
    lives_by_it = rule in RECORDED | {"PREV002"}
    assert ((rule, Manner.BY_NOBODY) in IMPOSSIBLE) is lives_by_it
