"""VMSS011: what counts as a command on a node, and how it is told."""

from __future__ import annotations

import pytest

from auditor import rules
from auditor.evaluate import evaluate
from auditor.evidence.operation_kinds import kind_of
from auditor.model.operation import OperationKind
from auditor.model.verdict import Verdict
from tests import build, deeds

RULE = next(loaded for loaded in rules.load() if loaded.rule.id == "VMSS011")
NODE = build.node_id(4)
VM = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
SET = build.scale_set_id().rpartition("/")[2]
ON_INSTANCE = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"


def told(name: str, on: str) -> list[str]:
    of = build.cluster(None, *deeds.act(name, on))
    result = evaluate(of, [RULE], build.context())
    expected = Verdict.VIOLATION if result.judgements else Verdict.PASS
    assert result.verdicts[0].verdict is expected
    return [judgement.finding.summary for judgement in result.judgements]


@pytest.mark.parametrize(
    ("name", "on", "did"),
    [
        (f"{ON_INSTANCE}/runCommand/action", NODE, f"ran a command on node 4 of {SET}"),
        (f"{ON_INSTANCE}/runCommands/write", f"{NODE}/runCommands/x", "ran a command on node 4"),
        (f"{ON_INSTANCE}/runCommands/delete", f"{NODE}/runCommands/x", "deleted a run command of"),
        (
            "Microsoft.SerialConsole/serialPorts/connect/action",
            f"{NODE}/providers/Microsoft.SerialConsole/serialPorts/0",
            "opened the serial console of node 4",
        ),
        (
            "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
            f"{build.scale_set_id()}/extensions/VMAccessForLinux",
            f"reset access by the VM access extension on the nodes of {SET}",
        ),
        (
            f"{ON_INSTANCE}/extensions/delete",
            f"{NODE}/extensions/enablevmaccess",
            "deleted the VM access extension of node 4",
        ),
        (
            "Microsoft.Compute/virtualMachines/installPatches/action",
            VM,
            "installed patches on node VM aks-vms-26193347-vm0",
        ),
    ],
)
def test_ways_into_a_node(name: str, on: str, did: str) -> None:
    (summary,) = told(name, on)
    assert did in summary


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("Microsoft.ContainerService/managedClusters/runCommand/action", build.CLUSTER_ID),
        ("Microsoft.Compute/virtualMachines/assessPatches/action", VM),
        (f"{ON_INSTANCE}/retrieveBootDiagnosticsData/action", NODE),
        (
            "Microsoft.Compute/virtualMachines/runCommand/action",
            f"{build.COMPUTE}/virtualMachines/jumpbox",
        ),
        (f"{ON_INSTANCE}/extensions/write", f"{NODE}/extensions/Agent"),
    ],
)
def test_what_is_no_way_into_a_node(name: str, on: str) -> None:
    assert told(name, on) == []


def test_every_kind_of_command_is_told_in_words() -> None:
    assert kind_of(f"{ON_INSTANCE}/runCommand/action") is OperationKind.NODE_COMMAND
    assert "commanded" not in " ".join(told(f"{ON_INSTANCE}/runCommand/action", NODE))
