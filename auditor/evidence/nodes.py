"""Nodes: what condition an instance or a node VM is in, by its provisioning and power state.

Source: Compute's instance view. Its codes are ``PowerState/running``, ``starting``, ``stopping``,
``stopped``, ``deallocating``, ``deallocated`` and ``unknown``, and ``ProvisioningState/*``, where
a failed start names its cause after the last slash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from auditor.evidence.transitions import FAILED, SETTLED
from auditor.model import resource_id as arm
from auditor.model.compute import Node
from auditor.model.facet import Gap, Outcome
from auditor.model.snapshot import NodesView

_IN_MOTION = frozenset({"starting", "stopping", "deallocating"})

_NO_CAPACITY = re.compile(
    r"provisioningstate/failed/("
    r"(zonal|overconstrained)?allocation\w*|overconstrained\w+|skunotavailable"
    r"|\w*quota\w*|operationnotallowed)",
    re.IGNORECASE,
)
"""Causes of a start that failed for want of capacity or quota. Source: Azure's lists of
allocation failures and of common deployment errors (quota shows as ``OperationNotAllowed``)."""


class Condition(StrEnum):
    """What a node is like just now."""

    RUNNING = "running"
    DEALLOCATED = "deallocated"
    STOPPED = "stopped"
    CHANGING = "being changed"
    UNPLACED = "without capacity"
    UNTOLD = "of unknown power state"


def condition(node: Node) -> Condition:
    """The condition of a node; a running node that is being written to runs."""
    if node.power_code == "running":
        return Condition.RUNNING
    if is_changing(node):
        return Condition.CHANGING
    if node.power_code == "deallocated":
        return Condition.DEALLOCATED
    if node.power_code == "stopped":
        return Condition.STOPPED
    return Condition.UNPLACED if lacks_capacity(node) else Condition.UNTOLD


def is_changing(node: Node) -> bool:
    """Whether an operation on the node is under way."""
    settled = node.provisioning_state.casefold() in SETTLED | FAILED
    return not settled or node.power_code in _IN_MOTION


def has_failed(node: Node) -> bool:
    """Whether the last operation on the node failed."""
    return node.provisioning_state.casefold() in FAILED


def lacks_capacity(node: Node) -> bool:
    """Whether the node's last start failed because Azure had no room or no quota for it."""
    return _NO_CAPACITY.match(node.provisioning_code) is not None


def in_transition(view: NodesView, nodes: Sequence[Node]) -> Gap:
    """Nodes that cannot be judged because something is just being done to them."""
    return _gap(view, nodes, "just being changed", Outcome.TRANSITION, "Transition")


def without_power_state(view: NodesView, nodes: Sequence[Node]) -> Gap:
    """Nodes of which Azure does not say whether they run."""
    return _gap(view, nodes, "no power state", Outcome.FAILED, "NoPowerState")


def number(node: Node) -> tuple[int, str]:
    """What nodes are sorted by: 2 comes before 10."""
    return len(node.label), node.label


def listed(nodes: Sequence[Node]) -> str:
    """Nodes by their numbers or names, in words."""
    labels = ", ".join(node.label for node in nodes)
    return f"node {labels}" if len(nodes) == 1 else f"nodes {labels}"


def _gap(view: NodesView, nodes: Sequence[Node], what: str, outcome: Outcome, code: str) -> Gap:
    return Gap(
        scope=view.carrier_id,
        collector="scale_set_instances" if view.is_on_scale_set else "virtual_machines",
        outcome=outcome,
        code=code,
        message=f"{listed(nodes)} of {arm.name(view.carrier_id)}: {what}",
    )
