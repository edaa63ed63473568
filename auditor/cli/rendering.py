"""From one report, ``report.json`` or the page that carries it, to any format."""

from __future__ import annotations

from pathlib import Path

from auditor import console
from auditor.cli import headline
from auditor.report import reread, write
from auditor.settings import Settings


def render(source: Path, settings: Settings) -> None:
    """Write the report in ``source`` as the settings say; say where it lies, and its headline."""
    report = reread.read(source)
    report.language = settings.lang
    files = write.write(report, settings.output_dir, settings.format)
    for line in (str(files[0]), *headline.lines(report.summary, report.header.notes)):
        console.say(line)
