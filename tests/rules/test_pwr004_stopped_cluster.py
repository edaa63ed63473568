"""PWR004: since when a cluster is stopped, and how pressing that is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.compute import Disk
from auditor.model.facet import Known
from auditor.model.observation import Observation
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.question import LookBack, ReadDisks
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Clock, Finding, NotApplicable, Severity, Verdict
from auditor.rules import pwr004_stopped_cluster_expires as rule
from tests import build, deeds

CREATED = build.at("2024-03-01 09:00")
STOP, START, WRITE = OperationKind.AKS_STOP, OperationKind.AKS_START, OperationKind.AKS_WRITE


def cluster(disks: tuple[Disk, ...] | None = None, **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    described = build.managed(**{"power_state": "Stopped", "created_at": CREATED} | changes)
    return build.cluster(described, disks=None if disks is None else Known(disks))


def disk(day: int, managed_by: str | None = None) -> Disk:
    changed = build.at(f"2026-09-{day:02} 12:00")
    return Disk(
        id=f"disk-{day}", name=f"pvc-{day}", managed_by=managed_by, ownership_changed_at=changed
    )


def asked(kind: OperationKind, day: int, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    when = build.at(f"2026-10-{day:02} 12:00")
    return deeds.operation(kind, build.CLUSTER_ID, when=when, **changes)


def finding(of: Cluster, *operations: Operation, **changes: Any) -> Finding:  # noqa: ANN401 (any field)
    (one,) = rule.check(of, build.context(None, *operations, **changes))
    assert isinstance(one, Finding)
    return one


def clock(of: Cluster, *operations: Operation, **changes: Any) -> Clock:  # noqa: ANN401 (any field)
    told = finding(of, *operations, **changes).clock
    assert told is not None
    return told


def started(told: Clock) -> tuple[datetime | None, datetime | None]:
    return told.started_earliest, told.started_latest


def october(day: int) -> datetime:
    return build.at(f"2026-10-{day:02} 12:00")


def test_a_stopped_cluster_is_always_a_warning() -> None:
    told = finding(cluster(), asked(STOP, 20))

    assert told.verdict is Verdict.WARNING
    assert told.questions == (LookBack(build.CLUSTER_ID), ReadDisks(build.NODE_GROUP_ID))


def test_a_running_cluster_has_no_clock() -> None:
    (answer,) = rule.check(cluster(power_state="Running"), build.context())
    assert answer == NotApplicable(reason="the cluster is not stopped")


def test_the_stop_on_record_is_the_start() -> None:
    told = clock(cluster(), asked(STOP, 20))

    assert started(told) == (october(20), october(20))
    assert told.deadline_latest == build.at("2027-10-20 12:00")


def test_stopping_it_once_more_does_not_prolong_anything() -> None:
    assert clock(cluster(), asked(STOP, 20), asked(STOP, 25)).started_latest == october(20)


def test_a_start_since_makes_the_stop_an_older_one() -> None:
    told = clock(cluster(), asked(STOP, 10), asked(START, 15))

    assert started(told) == (october(15), build.NOW)
    assert clock(cluster(), asked(START, 15), asked(STOP, 20)).started_earliest == october(20)


def test_of_several_starts_the_newest_tells_which_stop_counts() -> None:
    history = [asked(kind, day) for kind, day in ((START, 10), (STOP, 12), (START, 14), (STOP, 20))]

    assert started(clock(cluster(), *history)) == (october(20), october(20))


def test_a_failed_stop_is_none() -> None:
    told = clock(cluster(), asked(STOP, 20, status=OperationStatus.FAILED))

    assert started(told) == (CREATED, build.NOW)


def test_a_changed_node_pool_shows_that_the_cluster_ran() -> None:
    name = "Microsoft.ContainerService/managedClusters/agentPools/write"

    assert clock(cluster(), asked(WRITE, 12, name=name)).started_earliest == october(12)


def test_tags_of_the_cluster_may_be_written_while_it_is_stopped() -> None:
    name = "Microsoft.ContainerService/managedClusters/write"

    assert clock(cluster(), asked(WRITE, 12, name=name)).started_earliest == CREATED


def test_the_newest_disk_of_the_nodes_bounds_the_start() -> None:
    elsewhere = f"{build.GROUP_ID}/providers/Microsoft.Compute/virtualMachines/rescue"

    told = clock(cluster((disk(3), disk(9), disk(25, elsewhere))))

    assert started(told) == (build.at("2026-09-09 12:00"), build.NOW)
    assert "pvc-9" in told.basis


def test_nothing_at_all_leaves_the_start_open() -> None:
    told = finding(cluster(created_at=None))

    assert told.clock is not None
    assert told.clock.deadline_earliest is None
    assert told.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("now", "severity"),
    [
        ("2027-07-01 12:00", Severity.LOW),
        ("2027-07-23 12:00", Severity.MEDIUM),
        ("2027-09-21 12:00", Severity.HIGH),
        ("2027-10-14 12:00", Severity.CRITICAL),
        ("2027-12-01 12:00", Severity.CRITICAL),
    ],
)
def test_the_nearer_the_earliest_end_the_heavier(now: str, severity: Severity) -> None:
    assert finding(cluster(), asked(STOP, 20), now=build.at(now)).severity is severity


def seen(code: str, day: int) -> Observation:
    fields = {arm.key(build.CLUSTER_ID): {"powerState.code": code}}
    return Observation(cluster_id=build.CLUSTER_ID, at=october(day), fields=fields)


def test_an_earlier_run_that_saw_it_running_bounds_the_start() -> None:
    assert clock(cluster(), observation=seen("Running", 22)).started_earliest == october(22)


def test_an_earlier_run_that_saw_it_stopped_bounds_the_start_from_above() -> None:
    assert clock(cluster(), observation=seen("Stopped", 22)).started_latest == october(22)


def test_what_an_earlier_run_saw_bounds_one_side_only() -> None:
    running, stopped = (
        clock(cluster(), observation=seen(code, 22)) for code in ("Running", "STOPPED")
    )

    assert started(running) == (october(22), build.NOW)
    assert started(stopped) == (CREATED, october(22))


def test_a_run_that_did_not_see_the_power_state_bounds_nothing() -> None:
    unseen = Observation(cluster_id=build.CLUSTER_ID, at=october(22))

    assert started(clock(cluster(), observation=unseen)) == (CREATED, build.NOW)


def test_without_the_log_an_earlier_sight_of_the_stop_proves_nothing() -> None:
    unread = replace(cluster(), activity=build.gap())

    assert clock(unread, observation=seen("Stopped", 22)).started_latest == build.NOW


def test_the_log_must_reach_back_to_that_sight_to_the_second() -> None:
    stopped = seen("Stopped", 22)
    reaching = replace(cluster(), activity=Known(build.log(since=stopped.at)))
    short = replace(cluster(), activity=Known(build.log(since=build.minutes_after(stopped.at, 1))))

    assert clock(reaching, observation=stopped).started_latest == stopped.at
    assert clock(short, observation=stopped).started_latest == build.NOW


@pytest.mark.parametrize(
    ("day", "changes", "latest"),
    [
        (22, {}, build.NOW),
        (21, {}, october(22)),
        (25, {"status": OperationStatus.FAILED}, october(22)),
    ],
)
def test_only_a_start_since_that_sight_takes_the_bound_away(
    day: int, changes: dict[str, Any], latest: datetime
) -> None:
    told = clock(cluster(), asked(START, day, **changes), observation=seen("Stopped", 22))

    assert told.started_latest == latest


def test_a_failed_start_is_no_sign_of_life() -> None:
    failed = asked(START, 25, status=OperationStatus.FAILED)

    assert clock(cluster(), failed).started_earliest == CREATED


def test_disks_of_nodes_bound_the_start_and_disks_without_a_date_do_not() -> None:
    of_a_node = disk(9, f"{build.COMPUTE}/virtualMachineScaleSets/aks-apps-38116459-vmss")
    undated = replace(disk(12), ownership_changed_at=None)

    told = clock(cluster((of_a_node, undated)))

    assert started(told) == (build.at("2026-09-09 12:00"), build.NOW)


def test_unless_it_may_have_been_started_in_between() -> None:
    beyond_the_log = seen("Stopped", 2)

    assert clock(cluster(), observation=beyond_the_log).started_latest == build.NOW
    told = clock(cluster(), asked(START, 25), observation=seen("Stopped", 22))
    assert started(told) == (october(25), build.NOW)
