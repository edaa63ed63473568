from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence import clocks
from auditor.evidence.clocks import (
    Bound,
    Start,
    between,
    clock,
    days_left,
    last_of,
    severity_of_stop,
)
from auditor.model.verdict import ClockKind, Severity
from tests.build import NOW, at


def known(moment: datetime) -> Start:
    return Start.known(moment, "the stop is on record")


def deadline(kind: ClockKind, start: str) -> datetime | None:
    return clock(kind, known(at(start)), at("2030-01-01 00:00")).deadline_earliest


def seen(text: str, because: str = "evidence") -> Bound:
    return Bound(at(text), because)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-15 10:00", "2027-03-15 10:00"),
        ("2024-02-29 10:00", "2025-02-28 10:00"),
        ("2023-02-28 10:00", "2024-02-28 10:00"),
        ("2026-12-31 23:59", "2027-12-31 23:59"),
    ],
)
def test_a_stopped_clusters_state_is_kept_for_twelve_calendar_months(start: str, end: str) -> None:
    assert deadline(ClockKind.STOPPED, start) == at(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-31 10:00", "2026-03-02 10:00"),
        ("2028-01-31 10:00", "2028-03-01 10:00"),
        ("2026-12-15 00:00", "2027-01-14 00:00"),
    ],
)
def test_a_cluster_without_nodes_has_thirty_days_across_month_ends(start: str, end: str) -> None:
    assert deadline(ClockKind.NO_NODES, start) == at(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-12-01 08:00", "2027-03-01 08:00"), ("2027-12-01 08:00", "2028-02-29 08:00")],
)
def test_a_suspended_subscription_has_ninety_days(start: str, end: str) -> None:
    assert deadline(ClockKind.SUBSCRIPTION, start) == at(end)


def test_a_known_start_gives_one_deadline_and_its_reason() -> None:
    ticking = clock(ClockKind.NO_NODES, known(at("2026-10-20 03:00")), NOW)
    assert ticking.started_earliest == ticking.started_latest == at("2026-10-20 03:00")
    assert ticking.deadline_earliest == ticking.deadline_latest == at("2026-11-19 03:00")
    assert ticking.days_left == 18
    assert ticking.basis == "the stop is on record"


def test_a_bounded_start_gives_an_interval_and_never_an_invented_date() -> None:
    start = between(
        [seen("2026-09-01 00:00", "a run saw it running")],
        [seen("2026-10-01 00:00", "a run saw it stopped")],
    )
    ticking = clock(ClockKind.STOPPED, start, NOW)
    assert ticking.deadline_earliest == at("2027-09-01 00:00")
    assert ticking.deadline_latest == at("2027-10-01 00:00")
    assert ticking.basis == (
        "not before 2026-09-01 00:00Z: a run saw it running; "
        "not after 2026-10-01 00:00Z: a run saw it stopped"
    )


def test_the_reader_plans_by_the_earliest_deadline() -> None:
    start = between([seen("2026-10-05 03:00")], [seen("2026-10-31 03:00")])
    assert clock(ClockKind.NO_NODES, start, NOW).days_left == 3


def test_an_open_start_has_no_earliest_deadline() -> None:
    ticking = clock(ClockKind.STOPPED, between([], [seen("2026-10-01 00:00", "seen stopped")]), NOW)
    assert ticking.started_earliest is None
    assert ticking.deadline_earliest is None
    assert ticking.days_left is None
    assert ticking.deadline_latest == at("2027-10-01 00:00")
    assert ticking.basis == "not after 2026-10-01 00:00Z: seen stopped"


def test_no_evidence_at_all_gives_no_dates_and_says_so() -> None:
    ticking = clock(ClockKind.STOPPED, between([], []), NOW)
    assert (ticking.deadline_earliest, ticking.deadline_latest) == (None, None)
    assert ticking.basis == "no evidence of when it began"


def test_of_several_bounds_the_narrowest_count() -> None:
    start = between(
        [seen("2026-08-01 00:00", "old"), seen("2026-09-01 00:00", "newer")],
        [seen("2026-10-20 00:00", "late"), seen("2026-10-01 00:00", "early")],
    )
    assert start.earliest == seen("2026-09-01 00:00", "newer")
    assert start.latest == seen("2026-10-01 00:00", "early")


def test_bounds_that_cross_meet_in_the_later_one() -> None:
    start = between([seen("2026-10-02 00:00", "ran")], [seen("2026-10-01 00:00", "stopped")])
    assert start.is_known
    assert start.latest == seen("2026-10-02 00:00", "ran")


def test_a_start_with_one_bound_is_not_known() -> None:
    assert not Start(earliest=seen("2026-10-01 00:00")).is_known
    assert not Start(latest=seen("2026-10-01 00:00")).is_known
    assert not Start().is_known


