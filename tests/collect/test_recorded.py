from __future__ import annotations

import asyncio
import errno
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from azure.core.rest import HttpRequest

from auditor.collect import Scope, SourceOptions, open_source, read_manifest
from auditor.collect.recorded import Recording
from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault, TenantSubscription
from auditor.demo.tenant import HOME, Builder
from auditor.model import resource_id as arm_id
from auditor.model.errors import RunFailedError, UsageError
from auditor.model.facet import Known, Outcome
from auditor.model.question import LookBack, ProveAbsent, Question, ReadAgain
from auditor.model.snapshot import Snapshot
from tests.collect.world import ENDPOINT, NODE_GROUP, NOW, arm, denied, options, source

VMSS = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-apps-38116459-vmss"
QUESTIONS: tuple[Question, ...] = (ReadAgain(VMSS), LookBack(VMSS), ProveAbsent(f"{VMSS}0"))


async def record(folder: Path, fake: FakeArm, **changes: Any) -> list[Snapshot]:  # noqa: ANN401 (any option)
    return await _all(options(save_snapshot=folder, **changes), fake)


async def replay(folder: Path, **changes: Any) -> list[Snapshot]:  # noqa: ANN401 (any option)
    return await _all(options(from_snapshot=folder, arm_endpoint=None, **changes))


async def _all(given: SourceOptions, fake: FakeArm | None = None) -> list[Snapshot]:
    """Both passes of every unit."""
    changes = {f: getattr(given, f) for f in given.__struct_fields__}
    opened = source(fake, **changes) if fake else open_source(given)
    snapshots = []
    async with opened as read:
        for unit in await read.units():
            snapshot = await read.collect(unit)
            asked: Mapping[str, frozenset[Question]] = {
                arm_id.key(c.id): frozenset(QUESTIONS) for c in snapshot.clusters
            }
            snapshots.append(await read.answer(snapshot, asked))
    return snapshots


