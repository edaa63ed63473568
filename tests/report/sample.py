"""A small tenant, judged by hand: what the report's tests and its golden files are made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor import policy
from auditor.model.aks import ManagedCluster, NetworkProfile, NodePool
from auditor.model.compute import Instance, PowerState, ScaleSet
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.operation import (
    ActivityLog,
    Actor,
    ActorKind,
    Operation,
    OperationKind,
    OperationStatus,
)
from auditor.model.report import UnitResult
from auditor.model.rule import Context, LoadedRule, Rule, Subject
from auditor.model.run import CallRow, NoteRow, RunRow, ScopeRow, ToolRow
from auditor.model.snapshot import Cluster, Snapshot, Subscription
from auditor.model.verdict import (
    Clock,
    ClockKind,
    ClusterEvaluation,
    Confidence,
    Evidence,
    Finding,
    Judgement,
    RuleVerdict,
    Severity,
    Verdict,
)
from auditor.report.build import rule_rows, unit
from auditor.report.view import Header, Report

NOW = datetime(2026, 11, 22, 6, 50, 52, tzinfo=UTC)
SHOP = Subscription(
    id="11111111-1111-1111-1111-111111111111",
    name="Shop production",
    tenant_id="99999999-9999-9999-9999-999999999999",
    state="Enabled",
)
LABS = Subscription(
    id="22222222-2222-2222-2222-222222222222",
    name="Labs",
    tenant_id=SHOP.tenant_id,
    state="Enabled",
)
CLOSED = Subscription(
    id="33333333-3333-3333-3333-333333333333",
    name="Finance",
    tenant_id=SHOP.tenant_id,
    state="Enabled",
)
HOSTILE = "prod\u202etxt<img src=x onerror=alert(1)>"
SCRIPT = "</script><script>alert(1)</script>{{ 7*7 }}"


def rule(rule_id: str, title: str, *clauses: str, severity: Severity = Severity.HIGH) -> LoadedRule:
    """A rule that finds nothing by itself: the sample is judged by hand."""
    return LoadedRule(
        rule=Rule(
            id=rule_id,
            title=title,
            severity=severity,
            clauses=clauses,
            docs_url="https://learn.microsoft.com/azure/aks/support-policies",
            since="0.1.0",
            judges=Subject.CLUSTER,
        ),
        check=_finds_nothing,
        summary=f"{title}.",
        sections=(
            ("What it finds", f"{title}, as ``{rule_id}`` sees it.\n\n- one case\n- another case"),
            ("Why it matters", "Microsoft does not support nodes that were changed\nthis way."),
            ("What is not flagged", "What AKS does by itself."),
            ("How to fix it", "Have AKS write its own settings again: `az aks update`."),
        ),
    )


def _finds_nothing(_subject: object, _context: Context) -> Iterator[Finding]:
    return iter(())


RULES = (
    rule("GOV001", "Node resource group is not locked down", "C5", severity=Severity.INFO),
    rule("META003", "A foreign resource lies in the node resource group", "C5"),
    rule("PWR002", "Every node is deallocated", "C8", severity=Severity.CRITICAL),
    rule("PWR004", "The cluster is stopped", "C7", severity=Severity.CRITICAL),
    rule("VMSS001", "The scale set differs from its node pool", "C1", "C5"),
    rule("VMSS010", "Nodes were written outside AKS", "C1", "C5"),
)


def cluster_id(subscription: Subscription, name: str) -> str:
    """The id of a cluster in the sample's one resource group."""
    group = f"/subscriptions/{subscription.id}/resourceGroups/rg-{name[:4]}"
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


def scale_set_id(subscription: Subscription, cluster_name: str) -> str:
    """The id of the cluster's only scale set."""
    group = f"/subscriptions/{subscription.id}/resourceGroups/nodes-{cluster_name[:4]}"
    return f"{group}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-system-12345678-vmss"


def cluster(subscription: Subscription, name: str, **more: Any) -> Cluster:  # noqa: ANN401 (any field)
    """A healthy cluster of one pool with three running nodes; ``more`` replaces its fields."""
    scale_set = ScaleSet(
        id=scale_set_id(subscription, name),
        name="aks-system-12345678-vmss",
        capacity=3,
        tags={"aks-managed-poolName": "system"},
    )
    fields: dict[str, Any] = {
        "id": cluster_id(subscription, name),
        "subscription": subscription,
        "managed": Known(managed(subscription, name)),
        "node_resource_group": _unread("node_resource_group"),
        "residents": Known(()),
        "scale_sets": Known((scale_set,)),
        "instances": {scale_set.id.casefold(): Known(tuple(_instances(scale_set)))},
        "virtual_machines": Known(()),
        "security_groups": Known(()),
        "virtual_networks": Known(()),
        "subnets": {},
        "activity": Known(ActivityLog(since=NOW - timedelta(days=14), until=NOW)),
    }
    return Cluster(**(fields | more))


