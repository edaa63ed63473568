"""System tags: on nodes, load balancers, addresses and groups; what is gone, changed, imitated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import network_tags, node_tags, pools, system_tags
from auditor.evidence.network_tags import OUTBOUND
from auditor.evidence.node_tags import Carrier, Peers
from auditor.evidence.system_tags import CLUSTER_GROUP, CLUSTER_NAME, PREFIX, Departure
from auditor.model.aks import PoolKind
from auditor.model.facet import Facet, Gap, Known
from auditor.model.network import LoadBalancer, OutboundRule, PublicAddress
from auditor.model.snapshot import ResourceGroup
from auditor.model.verdict import Confidence
from tests import build

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NUMBER = "26180121"
OWN = {CLUSTER_NAME: "shop", CLUSTER_GROUP: "rg-shop"}
OLD = {
    "poolName": "apps",
    "creationSource": "aks-aks-apps-1-vmss",
    "resourceNameSuffix": NUMBER,
    "orchestrator": "Kubernetes:1.33.5",
}
NEW = {f"{PREFIX}{name}": value for name, value in OLD.items()} | {
    f"{PREFIX}creationSource": "vmssclient-aks-apps-1-vmss",
    f"{PREFIX}createOperationID": GUID,
    f"{PREFIX}kubeletIdentityClientID": build.KUBELET_IDENTITY.client_id,
}
MANAGED = build.managed()


def carrier(tags: Mapping[str, str] = NEW, name: str = "aks-apps-1-vmss", **pool: Any) -> Carrier:  # noqa: ANN401 (any field)
    asked = build.pool(**{"current_kubernetes_version": "1.33.5"} | pool)
    return Carrier(id=f"/{name}", name=name, pool=asked, tags=tags)


def peers(*others: Carrier, numbers: Facet[frozenset[str]] | None = None, **changes: Any) -> Peers:  # noqa: ANN401 (any field)
    named = numbers or Known(frozenset({NUMBER}))
    given: dict[str, Any] = {"tagged": True, "complete": True}
    return Peers(managed=MANAGED, carriers=others, numbers=named, **given | changes)


def found(one: Carrier, *others: Carrier, **changes: Any) -> dict[str, Confidence]:  # noqa: ANN401 (any field)
    """The departures of a carrier beside others, by tag."""
    departures = list(node_tags.departures(one, peers(one, *others, **changes)))
    return {d.tag: d.confidence for d in departures if isinstance(d, Departure)}


def without(tag: str, tags: Mapping[str, str] = NEW) -> dict[str, str]:
    return {name: value for name, value in tags.items() if name != tag}


@pytest.mark.parametrize("tags", [NEW, OLD, NEW | {f"{PREFIX}of-2027": ""}])
def test_tags_as_aks_writes_them_depart_from_nothing(tags: dict[str, str]) -> None:
    assert found(carrier(tags)) == {}


@pytest.mark.parametrize("tag", [*(t for t in NEW if "kubelet" not in t)])
def test_every_tag_of_the_core_is_missed(tag: str) -> None:
    assert found(carrier(without(tag))) == {tag: Confidence.LIKELY}


@pytest.mark.parametrize("tag", OLD)
def test_so_are_the_plain_names_of_old(tag: str) -> None:
    assert found(carrier(without(tag, OLD))) == {tag: Confidence.LIKELY}


def test_a_feature_s_tag_is_not_missed() -> None:
    assert found(carrier(without(f"{PREFIX}kubeletIdentityClientID"))) == {}


@pytest.mark.parametrize(
    ("name", "value", "sure"),
    [
        ("poolName", "web", Confidence.CONFIRMED),
        ("poolName", "Apps", Confidence.CONFIRMED),
        ("creationSource", "vmssclient-aks-apps-2-vmss", Confidence.LIKELY),
        ("createOperationID", "mine", Confidence.LIKELY),
        ("createOperationID", "", None),
        ("orchestrator", "Kubernetes:1.33.4", Confidence.POSSIBLE),
        ("orchestrator", "1.33.5", Confidence.LIKELY),
        ("orchestrator", "Kubernetes:1.33", Confidence.LIKELY),
        ("kubeletIdentityClientID", GUID, Confidence.POSSIBLE),
        ("kubeletIdentityClientID", "", Confidence.POSSIBLE),
        ("kubeletIdentityClientID", "nobody", Confidence.LIKELY),
        ("kubeletIdentityClientID", build.KUBELET_IDENTITY.client_id.upper(), None),
        ("resourceNameSuffix", "26180122", Confidence.LIKELY),
        ("coordination", "false", None),
    ],
)
def test_values_are_held_against_what_they_must_equal(
    name: str, value: str, sure: Confidence | None
) -> None:
    tag = f"{PREFIX}{name}"
    assert found(carrier(NEW | {tag: value})) == ({tag: sure} if sure else {})


def test_a_version_is_not_held_against_a_pool_that_failed_or_says_none() -> None:
    other = NEW | {f"{PREFIX}orchestrator": "Kubernetes:1.33.4"}
    assert found(carrier(other, provisioning_state="Failed")) == {}
    assert found(carrier(other, current_kubernetes_version=None)) == {}


def test_a_carrier_without_any_tag_is_told_once() -> None:
    assert found(carrier({"team": "shop"})) == {system_tags.EVERY: Confidence.LIKELY}
    assert found(carrier({}), tagged=False) == {system_tags.EVERY: Confidence.POSSIBLE}


def test_names_in_lower_case_are_only_leads() -> None:
    lowered = {name.casefold(): value for name, value in NEW.items()}
    assert set(found(carrier(lowered)).values()) == {Confidence.POSSIBLE}


def test_an_imitation_is_named() -> None:
    tags = without(f"{PREFIX}poolName") | {f"{PREFIX}poolNarne": "apps", "team": "shop"}
    (departure,) = node_tags.departures(carrier(tags), peers(carrier(tags)))
    assert isinstance(departure, Departure)
    assert departure.what.endswith(f"; {PREFIX}poolNarne stands there instead")


def test_one_system_tag_does_not_imitate_another() -> None:
    tags = without(f"{PREFIX}createOperationID") | {f"{PREFIX}operationID": GUID}
    (departure,) = node_tags.departures(carrier(tags), peers(carrier(tags)))
    assert isinstance(departure, Departure)
    assert departure.imitation == ""


SUFFIX = f"{PREFIX}resourceNameSuffix"
EDITED = carrier(NEW | {SUFFIX: "26180122"})
OTHER = carrier(NEW | {f"{PREFIX}creationSource": "vmssclient-b"}, "b")
THIRD = carrier(NEW | {f"{PREFIX}creationSource": "vmssclient-c"}, "c")
NOTHING = Known(frozenset[str]())


def test_where_all_pools_say_another_number_than_the_names_it_is_a_lead() -> None:
    same = carrier({**EDITED.tags, f"{PREFIX}creationSource": "vmssclient-b"}, "b")
    assert found(EDITED, same) == {SUFFIX: Confidence.POSSIBLE}


def test_without_names_most_pools_are_right() -> None:
    assert found(EDITED, OTHER, THIRD, numbers=NOTHING) == {SUFFIX: Confidence.LIKELY}
    assert found(OTHER, EDITED, THIRD, numbers=NOTHING) == {}


def test_without_names_two_pools_that_disagree_are_leads() -> None:
    assert found(EDITED, OTHER, numbers=NOTHING) == {SUFFIX: Confidence.POSSIBLE}
    assert found(OTHER, EDITED, numbers=NOTHING) == {SUFFIX: Confidence.POSSIBLE}


def test_what_not_all_pools_say_settles_nothing() -> None:
    assert found(EDITED, OTHER, THIRD, complete=False) == {SUFFIX: Confidence.POSSIBLE}


def test_a_decoy_beside_the_true_name_settles_nothing_but_by_the_pools() -> None:
    decoy = Known(frozenset({NUMBER, "26180122"}))
    assert found(EDITED, OTHER, THIRD, numbers=decoy) == {SUFFIX: Confidence.LIKELY}


def test_of_two_names_the_one_that_a_pool_bears_out_is_right() -> None:
    decoy = Known(frozenset({NUMBER, "26180123"}))
    assert found(EDITED, OTHER, numbers=decoy) == {SUFFIX: Confidence.LIKELY}
    assert found(OTHER, EDITED, numbers=decoy) == {}


def test_without_names_pools_that_agree_are_right() -> None:
    assert found(OTHER, THIRD, numbers=NOTHING) == {}


def test_where_nothing_settles_the_number_no_pool_is_more_than_a_lead() -> None:
    silent = carrier(without(SUFFIX, THIRD.tags), "c")
    every = peers(EDITED, OTHER, silent, numbers=NOTHING)
    (departure,) = node_tags.departures(EDITED, every)
    assert isinstance(departure, Departure)
    assert (departure.expected, departure.confidence) == (
        "the same on every pool",
        Confidence.POSSIBLE,
    )


def test_a_cluster_that_names_no_kubelet_identity_says_nothing_of_it() -> None:
    nobody = build.managed(identities=())
    assert list(node_tags.departures(carrier(), replace(peers(carrier()), managed=nobody))) == []


@pytest.mark.parametrize("unread", ["security_groups", "virtual_networks"])
def test_the_numbers_of_the_names_need_every_list(unread: str) -> None:
    of = replace(build.cluster(), **{unread: build.gap()})
    assert node_tags.peers(of, [], complete=True).numbers == build.gap()


@pytest.mark.parametrize("tags", [OWN, {CLUSTER_NAME: "shop"}, {CLUSTER_GROUP: "rg-shop"}])
def test_the_node_resource_group_shows_that_aks_tags_what_it_makes(tags: dict[str, str]) -> None:
    def tagged(of: Facet[ResourceGroup]) -> bool:
        cluster = build.cluster(node_resource_group=of)
        return node_tags.peers(cluster, [], complete=True).tagged

    assert tagged(group(tags))
    assert not tagged(group({}))
    assert not tagged(build.gap())


def test_names_that_cannot_be_read_leave_the_number_untold() -> None:
    gap = build.gap()
    departures = list(node_tags.departures(EDITED, peers(EDITED, numbers=gap)))
    assert departures == [gap]


def test_carriers_of_machines_are_the_machines() -> None:
    pool = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=1)
    there = build.machine("aks-vms-26193347-vm0", tags=NEW)
    cluster = build.cluster(build.managed(pool), scale_sets=(), virtual_machines=Known((there,)))
    (view,) = pools.node_pools(cluster)
    (one,) = node_tags.carriers(view).require()
    assert (one.id, one.tags) == (there.id, NEW)


def test_machines_that_cannot_be_read_leave_a_gap() -> None:
    asked = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES)
    cluster = build.cluster(build.managed(asked), scale_sets=(), virtual_machines=build.gap())
    (view,) = pools.node_pools(cluster)
    assert node_tags.carriers(view) == build.gap()


def group(tags: Mapping[str, str] = OWN) -> Facet[ResourceGroup]:
    return Known(ResourceGroup(id=build.NODE_GROUP_ID, name=build.NODE_GROUP, tags=tags))


def balancer(tags: Mapping[str, str] = OWN, name: str = "kubernetes") -> LoadBalancer:
    rules = (OutboundRule(name="aksOutboundRule"),)
    return LoadBalancer(id=f"/{name}", name=name, tags=tags, outbound_rules=rules)


LB = f"{build.NETWORK}/loadBalancers/kubernetes/frontendIPConfigurations/x"


def address(tags: Mapping[str, str], name: str = GUID, owner: str | None = LB) -> PublicAddress:
    return PublicAddress(id=f"/{name}", name=name, tags=tags, owner_id=owner)


def of_balancer(one: LoadBalancer, of: Facet[ResourceGroup] | None = None) -> list[Any]:
    return summed(network_tags.of_load_balancer(one, MANAGED, of or group()))


def of_address(one: PublicAddress, of: Facet[ResourceGroup] | None = None) -> list[Any]:
    return summed(network_tags.of_address(one, MANAGED, of or group()))


def summed(departures: Any) -> list[Any]:  # noqa: ANN401 (departures and gaps)
    return [d if isinstance(d, Gap) else (d.tag, d.confidence.value) for d in departures]


def test_a_load_balancer_names_its_cluster_in_any_case() -> None:
    assert of_balancer(balancer()) == []
    assert of_balancer(balancer({CLUSTER_NAME: "SHOP", CLUSTER_GROUP: "RG-Shop"})) == []


def test_a_load_balancer_of_another_cluster_or_of_half_a_one() -> None:
    assert of_balancer(balancer(OWN | {CLUSTER_NAME: "x"})) == [(CLUSTER_NAME, "confirmed")]
    assert of_balancer(balancer({CLUSTER_NAME: "shop"})) == [(CLUSTER_GROUP, "likely")]


def test_a_load_balancer_without_tags_is_a_lead_if_the_group_has_them() -> None:
    lost = [(CLUSTER_NAME, "possible"), (CLUSTER_GROUP, "possible")]
    assert of_balancer(balancer({})) == lost
    assert of_balancer(balancer({}), group({})) == []
    assert of_balancer(balancer({}, "kubernetes-internal")) == []
    assert of_balancer(replace(balancer({}), outbound_rules=())) == []
    beside = replace(
        balancer({}), outbound_rules=(OutboundRule(name="own"), *balancer().outbound_rules)
    )
    assert of_balancer(beside) == lost
    gap = build.gap()
    assert of_balancer(balancer({}), gap) == [gap]


OUT = {**OWN, system_tags.TYPE: OUTBOUND}


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (OUT, []),
        ({"type": OUTBOUND, "owner": "kubernetes"}, []),
        (OWN | {"type": OUTBOUND}, []),
        (OWN, [(system_tags.TYPE, "likely")]),
        (OUT | {system_tags.TYPE: f"{OUTBOUND}s"}, [(system_tags.TYPE, "likely")]),
        (OUT | {system_tags.TYPE: "gateway"}, [(system_tags.TYPE, "possible")]),
        ({}, [(CLUSTER_NAME, "possible"), (CLUSTER_GROUP, "possible")]),
        (OUT | {CLUSTER_NAME: "other"}, [(CLUSTER_NAME, "confirmed")]),
    ],
)
def test_addresses_by_which_nodes_leave(tags: dict[str, str], told: list[Any]) -> None:
    assert of_address(address(tags)) == told


def test_addresses_of_old_groups_and_gateways_and_people_carry_what_they_like() -> None:
    assert of_address(address({}), group({})) == []
    assert of_address(address({}, owner=None)) == []
    assert of_address(address(OWN, owner=f"{build.NETWORK}/natGateways/aks")) == []
    assert of_address(address({"team": "shop"}, "ip-ingress")) == []


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({CLUSTER_NAME: "shop"}, {CLUSTER_GROUP, system_tags.TYPE}),
        ({system_tags.TYPE: f"{OUTBOUND}s"}, {system_tags.TYPE}),
    ],
)
def test_an_address_of_another_name_is_aks_own_by_a_tag_that_is_left(
    tags: dict[str, str], told: set[str]
) -> None:
    assert {tag for tag, _ in of_address(address(tags, "ip-renamed"))} == told


SERVICE = {"k8s-azure-service": "ingress/gateway", "k8s-azure-cluster-name": "kubernetes"}
OF_SERVICE = "kubernetes-a8f133f1e3cba4f27af56e388ef212e2"


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (SERVICE, []),
        (SERVICE | {"k8s-azure-service": "a/b,c/d"}, []),
        ({"service": "a/b", "kubernetes-cluster-name": "kubernetes"}, []),
        ({}, [("k8s-azure-service", "likely"), ("k8s-azure-cluster-name", "likely")]),
        (SERVICE | {"k8s-azure-service": "gateway"}, [("k8s-azure-service", "likely")]),
        (SERVICE | {"k8s-azure-cluster-name": "k"}, [("k8s-azure-cluster-name", "possible")]),
    ],
)
def test_addresses_of_services(tags: dict[str, str], told: list[Any]) -> None:
    assert of_address(address(tags, OF_SERVICE)) == told
    assert of_address(address(tags, OF_SERVICE, owner=None)) == []


def since(earlier: dict[str, str], tags: dict[str, str]) -> list[tuple[str, str]]:
    departures = system_tags.since(earlier, tags, build.NOON)
    return [(d.tag, d.confidence.value) for d in departures]


def test_what_an_earlier_run_saw_and_aks_never_changes_is_missed() -> None:
    seen = {f"tags.{name}": value for name, value in NEW.items()}
    assert since(seen, NEW) == []
    assert since(seen, NEW | {f"{PREFIX}createOperationID": GUID[::-1]}) == [
        (f"{PREFIX}createOperationID", "likely")
    ]
    assert since(seen, NEW | {f"{PREFIX}orchestrator": "Kubernetes:1.34.0"}) == []
    assert since({f"tags.{PREFIX}coordination": "true"}, {}) == [
        (f"{PREFIX}coordination", "possible")
    ]
    assert since({"tags.poolName": "apps", "tags.orchestrator": "x"}, {}) == [
        ("poolName", "likely"),
        ("orchestrator", "possible"),
    ]
    assert since({"tags.team": "shop", "sku.name": "x", "poolName": "x"}, {}) == []


@pytest.mark.parametrize(
    "name",
    [
        "poolName",
        "creationSource",
        "resourceNameSuffix",
        "createOperationID",
        "cluster-name",
        "cluster-rg",
        "type",
    ],
)
def test_what_aks_never_changes_is_likely_someone_else_s_doing(name: str) -> None:
    tag = f"{PREFIX}{name}"
    assert since({f"tags.{tag}": "a"}, {tag: "b"}) == [(tag, "likely")]
    assert since({f"tags.{tag}": "a"}, {}) == [(tag, "likely")]


def test_of_several_sources_the_surest_speaks() -> None:
    weak = system_tags.gone("x", {}, Confidence.POSSIBLE, "a")
    strong = system_tags.gone("x", {}, Confidence.LIKELY, "b")
    assert system_tags.surest([weak, strong, weak]) == (strong,)
    as_strong = system_tags.gone("x", {}, Confidence.LIKELY, "c")
    assert system_tags.surest([strong, as_strong]) == (strong,)


def test_a_departure_says_what_stands_there_and_what_should() -> None:
    tags = {CLUSTER_NAME: "", CLUSTER_GROUP: "rg-other"}
    named, grouped = system_tags.of_ownership(tags, MANAGED)
    assert named.what == f"says nothing in tag {CLUSTER_NAME}, not shop"
    assert grouped.what == f"says rg-other in tag {CLUSTER_GROUP}, not rg-shop"
    missing = system_tags.gone(CLUSTER_NAME, {}, Confidence.LIKELY, "a run saw it")
    assert (missing.what, missing.expected) == (f"lacks tag {CLUSTER_NAME}", "present")
    known = system_tags.gone(CLUSTER_NAME, {}, Confidence.LIKELY, "a run saw it", "shop")
    assert known.expected == "shop"
    every = system_tags.gone(system_tags.EVERY, {}, Confidence.LIKELY, "a run saw it")
    assert every.what == "lacks its tags aks-managed-*"


def test_names_of_tags_are_read_from_requests() -> None:
    paths = ("properties.tags.aks-managed-poolName", "tags.compute.aks.billing", "sku.name", "tags")
    assert system_tags.named_in(paths) == {"aks-managed-poolName", "compute.aks.billing"}


@pytest.mark.parametrize(
    ("tag", "on_node", "system"),
    [
        ("AKS-managed-x", False, True),
        ("k8s-azure-service", False, True),
        ("poolname", True, True),
        ("poolname", False, False),
        ("createOperationID", True, True),
        ("team", True, False),
        ("aks-nic-secondary-count", True, False),
    ],
)
def test_which_names_are_the_system_s(tag: str, on_node: bool, system: bool) -> None:
    assert system_tags.is_system(tag, on_node=on_node) is system
