from __future__ import annotations

import pytest

from auditor.model.errors import UnreadableError
from auditor.model.facet import Facet, Known, Outcome
from auditor.model.question import LookBack, ProveAbsent, ReadAgain
from tests.build import gap


def test_a_known_fact_gives_its_value() -> None:
    assert Known(3).require() == 3
    assert Known(3).known_or(0) == 3


def test_an_empty_list_that_was_read_is_known() -> None:
    empty: Facet[tuple[str, ...]] = Known(())
    assert empty.require() == ()
    assert empty.known_or(("default",)) == ()


def test_a_gap_raises_with_its_cause() -> None:
    with pytest.raises(UnreadableError, match="may not be read") as raised:
        gap().require()
    assert raised.value.gap == gap()


def test_a_gap_gives_the_default_where_evidence_is_optional() -> None:
    assert gap().known_or(()) == ()


def test_one_root_cause_met_twice_is_one_row() -> None:
    assert gap("/a/B").id == gap("/A/b", message="in other words", status=500).id


@pytest.mark.parametrize(
    "changes",
    [{"collector": "other"}, {"outcome": Outcome.THROTTLED}, {"code": "Other"}],
)
def test_another_cause_is_another_row(changes: dict[str, str]) -> None:
    assert gap(**changes).id != gap().id


def test_the_id_of_a_gap_is_short_and_printable() -> None:
    prefix, _, digest = gap().id.partition("-")
    assert prefix == "cov"
    assert len(digest) == 12
    assert int(digest, 16) >= 0


def test_questions_of_different_kinds_about_one_resource_are_different() -> None:
    assert len({ReadAgain("/x"), ProveAbsent("/x"), LookBack("/x"), LookBack("/x")}) == 3
