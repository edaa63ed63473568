"""Commands of the supported way back."""

from __future__ import annotations

import shlex

from auditor.model import remedy
from tests import build

SUBNET = f"{build.GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"


def test_a_pool_is_replaced_by_one_of_its_settings_before_it_is_deleted() -> None:
    pool = build.pool(
        mode="System",
        os_sku="AzureLinux3",
        vm_size="Standard_D4ds_v5",
        subnet_id=SUBNET,
        zones=("1", "3"),
        count=3,
    )

    added, deleted = map(shlex.split, remedy.replace_pool(build.managed(pool), pool))

    assert added[:4] == ["az", "aks", "nodepool", "add"]
    assert added[added.index("--name") :] == [
        *("--name", "<new>", "--mode", "System", "--os-type", "Linux", "--os-sku", "AzureLinux3"),
        *("--node-vm-size", "Standard_D4ds_v5", "--vnet-subnet-id", SUBNET),
        *("--zones", "1", "3", "--node-count", "3"),
    ]
    assert deleted[:4] == ["az", "aks", "nodepool", "delete"]
    assert deleted[-2:] == ["--name", pool.name]


def test_an_autoscaled_spot_pool_keeps_its_bounds_and_priority() -> None:
    pool = build.pool(priority="Spot", autoscaling=True, min_count=0, max_count=6)

    added, _ = remedy.replace_pool(build.managed(pool), pool)

    assert "--priority Spot" in added
    assert added.endswith("--enable-cluster-autoscaler --min-count 0 --max-count 6")
