"""EXT005: whose writes of node extensions are told of, how surely, and in which words."""

from __future__ import annotations

import pytest

from auditor.model.operation import Actor, ActorKind, Operation, OperationKind
from auditor.model.verdict import Confidence, Finding
from auditor.rules import ext005_node_extension_written as ext005
from tests import build
from tests.deeds import BY_ALICE, BY_SERVICE, actor, operation

SET = build.scale_set_id().rpartition("/")[2]
VM = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
WRITE, DELETE = OperationKind.EXTENSION_WRITE, OperationKind.EXTENSION_DELETE
AKSS = "AKSLinuxExtension"
BY_APPLICATION = actor(ActorKind.SERVICE_PRINCIPAL, "pipeline")


def told(*operations: Operation) -> list[Finding]:
    of = build.cluster()
    return list(ext005.check(of, build.context(of, *operations)))


@pytest.mark.parametrize(
    ("kind", "on", "did"),
    [
        (WRITE, build.extension_id("Agent"), f"wrote extension Agent of {SET}"),
        (DELETE, build.extension_id("Agent"), f"deleted extension Agent of {SET}"),
        (
            WRITE,
            f"{build.node_id(4)}/extensions/Agent",
            f"wrote extension Agent of node 4 of {SET}",
        ),
        (
            DELETE,
            f"{VM}/extensions/Agent",
            "deleted extension Agent of aks-vms-26193347-vm0",
        ),
    ],
)
def test_what_was_done_to_an_extension_of_what(kind: OperationKind, on: str, did: str) -> None:
    (finding,) = told(operation(kind, on))
    assert finding.summary.startswith(f"alice@contoso.example {did} on ")
    assert finding.confidence is Confidence.CONFIRMED


@pytest.mark.parametrize(
    ("kind", "name", "by", "confidence"),
    [
        (WRITE, AKSS, BY_APPLICATION, Confidence.POSSIBLE),
        (WRITE, AKSS.upper(), BY_APPLICATION, Confidence.POSSIBLE),
        (WRITE, AKSS, actor(ActorKind.UNKNOWN, "an-id"), Confidence.POSSIBLE),
        (WRITE, AKSS, BY_SERVICE, Confidence.POSSIBLE),
        (WRITE, AKSS, BY_ALICE, Confidence.CONFIRMED),
        (DELETE, AKSS, BY_APPLICATION, Confidence.CONFIRMED),
        (WRITE, "Agent", BY_APPLICATION, Confidence.CONFIRMED),
    ],
)
def test_an_application_that_writes_akss_own_extension_may_be_of_aks(
    kind: OperationKind, name: str, by: Actor, confidence: Confidence
) -> None:
    (finding,) = told(operation(kind, build.extension_id(name), by))
    assert finding.confidence is confidence


def test_extensions_of_machines_that_are_no_nodes_are_no_matter() -> None:
    jumpbox = f"{build.COMPUTE}/virtualMachines/jumpbox/extensions/Agent"
    assert told(operation(WRITE, jumpbox)) == []
