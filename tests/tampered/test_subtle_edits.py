"""Edits that are made to look like AKS's own, or that hide among many of its kind."""

from __future__ import annotations

import copy
from pathlib import Path
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from auditor.demo import files, tenant
from auditor.demo.files import CaseFile
from tests.support import cases, variants
from tests.test_cases import audit

SHOWN = MappingProxyType(
    {
        "an imitated digest in a rule's name": "NET001/violates-imitated-digest",
        "a borrowed prefix of the cloud provider": "NET001/violates-borrowed-prefix",
        "a priority outside its range": "NET001/violates-altered-priority-of-a-service",
        "a port slipped into a rule of AKS's": "NET001/violates-altered-port-of-a-service",
        "a foreign handler under AKS's name": "EXT001/violates-another-handler-under-the-name",
        "AKS's name with a digit more": "EXT002/violates-renamed-script",
        "AKS's extension of another publisher": "EXT003/violates-imitated-name",
        "a script on one node alone": "EXT004/violates-script-changed-on-one-node",
        "a gallery named like AKS's": "VMSS004/violates-imitating-gallery",
        "a disk named like a volume": "VMSS006/violates-attached-by-the-attach-action",
        "an extension's name of another cluster": (
            "VMSS007/violates-extension-name-of-another-cluster"
        ),
        "the second network interface": "NET003/violates-second-interface",
        "a group on a node of no pool": "NET003/violates-group-on-a-node-of-karpenters",
        "an identity on a node of no pool": ("VMSS007/violates-identity-on-a-node-of-karpenters"),
        "an agent on a node of no pool": "EXT004/violates-agent-on-a-node-of-karpenters",
        "a public address on a node of no pool": (
            "VMSS005/violates-public-address-and-interface-on-a-node-of-karpenters"
        ),
        "one DNS server": "VMSS003/violates-dns-server-subtle",
    }
)

APPS = "aks-apps-38116459-vmss"
POOL = f"managedClusters/{tenant.HOME.cluster}/agentPools/apps"
SCALE_SET = f"virtualMachineScaleSets/{APPS}"


@pytest.mark.parametrize("case_id", SHOWN.values(), ids=list(SHOWN))
async def test_a_subtle_edit_is_a_violation(case_id: str, tmp_path: Path) -> None:
    report = await audit(cases.arm_for_case(case_id), tmp_path)
    rule = case_id.partition("/")[0]
    assert [r.verdict for r in report.verdicts() if r.rule_id == rule] == ["violation"]


def among_fifty(case: CaseFile) -> CaseFile:
    """The case in a pool of fifty nodes: one as the case has it, the others as AKS made them."""
    first, *_ = files.cluster(case.base, cases.home(case.base)).instances[APPS]
    more = [_another(first, number) for number in range(100, 147)]
    grown = {POOL: {"count": 50, "maxCount": 60}, SCALE_SET: {"sku": {"capacity": 50}}}
    return replace(case, patch=grown | case.patch, instances={APPS: more})


def _another(node: files.Document, number: int) -> files.Document:
    copied = copy.deepcopy(node)
    name = f"{APPS}_{number}"
    return copied | {
        "id": f"{node['id'].rpartition('/')[0]}/{number}",
        "name": name,
        "instanceId": str(number),
    }


@pytest.mark.parametrize(
    "case_id",
    ["EXT004/violates-script-changed-on-one-node", "VMSS005/violates-one-node-resized"],
)
async def test_one_node_of_fifty_is_found(case_id: str, tmp_path: Path) -> None:
    report = await audit(variants.arm_for_variant(case_id, among_fifty), tmp_path)
    rule = case_id.partition("/")[0]
    (found,) = (row for row in report.findings() if row.rule_id == rule)
    assert len(found.instances) == 1
