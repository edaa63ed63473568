"""Add-ons of a managed cluster, and the identities that they bring."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.collect.wire.base import Wire
from auditor.model import aks as model


class UserIdentity(Wire):
    """A managed identity; the cluster's own have a ``principalId``, others an ``objectId``."""

    resource_id: str | None = None
    client_id: str | None = None
    object_id: str | None = None
    principal_id: str | None = None

    def to_model(self, role: str, name: str, resource_id: str = "") -> model.ClusterIdentity:
        """The identity in the model's words, in the role that the cluster gives it."""
        return model.ClusterIdentity(
            role=role,
            name=name,
            principal_id=self.principal_id or self.object_id or "",
            client_id=self.client_id or "",
            resource_id=self.resource_id or resource_id,
        )


class Addon(Wire):
    """An add-on, or a feature that is built like one."""

    enabled: bool | None = None
    identity: UserIdentity | None = None


class Ingress(Wire):
    """``ingressProfile``."""

    web_app_routing: Addon | None = None


class Metrics(Wire):
    """``metricsProfile``."""

    cost_analysis: Addon | None = None

    def identities(self, node_group_id: str) -> Iterator[model.ClusterIdentity]:
        """The identity of cost analysis, which the cluster does not name.

        AKS makes it under this name and puts it on every node pool. Source: Microsoft's page
        *Azure Kubernetes Service cost analysis*.
        """
        if self.cost_analysis and self.cost_analysis.enabled:
            kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
            identity_id = f"{node_group_id}/providers/{kind}/cost-analysis-identity"
            yield UserIdentity(resource_id=identity_id).to_model("addon", "costAnalysis")
