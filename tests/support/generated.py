"""Clusters in any state: whatever AKS, Azure, customers and refused reads can make of one."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster, NodePool, PoolKind
from auditor.model.compute import (
    DataDisk,
    ImageReference,
    Instance,
    OsDisk,
    PowerState,
    ScaleSet,
)
from auditor.model.facet import Known
from auditor.model.governance import PropertyChange
from auditor.model.network import NetworkInterface, NetworkSecurityGroup, SecurityRule
from auditor.model.operation import ActivityRecord
from auditor.model.snapshot import Cluster, ResourceGroup, Subscription
from tests import build, deeds

STATES = st.sampled_from(["Succeeded", "Succeeded", "Succeeded", "Upgrading", "Failed"])
POWER = st.sampled_from(["running", "running", "deallocated", "stopped", "starting", ""])
NAMES = ("apps", "batch", "system")
CALLERS = st.sampled_from(
    [
        deeds.AKS,
        deeds.ALICE,
        deeds.PIPELINE,
        deeds.POLICY,
        deeds.CONTROL_PLANE,
        deeds.KUBELET,
        deeds.BACKUP,
        deeds.BARE,
        deeds.NOBODY,
    ]
)
VERBS = st.sampled_from(
    ["write", "delete/action", "deallocate/action", "reimage/action", "extensions/write", "evict"]
)


def fields(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these fields, with any of their values; the others stay healthy."""
    return st.fixed_dictionaries({}, optional=values)


POOL_FIELDS = fields(
    count=st.integers(0, 4),
    autoscaling=st.booleans(),
    min_count=st.integers(0, 2),
    max_count=st.integers(2, 5),
    scale_down_mode=st.sampled_from(["Delete", "Deallocate"]),
    priority=st.sampled_from(["Regular", "Spot"]),
    power_state=st.sampled_from(["Running", "Running", "Stopped"]),
    provisioning_state=STATES,
    kind=st.sampled_from([PoolKind.SCALE_SET, PoolKind.SCALE_SET, *PoolKind]),
    os_type=st.sampled_from(["Linux", "Linux", "Windows"]),
    vm_size=st.sampled_from(["Standard_D4s_v5", "standard_d8s_v5"]),
    vm_sizes=st.sampled_from([(), ("Standard_D4s_v5",), ("Standard_D4s_v5", "Standard_D8s_v5")]),
    zones=st.sampled_from([(), ("1", "2")]),
    tags=st.sampled_from([{}, {"team": "shop"}]),
)
SCALE_SET_FIELDS = fields(
    sku_name=st.just("Standard_D8s_v5"),
    provisioning_state=STATES,
    upgrade_mode=st.sampled_from(["Manual", "Automatic", None]),
    overprovision=st.booleans(),
    automatic_repairs=st.booleans(),
    image=st.just(ImageReference(publisher="canonical", offer="ubuntu", sku="22_04")),
    identity_ids=st.sampled_from([(), (build.KUBELET_ID, f"{build.IDENTITIES}/other")]),
    data_disks=st.just((DataDisk(name="extra", size_gb=64),)),
    extensions=st.sampled_from(
        [(), (build.extension("vmssCSE", force_update_tag="again"), build.extension("agent"))]
    ),
    tags=st.sampled_from([{}, {"aks-managed-poolName": "other"}]),
    admin_username=st.just("root"),
)
NODE_FIELDS = fields(
    provisioning_state=STATES,
    protected_from_scale_in=st.booleans(),
    vm_size=st.just("Standard_D8s_v5"),
    data_disks=st.just((DataDisk(name="pvc-1"), DataDisk(name="mine"))),
    extensions=st.just((build.extension("agent"),)),
    created_at=st.sampled_from([None, build.at("2026-10-31 00:00")]),
)
CLUSTER_FIELDS = fields(
    power_state=st.sampled_from(["Running", "Stopped"]),
    provisioning_state=STATES,
    restriction_level=st.sampled_from([None, "ReadOnly"]),
    node_provisioning=st.booleans(),
    kubernetes_version=st.sampled_from(["1.33.5", "1.27.1"]),
)
CHANGES = st.lists(
    st.builds(
        PropertyChange,
        resource_id=st.sampled_from([build.scale_set_id(), build.scale_set_id("batch")]),
        path=st.sampled_from(["sku.name", "properties.upgradePolicy.mode", "sku.capacity"]),
        after=st.sampled_from(["Standard_D8s_v5", "Automatic", "3", None]),
        at=st.integers(-3000, 3000).map(lambda minutes: build.minutes_after(build.NOON, minutes)),
        correlation_id=st.sampled_from(["one", "two", ""]),
        changed_by=st.sampled_from(["object-of-alice", "System", ""]),
        truncated=st.booleans(),
    ),
    max_size=4,
)
RULES = st.lists(
    st.builds(
        SecurityRule,
        name=st.sampled_from(["ssh", "k8s-azure-lb_allow_IPv4_1", "deny-all"]),
        priority=st.sampled_from([100, 500, 4096]),
        access=st.sampled_from(["Allow", "Deny"]),
        source_prefixes=st.sampled_from([("Internet",), ("*",)]),
        destination_ports=st.sampled_from([("22",), ("*",)]),
    ),
    max_size=2,
    unique_by=lambda rule: rule.name,
)


