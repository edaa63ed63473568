"""Recorded scale sets, nodes, networks and clusters of AKS give exactly what ``expected`` says."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from auditor import rules
from auditor.demo.files import Fault
from auditor.model.rule import Subject
from tests.reference import auditing, expected, recordings, stage
from tests.reference.recordings import label
from tests.reference.scene import Override
from tests.reference.scenes import SCENES
from tests.reference.stage import Stage
from tests.reference.tampering import Tampering, tampered
from tests.reference.tamperings import TAMPERINGS

pytestmark = recordings.needed

CLUSTERS = [name for name in recordings.names("managedClusters") if "/SPEC-" not in name]
EVERY_POOL = [name for name in recordings.names("agentPools") if "/MACHINES-" not in name]
OF_SINGLE_MACHINES = [
    name for name in EVERY_POOL if recordings.body(name)["properties"].get("mode") == "Machines"
]
NODE_POOLS = [name for name in EVERY_POOL if name not in OF_SINGLE_MACHINES]
IN_MOTION = [
    name
    for name in recordings.names("agentPools", "STATE-*.json")
    if recordings.body(name)["properties"]["provisioningState"] != "Succeeded"
    and recordings.body(name)["properties"]["type"] == "VirtualMachineScaleSets"
]
OF_NODE_POOLS = {
    loaded.rule.id
    for loaded in rules.load()
    if loaded.rule.judges is not Subject.CLUSTER and loaded.rule.compares
}
REFUSED = Fault(
    path="/providers/Microsoft.(Compute|Network)/", status=403, code="AuthorizationFailed"
)


@pytest.mark.parametrize("name", SCENES)
async def test_a_scene_gives_what_is_expected_and_nothing_else(name: str, tmp_path: Path) -> None:
    staged = stage.of_scene(SCENES[name])

    report = await auditing.report_on(staged, tmp_path)

    assert auditing.findings(report, staged) == expected.of(name)
    assert auditing.unknown(report) == expected.unknown(name)


@pytest.mark.parametrize("name", CLUSTERS, ids=label)
async def test_a_cluster_alone_is_not_accused_of_what_nobody_recorded(
    name: str, tmp_path: Path
) -> None:
    await is_not_assessed(name, stage.of_cluster(name), tmp_path)


@pytest.mark.parametrize("name", NODE_POOLS, ids=label)
async def test_a_node_pool_alone_is_not_accused_of_what_nobody_recorded(
    name: str, tmp_path: Path
) -> None:
    await is_not_assessed(name, stage.of_node_pool(name), tmp_path)


@pytest.mark.parametrize("name", OF_SINGLE_MACHINES, ids=label)
async def test_a_pool_of_single_machines_without_any_does_not_show_that_nothing_runs(
    name: str, tmp_path: Path
) -> None:
    staged = stage.of_node_pool(name)
    report = await auditing.report_on(staged, tmp_path)

    assert auditing.findings(report, staged) == set()
    assert {row.support_state for row in report.clusters()} == {"not_assessed"}


async def is_not_assessed(name: str, staged: Stage, folder: Path) -> None:
    report = await auditing.report_on(staged, folder)

    assert auditing.findings(report, staged) == expected.of(name)
    assert auditing.passed(report) & OF_NODE_POOLS == set()
    states = {row.support_state for row in report.clusters()}
    assert states == ({"out_of_support"} if expected.of(name) else {"not_assessed"})


@pytest.mark.parametrize("name", IN_MOTION, ids=label)
async def test_a_node_pool_in_motion_is_not_accused_of_a_scale_set_that_does_not_fit(
    name: str, tmp_path: Path
) -> None:
    pool = Override(recordings.body(name)["properties"], "recorded in motion")
    scene = msgspec.structs.replace(SCENES["kubenet-own-cluster"], of_pools=(pool,))
    staged = stage.of_scene(scene)

    report = await auditing.report_on(staged, tmp_path)

    assert auditing.findings(report, staged) == set()
    assert auditing.unknown(report).keys() >= {"VMSS001", "VMSS002", "VMSS004"}


@pytest.mark.parametrize("name", [*SCENES, *CLUSTERS], ids=label)
async def test_what_may_not_be_read_accuses_nobody(name: str, tmp_path: Path) -> None:
    staged = stage.of_scene(SCENES[name]) if name in SCENES else stage.of_cluster(name)

    report = await auditing.report_on(staged, tmp_path, REFUSED)

    assert auditing.findings(report, staged) == set()
    assert {row.support_state for row in report.clusters()} == {"not_assessed"}


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.title)
async def test_a_small_edit_of_a_recorded_object_is_found(
    tampering: Tampering, tmp_path: Path
) -> None:
    staged = tampered(stage.of_scene(SCENES[tampering.scene]), tampering)

    report = await auditing.report_on(staged, tmp_path)

    found = auditing.findings(report, staged) - expected.of(tampering.scene)
    assert found == {tampering.gives, *tampering.also}


def test_every_recorded_object_of_aks_appears_in_a_scene() -> None:
    folders = ("virtualMachineScaleSets", "networkSecurityGroups", "virtualNetworks")
    recorded = {name for folder in folders for name in recordings.names(folder, "aks-*.json")}
    nodes = {_text(name) for name in recordings.names("vmss-instances", "aks-*.json")}
    groups = {_group(name) for name in recordings.names("resourceList", "aks-*.json")}
    scenes = SCENES.values()

    staged = {name for s in scenes for name in (*s.scale_sets, s.security_group, s.network)}
    assert recorded - staged == set()
    assert nodes == {_text(name) for s in scenes for name in s.nodes}
    assert groups == {s.residents.casefold() for s in scenes if s.residents}


def _text(name: str) -> str:
    return json.dumps(recordings.body(name))


def _group(name: str) -> str:
    return str(recordings.body(name)["id"]).split("/")[4].casefold()
