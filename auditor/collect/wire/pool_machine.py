"""``…/managedClusters/{cluster}/agentPools/{pool}/machines``, api-version 2026-08-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire


class PoolMachineProperties(Wire):
    """``properties`` of a machine of a node pool."""

    resource_id: str | None = None


class WirePoolMachine(Wire):
    """A machine as AKS sees it: the node behind one virtual machine."""

    id: str
    properties: PoolMachineProperties | None = None

    def to_model(self) -> str:
        """The id of the virtual machine, or AKS's own of a machine that has none.

        Such a machine is just being made, or a node outside of Azure, which pools of single
        machines take (Microsoft's AKS Flex Node).
        """
        return (self.properties or PoolMachineProperties()).resource_id or self.id
