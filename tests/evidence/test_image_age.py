"""How old images are, by their versions and by what nodes boot."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from auditor.evidence import image_age
from auditor.evidence.image_age import Aged
from auditor.model.compute import ImageReference, PowerState
from tests import build

TODAY = date(2026, 11, 1)
GALLERY = (
    "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups/AKS-Ubuntu/providers"
    "/Microsoft.Compute/galleries/AKSUbuntu/images/2204gen2containerd/versions"
)
BASE = "AKSUbuntu-2204gen2containerd-202610.06.0"


def image(version: str) -> ImageReference:
    return ImageReference(id=f"{GALLERY}/{version}")


def older(*nodes: Any, than: str = BASE) -> list[str]:  # noqa: ANN401 (nodes of any kind)
    own = image_age.aged(than, TODAY)
    assert own is not None
    return [node.label for node, _ in image_age.older_nodes(nodes, own, TODAY)]


@pytest.mark.parametrize(
    ("version", "days"),
    [
        ("AKSUbuntu-2204gen2containerd-202610.06.0", 26),
        ("AKSUbuntu-2204gen2containerd-202605.06.0-2026.10.30", 2),
        ("AKSWindows-2022-containerd-20348.3207.261001", 31),
        ("AKSUbuntu-1804-2020.03.05", 2432),
        ("AKSUbuntu-2204gen2containerd-202611.02.0", 0),
    ],
)
def test_the_newest_date_counts(version: str, days: int) -> None:
    aged = image_age.aged(version, TODAY)
    assert aged is not None
    assert aged.days == days


@pytest.mark.parametrize(
    "version",
    ["", "next", "AKSUbuntu-2204gen2containerd-202613.45.0", "AKSUbuntu-2204-202611.03.0"],
)
def test_no_date_and_one_yet_to_come_are_of_unknown_form(version: str) -> None:
    assert image_age.aged(version, TODAY) is None


def test_a_running_node_on_an_older_image_is_older() -> None:
    assert older(build.node(1, image=image("202606.01.0")), build.node(2)) == ["1"]


def test_another_image_of_the_same_day_is_not_older() -> None:
    assert older(build.node(1, image=image("202610.06.3"))) == []


def test_nodes_that_are_down_and_images_of_other_forms_tell_nothing() -> None:
    down = build.node(1, image=image("202606.01.0"), power=PowerState("deallocated"))
    odd = build.node(2, image=image("latest"))
    market = build.node(3, image=ImageReference(publisher="canonical", offer="ubuntu"))
    assert older(down, odd, market, build.node(4, image=None)) == []


def test_the_base_of_a_security_patch_is_not_older_than_the_patch() -> None:
    patched = "AKSUbuntu-2204gen2containerd-202605.06.0-2026.10.30"
    based = build.node(1, image=image("202605.06.0"))
    other = build.node(2, image=image("202605.06.01"))
    assert older(based, other, than=patched) == ["2"]


def test_standalone_machines_are_nodes_too() -> None:
    machine = build.machine("aks-vms-12345678-vm0", image=image("202606.01.0"))
    assert older(machine) == ["aks-vms-12345678-vm0"]


def test_an_unknown_version_is_shown() -> None:
    gap = image_age.of_unknown_form(f"{build.CLUSTER_ID}/agentPools/apps", "next")
    assert gap.message == "the node image version of apps is 'next', which has no known form"
    untold = image_age.of_unknown_form(f"{build.CLUSTER_ID}/agentPools/apps", None)
    assert untold.message == "the node image version of apps is not said"


def test_an_age_is_never_negative() -> None:
    tomorrow = image_age.aged("AKSUbuntu-2204-202611.02.0", TODAY)
    assert tomorrow == Aged(version="AKSUbuntu-2204-202611.02.0", built=date(2026, 11, 2), days=0)
