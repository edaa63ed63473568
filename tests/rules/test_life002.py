"""The ages at which a node image is warned of, and accused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference
from auditor.model.facet import Known
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
    assert "boots its nodes from" in finding.summary


def test_a_stopped_cluster_is_warned_of_only() -> None:
    managed = replace(aged(120).managed.require(), power_state="Stopped")
    (finding,) = found(build.cluster(managed))
    assert finding.verdict is Verdict.WARNING
    assert "would boot its next node" in finding.summary


@pytest.mark.parametrize("idle", [{"power_state": "Stopped"}, {"count": 0}])
def test_so_is_a_pool_without_nodes(idle: dict[str, Any]) -> None:
    (finding,) = found(aged(120, **idle))
    assert (finding.verdict, finding.severity) == (Verdict.WARNING, Severity.LOW)
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


def boots(days: int) -> ImageReference:
    built = (build.NOW - timedelta(days=days)).date()
    return ImageReference(
        id="/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups/AKS-Ubuntu/providers"
        "/Microsoft.Compute/galleries/AKSUbuntu/images/2404gen2containerd/versions/"
        f"{built:%Y%m.%d}.0"
    )


def with_nodes(pool_days: int, *node_days: int, **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    nodes = [build.node(number, image=boots(days)) for number, days in enumerate(node_days)]
    managed = aged(pool_days, **changes).managed.require()
    return build.cluster(managed, nodes={"apps": nodes})


@pytest.mark.parametrize(
    ("pool_days", "node_days", "told"),
    [
        (10, (10, 60), []),
        (10, (10, 61), [("1",)]),
        (10, (61, 91), [("1",)]),
        (10, (95, 91), [("0", "1")]),
        (61, (61, 90), [()]),
        (61, (61, 91), [(), ("1",)]),
        (90, (90, 91), [(), ("1",)]),
        (91, (91, 120), [()]),
    ],
)
def test_nodes_tell_only_what_is_worse_than_their_pools_record(
    pool_days: int, node_days: tuple[int, ...], told: list[tuple[str, ...]]
) -> None:
    findings = found(with_nodes(pool_days, *node_days))
    assert [finding.instances for finding in findings] == told


def test_a_nodes_image_is_named_where_it_is() -> None:
    (finding,) = found(with_nodes(10, 10, 200))
    assert finding.resource_id == build.scale_set_id()
    assert (finding.verdict, finding.confidence) == (Verdict.VIOLATION, Confidence.CONFIRMED)
    assert "has 1 running node on older images, such as" in finding.summary


def test_an_empty_pool_has_no_nodes_to_ask() -> None:
    unread = {arm.key(build.scale_set_id()): build.gap()}
    managed = aged(10, count=0).managed.require()
    assert said(build.cluster(managed, instances=unread)) == []


def test_nodes_that_cannot_be_read_leave_a_young_pool_untold_and_an_old_one_accused() -> None:
    unread = {arm.key(build.scale_set_id()): build.gap()}
    young, old = (
        build.cluster(aged(days).managed.require(), instances=unread) for days in (10, 120)
    )
    assert [type(answer) for answer in said(young)] == [Unknown]
    assert [type(answer) for answer in said(old)] == [Finding]


def test_the_oldest_of_the_nodes_images_is_told() -> None:
    (finding,) = found(with_nodes(10, 120, 200))
    assert "built 200 days ago" in finding.summary


def test_a_pool_without_a_version_on_record_is_unknown() -> None:
    (answer,) = said(build.cluster(build.managed(build.pool(node_image_version=None))))
    assert isinstance(answer, Unknown)
    assert answer.gap.message.endswith("is not said")


def test_a_machine_that_may_be_of_the_pool_leaves_it_untold() -> None:
    managed = aged(10, kind="VirtualMachines").managed.require()
    mine = build.machine("aks-apps-38116459-vm0")
    stranger = build.machine("stranger")
    listed: dict[str, Any] = {"machines": {"apps": build.gap("apps/machines")}}
    alone = build.cluster(managed, virtual_machines=Known((mine,)), **listed)
    beside = build.cluster(managed, virtual_machines=Known((mine, stranger)), **listed)
    (unknown,) = said(beside)
    assert said(alone) == []
    assert isinstance(unknown, Unknown)
    assert unknown.gap.scope == "apps/machines"


def test_a_system_that_retires_later_still_has_newer_images() -> None:
    later = build.pool(node_image_version="AKSWindows-2022-containerd-gen2-20348.3932.260414")
    (finding,) = found(build.cluster(build.managed(later)))
    assert finding.remediation == "Upgrade the node image of apps through AKS."
    assert finding.commands[0].endswith("--name apps --node-image-only")


def test_of_a_retired_system_there_is_nothing_to_upgrade_to() -> None:
    frozen = build.pool(node_image_version="AKSAzureLinux-V2gen2-202512.06.0")
    (finding,) = found(build.cluster(build.managed(frozen)))
    assert finding.commands == ()
    assert finding.remediation.startswith("AKS makes no newer images of Azure Linux 2.0")
    (usual,) = found(aged(120))
    assert usual.commands[0].endswith("--name apps --node-image-only")
