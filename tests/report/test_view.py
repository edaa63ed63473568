from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from auditor.model.report import AffectsRow, FindingRow, UnitResult
from auditor.report.page import answers
from auditor.report.spool import Spool
from auditor.report.summary import summarise, unread_reasons
from auditor.report.view import Report
from tests.report import sample

UNITS = (sample.shop(), sample.labs(), sample.closed())


def test_a_spool_gives_back_what_was_written_by_subscription(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for unit in reversed(UNITS):
        spool.write(unit)
    assert list(spool) == list(UNITS)
    assert list(spool) == list(UNITS)


def test_a_unit_written_twice_replaces_the_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    upper = msgspec.structs.replace(
        UNITS[2], subscription=msgspec.structs.replace(UNITS[2].subscription, id="ABC")
    )
    lower = msgspec.structs.replace(
        UNITS[2], subscription=msgspec.structs.replace(UNITS[2].subscription, id="abc")
    )
    spool.write(upper)
    spool.write(lower)
    assert list(spool) == [lower]


def test_a_subscription_id_cannot_lead_out_of_the_spool(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    strange = msgspec.structs.replace(UNITS[2].subscription, id="../../etc/passwd")
    Spool(folder).write(msgspec.structs.replace(UNITS[2], subscription=strange))
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]
    assert len(list(folder.iterdir())) == 1


def test_rows_can_be_read_again_and_again(report: Report) -> None:
    assert list(report.findings()) == list(report.findings()) != []
    assert len(list(report.clusters())) == 6
    assert len(list(report.verdicts())) == 6 * len(sample.RULES)
    assert len(list(report.clocks())) == 2
    assert [row.name for row in report.subscriptions()] == ["Shop production", "Labs", "Finance"]


def test_a_cause_that_several_subscriptions_met_is_one_row_with_all_that_it_affects() -> None:
    denied = next(row for row in UNITS[1].coverage if row.outcome == "denied")
    elsewhere = msgspec.structs.replace(
        denied, affects=AffectsRow(clusters=("/other",), rules=("NET005",))
    )
    shop = msgspec.structs.replace(UNITS[0], coverage=(elsewhere,))
    report = Report(sample.header(), [shop, UNITS[1]])
    rows = [row for row in report.coverage() if row.id == denied.id]
    assert len(rows) == 1
    assert rows[0].affects.rules == ("NET005", "PWR002", "VMSS001")
    assert "/other" in rows[0].affects.clusters
    assert report.summary.unread == 1


def test_the_headline_counts_deeds_not_findings(report: Report) -> None:
    assert report.summary.findings == 6
    assert report.summary.deeds == 5


def test_the_headline_counts_clusters_by_support_state(report: Report) -> None:
    summary = report.summary
    states = (summary.out_of_support, summary.at_risk, summary.not_assessed, summary.in_support)
    assert states == (2, 1, 1, 2)
    assert sum(states) == summary.clusters
    assert summary.violations + summary.warnings == summary.findings


def test_only_clocks_that_may_run_out_within_a_week_are_urgent(report: Report) -> None:
    assert report.summary.clocks_under_7_days == 1


def test_those_behind_violations_are_named_with_how_far_they_reached() -> None:
    shop = sample.shop()
    first, *_others = shop.findings

    def done(by: str, cluster: str, verdict: str = "violation") -> FindingRow:
        named = {"actor": by, "actor_kind": "user" if by else "unknown", "actor_id": ""}
        where = {"cluster_id": cluster, "verdict": verdict}
        return msgspec.structs.replace(first, **named, **where)

    found = (
        *(done("", one) for one in "abcd"),
        *(done("alice", "a") for _ in range(3)),
        *(done("bob", one) for one in "ab"),
        done("carol", "a", "warning"),
    )
    summary = summarise([msgspec.structs.replace(shop, findings=found)])
    told = [(hand.actor, hand.violations, hand.clusters) for hand in summary.hands]
    assert told == [("bob", 2, 2), ("alice", 3, 1), ("", 4, 4)]
    assert [hand.is_nobody for hand in summary.hands] == [False, False, True]


def test_ten_hands_are_named_and_nobody_beside_them() -> None:
    shop = sample.shop()
    names = ["", *(f"user-{number:02}" for number in range(12))]
    first = msgspec.structs.replace(shop.findings[0], verdict="violation", actor_id="")
    found = tuple(
        msgspec.structs.replace(first, actor=name, actor_kind="user" if name else "unknown")
        for name in names
    )
    summary = summarise([msgspec.structs.replace(shop, findings=found)])
    assert [hand.actor for hand in summary.hands] == [*names[1:11], ""]
    assert [str(hand.who) for hand in answers.hands(summary)] == [
        *("user-00 (user)", "user-01 (user)", "user-02 (user)", "author unknown")
    ]


def test_new_and_exempt_findings_are_counted() -> None:
    shop = sample.shop()
    first, second, third, *others = shop.findings
    found = (
        msgspec.structs.replace(first, state="new"),
        msgspec.structs.replace(second, state="reopened", exemption="EX-1"),
        msgspec.structs.replace(third, exemption=""),
        *others,
    )
    summary = summarise([msgspec.structs.replace(shop, findings=found)])
    assert (summary.new, summary.exempt) == (2, 2)


def test_transitions_are_not_missing_coverage_but_failed_reads_are() -> None:
    summary = summarise([sample.labs()])
    verdicts = 3 * len(sample.RULES)
    assert summary.coverage_percent == pytest.approx(100 * (verdicts - 2) / verdicts, abs=0.1)
    assert summary.unread == 1


def test_coverage_is_full_only_if_nothing_is_missing() -> None:
    """999 of 1000 would round up to 100.0 of two thousand."""
    unit = sample.labs()
    denied = next(row for row in unit.verdicts if row.coverage_ids and row.verdict == "unknown")
    passed = next(row for row in unit.verdicts if row.verdict == "pass")
    many = msgspec.structs.replace(unit, verdicts=(denied, *[passed] * 9999))
    assert summarise([many]).coverage_percent == 99.9


@pytest.mark.parametrize(
    ("units", "percent"), [([], 100.0), ([sample.closed()], 0.0), ([sample.shop()], 100.0)]
)
def test_coverage_without_verdicts_is_full_only_if_everything_could_be_listed(
    units: list[UnitResult], percent: float
) -> None:
    assert summarise(units).coverage_percent == percent


def test_a_run_that_missed_something_says_why(report: Report) -> None:
    first, second = map(str, unread_reasons(report.summary))
    assert first.startswith("1 subscription could not be assessed")
    assert second.startswith("2 reads failed")
    assert unread_reasons(summarise([sample.shop()])) == ()
