"""An extension that AKS holds constant was changed.

What it finds
-------------
The script extension that makes a VM a node (``vmssCSE``), or AKS's billing extension, with other
properties than AKS gives it: public settings, a force-update tag, another publisher, type or
version, automatic upgrades, an order, suppressed failures, settings from a key vault. Each
property is a finding of its own. Of settings only the names are shown, for values can be secrets.

Why it matters
--------------
Microsoft asks that changes to node extensions be prohibited. A node runs this script as root when
it is made and joins the cluster through it: another script, or none, gives nodes that AKS does
not know and cannot repair.

What is not flagged
-------------------
``AKSLinuxExtension``: a team of AKS's deploys and updates it beside the resource provider, with
settings and flags of its own. Newer 2.x versions of the script handler (Windows: 1.10 and later);
a newer major version of a handler is a lead only, for AKS may have moved to it. On Windows, public
settings are a lead only: one of AKS's own templates filled them. An order after AKS's own
extensions is a lead only. A command that was swapped in protected settings cannot be seen in the
model; the operation is reported by EXT005 or VMSS010.

How to fix it
-------------
Have AKS write its model again and re-create the nodes. What the script was changed for belongs
into a DaemonSet or into the node pool's own options.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evidence import extensions
from auditor.evidence.extensions import Departure, Shipped
from auditor.model import remedy
from auditor.model.compute import Extension, ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Evidence, Finding, Severity

RULE = Rule(
    id="EXT001",
    title="AKS's own node extension was changed",
    severity=Severity.HIGH,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/support-policies",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.EXTENSIONS}),
)

CAUSES = frozenset({OperationKind.EXTENSION_WRITE, OperationKind.SCALE_SET_WRITE})


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Compare each extension that AKS holds constant with what AKS holds it to."""
    scale_set = view.scale_set.require()
    for shipped in extensions.held(windows=view.pool.is_windows):
        extension = extensions.filling(shipped, scale_set.extensions)
        if extension is not None:
            for departure in extensions.departures(extension, shipped):
                yield _finding(view, scale_set, shipped, extension, departure)


def _finding(
    view: NodePoolView,
    scale_set: ScaleSet,
    shipped: Shipped,
    extension: Extension,
    departure: Departure,
) -> Finding:
    what = f"{departure.path} of {extension.name}"
    return Finding(
        resource_id=f"{scale_set.id}/extensions/{extension.name}",
        path=departure.path,
        summary=f"Node pool {view.pool.name}: {what} is {departure.actual}, AKS's is "
        f"{departure.expected}",
        severity=Severity.HIGH,
        confidence=departure.confidence,
        expected=departure.expected,
        actual=departure.actual,
        node_pool=view.pool.name,
        explained_by=CAUSES,
        evidence=(
            Evidence(
                text=f"AKS installs {shipped.label} with {departure.path} {departure.expected}",
                source="scale sets as AKS makes them",
            ),
            Evidence(text=f"the scale set's model: {what} is {departure.actual}", source="Compute"),
        ),
        remediation="Have AKS write its model again and re-create the nodes of the pool.",
        commands=remedy.restore(view.managed, view.pool.name),
        rests_on=(scale_set.id,),
    )
