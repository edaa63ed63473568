"""The ages at which a node image is warned of, and accused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model.rule import Context, Tunables
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity, Unknown, Verdict
from auditor.rules import life002_node_image_too_old as life002
from tests import build


def aged(days: int, **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    built = (build.NOW - timedelta(days=days)).date()
    version = f"AKSUbuntu-2404gen2containerd-{built:%Y%m.%d}.0"
    return build.cluster(build.managed(build.pool(node_image_version=version, **changes)))


def said(cluster: Cluster, context: Context | None = None) -> list[Finding | Unknown]:
    return list(life002.check(cluster, context or build.context()))


def found(cluster: Cluster, context: Context | None = None) -> list[Finding]:
    return [answer for answer in said(cluster, context) if isinstance(answer, Finding)]


@pytest.mark.parametrize(
    ("days", "verdict", "severity", "confidence"),
    [
        (61, Verdict.WARNING, Severity.LOW, Confidence.CONFIRMED),
        (90, Verdict.WARNING, Severity.LOW, Confidence.CONFIRMED),
        (91, Verdict.VIOLATION, Severity.HIGH, Confidence.LIKELY),
        (104, Verdict.VIOLATION, Severity.HIGH, Confidence.LIKELY),
        (105, Verdict.VIOLATION, Severity.HIGH, Confidence.CONFIRMED),
    ],
)
def test_ninety_days_are_the_limit_and_sixty_the_warning(
    days: int, verdict: Verdict, severity: Severity, confidence: Confidence
) -> None:
    (finding,) = found(aged(days))
    assert (finding.verdict, finding.severity, finding.confidence) == (
        verdict,
        severity,
        confidence,
    )
    assert finding.expected == "an image built on 2026-08-03 or later"


def test_sixty_days_are_no_warning_yet() -> None:
    assert found(aged(60)) == []


def test_the_warning_can_be_tuned_but_not_past_the_limit() -> None:
    sooner = build.context(tunables=Tunables(image_warning_days=30))
    never = build.context(tunables=Tunables(image_warning_days=365))
    assert [f.severity for f in found(aged(31), sooner)] == [Severity.LOW]
    assert found(aged(89), never) == []
    assert [f.severity for f in found(aged(91), never)] == [Severity.HIGH]


@pytest.mark.parametrize("channel", ["Unmanaged", "None", "none"])
def test_a_channel_that_leaves_images_alone_is_to_be_set(channel: str) -> None:
    cluster = aged(120)
    managed = replace(cluster.managed.require(), node_os_upgrade_channel=channel)
    (finding,) = found(build.cluster(managed))
    assert finding.commands[-1].endswith("--node-os-upgrade-channel NodeImage")


def test_a_stopped_cluster_is_warned_of_only() -> None:
    managed = replace(aged(120).managed.require(), power_state="Stopped")
    (finding,) = found(build.cluster(managed))
    assert finding.verdict is Verdict.WARNING
    assert "would boot its next node" in finding.summary


def test_a_failed_upgrade_leaves_open_what_nodes_boot() -> None:
    (answer,) = said(aged(120, provisioning_state="Failed"))
    assert isinstance(answer, Unknown)


def test_one_pool_that_cannot_be_told_does_not_hide_another() -> None:
    odd = build.pool("odd", node_image_version="next")
    old = aged(120).managed.require().pools[0]
    answers = said(build.cluster(build.managed(odd, old)))
    assert [type(answer) for answer in answers] == [Unknown, Finding]


def test_nodes_that_microsoft_holds_are_left_out() -> None:
    assert said(aged(120, mode="ManagedSystem")) == []
