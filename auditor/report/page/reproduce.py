"""The command that asks Azure the same again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from auditor.model.run import RunRow, ScopeRow
from auditor.report.page import thresholds

DEMO = "demo"


def command(run: RunRow) -> str:
    """The run as a command line; whoever runs it signs in as they are used to."""
    if run.scope.cloud == DEMO:
        return shlex.join(["aks-auditor", "demo", *_thresholds(run.thresholds)])
    options = (*_options(run.scope, run.as_of), *_thresholds(run.thresholds))
    return shlex.join(["aks-auditor", "audit", *options])


def _options(asked: ScopeRow, as_of: datetime) -> Iterator[str]:
    repeatable = (
        ("--subscription", asked.subscriptions),
        ("--exclude", asked.exclude),
        ("--resource-group", asked.resource_groups),
        ("--cluster", asked.clusters),
    )
    for option, values in repeatable:
        for value in values:
            yield from (option, value)
    if asked.tenant:
        yield from ("--tenant", asked.tenant)
    yield from _cloud(asked.cloud)
    if asked.activity_since:
        yield from ("--since", _moment(asked.activity_since))
    yield from ("--as-of", _moment(as_of))


def _thresholds(given: Mapping[str, int]) -> Iterator[str]:
    for one in thresholds.changed(given):
        yield from (one.option, str(one.value))


def _cloud(cloud: str) -> Iterator[str]:
    if cloud.startswith("https://"):
        yield from ("--arm-endpoint", cloud)
    elif cloud and cloud != "public":
        yield from ("--cloud", cloud)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
