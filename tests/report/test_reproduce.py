from __future__ import annotations

import shlex
from datetime import UTC, datetime

import msgspec
import pytest

from auditor.model.run import RunRow, ScopeRow
from auditor.report.page import reproduce
from tests.report import sample

SINCE = datetime(2026, 10, 23, 6, tzinfo=UTC)


def run(**scope: object) -> RunRow:
    asked = ScopeRow(cloud="public", activity_since=SINCE)
    asked = msgspec.structs.replace(asked, **scope)
    return msgspec.structs.replace(sample.header().run, scope=asked, thresholds={})


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ({}, ""),
        ({"subscriptions": ("shop", "a b")}, "--subscription shop --subscription 'a b'"),
        ({"exclude": ("labs",), "clusters": ("x",)}, "--exclude labs --cluster x"),
        ({"cloud": "usgov", "tenant": "t"}, "--tenant t --cloud usgov"),
        ({"cloud": "https://arm.contoso.example"}, "--arm-endpoint https://arm.contoso.example"),
    ],
)
def test_a_run_is_asked_for_again_as_it_was(scope: dict[str, object], says: str) -> None:
    told = reproduce.command(run(**scope))
    usual = "--since 2026-10-23T06:00:00Z --as-of 2026-11-22T06:50:52Z"
    assert told == " ".join(filter(None, ("aks-auditor audit", says, usual)))


def test_the_demo_is_asked_for_by_its_name() -> None:
    assert reproduce.command(run(cloud="demo")) == "aks-auditor demo"


def test_a_threshold_is_told_where_it_is_not_the_usual_one() -> None:
    thresholds = {"image_warning_days": 45, "version_warning_days": 60}
    told = reproduce.command(msgspec.structs.replace(run(), thresholds=thresholds))
    assert told.endswith(" --image-warning-days 45")
    demo = msgspec.structs.replace(run(cloud="demo"), thresholds=thresholds)
    assert reproduce.command(demo) == "aks-auditor demo --image-warning-days 45"


def test_nothing_that_a_scope_says_leaves_its_argument() -> None:
    told = reproduce.command(run(subscriptions=("$(rm -rf ~); `id`",)))
    assert shlex.split(told)[3] == "$(rm -rf ~); `id`"
