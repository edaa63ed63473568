"""Verdicts and what stood in their way: one coverage row per root cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

from auditor.model.facet import Gap, Outcome
from auditor.model.report import AffectsRow, CoverageRow, VerdictRow
from auditor.model.snapshot import Snapshot
from auditor.report.assessed import Assessed

NOT_FAILED = frozenset({Outcome.OK.value, Outcome.TRANSITION.value})
"""Outcomes that are no failed read: a resource in transition was read, and is in motion."""


def verdict_rows(assessed: Assessed) -> Iterator[VerdictRow]:
    """The cluster's verdicts by rule, each with the coverage rows behind it."""
    for verdict in sorted(assessed.evaluation.verdicts, key=lambda one: one.rule_id):
        yield VerdictRow(
            cluster_id=assessed.cluster.id,
            rule_id=verdict.rule_id,
            verdict=verdict.verdict.value,
            reason=verdict.reason,
            coverage_ids=tuple(sorted({gap.id for gap in verdict.gaps})),
        )


def coverage_rows(snapshot: Snapshot, assessed: Sequence[Assessed]) -> tuple[CoverageRow, ...]:
    """What failed, by root cause, and which scopes were read in full; by id.

    The subscription is a scope that was read in full if its clusters could be listed, a cluster
    if no verdict on it met a failed read.
    """
    failed = [_gap_row(gap) for gap in snapshot.gaps]
    for one in assessed:
        failed.extend(_cluster_gaps(one))
    return merged([*failed, *_read_in_full(snapshot, assessed)])


def merged(rows: Iterable[CoverageRow]) -> tuple[CoverageRow, ...]:
    """Rows of one id made one, with all that they affect; by id."""
    by_id = groupby(sorted(rows, key=_order), key=lambda row: row.id)
    return tuple(_merge(list(same)) for _, same in by_id)


def _merge(same: list[CoverageRow]) -> CoverageRow:
    clusters = {cluster for row in same for cluster in row.affects.clusters}
    rules = {rule for row in same for rule in row.affects.rules}
    affects = AffectsRow(clusters=tuple(sorted(clusters)), rules=tuple(sorted(rules)))
    return msgspec.structs.replace(same[0], affects=affects)


def _order(row: CoverageRow) -> tuple[str, ...]:
    at = row.at.isoformat() if row.at else ""
    return (row.id, at, row.scope, row.message, row.permission, str(row.status))


def _cluster_gaps(assessed: Assessed) -> Iterator[CoverageRow]:
    cluster_id = assessed.cluster.id
    if isinstance(assessed.cluster.managed, Gap):
        yield _gap_row(assessed.cluster.managed, AffectsRow(clusters=(cluster_id,)))
    for verdict in assessed.evaluation.verdicts:
        affects = AffectsRow(clusters=(cluster_id,), rules=(verdict.rule_id,))
        yield from (_gap_row(gap, affects) for gap in verdict.gaps)


def _gap_row(gap: Gap, affects: AffectsRow | None = None) -> CoverageRow:
    return CoverageRow(
        id=gap.id,
        scope=gap.scope,
        collector=gap.collector,
        outcome=gap.outcome.value,
        status=gap.status,
        code=gap.code,
        message=gap.message,
        permission=gap.permission,
        affects=affects or AffectsRow(),
        at=gap.at,
    )


def _read_in_full(snapshot: Snapshot, assessed: Iterable[Assessed]) -> Iterator[CoverageRow]:
    if snapshot.listed:
        yield _ok_row(f"/subscriptions/{snapshot.subscription.id}", "clusters", snapshot)
    for one in assessed:
        if all(row.outcome in NOT_FAILED for row in _cluster_gaps(one)):
            yield _ok_row(one.cluster.id, "cluster", snapshot)


def _ok_row(scope: str, collector: str, snapshot: Snapshot) -> CoverageRow:
    digest = hashlib.sha256(f"{scope.casefold()}\n{collector}".encode()).hexdigest()
    return CoverageRow(
        id=f"cov-ok-{digest[:12]}",
        scope=scope,
        collector=collector,
        outcome=Outcome.OK.value,
        status=None,
        code="",
        message="read in full",
        permission="",
        affects=AffectsRow(),
        at=snapshot.taken_at,
    )
