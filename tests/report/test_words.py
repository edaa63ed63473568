from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auditor import policy
from auditor.model.report import UnitResult
from auditor.model.run import CallRow
from auditor.report import words
from auditor.report.page import clocks, coverage, headline
from auditor.report.page.policy import policy as policy_page
from auditor.report.prose import blocks
from auditor.report.view import Report
from tests.report import sample

QUERY = "/providers/Microsoft.ResourceGraph/resources"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON, LATE = NOW + timedelta(days=9, hours=1), NOW + timedelta(days=22)


@pytest.mark.parametrize(
    ("earliest", "latest", "says"),
    [
        (SOON, SOON, "2026-12-01 (in 9 days)."),
        (
            SOON,
            LATE,
            "2026-12-01 (in 9 days) at the earliest, 2026-12-14 (in 22 days) at the latest.",
        ),
        (None, LATE, "How soon is not known, 2026-12-14 (in 22 days) at the latest."),
        (SOON, None, "2026-12-01 (in 9 days) at the earliest, how late is not known."),
        (None, None, "No date can be given: nothing on record says when the clock started."),
        (
            NOW - timedelta(days=1),
            NOW + timedelta(hours=2),
            "2026-11-21 (1 day ago) at the earliest, 2026-11-22 (within a day) at the latest.",
        ),
    ],
)
def test_a_deadline_is_said_as_narrowly_as_it_is_known(
    earliest: datetime | None, latest: datetime | None, says: str
) -> None:
    assert str(words.deadline(earliest, latest, NOW)) == says


def test_the_clock_that_may_run_out_first_comes_first(report: Report) -> None:
    first, second = clocks.cards(report)
    assert (first.cluster, first.days, str(first.unit)) == ("cart-weu", "2", "days left")
    assert (second.days, second.span) == ("≤ 275", None)


def test_a_clock_is_drawn_from_its_possible_start_to_its_possible_end(report: Report) -> None:
    span = clocks.cards(report)[0].span
    assert span is not None
    assert 0 < span.elapsed < span.doubt < 100


@pytest.mark.parametrize(
    ("units", "says"),
    [
        ([], "No AKS cluster was found in what could be read."),
        ([sample.labs()], "Of 3 clusters, 1 is not assessed."),
        (
            [sample.shop(), sample.labs()],
            "Of 6 clusters, 2 are out of support, 1 is at risk and 1 is not assessed.",
        ),
    ],
)
def test_the_headline_is_a_sentence(units: list[UnitResult], says: str) -> None:
    report = Report(sample.header(), units)
    assert str(headline.lead(report.summary)) == says


@pytest.mark.parametrize(
    ("assignments", "says"),
    [
        (("/x/policyAssignments/tags",), "with the policy assignment tags"),
        (("/x/policyAssignments/tags", "/y/size"), "with the policy assignments tags, size"),
    ],
)
def test_policies_are_said_behind_a_caller(assignments: tuple[str, ...], says: str) -> None:
    assert str(words.policies(assignments)) == says


def test_an_advice_is_told_sentence_by_sentence_as_far_as_it_is_always_the_same() -> None:
    said = words.remedy("Move to a blue moon. Have AKS re-create the nodes of the pool.")
    assert str(said) == "Move to a blue moon. Have AKS re-create the nodes of the pool."
    told = said.in_language("ja")
    assert told == "Move to a blue moon.AKS にプールのノードを再作成させてください。"


def test_shares_fill_the_bar(report: Report) -> None:
    shares = headline.shares(report.summary)
    assert sum(share.length for share in shares) == pytest.approx(100, abs=0.01)


def test_a_docstring_becomes_paragraphs_lists_and_code() -> None:
    paragraph, items = blocks("First line\nwith ``code`` and `more`.\n\n- one\n  item\n- two")
    assert [(span.text, span.is_code) for span in paragraph.lines[0]] == [
        ("First line with ", False),
        ("code", True),
        (" and ", False),
        ("more", True),
        (".", False),
    ]
    assert items.is_list
    assert [line[0].text for line in items.lines] == ["one item", "two"]


def test_a_clause_counts_each_cluster_once_by_its_worst_verdict(report: Report) -> None:
    cards = {card.id: card for card in policy_page(report).clauses}
    assert {(t.verdict, t.number) for t in cards["C1"].tallies} == {
        ("violation", 1),
        ("unknown", 2),
        ("pass", 3),
    }
    assert sum(t.number for t in cards["C5"].tallies) == report.summary.clusters


def test_every_clause_has_a_rule_or_an_honest_reason() -> None:
    made = policy.policy(loaded.rule for loaded in sample.RULES)
    assert all(clause.rules or clause.not_visible_reason for clause in made.clauses)
    assert [clause.id for clause in made.clauses][:3] == ["C1", "C2", "C3"]


def test_a_clause_that_could_be_audited_and_is_not_says_so() -> None:
    clauses = {clause.id: clause for clause in policy.policy(()).clauses}
    assert "no rule for it yet" in clauses["C1"].not_visible_reason
    assert "no rule for it yet" not in clauses["C17"].not_visible_reason


def test_rules_name_only_clauses_of_the_policy() -> None:
    known = {clause.id for clause in policy.CLAUSES}
    assert all(known.issuperset(loaded.rule.clauses) for loaded in sample.RULES)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (CallRow(method="GET", path="/x", count=2), "All of them were GET or HEAD: none"),
        (CallRow(method="POST", path=QUERY, count=1), "but for 1 query to Resource Graph: none"),
        (CallRow(method="PUT", path="/x", count=0, blocked=2), "2 others would have done more"),
        (CallRow(method="PUT", path="/x", count=1), "Not all of them only read"),
        (CallRow(method="POST", path="/listKeys", count=1), "Not all of them only read"),
    ],
)
def test_the_receipt_claims_no_more_than_the_requests_prove(call: CallRow, says: str) -> None:
    assert says in " ".join(map(str, coverage.receipt((call,)).statement))
