"""The scale set's model carries an extension that AKS does not install.

What it finds
-------------
Extensions in a scale set's model that neither AKS nor an add-on of it put there: a customer's own
agents and scripts, agents that Azure Policy or Microsoft Defender for Cloud deploys (named as
such), and extensions that go by a name of AKS's and are other code.

Why it matters
--------------
AKS does not support custom VM extensions on its nodes. They run as root, can break the node, and
AKS drops most of them the next time it writes its model; software for nodes belongs into
DaemonSets.

What is not flagged
-------------------
AKS's own extensions: ``vmssCSE``, its billing extension, ``AKSLinuxExtension``, and the sign-in
by Entra ID on pools that AKS set to it. Only leads: extensions of AKS's own publisher, and of other
publishers of Microsoft's, that this tool does not know; the sign-in extension where the pool's mark
says that nodes are entered by local users; and the agents on an allow list of AKS's, which keeps
them when it writes its model (the Azure Monitor and Azure Security agents among them; it is not
certain that the list is current). What Azure Policy or a Microsoft service usually deploys weighs
medium.

How to fix it
-------------
Take the node resource group out of the policy assignment or the Defender plan that deploys the
agent, then have AKS write its model again and re-create the nodes. Run node software as a
DaemonSet.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from auditor.evidence import extension_origins as origins
from auditor.evidence import extensions
from auditor.evidence.extension_origins import Origin
from auditor.model import remedy
from auditor.model.compute import Extension, ScaleSet
from auditor.model.operation import OperationKind
from auditor.model.rule import Aspect, Context, Rule, Subject
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Evidence, Finding, Severity

RULE = Rule(
    id="EXT003",
    title="Extension on the nodes that AKS does not install",
    severity=Severity.HIGH,
    clauses=("C4",),
    docs_url="https://learn.microsoft.com/azure/aks/faq",
    since="0.1.0",
    judges=Subject.SCALE_SET,
    compares=frozenset({Aspect.EXTENSIONS}),
)

CAUSES = frozenset({OperationKind.EXTENSION_WRITE, OperationKind.SCALE_SET_WRITE})
ENTRY = CAUSES | {OperationKind.NODE_COMMAND}
"""What installs an extension that lets people into nodes: its own write counts as a command."""

_REMEDIATION = MappingProxyType(
    {
        Origin.RETAINED: "Exempt the node resource group from what deploys the agent; AKS may "
        "keep it in its model, so that a new node pool is the clean way back.",
        Origin.DEPLOYED: "Exempt the node resource group from the policy or plan that deploys "
        "the agent, then have AKS write its model again and re-create the nodes.",
    }
)
_REMOVE = (
    "Have AKS write its model again and re-create the nodes; install node software by a DaemonSet."
)


def check(view: NodePoolView, context: Context) -> Iterator[Finding]:
    """Name every extension of the model that is not AKS's."""
    scale_set, windows = view.scale_set.require(), view.pool.is_windows
    held = [extensions.filling(s, scale_set.extensions) for s in extensions.held(windows=windows)]
    for extension in scale_set.extensions:
        origin = origins.origin(extension, windows=windows)
        if extension in held or _is_expected(origin, extension, scale_set):
            continue
        yield _finding(view, scale_set, extension, origin)


def _is_expected(origin: Origin, extension: Extension, scale_set: ScaleSet) -> bool:
    """AKS's own; the sign-in by Entra ID only where AKS's mark does not say otherwise."""
    if origin is not Origin.AKS:
        return False
    return not (extensions.is_entra_sign_in(extension) and _signs_in_otherwise(scale_set))


def _signs_in_otherwise(scale_set: ScaleSet) -> bool:
    mark = scale_set.tags.get("aks-managed-ssh-access", "")
    return bool(mark) and mark.casefold() != "entraid"


def _finding(
    view: NodePoolView, scale_set: ScaleSet, extension: Extension, origin: Origin
) -> Finding:
    code = f"{extension.publisher} {extension.type}"
    deployer = origins.deployer(extension)
    by = f", usually deployed by {deployer}" if deployer else ""
    weight = origins.weight(origin)
    return Finding(
        resource_id=f"{scale_set.id}/extensions/{extension.name}",
        path="publisher",
        summary=f"Node pool {view.pool.name} carries {extension.name} ({code}): {origin}{by}",
        severity=weight.severity,
        confidence=weight.confidence,
        expected="not installed",
        actual=f"{code} {extension.version}".rstrip(),
        node_pool=view.pool.name,
        explained_by=ENTRY if "vmaccess" in extension.name.casefold() else CAUSES,
        evidence=(
            Evidence(
                text=f"extensions that AKS installs: {_own(windows=view.pool.is_windows)}",
                source="scale sets as AKS makes them",
            ),
            Evidence(text=f"the scale set's model: {extension.name}, {code}", source="Compute"),
        ),
        remediation=_REMEDIATION.get(origin, _REMOVE),
        commands=remedy.restore(view.managed, view.pool.name),
        rests_on=(scale_set.id,),
    )


def _own(*, windows: bool) -> str:
    return ", ".join(shipped.label for shipped in extensions.known(windows=windows))