def managed(subscription: Subscription, name: str, **more: Any) -> ManagedCluster:  # noqa: ANN401 (any field)
    """The cluster as AKS describes it."""
    fields: dict[str, Any] = {
        "id": cluster_id(subscription, name),
        "name": name,
        "location": "westeurope",
        "tags": {"Owner-Email": "shop-platform@contoso.example", "costCenter": "4711"},
        "resource_uid": "65f0c0ffee0000000000beef",
        "sku_tier": "Standard",
        "support_plan": "KubernetesOfficial",
        "kubernetes_version": "1.34",
        "current_kubernetes_version": "1.34.2",
        "node_resource_group": f"nodes-{name[:4]}",
        "network": NetworkProfile(plugin="azure", plugin_mode="overlay"),
        "upgrade_channel": "patch",
        "node_os_upgrade_channel": "NodeImage",
        "pools": (
            NodePool(
                name="system",
                mode="System",
                os_sku="Ubuntu",
                count=3,
                vm_size="Standard_D4s_v5",
                current_kubernetes_version="1.34.2",
                node_image_version="AKSUbuntu-2204gen2containerd-202510.27.0",
            ),
        ),
    }
    return ManagedCluster(**(fields | more))


def _instances(scale_set: ScaleSet) -> Iterable[Instance]:
    for number in range(3):
        yield Instance(
            id=f"{scale_set.id}/virtualMachines/{number}",
            instance_id=str(number),
            power=PowerState(code="running"),
        )


def _unread(what: str) -> Gap:
    return Gap(scope="", collector=what, outcome=Outcome.SKIPPED, message="it was not read")


ALICE = Operation(
    id="op-alice",
    name="Microsoft.Compute/virtualMachineScaleSets/write",
    kind=OperationKind.SCALE_SET_WRITE,
    resource_id=scale_set_id(SHOP, "checkout-weu"),
    status=OperationStatus.SUCCEEDED,
    started_at=datetime(2026, 11, 19, 14, 3, 11, tzinfo=UTC),
    correlation_id="c0ffee00-0000-4000-8000-000000000001",
    actor=Actor(
        kind=ActorKind.USER,
        name="alice@contoso.example",
        id="aaaaaaaa-0000-4000-8000-00000000000a",
        client="Azure portal",
        address="203.0.113.7",
        positive=True,
    ),
    policies=(
        f"/subscriptions/{SHOP.id}/providers/Microsoft.Authorization/policyAssignments/sizes",
    ),
)
NO_NODES = Clock(
    kind=ClockKind.NO_NODES,
    started_earliest=NOW - timedelta(days=27, hours=3),
    started_latest=NOW - timedelta(days=19),
    deadline_earliest=NOW + timedelta(days=2, hours=21),
    deadline_latest=NOW + timedelta(days=11),
    days_left=2,
    basis="not before 2026-10-26 03:50Z: the last operation that started a node; "
    "not after 2026-11-03 06:50Z: the disks were detached",
)
STOPPED = Clock(
    kind=ClockKind.STOPPED,
    started_earliest=None,
    started_latest=NOW - timedelta(days=90),
    deadline_earliest=None,
    deadline_latest=NOW + timedelta(days=275),
    days_left=None,
    basis="not after 2026-08-24 06:50Z: the activity log reaches no further back",
)
REFUSED = Gap(
    scope=f"/subscriptions/{LABS.id}/resourceGroups/nodes-lab1",
    collector="scale_sets",
    outcome=Outcome.DENIED,
    status=403,
    code="AuthorizationFailed",
    message="the identity may not list scale sets in nodes-lab1",
    permission="Microsoft.Compute/virtualMachineScaleSets/read",
    at=NOW,
)
UPGRADING = Gap(
    scope=cluster_id(LABS, "lab2-neu"),
    collector="transition",
    outcome=Outcome.TRANSITION,
    code="Transition",
    message="lab2-neu is in state Upgrading: what it should look like is not settled",
)
UNLISTED = Gap(
    scope=f"/subscriptions/{CLOSED.id}",
    collector="clusters",
    outcome=Outcome.DENIED,
    status=403,
    code="AuthorizationFailed",
    message="the identity may not list clusters in this subscription",
    permission="Microsoft.ContainerService/managedClusters/read",
    at=NOW,
)


