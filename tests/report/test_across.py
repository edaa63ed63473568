"""What the whole run shows: probable releases of AKS, and newer node images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.model.facet import Known
from auditor.model.report import ClusterRow, FindingRow, UnitResult
from auditor.model.rule import Aspect, Rule
from auditor.model.run import NoteRow
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Confidence, Finding
from auditor.report import across
from auditor.report.build import unit
from auditor.report.releases import Threshold
from auditor.report.spool import Spool
from tests.report import sample

SETTING = msgspec.structs.replace(
    next(one.rule for one in sample.RULES if one.rule.id == "VMSS001"),
    compares=frozenset({Aspect.MODEL}),
)
LIKELY = {"confidence": Confidence.LIKELY, "expected": None, "actual": "true"}


def names(number: int) -> list[str]:
    return [f"fleet-{index:02}" for index in range(number)]


def finding_on(name: str, **more: Any) -> Finding:  # noqa: ANN401 (any field)
    suffix = f"{sample.hash_of(name) % 10**8:08}"
    nodes = sample.scale_set_id(sample.LABS, name).replace("12345678", suffix)
    return sample.finding(nodes, **({"path": "overprovision"} | LIKELY | more))


class Fleet:
    """Clusters of one subscription, some of which have findings."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder)
        self.findings: dict[str, list[Finding]] = {}

    def show(self, clusters: Iterable[str], **more: Any) -> Fleet:  # noqa: ANN401 (any field)
        for name in clusters:
            self.findings.setdefault(name, []).append(finding_on(name, **more))
        return self

    def write(self, of: int, **changed: Any) -> None:  # noqa: ANN401 (any field of a finding row)
        clusters = tuple(sample.cluster(sample.LABS, name) for name in names(of))
        judged = [
            sample.evaluation(
                one, *(sample.judgement("VMSS001", f) for f in self.findings.get(one.name, ()))
            )
            for one in clusters
        ]
        snapshot = Snapshot(subscription=sample.LABS, taken_at=sample.NOW, clusters=clusters)
        result = unit(snapshot, judged, rules=sample.RULES, as_of=sample.NOW)
        rows = tuple(msgspec.structs.replace(row, **changed) for row in result.findings)
        self.spool.write(msgspec.structs.replace(result, findings=rows))

    def settle(self, rule: Rule = SETTING) -> tuple[NoteRow, ...]:
        return across.settle(self.spool, [rule])

    @property
    def unit(self) -> UnitResult:
        (only,) = self.spool
        return only

    def row(self, name: str) -> ClusterRow:
        return next(one for one in self.unit.clusters if one.name == name)

    def of(self, name: str) -> Iterator[FindingRow]:
        return (one for one in self.unit.findings if one.cluster_name == name)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def test_the_same_difference_on_many_clusters_is_one_note_and_a_lead_on_each(fleet: Fleet) -> None:
    fleet.show(names(5)).write(of=10)
    (note,) = fleet.settle()
    assert (note.rule_id, note.clusters, note.judged) == ("VMSS001", 5, 10)
    assert {row.deed for row in fleet.unit.findings} == {note.id}
    assert {(row.verdict, row.confidence) for row in fleet.unit.findings} == {
        ("warning", "possible")
    }
    assert all("5 of the 10 clusters" in row.evidence[-1].text for row in fleet.unit.findings)


def test_verdicts_and_support_states_follow(fleet: Fleet) -> None:
    fleet.show(names(5)).write(of=10)
    assert fleet.row("fleet-00").support_state == "out_of_support"
    fleet.settle()
    state = fleet.row("fleet-00")
    assert state.support_state == "at_risk"
    assert state.support_reasons[0].startswith("VMSS001 (high, possible)")
    said = {row.cluster_id: row.verdict for row in fleet.unit.verdicts if row.rule_id == "VMSS001"}
    assert sorted(said.values()) == ["pass"] * 5 + ["warning"] * 5


def test_a_graver_finding_beside_it_keeps_its_verdict_and_state(fleet: Fleet) -> None:
    fleet.show(names(5)).show(["fleet-00"], path="zones", confidence=Confidence.CONFIRMED)
    fleet.write(of=10)
    fleet.settle()
    assert fleet.row("fleet-00").support_state == "out_of_support"
    assert sorted(row.confidence for row in fleet.of("fleet-00")) == ["confirmed", "possible"]
    verdict = next(
        row.verdict
        for row in fleet.unit.verdicts
        if (row.cluster_id, row.rule_id) == (fleet.row("fleet-00").id, "VMSS001")
    )
    assert verdict == "violation"