def answers(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / "answers").rglob("*.json"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


async def test_a_replay_gives_the_same_snapshots_without_azure(tmp_path: Path) -> None:
    later = {arm_id.key(VMSS): None}
    whole = msgspec.structs.replace(tenant.of_cluster("linux-managed-vnet"), later=later)
    recorded = await record(tmp_path / "s", FakeArm(whole))
    assert recorded[0].clusters[0].second is not None
    assert await replay(tmp_path / "s") == recorded


async def test_recording_a_replay_gives_the_same_bytes(tmp_path: Path) -> None:
    await record(tmp_path / "one", arm("virtual-machines-pool"))
    await replay(tmp_path / "one", save_snapshot=tmp_path / "two")
    assert answers(tmp_path / "one") == answers(tmp_path / "two")


async def test_gaps_replay_as_gaps(tmp_path: Path) -> None:
    faults = (
        denied("aks-apps-[0-9]+-vmss/virtualMachines"),
        Fault(path=r"/resources\?", truncate=True),
        Fault(path="virtualNetworks", timeout=True),
        Fault(path="eventtypes", status=502, body="<html>"),
    )
    recorded = await record(tmp_path / "s", arm("linux-managed-vnet", *faults))
    assert {gap.outcome for gap in recorded[0].gaps} == {
        Outcome.DENIED,
        Outcome.FAILED,
        Outcome.TIMEOUT,
    }
    assert await replay(tmp_path / "s") == recorded


async def test_the_manifest_says_what_a_replay_needs(tmp_path: Path) -> None:
    scope = Scope(clusters=("shop",))
    await record(tmp_path / "s", arm(), scope=scope)
    manifest = read_manifest(tmp_path / "s")
    assert (manifest.now, manifest.scope, manifest.endpoint) == (NOW, scope, ENDPOINT)
    moved = options(from_snapshot=tmp_path / "s", now=tenant.NOW.replace(year=2027))
    async with open_source(moved) as read:
        (unit,) = await read.units()
        assert (await read.collect(unit)).taken_at == NOW


async def test_a_narrower_scope_narrows_a_replay(tmp_path: Path) -> None:
    await record(tmp_path / "s", arm())
    (snapshot,) = await replay(tmp_path / "s", scope=Scope(clusters=("other",)))
    assert snapshot.clusters == ()


async def test_a_replay_of_fewer_clusters_or_subscriptions_finds_what_they_share(
    tmp_path: Path,
) -> None:
    ids = (HOME.subscription, "00000000-0000-4000-8000-000000000001")
    builder = Builder(HOME.tenant, [TenantSubscription(id=i, name=i) for i in ids])
    for subscription in ids:
        place = msgspec.structs.replace(HOME, subscription=subscription)
        builder.add("spot", place)
        builder.add("kubenet", msgspec.structs.replace(place, cluster="till"))
    await record(tmp_path / "s", FakeArm(builder.tenant(tenant.NOW)))
    scope = Scope(subscriptions=(HOME.subscription,), clusters=("till",))
    given = options(from_snapshot=tmp_path / "s", arm_endpoint=None, scope=scope)
    async with open_source(given) as read:
        (unit,) = await read.units()
        snapshot = await read.collect(unit)
    (cluster,) = snapshot.clusters
    assert cluster.name == "till"
    assert {type(f) for f in (cluster.releases, cluster.notices, cluster.changes)} == {Known}
    assert isinstance(cluster.activity, Known)
    assert snapshot.gaps == ()


async def test_what_was_not_recorded_is_a_gap(tmp_path: Path) -> None:
    await record(tmp_path / "s", arm())
    for file in (tmp_path / "s" / "answers").rglob("*.json"):
        if "managedClusters?" in json.loads(file.read_bytes())["url"]:
            file.unlink()
    (snapshot,) = await replay(tmp_path / "s")
    (gap,) = [gap for gap in snapshot.gaps if gap.collector == "clusters"]
    assert gap.outcome is Outcome.SKIPPED
    assert not snapshot.listed


async def test_only_its_owner_can_read_a_snapshot(tmp_path: Path) -> None:
    await record(tmp_path / "deep" / "s", arm())
    for path in (tmp_path / "deep" / "s").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert not list((tmp_path / "deep").rglob("*.part"))


async def test_no_secret_reaches_the_disk_or_the_model(tmp_path: Path) -> None:
    whole = tenant.of_cluster("linux-managed-vnet")
    documents = json.loads(json.dumps(whole.documents))
    vmss = documents[arm_id.key(VMSS)]
    vmss["tags"]["note"] = "https://x.blob.core.windows.net/?sv=1&sig=SECRET1"
    profile = vmss["properties"]["virtualMachineProfile"]
    profile["userData"] = "SECRET2"
    profile["extensionProfile"]["extensions"][0]["properties"]["settings"] = {"run": "SECRET3"}
    fake = FakeArm(msgspec.structs.replace(whole, documents=documents))
    (snapshot,) = await record(tmp_path / "s", fake)
    kept = b"".join(answers(tmp_path / "s").values()) + repr(snapshot).encode()
    assert b"sig=***" in kept
    assert b"SECRET" not in kept
    assert b"a-fake-token" not in kept
    assert await replay(tmp_path / "s") == [snapshot]


@pytest.mark.parametrize(
    "lists", [(), (denied(r"^/subscriptions/[^/]+/providers/.*/routeTables\\?"),)]
)
async def test_the_customer_s_route_table_is_replayed_however_it_was_read(
    tmp_path: Path, lists: tuple[Fault, ...]
) -> None:
    (snapshot,) = await record(tmp_path / "s", arm("kubenet-own-routes", *lists))
    (table,) = snapshot.clusters[0].subnet_route_tables.values()
    assert len(table.require().routes) == 4
    assert await replay(tmp_path / "s") == [snapshot]


async def test_an_older_snapshot_is_replaced_as_a_whole(tmp_path: Path) -> None:
    await record(tmp_path / "s", arm("linux-custom-vnet"))
    await record(tmp_path / "s", arm())
    await record(tmp_path / "fresh", arm())
    assert answers(tmp_path / "s") == answers(tmp_path / "fresh")


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json", "answers"])
async def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError):
        await record(tmp_path, arm())
    assert (tmp_path / name).read_text() == "mine"


async def test_a_snapshot_is_not_saved_into_itself(tmp_path: Path) -> None:
    await record(tmp_path / "s", arm())
    before = answers(tmp_path / "s")
    with pytest.raises(UsageError, match="into itself"):
        await replay(tmp_path / "s", save_snapshot=tmp_path / "s")
    assert answers(tmp_path / "s") == before


