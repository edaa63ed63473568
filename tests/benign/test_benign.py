"""What AKS and its add-ons do that looks like tampering: no rule may raise it.

One row per behaviour. It is shown by a kind of healthy cluster, by a case of ``fixtures/cases``,
or by a case beside this module, and goes through the real collectors and every rule.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from auditor.demo.arm import FakeArm
from auditor.model.verdict import Severity
from tests.support import cases, variants
from tests.test_cases import audit

HERE = Path(__file__).parent / "cases"

BEHAVIOURS = MappingProxyType(
    {
        "AKS's own group lies on node interfaces of a custom network": (
            "linux-custom-vnet",
            "NET003/benign-own-group-on-a-custom-network",
            "NET003/benign-own-group-on-both",
        ),
        "nodes lag behind their model and differ from it in tags": (
            "model-behind-its-nodes",
            "VMSS005/benign-noise-of-single-nodes",
            "VMSS005/benign-older-than-the-model",
        ),
        "AKSLinuxExtension comes late and is updated outside the model": (
            "EXT001/benign-aks-linux-extension-updated",
            "EXT002/benign-young-pool-without-aks-linux-extension",
            "EXT004/benign-run-command-and-newer-aks-extension",
        ),
        "capacity differs from count under autoscaler, Deallocate, spot and stopped pools": (
            "VMSS002/benign-autoscaler-lag",
            "VMSS002/benign-supported-scale",
            "scale-down-deallocate",
            "spot",
            "stopped-user-pool",
        ),
        "nodes are deallocated by scale-down mode, eviction, Azure or AKS itself": (
            "PWR001/benign-surplus-under-deallocate",
            "PWR001/benign-spot-eviction",
            "PWR001/benign-disabled-subscription",
            "PWR001/benign-no-capacity",
            "PWR001/benign-start-failed-on-record",
            "PWR001/benign-taken-down-by-aks",
            "PWR001/benign-machine-without-capacity",
            "PWR001/benign-karpenters-machine-is-down",
            "PWR005/benign-identity-under-deallocate",
        ),
        "one operation leaves several records": ("accepted-long-before-it-succeeded",),
        "failed and forbidden calls are attempts": (
            "forbidden-attempts",
            "VMSS010/benign-failed-attempt",
            "NET004/benign-failed-attempt",
            "EXT005/benign-aks-and-failed-attempts",
        ),
        "ids come in upper, lower and mixed case": (
            "casing-of-every-kind",
            "VMSS001/passes-casing-and-absent-values",
            "VMSS005/benign-casing",
            "VMSS006/passes-casing",
        ),
        "null, false and absent are the same": ("VMSS001/passes-casing-and-absent-values",),
        "a node resource group has a name of its own": ("custom-node-group",),
        "groups that are called like AKS's belong to Container Apps": ("container-apps-beside-it",),
        "customers keep in the node resource group what Microsoft's pages put there": (
            "META003/benign-volumes-and-gateways",
            "META003/benign-what-microsofts-pages-put-there",
            "META003/benign-private-cluster-linked-to-a-hub",
            "META003/benign-nat-gateway-of-the-second-kind",
        ),
        "nodes are virtual machines of their own": (
            "virtual-machines-pool",
            "node-auto-provisioning",
            "availability-set",
            "META001/benign-machines-with-few-tags",
        ),
        "images come from snapshots, older galleries' releases and Windows": (
            "VMSS004/benign-older-image-of-aks",
            "VMSS004/benign-edge-zone",
            "VMSS004/benign-azure-container-linux",
            "VMSS004/benign-pool-from-snapshot",
            "security-patch-in-place",
            "windows",
        ),
        "legacy clusters carry system tags without prefix": ("legacy-tags",),
        "tags have empty values": ("tags-with-empty-values",),
        "the tag of the orchestrator is ahead, or behind, around an upgrade": (
            "orchestrator-tag-during-an-upgrade",
        ),
        "tags of the customer's own sound like AKS's": (
            "tags-that-ask-for-interfaces",
            "META001/benign-own-tags-and-new-system-tags",
            "VMSS003/benign-interfaces-asked-for",
        ),
        "the tags of a volume's disk are its owner's": ("disk-of-a-volume-tagged",),
        "a cluster in motion is no contradiction": (
            "VMSS001/transition-pool-updating",
            "VMSS001/transition-changed-between-reads",
            "VMSS001/benign-aks-writes-its-model",
            "VMSS002/transition-pool-scaling",
            "VMSS004/transition-node-image-upgrade",
            "NET002/transition-cluster-being-created",
            "PWR001/transition-running-at-the-second-look",
        ),
        "no autoscale setting, health probe or automatic repair is asked for": (
            "linux-managed-vnet",
        ),
        "a pool is aligned to one zone, or to three": ("zone-aligned-pool", "ephemeral-zones"),
        "a pool scaled by hand has no bounds": ("manual-scale-without-bounds",),
        "a volume's disk waits unattached": ("disk-of-a-volume-unattached", "stopped"),
        "volumes are attached and detached": (
            "VMSS006/benign-disks-of-volumes",
            "VMSS006/benign-static-volume-attached-by-the-cluster",
            "VMSS006/benign-volume-in-another-group",
            "VMSS006/passes-healthy-without-disks-and-log",
            "VMSS010/benign-autoscaler-disk-attach-and-repair",
            "VMSS010/benign-backup-of-a-persistent-volume",
        ),
        "a policy adds tags": ("tags-added-by-policy",),
        "the cloud provider writes security rules, old and new": (
            "NET001/benign-every-rule-of-the-cloud-provider",
            "NET001/benign-names-of-older-kubernetes",
            "NET004/benign-cloud-provider",
        ),
        "the rules of a Service name ports of any length": ("rules-for-ports-of-any-length",),
        "the cloud provider writes load balancers, addresses and disks": (
            "work-of-the-cloud-provider",
        ),
        "a node pool allows host ports on public addresses": ("NET001/benign-allowed-host-ports",),
        "Microsoft's own subscriptions carry its security baseline": (
            "NET001/benign-microsofts-own-subscription",
        ),
        "a Service has a private link": ("NET002/benign-private-link-of-a-service",),
        "a pool is a static egress gateway": (
            "static-egress-gateway",
            "static-egress-gateway-pool",
        ),
        "Karpenter makes nodes, Microsoft's or one's own": (
            "node-auto-provisioning",
            "VMSS008/benign-self-hosted-karpenter",
            "VMSS005/benign-karpenters-machine-is-of-no-pool",
            "VMSS006/benign-volume-and-os-disk-on-a-node-of-karpenters",
            "NET003/benign-own-group-on-a-node-of-karpenters",
            "VMSS007/benign-identities-of-addons-on-a-node-of-karpenters",
            "EXT004/benign-a-node-of-karpenters-without-its-script",
            "self-hosted-karpenter-on-a-custom-network",
        ),
        "a cluster is isolated, private or behind a proxy": (
            "network-isolated",
            "private",
            "http-proxy",
        ),
        "Automatic hosts its system pool elsewhere": ("automatic-hosted-system",),
        "AKS migrates availability sets": ("migrated-availability-set",),
        "a person upgrades or scales through AKS": (
            "upgrade-by-a-person-through-aks",
            "VMSS002/benign-supported-scale",
        ),
        "add-ons bring identities of their own": (
            "VMSS007/benign-addons-and-extensions",
            "VMSS007/benign-cost-analysis",
            "VMSS007/benign-own-kubelet-identity",
            "VMSS007/benign-pod-identity",
        ),
        "AKS runs commands on its nodes, and commands leave an extension": (
            "VMSS011/benign-aks-commands",
            "VMSS011/benign-failed-attempt",
            "VMSS011/benign-what-a-run-command-leaves",
        ),
        "kubenet has AKS's route table": ("kubenet",),
        "AKS writes its routes into the customer's own table": (
            "kubenet-own-routes",
            "NET006/benign-own-routes-beside-akss",
            "NET006/benign-new-node-without-route-in-own-table",
            "NET006/benign-dual-stack-in-own-table",
        ),
        "AKS installs the sign-in by Entra ID": ("EXT003/benign-entra-sign-in",),
        "Azure chooses the placement group": (
            "VMSS003/benign-placement-group-and-rolling-parameters",
        ),
    }
)

TRUE_OF_THEM = MappingProxyType(
    {
        "stopped": {"PWR004"},
        "availability-set": {"LIFE005"},
        "kubenet": {"LIFE005"},
        "kubenet-own-routes": {"LIFE005"},
        "NET006/benign-own-routes-beside-akss": {"LIFE005"},
        "NET006/benign-new-node-without-route-in-own-table": {"LIFE005"},
        "NET006/benign-dual-stack-in-own-table": {"LIFE005"},
        "PWR001/benign-disabled-subscription": {"SUB001"},
    }
)
"""Rules that rightly speak of a cluster for another reason than the behaviour it shows."""

SHOWN = sorted({shown for row in BEHAVIOURS.values() for shown in row})


def arm(shown: str) -> FakeArm:
    if shown in cases.KINDS:
        return cases.arm_for_kind(shown)
    if "/" in shown:
        return cases.arm_for_case(shown)
    return variants.arm_for_file(HERE / f"{shown}.json")


@pytest.mark.parametrize("shown", SHOWN)
async def test_no_rule_raises_what_aks_does(shown: str, tmp_path: Path) -> None:
    report = await audit(arm(shown), tmp_path)

    raised = {
        f"{row.rule_id} {row.severity} on {row.resource_id}: {row.summary}"
        for row in report.findings()
        if Severity(row.severity).rank >= Severity.MEDIUM.rank
        and row.rule_id not in TRUE_OF_THEM.get(shown, ())
    }
    assert raised == set()


def test_every_case_beside_this_module_shows_a_behaviour() -> None:
    assert {path.stem for path in HERE.glob("*.json")} <= set(SHOWN)


def test_every_kind_of_healthy_cluster_is_benign() -> None:
    assert set(cases.KINDS) <= set(SHOWN)


async def test_a_group_with_a_name_like_aks_s_makes_no_cluster(tmp_path: Path) -> None:
    report = await audit(arm("container-apps-beside-it"), tmp_path)

    assert len(list(report.clusters())) == 1
    assert [row.resource_id for row in report.findings() if "MC_thankful" in row.resource_id] == []