def test_what_could_not_be_judged_is_still_told_afterwards(fleet: Fleet) -> None:
    fleet.show(names(5)).write(of=5)
    before = fleet.unit
    blocked = msgspec.structs.replace(
        sample.labs().obstacles[0], cluster_id=fleet.row("fleet-00").id, reason="Not judged: x"
    )
    fleet.spool.write(msgspec.structs.replace(before, obstacles=(blocked,)))
    fleet.settle()
    assert fleet.row("fleet-00").support_reasons[-1] == "Not judged: x"


@pytest.mark.parametrize(("showing", "of"), [(4, 4), (5, 26)], ids=["few", "small share"])
def test_too_few_clusters_prove_nothing(fleet: Fleet, showing: int, of: int) -> None:
    fleet.show(names(showing)).write(of=of)
    before = fleet.unit
    assert fleet.settle() == ()
    assert fleet.unit == before


def test_the_threshold_can_be_set(fleet: Fleet) -> None:
    fleet.show(names(2)).write(of=26)
    (note,) = across.settle(fleet.spool, [SETTING], Threshold(clusters=2, share=0.05))
    assert note.clusters == 2


def test_several_findings_of_one_cluster_are_one_cluster(fleet: Fleet) -> None:
    fleet.show(names(3)).show(names(3), discriminator="again").write(of=3)
    assert fleet.settle() == ()


@pytest.mark.parametrize(
    "other",
    [{"actual": "false"}, {"expected": "x"}, {"path": "tags.a"}],
    ids=["actual", "expected", "property"],
)
def test_another_difference_is_another(fleet: Fleet, other: dict[str, str]) -> None:
    fleet.show(names(4)).show(["fleet-04"], **other).write(of=5)
    assert fleet.settle() == ()


def test_ids_and_names_of_a_cluster_do_not_make_a_difference_another(fleet: Fleet) -> None:
    for number, name in enumerate(names(5)):
        fleet.show([name], actual=f"azurepolicy-{name} of /x/{sample.LABS.id}/aks-{number}2345678")
    fleet.write(of=5)
    assert len(fleet.settle()) == 1


def test_resources_of_other_names_are_other_differences(fleet: Fleet) -> None:
    disks = sample.scale_set_id(sample.LABS, "x").replace("virtualMachineScaleSets", "disks")
    for number, name in enumerate(names(5)):
        found = sample.finding(f"{disks}-{'abcde'[number]}", path="", confidence=Confidence.LIKELY)
        fleet.findings[name] = [found]
    fleet.write(of=5)
    assert fleet.settle() == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"confidence": "confirmed"},
        {"operation": "Microsoft.Compute/virtualMachineScaleSets/write"},
        {"clock_basis": "since yesterday"},
        {"since": None},
        {"resource_id": f"/subscriptions/{sample.LABS.id}/resourceGroups/hub/providers/x/y/z"},
    ],
    ids=["contradicts a request", "has an author", "runs out", "log unread", "not of AKS"],
)
def test_what_is_no_release_is_left_alone(fleet: Fleet, changed: dict[str, Any]) -> None:
    fleet.show(names(10)).write(of=10, **changed)
    before = fleet.unit
    assert fleet.settle() == ()
    assert fleet.unit == before


@pytest.mark.parametrize(
    "rule",
    [
        {"recorded": True},
        {"compares": frozenset()},
        {"compares": frozenset({Aspect.POWER})},
        {"compares": frozenset({Aspect.MODEL, Aspect.CAPACITY})},
    ],
    ids=["recorded", "compares nothing", "power", "capacity"],
)
def test_only_settings_can_come_with_a_release(fleet: Fleet, rule: dict[str, Any]) -> None:
    fleet.show(names(10)).write(of=10)
    assert fleet.settle(msgspec.structs.replace(SETTING, **rule)) == ()


def edited(fleet: Fleet, numbers: range, **changed: Any) -> None:  # noqa: ANN401 (any field)
    touched = {f"fleet-{number:02}" for number in numbers}
    rows = tuple(
        msgspec.structs.replace(row, **changed) if row.cluster_name in touched else row
        for row in fleet.unit.findings
    )
    fleet.spool.write(msgspec.structs.replace(fleet.unit, findings=rows))


