from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pytest

from auditor.evidence.node_images import (
    Origin,
    built_on,
    node_image_version,
    origin,
)
from auditor.model import resource_id as arm
from auditor.model.compute import ImageReference
from tests.build import SUBSCRIPTION, managed

AKS = "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups"
THIRD = "5e0c8a3f-41d7-4b8e-9a52-6d1f0b7c2e94"
ELSEWHERE = f"/subscriptions/{THIRD}/resourceGroups"
GALLERY = "providers/Microsoft.Compute/galleries"
UBUNTU = f"{AKS}/AKS-Ubuntu/{GALLERY}/AKSUbuntu/images/2204gen2containerd/versions/202610.06.0"


IMITATION = UBUNTU.replace(AKS, ELSEWHERE)


def whose(
    given: ImageReference, location: str = "westeurope", visible: Collection[str] = ()
) -> Origin:
    return origin(given, managed(location=location), visible)


def image(resource_id: str) -> ImageReference:
    return ImageReference(id=resource_id)


@pytest.mark.parametrize(
    ("version", "built"),
    [
        ("AKSUbuntu-2204gen2containerd-202509.23.0", date(2025, 9, 23)),
        ("AKSUbuntu-2204gen2TLcontainerd-202602.03.1", date(2026, 2, 3)),
        ("AKSAzureLinux-V3gen2-202602.13.5", date(2026, 2, 13)),
        ("AKSFlatcar-flatcargen2-202508.06.0", date(2025, 8, 6)),
        ("AKSAzureLinux-V3gen2arm64-202602.13.10", date(2026, 2, 13)),
        ("AKSWindows-2022-containerd-20348.3207.250214", date(2025, 2, 14)),
        ("AKSWindows-23H2-gen2-25398.1425.250214", date(2025, 2, 14)),
        ("AKSUbuntu-1804-2020.03.05", date(2020, 3, 5)),
        ("AKSCBLMariner-V2katagen2TL-2022.12.15", date(2022, 12, 15)),
        ("2022.10.03", date(2022, 10, 3)),
        ("202509.23.0", date(2025, 9, 23)),
    ],
)
def test_each_format_of_a_node_image_version_names_its_day(version: str, built: date) -> None:
    assert built_on(version) == built


def test_a_security_patch_is_as_new_as_the_newer_of_its_two_dates() -> None:
    assert built_on("AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01") == date(2024, 12, 1)


@pytest.mark.parametrize(
    "version",
    ["", "AKSUbuntu-2204gen2containerd", "AKSUbuntu-202513.45.0", "1.33.5", "latest", "20348.3207"],
)
def test_a_version_that_names_no_day_has_none(version: str) -> None:
    assert built_on(version) is None


@pytest.mark.parametrize(
    "version",
    [
        "AKSUbuntu-2204gen2containerd-202410.27.0-sp41",
        "AKSUbuntu-2204gen2containerd-202410.27.0-20241201",
        "AKSUbuntu-2204gen2containerd-202410.27.0-2024.13.45",
        "AKSWindows-2022-containerd-20348.3207.250214-hotpatch",
    ],
)
def test_what_follows_a_date_and_is_none_may_name_a_newer_day(version: str) -> None:
    assert built_on(version) is None


def test_a_month_that_does_not_exist_does_not_hide_a_date_that_does() -> None:
    assert built_on("AKSUbuntu-x-202513.45.0-2024.12.01") == date(2024, 12, 1)


@pytest.mark.parametrize(
    "resource_id",
    [
        UBUNTU,
        UBUNTU.upper(),
        f"{AKS}/AKS-AzureLinux/{GALLERY}/AKSAzureLinux/images/V3gen2/versions/202602.13.5",
        f"{AKS}/AKS-CBLMariner/{GALLERY}/AKSCBLMariner/images/V2gen2/versions/202402.19.0",
        f"{AKS}/AKS-Windows/{GALLERY}/AKSWindows/images/windows-2022/versions/20348.3207.250214",
        f"{AKS}/AKS-Flatcar/{GALLERY}/AKSFlatcar/images/flatcargen2/versions/202508.06.0",
        f"{AKS}/AKS-Ubuntu-EdgeZone/{GALLERY}/AKSUbuntuEdgeZone/images/2204/versions/202508.06.0",
        f"{AKS}/AKS-Nebula/{GALLERY}/AKSNebula/images/gen2/versions/202508.06.0",
    ],
)
def test_akss_own_galleries_are_akss(resource_id: str) -> None:
    assert whose(image(resource_id)) is Origin.AKS


