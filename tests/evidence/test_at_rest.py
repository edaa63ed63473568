"""Standstill: what proves that nothing of a cluster runs, and what took its last nodes away."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import at_rest
from auditor.evidence.at_rest import Standstill
from auditor.model import resource_id as arm
from auditor.model.aks import NodePool, PoolKind
from auditor.model.compute import PowerState, VirtualMachine
from auditor.model.errors import UnreadableError
from auditor.model.facet import Known
from auditor.model.operation import Operation, OperationKind
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence
from tests import build, deeds


def vm_pool(name: str = "vms", **changes: Any) -> NodePool:  # noqa: ANN401 (any field)
    """A pool of VMs between bounds that allow none: AKS then tells no number."""
    given: dict[str, Any] = {"count": None, "autoscaling": True, "min_count": 0}
    return build.pool(name, kind=PoolKind.VIRTUAL_MACHINES, **given | changes)


def standalone(power: str) -> VirtualMachine:
    """A node VM of no pool."""
    return build.machine("aks-default-2jf98", power=PowerState(power))


def emptied(*pools: NodePool, others: tuple[VirtualMachine, ...] = (), **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    """A cluster of whose pools no node is left."""
    names = [pool.name for pool in pools if pool.is_on_scale_set]
    return build.cluster(
        replace(build.managed(**changes), pools=pools),
        scale_sets=[build.scale_set(name, capacity=0) for name in names],
        nodes=dict.fromkeys(names, ()),
        machines={pool.name: Known(()) for pool in pools if not pool.is_on_scale_set},
        virtual_machines=Known(others),
    )


def standstill(of: Cluster) -> Standstill | None:
    return at_rest.standstill(of, build.context())


def test_a_cluster_that_was_stopped_does_not_stand_still_against_its_will() -> None:
    assert standstill(emptied(build.pool())) is not None
    assert standstill(emptied(build.pool(), power_state="Stopped")) is None


def test_empty_lists_prove_nothing_where_nobody_tells_how_many_nodes_there_should_be() -> None:
    with pytest.raises(UnreadableError, match="how many AKS wants is not told"):
        standstill(emptied(vm_pool()))


@pytest.mark.parametrize(
    ("pools", "others"),
    [
        ((vm_pool(count=0),), ()),
        ((build.pool(count=None),), ()),
        ((vm_pool(), build.pool()), ()),
        ((vm_pool(),), (standalone("deallocated"),)),
        ((vm_pool(),), (standalone("stopped"),)),
        ((), (standalone("stopped"),)),
    ],
    ids=["count", "capacity", "another pool", "deallocated node", "stopped node", "no pool"],
)
def test_one_witness_is_enough(
    pools: tuple[NodePool, ...], others: tuple[VirtualMachine, ...]
) -> None:
    still = standstill(emptied(*pools, others=others))
    assert still is not None
    assert still.nodes == others
    assert still.at_most is Confidence.CONFIRMED


def test_a_cluster_without_pools_or_nodes_stands_still() -> None:
    still = standstill(emptied())
    assert still is not None
    assert still.nodes == ()


@pytest.mark.parametrize(
    ("kind", "empties"),
    [
        (OperationKind.SCALE_SET_WRITE, True),
        (OperationKind.SCALE_SET_SCALE, True),
        (OperationKind.NODE_DELETE, True),
        (OperationKind.EVICTION, True),
        (OperationKind.NODE_DOWN, False),
    ],
)
def test_an_eviction_empties_a_pool_as_a_deletion_does(
    kind: OperationKind, *, empties: bool
) -> None:
    assert (emptying(build.pool(), deeds.operation(kind)) is not None) is empties


def test_the_scale_set_of_a_windows_pool_bears_no_name_of_machines() -> None:
    own_id = f"{build.COMPUTE}/virtualMachineScaleSets/akswin"
    akswin = replace(build.scale_set("win", capacity=0), id=own_id, name="akswin")
    of = build.cluster(
        build.managed(build.pool("win", os_type="Windows")),
        scale_sets=[akswin],
        instances={arm.key(own_id): Known(())},
    )
    deletion = deeds.operation(OperationKind.NODE_DELETE, f"{own_id}/virtualMachines/1")
    assert last_emptied(of, deletion) == deletion


def emptying(pool: NodePool, deed: Operation) -> Operation | None:
    return last_emptied(emptied(pool), deed)


def last_emptied(of: Cluster, deed: Operation) -> Operation | None:
    context = build.context(None, deed)
    still = at_rest.standstill(of, context)
    assert still is not None
    return at_rest.last_emptied(still.pools[0], context)
