"""From settings to an exit code: open the source, run the pipeline, write, say what came out."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from auditor import console, gates, pipeline, rules
from auditor.cli import headline
from auditor.collect import Scope, SourceOptions, open_source
from auditor.demo.certificates import LOOPBACK
from auditor.demo.run import demo_environment
from auditor.model.report import ScopeRow
from auditor.report import write
from auditor.report.spool import Spool
from auditor.report.view import Report
from auditor.settings import Settings

_log = structlog.get_logger()


def audit(settings: Settings) -> int:
    """Audit as the settings say; the exit code."""
    return asyncio.run(_audit(settings, datetime.now(UTC)))


def demo(settings: Settings) -> int:
    """Audit the bundled tenant, at the moment that it was made for; the exit code."""
    with demo_environment() as stage, _environment(stage.address.environment):
        here = msgspec.structs.replace(settings, arm_endpoint=stage.address.base_url)
        return asyncio.run(_audit(here, stage.arm.tenant.now))


async def _audit(settings: Settings, now: datetime) -> int:
    with tempfile.TemporaryDirectory(prefix="aks-auditor-") as folder:
        spool = Spool(Path(folder))
        with console.progress(settings.log_format, quiet=settings.quiet) as step:
            async with open_source(_options(settings, now)) as source:
                report = await pipeline.run(source, _plan(settings, now), spool, step)
        files = write.write(report, settings.output_dir, settings.format)
        return _conclude(report, files, settings)


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
        scope=Scope(
            subscriptions=settings.subscription,
            exclude=settings.exclude,
            resource_groups=settings.resource_group,
            clusters=settings.cluster,
        ),
        save_snapshot=settings.save_snapshot,
        from_snapshot=settings.from_snapshot,
    )


def _plan(settings: Settings, now: datetime) -> pipeline.Plan:
    return pipeline.Plan(
        run_id=str(uuid.uuid4()),
        as_of=settings.as_of or now,
        clock=lambda: datetime.now(UTC),
        rules=rules.load(),
        scope=ScopeRow(
            subscriptions=settings.subscription,
            exclude=settings.exclude,
            resource_groups=settings.resource_group,
            clusters=settings.cluster,
            tenant=settings.tenant,
            cloud=settings.arm_endpoint or settings.cloud,
            activity_since=settings.since_at(now),
        ),
        actors=settings.actors,
    )


def _conclude(report: Report, files: Sequence[Path], settings: Settings) -> int:
    """Say what came out; the exit code."""
    for line in (str(files[0]), *headline.lines(report.summary)):
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
