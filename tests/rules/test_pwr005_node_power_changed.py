"""PWR005: which power operations are told of, and how each is told."""

from __future__ import annotations

import pytest

from auditor.evaluate import evaluate
from auditor.model.operation import OperationKind
from auditor.model.verdict import Finding, Severity, Verdict
from auditor.rules import load
from auditor.rules import pwr005_node_power_changed as pwr005
from tests import build, deeds

RULE = next(loaded for loaded in load() if loaded.rule.id == "PWR005")
SET = build.scale_set_id().rpartition("/")[2]
SETS = "Microsoft.Compute/virtualMachineScaleSets"
VMS = "Microsoft.Compute/virtualMachines"
VM = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"


def told(name: str, on: str) -> list[Finding]:
    of = build.cluster(None, *deeds.act(f"{name}/action", on))
    return list(pwr005.check(of, build.context(of)))


@pytest.mark.parametrize(
    ("name", "on", "did"),
    [
        (f"{SETS}/deallocate", build.scale_set_id(), f"deallocated all nodes of {SET}"),
        (f"{SETS}/powerOff", build.scale_set_id(), f"powered off all nodes of {SET}"),
        (f"{SETS}/start", build.scale_set_id(), f"started all nodes of {SET}"),
        (f"{SETS}/virtualMachines/restart", build.node_id(4), f"restarted node 4 of {SET}"),
        (f"{SETS}/hibernate", build.scale_set_id(), f"hibernated all nodes of {SET}"),
        (f"{VMS}/powerOff", VM, "powered off node VM aks-vms-26193347-vm0"),
        (f"{VMS}/simulateEviction", VM, "simulated the eviction of node VM aks-vms-26193347-vm0"),
    ],
)
def test_each_way_to_change_the_power_of_a_node(name: str, on: str, did: str) -> None:
    (finding,) = told(name, on)
    assert did in finding.summary
    assert (finding.verdict, finding.severity) == (Verdict.VIOLATION, Severity.HIGH)


@pytest.mark.parametrize(
    ("ids", "nodes"),
    [
        (("4",), f"deallocated node 4 of {SET}"),
        (("10", "4"), f"deallocated nodes 4, 10 of {SET}"),
        (("*",), f"deallocated all nodes of {SET}"),
    ],
)
def test_nodes_that_the_request_named_are_told_in_order(ids: tuple[str, ...], nodes: str) -> None:
    deed = deeds.operation(
        OperationKind.NODE_DOWN,
        name=f"{SETS}/deallocate/action",
        instance_ids=ids,
    )
    of = build.cluster()
    (finding,) = pwr005.check(of, build.context(of, deed))
    assert nodes in finding.summary


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{VMS}/deallocate", f"{build.COMPUTE}/virtualMachines/jumpbox"),
        (f"{SETS}/deallocate", f"{build.COMPUTE}/virtualMachineScaleSets/web"),
    ],
)
def test_machines_that_are_no_nodes_are_no_matter(name: str, on: str) -> None:
    of = build.cluster(None, *deeds.act(f"{name}/action", on))
    (verdict,) = evaluate(of, [RULE], build.context()).verdicts
    assert told(name, on) == []
    assert verdict.verdict is Verdict.PASS


def test_the_pool_alone_is_brought_back() -> None:
    of = build.cluster(
        build.managed(build.pool(autoscaling=True), build.pool("other", autoscaling=True)),
        *deeds.act(f"{SETS}/deallocate/action", build.scale_set_id()),
    )
    (finding,) = pwr005.check(of, build.context(of))
    assert finding.node_pool == "apps"
    assert any("--name apps" in line for line in finding.commands)
    assert not any("--name other" in line for line in finding.commands)
