"""Single nodes carry an extension that their model does not, or that AKS does not install.

What it finds
-------------
Instances of a scale set with an extension that is not in the model and that AKS does not install,
or with one of AKS's own extensions changed on the instance alone. Instances of one scale set with
the same extension are one finding that lists them; one whose installation is on record is told by
itself. Virtual machines of a pool, and those that Karpenter made, which have no model, with an
extension that neither AKS nor Karpenter installs.

Why it matters
--------------
AKS does not support custom VM extensions on its nodes. On single instances they also make nodes
of one pool differ, and a reimage or an upgrade removes them without a word.

What is not flagged
-------------------
AKS's own extensions, also when the instance is older than the model. What the model carries too
(EXT003 reports it). What a run command leaves behind: that a node was commanded is reported by
VMSS011. Agents that AKS tolerates, and extensions of AKS's own publisher, are leads only. So are,
on virtual machines, changes of AKS's own script and billing extension, and a script under another
name: how AKS keeps them there is not well known. Nodes that are just being changed.

How to fix it
-------------
Have AKS re-create the nodes of the pool, or delete the NodeClaim of a node that Karpenter made, and
exempt the node resource group from whatever deploys the extension. Run node software as a
DaemonSet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from auditor.evidence import extension_origins as origins
from auditor.evidence import extensions, nodes, remedies, standalone
from auditor.evidence.extension_origins import Origin
from auditor.evidence.extensions import Shipped
from auditor.model import resource_id as arm
from auditor.model.compute import Extension, Node
from auditor.model.operation import OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodesView, StandaloneNodes
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="EXT004",
    title="Extension on single nodes beyond the model",
    severity=Severity.MEDIUM,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.NODES,
    compares=frozenset({Aspect.EXTENSIONS}),
)

CAUSES = frozenset({OperationKind.EXTENSION_WRITE})
ENTRY = CAUSES | {OperationKind.NODE_COMMAND}
"""What installs an extension that lets people into a node: it counts as a command."""


_REMEDIATION = "Exempt the node resource group from whatever deploys the extension."


class Extra(msgspec.Struct, frozen=True, order=True):
    """What instances carry beyond their model: an extension and, in words, what it is."""

    name: str
    path: str
    actual: str
    confidence: Confidence

    @property
    def causes(self) -> frozenset[OperationKind]:
        """The kinds of operation that install it."""
        return ENTRY if "vmaccess" in self.name.casefold() else CAUSES


def check(view: NodesView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare the extensions of each node with those of its model, or with what AKS installs."""
    model, of_pool = _model(view), view.nodes.known_or(())
    carriers: defaultdict[tuple[Extra, str], list[Node]] = defaultdict(list)
    for node in sorted(of_pool, key=nodes.number):
        for extra in _extras(node, model, view):
            by_itself = _deed(node, extra, context) if view.is_on_scale_set else node.label
            carriers[extra, by_itself].append(node)
    for (extra, _), group in sorted(carriers.items(), key=lambda item: item[0]):
        yield _finding(view, model, extra, group)
    changing = [node for node in of_pool if nodes.is_changing(node)]
    if changing:
        yield Unknown(gap=nodes.in_transition(view, changing))
    yield from (Unknown(gap=gap) for gap in view.nodes.causes)


def _model(view: NodesView) -> tuple[Extension, ...]:
    """The extensions of the model; a virtual machine has none."""
    if isinstance(view, StandaloneNodes) or not view.pool.is_on_scale_set:
        return ()
    return view.scale_set.require().extensions


def _extras(node: Node, model: Sequence[Extension], view: NodesView) -> Iterator[Extra]:
    if nodes.is_changing(node):
        return
    held = extensions.held(windows=view.is_windows, machine=not view.is_on_scale_set)
    for extension in node.extensions:
        shipped = next((s for s in held if s.has_name_of(extension)), None)
        if shipped is not None:
            yield from _changed(extension, shipped, model, view)
        elif not _is_in_model(extension, model):
            yield from _foreign(extension, view)


def _changed(
    extension: Extension, shipped: Shipped, model: Sequence[Extension], view: NodesView
) -> Iterator[Extra]:
    """One of AKS's own that differs on the node, and not in the model already."""
    twin = extensions.filling(shipped, model)
    known = set(extensions.departures(twin, shipped)) if twin else set()
    own = [d for d in extensions.departures(extension, shipped) if d not in known]
    if own:
        actual = "; ".join(f"{d.path}: {d.actual}" for d in own)
        surest = max((d.confidence for d in own), key=lambda c: c.rank)
        known_there = view.is_on_scale_set or not shipped.is_kind_of(extension)
        sure = surest if known_there else Confidence.POSSIBLE
        yield Extra(extension.name, own[0].path, actual, sure)


def _foreign(extension: Extension, view: NodesView) -> Iterator[Extra]:
    is_machine = not view.is_on_scale_set
    origin = origins.origin(extension, windows=view.is_windows, machine=is_machine)
    if origin not in {Origin.AKS, Origin.RUN_COMMAND}:
        actual = f"{extension.publisher} {extension.type}: {origin}"
        yield Extra(extension.name, "publisher", actual, origins.weight(origin).confidence)


def _is_in_model(extension: Extension, model: Sequence[Extension]) -> bool:
    """Whether the model has it too, under the same name and with the same code."""
    code = extensions.handler(extension.publisher, extension.type)
    return any(
        other.name.casefold() == extension.name.casefold()
        and extensions.handler(other.publisher, other.type) == code
        for other in model
    )


def _deed(node: Node, extra: Extra, context: Context) -> str:
    """The operation on record that installed it on this node: a deed of its own."""
    extension_id = f"{node.id}/extensions/{extra.name}"
    installed = (
        operation.id
        for operation in reversed(context.done_to(node.id))
        if operation.kind in extra.causes
        and operation.status is OperationStatus.SUCCEEDED
        and not operation.actor.is_of_aks
        and arm.same(operation.target, extension_id)
    )
    return next(installed, "")


def _finding(
    view: NodesView, model: Sequence[Extension], extra: Extra, carriers: Sequence[Node]
) -> Finding:
    on, wanted = nodes.listed(carriers), _expected(view)
    renewal = remedies.renewal(view, carriers[0].name)
    instances = tuple(node.label for node in carriers) if view.is_on_scale_set else ()
    return Finding(
        resource_id=f"{carriers[0].id}/extensions/{extra.name}",
        path=extra.path,
        summary=f"Extension {extra.name} on {on} {standalone.whose(view)} is not "
        f"{wanted} ({extra.actual})",
        severity=Severity.MEDIUM,
        confidence=extra.confidence,
        expected=f"as {wanted}",
        actual=extra.actual,
        node_pool=view.pool_name,
        instances=instances,
        explained_by=extra.causes,
        evidence=(
            Evidence(text=_known(view, model), source="Compute"),
            Evidence(text=f"{on}: {extra.name}, {extra.actual}", source="Compute"),
        ),
        remediation=f"{renewal.remediation} {_REMEDIATION}",
        commands=renewal.commands,
        rests_on=(view.carrier_id,) if view.is_on_scale_set else (carriers[0].id,),
    )


def _known(view: NodesView, model: Sequence[Extension]) -> str:
    if view.is_on_scale_set:
        own = ", ".join(extension.name for extension in model) or "none"
        return f"extensions in the scale set's model: {own}"
    labels = (s.label for s in extensions.known(windows=view.is_windows, machine=True))
    return f"AKS installs {', '.join(labels)} on virtual machines"


def _expected(view: NodesView) -> str:
    return "in the scale set's model" if view.is_on_scale_set else "what AKS installs"
