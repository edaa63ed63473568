"""Splits a report: the story, told once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from auditor.report import write as files
from auditor.report.split import index, parts, place
from auditor.report.split.names import folders
from auditor.report.split.parts import Beyond, Entry
from auditor.report.split.sorting import Sorted, sort
from auditor.report.split.splitters import Splitter, splitter
from auditor.report.spool import temporary_folder
from auditor.report.view import Report

_FOLDERS = {"none": "untagged", "unknown": "not-known"}
"""What the parts without a value are kept in."""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that were written, and their index.

    ``left`` are files of an earlier run's parts that somebody has changed, and that were left.
    """

    number: int
    index: Path | None
    left: tuple[Path, ...]


def write(report: Report, folder: Path, formats: Collection[str], split_by: str) -> Parts:
    """Write the parts of a report below its own folder, in the same formats; none for ``""``.

    Parts of an earlier run do not stay beside this one's report. :class:`UsageError` as in
    :func:`auditor.report.write.write`, with an earlier run's parts unharmed.
    """
    run = report.header.run.id
    if not split_by:
        return Parts(number=0, index=None, left=place.retire(folder, run))
    way = splitter(split_by)
    target = folder / way.folder
    with (
        temporary_folder() as spools,
        place.draft(target) as draft,
    ):
        sorted_parts = sort(report, way, spools)
        entries = _write_all(report, sorted_parts, way, draft, formats)
        index.write(report, way, entries, draft, formats)
        left = place.publish(draft, target, run)
    return Parts(
        number=len(entries),
        index=target / index.PAGE,
        left=(*left, *place.retire(folder, run)),
    )


def _write_all(
    whole: Report,
    sorted_parts: tuple[Sorted, ...],
    way: Splitter,
    draft: Path,
    formats: Collection[str],
) -> list[Entry]:
    """Every part in a folder of its own; the gravest first."""
    beyond = Beyond.of(whole, sorted_parts, way)
    named = folders(
        {part.key: part.name for part in sorted_parts if part.kind == "value"},
        reserved=frozenset(_FOLDERS.values()),
    )
    entries = []
    for part in sorted_parts:
        name = _FOLDERS.get(part.kind) or named[part.key]
        own = parts.report(whole, part, way, beyond)
        first, *_ = files.write(own, draft / name, formats)
        entries.append(
            Entry(
                part=own.header.run.part[-1],
                folder=name,
                file=first.name,
                summary=own.summary,
                nearest_deadline=parts.nearest_deadline(own),
            )
        )
    return sorted(entries, key=lambda one: one.gravity)
