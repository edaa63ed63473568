"""From one report, ``report.json`` or the page that carries it, to any format."""

from __future__ import annotations

from pathlib import Path

from auditor import console
from auditor.cli.written import write_all
from auditor.report import reread
from auditor.settings import Settings


def render(source: Path, settings: Settings) -> None:
    """Write the report in ``source`` as the settings say; say where it lies, and its headline."""
    for line in write_all(reread.read(source), settings):
        console.say(line)
