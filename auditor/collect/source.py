"""The room's door: a source of snapshots, Azure itself or one recorded before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias

import msgspec
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from auditor.collect import cloud as clouds
from auditor.collect import garbage, policies
from auditor.collect.answers import answered
from auditor.collect.budgets import Budgets
from auditor.collect.calls import Ledger
from auditor.collect.client import Carrier, Clients
from auditor.collect.concurrency import SingleFlight
from auditor.collect.credentials import credential_for
from auditor.collect.discovery import Discovery, Unit, discover
from auditor.collect.once import Once
from auditor.collect.options import Scope, SourceOptions
from auditor.collect.reader import Reader
from auditor.collect.recorded import Recording, Replay
from auditor.collect.snapshot_folder import Manifest, read_manifest
from auditor.collect.transport import open_transport
from auditor.collect.unit import read_unit
from auditor.model.errors import UsageError
from auditor.model.facet import Gap
from auditor.model.question import Question
from auditor.model.run import CallRow
from auditor.model.snapshot import Snapshot

Transport: TypeAlias = AsyncHttpTransport[HttpRequest, AsyncHttpResponse]


class Source:
    """Where snapshots come from. Units may be collected at the same time, in any order."""

    def __init__(self, reader: Reader, options: SourceOptions, ledger: Ledger) -> None:
        self._reader = reader
        self._options = options
        self._ledger = ledger
        self._outside = Once(reader)
        self._found: SingleFlight[Discovery] = SingleFlight()
        self._gaps: tuple[Gap, ...] = ()

    async def units(self) -> tuple[Unit, ...]:
        """The subscriptions to collect, sorted by id.

        Raises :class:`UsageError` for a subscription's name that nothing bears, and
        :class:`RunFailedError` where signing in fails.
        """
        return (await self._discovery()).units

    async def collect(self, unit: Unit) -> Snapshot:
        """Read one subscription. What cannot be read is a gap of the snapshot, never an error."""
        found = await self._discovery()
        with garbage.paused():
            return await read_unit(self._reader, self._outside, self._options, unit, found)

    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read of the tenant: its subscriptions, or Resource Graph."""
        return self._gaps

    def calls(self) -> tuple[CallRow, ...]:
        """The receipt so far, by method and path template."""
        return self._ledger.rows()

    async def answer(
        self, snapshot: Snapshot, questions: Mapping[str, frozenset[Question]]
    ) -> Snapshot:
        """The snapshot with the answers to what was asked of its clusters, by their keys.

        Everything is read anew; what could not be read is a gap, as in a first reading.
        """
        return await answered(self._reader, self._options, snapshot, questions)

    async def _discovery(self) -> Discovery:
        found = await self._found.get("", lambda: discover(self._reader, self._options.scope))
        self._gaps = found.gaps
        return found


@asynccontextmanager
async def open_source(
    options: SourceOptions,
    *,
    transport: Transport | None = None,
    credential: AsyncTokenCredential | None = None,
) -> AsyncIterator[Source]:
    """Open the source that the options mean, and close what it opened.

    A given ``transport`` or ``credential`` stays the caller's to close. Raises
    :class:`UsageError` for options that cannot be, :class:`RunFailedError` for a sign-in that is
    not set up.
    """
    ledger = Ledger()
    async with AsyncExitStack() as stack:
        folder = options.from_snapshot
        if folder is None:
            way = await _to_azure(stack, options, ledger, transport, credential)
        else:
            manifest = read_manifest(folder)
            options = _as_recorded(options, manifest)
            way = _Way(Replay(folder, ledger), manifest.endpoint)
        reader = Reader(way.carrier, way.endpoint, options.now, _recorder(options, way.endpoint))
        yield Source(reader, options, ledger)


class _Way(msgspec.Struct, frozen=True):
    """Who brings answers, and from which ARM endpoint they are or were."""

    carrier: Carrier
    endpoint: str


async def _to_azure(
    stack: AsyncExitStack,
    options: SourceOptions,
    ledger: Ledger,
    transport: Transport | None,
    credential: AsyncTokenCredential | None,
) -> _Way:
    used = await _opened(stack, options) if transport is None else transport
    cloud = await clouds.resolve(options, used, ledger)
    if credential is None:
        credential = credential_for(options, cloud, used)
        stack.push_async_callback(credential.close)
    budgets = Budgets(cloud.reads)
    chain = policies.online(cloud.endpoint, ledger, budgets, credential, cloud.scope)
    return _Way(Clients(cloud.endpoint, chain, used, credential), cloud.endpoint)


def _as_recorded(options: SourceOptions, manifest: Manifest) -> SourceOptions:
    """The options under which the same requests are made as then; a scope may narrow them."""
    scope = manifest.scope if options.scope == Scope() else options.scope
    return msgspec.structs.replace(
        options,
        now=manifest.now,
        since=manifest.since,
        scope=scope,
        recorded=manifest.reads or manifest.scope,
    )


def _recorder(options: SourceOptions, endpoint: str) -> Recording | None:
    folder = options.save_snapshot
    if folder is None:
        return None
    if options.from_snapshot and folder.resolve() == options.from_snapshot.resolve():
        raise UsageError("a snapshot cannot be saved into itself", "choose another folder")
    return Recording.begin(options, folder, endpoint)


async def _opened(stack: AsyncExitStack, options: SourceOptions) -> Transport:
    return await stack.enter_async_context(open_transport(options.concurrency))
