"""NET004: which writes of AKS's network objects are told of, and how surely."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evaluate import evaluate
from auditor.model.snapshot import Cluster
from auditor.model.verdict import Finding, Verdict
from auditor.rules import load
from auditor.rules import net004_managed_network_written as net004
from tests import build, deeds

RULE = next(loaded for loaded in load() if loaded.rule.id == "NET004")
NET = "Microsoft.Network"
GROUPS, NETWORKS = f"{NET}/networkSecurityGroups", f"{NET}/virtualNetworks"


def told(name: str, on: str, **changes: Any) -> list[Finding]:  # noqa: ANN401 (any field)
    of = build.cluster(None, *deeds.act(name, on, **changes))
    return list(net004.check(of, build.context(of)))


def verdict(of: Cluster) -> Verdict:
    (answer,) = evaluate(of, [RULE], build.context()).verdicts
    return answer.verdict


@pytest.mark.parametrize(
    ("name", "on", "did"),
    [
        (f"{GROUPS}/write", build.NSG_ID, "wrote security group aks-agentpool-26180121-nsg"),
        (f"{GROUPS}/delete", build.NSG_ID, "deleted security group aks-agentpool-26180121-nsg"),
        (
            f"{GROUPS}/securityRules/write",
            build.rule_id("allow-ssh"),
            "wrote security rule allow-ssh",
        ),
        (
            f"{GROUPS}/securityRules/delete",
            build.rule_id("allow-ssh"),
            "removed security rule allow-ssh",
        ),
        (f"{NETWORKS}/subnets/write", build.SUBNET_ID, "wrote subnet aks-subnet"),
        (f"{NETWORKS}/delete", build.VNET_ID, "aks-vnet-26180121"),
    ],
)
def test_what_changes_akss_group_or_subnets_is_a_violation(name: str, on: str, did: str) -> None:
    (finding,) = told(name, on)
    assert did in finding.summary
    assert finding.verdict is Verdict.VIOLATION


def test_a_network_written_by_what_is_not_on_record_is_a_lead() -> None:
    (finding,) = told(f"{NETWORKS}/write", build.VNET_ID)
    assert finding.verdict is Verdict.WARNING
    assert "wrote virtual network aks-vnet-26180121" in finding.summary


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{GROUPS}/write", f"{build.NETWORK}/networkSecurityGroups/mine"),
        (f"{NETWORKS}/subnets/write", f"{build.NETWORK}/virtualNetworks/mine/subnets/web"),
        (f"{NETWORKS}/delete", f"{build.NETWORK}/virtualNetworks/mine"),
    ],
)
def test_other_groups_and_networks_are_no_matter(name: str, on: str) -> None:
    assert told(name, on) == []


def test_which_group_is_akss_matters_only_once_something_was_done() -> None:
    wrote = deeds.act(f"{GROUPS}/write", build.NSG_ID)
    unread = build.gap("groups")
    quiet = build.cluster(security_groups=unread, scale_sets=(build.scale_set(tags={}),))
    busy = build.cluster(
        None, *wrote, security_groups=unread, scale_sets=(build.scale_set(tags={}),)
    )
    assert (verdict(quiet), verdict(busy)) == (Verdict.PASS, Verdict.UNKNOWN)
