"""NET007: which network plugin is the customer's own."""

from __future__ import annotations

import pytest

from auditor.model.aks import NetworkProfile
from auditor.model.verdict import Confidence, Severity, Verdict
from auditor.rules import net007_own_cni as net007
from tests import build


@pytest.mark.parametrize(
    ("plugin", "told"),
    [("none", 1), ("None", 1), ("azure", 0), ("kubenet", 0), (None, 0)],
)
def test_only_the_plugin_none_is_told(plugin: str | None, told: int) -> None:
    of = build.cluster(build.managed(network=NetworkProfile(plugin=plugin)))
    assert len(list(net007.check(of, build.context()))) == told


def test_it_is_a_piece_of_information() -> None:
    of = build.cluster(build.managed(network=NetworkProfile(plugin="none")))
    (finding,) = net007.check(of, build.context())
    assert (finding.severity, finding.confidence, finding.verdict, finding.advice) == (
        Severity.INFO,
        Confidence.CONFIRMED,
        Verdict.WARNING,
        True,
    )
