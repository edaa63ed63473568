from __future__ import annotations

import msgspec
import pytest

from auditor import policy
from auditor.model.report import ClauseVerdictRow, UnitResult, VerdictRow
from auditor.model.run import ClauseRow
from auditor.report.clauses import NOT_VISIBLE, clause_rows
from tests.report import sample

CLAUSES = policy.policy(loaded.rule for loaded in sample.RULES).clauses
EXTENSIONS = ClauseRow(id="C4", text="Extensions.", rules=("EXT001", "EXT002", "EXT003"))


def judged(*verdicts: tuple[str, str, str], clause: ClauseRow = EXTENSIONS) -> ClauseVerdictRow:
    """The clause on a cluster with these verdicts: rule, verdict, reason."""
    whole = sample.labs()
    cluster = whole.clusters[0]
    unit = msgspec.structs.replace(
        whole,
        clusters=(cluster,),
        verdicts=tuple(
            VerdictRow(cluster_id=cluster.id, rule_id=rule, verdict=verdict, reason=reason)
            for rule, verdict, reason in verdicts
        ),
    )
    (row,) = clause_rows(unit, [clause])
    return row


@pytest.mark.parametrize("unit", [sample.shop(), sample.labs(), sample.closed()])
def test_every_clause_has_a_row_on_every_cluster(unit: UnitResult) -> None:
    rows = [(row.cluster_id, row.clause) for row in clause_rows(unit, CLAUSES)]
    assert rows == [(cluster.id, clause.id) for cluster in unit.clusters for clause in CLAUSES]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (("pass", "violation", "warning"), "violation"),
        (("pass", "unknown", "warning"), "warning"),
        (("pass", "unknown", "not_applicable"), "unknown"),
        (("not_applicable", "pass", "pass"), "pass"),
        (("not_applicable", "not_applicable", "not_applicable"), "not_applicable"),
    ],
)
def test_a_clause_is_judged_by_the_worst_that_its_rules_say(
    verdicts: tuple[str, ...], worst: str
) -> None:
    said = [(rule, verdict, "") for rule, verdict in zip(EXTENSIONS.rules, verdicts, strict=True)]
    row = judged(*said)
    assert row.verdict == worst
    assert row.rules == tuple(rule for rule, verdict, _ in said if verdict == worst)


def test_only_the_reasons_of_the_deciding_rules_are_told_and_each_once() -> None:
    row = judged(
        ("EXT001", "unknown", "a lock"), ("EXT002", "unknown", "a lock"), ("EXT003", "pass", "no")
    )
    assert row.reason == "a lock"


def test_what_of_a_judged_clause_nothing_shows_is_said_beside_its_verdict() -> None:
    clause = msgspec.structs.replace(EXTENSIONS, not_visible_reason="Labels: elsewhere.")
    assert judged(("EXT001", "pass", ""), clause=clause).reason == "Labels: elsewhere."


def test_a_clause_that_nothing_shows_says_why_and_never_passes() -> None:
    by_id = {row.clause: row for row in clause_rows(sample.labs(), CLAUSES)}
    for clause in ("C16", "C17", "C18", "C22"):
        assert (by_id[clause].verdict, by_id[clause].rules) == (NOT_VISIBLE, ())
        assert by_id[clause].reason


def test_a_visible_clause_without_a_rule_is_unknown_not_passed() -> None:
    clause = next(one for one in CLAUSES if one.id == "C4")
    assert not clause.rules
    row = judged(clause=clause)
    assert (row.verdict, row.reason) == ("unknown", clause.not_visible_reason)
    assert "no rule" in row.reason
