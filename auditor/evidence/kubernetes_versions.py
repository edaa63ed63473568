"""Kubernetes versions: how they are written, what runs which, and what a location offers.

AKS writes a full version (``1.34.8``), or a minor one as an alias for its newest patch
(``1.34``). Support is given to minor versions, under one of two plans: the community's, and
long-term support, which takes both ``supportPlan`` ``AKSLongTermSupport`` and the tier
``Premium``. Source: Microsoft's articles *Supported Kubernetes versions* and *Long-term support*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

from auditor.evidence import transitions
from auditor.model.aks import ManagedCluster, NodePool
from auditor.model.facet import Gap, Outcome
from auditor.model.lifecycle import KubernetesRelease
from auditor.model.rule import Aspect, Context
from auditor.model.verdict import Confidence

_VERSION_ONLY = frozenset({Aspect.VERSION})
_FORM = re.compile(r"(?P<major>\d{1,3})\.(?P<minor>\d{1,4})(?:\.\d+)?")


class Minor(NamedTuple):
    """A minor version: what is supported as one."""

    major: int
    number: int

    def __str__(self) -> str:
        """The version as AKS writes it."""
        return f"{self.major}.{self.number}"


class Plan(StrEnum):
    """A support plan, as ``kubernetesVersions`` and ``supportPlan`` name it."""

    COMMUNITY = "KubernetesOfficial"
    LONG_TERM = "AKSLongTermSupport"

    @property
    def words(self) -> str:
        """The plan in words."""
        return "long-term support" if self is Plan.LONG_TERM else "community support"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What runs a Kubernetes version: the control plane, or a node pool by name.

    ``at_most``: how sure anything can be that is said of a pool whose last operation failed.
    """

    id: str
    path: str
    version: str
    minor: Minor
    pool: str = ""
    at_most: Confidence = Confidence.CONFIRMED

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"node pool {self.pool}" if self.pool else "the control plane"


def minor_of(version: str) -> Minor | None:
    """The minor version, or ``None`` where the text has another form."""
    match = _FORM.fullmatch(version)
    return Minor(int(match["major"]), int(match["minor"])) if match else None


def plan_of(managed: ManagedCluster) -> Plan:
    """The plan that the cluster is supported under."""
    asked = (managed.support_plan or "").casefold() == Plan.LONG_TERM.casefold()
    paid = (managed.sku_tier or "").casefold() == "premium"
    return Plan.LONG_TERM if asked and paid else Plan.COMMUNITY


def control_plane(managed: ManagedCluster) -> Running | Gap:
    """What the control plane runs; a gap with the raw value where that has an unknown form."""
    version = managed.current_kubernetes_version or managed.kubernetes_version or ""
    return _running(managed.id, "currentKubernetesVersion", version)


def node_pools(managed: ManagedCluster, context: Context) -> Iterator[Running | Gap]:
    """What each node pool runs; a gap for one that is in motion, or of unknown form.

    AKS's own record decides, whatever the scale set is doing. Pools that Microsoft holds are
    Microsoft's to upgrade.
    """
    for pool in managed.pools:
        if pool.is_hosted:
            continue
        judgeable = transitions.of_request(managed, pool, _VERSION_ONLY, context)
        if isinstance(judgeable, Gap):
            yield judgeable
            continue
        version = pool.current_kubernetes_version or pool.kubernetes_version or ""
        pool_id, path = pool_id_of(managed, pool), "currentOrchestratorVersion"
        running = _running(pool_id, path, version, pool.name)
        known = isinstance(running, Running)
        yield msgspec.structs.replace(running, at_most=judgeable.at_most) if known else running


def distinct(managed: ManagedCluster, context: Context) -> Iterator[Running | Gap]:
    """The control plane, then the node pools on another minor version than it."""
    first = control_plane(managed)
    yield first
    for running in node_pools(managed, context):
        if isinstance(running, Gap) or isinstance(first, Gap) or running.minor != first.minor:
            yield running


def pool_id_of(managed: ManagedCluster, pool: NodePool) -> str:
    """The ARM id of a node pool."""
    return f"{managed.id}/agentPools/{pool.name}"


def offers(releases: Iterable[KubernetesRelease], minor: Minor, plan: Plan) -> bool:
    """Whether a location offers a minor version under a plan.

    An answer without plans is one of an older API, which knew the community's only.
    """
    return any(
        minor_of(release.minor) == minor
        and plan.casefold() in {p.casefold() for p in release.plans or (Plan.COMMUNITY,)}
        for release in releases
    )


def newest(releases: Iterable[KubernetesRelease]) -> Minor | None:
    """The newest generally available minor version that a location offers."""
    minors = (minor_of(release.minor) for release in releases if not release.is_preview)
    return max((minor for minor in minors if minor), default=None)


def _running(resource_id: str, path: str, version: str, pool: str = "") -> Running | Gap:
    minor = minor_of(version)
    if minor is None:
        what = f"node pool {pool}" if pool else "the control plane"
        said = f"{version!r}, which has no known form" if version else "not said"
        return Gap(
            scope=resource_id,
            collector="kubernetes_versions",
            outcome=Outcome.FAILED,
            code="UnknownVersion",
            message=f"the Kubernetes version of {what} is {said}",
        )
    return Running(id=resource_id, path=path, version=version, minor=minor, pool=pool)
