"""The interval in which a subscription was disabled."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model.operation import OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Clock, Finding, Severity, Verdict
from auditor.rules import sub001_subscription_disabled as sub001
from tests import build
from tests.deeds import BY_AKS, BY_ALICE, BY_CLUSTER, operation


def disabled(state: str = "Disabled", **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    cluster = build.cluster(build.managed(**changes))
    return replace(cluster, subscription=replace(cluster.subscription, state=state))


def clock(cluster: Cluster, context: Context) -> Clock:
    (finding,) = sub001.check(cluster, context)
    assert isinstance(finding, Finding)
    assert finding.clock is not None
    return finding.clock


def test_the_last_change_that_was_accepted_bounds_the_start() -> None:
    first = operation(by=BY_ALICE, when=build.at("2026-10-20 08:00"))
    last = operation(by=BY_CLUSTER, when=build.at("2026-10-25 08:00"))
    told = clock(disabled(), build.context(None, first, last))
    assert told.started_earliest == build.at("2026-10-25 08:00")
    assert told.started_latest == build.NOW
    assert told.deadline_earliest == build.at("2027-01-23 08:00")
    assert told.days_left == 83


def test_what_a_disabled_subscription_still_allows_proves_nothing() -> None:
    late = build.at("2026-10-31 08:00")
    told = clock(
        disabled(created_at=build.at("2025-01-01 00:00")),
        build.context(
            None,
            operation(by=BY_AKS, when=late),
            operation(by=BY_ALICE, when=late, status=OperationStatus.FAILED),
            operation(
                OperationKind.RESOURCE_DELETE,
                by=BY_ALICE,
                when=late,
                name="Microsoft.Compute/disks/delete",
            ),
        ),
    )
    assert told.started_earliest == build.at("2025-01-01 00:00")


def test_without_any_sign_the_start_is_open() -> None:
    told = clock(disabled(), Context(now=build.NOW, operations=build.gap()))
    assert told.started_earliest is None
    assert told.days_left is None
    assert told.deadline_latest == build.at("2027-01-30 03:00")


@pytest.mark.parametrize(
    ("state", "said"),
    [("", "was not read"), ("Frozen", "is 'Frozen', which is not known here")],
)
def test_a_state_that_is_not_known_accuses_nobody(state: str, said: str) -> None:
    (answer,) = sub001.check(disabled(state), build.context())
    assert not isinstance(answer, Finding)
    assert answer.gap.message == f"the state of the subscription {said}"


@pytest.mark.parametrize(
    ("state", "verdict", "severity", "steps"),
    [
        ("disabled", Verdict.VIOLATION, Severity.CRITICAL, 2),
        ("Deleted", Verdict.VIOLATION, Severity.CRITICAL, 1),
        ("Warned", Verdict.WARNING, Severity.HIGH, 1),
        ("PastDue", Verdict.WARNING, Severity.HIGH, 1),
    ],
)
def test_each_state_weighs_what_it_means(
    state: str, verdict: Verdict, severity: Severity, steps: int
) -> None:
    (finding,) = sub001.check(disabled(state), build.context())
    assert isinstance(finding, Finding)
    assert (finding.verdict, finding.severity, len(finding.evidence)) == (verdict, severity, steps)
    assert (finding.clock is not None) == (steps == 2)


def test_the_subscription_is_called_by_its_name_or_else_its_id() -> None:
    (by_id,) = sub001.check(disabled(), build.context())
    cluster = disabled()
    named = replace(cluster, subscription=replace(cluster.subscription, name="retail"))
    (by_name,) = sub001.check(named, build.context())
    assert isinstance(by_id, Finding)
    assert isinstance(by_name, Finding)
    assert by_id.summary.startswith(f"Subscription {build.SUBSCRIPTION} is Disabled")
    assert by_name.summary.startswith("Subscription retail is Disabled")
