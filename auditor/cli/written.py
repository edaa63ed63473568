"""What is on disk when a run or a rendering is done, and the first lines about it."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from auditor.cli import headline
from auditor.report import split, write
from auditor.report.view import Report
from auditor.settings import Settings

_log = structlog.get_logger()


def write_all(report: Report, settings: Settings) -> Iterator[str]:
    """Write the report and its parts as the settings say; lines that say where, and what."""
    report.language = settings.lang
    files = write.write(report, settings.output_dir, settings.format)
    parts = split.write(report, settings.output_dir, settings.format, settings.split_by)
    for path in parts.left:
        _log.warning(f"left alone, for somebody has changed it: {path} is of an earlier run")
    yield str(files[0])
    yield from headline.lines(report.summary, report.header.notes)
    if parts.index:
        noun = "part" if parts.number == 1 else "parts"
        yield f"{parts.number} {noun} by {settings.split_by}: {parts.index}"