def finding(resource_id: str, **more: Any) -> Finding:  # noqa: ANN401 (any field)
    """A confirmed violation of severity high; ``more`` replaces its fields."""
    fields: dict[str, Any] = {
        "resource_id": resource_id,
        "path": "sku.name",
        "summary": "Scale set has another VM size than node pool system",
        "severity": Severity.HIGH,
        "confidence": Confidence.CONFIRMED,
        "expected": "Standard_D4s_v5",
        "actual": "Standard_D8s_v5",
        "node_pool": "system",
        "evidence": (
            Evidence(text="node pool system asks for Standard_D4s_v5", source="agentPools", at=NOW),
            Evidence(text="its scale set is of size Standard_D8s_v5", source="Compute", at=NOW),
            Evidence(text=f"{ALICE.name} by alice", source="activity log", at=ALICE.at),
        ),
        "remediation": "Have AKS write its own settings again and re-create the nodes.",
        "commands": (
            "az aks update --resource-group rg-chec --name checkout-weu",
            "az aks nodepool upgrade --cluster-name checkout-weu --name system --node-image-only",
        ),
    }
    return Finding(**(fields | more))


def judgement(
    rule_id: str,
    found: Finding,
    operation: Operation | None = None,
    recorded_rules: tuple[str, ...] = (),
) -> Judgement:
    """The finding as evaluation would leave it; its fingerprint is made from rule and resource."""
    digest = f"{abs(hash_of(rule_id + found.resource_id + found.path)):040x}"
    fingerprint = f"aksa1-{digest}"
    return Judgement(
        rule_id=rule_id,
        finding=found,
        fingerprint=fingerprint,
        deed=operation.id if operation else fingerprint,
        operation=operation,
        since=None if operation else NOW - timedelta(days=14),
        until=None if operation else NOW,
        recorded_rules=recorded_rules,
    )


def hash_of(text: str) -> int:
    """A number that is the same in every run, unlike ``hash``."""
    return int.from_bytes(hashlib.sha1(text.encode(), usedforsecurity=False).digest(), "big")


def evaluation(
    subject: Cluster, *judgements: Judgement, gaps: dict[str, Gap] | None = None
) -> ClusterEvaluation:
    """Every rule passes but those with a judgement, or with a gap."""
    return ClusterEvaluation(
        cluster_id=subject.id,
        verdicts=tuple(_verdict(one.rule.id, judgements, gaps or {}) for one in RULES),
        judgements=judgements,
    )


def _verdict(rule_id: str, judgements: Iterable[Judgement], gaps: dict[str, Gap]) -> RuleVerdict:
    found = {j.finding.verdict for j in judgements if rule_id in (j.rule_id, *j.recorded_rules)}
    met = (gaps[rule_id],) if rule_id in gaps else ()
    if found:
        worst = Verdict.VIOLATION if Verdict.VIOLATION in found else Verdict.WARNING
        return RuleVerdict(rule_id=rule_id, verdict=worst, gaps=met)
    verdict = Verdict.UNKNOWN if met else Verdict.PASS
    return RuleVerdict(
        rule_id=rule_id, verdict=verdict, reason=met[0].message if met else "", gaps=met
    )


def shop() -> UnitResult:
    """Three clusters: edited by a user, without nodes, and stopped under a hostile name."""
    checkout, cart = cluster(SHOP, "checkout-weu"), cluster(SHOP, "cart-weu")
    hostile = cluster(
        SHOP,
        HOSTILE,
        managed=Known(managed(SHOP, HOSTILE, power_state="Stopped", tags={"team": SCRIPT})),
    )
    nodes, group = scale_set_id(SHOP, "checkout-weu"), scale_set_id(SHOP, "cart-weu")
    disk = group.replace("virtualMachineScaleSets/aks-system-12345678-vmss", "disks/backup")
    judged = [
        evaluation(
            checkout,
            judgement("VMSS001", finding(nodes), ALICE, ("VMSS010",)),
            judgement("VMSS001", finding(nodes, path="zones", expected="1; 2", actual=None), ALICE),
            judgement("GOV001", _advice(checkout)),
        ),
        evaluation(
            cart,
            judgement("PWR002", _no_nodes(group)),
            judgement("META003", _foreign(disk)),
        ),
        evaluation(hostile, judgement("PWR004", _stopped(hostile))),
    ]
    snapshot = Snapshot(subscription=SHOP, taken_at=NOW, clusters=(hostile, checkout, cart))
    return unit(snapshot, judged, rules=RULES, as_of=NOW)


