"""VMSS010: what was done to which nodes, in words."""

from __future__ import annotations

import pytest

from auditor.model.operation import OperationKind
from auditor.model.verdict import Severity, Verdict
from auditor.rules import vmss010_node_compute_written as vmss010
from tests import build
from tests.deeds import operation

Kind = OperationKind
SET, NODE = build.scale_set_id(), build.node_id(4)
NAME = SET.rpartition("/")[2]
VM = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
NIC = f"{build.NETWORK}/networkInterfaces/aks-vms-26193347-nic0"
DISK = f"{build.COMPUTE}/disks/aks-apps-38116459-vmss_4_OsDisk_1_0f3a6b1e"


@pytest.mark.parametrize(
    ("kind", "on", "did"),
    [
        (Kind.SCALE_SET_WRITE, SET, f"wrote scale set {NAME}"),
        (Kind.SCALE_SET_DELETE, SET, f"deleted scale set {NAME}"),
        (Kind.SCALE_SET_SCALE, SET, f"scaled scale set {NAME}"),
        (Kind.NODE_WRITE, NODE, "wrote node 4"),
        (Kind.NODE_DELETE, SET, f"deleted nodes of {NAME}"),
        (Kind.NODE_REIMAGE, SET, f"reimaged, upgraded or redeployed nodes of {NAME}"),
        (Kind.NODE_WRITE, VM, "wrote node aks-vms-26193347-vm0"),
        (Kind.NIC_WRITE, NIC, "wrote network interface aks-vms-26193347-nic0"),
        (Kind.OS_DISK_WRITE, DISK, "wrote operating system disk aks-apps-38116459-vmss_4_OsDisk"),
    ],
)
def test_each_kind_of_deed_on_a_node(kind: OperationKind, on: str, did: str) -> None:
    of = build.cluster()
    (finding,) = vmss010.check(of, build.context(of, operation(kind, on)))
    assert did in finding.summary
    assert (finding.verdict, finding.severity) == (Verdict.VIOLATION, Severity.HIGH)


@pytest.mark.parametrize(
    ("kind", "on"),
    [
        (Kind.NODE_WRITE, f"{build.COMPUTE}/virtualMachines/jumpbox"),
        (Kind.SCALE_SET_DELETE, f"{build.COMPUTE}/virtualMachineScaleSets/web"),
        (Kind.NIC_WRITE, f"{build.NETWORK}/networkInterfaces/jumpbox-nic"),
    ],
)
def test_what_is_no_node_is_no_matter(kind: OperationKind, on: str) -> None:
    of = build.cluster()
    assert list(vmss010.check(of, build.context(of, operation(kind, on)))) == []
