"""PWR002, PWR003 and PWR006: when nothing of a cluster runs, why, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import clocks
from auditor.evidence.clocks import Bound, Start
from auditor.model import resource_id as arm
from auditor.model.aks import NodePool, PoolKind
from auditor.model.compute import Disk, Instance, OsDisk, PowerState
from auditor.model.errors import UnreadableError
from auditor.model.facet import Known
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.question import LookBack, ReadDisks
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster, Subscription
from auditor.model.verdict import Clock, Confidence, Finding, NotApplicable
from auditor.rules import pwr002_all_nodes_taken_down as rule
from auditor.rules import pwr003_no_node_runs as nobodys
from auditor.rules import pwr006_control_plane_may_be_archived as archived
from tests import build, deeds

DOWN, UP = OperationKind.NODE_DOWN, OperationKind.NODE_UP
WRITE = OperationKind.SCALE_SET_WRITE
CREATED = build.at("2026-10-01 06:00")


def node(number: int, pool: str = "apps", code: str = "deallocated", **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    disk = OsDisk(id=f"{build.COMPUTE}/disks/{pool}-{number}")
    return build.node(number, pool, power=PowerState(code), os_disk=disk, **changes)


def disk(number: int, changed: datetime, pool: str = "apps") -> Disk:
    name = f"{pool}-{number}"
    return Disk(id=f"{build.COMPUTE}/disks/{name}", name=name, ownership_changed_at=changed)


def cluster(
    *nodes: Instance,
    pools: Iterable[NodePool] | None = None,
    described: dict[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401 (any facet)
) -> Cluster:
    """A cluster whose pools hold exactly these nodes."""
    asked = tuple(pools or (build.pool(count=len(nodes)),))
    mine = {
        p.name: [n for n in nodes if arm.within(n.id, build.scale_set_id(p.name))] for p in asked
    }
    return build.cluster(
        build.managed(*asked, **described or {}),
        scale_sets=[build.scale_set(name, capacity=len(held)) for name, held in mine.items()],
        nodes=mine,
        **changes,
    )


def down(hour: int = 12, day: int = 29, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    when = build.at(f"2026-10-{day} {hour:02}:00")
    name = f"{deeds.SCALE_SETS}/deallocate/action"
    return deeds.operation(DOWN, when=when, name=name, **changes)


def outages(of: Cluster, *operations: Operation, **changes: Any) -> list[Finding]:  # noqa: ANN401 (any field)
    return found_by(rule, of, *operations, **changes)


def found_by(module: Any, of: Cluster, *operations: Operation, **changes: Any) -> list[Finding]:  # noqa: ANN401 (a rule's module)
    answers = module.check(of, build.context(None, *operations, **changes))
    return [answer for answer in answers if isinstance(answer, Finding)]


def clock_of(of: Cluster, *operations: Operation, **changes: Any) -> Clock:  # noqa: ANN401 (any field)
    (finding,) = outages(of, *operations, **changes)
    assert finding.clock is not None
    return finding.clock


def started(clock: Clock) -> tuple[datetime | None, datetime | None]:
    return clock.started_earliest, clock.started_latest


def unread_log() -> Context:
    return Context(now=build.NOW, operations=build.gap())


def without_log(module: Any, of: Cluster) -> list[Finding]:  # noqa: ANN401 (a rule's module)
    return [one for one in module.check(of, unread_log()) if isinstance(one, Finding)]


def test_nodes_taken_down_by_a_person_are_an_outage() -> None:
    (finding,) = outages(cluster(node(0), node(1)), down())

    assert finding.resource_id == build.CLUSTER_ID
    assert finding.confidence is Confidence.CONFIRMED
    assert ReadDisks(build.NODE_GROUP_ID) in finding.questions
    assert LookBack(build.scale_set_id()) in finding.questions
    assert finding.rests_on == (build.scale_set_id(),)


@pytest.mark.parametrize("reverse", [False, True])
def test_whoever_took_the_last_node_down_is_its_author(*, reverse: bool) -> None:
    first = down(8, on=build.node_id(0), by=deeds.BY_ALICE)
    last = down(9, on=build.node_id(1), by=deeds.BY_BOB)
    nodes = (node(1), node(0)) if reverse else (node(0), node(1))

    (finding,) = outages(cluster(*nodes), first, last)
    assert finding.author == last


def test_an_outage_of_which_nothing_is_on_record_has_no_author() -> None:
    (finding,) = outages(cluster(node(0), node(1)))
    assert finding.author is None


@pytest.mark.parametrize(
    "exempt",
    [
        {"described": {"power_state": "Stopped"}},
        {"described": {"hosted_system_pools": True}},
        {"subscription": Subscription(id=build.SUBSCRIPTION, state="Disabled")},
    ],
    ids=["stopped", "hosted system nodes", "disabled"],
)
@pytest.mark.parametrize("judging", [rule, nobodys, archived])
def test_clusters_that_should_not_run_or_run_elsewhere_are_no_subject(
    judging: Any,  # noqa: ANN401 (a rule's module)
    exempt: dict[str, Any],
) -> None:
    (answer,) = judging.check(cluster(node(0, code="stopped"), **exempt), build.context())
    assert isinstance(answer, NotApplicable)


def test_a_running_node_of_a_stopped_pool_proves_that_something_runs() -> None:
    pools = [build.pool(count=1), build.pool("night", count=0, power_state="Stopped")]

    assert outages(cluster(node(0), node(0, "night", "running"), pools=pools), down()) == []


def test_a_standalone_node_vm_that_runs_is_a_running_node() -> None:
    tagged = build.machine("default-2jf98", tags={"karpenter.azure.com_cluster": "shop"})

    for machine in (build.machine("aks-default-2jf98"), tagged):
        assert outages(cluster(node(0), virtual_machines=Known((machine,))), down()) == []


def test_one_running_node_is_enough_where_scale_sets_cannot_be_read() -> None:
    runs = build.machine("aks-default-2jf98")
    of = cluster(node(0), virtual_machines=Known((runs,)))

    assert outages(replace(of, scale_sets=build.gap()), down()) == []


def test_a_customers_own_vm_is_no_node() -> None:
    jump_box = build.machine("jump-box")

    assert outages(cluster(node(0), virtual_machines=Known((jump_box,))), down())


def test_a_customers_own_scale_set_is_no_node() -> None:
    of = cluster(node(0))
    own = replace(
        build.scale_set(), id=f"{build.COMPUTE}/virtualMachineScaleSets/jump", name="jump"
    )
    running = {arm.key(own.id): Known((node(0, code="running"),))}
    beside = replace(
        of,
        scale_sets=Known((*of.scale_sets.require(), own)),
        instances=dict(of.instances) | running,
    )

    assert outages(beside, down())


@pytest.mark.parametrize("power", [None, PowerState(""), PowerState("starting")])
def test_a_node_vm_of_unknown_power_makes_it_unknown(power: PowerState | None) -> None:
    machine = build.machine("aks-default-2jf98", power=power)

    with pytest.raises(UnreadableError):
        outages(cluster(node(0), virtual_machines=Known((machine,))), down())


def on_machines(*names: str, code: str = "deallocated", **changes: Any) -> Cluster:  # noqa: ANN401 (any facet)
    """A cluster whose only pool is one of virtual machines, which AKS lists."""
    pools = [build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=None)]
    machines = tuple(build.machine(name, power=PowerState(code)) for name in names)
    listed = tuple(machine.id for machine in machines)
    given: dict[str, Any] = {
        "virtual_machines": Known(machines),
        "machines": {"vms": Known(listed)},
        "scale_sets": Known(()),
    }
    return replace(cluster(pools=pools), **given | changes)


LISTED = f"{build.CLUSTER_ID}/agentPools/vms"
"""Of which AKS's list of machines is read with the machines: it shows the next one first."""