def test_a_cluster_with_an_unread_log_is_told_with_the_others(fleet: Fleet) -> None:
    """A refused read must not leave it with more than the others are accused of."""
    fleet.show(names(6)).write(of=6)
    edited(fleet, range(1), since=None)
    (note,) = fleet.settle()
    assert note.clusters == 6
    assert {row.confidence for row in fleet.of("fleet-00")} == {"possible"}


def test_one_author_does_not_make_a_release_a_deed_and_keeps_his_own(fleet: Fleet) -> None:
    fleet.show(names(11)).write(of=11)
    edited(fleet, range(1), operation="write", confidence="confirmed", deed="op-alice")
    (note,) = fleet.settle()
    assert note.clusters == 10
    assert [row.deed for row in fleet.of("fleet-00")] == ["op-alice"]
    assert fleet.row("fleet-00").support_state == "out_of_support"


def test_authors_on_several_clusters_speak_for_a_hand_on_all(fleet: Fleet) -> None:
    fleet.show(names(12)).write(of=12)
    edited(fleet, range(2), operation="write", confidence="confirmed")
    assert fleet.settle() == ()


def pools(*images: str | None) -> UnitResult:
    (pool,) = sample.managed(sample.LABS, "x").pools
    made = tuple(
        msgspec.structs.replace(pool, name=f"pool{number}", node_image_version=image)
        for number, image in enumerate(images)
    )
    cluster = sample.cluster(
        sample.LABS, "x", managed=Known(sample.managed(sample.LABS, "x", pools=made))
    )
    snapshot = Snapshot(subscription=sample.LABS, taken_at=sample.NOW, clusters=(cluster,))
    return unit(snapshot, [sample.evaluation(cluster)], rules=sample.RULES, as_of=sample.NOW)


@pytest.mark.parametrize(
    ("mine", "other", "is_newer"),
    [
        ("AKSUbuntu-2204gen2containerd-202509.23.0", "AKSUbuntu-2204gen2containerd-202510.1.0", 1),
        ("AKSUbuntu-2204gen2containerd-202509.23.0", "AKSUbuntu-2204gen2containerd-202509.23.1", 1),
        ("AKSUbuntu-2204gen2containerd-202509.23.0", "aksubuntu-2204GEN2containerd-202510.1.0", 1),
        (
            "AKSUbuntu-2204gen2containerd-202410.27.0",
            "AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01",
            1,
        ),
        (
            "AKSWindows-2022-containerd-20348.3207.250214",
            "AKSWindows-2022-containerd-20348.1.250311",
            1,
        ),
        ("AKSUbuntu-1804-2020.03.05", "AKSUbuntu-1804-2021.01.01", 1),
        ("AKSUbuntu-2204gen2containerd-202509.23.0", "AKSUbuntu-2404gen2containerd-202510.1.0", 0),
        ("AKSUbuntu-2204gen2containerd-202510.1.0", "AKSUbuntu-2204gen2containerd-202509.23.0", 0),
        ("AKSUbuntu-2204gen2containerd-202509.23.0", "of my own", 0),
        ("AKSUbuntu-2204gen2containerd-202509.23.0", None, 0),
        ("of my own", "AKSUbuntu-2204gen2containerd-202510.1.0", 0),
        (None, "AKSUbuntu-2204gen2containerd-202510.1.0", 0),
    ],
)
def test_a_newer_image_is_proven_by_a_pool_that_runs_one(
    tmp_path: Path, mine: str | None, other: str | None, is_newer: int
) -> None:
    spool = Spool(tmp_path)
    spool.write(pools(mine, other))
    across.settle(spool, [SETTING])
    (settled,) = spool
    assert settled.clusters[0].node_pools[0].newer_image == (other if is_newer else None)


def test_a_pool_of_another_subscription_proves_it_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    older, newer = (f"AKSUbuntu-2204gen2containerd-2025{month}.23.0" for month in ("09", "10"))
    there = msgspec.structs.replace(pools(newer), subscription=sample.shop().subscription)
    spool.write(pools(older))
    spool.write(there)
    across.settle(spool, [SETTING])
    images = [pool.newer_image for one in spool for row in one.clusters for pool in row.node_pools]
    assert sorted(images, key=str) == [newer, None]