def test_what_holds_once_all_hold_began_with_the_last_of_them() -> None:
    first = between([seen("2026-09-01 00:00")], [seen("2026-09-05 00:00")])
    last = between([seen("2026-09-03 00:00")], [seen("2026-09-09 00:00")])
    both = last_of([first, last])
    assert (both.earliest, both.latest) == (last.earliest, last.latest)
    assert last_of([last, first]) == both


def test_one_of_several_without_an_upper_bound_leaves_all_without_one() -> None:
    bounded = between([seen("2026-09-01 00:00")], [seen("2026-09-05 00:00")])
    open_ended = between([seen("2026-08-01 00:00")], [])
    assert last_of([bounded, open_ended]) == Start(earliest=bounded.earliest)
    assert last_of([bounded, Start()]) == Start(earliest=bounded.earliest)


def test_nothing_began_at_no_time() -> None:
    assert last_of([]) == Start()


def test_as_of_another_day_other_days_are_left() -> None:
    start = known(at("2026-10-20 03:00"))
    left = [
        clock(ClockKind.NO_NODES, start, at(day)).days_left
        for day in ("2026-10-20 03:00", "2026-11-18 03:00", "2026-11-19 03:00", "2026-12-19 03:00")
    ]
    assert left == [30, 1, 0, -30]


def test_days_are_whole_and_rounded_down() -> None:
    assert days_left(NOW + timedelta(days=2, hours=23), NOW) == 2
    assert days_left(NOW + timedelta(hours=1), NOW) == 0
    assert days_left(NOW - timedelta(hours=1), NOW) == -1
    assert days_left(None, NOW) is None


def test_deadlines_in_other_time_zones_are_the_same_moment() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert days_left((NOW + timedelta(days=5)).astimezone(tokyo), NOW) == 5


@pytest.mark.parametrize(
    ("left", "severity"),
    [
        (-400, Severity.CRITICAL),
        (-1, Severity.CRITICAL),
        (6, Severity.CRITICAL),
        (7, Severity.HIGH),
        (29, Severity.HIGH),
        (30, Severity.MEDIUM),
        (89, Severity.MEDIUM),
        (90, Severity.LOW),
    ],
)
def test_a_stop_weighs_more_the_nearer_its_earliest_deadline(left: int, severity: Severity) -> None:
    stopped_since = NOW + timedelta(days=left - 90)
    ticking = clock(ClockKind.SUBSCRIPTION, known(stopped_since), NOW)
    assert ticking.days_left == left
    assert severity_of_stop(ticking) is severity


def test_a_stop_of_unknown_age_weighs_high() -> None:
    assert severity_of_stop(clock(ClockKind.STOPPED, Start(), NOW)) is Severity.HIGH


FAR = at("2036-01-01 00:00")
MOMENTS = st.integers(0, 15 * 365 * 24).map(lambda hours: FAR - timedelta(hours=hours))
BOUNDS = st.lists(st.builds(Bound, MOMENTS, st.just("evidence")), max_size=4)


@given(BOUNDS, BOUNDS, st.sampled_from(ClockKind))
def test_an_interval_never_runs_backwards_and_rests_on_evidence_alone(
    not_before: list[Bound], not_after: list[Bound], kind: ClockKind
) -> None:
    ticking = clock(kind, between(not_before, not_after), FAR)
    earliest, latest = ticking.started_earliest, ticking.started_latest
    given_moments = {b.at for b in (*not_before, *not_after)}
    assert {earliest, latest} - {None} <= given_moments
    if earliest and latest:
        assert earliest <= latest
    if ticking.deadline_earliest and ticking.deadline_latest:
        assert ticking.deadline_earliest <= ticking.deadline_latest
    assert all(b.at <= earliest for b in not_before if earliest)


@given(BOUNDS, BOUNDS, st.sampled_from(ClockKind), MOMENTS)
def test_nothing_that_is_seen_now_began_later_than_now(
    not_before: list[Bound], not_after: list[Bound], kind: ClockKind, now: datetime
) -> None:
    ticking = clock(kind, between(not_before, not_after), now)
    assert all(
        moment <= now for moment in (ticking.started_earliest, ticking.started_latest) if moment
    )


@given(MOMENTS, st.sampled_from(ClockKind))
def test_twelve_months_are_longer_than_ninety_days_are_longer_than_thirty(
    start: datetime, kind: ClockKind
) -> None:
    ends = clock(kind, known(start), FAR).deadline_earliest
    assert ends is not None
    lengths = {ClockKind.NO_NODES: 30, ClockKind.SUBSCRIPTION: 90, ClockKind.STOPPED: 365}
    assert timedelta(0) <= ends - start - timedelta(days=lengths[kind]) <= timedelta(days=1)


def test_every_clock_has_a_length() -> None:
    assert set(clocks._LENGTH) == set(ClockKind)