def test_a_node_vm_that_a_person_took_down_is_a_manual_cause() -> None:
    of = on_machines("aks-vms-26193347-vm0")
    (machine,) = of.virtual_machines.require()
    taken = deeds.operation(DOWN, machine.id, name="Microsoft.Compute/virtualMachines/x/action")

    (finding,) = outages(of, taken)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.rests_on == (machine.id, LISTED)
    assert LookBack(LISTED) not in finding.questions
    assert found_by(nobodys, of, taken) == []


def test_a_pools_machine_that_nobody_took_down_on_record_is_likely_a_persons_doing() -> None:
    (finding,) = outages(on_machines("aks-vms-26193347-vm0"))

    assert finding.confidence is Confidence.LIKELY


def test_a_stranger_hides_no_node_that_runs() -> None:
    of = on_machines("aks-vms-26193347-vm0", machines={"vms": build.gap()})
    stranger = build.machine("jumpbox")
    alone = replace(of, virtual_machines=Known((*of.virtual_machines.require(), stranger)))
    orphan = replace(
        alone,
        scale_sets=Known((build.scale_set("gone"),)),
        instances={arm.key(build.scale_set_id("gone")): Known((node(0, "gone", "running"),))},
    )

    with pytest.raises(UnreadableError):
        outages(alone)
    assert outages(orphan) == []
    assert outages(replace(orphan, virtual_machines=build.gap())) == []


