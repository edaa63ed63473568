"""An optional value is absent, or of another type: no rule crashes for it.

What then cannot be told is unknown: neither is a cluster lost, nor its neighbour less known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from auditor import rules
from auditor.demo import patches
from auditor.demo.arm import FakeArm
from auditor.demo.files import TenantSubscription
from auditor.demo.tenant import HOME, Builder, Tenant
from auditor.evaluate import evaluate
from auditor.model import resource_id as arm
from auditor.model.facet import Known
from auditor.model.rule import Context
from tests.collect.world import NOW, collected

Path = tuple[str, ...]

RULES = rules.load()
ODD: tuple[object, ...] = (None, 7, "odd", True, [], [None], {})
SERVED = {"id", "name", "type", "location", "subscriptionId"}
"""What the fake Azure itself needs to answer at all."""


def two_clusters() -> Tenant:
    builder = Builder(HOME.tenant, [TenantSubscription(id=HOME.subscription, name="shop")])
    builder.add("linux-custom-vnet", HOME)
    builder.add("virtual-machines-pool", msgspec.structs.replace(HOME, cluster="till"))
    return builder.tenant(NOW)


WHOLE = two_clusters()
EVERY = 59
"""Of so many changes one is tried; no multiple of the odd values, so that each has its turn."""


def places(document: dict[str, Any], above: Path = ()) -> Iterator[Path]:
    """Where a document has values, those within lists aside."""
    for name, value in document.items():
        if above or name not in SERVED | {"properties"}:
            yield (*above, name)
        if isinstance(value, dict):
            yield from places(value, (*above, name))


def changes() -> list[tuple[str, Path, object]]:
    """Each kind of document once with each odd value in each place; ``None`` takes it out."""
    once = {
        (arm.resource_type(key), place): (key, place)
        for key, document in WHOLE.documents.items()
        for place in places(document)
    }
    return [(*where, odd) for where in once.values() for odd in ODD]


def nested(place: Path, value: object) -> dict[str, Any]:
    """A merge patch that sets one value."""
    for name in reversed(place):
        value = {name: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(("key", "place", "odd"), changes()[::EVERY])
async def test_an_odd_value_crashes_nothing_and_loses_nobody(
    key: str, place: Path, odd: object
) -> None:
    document = patches.merge(WHOLE.documents[key], nested(place, odd))
    changed = msgspec.structs.replace(WHOLE, documents={**WHOLE.documents, key: document})
    snapshot = await collected(FakeArm(changed))
    assert [cluster.name for cluster in snapshot.clusters] == ["shop", "till"]
    context = Context(now=NOW, operations=Known(()))
    told = [v for c in snapshot.clusters for v in evaluate(c, RULES, context).verdicts]
    assert [v.reason for v in told if "please report it" in v.reason] == []
    assert any(isinstance(cluster.managed, Known) for cluster in snapshot.clusters)
