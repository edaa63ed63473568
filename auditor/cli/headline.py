"""What a run says on stdout when it is done: where the report lies, and its first lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.report import SummaryRow
from auditor.model.run import NoteRow

_STATES = ("out_of_support", "at_risk", "in_support", "not_assessed")


def lines(summary: SummaryRow, notes: Sequence[NoteRow] = ()) -> Iterator[str]:
    """The headline numbers in words, and what many clusters show alike."""
    states = ", ".join(f"{getattr(summary, state)} {_words(state)}" for state in _STATES)
    yield f"{_count(summary.clusters, 'cluster')}: {states}"
    yield (
        f"{_count(summary.findings, 'finding')}: {_count(summary.violations, 'violation')}, "
        f"{_count(summary.warnings, 'warning')}; {_count(summary.deeds, 'deed')} behind them"
    )
    if summary.clocks_under_7_days:
        yield f"{_count(summary.clocks_under_7_days, 'deadline')} in less than 7 days"
    for note in notes:
        yield (
            f"probably a release of AKS: {note.rule_id} on {note.clusters} of "
            f"{_count(note.judged, 'cluster')} judged, with nobody on record: {note.summary}"
        )
    yield f"coverage {summary.coverage_percent:g} %{_unread(summary)}"


def _unread(summary: SummaryRow) -> str:
    parts = [
        (summary.unread, "failed read"),
        (summary.subscriptions_not_assessed, "unassessed subscription"),
    ]
    missing = [_count(count, noun) for count, noun in parts if count]
    return f": {', '.join(missing)}" if missing else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _words(name: str) -> str:
    return name.replace("_", " ")