def test_machines_of_karpenter_that_are_down_are_nobodys_doing() -> None:
    karpenters = build.machine("aks-default-2jf98", power=PowerState("deallocated"))
    of = cluster(pools=[build.pool(count=0)], virtual_machines=Known((karpenters,)))

    (finding,) = found_by(nobodys, of)
    assert karpenters.id in finding.rests_on
    assert outages(of) == []
    with pytest.raises(UnreadableError):
        list(nobodys.check(of, unread_log()))


@pytest.mark.parametrize(
    ("by", "sure"),
    [(deeds.BY_ALICE, Confidence.CONFIRMED), (deeds.BY_SERVICE, Confidence.POSSIBLE)],
)
def test_whoever_took_down_a_machine_of_no_pool_is_a_cause(by: Actor, sure: Confidence) -> None:
    karpenters = build.machine("aks-default-2jf98", power=PowerState("deallocated"))
    of = cluster(pools=[build.pool(count=0)], virtual_machines=Known((karpenters,)))

    (finding,) = outages(of, down(on=karpenters.id, by=by))
    assert (finding.confidence, finding.author) == (sure, down(on=karpenters.id, by=by))


def test_a_pool_whose_machines_are_all_gone_waits_for_the_proof() -> None:
    there = on_machines("aks-vms-26193347-vm0")
    (machine,) = there.virtual_machines.require()
    of = replace(there, virtual_machines=Known(()))
    deleted = deeds.operation(OperationKind.NODE_DELETE, machine.id)

    with pytest.raises(UnreadableError):
        outages(of)
    back = replace(of, presence={arm.key(machine.id): Known(value=True)})
    with pytest.raises(UnreadableError):
        outages(back)
    gone = replace(of, presence={arm.key(machine.id): Known(value=False)})
    (finding,) = outages(gone, deleted)
    assert finding.confidence is Confidence.CONFIRMED
    assert causes(finding) == [
        "every VM of vms deleted, where AKS counts on 1 by alice@contoso.example"
    ]
    assert found_by(nobodys, gone, deleted) == []
    assert outages(gone) == []
    assert found_by(nobodys, gone)[0].rests_on == (machine.id, LISTED)


def test_one_pool_that_could_not_be_read_makes_it_unknown() -> None:
    pools = [build.pool(count=1), build.pool("system", count=1)]
    of = cluster(node(0), node(0, "system"), pools=pools)
    instances = dict(of.instances) | {arm.key(build.scale_set_id("system")): build.gap()}
    refused = build.cluster(
        of.managed.require(), instances=instances, scale_sets=of.scale_sets.require()
    )

    with pytest.raises(UnreadableError):
        outages(refused, down())


def test_a_pool_in_motion_makes_it_unknown() -> None:
    of = cluster(node(0), pools=[build.pool(count=1, provisioning_state="Updating")])

    with pytest.raises(UnreadableError):
        outages(of, down())


def test_an_empty_scale_set_needs_no_list_of_instances() -> None:
    pools = [build.pool(count=1), build.pool("empty", count=0)]
    of = cluster(node(0), pools=pools)
    instances = dict(of.instances) | {arm.key(build.scale_set_id("empty")): build.gap()}
    unread = build.cluster(
        of.managed.require(), instances=instances, scale_sets=of.scale_sets.require()
    )

    assert outages(unread, down())


def test_without_a_manual_cause_it_is_nobodys() -> None:
    unplaced = node(0, provisioning_code="ProvisioningState/failed/AllocationFailed")

    for of, *operations in (
        (cluster(node(0)), down(by=deeds.BY_AKS)),
        (cluster(unplaced),),
        (cluster(pools=[build.pool(count=0)]),),
    ):
        assert outages(of, *operations) == []
        (finding,) = found_by(nobodys, of, *operations)
        assert finding.clock is not None
        assert finding.confidence is Confidence.CONFIRMED


def test_an_empty_pool_needs_no_log_to_be_nobodys() -> None:
    (finding,) = without_log(nobodys, cluster(pools=[build.pool(count=0)]))

    assert finding.confidence is Confidence.CONFIRMED


