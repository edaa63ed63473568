"""VMSS007: which identities AKS needs on its nodes, and how sure it is that one is foreign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import standalone
from auditor.evidence.pools import node_pools
from auditor.model.aks import PoolKind
from auditor.model.facet import Known
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import vmss007_identity_of_nodes_changed as rule
from tests import build

OF_NODES = f"{build.NODE_GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
ELSEWHERE = "/subscriptions/s/resourceGroups/{}/providers/Microsoft.ManagedIdentity/x/{}"
MARK = {"aks-managed-kubeletIdentityClientID": build.KUBELET_IDENTITY.client_id.upper()}
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def view(managed: dict[str, Any] | None = None, **scale_set: Any) -> NodePoolView:  # noqa: ANN401 (any field)
    of = build.cluster(build.managed(**(managed or {})), scale_sets=[build.scale_set(**scale_set)])
    return node_pools(of)[0]


def check(of: NodePoolView) -> list[Finding | Unknown]:
    return list(rule.check(of, build.context()))


def beside(identity_id: str, **of: Any) -> list[tuple[str, Confidence]]:  # noqa: ANN401 (any field)
    answers = check(view(identity_ids=(build.KUBELET_ID, identity_id), **of))
    return [(str(a.actual), a.confidence) for a in answers if isinstance(a, Finding)]


@pytest.mark.parametrize(
    "identity_id",
    [
        build.KUBELET_ID.upper(),
        f"{OF_NODES}/AzurePolicy-Shop",
        f"{OF_NODES}/ext-{GUID}-shop",
        f"{OF_NODES}/ext-{GUID.replace('-', '')}-shop",
        ELSEWHERE.format("AzSecPackAutoConfigRG", "AzSecPackAutoConfigUA-westeurope"),
    ],
)
def test_identities_that_aks_needs_or_microsoft_brings(identity_id: str) -> None:
    assert beside(identity_id) == []


@pytest.mark.parametrize(
    ("identity_id", "sure"),
    [
        (f"{OF_NODES}/omsagent-shop", Confidence.POSSIBLE),
        (f"{OF_NODES}/omsagent-shop2", Confidence.LIKELY),
        (f"{OF_NODES}/omsagent", Confidence.POSSIBLE),
        (f"{OF_NODES}/ext-{GUID}-other", Confidence.LIKELY),
        (f"{OF_NODES}/ext-mine-shop", Confidence.LIKELY),
        (ELSEWHERE.format("rg", "omsagent-shop"), Confidence.LIKELY),
        (ELSEWHERE.format("rg", "AzSecPackAutoConfigUA-westeurope"), Confidence.LIKELY),
        (ELSEWHERE.format("AzSecPackAutoConfigRG", "mine"), Confidence.LIKELY),
        (ELSEWHERE.format("Built-In-Identity-RG", "Built-In-Identity-eu"), Confidence.POSSIBLE),
        (ELSEWHERE.format("rg", "Built-In-Identity-eu"), Confidence.LIKELY),
        (str(build.CONTROL_PLANE_IDENTITY.resource_id), Confidence.LIKELY),
    ],
)
def test_an_identity_that_the_cluster_does_not_name(identity_id: str, sure: Confidence) -> None:
    assert beside(identity_id) == [(identity_id, sure)]


def test_the_monitor_agent_s_identity_is_told_by_its_group_and_its_name() -> None:
    built_in = ELSEWHERE.format("Built-In-Identity-RG", "Built-In-Identity-westeurope")
    assert [sure for _, sure in beside(built_in)] == [Confidence.POSSIBLE]
    for group, name in (("Built-In-Identity-RG", "mine"), ("rg", "Built-In-Identity-westeurope")):
        assert [sure for _, sure in beside(ELSEWHERE.format(group, name))] == [Confidence.LIKELY]


def test_the_control_plane_s_identity_on_a_node_vm_is_a_lead() -> None:
    both = (build.KUBELET_ID, f"{build.IDENTITIES}/id-shop")
    (found,) = check(machine(identity_type="UserAssigned", identity_ids=both))
    assert isinstance(found, Finding)
    assert found.confidence is Confidence.POSSIBLE
    assert "that of the cluster's control plane" in found.summary
    other = (build.KUBELET_ID, f"{build.IDENTITIES}/id-other")
    (found,) = check(machine(identity_type="UserAssigned", identity_ids=other))
    assert isinstance(found, Finding)
    assert found.confidence is Confidence.LIKELY


def test_a_kubelet_identity_that_is_not_named_cannot_be_missed() -> None:
    unnamed = (replace(build.KUBELET_IDENTITY, resource_id=""),)
    assert check(view({"identities": unnamed}, identity_type=None, identity_ids=())) == []


def test_beside_the_monitor_agent_an_identity_is_a_lead() -> None:
    agent = build.extension(
        "ama", publisher="Microsoft.Azure.Monitor", type="AzureMonitorLinuxAgent"
    )
    usual = build.scale_set().extensions
    found = beside(ELSEWHERE.format("rg", "id-ama"), extensions=(*usual, agent))
    assert [sure for _, sure in found] == [Confidence.POSSIBLE]
    without = beside(ELSEWHERE.format("rg", "id-ama"), extensions=usual)
    assert [sure for _, sure in without] == [Confidence.LIKELY]


@pytest.mark.parametrize(
    "addon",
    [
        "ACCSGXDevicePlugin",
        "aciConnectorLinux",
        "azureKeyvaultSecretsProvider",
        "azurepolicy",
        "httpApplicationRouting",
        "ingressApplicationGateway",
        "kubeDashboard",
        "omsagent",
        "webAppRouting",
    ],
)
def test_an_identity_called_after_an_add_on_that_is_not_on_is_a_lead(addon: str) -> None:
    named = f"{OF_NODES}/{addon}-shop"
    assert beside(named, managed={"identities": (build.KUBELET_IDENTITY,)}) == [
        (named, Confidence.POSSIBLE)
    ]


def test_pod_identity_explains_any_but_not_that_the_kubelets_is_gone() -> None:
    pods = {"pod_identity": True}
    assert beside(ELSEWHERE.format("rg", "pod"), managed=pods) == []
    (found,) = check(view(pods, identity_ids=("/x/pod",), tags=MARK))
    assert isinstance(found, Finding)
    assert found.expected == build.KUBELET_ID


@pytest.mark.parametrize(
    ("tags", "sure"),
    [
        (MARK, Confidence.CONFIRMED),
        ({}, Confidence.POSSIBLE),
        ({"aks-managed-kubeletIdentityClientID": ""}, Confidence.POSSIBLE),
        ({"aks-managed-kubeletIdentityClientID": "another"}, Confidence.POSSIBLE),
    ],
)
def test_a_missing_kubelet_identity_is_sure_where_aks_marked_it(
    tags: dict[str, str], sure: Confidence
) -> None:
    (found,) = check(view(identity_type=None, identity_ids=(), tags=tags))
    assert isinstance(found, Finding)
    assert (found.confidence, found.actual) == (sure, "none")


def test_a_kubelet_identity_without_client_id_matches_no_empty_mark() -> None:
    nameless = replace(build.KUBELET_IDENTITY, client_id="")
    of = view({"identities": (nameless,)}, identity_type=None, identity_ids=())
    (found,) = check(of)
    assert isinstance(found, Finding)
    assert found.confidence is Confidence.POSSIBLE


def test_a_cluster_with_a_service_principal_needs_none() -> None:
    assert check(view({"identities": ()}, identity_type=None, identity_ids=())) == []


@pytest.mark.parametrize(
    ("tags", "sure"),
    [
        ({}, Confidence.LIKELY),
        ({"aks-managed-ssh-access": "LocalUser"}, Confidence.LIKELY),
        ({"aks-managed-ssh-access": "entraId"}, Confidence.POSSIBLE),
    ],
)
def test_aks_assigns_no_system_identity(tags: dict[str, str], sure: Confidence) -> None:
    (found,) = check(view(identity_type="systemassigned,userassigned", tags=tags))
    assert isinstance(found, Finding)
    assert (found.path, found.confidence) == ("identity.type", sure)


def test_identities_that_azure_left_out_are_not_missing() -> None:
    first, second = check(view(identity_type="SystemAssigned, UserAssigned", identity_ids=()))
    assert isinstance(first, Finding)
    assert isinstance(second, Unknown)
    assert "did not name" in second.gap.message
    assert second.gap.collector == "scale_sets"


def machine(**of: Any) -> NodePoolView:  # noqa: ANN401 (any field)
    """A node VM of the pool, in place of a scale set."""
    managed = build.managed(build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES))
    there = Known((build.machine("aks-vms-26193347-vm0", **of),))
    return node_pools(build.cluster(managed, scale_sets=[], virtual_machines=there))[0]


@pytest.mark.parametrize("carrier", [view, machine])
@pytest.mark.parametrize("kind", [None, "None", "SystemAssigned"])
def test_a_type_without_user_assigned_identities_tells_that_there_are_none(
    kind: str | None, carrier: Callable[..., NodePoolView]
) -> None:
    answers = check(carrier(identity_type=kind, identity_ids=()))
    said = [answer.summary for answer in answers if isinstance(answer, Finding)]
    assert len(said) == len(answers)
    assert any("lack the kubelet's identity" in one for one in said)


def test_identities_of_a_node_vm_that_azure_left_out_are_not_missing() -> None:
    (answer,) = check(machine(identity_type="UserAssigned", identity_ids=()))
    assert isinstance(answer, Unknown)
    assert answer.gap.collector == "virtual_machines"


def test_what_the_cluster_names_is_told_beside_what_the_nodes_have() -> None:
    (on_set,) = check(view(identity_ids=(build.KUBELET_ID, f"{OF_NODES}/mine")))
    assert isinstance(on_set, Finding)
    assert [step.text for step in on_set.evidence] == [
        "the cluster names azurepolicy-shop, shop-agentpool",
        "the scale set has shop-agentpool, mine (type UserAssigned)",
    ]
    assert on_set.summary.startswith("Nodes of node pool apps have identity mine, ")
    assert "node VM" not in on_set.summary
    served = {"identities": (), "service_principal_client_id": GUID}
    (bare,) = check(view(served, identity_type="SystemAssigned", identity_ids=()))
    assert isinstance(bare, Finding)
    assert [step.text for step in bare.evidence] == [
        "the cluster names no identity of nodes",
        "the scale set has none (type SystemAssigned)",
    ]


def test_where_aks_names_no_kubelet_identity_no_identity_is_a_stranger() -> None:
    of = view({"identities": ()}, identity_ids=(f"{OF_NODES}/shop-agentpool",))
    (unknown,) = check(of)
    assert isinstance(unknown, Unknown)
    assert unknown.gap.code == "KubeletIdentityNotNamed"


def test_a_cluster_with_a_service_principal_has_no_kubelet_identity_to_name() -> None:
    given = {"identities": (), "service_principal_client_id": GUID}
    (finding,) = check(view(given, identity_ids=(f"{OF_NODES}/shop-agentpool",)))
    assert isinstance(finding, Finding)


def on_karpenters_node(*identity_ids: str, nap: bool) -> list[tuple[str, Confidence]]:
    node = build.machine(
        "aks-default-2jf98",
        tags={"karpenter.sh_nodepool": "default"},
        identity_type="UserAssigned" if identity_ids else None,
        identity_ids=identity_ids,
    )
    of = build.cluster(build.managed(node_provisioning=nap), virtual_machines=Known((node,)))
    apart = standalone.nodes_of(of)
    assert apart is not None
    answers = list(rule.check(apart, build.context()))
    assert not any(isinstance(a, Unknown) for a in answers)
    return [(str(a.actual), a.confidence) for a in answers if isinstance(a, Finding)]


MINE = f"{OF_NODES}/mine"


@pytest.mark.parametrize(
    ("identity_ids", "nap", "told"),
    [
        ((build.KUBELET_ID,), True, []),
        ((build.KUBELET_ID, f"{OF_NODES}/azurepolicy-shop"), True, []),
        ((build.KUBELET_ID, MINE), True, [(MINE, Confidence.LIKELY)]),
        ((build.KUBELET_ID, MINE), False, [(MINE, Confidence.POSSIBLE)]),
        ((), True, [("none", Confidence.POSSIBLE)]),
        ((), False, []),
    ],
)
def test_whoever_runs_karpenter_may_choose_the_identities_of_its_nodes(
    identity_ids: tuple[str, ...], nap: bool, told: list[tuple[str, Confidence]]
) -> None:
    assert on_karpenters_node(*identity_ids, nap=nap) == told
