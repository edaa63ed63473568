"""META001, META002 and META006 beside what no fixture shows: earlier runs, gaps, failed pools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import pools
from auditor.model import resource_id as arm
from auditor.model.facet import Known
from auditor.model.network import LoadBalancer
from auditor.model.observation import Observation
from auditor.model.snapshot import Cluster, ResourceGroup
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import meta001_system_tag_changed as meta001
from auditor.rules import meta002_node_group_metadata_changed as meta002
from auditor.rules import meta006_pool_tags_not_on_scale_set as meta006
from tests import build

SET = build.scale_set()
TAGS = {
    **SET.tags,
    "aks-managed-orchestrator": "Kubernetes:1.33.5",
    "aks-managed-createOperationID": "0f8fad5b-d9cb-469f-a165-70867728950e",
}
NOTHING: dict[str, Any] = {"load_balancers": Known(()), "public_addresses": Known(())}


def cluster(tags: dict[str, str] = TAGS, **changes: Any) -> Cluster:  # noqa: ANN401 (any facet)
    pool = build.pool(**changes.pop("pool", {}))
    given = NOTHING | changes
    return build.cluster(build.managed(pool), scale_sets=[build.scale_set(tags=tags)], **given)


def findings(answers: Iterable[object]) -> list[Finding]:
    return [answer for answer in answers if isinstance(answer, Finding)]


def gaps(answers: Iterable[object]) -> set[str]:
    return {answer.gap.scope for answer in answers if isinstance(answer, Unknown)}


def seen(resource_id: str, **tags: str) -> Observation:
    fields = {arm.key(resource_id): {f"tags.{name}": value for name, value in tags.items()}}
    return Observation(cluster_id=build.CLUSTER_ID, at=build.NOON, fields=fields)


def test_an_earlier_run_shows_what_the_state_alone_does_not() -> None:
    before = seen(SET.id, **{"aks-managed-createOperationID": "another"})
    of = cluster()
    (finding,) = findings(meta001.check(of, build.context(of, observation=before)))
    assert finding.path == "tags.aks-managed-createOperationID"
    assert finding.confidence is Confidence.LIKELY
    assert "2026-10-29 12:00Z" in finding.evidence[0].source
    assert findings(meta001.check(of, build.context(of))) == []


def test_an_earlier_run_shows_a_group_s_lost_tag() -> None:
    group = ResourceGroup(id=build.NODE_GROUP_ID, name="g", managed_by=build.CLUSTER_ID)
    legacy = cluster({"poolName": "apps"}, node_resource_group=Known(group))
    before = seen(build.NODE_GROUP_ID, **{"aks-managed-cluster-rg": "rg-shop"})
    (finding,) = findings(meta002.check(legacy, build.context(legacy, observation=before)))
    assert (finding.path, finding.actual) == ("tags.aks-managed-cluster-rg", None)


def test_a_failed_pool_s_tags_are_judged_with_less_confidence() -> None:
    of = cluster({**TAGS, "aks-managed-poolName": "x"}, pool={"provisioning_state": "Failed"})
    (finding,) = findings(meta001.check(of, build.context(of)))
    assert finding.confidence is Confidence.LIKELY


def test_what_cannot_be_read_hides_nothing_else() -> None:
    of = cluster(
        {**TAGS, "aks-managed-poolName": "x"},
        load_balancers=build.gap("balancers"),
        public_addresses=build.gap("addresses"),
        security_groups=build.gap("groups"),
    )
    answers = list(meta001.check(of, build.context(of)))
    assert [f.path for f in findings(answers)] == ["tags.aks-managed-poolName"]
    assert gaps(answers) == {"balancers", "addresses", "groups"}


def test_hosted_pools_have_nothing_to_judge() -> None:
    hosted = build.pool("hosted", mode="ManagedSystem")
    of = build.cluster(build.managed(hosted), scale_sets=(), **NOTHING)
    assert list(meta001.check(of, build.context(of))) == []


def untagged(**changes: Any) -> Cluster:  # noqa: ANN401 (any facet)
    group = ResourceGroup(id=build.NODE_GROUP_ID, name="g", managed_by=build.CLUSTER_ID)
    return cluster(**{"node_resource_group": Known(group)} | changes)


@pytest.mark.parametrize("facet", ["load_balancers", "public_addresses", "scale_sets"])
def test_a_group_without_tags_is_not_cleared_while_a_witness_is_unread(facet: str) -> None:
    of = replace(untagged(), **{facet: build.gap(facet)})
    assert gaps(meta002.check(of, build.context(of))) == {facet}


def test_the_load_balancer_proves_that_the_group_had_tags() -> None:
    own = LoadBalancer(id="/lb", name="kubernetes", tags={"aks-managed-cluster-name": "shop"})
    of = untagged(load_balancers=Known((own,)))
    found = findings(meta002.check(of, build.context(of)))
    assert {f.confidence for f in found} == {Confidence.LIKELY}


@pytest.mark.parametrize(
    ("tags", "sure"),
    [({"aks-managed-cluster-name": "shop"}, Confidence.LIKELY), ({}, Confidence.POSSIBLE)],
)
def test_a_missing_owner_weighs_by_the_age_of_the_group(
    tags: dict[str, str], sure: Confidence
) -> None:
    group = ResourceGroup(id=build.NODE_GROUP_ID, name="g", tags=tags)
    of = cluster({"poolName": "apps"}, node_resource_group=Known(group))
    found = {f.path: f.confidence for f in findings(meta002.check(of, build.context(of)))}
    assert found["managedBy"] is sure


@pytest.mark.parametrize(
    ("owner", "said", "sure"),
    [
        (None, "names no owner", Confidence.LIKELY),
        ("/apps/other", "says that /apps/other owns it", Confidence.CONFIRMED),
    ],
)
def test_a_group_with_another_owner_or_none_says_so(
    owner: str | None, said: str, sure: Confidence
) -> None:
    named = {"aks-managed-cluster-name": "shop", "aks-managed-cluster-rg": "rg-shop"}
    group = ResourceGroup(id=build.NODE_GROUP_ID, name="g", managed_by=owner, tags=named)
    (found,) = findings(meta002.check(cluster(node_resource_group=Known(group)), build.context()))
    assert (found.summary, found.confidence) == (f"Node resource group g {said}", sure)


@pytest.mark.parametrize(
    ("asked", "there", "told"),
    [
        ({}, {"mine": "x"}, []),
        ({"Team": "shop"}, {"team": "shop"}, []),
        ({"team": ""}, {"team": ""}, []),
        ({"team": "shop"}, {"team": ""}, [("tags.team", "", "likely")]),
        ({"team": "shop"}, {}, [("tags.team", None, "possible")]),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "2"}, [("tags.a", "2", "likely")]),
    ],
)
def test_a_pool_s_tags_beside_its_scale_set_s(
    asked: dict[str, str], there: dict[str, str], told: list[tuple[str, str | None, str]]
) -> None:
    of = cluster(TAGS | there, pool={"tags": asked})
    (view,) = pools.node_pools(of)
    found = meta006.check(view, build.context(of))
    assert [(f.path, f.actual, f.confidence.value) for f in found] == told
