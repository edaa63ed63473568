"""NET001: what is said of each kind of rule in AKS's group, and what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model.facet import Known
from auditor.model.network import SecurityRule
from auditor.model.operation import OperationKind
from auditor.model.verdict import Confidence, Finding, Severity
from auditor.rules import net001_security_rule_not_of_aks as rule
from tests import build

SERVICE = "k8s-azure-lb_allow_IPv4_556f7044ec033071ec0dfcf7cd85bc93"
JUST_IN_TIME = "SecurityCenter-JITRule_-1105480617_9EF6964FE766478B9EC568B32FB82045"


def found(name: str, **changes: Any) -> Finding:  # noqa: ANN401 (any field)
    """The finding about a rule that lets the Internet in to ports 80 and 443 of one address."""
    given: dict[str, Any] = {
        "priority": 500,
        "protocol": "Tcp",
        "source_prefixes": ("Internet",),
        "source_ports": ("*",),
        "destination_ports": ("443", "80"),
        "destination_prefixes": ("20.103.18.44",),
    }
    group = build.security_group(rules=(SecurityRule(name=name, **given | changes),))
    of = build.cluster(security_groups=Known((group,)))
    (only,) = rule.check(of, build.context())
    assert isinstance(only, Finding)
    return only


def test_a_rule_of_the_cloud_provider_s_is_none() -> None:
    group = build.security_group(
        rules=(
            SecurityRule(
                name=SERVICE,
                priority=500,
                protocol="Tcp",
                source_prefixes=("Internet",),
                source_ports=("*",),
                destination_ports=("443", "80"),
                destination_prefixes=("20.103.18.44",),
            ),
        )
    )
    assert list(rule.check(build.cluster(security_groups=Known((group,))), build.context())) == []


@pytest.mark.parametrize(
    ("name", "changes", "said", "expected"),
    [
        ("ssh", {}, "is none that AKS or its cloud provider writes", "no such rule"),
        (
            "k8s-azure-lb-office",
            {},
            "borrows the cloud provider's prefix, but is none of its rules",
            "no such rule",
        ),
        (JUST_IN_TIME, {}, "was put there by Defender's just-in-time access", "no such rule"),
        (
            SERVICE,
            {"priority": 210, "description": "mine"},
            "is not as its name says: description, priority",
            "description: none; priority: 500 to 1499",
        ),
    ],
)
def test_each_kind_is_called_what_it_is(
    name: str, changes: dict[str, Any], said: str, expected: str
) -> None:
    finding = found(name, **changes)
    where = f"Rule {name} in AKS's security group aks-agentpool-26180121-nsg "
    assert finding.summary == where + said
    assert finding.expected == expected
    assert (finding.actual or "").startswith("Inbound Allow Tcp from Internet to 20.103.18.44")
    assert finding.evidence[0].text == finding.actual
    assert finding.explained_by == {OperationKind.NSG_WRITE}


def test_every_departure_is_a_piece_of_evidence() -> None:
    finding = found(SERVICE, priority=210)
    assert [step.text for step in finding.evidence[1:]] == ["priority: 210, expected 500 to 1499"]
    assert len(found("ssh").evidence) == 1


def test_what_defender_opened_weighs_less_and_is_closed_in_defender() -> None:
    finding = found(JUST_IN_TIME)
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, Confidence.LIKELY)
    assert "just-in-time policy" in finding.remediation
    (lock_down,) = finding.commands
    assert "nsg rule delete" not in lock_down


@pytest.mark.parametrize(
    ("name", "done"), [("ssh", "open ports through the Service"), (SERVICE, "change the Service")]
)
def test_any_other_rule_is_removed_and_the_group_locked_down(name: str, done: str) -> None:
    finding = found(name, priority=210)
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.LIKELY)
    assert done in finding.remediation
    remove, lock_down = finding.commands
    assert remove == f"az network nsg rule delete --ids {build.rule_id(name)}"
    assert lock_down.endswith("--nrg-lockdown-restriction-level ReadOnly")
