"""What retired, and what will."""

from __future__ import annotations

from typing import Any

from auditor.model.aks import NetworkProfile
from auditor.model.verdict import Confidence, Finding, Severity, Unknown, Verdict
from auditor.rules import life005_retired_building_block as life005
from tests import build

SYSTEM = "AKSUbuntu-2404gen2containerd-202610.12.0"


def said(*, today: str = "2026-11-01", **changes: Any) -> list[Finding | Unknown]:  # noqa: ANN401 (any field)
    pools = (build.pool(**{"node_image_version": SYSTEM} | changes),)
    network = NetworkProfile(plugin="kubenet", load_balancer_sku="basic")
    managed = build.managed(*pools, network=network)
    return list(
        life005.check(build.cluster(managed), build.context(now=build.at(f"{today} 03:00")))
    )


def found(**changes: Any) -> dict[str, Finding]:  # noqa: ANN401 (any field)
    return {answer.path: answer for answer in said(**changes) if isinstance(answer, Finding)}


def test_what_is_past_is_a_violation_and_what_is_ahead_a_warning() -> None:
    past, ahead = found().values()
    assert (past.verdict, past.severity) == (Verdict.VIOLATION, Severity.HIGH)
    assert past.summary == (
        "Cluster shop is built on the Basic load balancer, retired on 2025-09-30"
    )
    assert (ahead.verdict, ahead.severity) == (Verdict.WARNING, Severity.LOW)
    assert ahead.summary == "Cluster shop is built on kubenet, to be retired on 2028-03-31"
    assert ahead.commands[0].endswith("--network-plugin azure --network-plugin-mode overlay")


def test_the_day_itself_is_still_ahead() -> None:
    path = "networkProfile.networkPlugin"
    assert found(today="2028-03-31")[path].verdict is Verdict.WARNING
    assert found(today="2028-04-01")[path].verdict is Verdict.VIOLATION


def test_a_pools_finding_names_the_pool_and_its_source() -> None:
    finding = found(kind="AvailabilitySet")["type"]
    assert finding.resource_id == f"{build.CLUSTER_ID}/agentPools/apps"
    assert finding.node_pool == "apps"
    assert (
        finding.summary == "Node pool apps is built on an availability set, retired on 2025-09-30"
    )
    assert finding.evidence[-1].source == "Azure/AKS#5021"
    assert finding.commands[0].endswith("--migrate-vmas-to-vms")


def test_a_pool_in_motion_hides_only_itself() -> None:
    answers = said(
        node_image_version="AKSWindows-2019-17763.1.260210", provisioning_state="Updating"
    )
    assert [type(answer) for answer in answers] == [Finding, Finding, Unknown]


def test_after_a_failed_operation_a_pool_is_at_most_likely() -> None:
    frozen = "AKSCBLMariner-V2gen2-202512.06.0"
    finding = found(node_image_version=frozen, provisioning_state="Failed")["nodeImageVersion"]
    assert (finding.verdict, finding.confidence) == (Verdict.VIOLATION, Confidence.LIKELY)


def test_what_microsoft_holds_is_left_out() -> None:
    assert "type" not in found(kind="AvailabilitySet", mode="ManagedSystem")
