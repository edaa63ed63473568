"""Previews: features, versions, and calls."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model.errors import UnreadableError
from auditor.model.facet import Known
from auditor.model.governance import Feature
from auditor.model.lifecycle import KubernetesRelease
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Unknown, Verdict
from auditor.rules import prev001_preview_features_registered as prev001
from auditor.rules import prev002_preview_version_or_api as prev002
from tests import build
from tests.deeds import BY_AKS, BY_ALICE, BY_BARE, BY_BOB, operation

STABLE = Known((KubernetesRelease(minor="1.33"), KubernetesRelease(minor="1.34")))
PREVIEW = Known((KubernetesRelease(minor="1.33", is_preview=True),))


def wrote(by: Actor = BY_ALICE, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"api_version": "2026-07-02-preview", "when": build.NOON}
    return operation(OperationKind.AKS_WRITE, build.CLUSTER_ID, by, **given | changes)


def said(cluster: Cluster, *operations: Operation) -> list[Finding | Unknown]:
    return list(prev002.check(cluster, build.context(None, *operations)))


def calls(*operations: Operation) -> list[Finding]:
    answers = said(build.cluster(releases=STABLE), *operations)
    return [answer for answer in answers if isinstance(answer, Finding)]


def test_features_are_listed_once_and_sorted() -> None:
    features = Known(
        (
            Feature(name="Microsoft.ContainerService/Zeta", state="Registered"),
            Feature(name="Microsoft.ContainerService/Alpha", state="registering"),
            Feature(name="Microsoft.ContainerService/Beta", state="NotRegistered"),
        )
    )
    (finding,) = prev001.check(build.cluster(features=features), build.context())
    assert finding.actual == "Alpha, Zeta"
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, True)
    assert [step.text for step in finding.evidence] == [
        "Microsoft.ContainerService/Alpha is registering",
        "Microsoft.ContainerService/Zeta is Registered",
    ]


def test_a_running_preview_is_a_violation() -> None:
    (finding,) = said(build.cluster(releases=PREVIEW))
    assert isinstance(finding, Finding)
    assert (finding.verdict, finding.confidence) == (Verdict.VIOLATION, Confidence.CONFIRMED)


def test_a_control_plane_of_unknown_form_leaves_open_what_it_runs() -> None:
    odd = build.managed(build.pool(kubernetes_version="1.33.5"), kubernetes_version="next")
    unknown, finding = said(build.cluster(odd, releases=PREVIEW))
    assert isinstance(unknown, Unknown)
    assert isinstance(finding, Finding)
    assert finding.node_pool == "apps"


@pytest.mark.parametrize("kind", [OperationKind.AKS_START, OperationKind.AKS_STOP])
def test_starting_and_stopping_are_calls_too(kind: OperationKind) -> None:
    assert len(calls(replace(wrote(), kind=kind))) == 1


def test_unread_releases_do_not_hide_the_calls_on_record() -> None:
    answers = said(build.cluster(releases=build.gap()), wrote())
    assert [type(answer) for answer in answers] == [Unknown, Finding]


def test_a_caller_is_told_once_for_each_version_by_the_newest_call() -> None:
    first = wrote(when=build.at("2026-10-20 08:00"))
    last = wrote(when=build.at("2026-10-28 08:00"))
    other = wrote(api_version="2026-05-02-preview")
    newest, older = sorted(calls(first, other, last), key=lambda f: f.actual or "", reverse=True)
    assert newest.operation == last
    assert "(2 times on record)" in newest.summary
    assert older.actual == "2026-05-02-preview"
    assert newest.identity != older.identity


def test_a_caller_is_one_by_its_id_whatever_its_name_and_by_its_name_without_one() -> None:
    renamed = replace(BY_ALICE, name="Alice B.")
    assert len(calls(wrote(), wrote(renamed))) == 1
    nameless = (replace(BY_ALICE, id=""), replace(BY_BOB, id=""))
    assert len(calls(*map(wrote, nameless))) == len(nameless)


def test_callers_are_told_apart() -> None:
    assert len({finding.identity for finding in calls(wrote(BY_ALICE), wrote(BY_BOB))}) == 2


def test_a_caller_without_claims_is_likely() -> None:
    (finding,) = calls(wrote(BY_BARE))
    assert finding.confidence is Confidence.LIKELY
    assert finding.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    "other",
    [
        wrote(api_version="2026-08-01"),
        wrote(api_version=""),
        wrote(BY_AKS),
        wrote(replace(BY_ALICE, client="Azure portal")),
        wrote(status=OperationStatus.FAILED),
        replace(wrote(), resource_id=build.scale_set_id()),
        replace(wrote(), kind=OperationKind.OTHER),
    ],
    ids=["stable", "untold", "by AKS", "portal", "failed", "elsewhere", "read"],
)
def test_other_calls_are_not_told(other: Operation) -> None:
    assert calls(other) == []


def test_a_call_on_a_node_pool_is_one_on_the_cluster() -> None:
    (finding,) = calls(replace(wrote(), resource_id=f"{build.CLUSTER_ID}/agentPools/apps".upper()))
    assert finding.resource_id == build.CLUSTER_ID


def test_without_the_log_it_is_not_known() -> None:
    unread = Context(now=build.NOW, operations=build.gap())
    with pytest.raises(UnreadableError, match="may not be read"):
        list(prev002.check(build.cluster(releases=STABLE), unread))
