from __future__ import annotations

import pytest

from auditor.collect.calls import Ledger, template
from auditor.model.run import CallRow

VMSS = "Microsoft.Compute/virtualMachineScaleSets"
TEMPLATES = {
    "/subscriptions": "/subscriptions",
    "/subscriptions/s1/resourcegroups": "/subscriptions/{subscriptionId}/resourceGroups",
    "/subscriptions/s1/resourceGroups/rg/resources": (
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/resources"
    ),
    f"/subscriptions/s1/providers/{VMSS}": f"/subscriptions/{{subscriptionId}}/providers/{VMSS}",
    f"/subscriptions/s/RESOURCEGROUPS/RG/providers/{VMSS}/a/virtualmachines/3": (
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        f"/providers/{VMSS}/{{name}}/virtualMachines/{{name}}"
    ),
    "/subscriptions/s/providers/microsoft.insights/eventtypes/management/values": (
        "/subscriptions/{subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values"
    ),
    "/providers/Microsoft.ResourceGraph/resources": "/providers/Microsoft.ResourceGraph/resources",
    "/metadata/endpoints": "/metadata/endpoints",
}


@pytest.mark.parametrize(("path", "expected"), TEMPLATES.items())
def test_names_are_taken_out_of_paths(path: str, expected: str) -> None:
    assert template(path) == expected


def test_the_receipt_counts_failed_and_blocked_calls_apart() -> None:
    ledger = Ledger()
    ledger.sent("get", "https://h/subscriptions/a/resourceGroups?x=1", failed=False)
    ledger.sent("GET", "https://h/subscriptions/b/resourcegroups", failed=True)
    ledger.blocked("PUT", "https://h/subscriptions/b")
    groups = "/subscriptions/{subscriptionId}/resourceGroups"
    assert ledger.rows() == (
        CallRow(method="PUT", path="/subscriptions/{subscriptionId}", count=0, blocked=1),
        CallRow(method="GET", path=groups, count=2, failed=1),
    )
