"""What single nodes depart in: who shares a departure, and who does not."""

from __future__ import annotations

from auditor.evidence.single_nodes import Departure, shared
from auditor.model.verdict import Confidence
from tests import build


def test_nodes_of_which_something_else_is_expected_share_no_departure() -> None:
    larger, smaller = (
        Departure("disk", "Disk size", expected, "256", Confidence.LIKELY)
        for expected in ("128", "64")
    )
    seen = [(build.node(number), larger) for number in (10, 2)] + [(build.node(3), smaller)]
    told = [(group.departure, group.instance_ids, group.discriminator) for group in shared(seen)]
    assert told == [(larger, ("2", "10"), ""), (smaller, ("3",), "3")]