NIC_IDS = tuple(f"{build.NETWORK}/networkInterfaces/nic-{number}" for number in range(3))
MACHINE_NAMES = (
    "jumpbox",
    "aks-apps-2jf98",
    "aks-vm0",
    "vms-0",
    "aks-apps-1-vm0",
    "aks-apps-1-vm1",
    "aks-batch-1-0",
)
MACHINE_FIELDS = fields(
    provisioning_state=STATES,
    extensions=st.just((build.extension("agent"),)),
    vm_size=st.sampled_from(["Standard_D4s_v5", "Standard_D8s_v5"]),
    data_disks=st.just((DataDisk(name="pvc-1"), DataDisk(name="mine"))),
    os_disk=st.just(OsDisk(name="other", size_gb=256)),
    identity_ids=st.sampled_from([(build.KUBELET_ID,), (f"{build.IDENTITIES}/other",)]),
    nic_ids=st.lists(st.sampled_from(NIC_IDS), max_size=2, unique=True).map(tuple),
    tags=st.sampled_from([{"aks-managed-poolName": "batch"}, {"karpenter.sh/nodepool": "apps"}]),
)
INTERFACES = st.lists(
    st.builds(
        NetworkInterface,
        id=st.sampled_from(NIC_IDS),
        name=st.just("nic"),
        provisioning_state=STATES,
        nsg_id=st.sampled_from([None, build.NSG_ID, f"{build.NETWORK}/networkSecurityGroups/own"]),
        subnet_ids=st.sampled_from([(build.SUBNET_ID,), (f"{build.VNET_ID}/subnets/other",)]),
        public_ip_ids=st.sampled_from([(), (f"{build.NETWORK}/publicIPAddresses/pip",)]),
    ),
    max_size=2,
    unique_by=lambda nic: nic.id,
)
MACHINES = st.lists(
    st.tuples(st.sampled_from(MACHINE_NAMES), POWER, MACHINE_FIELDS),
    max_size=3,
    unique_by=lambda drawn: drawn[0],
).map(
    lambda drawn: [
        build.machine(name, power=PowerState(code), **given) for name, code, given in drawn
    ]
)
ABSENT = tuple(build.machine(f"aks-apps-1-vm{number}").id for number in range(2))
LISTED = st.sampled_from([(), (build.machine("vms-0").id,), ABSENT])


