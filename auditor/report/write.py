"""Puts a report into a folder, file by file, each complete or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from auditor.model.errors import UsageError
from auditor.report import html, json, sarif, step_summary, tables, xlsx
from auditor.report.columns import TABLES
from auditor.report.table import Table
from auditor.report.view import Report

Writer = Callable[[Report, BinaryIO], None]


def _junit(report: Report, out: BinaryIO) -> None:
    from auditor.report import junit  # noqa: PLC0415 (what few ask for, the others need not load)

    junit.write(report, out)


def _prometheus(report: Report, out: BinaryIO) -> None:
    from auditor.report import prometheus  # noqa: PLC0415 (likewise; it loads a web server)

    prometheus.write(report, out)


def _parquet(table: Table, report: Report, out: BinaryIO) -> None:
    from auditor.report import parquet  # noqa: PLC0415 (an extra that need not be installed)

    parquet.write(table, report, out)


def _ocsf(report: Report, out: BinaryIO) -> None:
    from auditor.report import ocsf  # noqa: PLC0415 (an extra that need not be installed)

    ocsf.write(report, out)


FORMATS: Mapping[str, Mapping[str, Writer]] = {
    "html": {"report.html": html.write},
    "csv": {table.name: partial(tables.write, table) for table in TABLES},
    "xlsx": {"report.xlsx": xlsx.write},
    "json": {"report.json": json.write},
    "sarif": {"report.sarif": sarif.write},
    "markdown": {"summary.md": step_summary.write},
    "junit": {"junit.xml": _junit},
    "prometheus": {"aks-auditor.prom": _prometheus},
    "parquet": {
        table.name.replace(".csv", ".parquet"): partial(_parquet, table) for table in TABLES
    },
    "ocsf": {"report.ocsf.ndjson": _ocsf},
}
"""The files of each format, with their writers."""


def write(report: Report, folder: Path, formats: Collection[str]) -> tuple[Path, ...]:
    """Write the report in the given formats; the paths of its files.

    A folder that does not exist is made, for its owner alone. Files of an earlier report are
    replaced once all new ones are complete. :class:`UsageError` where a format is not known, the
    folder cannot be written, or a file to be replaced is a symbolic link.
    """
    writers = _writers(formats)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_links(folder / name for name in writers)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as draft:
            for name, writer in writers.items():
                with for_owner(Path(draft) / name) as out:
                    writer(report, out)
            for name in writers:
                (Path(draft) / name).replace(folder / name)
    except OSError as error:
        raise UsageError(
            f"the report cannot be written to {folder}: {error.strerror}",
            hint="choose another folder",
        ) from error
    return tuple(folder / name for name in writers)


def _writers(formats: Collection[str]) -> Mapping[str, Writer]:
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise UsageError(
            f"unknown report format: {', '.join(unknown)}", hint=f"choose from {', '.join(FORMATS)}"
        )
    return {
        name: writer
        for one, files in FORMATS.items()
        if one in formats
        for name, writer in files.items()
    }


def _refuse_links(paths: Iterable[Path]) -> None:
    """A link that someone else placed could lead the report anywhere."""
    for path in paths:
        if path.is_symlink():
            raise UsageError(f"{path} is a symbolic link", hint="remove it, or choose a folder")


def for_owner(path: Path) -> BinaryIO:
    """Open a new file that only its owner can read: reports name resources and people."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
