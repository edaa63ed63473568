"""What rules take for granted of AKS, held against every recording that could refute it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from auditor.evidence import node_images
from tests.reference import recordings
from tests.reference.recordings import Document, label

pytestmark = recordings.needed

CLUSTERS = [name for name in recordings.names("managedClusters") if "/SPEC-" not in name]


def pools_of(name: str) -> Iterator[Document]:
    """The recorded node pools that have a node image."""
    body = recordings.body(name)["properties"]
    pools = body.get("agentPoolProfiles") or [body]
    return (pool for pool in pools if pool.get("nodeImageVersion"))


@pytest.mark.parametrize("name", [*CLUSTERS, *recordings.names("agentPools")], ids=label)
def test_the_image_of_a_recorded_pool_tells_its_age_and_whether_it_has_fips(name: str) -> None:
    for pool in pools_of(name):
        image = pool["nodeImageVersion"]
        built = node_images.built_on(image)
        assert built, image
        assert date(2020, 3, 1) < built < date(2026, 1, 1), image
        if "enableFIPS" in pool:
            assert pool["enableFIPS"] == ("fips" in image.casefold()), image
