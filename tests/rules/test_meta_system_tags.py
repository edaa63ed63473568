"""META001, META002 and META006 beside what no fixture shows: earlier runs, gaps, failed pools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import pools
from auditor.model import resource_id as arm
from auditor.model.aks import NodePool, PoolKind
from auditor.model.facet import Known
from auditor.model.network import LoadBalancer
from auditor.model.observation import Observation
from auditor.model.operation import OperationKind
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


def test_a_machine_that_may_be_a_pool_s_unseen_leaves_its_tags_unknown() -> None:
    of = build.cluster(
        build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES)),
        scale_sets=(),
        virtual_machines=Known((build.machine("of-nobody-known"),)),
        machines={"vms": build.gap("machines")},
        **NOTHING,
    )
    assert "machines" in gaps(meta001.check(of, build.context(of)))


def edited_beside(
    *states: str,
    pools: tuple[NodePool, ...] = (),
    **changes: Any,  # noqa: ANN401 (any facet)
) -> dict[str, Confidence]:
    """How sure it is of a number that other pools, in these states, do not say; no name does."""
    names = ["apps", *(f"pool{n}" for n in range(len(states)))]
    both = zip(names, (GOOD, *states), strict=True)
    asked = [build.pool(name, provisioning_state=state) for name, state in both]
    sets = [
        build.scale_set(name, tags={**TAGS, **build.scale_set(name).tags, NUMBER: number})
        for name, number in zip(names, ("26180122", *["26180121"] * len(states)), strict=True)
    ]
    of = build.cluster(
        build.managed(*asked, *pools),
        scale_sets=sets,
        security_groups=Known(()),
        virtual_networks=Known(()),
        **NOTHING | changes,
    )
    found = findings(meta001.check(of, build.context(of)))
    return {f.resource_id: f.confidence for f in found if f.path == f"tags.{NUMBER}"}


@pytest.mark.parametrize(
    ("group", "beside", "sure"),
    [
        ({"aks-managed-cluster-name": "shop", "aks-managed-cluster-rg": "rg"}, {}, "likely"),
        ({}, TAGS, "likely"),
        ({}, {}, "possible"),
    ],
)
def test_a_scale_set_without_any_tag_weighs_by_what_else_is_tagged(
    group: dict[str, str], beside: dict[str, str], sure: str
) -> None:
    of = build.cluster(
        build.managed(build.pool(), build.pool("web")),
        scale_sets=[build.scale_set(tags={}), build.scale_set("web", tags=beside)],
        node_resource_group=Known(ResourceGroup(id=build.NODE_GROUP_ID, name="g", tags=group)),
        **NOTHING,
    )
    found = {f.resource_id: f for f in findings(meta001.check(of, build.context(of)))}
    assert (found[SET.id].path, found[SET.id].confidence.value) == ("tags", sure)


def test_a_pool_without_a_scale_set_has_tags_that_nobody_saw() -> None:
    of = build.cluster(build.managed(build.pool(), build.pool("gone")), **NOTHING)
    there = replace(of, scale_sets=Known((build.scale_set(tags=TAGS),)))
    answers = list(meta001.check(there, build.context(there)))
    assert (findings(answers), len(gaps(answers))) == ([], 1)


def test_a_load_balancer_of_another_cluster_is_certain_and_its_writers_are_the_network_s() -> None:
    named = {"aks-managed-cluster-name": "other", "aks-managed-cluster-rg": "rg-shop"}
    other = LoadBalancer(
        id=f"{build.NETWORK}/loadBalancers/kubernetes", name="kubernetes", tags=named
    )
    of = cluster({**TAGS, "aks-managed-poolName": "x"}, load_balancers=Known((other,)))
    on_set, on_balancer = findings(meta001.check(of, build.context(of)))

    assert on_balancer.confidence is Confidence.CONFIRMED
    assert on_balancer.explained_by == {OperationKind.TAGS_WRITE, OperationKind.NETWORK_WRITE}
    assert on_set.confidence is Confidence.CONFIRMED
    nodes = OperationKind.TAGS_WRITE, OperationKind.SCALE_SET_WRITE, OperationKind.NODE_WRITE
    assert on_set.explained_by == set(nodes)


NUMBER = "aks-managed-resourceNameSuffix"
GOOD = "Succeeded"


def test_most_pools_are_right_only_where_every_pool_was_seen_settled() -> None:
    assert edited_beside(GOOD, GOOD) == {SET.id: Confidence.LIKELY}
    unsettled = edited_beside(GOOD, GOOD, "Updating")
    assert unsettled[SET.id] is Confidence.POSSIBLE


def test_nor_while_a_machine_may_be_a_pool_s_unseen() -> None:
    unlisted: dict[str, Any] = {
        "virtual_machines": Known((build.machine("of-nobody-known"),)),
        "machines": {"vms": build.gap("machines")},
    }
    vms = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES)
    assert edited_beside(GOOD, GOOD, pools=(vms,), **unlisted) == {SET.id: Confidence.POSSIBLE}


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


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"team": "web"}, "has web"),
        ({"team": ""}, "has nothing"),
        ({}, "lacks it"),
    ],
)
def test_what_a_scale_set_has_of_a_tag_is_told_and_any_write_may_have_done_it(
    there: dict[str, str], said: str
) -> None:
    of = cluster(TAGS | there, pool={"tags": {"team": "shop"}})
    (view,) = pools.node_pools(of)
    (found,) = meta006.check(view, build.context(of))
    assert found.summary.endswith(f"asks for tag team=shop, {SET.name} {said}")
    assert found.explained_by == {
        OperationKind.TAGS_WRITE,
        OperationKind.SCALE_SET_WRITE,
        OperationKind.NODE_WRITE,
    }