def test_an_outage_is_told_by_one_of_the_two() -> None:
    for of in (cluster(node(0)), cluster(node(0), node(1, code="stopped"))):
        assert outages(of, down())
        assert found_by(nobodys, of, down()) == []


def test_a_node_that_runs_is_no_outage_of_anybodys() -> None:
    assert found_by(nobodys, cluster(node(0, code="running"), node(1))) == []


def test_an_empty_pool_is_brought_back_by_a_count() -> None:
    (finding,) = found_by(nobodys, cluster(pools=[build.pool(count=0)]))

    assert any("--node-count 1" in command for command in finding.commands)
    scaled = [build.pool(count=0, autoscaling=True)]
    (finding,) = found_by(nobodys, cluster(pools=scaled))
    assert not any("--node-count" in command for command in finding.commands)


def test_one_manual_cause_is_enough() -> None:
    pools = [
        build.pool(count=1),
        build.pool("spot", count=1, priority="Spot", eviction_policy="Deallocate"),
    ]

    assert outages(cluster(node(0), node(0, "spot"), pools=pools), down())


def test_powered_off_nodes_prove_it_without_the_log() -> None:
    pools = [build.pool(count=1), build.pool("system", count=1)]
    of = cluster(node(0), node(0, "system", "stopped"), pools=pools)

    (finding,) = without_log(rule, of)
    assert finding.confidence is Confidence.CONFIRMED
    with pytest.raises(UnreadableError):
        list(rule.check(cluster(node(0)), unread_log()))


@pytest.mark.parametrize(
    "pool",
    [
        {"autoscaling": True, "min_count": 0, "max_count": 5},
        {"priority": "Spot"},
        {"provisioning_state": "Failed"},
    ],
)
def test_an_emptied_scale_set_can_have_other_causes(pool: dict[str, Any]) -> None:
    of = cluster(pools=[build.pool(count=3, **pool)])
    by_alice = deeds.operation(WRITE, request_paths=("sku.capacity",))

    assert outages(of) == []
    assert outages(of, deeds.operation(WRITE, request_paths=("tags.cost",))) == []
    assert outages(of, deeds.operation(WRITE, by=deeds.BY_CLUSTER)) == []
    assert outages(of, by_alice)
    with pytest.raises(UnreadableError):
        list(rule.check(of, unread_log()))


def causes(finding: Finding) -> list[str]:
    return [step.text for step in finding.evidence if step.source.startswith("Compute")]


def test_an_emptied_scale_set_of_a_plain_pool_is_a_manual_cause() -> None:
    of = cluster(pools=[build.pool(count=3)])

    (finding,) = without_log(rule, of)
    assert finding.confidence is Confidence.CONFIRMED
    assert causes(finding) == ["scale set of apps scaled to zero, where AKS wants 3 nodes"]


def test_an_emptied_scale_set_is_told_once_with_who_emptied_it() -> None:
    (finding,) = outages(cluster(pools=[build.pool(count=3)]), deeds.operation(WRITE))

    assert causes(finding) == [
        "scale set of apps scaled to zero, where AKS wants 3 nodes by alice@contoso.example"
    ]


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        (WRITE, ()),
        (WRITE, ("location", "sku.Capacity")),
        (OperationKind.SCALE_SET_SCALE, ("instanceIds",)),
        (OperationKind.NODE_DELETE, ("forceDeletion",)),
    ],
)
def test_what_may_have_set_the_capacity_may_have_emptied_a_pool(
    kind: OperationKind, paths: tuple[str, ...]
) -> None:
    of = cluster(pools=[build.pool(count=3, autoscaling=True)])

    assert outages(of, deeds.operation(kind, request_paths=paths))


@pytest.mark.parametrize(
    "other",
    [
        deeds.operation(WRITE, status=OperationStatus.FAILED),
        deeds.operation(OperationKind.EXTENSION_WRITE),
    ],
    ids=["failed", "of another kind"],
)
def test_what_cannot_have_emptied_a_pool_is_no_cause(other: Operation) -> None:
    assert outages(cluster(pools=[build.pool(count=3, autoscaling=True)]), other) == []


def test_of_several_hands_that_emptied_a_pool_the_last_counts() -> None:
    of = cluster(pools=[build.pool(count=3, autoscaling=True)])
    later = build.minutes_after(build.NOON, 5)

    by_alice, then_by_aks = (
        deeds.operation(WRITE),
        deeds.operation(WRITE, by=deeds.BY_AKS, when=later),
    )
    assert outages(of, by_alice, then_by_aks) == []
    by_aks, then_by_alice = (
        deeds.operation(WRITE, by=deeds.BY_AKS),
        deeds.operation(WRITE, when=later),
    )
    assert outages(of, by_aks, then_by_alice)