@pytest.mark.parametrize(
    "resource_id",
    [
        UBUNTU.replace("AKSUbuntu", "MyAKSUbuntu"),
        UBUNTU.replace("AKS-Ubuntu", "rg-images"),
        UBUNTU.replace("109a5e88-712a-48ae-9078-9ca8b3c81345", SUBSCRIPTION),
        UBUNTU.replace("109a5e88-712a-48ae-9078-9ca8b3c81345", SUBSCRIPTION.upper()),
        f"{AKS}/rg-images/providers/Microsoft.Compute/images/golden",
    ],
)
def test_an_image_that_only_looks_like_akss_is_not(resource_id: str) -> None:
    assert whose(image(resource_id)) is Origin.FOREIGN


@pytest.mark.parametrize(
    ("resource_id", "expected"),
    [
        (f"{ELSEWHERE}/AKS-Ubuntu/{GALLERY}/AKSUbuntuHardened/images/a/versions/1", Origin.LEAD),
        (f"{ELSEWHERE}/AKS-Nebula/{GALLERY}/AKSNebula/images/gen2/versions/1", Origin.LEAD),
        (f"{ELSEWHERE}/rg-images/{GALLERY}/AKSNebula/images/gen2/versions/1", Origin.FOREIGN),
        (f"{ELSEWHERE}/AKS-Nebula/{GALLERY}/Nebula/images/gen2/versions/1", Origin.FOREIGN),
    ],
)
def test_a_gallery_that_is_not_known_may_be_akss_by_its_name_and_place(
    resource_id: str, expected: Origin
) -> None:
    assert whose(image(resource_id)) is expected


def test_a_gallery_just_like_akss_in_a_third_subscription_is_not_taken_for_akss() -> None:
    assert whose(image(IMITATION)) is Origin.UNTOLD
    assert whose(image(IMITATION), visible={THIRD}) is Origin.LEAD
    assert whose(image(IMITATION.upper()), visible={THIRD}) is Origin.LEAD


@pytest.mark.parametrize("location", ["usgovvirginia", "US Gov Arizona", "chinanorth3"])
def test_in_other_clouds_name_and_place_tell_unless_customers_see_it(location: str) -> None:
    assert whose(image(IMITATION), location) is Origin.AKS
    assert whose(image(IMITATION), location, {THIRD}) is Origin.LEAD


def test_who_sees_akss_own_subscription_still_takes_it_for_akss() -> None:
    assert whose(image(UBUNTU), visible={arm.key(arm.subscription(UBUNTU))}) is Origin.AKS


def test_a_marketplace_image_is_not_akss() -> None:
    marketplace = ImageReference(
        publisher="canonical", offer="ubuntu", sku="22_04", version="latest"
    )
    assert whose(marketplace) is Origin.FOREIGN


def test_node_auto_provisioning_boots_from_akss_community_gallery() -> None:
    gallery = "/CommunityGalleries/AKSUbuntu-38d80f77-467a-481f-a8d4-09b6d4220bd2"
    community = ImageReference(
        community_gallery_image_id=f"{gallery}/Images/2204gen2containerd/Versions/202610.06.0"
    )
    assert whose(community) is Origin.AKS
    imitation = ImageReference(community_gallery_image_id=f"{gallery}-mine/Images/x/Versions/1")
    assert whose(imitation) is Origin.FOREIGN


def test_no_image_at_all_is_nobodys() -> None:
    assert whose(ImageReference()) is Origin.FOREIGN


def test_the_image_id_gives_the_version_as_aks_shows_it() -> None:
    assert node_image_version(image(UBUNTU)) == "AKSUbuntu-2204gen2containerd-202610.06.0"


def test_the_windows_definition_drops_its_prefix() -> None:
    windows = f"{AKS}/AKS-Windows/{GALLERY}/AKSWindows/images/windows-2022-containerd"
    assert node_image_version(image(f"{windows}/versions/20348.3207.250214")) == (
        "AKSWindows-2022-containerd-20348.3207.250214"
    )


def test_an_image_in_another_form_has_no_version_of_akss() -> None:
    assert node_image_version(ImageReference(publisher="canonical")) is None
    assert node_image_version(image(f"{AKS}/rg/providers/Microsoft.Compute/images/golden")) is None


@pytest.mark.parametrize(
    "part",
    [
        "galleries/AKSUbuntu/images/2204gen2containerd",
        "galleries/AKSUbuntu/versions/202610.06.0",
        "images/2204gen2containerd/versions/202610.06.0",
        "images/golden",
    ],
)
def test_an_id_without_gallery_definition_and_version_is_no_node_image(part: str) -> None:
    resource_id = f"{AKS}/AKS-Ubuntu/providers/Microsoft.Compute/{part}"
    assert node_image_version(image(resource_id)) is None
