"""Clusters and their node pools as inventory rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from auditor.evidence.node_images import built_on
from auditor.evidence.pools import node_pools
from auditor.evidence.writers import Writer, outside_writers
from auditor.model import resource_id as arm
from auditor.model.aks import ManagedCluster
from auditor.model.facet import Known
from auditor.model.report import ClusterRow, NodePoolRow
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Judgement, Severity
from auditor.report.assessed import Assessed
from auditor.report.support import Support

NOT_SET = "not set"


def cluster_row(assessed: Assessed, state: Support) -> ClusterRow:
    """The cluster with its support state; what could not be read stays empty or ``None``."""
    cluster = assessed.cluster
    managed = assessed.managed or ManagedCluster(
        id=cluster.id, name=cluster.name, provisioning_state="", power_state=""
    )
    writers = outside_writers(cluster).known_or(None)
    return ClusterRow(
        id=cluster.id,
        name=cluster.name,
        resource_uid=managed.resource_uid,
        subscription_id=cluster.subscription.id,
        subscription_name=cluster.subscription.name,
        resource_group=arm.resource_group(cluster.id),
        location=managed.location,
        node_resource_group=managed.node_resource_group,
        owner=assessed.owner,
        tags=dict(sorted(managed.tags.items())),
        kubernetes_version=managed.current_kubernetes_version or managed.kubernetes_version,
        sku_tier=managed.sku_tier,
        support_plan=managed.support_plan,
        power_state=managed.power_state,
        provisioning_state=managed.provisioning_state,
        network_plugin=managed.network.plugin,
        vnet=_vnet(managed),
        lockdown=managed.is_lockdown if assessed.managed else None,
        upgrade_channels=_upgrade_channels(assessed.managed),
        node_pools=_node_pool_rows(assessed) if assessed.managed else (),
        outside_writers=None if writers is None else len(writers),
        support_state=state.state,
        support_reasons=state.reasons,
        findings_by_severity=_by_severity(assessed.evaluation.judgements),
        nearest_deadline=_nearest_deadline(assessed.evaluation.judgements),
        outside_writer_scopes=_by_scope(writers or ()),
    )


def _by_scope(writers: Iterable[Writer]) -> Mapping[str, int]:
    """How many identities may write by an assignment at each scope."""
    return dict(sorted(Counter(scope for one in writers for scope in one.scopes).items()))


def _vnet(managed: ManagedCluster) -> Literal["managed", "custom", "unknown"]:
    """``custom`` as soon as one pool's subnet lies outside the node resource group.

    AKS leaves ``vnetSubnetID`` empty for the virtual network that it makes itself.
    """
    if not managed.pools:
        return "unknown"
    subnets = [pool.subnet_id for pool in managed.pools if pool.subnet_id]
    home = managed.node_resource_group_id
    return "managed" if all(arm.within(subnet, home) for subnet in subnets) else "custom"


def _upgrade_channels(managed: ManagedCluster | None) -> Mapping[str, str]:
    if managed is None:
        return {}
    return {
        "kubernetes": managed.upgrade_channel or NOT_SET,
        "node_os": managed.node_os_upgrade_channel or NOT_SET,
    }


def _node_pool_rows(assessed: Assessed) -> tuple[NodePoolRow, ...]:
    views = sorted(node_pools(assessed.cluster), key=lambda view: view.pool.name)
    return tuple(_node_pool_row(view, assessed.as_of) for view in views)


def _node_pool_row(view: NodePoolView, as_of: datetime) -> NodePoolRow:
    pool = view.pool
    return NodePoolRow(
        name=pool.name,
        kind=str(pool.kind),
        mode=pool.mode,
        os=pool.os_sku or pool.os_type,
        vm_size=pool.vm_size,
        count=pool.count,
        running=_running(view),
        power_state=pool.power_state,
        provisioning_state=pool.provisioning_state,
        kubernetes_version=pool.current_kubernetes_version or pool.kubernetes_version,
        image=pool.node_image_version,
        image_age_days=_age_days(pool.node_image_version, as_of),
    )


def _age_days(image: str | None, as_of: datetime) -> int | None:
    """Days since the newest date in the image's version; ``None`` where it names none."""
    built = built_on(image) if image else None
    return (as_of.astimezone(UTC).date() - built).days if built else None


def _running(view: NodePoolView) -> int | None:
    """How many machines run; ``None`` where they could not be read or carry no power state."""
    if not isinstance(view.nodes, Known):
        return None
    states = [node.power for node in view.nodes.value]
    known = [power for power in states if power and power.code]
    return sum(power.is_running for power in known) if len(known) == len(states) else None


def _by_severity(judgements: tuple[Judgement, ...]) -> Mapping[str, int]:
    """All five severities, gravest first, those without a finding included."""
    counted = Counter(judgement.finding.severity for judgement in judgements)
    return {severity.value: counted[severity] for severity in reversed(Severity)}


def _nearest_deadline(judgements: tuple[Judgement, ...]) -> datetime | None:
    """The earliest possible end of any running clock."""
    clocks = [one.finding.clock for one in judgements if one.finding.clock]
    ends = [clock.deadline_earliest or clock.deadline_latest for clock in clocks]
    return min((end for end in ends if end is not None), default=None)
