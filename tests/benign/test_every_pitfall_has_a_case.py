"""What audits of AKS get wrong, by number and by name: each is met by a case that exists.

Half of it is raised in vain (``test_benign``), half is missed or glossed over
(``tests/tampered/test_pitfalls``). A pitfall or a complaint without a case fails here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from tests.benign.test_benign import BEHAVIOURS
from tests.tampered.test_pitfalls import PITFALLS as MISSED

MET = frozenset({*BEHAVIOURS, *MISSED})

PITFALLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "1 AKS's security group on interfaces of a custom network": (
            "AKS's own group lies on node interfaces of a custom network",
        ),
        "2 latestModelApplied is false, and tags of nodes differ": (
            "nodes lag behind their model and differ from it in tags",
        ),
        "3 AKSLinuxExtension lies outside the model's flow": (
            "AKSLinuxExtension comes late and is updated outside the model",
        ),
        "4 protectedSettings and customData are never returned": (
            "what ARM never returns can be swapped without a trace",
        ),
        "5 AKS drops edits at its next write": ("AKS reverts an edit before anyone looks",),
        "6 capacity is not count": (
            "capacity differs from count under autoscaler, Deallocate, spot and stopped pools",
        ),
        "7 nodes are deallocated for good reasons": (
            "nodes are deallocated by scale-down mode, eviction, Azure or AKS itself",
        ),
        "8 the cluster's identities are used by others": (
            "a pipeline borrows the cluster's own identity",
            "a pod borrows the kubelet's identity",
        ),
        "9 a correlation id is trusted": (
            "one deployment shares its correlation id with AKS's own work",
        ),
        "10 records are counted, and attempts": (
            "one operation leaves several records",
            "failed and forbidden calls are attempts",
        ),
        "11 only writes of scale sets are looked for": (
            "a rule is written through its own address",
            "rules are written with the group as a whole",
            "the network of the nodes lies in another group",
        ),
        "12 ids are compared by case": ("ids come in upper, lower and mixed case",),
        "13 node resource groups are known by their names": (
            "a node resource group has a name of its own",
            "groups that are called like AKS's belong to Container Apps",
            "customers keep in the node resource group what Microsoft's pages put there",
        ),
        "14 every node is thought to be on a scale set": (
            "nodes are virtual machines of their own",
            "Karpenter makes nodes, Microsoft's or one's own",
        ),
        "15 images are compared by the letter": (
            "images come from snapshots, older galleries' releases and Windows",
        ),
        "16 tags are compared by the letter": (
            "legacy clusters carry system tags without prefix",
            "tags have empty values",
            "the tag of the orchestrator is ahead, or behind, around an upgrade",
            "tags of the customer's own sound like AKS's",
            "the tags of a volume's disk are its owner's",
        ),
        "17 Azure Policy is taken for a person": ("Azure Policy is no person",),
        "18 a clock is told to the day without evidence": (
            "the log forgets when a cluster was stopped",
        ),
        "19 what was not read is reported as clean": (
            "instances cannot be read",
            "scale sets cannot be read",
            "the log cannot be read",
        ),
        "20 states that pass are reported as lasting": (
            "a cluster in motion is no contradiction",
            "a pool is being changed by AKS",
            "a pool failed half-way",
            "a contradiction shows at one of two looks",
        ),
        "21 Microsoft's own subscriptions, and null, false and absent": (
            "Microsoft's own subscriptions carry its security baseline",
            "null, false and absent are the same",
        ),
    }
)

COMPLAINTS: Mapping[str, str] = MappingProxyType(
    {
        "autoscale settings and health probes are recommended for AKS's scale sets": (
            "no autoscale setting, health probe or automatic repair is asked for"
        ),
        "a pool in one zone is called not redundant": (
            "a pool is aligned to one zone, or to three"
        ),
        "a pool scaled by hand has no minCount": "a pool scaled by hand has no bounds",
        "disks of CSI volumes are called orphaned": "a volume's disk waits unattached",
        "tags that a policy added are called drift": "a policy adds tags",
        "a Service's rules are called foreign, old names and new": (
            "the cloud provider writes security rules, old and new"
        ),
        "a rule is not recognised by the length of its port": (
            "the rules of a Service name ports of any length"
        ),
        "node public addresses with allowed host ports are called open": (
            "a node pool allows host ports on public addresses"
        ),
        "gateway pools for static egress are called foreign": ("a pool is a static egress gateway"),
        "Karpenter's machines are called foreign": (
            "Karpenter makes nodes, Microsoft's or one's own"
        ),
        "isolated clusters and clusters behind a proxy are called broken": (
            "a cluster is isolated, private or behind a proxy"
        ),
        "AKS Automatic is called a cluster without nodes": (
            "Automatic hosts its system pool elsewhere"
        ),
        "AKS's migration of availability sets is called an edit": (
            "AKS migrates availability sets"
        ),
        "unprefixed tags of old clusters are called missing": (
            "legacy clusters carry system tags without prefix"
        ),
        "ids in another case are called other resources": (
            "ids come in upper, lower and mixed case"
        ),
        "null is called a difference from false": "null, false and absent are the same",
    }
)


def test_every_pitfall_is_listed_once_by_its_number() -> None:
    assert [int(title.partition(" ")[0]) for title in PITFALLS] == list(range(1, 22))


@pytest.mark.parametrize("pitfall", PITFALLS)
def test_a_pitfall_is_met_by_cases(pitfall: str) -> None:
    assert PITFALLS[pitfall]
    assert set(PITFALLS[pitfall]) <= MET


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_is_met_by_cases_that_raise_nothing(complaint: str) -> None:
    assert BEHAVIOURS.get(COMPLAINTS[complaint])
