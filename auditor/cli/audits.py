"""From settings to an exit code: open the source, run the pipeline, write, say what came out."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import structlog

from auditor import console, gates, pipeline, rules
from auditor.cli.written import write_all
from auditor.collect import Scope, SourceOptions, open_source
from auditor.collect.snapshot_folder import Manifest, read_manifest
from auditor.demo.certificates import LOOPBACK
from auditor.demo.run import demo_environment
from auditor.model.rule import Tunables
from auditor.model.run import ScopeRow
from auditor.report.spool import Spool, temporary_folder
from auditor.report.view import Report
from auditor.settings import Settings

_log = structlog.get_logger()


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """When a run takes place, what tells the time meanwhile, and which cloud it names.

    A replay and the demo take place when their answers were given, so that the same input gives
    the same bytes.
    """

    now: datetime
    clock: Callable[[], datetime]
    cloud: str


def audit(settings: Settings) -> int:
    """Audit as the settings say; the exit code."""
    if settings.from_snapshot is None:
        return asyncio.run(_audit(settings, _live(settings)))
    manifest = read_manifest(settings.from_snapshot)
    recorded = _as_recorded(settings, manifest)
    return asyncio.run(_audit(recorded, _back_then(manifest.now, manifest.endpoint)))


def demo(settings: Settings) -> int:
    """Audit the bundled tenant, at the moment that it was made for; the exit code."""
    with demo_environment() as stage, _environment(stage.address.environment):
        bundled = msgspec.structs.replace(settings, arm_endpoint=stage.address.base_url)
        return asyncio.run(_audit(bundled, _back_then(stage.arm.tenant.now, "demo")))


async def _audit(settings: Settings, occasion: Occasion) -> int:
    plan = _plan(settings, occasion)
    with temporary_folder() as folder:
        spool = Spool(folder)
        with console.progress(settings.log_format, quiet=settings.quiet) as step:
            async with open_source(_options(settings, occasion.now)) as source:
                report = await pipeline.run(source, plan, spool, step)
        return _conclude(report, settings)


def _live(settings: Settings) -> Occasion:
    return Occasion(
        now=datetime.now(UTC),
        clock=lambda: datetime.now(UTC),
        cloud=settings.arm_endpoint or settings.cloud,
    )


def _back_then(now: datetime, cloud: str) -> Occasion:
    return Occasion(now=now, clock=lambda: now, cloud=cloud)


def _as_recorded(settings: Settings, manifest: Manifest) -> Settings:
    """The settings of a replay: the recorded window, and the recorded scope unless narrowed."""
    recorded = msgspec.structs.replace(settings, since=manifest.since)
    if _scope(settings) != Scope():
        return recorded
    return msgspec.structs.replace(
        recorded,
        subscription=manifest.scope.subscriptions,
        exclude=manifest.scope.exclude,
        resource_group=manifest.scope.resource_groups,
        cluster=manifest.scope.clusters,
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with these variables, and loopback reached without a proxy."""
    before = dict(os.environ)
    os.environ.update(variables, NO_PROXY=LOOPBACK, no_proxy=LOOPBACK)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _options(settings: Settings, now: datetime) -> SourceOptions:
    return SourceOptions(
        now=now,
        since=settings.since_at(now),
        cloud=settings.cloud,
        arm_endpoint=settings.arm_endpoint or None,
        tenant=settings.tenant or None,
        auth=None if settings.auth == "default" else settings.auth,
        concurrency=settings.concurrency,
        scope=_scope(settings),
        save_snapshot=settings.save_snapshot,
        from_snapshot=settings.from_snapshot,
    )


def _scope(settings: Settings) -> Scope:
    return Scope(
        subscriptions=settings.subscription,
        exclude=settings.exclude,
        resource_groups=settings.resource_group,
        clusters=settings.cluster,
    )


def _plan(settings: Settings, occasion: Occasion) -> pipeline.Plan:
    scope = ScopeRow(
        **msgspec.structs.asdict(_scope(settings)),
        tenant=settings.tenant,
        cloud=occasion.cloud,
        activity_since=settings.since_at(occasion.now),
    )
    as_of = settings.as_of or occasion.now
    return pipeline.Plan(
        run_id=_run_id(occasion.now, as_of, scope, settings.tunables),
        as_of=as_of,
        clock=occasion.clock,
        rules=rules.load(),
        scope=scope,
        actors=settings.actors,
        tunables=settings.tunables,
    )


def _run_id(now: datetime, as_of: datetime, scope: ScopeRow, tunables: Tunables) -> str:
    """An id that a replay of the same run, as of the same moment, has again."""
    judged = (scope.subscriptions, scope.exclude, scope.resource_groups, scope.clusters, tunables)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"aks-auditor {now} {as_of} {judged}"))


def _conclude(report: Report, settings: Settings) -> int:
    """Write it all, and say what came out; the exit code."""
    for line in write_all(report, settings):
        console.say(line)
    if not report.summary.clusters:
        _log.warning("NO AKS CLUSTER WAS FOUND in what the identity can see")
    gate = gates.Gate(fail_on=settings.fail_on, min_coverage=settings.required_coverage)
    failing = gates.failing(gate, report.findings())
    if failing:
        _log.warning(f"gate failed: {failing} violations of severity {settings.fail_on} or above")
    covered = report.summary.coverage_percent
    if covered < gate.min_coverage:
        _log.warning(f"gate failed: coverage {covered:g} % is below {gate.min_coverage:g} %")
    return gates.exit_code(gate, failing, covered)
