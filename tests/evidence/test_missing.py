"""Node VMs that AKS counts on: which are gone, and what must be known to say so."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence import missing
from auditor.evidence.pools import node_pools
from auditor.model import resource_id as arm
from auditor.model.aks import PoolKind
from auditor.model.compute import VirtualMachine
from auditor.model.facet import Facet, Gap, Known
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.question import ProveAbsent
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView
from tests import build, deeds

VM0, VM1 = (build.machine(f"aks-vms-26193347-vm{number}") for number in (0, 1))
GONE = {arm.key(VM1.id): Known(value=False)}
LISTED = {"vms": Known((VM0.id, VM1.id.upper()))}


def found(*operations: Operation, context: Context | None = None, **changes: Any) -> Any:  # noqa: ANN401 (any facet; a facet)
    kind = changes.pop("kind", PoolKind.VIRTUAL_MACHINES)
    pool = build.pool("vms", kind=kind, **changes.pop("pool", {"count": None}))
    given: dict[str, Any] = {
        "virtual_machines": Known((VM0,)),
        "machines": LISTED,
        "presence": GONE,
    }
    of = build.cluster(build.managed(pool), scale_sets=[], **given | changes)
    (view,) = node_pools(of)
    return missing.machines(view, context or build.context(None, *operations))


def ids(answer: Any) -> list[str]:  # noqa: ANN401 (a facet)
    return [arm.key(machine.id) for machine in answer.require()]


def deletion(**changes: Any) -> Operation:  # noqa: ANN401 (any field)
    return deeds.operation(OperationKind.NODE_DELETE, VM1.id, **changes)


def test_a_machine_that_aks_lists_and_that_answers_404_is_gone() -> None:
    assert ids(found()) == [arm.key(VM1.id)]
    assert ids(found(machines={"vms": Known((VM0.id,))})) == []


def test_a_404_is_asked_for_and_must_be_one() -> None:
    assert found(presence={}).question == ProveAbsent(VM1.id.upper())
    assert isinstance(found(presence={arm.key(VM1.id): Known(value=True)}), Gap)


@pytest.mark.parametrize("unread", [{"machines": {"vms": build.gap()}}, {"machines": {}}])
def test_without_aks_own_list_nothing_is_said(unread: dict[str, Any]) -> None:
    assert isinstance(found(**unread), Gap)


def test_without_the_list_of_machines_nothing_is_said() -> None:
    assert found(virtual_machines=build.gap()) == build.gap()


def test_empty_lists_prove_nothing_where_no_number_is_told() -> None:
    nobody: dict[str, Any] = {"machines": {"vms": Known(())}, "virtual_machines": Known(())}
    assert isinstance(found(**nobody), Gap)
    assert ids(found(**nobody, pool={"count": 0})) == []


def test_of_an_availability_set_the_log_must_name_what_lacks() -> None:
    of: dict[str, Any] = {"kind": PoolKind.AVAILABILITY_SET, "pool": {"count": 2}}
    (machine,) = found(deletion(), **of).require()
    assert (arm.key(machine.id), machine.is_by_aks) == (arm.key(VM1.id), False)
    assert isinstance(found(**of), Gap)
    assert isinstance(found(deletion(by=deeds.BY_AKS), **of), Gap)
    unread = Context(now=build.NOW, operations=build.gap())
    assert found(context=unread, **of) == build.gap()
    assert ids(found(kind=PoolKind.AVAILABILITY_SET, pool={"count": 1})) == []


def test_what_aks_deleted_is_not_what_lacks() -> None:
    of: dict[str, Any] = {"kind": PoolKind.AVAILABILITY_SET}
    assert ids(found(deletion(), **of, pool={"count": 1})) == []
    assert ids(found(deletion(), **of, pool={"count": 0})) == []


def test_a_number_that_the_autoscaler_moves_proves_nothing() -> None:
    pool = {"count": 2, "autoscaling": True}
    listed = {"vms": Known((VM0.id,))}
    assert ids(found(deletion(), machines=listed, pool=pool)) == []
    assert ids(found(deletion(), machines=listed, pool={"count": 2})) == [arm.key(VM1.id)]


def test_a_machine_that_is_there_is_not_searched_for() -> None:
    of: dict[str, Any] = {"kind": PoolKind.AVAILABILITY_SET, "pool": {"count": 2}}
    acted_on = deeds.operation(
        OperationKind.NODE_UP, VM0.id, when=build.minutes_after(build.NOON, 5)
    )
    assert ids(found(deletion(), acted_on, **of)) == [arm.key(VM1.id)]


def test_only_node_vms_of_the_pool_count_as_its_machines() -> None:
    of: dict[str, Any] = {"kind": PoolKind.AVAILABILITY_SET, "pool": {"count": 2}}
    others = (
        f"{build.COMPUTE}/virtualMachines/jumpbox",
        f"{build.scale_set_id('vms')}/virtualMachines/{VM1.name}",
        build.NSG_ID,
    )
    for other in others:
        assert isinstance(found(deeds.operation(OperationKind.NODE_DELETE, other), **of), Gap)


def test_only_a_deletion_that_succeeded_is_one_and_the_newest_is_told() -> None:
    later = build.minutes_after(build.NOON, 60)
    restarted = deeds.operation(OperationKind.NODE_UP, VM1.id, when=later)
    refused = deletion(when=later, status=OperationStatus.FAILED)
    (machine,) = found(deletion(), restarted, refused).require()
    assert machine.deletion == deletion()
    (machine,) = found(deletion(), deletion(by=deeds.BY_BOB, when=later)).require()
    assert machine.deletion.actor == deeds.BY_BOB
    (machine,) = found(deletion(by=deeds.BY_BOB, when=later), deletion()).require()
    assert machine.deletion.actor == deeds.BY_BOB


def test_the_hand_of_aks_is_told() -> None:
    (machine,) = found(deletion(by=deeds.BY_AKS)).require()
    assert machine.is_by_aks


OUTSIDE = f"{build.CLUSTER_ID}/agentPools/vms/machines/edge-1"
SINGLE: dict[str, Any] = {"count": None, "mode": "Machines"}


def test_a_machine_without_a_vm_is_no_vm_that_is_gone() -> None:
    assert ids(found(machines={"vms": Known((VM0.id, OUTSIDE))}, presence={})) == []


def listing(listed: Facet[tuple[str, ...]], *there: VirtualMachine, **asked: Any) -> NodePoolView:  # noqa: ANN401 (any field)
    pool = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, **asked)
    given: dict[str, Any] = {"virtual_machines": Known(there), "machines": {"vms": listed}}
    return node_pools(build.cluster(build.managed(pool), scale_sets=[], **given))[0]


def unseen(listed: Facet[tuple[str, ...]], *there: VirtualMachine, **asked: Any) -> Gap | None:  # noqa: ANN401 (any field)
    return missing.beyond_sight(listing(listed, *there, **asked), there)


@pytest.mark.parametrize("asked", [SINGLE, {"count": 1}])
def test_whether_a_machine_without_a_vm_runs_cannot_be_seen(asked: dict[str, Any]) -> None:
    gap = unseen(Known((VM0.id, OUTSIDE)), VM0, **asked)
    assert gap is not None
    assert "machine edge-1" in gap.message
    assert unseen(Known((VM0.id,)), VM0, **asked) is None


def test_an_empty_list_of_single_machines_does_not_prove_that_there_is_none() -> None:
    assert unseen(Known(()), **SINGLE) is not None
    assert unseen(Known(()), VM0, **SINGLE) is None
    assert unseen(Known((VM0.id,)), **SINGLE) is None
    assert unseen(Known(()), count=0) is None


def test_single_machines_of_an_unread_list_cannot_be_seen() -> None:
    assert unseen(build.gap(), VM0, **SINGLE) == build.gap()
    assert unseen(build.gap(), VM0, count=1) is None


@pytest.mark.parametrize("listed", [(), (OUTSIDE,)])
def test_of_single_machines_without_a_vm_there_is_nothing_to_compare(
    listed: tuple[str, ...],
) -> None:
    assert missing.without_machines(listing(Known(listed), **SINGLE)) == (
        "node pool vms is of single machines, and AKS lists no VM of it"
    )


def test_any_other_pool_can_be_compared_or_is_unknown() -> None:
    assert missing.without_machines(listing(Known(()), VM0, **SINGLE)) is None
    assert missing.without_machines(listing(Known((VM0.id,)), **SINGLE)) is None
    assert missing.without_machines(listing(build.gap(), **SINGLE)) is None
    assert missing.without_machines(listing(Known(()), count=0)) is None
