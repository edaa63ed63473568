"""The last lines of a run."""

from __future__ import annotations

from auditor.cli import headline
from tests.cli.rows import summary
from tests.report import sample


def test_the_headline_names_states_findings_deadlines_and_coverage() -> None:
    numbers = summary(
        clusters=4, out_of_support=1, at_risk=1, in_support=1, not_assessed=1,
        findings=3, violations=2, warnings=1, deeds=1, clocks_under_7_days=1,
        coverage_percent=97.5, unread=2, subscriptions_not_assessed=1,
    )  # fmt: skip
    assert list(headline.lines(numbers)) == [
        "4 clusters: 1 out of support, 1 at risk, 1 in support, 1 not assessed",
        "3 findings: 2 violations, 1 warning; 1 deed behind them",
        "1 deadline in less than 7 days",
        "coverage 97.5 %: 2 failed reads, 1 unassessed subscription",
    ]


def test_a_clean_run_says_no_more_than_it_must() -> None:
    assert list(headline.lines(summary(clusters=1, in_support=1))) == [
        "1 cluster: 0 out of support, 0 at risk, 1 in support, 0 not assessed",
        "0 findings: 0 violations, 0 warnings; 0 deeds behind them",
        "coverage 100 %",
    ]


def test_what_many_clusters_show_alike_is_one_line() -> None:
    notes = sample.header().notes
    (line,) = [one for one in headline.lines(summary(), notes) if "release" in one]
    assert line.startswith("probably a release of AKS: VMSS001 on 37 of 60 clusters judged")