@st.composite
def activity(draw: st.DrawFn) -> list[ActivityRecord]:
    """A few calls on scale sets, nodes, the security group and the cluster."""
    records: list[ActivityRecord] = []
    for number in range(draw(st.integers(0, 4))):
        on = draw(
            st.sampled_from(
                [
                    build.scale_set_id(),
                    build.scale_set_id("batch"),
                    build.node_id(1),
                    build.extension_id("vmssCSE"),
                    build.machine("aks-apps-1-vm0").id,
                    build.NSG_ID,
                    f"{build.CLUSTER_ID}/agentPools/apps",
                ]
            )
        )
        kind = arm.resource_type(on).removesuffix("/extensions")
        verb = "write" if "network" in kind or "containerservice" in kind else draw(VERBS)
        end = draw(st.sampled_from(["Succeeded", "Failed", "Accepted"]))
        when = build.minutes_after(build.NOON, draw(st.integers(-3000, 3000)))
        paths = draw(st.sampled_from([(), ("sku.capacity",), ("location", "properties")]))
        records += deeds.act(
            f"{kind}/{verb}",
            on,
            draw(CALLERS),
            statuses=("Started", end),
            at=when,
            operation_id=f"operation {number}",
            correlation_id=draw(st.sampled_from(["one", "two", "three"])),
            request_paths=paths,
        )
    return records


def pools() -> st.SearchStrategy[list[NodePool]]:
    named = st.tuples(st.sampled_from(NAMES), POOL_FIELDS)
    one = named.map(lambda drawn: build.pool(drawn[0], **drawn[1]))
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda pool: pool.name)


def scale_set_of(pool: NodePool, nodes: list[Instance]) -> st.SearchStrategy[ScaleSet]:
    """The capacity counts the nodes that are there; whether AKS wants as many is another matter."""
    return SCALE_SET_FIELDS.map(
        lambda given: build.scale_set(pool.name, **given, capacity=len(nodes))
    )


def nodes_of(pool: NodePool) -> st.SearchStrategy[list[Instance]]:
    one = st.tuples(POWER, NODE_FIELDS)
    return st.lists(one, max_size=4).map(
        lambda drawn: [
            build.node(number, pool.name, **{"power": PowerState(code)} | given)
            for number, (code, given) in enumerate(drawn)
        ]
    )


def security_group() -> st.SearchStrategy[NetworkSecurityGroup]:
    return RULES.map(lambda rules: build.security_group(rules=tuple(rules)))


def _resource_group() -> st.SearchStrategy[ResourceGroup]:
    healthy = build.cluster().node_resource_group.require()
    return st.sampled_from([healthy, replace(healthy, managed_by=None), replace(healthy, tags={})])


@st.composite
def _reading(draw: st.DrawFn, managed: ManagedCluster) -> Cluster:
    kept = [pool for pool in managed.pools if draw(st.integers(0, 9))]
    nodes = {pool.name: draw(nodes_of(pool)) for pool in managed.pools}
    return build.cluster(
        managed,
        *draw(activity()),
        scale_sets=[draw(scale_set_of(pool, nodes[pool.name])) for pool in kept],
        nodes=nodes,
        subscription=Subscription(
            id=build.SUBSCRIPTION, state=draw(st.sampled_from(["Enabled", "Disabled"]))
        ),
        node_resource_group=Known(draw(_resource_group())),
        security_groups=Known((draw(security_group()),)),
        disks=draw(st.sampled_from([None, Known(())])),
        changes=Known(tuple(draw(CHANGES))),
        subnets={
            arm.key(build.SUBNET_ID): Known(
                build.subnet(nsg_id=draw(st.sampled_from([build.NSG_ID, None])))
            )
        },
        virtual_machines=Known(tuple(draw(MACHINES))),
        network_interfaces=Known(tuple(draw(INTERFACES))),
        machines={pool.name: Known(draw(LISTED)) for pool in managed.pools},
        presence={arm.key(machine_id): Known(value=False) for machine_id in ABSENT},
    )


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """A cluster, read once or twice, the second time perhaps with another look."""
    managed = replace(build.managed(*draw(pools())), **draw(CLUSTER_FIELDS))
    first = draw(_reading(managed))
    second = draw(st.sampled_from(["none", "same", "other"]))
    if second == "same":
        return replace(first, second=first)
    return first if second == "none" else replace(first, second=draw(_reading(managed)))
