"""Since when nothing runs: what bounds the moment where no record tells of it."""

from __future__ import annotations

from typing import Any

from auditor.evidence.clocks import Bound, Start
from auditor.evidence.outage import outage
from auditor.model.compute import PowerState
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster
from tests import build, deeds

MADE = build.at("2026-09-01 06:00")
NOW = Bound(build.NOW, "no node runs at this reading")


def cluster(count: int = 1, described: dict[str, Any] | None = None, **changes: Any) -> Cluster:  # noqa: ANN401 (any facet)
    """A cluster of one pool, whose nodes are deallocated and do not say when they were made."""
    nodes = [build.node(n, power=PowerState("deallocated"), created_at=None) for n in range(count)]
    asked = build.managed(build.pool(count=count), **described or {})
    sets = (build.scale_set(capacity=count),)
    return build.cluster(asked, scale_sets=sets, nodes={"apps": nodes}, **changes)


def start(of: Cluster, *operations: Operation) -> Start:
    return told(of, build.context(None, *operations))


def told(of: Cluster, context: Context) -> Start:
    found = outage(of, context)
    assert found is not None
    return found.start


def test_nothing_went_down_before_the_cluster_was_made() -> None:
    of = cluster(described={"created_at": MADE})
    assert start(of) == Start(earliest=Bound(MADE, "the cluster was created then"), latest=NOW)
    assert start(cluster()) == Start(latest=NOW)


def test_a_start_that_failed_is_no_sign_of_life() -> None:
    when = build.at("2026-10-20 08:00")
    begun = deeds.operation(OperationKind.AKS_START, build.CLUSTER_ID, when=when)
    failed = deeds.operation(
        OperationKind.AKS_START, build.CLUSTER_ID, when=when, status=OperationStatus.FAILED
    )
    assert start(cluster(), begun).earliest == Bound(when, "AKS started the cluster then")
    assert start(cluster(), failed).earliest is None


def test_whoever_took_down_the_last_of_it_is_the_author() -> None:
    of = cluster(2)
    first, last = (
        deeds.operation(
            OperationKind.NODE_DOWN,
            build.node_id(number),
            when=build.minutes_after(build.NOON, number),
            id=name,
        )
        for number, name in enumerate(("b", "a"))
    )
    for recorded in ((first, last), (last, first)):
        found = outage(of, build.context(None, *recorded))
        assert found is not None
        assert found.author == last


def test_an_empty_pool_without_a_log_bounds_nothing() -> None:
    unread = Context(now=build.NOW, operations=build.gap())
    of = cluster(0, activity=build.gap(), described={"created_at": MADE})
    assert told(of, unread) == Start(
        earliest=Bound(MADE, "the cluster was created then"), latest=NOW
    )
