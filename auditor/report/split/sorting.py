"""Sorts a report's rows into the parts that they belong to: one pass over its units.

What is held meanwhile is ids: of every cluster its part, of every verdict that met a failed read
the rule. The rows themselves go from disk to disk.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from auditor.model.report import ClockRow, FindingRow, UnitResult, VerdictRow
from auditor.report.split.causes import Causes
from auditor.report.split.splitters import Label, Splitter
from auditor.report.spool import Spool
from auditor.report.view import Report

OfCluster = TypeVar("OfCluster", VerdictRow, FindingRow, ClockRow)
PartKey = tuple[str, str]


class Sorted:
    """The units of one part, under the name that most of its clusters give it.

    ``notes`` are the ids of the run's notes that its findings belong to; ``is_empty`` is a part
    without clusters, of which no subscription hides any.
    """

    def __init__(self, label: Label, folder: Path) -> None:
        folder.mkdir()
        self.kind = label.kind
        self.key = label.key
        self.spool = Spool(folder)
        self.notes: set[str] = set()
        self.is_empty = True
        self._names: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """The usual spelling; of two that are as usual, the first in the alphabet."""
        return min(self._names, key=lambda one: (-self._names[one], one))

    def take(self, piece: UnitResult, names: Iterable[str], notes: Iterable[str]) -> None:
        """Put away what the part has of one subscription."""
        self._names.update(names)
        self.notes.update(notes)
        self.is_empty &= not piece.clusters and piece.subscription.status != "not_assessed"
        self.spool.write(piece)


def sort(report: Report, splitter: Splitter, folder: Path) -> tuple[Sorted, ...]:
    """The report's parts by kind and key, spooled below a folder that is theirs alone.

    Every cluster lies in exactly one. A subscription without clusters makes no part, unless what
    is there could not be read.
    """
    parts: dict[PartKey, Sorted] = {}
    causes = Causes(folder / "causes")
    notes = {note.id for note in report.header.notes}
    for unit in report.units:
        home = splitter.of_subscription(unit.subscription)
        for key, labels in _labels(unit, splitter, home).items():
            if key not in parts:
                parts[key] = Sorted(labels[0], folder / f"{len(parts):06d}")
            piece = _piece(unit, splitter, key)
            told = notes.intersection(row.deed for row in piece.findings)
            parts[key].take(piece, (one.name for one in labels), told)
            causes.know(key, piece, is_home=home is not None and key == _key(home))
    causes.sort(report.coverage())
    for key, part in parts.items():
        for piece in part.spool:
            part.spool.write(msgspec.structs.replace(piece, coverage=causes.of(key, piece)))
    return tuple(parts[key] for key in sorted(parts) if not parts[key].is_empty)


def _key(label: Label) -> PartKey:
    return (label.kind, label.key)


def _labels(
    unit: UnitResult, splitter: Splitter, home: Label | None
) -> Mapping[PartKey, list[Label]]:
    """The parts that a subscription belongs to, each as often as something in it says so."""
    found: defaultdict[PartKey, list[Label]] = defaultdict(list)
    if home:
        found[_key(home)].append(home)
    for row in unit.clusters:
        label = splitter.of_cluster(row, unit.subscription)
        found[_key(label)].append(label)
    return found


def _piece(unit: UnitResult, splitter: Splitter, part: PartKey) -> UnitResult:
    """What one part has of the unit."""
    clusters = tuple(
        row for row in unit.clusters if _key(splitter.of_cluster(row, unit.subscription)) == part
    )
    own = {row.id for row in clusters}
    return UnitResult(
        subscription=unit.subscription,
        clusters=clusters,
        verdicts=tuple(_of(own, unit.verdicts)),
        findings=tuple(_of(own, unit.findings)),
        clocks=tuple(_of(own, unit.clocks)),
    )


def _of(clusters: set[str], rows: Iterable[OfCluster]) -> Iterator[OfCluster]:
    return (row for row in rows if row.cluster_id in clusters)