def test_a_machine_of_another_pool_was_not_this_pools_last() -> None:
    there = on_machines("aks-vms-26193347-vm0")
    (machine,) = there.virtual_machines.require()
    gone = replace(
        there,
        virtual_machines=Known(()),
        presence={arm.key(machine.id): Known(value=False)},
    )
    others = deeds.operation(OperationKind.NODE_DELETE, machine.id.replace("-vms-", "-web-"))

    assert outages(gone, others) == []


def test_of_a_pools_machines_those_that_are_left_tell() -> None:
    both = on_machines("aks-vms-26193347-vm0", "aks-vms-26193347-vm1")
    left, _ = both.virtual_machines.require()

    (finding,) = outages(replace(both, virtual_machines=Known((left,))))
    assert finding.rests_on == (left.id, LISTED)


def test_one_pool_whose_last_operation_failed_lowers_the_confidence_of_all() -> None:
    pools = [build.pool(count=1), build.pool("system", count=1, provisioning_state="Failed")]
    of = cluster(node(0, code="stopped"), node(0, "system", "stopped"), pools=pools)

    assert outages(of)[0].confidence is Confidence.LIKELY


def test_a_pool_that_was_scaled_and_has_nodes_left_was_not_emptied() -> None:
    of = cluster(node(0), pools=[build.pool(count=1, autoscaling=True)])
    scaled = deeds.operation(OperationKind.SCALE_SET_SCALE)

    assert outages(of, scaled, down(by=deeds.BY_AKS)) == []


def test_causes_that_the_log_adds_stand_behind_those_that_the_state_proves() -> None:
    pools = [build.pool(count=1), build.pool("system", count=1)]
    of = cluster(node(0), node(0, "system", "stopped"), pools=pools)

    (finding,) = outages(of, down())
    assert causes(finding) == [
        "1 of 1 nodes of system stopped",
        "1 of 1 nodes of apps deallocated by alice@contoso.example",
    ]


def test_a_node_vm_of_no_pool_that_somebody_took_down_is_a_cause() -> None:
    karpenters = build.machine("aks-default-2jf98", power=PowerState("deallocated"))
    of = cluster(pools=[build.pool(count=0)], virtual_machines=Known((karpenters,)))
    taken, by_aks, evicted = (
        deeds.operation(kind, karpenters.id, by)
        for kind, by in (
            (DOWN, deeds.BY_ALICE),
            (DOWN, deeds.BY_AKS),
            (OperationKind.EVICTION, deeds.BY_ALICE),
        )
    )

    (finding,) = outages(of, taken)
    assert causes(finding) == ["node aks-default-2jf98 was taken down by alice@contoso.example"]
    assert finding.confidence is Confidence.CONFIRMED
    assert outages(of, by_aks) == outages(of, evicted) == []


def test_the_surest_cause_tells_how_sure_an_outage_is() -> None:
    pools = [build.pool(count=1), build.pool("system", count=1, priority="Spot")]
    of = cluster(node(0, code="stopped"), node(0, "system", "stopped"), pools=pools)

    (finding,) = outages(of)
    assert len(causes(finding)) == 2
    assert finding.confidence is Confidence.CONFIRMED


def test_a_pool_that_was_stopped_through_aks_is_nobodys_doing() -> None:
    pools = [build.pool(count=1), build.pool("night", count=1, power_state="Stopped")]
    of = cluster(node(0), node(0, "night"), pools=pools)
    by_aks = deeds.operation(DOWN, by=deeds.BY_AKS)

    assert outages(of, by_aks) == []
    assert found_by(nobodys, of, by_aks)


def test_a_microsoft_service_as_the_only_cause_is_a_lead() -> None:
    of = cluster(pools=[build.pool(count=3, autoscaling=True)])

    (finding,) = outages(of, deeds.operation(WRITE, by=deeds.BY_SERVICE))
    assert finding.confidence is Confidence.POSSIBLE


def test_a_pool_whose_last_operation_failed_lowers_the_confidence() -> None:
    of = cluster(node(0, code="stopped"), pools=[build.pool(count=1, provisioning_state="Failed")])

    assert outages(of)[0].confidence is Confidence.LIKELY


