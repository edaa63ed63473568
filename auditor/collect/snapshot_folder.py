"""The folder of a snapshot: a ``manifest.json``, and one file per answer on numbered shelves.

Files are named after a digest of the request, so that nothing in a snapshot is ever a path. Only
their owner can read them; each is written whole or not at all. A folder that holds anything else
is refused, to be written to as to be read.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from auditor.collect.options import Scope
from auditor.model.errors import RunFailedError, UsageError

T = TypeVar("T")

FORMAT = "aks-auditor-snapshot"
VERSION = 1
_MANIFEST = "manifest.json"
_ANSWERS = "answers"
_OURS = frozenset({_MANIFEST, _ANSWERS})
_LARGEST = 256 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{40}\.[1-9][0-9]{0,6}\.json")


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a snapshot is of: the run's time, the start of its log's window, its scope.

    ``reads`` is the wider scope that was read, where a narrower replay was recorded again.
    """

    format: str
    version: int
    tool_version: str
    now: datetime
    since: datetime
    endpoint: str
    scope: Scope
    reads: Scope | None = None


def begin(folder: Path, manifest: Manifest) -> None:
    """Make a new or empty folder, or that of an older snapshot, into one of this manifest's.

    Raises :class:`UsageError` for a folder that holds anything else.
    """
    _make_room(folder)
    write(folder / _MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))


def read_manifest(folder: Path) -> Manifest:
    """What a snapshot is of; raises :class:`UsageError` for what is none, or of another version."""
    try:
        there = {file.name for file in folder.iterdir()}
    except OSError as error:
        raise _unreadable(folder, error) from error
    if _MANIFEST not in there:
        raise UsageError(f"there is no snapshot at {folder}", "give the folder of --save-snapshot")
    manifest = read(folder / _MANIFEST, Manifest)
    if manifest.format != FORMAT or manifest.version != VERSION:
        raise UsageError(
            f"{folder} is not a snapshot of version {VERSION}",
            "record it again with this version of aks-auditor",
        )
    dated = manifest.now.tzinfo is not None and manifest.since.tzinfo is not None
    if not dated or not _is_address(manifest.endpoint):
        raise _damaged(folder / _MANIFEST)
    return manifest


def _is_address(endpoint: str) -> bool:
    try:
        return bool(urlsplit(endpoint).hostname)
    except ValueError:  # brackets that close nothing
        return False


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            _clear(folder)
        folder.chmod(0o700)
        (folder / _ANSWERS).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"a snapshot cannot be written to {folder}: {error.strerror}", "choose another folder"
        ) from error


def _clear(folder: Path) -> None:
    """Remove an older snapshot, and nothing but a snapshot."""
    if not (folder / _MANIFEST).is_file() or {p.name for p in folder.iterdir()} - _OURS:
        raise UsageError(
            f"{folder} holds other files than a snapshot's", "choose a new or empty folder"
        )
    read_manifest(folder)
    for file in list(inspect(folder)):
        file.unlink()
    (folder / _MANIFEST).unlink()


def inspect(folder: Path) -> list[Path]:
    """The files of its answers; raises :class:`UsageError` for what cannot be one of them."""
    try:
        files = list(_walk(folder / _ANSWERS))
    except OSError as error:
        raise _unreadable(folder, error) from error
    for file in files:
        if file.is_symlink() or not file.is_file() or not _NAME.fullmatch(file.name):
            raise _damaged(file)
    return files


def _walk(answers: Path) -> Iterator[Path]:
    if answers.is_symlink() or not answers.is_dir():
        raise _damaged(answers)
    for shelf in sorted(answers.iterdir()):
        if shelf.is_symlink() or not shelf.is_dir():
            raise _damaged(shelf)
        yield from sorted(shelf.iterdir())


def file_of(folder: Path, key: str, number: int) -> Path:
    """Where the ``number``-th answer to a request is, by the digest of the request."""
    return folder / _ANSWERS / key[:2] / f"{key}.{number}.json"


def write(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Raises :class:`RunFailedError`: a run that was to be recorded and is not has failed.
    """
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        _replace(file, content)
    except OSError as error:
        raise RunFailedError(
            f"the snapshot cannot be written to {file.parent}: {error.strerror}",
            "make room, or run without --save-snapshot",
        ) from error


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def read(file: Path, kind: type[T]) -> T:
    """What a file holds; raises :class:`UsageError` for one that is damaged or may not be read."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
        raise _damaged(file)
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise _unreadable(file, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(file) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    """What keeps the operating system from reading it, for the whole folder or one file."""
    return UsageError(
        f"the snapshot cannot be read: {error.filename or path}: {error.strerror}",
        "give the folder of --save-snapshot, and let this account read all of it",
    )


def _damaged(file: Path) -> UsageError:
    return UsageError(f"the snapshot is damaged: {file}", "record it again with --save-snapshot")
