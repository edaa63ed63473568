"""A snapshot: what ARM answered, and a carrier that answers the same again.

A file of its folder holds what the wire structs understood of one answer, and nothing else;
several answers to one request are kept in order.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from azure.core.rest import HttpRequest

from auditor import __version__
from auditor.collect import snapshot_folder
from auditor.collect.calls import Ledger
from auditor.collect.client import Answer
from auditor.collect.failures import FailedReadError
from auditor.collect.options import SourceOptions
from auditor.collect.snapshot_folder import FORMAT, VERSION, Manifest
from auditor.collect.wire.error import ErrorBody, ErrorDetail
from auditor.model.facet import Outcome

_OK = 200


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
        snapshot_folder.begin(folder, manifest)
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
        file = snapshot_folder.file_of(self._folder, key, self._count[key])
        snapshot_folder.write(file, msgspec.json.encode(entry))


class Replay:
    """Answers from a snapshot, in the order in which each request was answered then."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._count: Counter[str] = Counter()
        snapshot_folder.inspect(folder)

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
        file = snapshot_folder.file_of(self._folder, key, self._count[key] + 1)
        if file.exists():
            self._count[key] += 1
        elif not self._count[key]:
            return None
        last = snapshot_folder.file_of(self._folder, key, self._count[key])
        return snapshot_folder.read(last, Entry)


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
