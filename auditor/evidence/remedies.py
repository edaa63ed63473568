"""Remedies that depend on who did it, and on who made the nodes.

What acts by itself does it again, unless it is told not to; nodes are made anew by their maker.

Sources: Azure Policy's exemptions; Microsoft Defender for Cloud's settings of a subscription.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.operation import Actor, ActorKind, Operation, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodesView, StandaloneNodes
from auditor.model.verdict import Evidence, Finding

_ANOTHER_WAY = (
    "AKS leaves nodes of the newest image as they are: then add a new node pool and delete this "
    "one."
)
_OF_OLD_IMAGES = frozenset({"nodeImageVersion", "storageProfile.imageReference"})
"""Properties of which an old image is itself the finding."""

_DEFENDER = ("Defender", "Security Resource Provider")


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """How nodes are made anew, in words and commands.

    ``restoring`` has AKS write its own model again before, where it has one.
    """

    remediation: str
    commands: tuple[str, ...]
    restoring: tuple[str, ...]


def renewal(view: NodesView, machine: str) -> Renewal:
    """How a view's nodes are made anew: by AKS, or by Karpenter, which made the ``machine``."""
    if isinstance(view, StandaloneNodes):
        command = (remedy.replace_node(machine),)
        return Renewal(
            remediation="Delete the node's NodeClaim: Karpenter then drains it and makes another.",
            commands=command,
            restoring=command,
        )
    return Renewal(
        remediation="Have AKS re-create the nodes of the pool.",
        commands=(remedy.recreate_nodes(view.managed, view.pool.name),),
        restoring=remedy.restore(view.managed, view.pool.name),
    )


def fitted(finding: Finding, operation: Operation | None, context: Context) -> Finding:
    """The finding with the remedy that its author calls for, ahead of the rule's own.

    Where Azure Policy may have had a hand in another's call, or nobody else than AKS is on record
    and a policy altered its call, its exemption comes last, with an if.
    """
    finding = _with_another_way(finding)
    if operation is None:
        return _with_policies(finding, _altered(finding, context))
    actor = operation.actor
    first = _first_step(actor, finding.resource_id)
    told = msgspec.structs.replace(
        finding,
        remediation=" ".join(filter(None, (first, finding.remediation))),
        commands=(*_first_commands(actor, finding.resource_id), *finding.commands),
        evidence=(*finding.evidence, *_reuse(actor)),
    )
    return _with_policies(told, operation)


def _with_another_way(finding: Finding) -> Finding:
    """What to do where nodes are to be made anew and no image is newer than theirs."""
    renews = any(map(remedy.takes_newer_image, finding.commands))
    if not renews or finding.path in _OF_OLD_IMAGES:
        return finding
    return msgspec.structs.replace(finding, remediation=f"{finding.remediation} {_ANOTHER_WAY}")


def _altered(finding: Finding, context: Context) -> Operation | None:
    """AKS's newest call that may have left such a state, of those that Azure Policy altered."""
    fitting = (
        operation
        for operation in context.done_to(finding.resource_id)
        if operation.kind in finding.explained_by
        and operation.status is OperationStatus.SUCCEEDED
        and operation.actor.is_of_aks
        and operation.policies
        and arm.within(finding.resource_id, operation.target)
    )
    return max(fitting, key=lambda o: (o.at, o.id), default=None)


def _with_policies(finding: Finding, operation: Operation | None) -> Finding:
    """The finding with the assignments that had a hand in a call, in evidence and remedy."""
    if operation is None or not operation.policies_beside:
        return finding
    last = _where_policies_helped(operation, finding.resource_id)
    return msgspec.structs.replace(
        finding,
        remediation=" ".join(filter(None, (finding.remediation, last))),
        evidence=(*finding.evidence, *_policies(operation)),
    )


def _first_step(actor: Actor, resource_id: str) -> str:
    if actor.borrowed:
        return f"Give whatever uses the cluster's {actor.borrowed} identity one of its own."
    if actor.kind is ActorKind.AZURE_POLICY:
        group = arm.resource_group(resource_id)
        return f"Exempt {group} from the policy assignment {actor.name}, or it happens again."
    if _is_defender(actor):
        return (
            "Turn off what deploys it in Microsoft Defender for Cloud (Environment settings, "
            "Settings & monitoring), or it happens again."
        )
    return ""


def _first_commands(actor: Actor, resource_id: str) -> tuple[str, ...]:
    if not actor.policy_assignment:
        return ()
    group = arm.group_id(arm.subscription(resource_id), arm.resource_group(resource_id))
    return (remedy.exempt(group, actor.policy_assignment),)


def _where_policies_helped(operation: Operation, resource_id: str) -> str:
    """What to do if it was not the caller's own request, but what Azure Policy made of it."""
    names = " or ".join(map(arm.name, operation.policies_beside))
    group = arm.resource_group(resource_id)
    return f"If the policy assignment {names} brought it about, exempt {group} from it."


def _policies(operation: Operation) -> Iterator[Evidence]:
    call = f"AKS's own {operation.name}" if operation.actor.is_of_aks else "the call"
    for assignment in operation.policies_beside:
        name = arm.name(assignment)
        text = f"the policy assignment {name} altered {call}, or deployed something in its wake"
        yield Evidence(text=text, source="activity log", at=operation.at)


def _is_defender(actor: Actor) -> bool:
    service = actor.kind is ActorKind.AZURE_SERVICE
    return service and any(name in actor.name for name in _DEFENDER)


def _reuse(actor: Actor) -> tuple[Evidence, ...]:
    if not actor.borrowed:
        return ()
    text = f"AKS never does this by its {actor.borrowed} identity: somebody else uses it"
    return (Evidence(text=text, source="AKS service permissions"),)
