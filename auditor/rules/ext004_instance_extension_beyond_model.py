"""Single nodes carry an extension that their scale set's model does not.

What it finds
-------------
Instances of a scale set with an extension that is not in the model and that AKS does not install,
or with one of AKS's own extensions changed on the instance alone. Instances of one scale set with
the same extension are one finding that lists them; one whose installation is on record is told by
itself.

Why it matters
--------------
AKS does not support custom VM extensions on its nodes. On single instances they also make nodes
of one pool differ, and a reimage or an upgrade removes them without a word.

What is not flagged
-------------------
AKS's own extensions, also when the instance is older than the model. What the model carries too
(EXT003 reports it). What a run command leaves behind: that a node was commanded is reported by
VMSS011. Agents that AKS tolerates, and extensions of AKS's own publisher, are leads only.
Instances that are just being changed.

How to fix it
-------------
Have AKS re-create the nodes of the pool, and exempt the node resource group from whatever
deploys the extension. Run node software as a DaemonSet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from auditor.evidence import extension_origins as origins
from auditor.evidence import extensions, nodes
from auditor.evidence.extension_origins import Origin
from auditor.evidence.extensions import Shipped
from auditor.model import remedy
from auditor.model import resource_id as arm
from auditor.model.compute import Extension, Instance, ScaleSet
from auditor.model.operation import OperationKind, OperationStatus
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Evidence, Finding, Severity, Unknown

RULE = Rule(
    id="EXT004",
    title="Extension on single nodes beyond the model",
    severity=Severity.MEDIUM,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.NODE_POOL,
    compares=frozenset({Aspect.EXTENSIONS}),
)

CAUSES = frozenset({OperationKind.EXTENSION_WRITE})
ENTRY = CAUSES | {OperationKind.NODE_COMMAND}
"""What installs an extension that lets people into a node: it counts as a command."""


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


def check(view: NodePoolView, context: Context) -> Iterator[Finding | Unknown]:
    """Compare the extensions of each instance with those of the model."""
    scale_set, instances = view.scale_set.require(), view.instances.require()
    carriers: defaultdict[tuple[Extra, str], list[Instance]] = defaultdict(list)
    for node in sorted(instances, key=nodes.number):
        for extra in _extras(node, scale_set, windows=view.pool.is_windows):
            carriers[extra, _deed(node, extra, context)].append(node)
    for (extra, _), group in sorted(carriers.items(), key=lambda item: item[0]):
        yield _finding(view, scale_set, extra, group)
    changing = [node for node in instances if nodes.is_changing(node)]
    if changing:
        yield Unknown(gap=nodes.in_transition(scale_set, changing))


def _extras(node: Instance, scale_set: ScaleSet, *, windows: bool) -> Iterator[Extra]:
    if nodes.is_changing(node):
        return
    for extension in node.extensions:
        shipped = next(
            (s for s in extensions.held(windows=windows) if s.has_name_of(extension)), None
        )
        if shipped is not None:
            yield from _changed(extension, shipped, scale_set)
        elif not _is_in_model(extension, scale_set):
            yield from _foreign(extension, windows=windows)


def _changed(extension: Extension, shipped: Shipped, scale_set: ScaleSet) -> Iterator[Extra]:
    """One of AKS's own that differs on the instance, and not in the model already."""
    twin = extensions.filling(shipped, scale_set.extensions)
    known = set(extensions.departures(twin, shipped)) if twin else set()
    own = [d for d in extensions.departures(extension, shipped) if d not in known]
    if own:
        actual = "; ".join(f"{d.path}: {d.actual}" for d in own)
        surest = max((d.confidence for d in own), key=lambda c: c.rank)
        yield Extra(extension.name, own[0].path, actual, surest)


def _foreign(extension: Extension, *, windows: bool) -> Iterator[Extra]:
    origin = origins.origin(extension, windows=windows)
    if origin not in {Origin.AKS, Origin.RUN_COMMAND}:
        actual = f"{extension.publisher} {extension.type}: {origin}"
        yield Extra(extension.name, "publisher", actual, origins.weight(origin).confidence)


def _is_in_model(extension: Extension, scale_set: ScaleSet) -> bool:
    """Whether the model has it too, under the same name and with the same code."""
    code = extensions.handler(extension.publisher, extension.type)
    return any(
        other.name.casefold() == extension.name.casefold()
        and extensions.handler(other.publisher, other.type) == code
        for other in scale_set.extensions
    )


def _deed(node: Instance, extra: Extra, context: Context) -> str:
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
    view: NodePoolView, scale_set: ScaleSet, extra: Extra, carriers: Sequence[Instance]
) -> Finding:
    on, own = nodes.listed(carriers), ", ".join(e.name for e in scale_set.extensions) or "none"
    return Finding(
        resource_id=f"{carriers[0].id}/extensions/{extra.name}",
        path=extra.path,
        summary=f"Extension {extra.name} on {on} of node pool {view.pool.name} is not in the "
        f"scale set's model ({extra.actual})",
        severity=Severity.MEDIUM,
        confidence=extra.confidence,
        expected="as in the scale set's model",
        actual=extra.actual,
        node_pool=view.pool.name,
        instances=tuple(node.instance_id for node in carriers),
        explained_by=extra.causes,
        evidence=(
            Evidence(text=f"extensions in the scale set's model: {own}", source="Compute"),
            Evidence(text=f"{on}: {extra.name}, {extra.actual}", source="Compute"),
        ),
        remediation="Have AKS re-create the nodes of the pool, and exempt the node resource "
        "group from whatever deploys the extension.",
        commands=(remedy.recreate_nodes(view.managed, view.pool.name),),
        rests_on=(scale_set.id,),
    )
