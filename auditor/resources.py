"""Where the files live that are no code: ``fixtures/`` and ``templates/``."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The folder inside the installed package, else beside it, as in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name