def _advice(subject: Cluster) -> Finding:
    return finding(
        subject.id,
        path="nodeResourceGroupProfile.restrictionLevel",
        summary="Node resource group lockdown is off",
        severity=Severity.INFO,
        expected="ReadOnly",
        actual="Unrestricted",
        node_pool="",
        advice=True,
        evidence=(),
        commands=("az aks update --nrg-lockdown-restriction-level ReadOnly",),
    )


def _no_nodes(group: str) -> Finding:
    return finding(
        group,
        path="",
        summary="All 3 nodes are deallocated while AKS believes that the cluster runs",
        severity=Severity.CRITICAL,
        confidence=Confidence.LIKELY,
        expected="running",
        actual="deallocated",
        instances=("0", "1", "2"),
        clock=NO_NODES,
        remediation="Start the nodes through AKS, or stop the cluster as is supported.",
        commands=("az aks start --resource-group rg-cart --name cart-weu",),
    )


def _foreign(disk: str) -> Finding:
    return finding(
        disk,
        path="",
        summary="=cmd|' /C calc'!A0 is a disk that AKS did not make",
        severity=Severity.MEDIUM,
        expected=None,
        actual=None,
        advice=True,
    )


def _stopped(subject: Cluster) -> Finding:
    return finding(
        subject.id,
        path="powerState.code",
        summary=f"{subject.name} has been stopped for at least 90 days",
        severity=Severity.LOW,
        expected=None,
        actual="Stopped",
        advice=True,
        clock=STOPPED,
        commands=(),
    )


def labs() -> UnitResult:
    """One cluster that could not be read, one that is being upgraded, one in good health."""
    denied = cluster(LABS, "lab1-neu", scale_sets=REFUSED)
    upgrading, fine = cluster(LABS, "lab2-neu"), cluster(LABS, "lab3-neu")
    judged = [
        evaluation(denied, gaps={"VMSS001": REFUSED, "PWR002": REFUSED}),
        evaluation(upgrading, gaps={"VMSS001": UPGRADING}),
        evaluation(fine),
    ]
    snapshot = Snapshot(
        subscription=LABS, taken_at=NOW, clusters=(denied, upgrading, fine), gaps=(REFUSED,)
    )
    return unit(snapshot, judged, rules=RULES, as_of=NOW)


def closed() -> UnitResult:
    """A subscription whose clusters could not be listed."""
    snapshot = Snapshot(
        subscription=CLOSED, taken_at=NOW, clusters=(), listed=False, gaps=(UNLISTED,)
    )
    return unit(snapshot, (), rules=RULES, as_of=NOW)


def header() -> Header:
    """The header of a run that missed something."""
    return Header(
        tool=ToolRow(name="aks-auditor", version="0.1.0"),
        policy=policy.policy(loaded.rule for loaded in RULES),
        run=RunRow(
            id="20261122T065052Z-5a17",
            started_at=NOW - timedelta(minutes=3),
            finished_at=NOW,
            as_of=NOW,
            scope=ScopeRow(tenant=SHOP.tenant_id, cloud="AzureCloud"),
            status="incomplete",
            status_reasons=(),
            api_calls=(
                CallRow(
                    method="POST", path="/providers/Microsoft.ResourceGraph/resources", count=1
                ),
                CallRow(method="GET", path="/subscriptions", count=1),
                CallRow(
                    method="GET",
                    path="/subscriptions/{id}/providers/Microsoft.ContainerService/managedClusters",
                    count=3,
                    failed=1,
                ),
            ),
        ),
        rules=rule_rows(RULES),
        exemptions=(
            {
                "id": "EX-2026-014",
                "rule": "META003",
                "scope": f"/subscriptions/{SHOP.id}/resourceGroups/nodes-cart/**",
                "category": "waiver",
                "reason": "The backup disk moves out with the next release",
                "owner": "shop-platform@contoso.example",
                "approved_by": "jane@contoso.example",
                "ticket": "CHG0012345",
                "created": "2026-09-01",
                "expires": "2027-02-28",
            },
            {"id": "EX-2026-015", "rule": "GOV001", "expires": "some day"},
        ),
        notes=(
            NoteRow(
                id="note-0123456789ab",
                rule_id="VMSS001",
                resource_type="microsoft.compute/virtualmachinescalesets",
                property="virtualMachineProfile.osProfile.customField",
                expected=None,
                actual="enabled <by AKS>",
                clusters=37,
                judged=60,
                summary="Scale set aks-system-12345678-vmss has a field that its pool lacks",
            ),
        ),
    )


def report() -> Report:
    """The sample's report, as a run would make it."""
    return Report(header(), [shop(), labs(), closed()])
