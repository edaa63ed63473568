"""The security group that AKS manages holds a rule that AKS did not write.

What it finds
-------------
Rules in the cluster's own network security group (``aks-agentpool-<number>-nsg``) that neither AKS
nor its cloud provider writes; and rules that carry one of the cloud provider's names over other
content than the name was made from: a changed port, source, protocol, direction or priority, or a
destination that is no address of a Service.

Why it matters
--------------
Security groups may be customised on your own subnets only. A cluster whose managed group was
edited, on AKS's subnet or on its nodes' network interfaces, is unsupportable; the cloud provider
also writes the whole group anew with every change of a Service.

What is not flagged
-------------------
Rules of the cloud provider for Kubernetes Services, in the names of every Kubernetes version that
AKS runs. Rules that open the host ports that a node pool allows. The numbered ``NRMS`` rules of
Microsoft's own subscriptions. Azure's default rules. Rules of Defender's just-in-time access are
flagged with medium severity. A Service with the annotation ``azure-disable-load-balancer-nsg-rule``
leaves its rules to you; the policy makes no exception for them, and Azure does not show it. Where
nothing departs but an address that does not read, the verdict is unknown.

How to fix it
-------------
Remove the rule. Say what should be let in where AKS looks for it: ``loadBalancerSourceRanges`` or
the ``azure-allowed-ip-ranges`` and ``azure-allowed-service-tags`` annotations of the Service, or
``--allowed-host-ports`` of the node pool. For rules of your own, bring your own subnet with its
own security group.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditor.evidence import managed_network, nsg_rules
from auditor.evidence.nsg_rules import Origin, Reading
from auditor.model import remedy
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Gap, Outcome
from auditor.model.network import NetworkSecurityGroup, SecurityRule
from auditor.model.operation import OperationKind
from auditor.model.question import LookBack
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="NET001",
    title="AKS's security group holds a foreign or altered rule",
    severity=Severity.HIGH,
    clauses=("C6",),
    docs_url="https://learn.microsoft.com/azure/aks/concepts-network#network-security-groups",
    since="0.1.0",
    judges=Subject.CLUSTER,
    compares=frozenset({Aspect.NETWORK}),
)


def check(cluster: Cluster, context: Context) -> Iterator[Finding | Unknown]:
    """Read every rule of the cluster's own security group."""
    managed = cluster.managed.require()
    network = managed_network.of(cluster).require()
    group = managed_network.security_group(cluster, network).require()
    host_ports = {ports for pool in managed.pools for ports in pool.allowed_host_ports}
    for rule in group.rules:
        reading = nsg_rules.read(rule, host_ports)
        if reading.is_unread:
            yield Unknown(gap=_unread(group, rule, reading))
        elif not reading.is_as_written:
            yield _finding(managed, group, rule, reading)


def _unread(group: NetworkSecurityGroup, rule: SecurityRule, reading: Reading) -> Gap:
    """Why it cannot be told whether a rule is as its name says."""
    parts = ", ".join(departure.part for departure in reading.departures)
    return Gap(
        scope=f"{group.id}/securityRules/{rule.name}",
        collector="security_groups",
        outcome=Outcome.FAILED,
        code="RangeUnread",
        message=f"whether rule {rule.name} is as its name says cannot be told: its {parts} "
        f"{'do' if len(reading.departures) > 1 else 'does'} not read",
    )


def _finding(
    managed: ManagedCluster, group: NetworkSecurityGroup, rule: SecurityRule, reading: Reading
) -> Finding:
    rule_id = f"{group.id}/securityRules/{rule.name}"
    by_service = reading.origin is Origin.JUST_IN_TIME
    return Finding(
        resource_id=rule_id,
        path="",
        summary=_summary(group, rule, reading),
        severity=Severity.MEDIUM if by_service else Severity.HIGH,
        confidence=Confidence.LIKELY if reading.is_certain else Confidence.POSSIBLE,
        expected=_expected(reading),
        actual=nsg_rules.describe(rule),
        explained_by=frozenset({OperationKind.NSG_WRITE}),
        evidence=tuple(_trail(group, rule, reading)),
        remediation=_remediation(reading),
        commands=_commands(managed, rule_id, reading),
        questions=(LookBack(group.id),),
    )


def _summary(group: NetworkSecurityGroup, rule: SecurityRule, reading: Reading) -> str:
    where = f"Rule {rule.name} in AKS's security group {group.name}"
    if reading.departures:
        parts = ", ".join(departure.part for departure in reading.departures)
        return f"{where} is not as its name says: {parts}"
    if reading.origin is Origin.JUST_IN_TIME:
        return f"{where} was put there by Defender's just-in-time access"
    if nsg_rules.imitates(rule):
        return f"{where} borrows the cloud provider's prefix, but is none of its rules"
    return f"{where} is none that AKS or its cloud provider writes"


def _expected(reading: Reading) -> str:
    if not reading.departures:
        return "no such rule"
    return "; ".join(f"{departure.part}: {departure.expected}" for departure in reading.departures)


def _trail(group: NetworkSecurityGroup, rule: SecurityRule, reading: Reading) -> Iterator[Evidence]:
    yield Evidence(text=nsg_rules.describe(rule), source=f"{group.name}, rule {rule.name}")
    for departure in reading.departures:
        yield Evidence(
            text=f"{departure.part}: {departure.actual}, expected {departure.expected}",
            source="the rule's name",
        )


def _remediation(reading: Reading) -> str:
    if reading.origin is Origin.SERVICE:
        return (
            "Remove the rule and change the Service, so that the cloud provider writes it again; "
            "between the two the Service cannot be reached."
        )
    if reading.origin is Origin.JUST_IN_TIME:
        return "Take the nodes out of the just-in-time policy in Defender for Cloud."
    return "Remove the rule, and open ports through the Service or the node pool instead."


def _commands(managed: ManagedCluster, rule_id: str, reading: Reading) -> tuple[str, ...]:
    if reading.origin is Origin.JUST_IN_TIME:
        return (remedy.lock_down(managed),)
    remove = f"az network nsg rule delete --ids {shlex.quote(rule_id)}"
    return (remove, remedy.lock_down(managed))
