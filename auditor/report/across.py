"""What only the whole run shows, written back into its units: two passes over the spool.

Nothing of a unit is held meanwhile but counts, so that memory does not grow with the tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from auditor.model.report import (
    ClusterRow,
    EvidenceRow,
    FindingRow,
    UnitResult,
    VerdictRow,
)
from auditor.model.rule import Rule
from auditor.model.run import NoteRow
from auditor.model.verdict import Confidence, Verdict
from auditor.report.newer_images import NewestImages
from auditor.report.releases import Difference, Extent, Survey, Threshold, difference, is_open
from auditor.report.spool import Spool
from auditor.report.support import support

USUAL = Threshold()

Notes = dict[Difference, NoteRow]


def settle(
    spool: Spool, rules: Iterable[Rule], threshold: Threshold = USUAL
) -> tuple[NoteRow, ...]:
    """Tell every unit what the others show; the notes for the headline.

    Probable releases of AKS are rated as such, and pools learn of newer node images.
    """
    survey, images = Survey(rules, threshold), NewestImages()
    for unit in spool:
        survey.add(unit)
        images.add(unit)
    releases, notes = survey.releases(), Notes()
    for unit in spool:
        settled = images.told(_rated(unit, releases, notes))
        if settled != unit:
            spool.write(settled)
    return tuple(notes[same] for same in sorted(notes))


def _rated(unit: UnitResult, releases: Mapping[Difference, Extent], notes: Notes) -> UnitResult:
    """The unit with findings, verdicts and support states as probable releases leave them."""
    findings = tuple(_finding(row, releases, notes) for row in unit.findings)
    pairs = zip(unit.findings, findings, strict=True)
    touched = {(new.cluster_id, new.rule_id) for old, new in pairs if new is not old}
    if not touched:
        return unit
    graver = {(row.cluster_id, row.rule_id) for row in findings if row.verdict == Verdict.VIOLATION}
    clusters = {cluster for cluster, _ in touched}
    rated = msgspec.structs.replace(
        unit,
        findings=findings,
        verdicts=tuple(_verdict(row, touched - graver) for row in unit.verdicts),
    )
    return msgspec.structs.replace(
        rated,
        clusters=tuple(
            _cluster(row, rated) if row.id in clusters else row for row in unit.clusters
        ),
    )


def _finding(row: FindingRow, releases: Mapping[Difference, Extent], notes: Notes) -> FindingRow:
    """The finding, rated as a lead where a release is the likelier cause, and noted once."""
    if not releases or not is_open(row) or (same := difference(row)) not in releases:
        return row
    note = notes.setdefault(same, _note(row, same, releases[same]))
    return msgspec.structs.replace(
        row,
        deed=note.id,
        verdict=Verdict.WARNING.value,
        confidence=Confidence.POSSIBLE.value,
        evidence=(*row.evidence, EvidenceRow(text=_why(note), source="the whole run")),
    )


def _note(row: FindingRow, same: Difference, extent: Extent) -> NoteRow:
    return NoteRow(
        id=same.deed,
        rule_id=row.rule_id,
        resource_type=row.resource_type,
        property=row.property,
        expected=row.expected,
        actual=row.actual,
        clusters=extent.clusters,
        judged=extent.judged,
        summary=row.summary,
    )


def _why(note: NoteRow) -> str:
    return (
        f"{note.clusters:,} of the {note.judged:,} clusters judged show the same difference, with "
        "nobody on record: probably a release of AKS; if not, one hand that reached them all"
    )


def _verdict(row: VerdictRow, lowered: set[tuple[str, str]]) -> VerdictRow:
    """The rule's verdict on the cluster, a warning where only leads are left of its findings."""
    if (row.cluster_id, row.rule_id) not in lowered:
        return row
    return msgspec.structs.replace(row, verdict=Verdict.WARNING.value)


def _cluster(row: ClusterRow, unit: UnitResult) -> ClusterRow:
    """The cluster with the support state that its findings now give."""
    state, reasons = support(
        [finding for finding in unit.findings if finding.cluster_id == row.id],
        [obstacle for obstacle in unit.obstacles if obstacle.cluster_id == row.id],
    )
    return msgspec.structs.replace(row, support_state=state, support_reasons=reasons)
