"""What lockdown would have prevented, told from the log."""

from __future__ import annotations

import pytest

from auditor.model.operation import Actor, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.verdict import Finding
from auditor.rules import gov001_lockdown_off as gov001
from tests import build
from tests.deeds import BY_AKS, BY_ALICE, BY_CLUSTER, BY_POLICY, BY_SERVICE, operation


def trail(context: Context) -> str:
    (finding,) = gov001.check(build.cluster(), context)
    assert isinstance(finding, Finding)
    return finding.evidence[-1].text


def test_it_counts_what_customers_and_policies_changed_there() -> None:
    done = (
        operation(by=BY_ALICE),
        operation(OperationKind.TAGS_WRITE, by=BY_POLICY),
        operation(OperationKind.AKS_WRITE, build.CLUSTER_ID, BY_ALICE),
        operation(by=BY_ALICE, status=OperationStatus.FAILED),
    )
    assert "prevented 2 changes on record in MC_rg-shop" in trail(build.context(None, *done))
    assert "prevented 1 change on record" in trail(build.context(None, done[0]))


@pytest.mark.parametrize("actor", [BY_AKS, BY_CLUSTER, BY_SERVICE], ids=lambda a: str(a.kind))
def test_what_aks_and_azure_do_is_not_counted(actor: Actor) -> None:
    assert "prevented 0 changes" in trail(build.context(None, operation(by=actor)))


def test_a_log_that_was_not_read_is_said_so() -> None:
    unread = Context(now=build.NOW, operations=build.gap())
    assert trail(unread).endswith("the activity log was not read")


def test_a_cluster_without_a_group_yet_has_nothing_to_prevent() -> None:
    young = build.cluster(build.managed(node_resource_group=""))
    (finding,) = gov001.check(young, build.context(None, operation(by=BY_ALICE)))
    assert isinstance(finding, Finding)
    assert "prevented 0 changes" in finding.evidence[-1].text