async def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        await record(tmp_path / "file" / "s", arm())


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("snapshots") / "s"
    asyncio.run(record(folder, arm()))
    return answers(folder) | {"manifest.json": (folder / "manifest.json").read_bytes()}


@pytest.fixture
def copy(healthy: Mapping[str, bytes], tmp_path: Path) -> Path:
    for name, content in healthy.items():
        file = tmp_path / "copy" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "copy"


def first(folder: Path) -> Path:
    return min((folder / "answers").rglob("*.json"))


def _break_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def _remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _age(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": 99}))


def _forget_the_zone(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"now": "2026-11-01T03:00:00"}))


def _break_the_address(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"endpoint": "https://["}))


def _link_manifest(folder: Path) -> None:
    (folder / "manifest.json").rename(folder.parent / "elsewhere.json")
    (folder / "manifest.json").symlink_to(folder.parent / "elsewhere.json")


def _link_an_answer(folder: Path) -> None:
    secret = folder.parent / "secret.json"
    first(folder).rename(secret)
    (folder / "answers" / "aa").mkdir(exist_ok=True)
    (folder / "answers" / "aa" / ("a" * 40 + ".1.json")).symlink_to(secret)


def _link_a_shelf(folder: Path) -> None:
    (folder / "answers" / "zz").symlink_to("/etc")


def _link_all_answers(folder: Path) -> None:
    (folder / "answers").rename(folder.parent / "answers")
    (folder / "answers").symlink_to(folder.parent / "answers")


def _add_a_stranger(folder: Path) -> None:
    (first(folder).parent / "..hidden").write_text("")


def _break_an_answer(folder: Path) -> None:
    for file in (folder / "answers").rglob("*.json"):
        file.write_text('{"method": "GET"')


def _change_the_shape(folder: Path) -> None:
    for file in (folder / "answers").rglob("*.json"):
        file.write_text('{"method": "GET", "url": 7}')


HOSTILE = [
    _break_manifest,
    _remove_manifest,
    _age,
    _forget_the_zone,
    _break_the_address,
    _link_manifest,
    _link_an_answer,
    _link_a_shelf,
    _link_all_answers,
    _add_a_stranger,
    _break_an_answer,
    _change_the_shape,
]


@pytest.mark.parametrize("harm", HOSTILE)
async def test_a_damaged_or_hostile_snapshot_is_one_clear_error(copy: Path, harm: Any) -> None:  # noqa: ANN401 (a function)
    assert await replay(copy)
    harm(copy)
    with pytest.raises(UsageError) as caught:
        await replay(copy)
    assert "\n" not in caught.value.message
    assert caught.value.hint


async def test_a_huge_answer_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.collect.snapshot_folder._LARGEST", 100)
    with pytest.raises(UsageError, match="damaged"):
        await replay(copy)


def test_there_is_no_snapshot_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: No such file"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="there is no snapshot"):
        read_manifest(tmp_path)


async def test_what_may_not_be_read_is_called_that_and_not_damaged(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for step in ("read_bytes", "iterdir"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, step, refuse)  # root may read anything
            with pytest.raises(UsageError) as caught:
                await replay(copy)
        assert "cannot be read" in caught.value.message
        assert "Permission denied" in caught.value.message


async def test_a_link_in_a_snapshot_leads_nowhere(copy: Path) -> None:
    for file in (copy / "answers").rglob("*.json"):
        entry = json.loads(file.read_bytes())
        if isinstance(entry.get("body"), dict) and "value" in entry["body"]:
            entry["body"]["nextLink"] = "https://evil.test/../../etc/passwd?x=1"
            file.write_text(json.dumps(entry))
    gaps = [gap for snapshot in await replay(copy) for gap in snapshot.gaps]
    assert {gap.outcome for gap in gaps} == {Outcome.SKIPPED}


def test_an_interrupted_write_leaves_no_half_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording.begin(options(), tmp_path / "s", ENDPOINT)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(RunFailedError, match="No space left"):
        recording.keep(HttpRequest("GET", f"{ENDPOINT}/x?y=1"), b"{}")
    shelf = tmp_path / "s" / "answers"
    assert [file for file in shelf.rglob("*") if file.is_file()] == []
