"""What a version's end of support is told as."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from auditor.model.facet import Facet, Known
from auditor.model.lifecycle import EndOfLifeNotice, KubernetesRelease
from auditor.model.rule import Context, Tunables
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Finding, Severity, Unknown, Verdict
from auditor.rules import life001_kubernetes_version_out_of_support as life001
from tests import build

CALENDAR = "AKS's release calendar of 2026-08-05"
COMMUNITY, LONG_TERM = "KubernetesOfficial", "AKSLongTermSupport"
OFFERED: Facet[tuple[KubernetesRelease, ...]] = Known(
    (
        KubernetesRelease(minor="1.36", plans=(COMMUNITY, LONG_TERM)),
        KubernetesRelease(minor="1.35", plans=(COMMUNITY, LONG_TERM)),
        KubernetesRelease(minor="1.34", plans=(COMMUNITY, LONG_TERM)),
        KubernetesRelease(minor="1.33", plans=(LONG_TERM,)),
    )
)


def on(version: str, *notices: EndOfLifeNotice, **changes: Any) -> Cluster:  # noqa: ANN401 (any field)
    managed = build.managed(build.pool(kubernetes_version=version), kubernetes_version=version)
    facets: dict[str, Any] = {"releases": OFFERED, "notices": Known(notices)}
    return build.cluster(managed, **facets | changes)


def notice(version: str, ends_on: date) -> EndOfLifeNotice:
    return EndOfLifeNotice(
        cluster_id=build.CLUSTER_ID, version=version, support_type="Community", ends_on=ends_on
    )


def said(cluster: Cluster, context: Context | None = None) -> list[Finding | Unknown]:
    return list(life001.check(cluster, context or build.context()))


def only(cluster: Cluster, context: Context | None = None) -> Finding:
    (finding,) = said(cluster, context)
    assert isinstance(finding, Finding)
    return finding


def test_an_ended_version_is_a_violation_that_names_its_witnesses() -> None:
    finding = only(on("1.33.5"))
    assert (finding.verdict, finding.severity, finding.confidence) == (
        Verdict.VIOLATION,
        Severity.HIGH,
        Confidence.CONFIRMED,
    )
    assert finding.summary == (
        "Cluster shop: the control plane runs Kubernetes 1.33.5; its community support ended on "
        "2026-07-31 (AKS's release calendar of 2026-08-05); only the platform is still supported, "
        "until AKS offers 1.37"
    )
    assert [step.source for step in finding.evidence] == [
        "managedClusters",
        "containerserviceeventresources",
        "kubernetesVersions",
        "Supported Kubernetes versions in AKS",
    ]


def test_where_long_term_support_still_covers_it_that_is_a_way_out() -> None:
    finding = only(on("1.33.5"))
    assert finding.remediation.endswith("or move the cluster to long-term support.")
    assert finding.commands[-1].endswith("--k8s-support-plan AKSLongTermSupport")
    assert len(only(on("1.29.4")).commands) == 1


def test_long_term_support_is_no_way_out_of_itself() -> None:
    under = build.managed(
        build.pool(kubernetes_version="1.33.5"),
        kubernetes_version="1.33.5",
        sku_tier="Premium",
        support_plan=LONG_TERM,
    )
    ahead = build.context(tunables=Tunables(version_warning_days=365))
    finding = only(build.cluster(under, releases=OFFERED, notices=Known(())), ahead)
    assert finding.remediation == "Upgrade the control plane to a supported version."
    assert len(finding.commands) == 1


def test_the_way_to_long_term_support_is_a_tier_and_a_plan() -> None:
    *_, move = only(on("1.33.5")).commands
    assert move.endswith("--tier premium --k8s-support-plan AKSLongTermSupport")


def test_without_akss_own_notices_it_is_likely_at_most() -> None:
    assert only(on("1.33.5", notices=build.gap())).confidence is Confidence.LIKELY


def test_akss_notice_brings_the_end_forward() -> None:
    finding = only(on("1.34.8", notice("1.34.8", date(2026, 10, 31))))
    assert (finding.verdict, finding.confidence) == (Verdict.VIOLATION, Confidence.CONFIRMED)
    assert "ended on 2026-10-31 (AKS's own notice)" in finding.summary


def test_an_end_ahead_is_advice_whatever_is_known_of_it() -> None:
    finding = only(on("1.34.8"))
    assert (finding.verdict, finding.severity) == (Verdict.WARNING, Severity.MEDIUM)
    assert finding.summary.endswith(f"its community support ends on 2026-11-30 ({CALENDAR})")


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-11-30", f"ends on 2026-11-30 ({CALENDAR})"),
        ("2026-12-01", "and the 30 days of grace end on 2026-12-30"),
        ("2026-12-30", "and the 30 days of grace end on 2026-12-30"),
    ],
)
def test_a_removed_version_has_days_of_grace(today: str, words: str) -> None:
    later = build.context(now=build.at(f"{today} 03:00"))
    finding = only(on("1.34.8"), later)
    assert (finding.verdict, finding.severity) == (Verdict.WARNING, Severity.MEDIUM)
    assert finding.summary.endswith(words)


def test_how_far_ahead_can_be_tuned() -> None:
    sooner = build.context(tunables=Tunables(version_warning_days=10))
    assert said(on("1.34.8"), sooner) == []
    later = build.context(tunables=Tunables(version_warning_days=200))
    assert only(on("1.35.4"), later).severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("version", "severity", "words"),
    [
        ("1.99.0", Severity.MEDIUM, "the location does not offer it"),
        ("1.37.0", Severity.MEDIUM, "the location does not offer it"),
    ],
)
def test_what_the_location_alone_denies_is_a_lead(
    version: str, severity: Severity, words: str
) -> None:
    finding = only(on(version))
    assert (finding.verdict, finding.severity) == (Verdict.WARNING, severity)
    assert words in finding.summary


def test_what_the_calendar_alone_says_is_a_lead() -> None:
    finding = only(on("1.33.5", releases=build.gap()))
    assert (finding.verdict, finding.confidence) == (Verdict.WARNING, Confidence.POSSIBLE)
    assert finding.summary.endswith(f"may have ended on 2026-07-31 ({CALENDAR})")


def test_nothing_is_told_while_the_live_witness_is_unread() -> None:
    (answer,) = said(on("1.35.4", releases=build.gap("locations/northeurope")))
    assert isinstance(answer, Unknown)
    assert answer.gap.scope == "locations/northeurope"


def test_pools_on_other_minors_are_told_with_the_upgrade_that_they_need() -> None:
    cluster = on("1.35.4")
    old = build.pool("old", kubernetes_version="1.33.5")
    same = build.pool("same", kubernetes_version="1.35.2")
    managed = build.managed(old, same, kubernetes_version="1.35.4")
    finding = only(build.cluster(managed, releases=cluster.releases, notices=cluster.notices))
    assert (finding.node_pool, finding.path) == ("old", "currentOrchestratorVersion")
    assert finding.resource_id == f"{build.CLUSTER_ID}/agentPools/old"
    assert any("--name old --kubernetes-version 1.35.4" in line for line in finding.commands)
    assert finding.advice is False


@pytest.mark.parametrize(
    ("runs", "asked", "target"),
    [("1.35.4", "1.36.0", "1.35.4"), (None, "1.35.4", "1.35.4"), ("1.35.4", None, "1.35.4")],
)
def test_a_pool_is_upgraded_to_what_the_control_plane_runs(
    runs: str | None, asked: str | None, target: str
) -> None:
    old = build.pool("old", kubernetes_version="1.33.5")
    managed = build.managed(old, current_kubernetes_version=runs, kubernetes_version=asked)
    finding = only(build.cluster(managed, releases=OFFERED, notices=Known(())))
    assert any(line.endswith(f"--kubernetes-version {target}") for line in finding.commands)


def test_a_control_plane_of_unknown_form_does_not_hide_the_pools() -> None:
    cluster = on("1.35.4")
    old = build.pool("old", kubernetes_version="1.33.5")
    managed = build.managed(old, kubernetes_version="next")
    both = said(build.cluster(managed, releases=cluster.releases, notices=cluster.notices))
    assert [type(answer) for answer in both] == [Unknown, Finding]


def test_a_failed_upgrade_of_a_pool_is_at_most_likely() -> None:
    cluster = on("1.35.4")
    old = build.pool("old", kubernetes_version="1.33.5", provisioning_state="Failed")
    managed = build.managed(old, kubernetes_version="1.35.4")
    finding = only(build.cluster(managed, releases=cluster.releases, notices=cluster.notices))
    assert finding.confidence is Confidence.LIKELY
