"""Nodes: what condition an instance of a scale set is in, by its provisioning and power state.

Source: Compute's instance view. Its codes are ``PowerState/running``, ``starting``, ``stopping``,
``stopped``, ``deallocating``, ``deallocated`` and ``unknown``, and ``ProvisioningState/*``, where
a failed start names its cause after the last slash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from auditor.evidence.transitions import FAILED, SETTLED
from auditor.model.compute import Instance, ScaleSet
from auditor.model.facet import Gap, Outcome

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


def condition(node: Instance) -> Condition:
    """The condition of a node; a running node that is being written to runs."""
    if node.power.code == "running":
        return Condition.RUNNING
    if is_changing(node):
        return Condition.CHANGING
    if node.power.code == "deallocated":
        return Condition.DEALLOCATED
    if node.power.code == "stopped":
        return Condition.STOPPED
    return Condition.UNPLACED if lacks_capacity(node) else Condition.UNTOLD


def is_changing(node: Instance) -> bool:
    """Whether an operation on the node is under way."""
    settled = node.provisioning_state.casefold() in SETTLED | FAILED
    return not settled or node.power.code in _IN_MOTION


def has_failed(node: Instance) -> bool:
    """Whether the last operation on the node failed."""
    return node.provisioning_state.casefold() in FAILED


def lacks_capacity(node: Instance) -> bool:
    """Whether the node's last start failed because Azure had no room or no quota for it."""
    return _NO_CAPACITY.match(node.provisioning_code) is not None


def in_transition(scale_set: ScaleSet, nodes: Sequence[Instance]) -> Gap:
    """Nodes that cannot be judged because something is just being done to them."""
    return _gap(scale_set, nodes, "are just being changed", Outcome.TRANSITION, "Transition")


def without_power_state(scale_set: ScaleSet, nodes: Sequence[Instance]) -> Gap:
    """Nodes of which Azure does not say whether they run."""
    return _gap(scale_set, nodes, "show no power state", Outcome.FAILED, "NoPowerState")


def number(node: Instance) -> tuple[int, str]:
    """What nodes are sorted by: 2 comes before 10."""
    digits = node.instance_id if node.instance_id.isdecimal() else "0"
    return int(digits), node.instance_id


def listed(nodes: Sequence[Instance]) -> str:
    """Nodes by their instance ids, in words."""
    ids = ", ".join(node.instance_id for node in nodes)
    return f"node {ids}" if len(nodes) == 1 else f"nodes {ids}"


def _gap(
    scale_set: ScaleSet, nodes: Sequence[Instance], what: str, outcome: Outcome, code: str
) -> Gap:
    return Gap(
        scope=scale_set.id,
        collector="scale_set_instances",
        outcome=outcome,
        code=code,
        message=f"{listed(nodes)} of {scale_set.name} {what}",
    )
