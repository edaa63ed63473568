"""Which channels leave versions and images alone."""

from __future__ import annotations

import pytest

from auditor.model.verdict import Confidence, Verdict
from auditor.rules import life003_no_automatic_upgrades as life003
from tests import build

IMAGES = "autoUpgradeProfile.nodeOSUpgradeChannel"
VERSIONS = "autoUpgradeProfile.upgradeChannel"


@pytest.mark.parametrize(
    ("versions", "images", "missing"),
    [
        ("patch", "NodeImage", []),
        ("rapid", "SecurityPatch", []),
        ("stable", None, []),
        ("Patch", "Unmanaged", [IMAGES]),
        ("none", "nodeImage", [VERSIONS]),
        (None, "None", [IMAGES, VERSIONS]),
        ("node-image", "None", [VERSIONS]),
    ],
)
def test_each_missing_channel_is_told(
    versions: str | None, images: str | None, missing: list[str]
) -> None:
    managed = build.managed(upgrade_channel=versions, node_os_upgrade_channel=images)
    found = life003.check(build.cluster(managed), build.context())
    assert [finding.path for finding in found] == missing


def test_it_is_advice_and_shows_what_is_set() -> None:
    unset = build.managed(upgrade_channel=None, node_os_upgrade_channel="SecurityPatch")
    (finding,) = life003.check(build.cluster(unset), build.context())
    assert (finding.verdict, finding.confidence) == (Verdict.WARNING, Confidence.CONFIRMED)
    assert finding.actual == "none"
