from __future__ import annotations

import re
import uuid

import msgspec
import pytest

from auditor.model.errors import UsageError
from tests.support.cases import home

PLACE = home("linux-managed-vnet")
SCALE_SET = f"{PLACE.node_group_id}/providers/Microsoft.Compute/virtualMachineScaleSets/s"
ELSEWHERE = msgspec.structs.replace(PLACE, cluster="till")


def test_fills_names_and_ids() -> None:
    text = "@group@ @cluster@ @location@ @node_group@ @cluster_id@"
    assert (
        PLACE.fill(text) == f"rg-shop shop westeurope MC_rg-shop_shop_westeurope {PLACE.cluster_id}"
    )


def test_a_label_means_one_guid_per_cluster() -> None:
    first = PLACE.fill("@guid:kubelet@")
    assert str(uuid.UUID(first)) == first == PLACE.fill("@guid:kubelet@")
    assert first != ELSEWHERE.fill("@guid:kubelet@")
    assert first != PLACE.fill("@guid:other@")
    assert len(PLACE.fill("@uid:cluster@")) == 24


def test_addresses_are_no_tokens() -> None:
    text = "alice@contoso.example, bob@contoso.example"
    assert PLACE.fill(text) == text


def test_numbers_in_names_are_each_clusters_own_where_asked() -> None:
    text = "aks-apps-38116459-vmss 26180121 d1b7e3a9-5c42-4f08-9e6a-2b8c4d7f1a50 12345678-5c42-4f08"
    assert PLACE.fill(text) == text
    numbered = msgspec.structs.replace(PLACE, own_numbers=True)
    other = msgspec.structs.replace(ELSEWHERE, own_numbers=True)
    scale_set, suffix, *guids = numbered.fill(text).split()
    assert re.fullmatch(r"aks-apps-\d{8}-vmss", scale_set)
    assert re.fullmatch(r"\d{8}", suffix)
    assert scale_set not in text
    assert guids == text.split()[2:]
    assert not other.fill(text).startswith((scale_set, text[:22]))


@pytest.mark.parametrize("text", ["@nodegroup@", "@group:label@"])
def test_an_unknown_token_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="unknown token"):
        PLACE.fill(text)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".", PLACE.node_group_id),
        ("/subscriptions/x", "/subscriptions/x"),
        ("managedClusters/shop", PLACE.cluster_id),
        ("disks/d", f"{PLACE.node_group_id}/providers/Microsoft.Compute/disks/d"),
        (
            "virtualMachineScaleSets/s/providers/Microsoft.Resources/tags/default",
            f"{SCALE_SET}/providers/Microsoft.Resources/tags/default",
        ),
        ("Microsoft.X/y/z", f"{PLACE.node_group_id}/providers/Microsoft.X/y/z"),
    ],
)
def test_paths_lead_to_ids(path: str, expected: str) -> None:
    assert PLACE.id_of(path) == expected


def test_a_type_without_a_known_provider_is_told() -> None:
    with pytest.raises(UsageError, match="no provider"):
        PLACE.id_of("unheardOf/x")
