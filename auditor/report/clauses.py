"""Every clause of the policy on every cluster: what its rules say, or why nothing shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from auditor.model.report import ClauseVerdictRow, UnitResult, VerdictRow
from auditor.model.run import ClauseRow
from auditor.model.verdict import Verdict

NOT_VISIBLE = "not_visible"
WORST_FIRST = tuple(verdict.value for verdict in Verdict)
"""Verdicts, the one that outweighs all others first."""


def clause_rows(unit: UnitResult, clauses: Sequence[ClauseRow]) -> Iterator[ClauseVerdictRow]:
    """A row for every cluster of the unit and every clause, in the order of both."""
    said: defaultdict[str, dict[str, VerdictRow]] = defaultdict(dict)
    for row in unit.verdicts:
        said[row.cluster_id][row.rule_id] = row
    for cluster in unit.clusters:
        for clause in clauses:
            yield _row(cluster.id, clause, said[cluster.id])


def _row(cluster_id: str, clause: ClauseRow, said: Mapping[str, VerdictRow]) -> ClauseVerdictRow:
    judged = [said[rule] for rule in clause.rules if rule in said]
    if not judged:
        verdict = Verdict.UNKNOWN.value if clause.visible else NOT_VISIBLE
        return ClauseVerdictRow(
            cluster_id=cluster_id,
            clause=clause.id,
            verdict=verdict,
            reason=clause.not_visible_reason,
        )
    worst = min((row.verdict for row in judged), key=WORST_FIRST.index)
    deciding = [row for row in judged if row.verdict == worst]
    reasons = [row.reason for row in deciding] + [clause.not_visible_reason]
    return ClauseVerdictRow(
        cluster_id=cluster_id,
        clause=clause.id,
        verdict=worst,
        rules=tuple(row.rule_id for row in deciding),
        reason=" ".join(dict.fromkeys(filter(None, reasons))),
    )
