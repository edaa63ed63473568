"""PWR003: what is told of each pool of a cluster that does not run, and how it is brought back."""

from __future__ import annotations

from auditor.model import remedy
from auditor.model.compute import PowerState
from auditor.model.verdict import Finding
from auditor.rules import pwr003_no_node_runs as rule
from tests import build

CODE = "ProvisioningState/failed/AllocationFailed"


def test_every_pool_is_told_with_the_states_of_its_nodes_and_brought_back() -> None:
    unplaced = (
        build.node(0, power=PowerState("deallocated"), provisioning_code=CODE),
        build.node(1, power=PowerState("deallocated"), provisioning_code=CODE),
    )
    of = build.cluster(
        build.managed(build.pool(count=2), build.pool("empty", count=0)),
        scale_sets=(build.scale_set(capacity=2), build.scale_set("empty", capacity=0)),
        nodes={"apps": unplaced, "empty": ()},
    )

    (finding,) = rule.check(of, build.context())

    assert isinstance(finding, Finding)
    told = {step.text for step in finding.evidence if step.source == "Compute"}
    assert told == {"node pool apps: 2 nodes, deallocated", "node pool empty has no nodes"}
    apps, empty, stop = finding.commands
    assert apps == remedy.reconcile(of.managed.require())
    assert empty.endswith("--name empty --node-count 1")
    assert stop.startswith("az aks stop ")
