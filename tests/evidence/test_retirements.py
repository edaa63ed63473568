"""What retires, told by the images that nodes boot and by what clusters are built on."""

from __future__ import annotations

from datetime import date

import pytest

from auditor.evidence import retirements
from auditor.evidence.retirements import AVAILABILITY_SETS, BASIC_LOAD_BALANCER, KUBENET
from auditor.model.aks import NetworkProfile
from tests import build


@pytest.mark.parametrize(
    ("image", "what", "on"),
    [
        ("AKSUbuntu:1604:2020.03.11", "Ubuntu 18.04 or older", "2025-06-17"),
        ("AKSUbuntu-1804gen2containerd-2021.09.11", "Ubuntu 18.04 or older", "2025-06-17"),
        ("AKSUbuntuEdgeZone-1804-2022.01.01", "Ubuntu 18.04 or older", "2025-06-17"),
        ("AKSUbuntu-2004fipscontainerd-202601.01.0", "Ubuntu 20.04", "2027-03-17"),
        ("AKSUbuntu-2204gen2arm64containerd-202505.27.0", "Ubuntu 22.04", "2027-06-30"),
        ("AKSCBLMariner-V2katagen2TL-2022.12.15", "Azure Linux 2.0", "2025-11-30"),
        ("AKSAzureLinux-V2gen2-202407.22.0", "Azure Linux 2.0", "2025-11-30"),
        (
            "AKSAzureLinux-OSGuardV3gen2fipsTL-202508.20.1",
            "Azure Linux with OS Guard (preview)",
            "2026-12-10",
        ),
        ("AKSFlatcar-flatcargen2-202509.11.0", "Flatcar Container Linux (preview)", "2026-06-08"),
        ("AKSWindows-2019-17763.1554.201021", "Windows Server 2019", "2026-03-01"),
        ("AKSWindows-23H2-gen2-25398.1425.250214", "Windows Server Annual Channel", "2026-05-15"),
        ("AKSWindows-2022-containerd-20348.2700.240911", "Windows Server 2022", "2028-06-30"),
    ],
)
def test_an_image_tells_the_system_that_retires_and_when(image: str, what: str, on: str) -> None:
    found = retirements.of_image(image)
    assert found is not None
    assert (found.what, str(found.on)) == (what, on)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "AKSUbuntu-2404gen2containerd-202610.12.0",
        "AKSAzureLinux-V3katagen2-202510.03.1",
        "AKSWindows-2025-gen2-26100.1.261001",
        "AKSACL-aclgen2TL-202610.12.0",
        "my-AKSUbuntu-1804",
    ],
)
def test_other_images_do_not(image: str) -> None:
    assert retirements.of_image(image) is None


@pytest.mark.parametrize(
    ("image", "sku", "told"),
    [
        (None, "WindowsAnnual", ["Windows Server Annual Channel"]),
        (None, "Ubuntu", []),
        (None, None, []),
        ("AKSWindows-2025-gen2-26100.1.261001", "WindowsAnnual", []),
    ],
)
def test_the_sku_tells_where_no_image_does(
    image: str | None, sku: str | None, told: list[str]
) -> None:
    pool = build.pool(node_image_version=image, os_sku=sku)
    assert [r.retirement.what for r in retirements.of_node_pool(pool)] == told


def test_a_thing_is_retired_from_the_day_after_its_date_on() -> None:
    assert not BASIC_LOAD_BALANCER.is_past(date(2025, 9, 30))
    assert BASIC_LOAD_BALANCER.is_past(date(2025, 10, 1))


def test_the_sku_tells_where_there_is_no_image_and_only_there() -> None:
    untold = build.pool(os_sku="WINDOWS2019", node_image_version=None)
    newer = build.pool(os_sku="Windows2019", node_image_version="AKSWindows-2025-26100.1.261001")
    assert [(r.path, r.value) for r in retirements.of_node_pool(untold)] == [
        ("osSKU", "WINDOWS2019")
    ]
    assert list(retirements.of_node_pool(newer)) == []


def test_what_clusters_are_built_on_retires_on_its_day() -> None:
    known = (BASIC_LOAD_BALANCER, AVAILABILITY_SETS, KUBENET)
    assert [str(one.on) for one in known] == ["2025-09-30", "2025-09-30", "2028-03-31"]


def test_clusters_and_pools_are_built_on_several_things() -> None:
    old = build.managed(network=NetworkProfile(plugin="Kubenet", load_balancer_sku="BASIC"))
    pool = build.pool(kind="availabilitySet")
    assert [r.value for r in retirements.of_cluster(old)] == ["BASIC", "Kubenet"]
    assert [r.path for r in retirements.of_node_pool(pool)] == ["type", "nodeImageVersion"]
    assert list(retirements.of_cluster(build.managed())) == []
