"""META003 to META005: residents, recorded deeds on tags and groups, locks and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model.facet import Known
from auditor.model.governance import Lock
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.snapshot import Cluster, Resident
from auditor.model.verdict import Confidence, Finding, Severity, Unknown, Verdict
from auditor.rules import meta003_foreign_resident as meta003
from auditor.rules import meta004_node_group_written as meta004
from auditor.rules import meta005_lock_or_policy_in_the_way as meta005
from tests import build
from tests.deeds import BY_AKS, BY_ALICE, BY_BARE, BY_CLUSTER, BY_POLICY, operation

Kind = OperationKind
TAGS = "/providers/Microsoft.Resources/tags/default"
GROUP = build.NODE_GROUP_ID
LB = f"{build.NETWORK}/loadBalancers/kubernetes"
VM = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
ADDRESS = f"{build.NETWORK}/publicIPAddresses/0f3a6b1e-1c2d-4e5f-8a9b-0c1d2e3f4a5b"
SYSTEM = ("properties.tags.aks-managed-poolName",)
WHOLE = ("location", "managedBy", "tags.aks-managed-cluster-name", "tags.aks-managed-cluster-rg")


def told(*operations: Operation, of: Cluster | None = None) -> list[Finding]:
    cluster = of or build.cluster()
    return list(meta004.check(cluster, build.context(cluster, *operations)))


def tags(on: str, paths: tuple[str, ...] = (), **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    name = changes.pop("name", "Microsoft.Resources/tags/write")
    return operation(Kind.TAGS_WRITE, on + TAGS, name=name, request_paths=paths, **changes)


def group(*paths: str, verb: str = "write", **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    name = f"Microsoft.Resources/subscriptions/resourceGroups/{verb}"
    return operation(Kind.GROUP_WRITE, GROUP, name=name, request_paths=paths, **changes)


def gone(on: str, kind: OperationKind = Kind.RESOURCE_DELETE) -> Operation:
    return operation(kind, on, name="Microsoft.X/y/delete")


@pytest.mark.parametrize(
    ("deed", "did"),
    [
        (tags(build.scale_set_id(), SYSTEM), "set system tags of aks-apps-38116459-vmss"),
        (tags(build.scale_set_id(), ("properties.tags.poolName",)), "set system tags of"),
        (tags(build.VNET_ID, SYSTEM), "set system tags of aks-vnet-26180121"),
        (tags(GROUP, name="Microsoft.Resources/tags/delete"), "removed all tags of"),
        (tags(LB, name="Microsoft.Resources/tags/delete"), "removed all tags of kubernetes"),
        (tags(VM, name="Microsoft.Resources/tags/delete"), "removed all tags of"),
        (tags(VM, ("properties.tags.poolName",)), "set system tags of"),
        (tags(ADDRESS, name="Microsoft.Resources/tags/delete"), "removed all tags of"),
        (group("tags.aks-managed-cluster-name"), "changed the node resource group's own metadata"),
        (group("managedBy"), "changed the node resource group's own metadata"),
        (group("location", "tags.env"), "without its system tags"),
        (group(verb="delete"), "deleted the node resource group"),
        (group(verb="moveResources/action"), "moved resources of it"),
        (gone(build.KUBELET_ID), "deleted shop-agentpool"),
        (gone(LB, Kind.NETWORK_DELETE), "deleted kubernetes"),
        (
            operation(Kind.SCALE_SET_WRITE, request_paths=("tags.aks-managed-poolName",)),
            "set system tags of",
        ),
        (
            operation(Kind.NETWORK_WRITE, LB, request_paths=("tags.aks-managed-cluster-rg",)),
            "set system tags of kubernetes",
        ),
    ],
)
def test_deeds_that_the_record_proves(deed: Operation, did: str) -> None:
    (finding,) = told(deed)
    assert did in finding.summary
    assert (finding.severity, finding.verdict) == (Severity.HIGH, Verdict.VIOLATION)


@pytest.mark.parametrize(("verb", "stands"), [("delete", False), ("moveResources/action", True)])
def test_of_a_group_that_was_deleted_nothing_stands(verb: str, *, stands: bool) -> None:
    (finding,) = told(group("managedBy", verb=verb))
    assert finding.standing is stands


@pytest.mark.parametrize(
    "deed",
    [
        tags(build.scale_set_id()),
        tags(build.scale_set_id(), ("operation", "properties.tags")),
        tags(GROUP),
        tags(build.node_id(0)),
        operation(Kind.SCALE_SET_WRITE, request_paths=("tags",)),
        operation(Kind.NODE_WRITE, VM, request_paths=("Tags",)),
        operation(Kind.NETWORK_WRITE, LB, request_paths=("tags",)),
        group("Tags"),
        group(),
        group(*WHOLE),
        group("location"),
    ],
)
def test_deeds_of_which_the_record_says_too_little(deed: Operation) -> None:
    (finding,) = told(deed)
    assert (finding.severity, finding.verdict) == (Severity.LOW, Verdict.WARNING)


PVC = f"{build.COMPUTE}/disks/pvc-1"
OS_DISK = f"{build.COMPUTE}/disks/aks-apps-38116459-vmss_OsDisk_1_0123456789abcdef"
TAGS_SENT = ("tags",)


@pytest.mark.parametrize(
    "deed",
    [
        tags(build.scale_set_id(), ("properties.tags.team",)),
        tags(GROUP, ("properties.tags.poolName",)),
        tags(build.VNET_ID),
        tags(build.VNET_ID, name="Microsoft.Resources/tags/delete"),
        tags(PVC, name="Microsoft.Resources/tags/delete"),
        tags(f"{build.NETWORK}/publicIPAddresses/mine", name="Microsoft.Resources/tags/delete"),
        tags(f"{build.COMPUTE}/virtualMachineScaleSets/mine"),
        tags(f"{build.COMPUTE}/virtualMachines/mine"),
        tags(OS_DISK),
        tags(OS_DISK, name="Microsoft.Resources/tags/delete"),
        tags(build.extension_id("vmssCSE")),
        operation(
            Kind.NETWORK_WRITE, f"{build.NETWORK}/loadBalancers/mine", request_paths=TAGS_SENT
        ),
        operation(Kind.OS_DISK_WRITE, OS_DISK, request_paths=TAGS_SENT),
        operation(Kind.SUBNET_WRITE, build.VNET_ID, request_paths=TAGS_SENT),
        group("tags.env"),
        gone(PVC),
        gone(f"{build.NETWORK}/publicIPAddresses/mine", Kind.NETWORK_DELETE),
        gone(f"{build.KUBELET_ID}/federatedIdentityCredentials/app"),
        operation(Kind.SCALE_SET_WRITE, request_paths=("tags.team",)),
        operation(Kind.SCALE_SET_WRITE, request_paths=("tags.aks-managed-x", "sku.capacity")),
        tags(build.scale_set_id(), SYSTEM, by=BY_AKS),
        tags(build.scale_set_id(), SYSTEM, by=BY_CLUSTER),
        tags(build.scale_set_id(), SYSTEM, status=OperationStatus.FAILED),
        tags(build.GROUP_ID, SYSTEM),
    ],
)
def test_deeds_that_are_nobody_s_matter_or_another_rule_s(deed: Operation) -> None:
    assert told(deed) == []


def test_policy_weighs_medium_and_a_bare_id_is_likely() -> None:
    (by_policy,) = told(tags(GROUP, SYSTEM, by=BY_POLICY))
    (bare,) = told(tags(GROUP, SYSTEM, by=BY_BARE))
    assert by_policy.severity is Severity.MEDIUM
    assert bare.confidence.value == "likely"


def test_a_deletion_stands_until_the_resource_is_back() -> None:
    back = Resident(id=LB.upper(), name="kubernetes", type="Microsoft.Network/loadBalancers")
    (deleted,) = told(gone(LB, Kind.NETWORK_DELETE))
    other = Resident(id=build.KUBELET_ID, name="shop-agentpool", type="identity")
    there = build.cluster(residents=Known((other, back)))
    (again,) = told(gone(LB, Kind.NETWORK_DELETE), of=there)
    assert (deleted.standing, again.standing) == (True, False)


def test_a_tag_s_deed_stands_by_its_state_alone() -> None:
    (finding,) = told(tags(build.scale_set_id(), SYSTEM))
    assert not finding.standing


def test_a_foreign_resident_is_advice_whoever_put_it_there() -> None:
    mine = Resident(
        id=f"{build.NETWORK}/routeTables/rt", name="rt", type="Microsoft.Network/routeTables"
    )
    cluster = build.cluster(residents=Known((mine,)))
    (finding,) = meta003.check(cluster, build.context(cluster))
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, True)


def refused(on: str = LB, code: str = "ScopeLocked", **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {
        "by": BY_AKS,
        "status": OperationStatus.FAILED,
        "name": "Microsoft.Network/loadBalancers/write",
        "failure_code": code,
    }
    return operation(Kind.NETWORK_WRITE, on, **given | changes)


def met(*operations: Operation, **changes: Any) -> list[Finding]:  # noqa: ANN401 (any facet)
    cluster = build.cluster(**{"locks": Known(())} | changes)
    answers = meta005.check(cluster, build.context(cluster, *operations))
    return [answer for answer in answers if isinstance(answer, Finding)]


@pytest.mark.parametrize(
    ("scope", "reaches"),
    [
        (GROUP, True),
        (GROUP.upper(), True),
        (f"/subscriptions/{build.SUBSCRIPTION}", True),
        (LB, True),
        (build.CLUSTER_ID, False),
        (build.GROUP_ID, False),
        (f"{GROUP}-other", False),
    ],
)
def test_which_locks_reach_into_the_group(scope: str, reaches: bool) -> None:
    lock = Lock(
        id=f"{scope}/providers/Microsoft.Authorization/locks/l",
        name="l",
        level="ReadOnly",
        scope=scope,
    )
    found = met(locks=Known((lock,)))
    certain = (Verdict.WARNING, Confidence.CONFIRMED)
    assert [(f.verdict, f.confidence) for f in found] == ([certain] if reaches else [])


def test_refusals_by_one_lock_are_one_finding() -> None:
    by_group: dict[str, Any] = {"blocked_by": (GROUP,)}
    found = met(
        refused(**by_group), refused(build.scale_set_id(), **by_group), refused(blocked_by=(LB,))
    )
    assert {(f.resource_id, "2 times" in f.summary) for f in found} == {(GROUP, True), (LB, False)}
    assert {f.verdict for f in found} == {Verdict.VIOLATION}


def test_two_policies_are_two_findings() -> None:
    found = met(
        refused(code="RequestDisallowedByPolicy", blocked_by=("/policyAssignments/a",)),
        refused(code="RequestDisallowedByPolicy", blocked_by=("/policyAssignments/b",)),
        refused(code="RequestDisallowedByPolicy"),
    )
    assert len({f.identity for f in found}) == 3
    assert {f.resource_id for f in found} == {GROUP}
    assert [("(a)" in f.summary, "(b)" in f.summary) for f in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    "operation",
    [
        refused(by=BY_ALICE),
        refused(code="AllocationFailed"),
        refused(build.CLUSTER_ID),
        refused(status=OperationStatus.SUCCEEDED),
    ],
)
def test_what_was_not_kept_from_aks(operation: Operation) -> None:
    assert met(operation) == []


def test_what_aks_has_done_since_no_longer_stands() -> None:
    later: dict[str, Any] = {
        "when": build.minutes_after(build.NOON, 60),
        "status": OperationStatus.SUCCEEDED,
    }
    (open_,) = met(refused(), refused(by=BY_ALICE, **later))
    (closed,) = met(refused(), refused(**later))
    assert (open_.standing, closed.standing) == (True, False)


def test_what_failed_since_or_was_done_to_another_node_closes_nothing() -> None:
    first, second = build.node_id(1), build.node_id(2)
    later: dict[str, Any] = {"when": build.minutes_after(build.NOON, 60)}
    done: dict[str, Any] = {"status": OperationStatus.SUCCEEDED, **later}
    (failed,) = met(refused(first), refused(first, code="AllocationFailed", **later))
    (elsewhere,) = met(refused(first), refused(second, **done))
    (earlier,) = met(refused(first, **later), refused(first, status=OperationStatus.SUCCEEDED))
    (otherwise,) = met(refused(first), refused(first, name="Microsoft.X/y/delete", **done))
    (same,) = met(refused(first), refused(first.upper(), **done))
    assert otherwise.standing
    assert (failed.standing, elsewhere.standing, earlier.standing) == (True, True, True)
    assert not same.standing


def test_locks_that_cannot_be_read_hide_no_refusal() -> None:
    cluster = build.cluster(locks=build.gap("locks"))
    answers = list(meta005.check(cluster, build.context(cluster, refused())))
    assert [type(answer) for answer in answers] == [Unknown, Finding]


def test_a_cluster_without_a_group_yet_is_told_nothing() -> None:
    young = build.managed(node_resource_group="")
    lock = Lock(id="/l", name="l", level="ReadOnly", scope=f"/subscriptions/{build.SUBSCRIPTION}")
    cluster = build.cluster(young, locks=Known((lock,)))
    assert list(meta005.check(cluster, build.context(cluster))) == []


def test_any_write_of_a_resource_explains_a_resident() -> None:
    vault = Resident(
        id=f"{GROUP}/providers/Microsoft.X/ys/mine", name="mine", type="Microsoft.X/ys"
    )
    of = build.cluster(residents=Known((vault,)))
    (finding,) = meta003.check(of, build.context(of))
    assert isinstance(finding, Finding)
    assert finding.explained_by == {
        Kind.NETWORK_WRITE,
        Kind.NSG_WRITE,
        Kind.VNET_WRITE,
        Kind.NIC_WRITE,
        Kind.RESOURCE_WRITE,
    }
