"""VMSS006: whose a disk is, who attached it, and in what operating system disks depart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.pools import node_pools
from auditor.model import resource_id as arm
from auditor.model.compute import DataDisk, Disk, Instance, OsDisk
from auditor.model.errors import UnreadableError
from auditor.model.facet import Facet, Known
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.question import ReadDisks
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import vmss006_disk_of_nodes_changed as rule
from tests import build, deeds

DISKS = f"{build.COMPUTE}/disks"
GUID = "3f0c92ab-6d41-4c0b-9be1-52a7d8a1c6f3"
HASH = "7e104be8f2bc4c92772e79cae6b172bd"
MADE = f"aks-apps-381164aks-apps-381164disk1_{HASH}"
NO_DISKS: Facet[tuple[Disk, ...]] = Known(())
MINE = DataDisk(lun=3, name="mine", id=f"{DISKS}/mine", size_gb=64)


def view(
    *nodes: Instance,
    disks: Facet[tuple[Disk, ...]] | None = NO_DISKS,
    scale_set: dict[str, Any] | None = None,
    managed: dict[str, Any] | None = None,
    **pool: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    asked = build.managed(build.pool(**pool), **(managed or {}))
    sets = [build.scale_set(**(scale_set or {}))]
    of = build.cluster(asked, scale_sets=sets, nodes={"apps": nodes}, disks=disks)
    return node_pools(of)[0]


def findings(of: NodePoolView, *operations: Operation) -> list[Finding]:
    answers = rule.check(of, build.context(None, *operations))
    return [answer for answer in answers if isinstance(answer, Finding)]


def carrying(*disks: DataDisk, number: int = 0) -> Instance:
    return build.node(number, data_disks=disks)


def os_disk(number: int = 0, *, latest: bool = True, **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"name": MADE, "id": f"{DISKS}/os-{number}", "size_gb": 128}
    return build.node(number, latest_model_applied=latest, os_disk=OsDisk(**given | changes))


def attached(by: Actor, minute: int = 0, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    given = {"on": build.node_id(0), "request_paths": ("properties.storageProfile.dataDisks",)}
    when = build.minutes_after(build.NOON, minute)
    return deeds.operation(OperationKind.NODE_WRITE, by=by, when=when, **given | changes)


@pytest.mark.parametrize(
    "name",
    [f"pvc-{GUID}", f"PVC-{GUID.upper()}", f"kubernetes-dynamic-pvc-{GUID}"],
)
def test_a_disk_with_a_drivers_name_asks_nothing(name: str) -> None:
    of = view(carrying(DataDisk(lun=1, name=name)), disks=None)
    assert list(rule.check(of, Context(now=build.NOW, operations=build.gap()))) == []


def test_a_disk_that_states_no_name_has_that_of_its_id() -> None:
    of = view(carrying(DataDisk(lun=1, id=f"{DISKS}/pvc-{GUID}")), disks=None)
    assert list(rule.check(of, build.context())) == []


@pytest.mark.parametrize("name", ["pvc-scratch", f"pvc-{GUID}-copy", f"my-pvc-{GUID}", None])
def test_a_name_that_only_resembles_a_drivers_is_a_lead(name: str | None) -> None:
    (found,) = findings(view(carrying(DataDisk(lun=1, name=name))))
    assert found.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("k8s-azure-created-by", False),
        ("kubernetes.io-created-for-pvc-name", False),
        ("kubernetes.io.created-for-pvc-name", True),
        ("team", True),
    ],
)
def test_tags_of_a_driver_tell_its_disks(tag: str, *, told: bool) -> None:
    listed = Disk(id=str(MINE.id).upper(), name="MINE", tags={tag: "x"})
    assert bool(findings(view(carrying(MINE), disks=Known((listed,))))) is told


def test_a_disk_that_does_not_state_its_id_is_known_by_its_name() -> None:
    nameless = DataDisk(lun=3, name="mine")
    drivers = Disk(id=str(MINE.id), name="mine", tags={"k8s-azure-created-by": "x"})
    another = Disk(id=f"{DISKS}/another", name="another")
    assert findings(view(carrying(nameless), disks=Known((another, drivers)))) == []
    of_another = view(carrying(nameless), disks=Known((replace(drivers, name="another"),)))
    assert len(findings(of_another)) == 1


def test_a_disk_of_the_same_name_elsewhere_lends_no_tags() -> None:
    elsewhere = DataDisk(lun=3, name="mine", id=f"{build.GROUP_ID}/disks/mine")
    listed = Disk(id=str(MINE.id), name="mine", tags={"k8s-azure-created-by": "x"})
    assert len(findings(view(carrying(elsewhere), disks=Known((listed,))))) == 1


def test_the_disks_are_asked_for_where_only_they_can_tell() -> None:
    with pytest.raises(UnreadableError) as raised:
        list(rule.check(view(carrying(MINE), disks=None), build.context()))
    assert raised.value.gap.question == ReadDisks(build.NODE_GROUP_ID)


def test_disks_of_the_model_are_told_of_the_model_alone() -> None:
    (found,) = findings(view(carrying(MINE), scale_set={"data_disks": (MINE,)}))
    assert (found.actual, found.instances) == ("LUN 3, 64 GiB", ())


@pytest.mark.parametrize(
    ("writes", "told"),
    [
        ([attached(deeds.BY_CLUSTER)], False),
        ([attached(deeds.BY_AKS)], False),
        ([attached(deeds.BY_ALICE)], True),
        ([attached(deeds.BY_SERVICE)], True),
        ([attached(deeds.BY_CLUSTER), attached(deeds.BY_ALICE, 1)], True),
        ([attached(deeds.BY_CLUSTER), attached(deeds.BY_ALICE, 1, request_paths=())], True),
        ([attached(deeds.BY_CLUSTER), attached(deeds.BY_ALICE, 1, request_paths=("tags",))], False),
        ([attached(deeds.BY_CLUSTER, request_paths=("tags", "p.storageProfile.dataDisks"))], False),
        ([attached(deeds.BY_CLUSTER, status=OperationStatus.FAILED)], True),
        ([attached(deeds.BY_CLUSTER, on=build.node_id(1))], True),
        ([attached(deeds.BY_CLUSTER, request_paths=("properties.networkProfile",))], True),
    ],
)
def test_the_clusters_own_attachment_is_no_departure(
    writes: list[Operation], *, told: bool
) -> None:
    assert bool(findings(view(carrying(MINE)), *writes)) is told


@pytest.mark.parametrize(("minute", "told"), [(0, False), (2, False), (3, True), (30, True)])
def test_the_moment_of_attachment_tells_whose_write_it_was(minute: int, *, told: bool) -> None:
    at = build.minutes_after(build.NOON, minute)
    listed = Disk(id=str(MINE.id), name="mine", ownership_changed_at=at)
    earlier, own = attached(deeds.BY_CLUSTER, -60), attached(deeds.BY_CLUSTER)
    writes = [earlier, own, attached(deeds.BY_ALICE, 90)]
    assert bool(findings(view(carrying(MINE), disks=Known((listed,))), *writes)) is told


def test_a_disk_that_changed_hands_just_before_the_write_began_is_of_that_write() -> None:
    listed = Disk(id=str(MINE.id), name="mine", ownership_changed_at=build.NOON)
    writes = [attached(deeds.BY_CLUSTER, 2), attached(deeds.BY_ALICE, 90)]
    assert findings(view(carrying(MINE), disks=Known((listed,))), *writes) == []


@pytest.mark.parametrize(
    ("made_at", "told"),
    [(None, False), (build.minutes_after(build.NOON, -1), False), (build.NOON, True)],
)
def test_the_write_that_made_the_node_attached_nothing_later(
    made_at: datetime | None, *, told: bool
) -> None:
    node = build.node(0, data_disks=(MINE,), created_at=made_at)
    assert bool(findings(view(node), attached(deeds.BY_CLUSTER))) is told


def test_disks_of_several_nodes_are_one_finding() -> None:
    (found,) = findings(view(carrying(MINE, number=10), carrying(MINE, number=2)))
    assert (found.instances, found.actual) == (("2", "10"), "2: mine; 10: mine")


def test_a_node_that_is_being_changed_is_not_settled() -> None:
    node = build.node(0, data_disks=(MINE,), provisioning_state="Updating")
    (only,) = rule.check(view(node), build.context())
    assert isinstance(only, Unknown)


@pytest.mark.parametrize(
    ("changes", "path", "sure"),
    [
        ({"size_gb": 512}, "diskSizeGB", Confidence.CONFIRMED),
        ({"size_gb": 512, "latest": False}, "diskSizeGB", Confidence.LIKELY),
        ({"storage_account_type": "Standard_LRS"}, "sku.name", Confidence.LIKELY),
        (
            {"storage_account_type": "Standard_LRS", "latest": False},
            "sku.name",
            Confidence.POSSIBLE,
        ),
        (
            {"encryption_set_id": "/des/mine"},
            "encryption.diskEncryptionSetId",
            Confidence.CONFIRMED,
        ),
        ({"name": "golden"}, "storageProfile.osDisk.name", Confidence.POSSIBLE),
        ({"size_gb": 512, "id": None}, "storageProfile.osDisk.diskSizeGB", Confidence.CONFIRMED),
    ],
)
def test_an_operating_system_disk_that_departs(
    changes: dict[str, Any], path: str, sure: Confidence
) -> None:
    (found,) = findings(view(os_disk(**changes)))
    assert (found.path, found.confidence) == (path, sure)
    on_disk = arm.resource_type(found.resource_id) == "microsoft.compute/disks"
    assert on_disk is not path.startswith("storageProfile")


@pytest.mark.parametrize(
    ("changes", "of"),
    [
        ({"size_gb": 256}, {"os_disk_size_gb": 256}),
        ({"size_gb": 128}, {"os_disk_size_gb": 256}),
        ({"size_gb": 300}, {"os_disk_size_gb": 0, "scale_set": {"os_disk": OsDisk()}}),
        ({"storage_account_type": "PREMIUM_lrs"}, {}),
        ({"encryption_set_id": "/DES/own"}, {"managed": {"disk_encryption_set_id": "/des/own"}}),
        (
            {"encryption_set_id": "/DES/model"},
            {"scale_set": {"os_disk": OsDisk(size_gb=128, encryption_set_id="/des/model")}},
        ),
        ({"name": f"aks-apps-38116459-vmss_aks-apps-38116459-vmss_3_OsDisk_1_{HASH}"}, {}),
        ({"name": f"aks-apps-381164aks-apps-38116459OS__1_{HASH}"}, {}),
        ({"name": None}, {}),
    ],
)
def test_an_operating_system_disk_as_pool_or_model_has_it(
    changes: dict[str, Any], of: dict[str, Any]
) -> None:
    assert findings(view(os_disk(**changes), **of)) == []


@pytest.mark.parametrize(
    "name", ["aks-apps-38116459-golden", f"aks-pool-381164aks-pool-381164disk1_{HASH}"]
)
def test_an_exchanged_disk_is_likely_beside_nodes_with_their_own(name: str) -> None:
    (found,) = findings(view(os_disk(0), os_disk(1, name=name)))
    assert (found.instances, found.confidence) == (("1",), Confidence.LIKELY)


def test_a_disk_that_somebody_wrote_is_told_by_itself() -> None:
    slow = [os_disk(n, storage_account_type="Standard_LRS") for n in (0, 1, 2)]
    write = deeds.operation(OperationKind.OS_DISK_WRITE, on=f"{DISKS}/os-1")
    told = {f.instances: f.resource_id for f in findings(view(*slow), write)}
    assert told == {("0", "2"): f"{DISKS}/os-0", ("1",): f"{DISKS}/os-1"}


@pytest.mark.parametrize(
    "other",
    [
        {"status": OperationStatus.FAILED},
        {"by": deeds.BY_AKS},
        {"on": f"{DISKS}/another"},
    ],
)
def test_what_changed_no_disk_of_these_nodes_tells_none_apart(other: dict[str, Any]) -> None:
    slow = [os_disk(n, storage_account_type="Standard_LRS") for n in (0, 1, 2)]
    given = {"on": f"{DISKS}/os-1"} | other
    write = deeds.operation(OperationKind.OS_DISK_WRITE, **given)
    (found,) = findings(view(*slow), write)
    assert found.instances == ("0", "1", "2")


def test_a_failed_node_is_no_more_than_likely() -> None:
    broken = build.node(
        0, provisioning_state="Failed", latest_model_applied=True, os_disk=OsDisk(size_gb=512)
    )
    (found,) = findings(view(broken))
    assert found.confidence is Confidence.LIKELY
