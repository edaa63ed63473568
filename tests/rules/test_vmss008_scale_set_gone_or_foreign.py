"""VMSS008: when a scale set is gone for certain, and when nobody can say so."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.aks import PoolKind
from auditor.model.compute import ScaleSet
from auditor.model.facet import Known, Outcome
from auditor.model.operation import Operation, OperationKind
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, Resident
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import vmss008_scale_set_gone_or_foreign as rule
from tests import build, deeds

MACHINE = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
GONE = build.scale_set_id().casefold()
ON_LIST = Resident(
    id=build.scale_set_id(),
    name=arm.name(build.scale_set_id()),
    type="Microsoft.Compute/virtualMachineScaleSets",
)


def cluster(
    *,
    answers: bool = False,
    managed: dict[str, Any] | None = None,
    **pool: Any,  # noqa: ANN401 (any field)
) -> Cluster:
    """A cluster whose only pool has no scale set on the list; the resource group still names it."""
    of = build.cluster(
        build.managed(build.pool(**pool), **managed or {}), residents=Known((ON_LIST,))
    )
    proofs = {arm.key(GONE): Known(value=answers)}
    return replace(of, scale_sets=Known(()), presence=proofs)


def check(of: Cluster) -> list[Finding | Unknown]:
    return list(rule.check(of, build.context()))


def test_a_scale_set_that_answers_404_itself_is_gone_for_certain() -> None:
    (found,) = check(cluster())
    assert isinstance(found, Finding)
    assert (arm.key(found.resource_id), found.confidence) == (arm.key(GONE), Confidence.CONFIRMED)
    assert found.explained_by == {OperationKind.SCALE_SET_DELETE, OperationKind.GROUP_WRITE}


@pytest.mark.parametrize(
    "stopped", [{"power_state": "Stopped"}, {"managed": {"power_state": "Stopped"}}]
)
def test_that_of_a_stopped_pool_or_cluster_is_a_lead(stopped: dict[str, Any]) -> None:
    (found,) = check(cluster(**stopped))
    assert isinstance(found, Finding)
    assert found.confidence is Confidence.POSSIBLE


def test_one_that_answers_though_the_list_lacks_it_is_unknown() -> None:
    (only,) = check(cluster(answers=True))
    assert isinstance(only, Unknown)
    assert "answers, though the list lacks it" in only.gap.message


def test_of_two_names_on_record_either_may_be_the_one_that_is_there() -> None:
    other = GONE.replace("38116459", "11111111")
    residents = (ON_LIST, replace(ON_LIST, id=other, name=arm.name(other)))
    proofs = {arm.key(GONE): Known(value=False), arm.key(other): Known(value=True)}
    (only,) = check(replace(cluster(), residents=Known(residents), presence=proofs))
    assert isinstance(only, Unknown)
    assert "answers, though the list lacks it" in only.gap.message


def test_the_scale_set_of_a_pool_that_is_being_made_is_not_missed_yet() -> None:
    (only,) = check(cluster(provisioning_state="Creating"))
    assert isinstance(only, Unknown)
    assert only.gap.outcome is Outcome.TRANSITION


def test_a_name_that_nothing_tells_cannot_be_asked_for() -> None:
    (only,) = check(replace(cluster(), residents=Known(())))
    assert isinstance(only, Unknown)
    assert "its name is not on record" in only.gap.message


def test_a_windows_scale_set_is_named_after_its_pool() -> None:
    name = build.scale_set_id().rpartition("/")[0] + "/aksnpwin"
    of = replace(cluster(name="npwin", os_type="Windows"), residents=Known(()))
    (found,) = check(replace(of, presence={arm.key(name): Known(value=False)}))
    assert isinstance(found, Finding)
    assert arm.same(found.resource_id, name)


@pytest.mark.parametrize(
    ("tags", "sure"),
    [
        ({}, Confidence.LIKELY),
        ({"aks-managed-creationSource": "vmssclient-jump"}, Confidence.POSSIBLE),
    ],
)
def test_a_scale_set_of_no_pool_is_likely_foreign_unless_it_bears_aks_s_mark(
    tags: dict[str, str], sure: Confidence
) -> None:
    name = f"{build.COMPUTE}/virtualMachineScaleSets/jump"
    own = build.scale_set()
    of = build.cluster(scale_sets=(own, ScaleSet(id=name, name="jump", tags=tags)))
    (found,) = check(of)
    assert isinstance(found, Finding)
    assert (found.resource_id, found.confidence) == (name, sure)


def test_so_is_a_virtual_machine_of_no_pool() -> None:
    jump = build.machine("jump")
    (found,) = check(build.cluster(virtual_machines=Known((jump,))))
    assert isinstance(found, Finding)
    assert (found.resource_id, found.confidence) == (jump.id, Confidence.LIKELY)
    assert found.explained_by == {OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE}


def machine_gone(
    *operations: Operation,
    gone: bool = True,
    context: Context | None = None,
    **pool: Any,  # noqa: ANN401 (any field)
) -> list[Finding | Unknown]:
    """What is told of a machine that AKS counts on and that answers 404, or is there."""
    asked = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=1, **pool)
    of = build.cluster(
        build.managed(asked),
        machines={"vms": Known((MACHINE,))},
        presence={arm.key(MACHINE): Known(value=False)},
        virtual_machines=Known(() if gone else (build.machine(arm.name(MACHINE)),)),
    )
    context = context or build.context(None, *operations)
    return list(rule.check(replace(of, scale_sets=Known(())), context))


def test_a_machine_that_aks_counts_on_is_likely_somebody_s_to_have_deleted() -> None:
    (found,) = machine_gone()
    assert isinstance(found, Finding)
    assert (found.resource_id, found.confidence) == (MACHINE, Confidence.LIKELY)
    assert found.explained_by == {OperationKind.NODE_DELETE, OperationKind.GROUP_WRITE}


def test_without_the_log_it_may_have_been_aks() -> None:
    unread = Context(now=build.NOW, operations=build.gap())
    assert machine_gone(context=unread) == [Unknown(gap=build.gap())]
    assert machine_gone(context=unread, gone=False) == []


def test_a_machine_of_a_pool_in_motion_is_not_missed() -> None:
    (only,) = machine_gone(provisioning_state="Scaling")
    assert isinstance(only, Unknown)
    assert only.gap.outcome is Outcome.TRANSITION


def test_what_azure_or_aks_may_have_deleted_is_unknown() -> None:
    by_aks = deeds.operation(OperationKind.NODE_DELETE, MACHINE, deeds.BY_AKS)
    for told in (machine_gone(by_aks), machine_gone(priority="Spot")):
        (only,) = told
        assert isinstance(only, Unknown)
        assert "by AKS's or Azure's own hand" in only.gap.message


def test_hosted_machines_are_microsoft_s_to_delete() -> None:
    assert machine_gone(mode="ManagedSystem") == []
