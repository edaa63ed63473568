"""The support policy, clause by clause, as the report prints it.

The numbers are this project's; the texts paraphrase Microsoft's article *Support policies for
Azure Kubernetes Service (AKS)*, edition of 2026-06-09. Which rules audit a clause is written in
the rules and nowhere else: :func:`policy` gathers it from their metadata.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from auditor.model.rule import Rule
from auditor.model.run import ClauseRow, PolicyRow

EDITION = date(2026, 6, 9)
URL = "https://learn.microsoft.com/azure/aks/support-policies"


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A clause; ``visible`` tells whether Azure Resource Manager shows anything of it."""

    id: str
    text: str
    visible: bool = True
    not_visible_reason: str = ""


_INFORMATIVE = "The clause describes what Microsoft does or leaves out; nothing of it is a setting."
_NO_RULE_YET = "This version of the auditor has no rule for it yet."
_KUBERNETES_API = "Only the Kubernetes API shows this; the audit reads Azure Resource Manager."

CLAUSES: tuple[Clause, ...] = (
    Clause(
        id="C1",
        text="A change made directly to agent nodes through any IaaS API makes the cluster "
        "unsupportable; Kubernetes-native means such as DaemonSets are the way.",
    ),
    Clause(
        id="C2",
        text="Adding tags and labels is fine; changing metadata that the system created makes "
        "the cluster unsupported.",
        not_visible_reason="Node labels: only the Kubernetes API shows them.",
    ),
    Clause(
        id="C3",
        text="The base operating system image cannot be changed; a customisation outside the "
        "AKS API does not survive an upgrade, scaling, update or reboot.",
    ),
    Clause(
        id="C4",
        text="Changes to node extensions such as the CustomScriptExtension can cause unexpected "
        "behaviour and should be prohibited.",
    ),
    Clause(
        id="C5",
        text="Modifying the IaaS resources of agent nodes, for example a scale set in the portal "
        "or by API, is not supported.",
    ),
    Clause(
        id="C6",
        text="Network security groups may be customised on custom subnets only: not on managed "
        "subnets, and not at the network interfaces of agent nodes.",
    ),
    Clause(
        id="C6a",
        text="AKS must reach certain endpoints; blocking them, or traffic inside the subnet, is "
        "not supported.",
    ),
    Clause(
        id="C7",
        text="A cluster stopped with 'az aks stop' is kept for up to 12 months; then its state "
        "and resources are deleted.",
    ),
    Clause(
        id="C8",
        text="Deallocating all nodes by IaaS API, CLI or portal is not a supported way to stop a "
        "cluster: it is out of support, AKS stops it after 30 days, then clause C7 applies.",
    ),
    Clause(
        id="C9",
        text="A cluster without Ready nodes and without running virtual machines is stopped "
        "after 30 days.",
    ),
    Clause(
        id="C10",
        text="Signing in to nodes and changing them is discouraged: it can make the cluster "
        "unsupportable.",
        not_visible_reason="Sessions over SSH leave no trace in Azure Resource Manager.",
    ),
    Clause(
        id="C10a",
        text="AKS may archive control planes that were outside the guidelines for 30 days or "
        "more; a write that brings the cluster back into support reallocates them.",
    ),
    Clause(
        id="C11",
        text="When a subscription is suspended, its clusters stop at once and are deleted after "
        "90 days; when it is deleted, they are deleted at once.",
    ),
    Clause(
        id="C12",
        text="The customer keeps node images current: images older than 90 days are not supported.",
    ),
    Clause(
        id="C13",
        text="The customer keeps the Kubernetes version within the version support policy.",
    ),
    Clause(
        id="C14",
        text="With a CNI plugin of the customer's own, networking is outside support.",
    ),
    Clause(
        id="C15",
        text="Alpha features are unsupported; preview features and feature flags are supported "
        "by best effort and are not meant for production.",
        not_visible_reason="Alpha feature gates: Azure Resource Manager does not show them.",
    ),
    Clause(
        id="C16",
        text="Third-party software (service meshes, ingress controllers, security scanners) and "
        "custom network devices are out of scope.",
        visible=False,
        not_visible_reason="Node-level agents show as extensions; the rest needs the Kubernetes "
        "API.",
    ),
    Clause(
        id="C17",
        text="Customers cannot alter managed components: control plane, kube-system, etcd, DNS, "
        "proxy.",
        visible=False,
        not_visible_reason=_KUBERNETES_API,
    ),
    Clause(
        id="C18",
        text="Microsoft acts inside a cluster only just in time, under the built-in 'aks-service' "
        "role and its binding.",
        visible=False,
        not_visible_reason=_KUBERNETES_API,
    ),
    Clause(
        id="C19",
        text="AKS may restart, reimage or redeploy unhealthy nodes by itself.",
        visible=False,
        not_visible_reason="Not a breach by anyone: the rules recognise it as benign activity.",
    ),
    Clause(
        id="C20",
        text="AKS patches managed components; the customer applies node fixes when told.",
        visible=False,
        not_visible_reason="What was patched inside a node does not show; the age of its image "
        "does, under clause C12.",
    ),
    Clause(
        id="C21",
        text="Upstream bugs, workarounds and known issues are published.",
        visible=False,
        not_visible_reason=_INFORMATIVE,
    ),
    Clause(
        id="C22",
        text="Vulnerabilities whose vendor fix is younger than 30 days are out of scope.",
        visible=False,
        not_visible_reason=_INFORMATIVE,
    ),
    Clause(
        id="C23",
        text="Proactive and stand-by scenarios, how-to questions and custom code are out of scope.",
        visible=False,
        not_visible_reason=_INFORMATIVE,
    ),
)


def policy(rules: Iterable[Rule]) -> PolicyRow:
    """The policy with, behind each clause, the ids of the rules that audit it."""
    known = sorted(rules, key=lambda rule: rule.id)
    clauses = tuple(_audited(clause, known) for clause in CLAUSES)
    return PolicyRow(edition=EDITION.isoformat(), date=EDITION, url=URL, clauses=clauses)


def _audited(clause: Clause, rules: list[Rule]) -> ClauseRow:
    """A clause that could be audited and has no rule says so: silence would read as a pass."""
    ids = tuple(rule.id for rule in rules if clause.id in rule.clauses)
    missing = _NO_RULE_YET if clause.visible and not ids else ""
    reason = " ".join(part for part in (missing, clause.not_visible_reason) if part)
    return ClauseRow(
        id=clause.id,
        text=clause.text,
        rules=ids,
        not_visible_reason=reason,
        visible=clause.visible,
    )
