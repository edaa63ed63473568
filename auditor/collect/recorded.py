"""A snapshot on disk: what ARM answered, and a carrier that answers the same again.

A folder with a ``manifest.json`` and one file per answer. A file holds what the wire structs
understood of the answer, and nothing else; several answers to one request are kept in order.
Files are named after a digest of the request, so that nothing in a snapshot is ever a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from azure.core.rest import HttpRequest

from auditor import __version__
from auditor.collect.calls import Ledger
from auditor.collect.client import Answer
from auditor.collect.failures import FailedReadError
from auditor.collect.options import Scope, SourceOptions
from auditor.collect.wire.error import ErrorBody, ErrorDetail
from auditor.model.errors import RunFailedError, UsageError
from auditor.model.facet import Outcome

T = TypeVar("T")

FORMAT = "aks-auditor-snapshot"
VERSION = 1
_MANIFEST = "manifest.json"
_ANSWERS = "answers"
_LARGEST = 256 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{40}\.[1-9][0-9]{0,6}\.json")
_OK = 200


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


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A read to which no answer came, or none that reads."""

    outcome: Outcome
    message: str
    status: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer: a status with a body, or a failure."""

    method: str
    url: str
    request: str = ""
    status: int = 0
    body: msgspec.Raw = msgspec.Raw(b"null")
    failure: Failure | None = None


class Recording:
    """Writes a snapshot, one file per answer, while a run goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count: Counter[str] = Counter()

    @classmethod
    def begin(cls, options: SourceOptions, folder: Path, endpoint: str) -> Recording:
        """Prepare the folder: a new or empty one, or an older snapshot, which is replaced.

        Raises :class:`UsageError` for a folder that holds anything else.
        """
        _make_room(folder)
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            tool_version=__version__,
            now=options.now,
            since=options.since,
            endpoint=endpoint,
            scope=options.scope,
            reads=options.recorded,
        )
        _write(folder / _MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        return cls(folder)

    def keep(self, request: HttpRequest, body: bytes) -> None:
        """Keep an answer of status 200."""
        kept = msgspec.structs.replace(_asked(request), status=_OK, body=msgspec.Raw(body))
        self._keep(kept)

    def keep_failure(self, request: HttpRequest, failure: FailedReadError) -> None:
        """Keep a refusal as ARM says it, and anything else as what it was."""
        asked = _asked(request)
        if failure.status is None or failure.status == _OK:
            told = Failure(outcome=failure.outcome, message=failure.message, status=failure.status)
            self._keep(msgspec.structs.replace(asked, failure=told))
            return
        detail = ErrorDetail(code=failure.code, message=failure.message)
        body = msgspec.Raw(msgspec.json.encode(ErrorBody(error=detail)))
        self._keep(msgspec.structs.replace(asked, status=failure.status, body=body))

    def _keep(self, entry: Entry) -> None:
        key = _key(entry)
        self._count[key] += 1
        _write(_file(self._folder, key, self._count[key]), msgspec.json.encode(entry))


class Replay:
    """Answers from a snapshot, in the order in which each request was answered then."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._count: Counter[str] = Counter()
        _inspect(folder)

    async def carry(self, request: HttpRequest, region: str) -> Answer:  # noqa: ARG002 (a snapshot has no budgets)
        """The recorded answer; raises ``FailedReadError`` for a failure, or for want of one."""
        entry = self._next(_key(_asked(request)))
        failed = entry is None or entry.status != _OK
        self._ledger.sent(request.method, request.url, failed=failed)
        if entry is None:
            raise FailedReadError(Outcome.SKIPPED, "the snapshot does not hold this answer")
        if entry.failure:
            told = entry.failure
            raise FailedReadError(told.outcome, told.message, told.status)
        return Answer(entry.status, bytes(entry.body))

    def _next(self, key: str) -> Entry | None:
        """The next answer to a request; the last one again where no more were recorded."""
        file = _file(self._folder, key, self._count[key] + 1)
        if file.exists():
            self._count[key] += 1
        elif not self._count[key]:
            return None
        return _read(_file(self._folder, key, self._count[key]), Entry)


def read_manifest(folder: Path) -> Manifest:
    """What a snapshot is of; raises :class:`UsageError` for what is none, or of another version."""
    try:
        there = {file.name for file in folder.iterdir()}
    except OSError as error:
        raise _unreadable(folder, error) from error
    if _MANIFEST not in there:
        raise UsageError(f"there is no snapshot at {folder}", "give the folder of --save-snapshot")
    manifest = _read(folder / _MANIFEST, Manifest)
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
    for file in list(_inspect(folder)):
        file.unlink()
    (folder / _MANIFEST).unlink()


def _inspect(folder: Path) -> list[Path]:
    """The files of a snapshot; raises :class:`UsageError` for what cannot be one of them."""
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


def _file(folder: Path, key: str, number: int) -> Path:
    return folder / _ANSWERS / key[:2] / f"{key}.{number}.json"


def _key(entry: Entry) -> str:
    """What tells requests apart: all but the host, which is the same for all."""
    asked = f"{entry.method}\n{entry.url}\n{entry.request}"
    return hashlib.sha256(asked.encode()).hexdigest()[:40]


def _asked(request: HttpRequest) -> Entry:
    """An entry that has the request, and no answer yet."""
    parts = urlsplit(request.url)
    sent = request.content or b""
    return Entry(
        method=request.method.upper(),
        url=f"{parts.path}?{parts.query}",
        request=sent.decode() if isinstance(sent, bytes) else str(sent),
    )


def _write(file: Path, content: bytes) -> None:
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


def _read(file: Path, kind: type[T]) -> T:
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


_OURS = frozenset({_MANIFEST, _ANSWERS})