def test_the_clock_starts_when_the_last_node_went_down() -> None:
    first, last = down(12, instance_ids=("0",)), down(15, instance_ids=("1",))

    clock = clock_of(cluster(node(0), node(1)), last, first)

    assert started(clock) == (build.at("2026-10-29 15:00"), build.at("2026-10-29 15:00"))
    assert clock.deadline_latest == build.at("2026-11-28 15:00")
    assert "alice" in clock.basis


def test_a_start_in_between_moves_the_clock() -> None:
    up = deeds.operation(UP, when=build.at("2026-10-29 13:00"))

    clock = clock_of(cluster(node(0)), down(12), up, down(14))

    assert clock.started_latest == build.at("2026-10-29 14:00")


def test_the_disk_of_a_deallocated_node_remembers() -> None:
    of = cluster(node(0), disks=Known((disk(0, build.at("2026-10-12 01:00")),)))

    assert started(clock_of(of)) == (build.at("2026-10-12 01:00"), build.at("2026-10-12 01:00"))


def test_the_disk_of_a_stopped_node_tells_when_it_last_started_only() -> None:
    of = cluster(node(0, code="stopped"), disks=Known((disk(0, build.at("2026-10-12 01:00")),)))

    assert started(clock_of(of)) == (build.at("2026-10-12 01:00"), build.NOW)


def test_without_evidence_the_bounds_are_creation_and_this_reading() -> None:
    assert started(clock_of(cluster(node(0)))) == (CREATED, build.NOW)


def test_a_start_through_aks_is_a_sign_of_life() -> None:
    started_again = deeds.operation(
        OperationKind.AKS_START, build.CLUSTER_ID, when=build.at("2026-10-20 08:00")
    )

    clock = clock_of(cluster(node(0)), started_again)

    assert clock.started_earliest == build.at("2026-10-20 08:00")


def test_an_empty_pool_on_which_nothing_is_on_record_is_older_than_the_log() -> None:
    pools = [build.pool(count=1), build.pool("empty", count=0)]

    clock = clock_of(cluster(node(0), pools=pools), down())

    assert started(clock) == (build.at("2026-10-29 12:00"), build.at("2026-10-29 12:00"))


def test_a_pool_that_aks_emptied_later_bounds_the_start() -> None:
    pools = [build.pool(count=1), build.pool("empty", count=0)]
    emptied = deeds.operation(
        WRITE,
        build.scale_set_id("empty"),
        deeds.BY_AKS,
        build.at("2026-10-30 12:00"),
        request_paths=("sku.capacity",),
    )

    clock = clock_of(cluster(node(0), pools=pools), down(), emptied)

    assert started(clock) == (build.at("2026-10-29 12:00"), build.at("2026-10-30 12:00"))


def over(of: Cluster, *operations: Operation, now: datetime = build.NOW) -> list[Finding]:
    return found_by(archived, of, *operations, now=now)


def test_thirty_days_on_record_are_over_to_the_second() -> None:
    of, began = cluster(node(0)), down(12, 29)
    limit = build.at("2026-11-28 12:00")

    assert list(over(of, began, now=build.minutes_after(limit, -1))) == []
    (finding,) = over(of, began, now=limit)
    assert finding.confidence is Confidence.CONFIRMED


def test_thirty_days_that_may_be_over_are_a_lead() -> None:
    (finding,) = over(cluster(node(0)), now=build.at("2026-11-01 06:00"))

    assert finding.confidence is Confidence.POSSIBLE
    assert "may have" in finding.summary


def test_no_outage_no_archive() -> None:
    assert over(cluster(node(0, code="running"))) == []


def test_whoever_took_the_last_node_the_control_plane_may_be_archived() -> None:
    limit = build.at("2026-11-28 12:00")

    assert over(cluster(node(0)), down(by=deeds.BY_AKS), now=limit)


def test_the_last_of_several_starts_is_open_while_one_of_them_is() -> None:
    early, late = (Bound(build.at(f"2026-10-{day} 00:00"), "a record") for day in (10, 20))

    both = clocks.last_of([Start.known(early.at, "a record"), Start(latest=late)])
    assert (both.earliest, both.latest) == (early, late)
    assert clocks.last_of([Start.known(late.at, "a record"), Start()]).latest is None
    assert clocks.last_of([]) == Start()


def test_a_failed_deallocation_took_nothing_down() -> None:
    (finding,) = outages(cluster(node(0)), down(status=OperationStatus.FAILED))

    assert finding.clock is not None
    assert finding.clock.started_earliest == CREATED
