"""Whose an extension is that AKS does not hold constant: AKS's own, a deployed agent, a customer's.

Every extension that AKS did not install is an edit of the node. Who did it, the activity log
tells; publisher and type tell what it is, and how far AKS itself puts up with it. Sources: the
AKS FAQ ("Can I use custom VM extensions? No"); Azure Policy's and Defender for Cloud's lists of
what they deploy; an allow list of AKS's that was published once.
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType

import msgspec

from auditor.evidence import extensions
from auditor.model.compute import Extension
from auditor.model.verdict import Confidence, Severity


class Origin(StrEnum):
    """Whose an extension is that is not one of those which AKS holds constant."""

    AKS = "AKS's own"
    AKS_PUBLISHER = "an extension of AKS's publisher that is not known to this tool"
    RETAINED = "an agent of Microsoft's that AKS tolerates"
    DEPLOYED = "an agent that Azure Policy or a Microsoft service deploys"
    RUN_COMMAND = "what is left of a run command"
    IMITATION = "an extension under the name of one of AKS's"
    MICROSOFT = "an extension of Microsoft's that AKS is not known to install"
    CUSTOMER = "an extension that neither AKS nor an add-on of it installs"


_RETAINED = frozenset(
    {
        "microsoft.m365.cosmic.compute.linux.node",
        "microsoft.m365.cosmic.compute.windows.node",
        "microsoft.azure.security.monitoring.azuresecuritylinuxagent",
        "microsoft.azure.monitor.azuremonitorlinuxagent",
        "microsoft.azure.geneva.genevamonitoring",
        "microsoft.azure.keyvault.keyvaultforwindows",
        "microsoft.azure.containerupstream.capz.windows.bootstrapping",
    }
)
"""Handlers that AKS keeps when it writes its model. Source: its allow list as published once; it
is not certain that the list is current."""

_DEPLOYERS = MappingProxyType(
    {
        "microsoft.azure.monitor": "Azure Policy or VM insights",
        "microsoft.azure.monitoring.dependencyagent": "Azure Policy or VM insights",
        "microsoft.enterprisecloud.monitoring": "Azure Policy or Microsoft Defender for Cloud",
        "microsoft.azure.changetrackingandinventory": "Azure Policy or Defender for Servers",
        "microsoft.azure.security.monitoring": "Azure Policy or Microsoft Defender for Cloud",
        "microsoft.azure.azuredefenderforservers": "Microsoft Defender for Servers",
        "microsoft.azure.azuredefenderforsql": "Microsoft Defender for Cloud",
        "qualys.linuxagent.azuresecuritycenter": "Microsoft Defender for Cloud",
        "qualys.windowsagent.azuresecuritycenter": "Microsoft Defender for Cloud",
        "microsoft.guestconfiguration": "Azure Policy's guest configuration",
        "microsoft.azure.security.linuxattestation": "Microsoft Defender for Cloud",
        "microsoft.azure.security.windowsattestation": "Microsoft Defender for Cloud",
    }
)
"""Who usually deploys a publisher's extensions, or one of them; who did it here, only the log
can tell."""

_CUSTOMERS_TOOLS = frozenset(
    {
        "microsoft.azure.extensions",
        "microsoft.compute",
        "microsoft.cplat.core",
        "microsoft.managedservices",
        "microsoft.ostcextensions",
        "microsoft.powershell",
    }
)
"""Publishers of Microsoft's whose extensions nobody but a person or a pipeline installs."""

_RUN_COMMAND = re.compile(r"microsoft\.cplat\.core\.runcommand\w*")


def deployer(extension: Extension) -> str:
    """Who usually deploys such an extension, or an empty string."""
    code = extensions.handler(extension.publisher, extension.type)
    return _DEPLOYERS.get(extension.publisher.casefold()) or _DEPLOYERS.get(code, "")


def origin(extension: Extension, *, windows: bool, machine: bool = False) -> Origin:
    """Whose an extension is, by its publisher, type and name together.

    A name alone proves nothing: an extension that goes by a name of AKS's and is other code is
    an imitation. The publisher is Azure's word and cannot be forged.
    """
    own = extensions.known(windows=windows, machine=machine)
    if any(s.has_name_of(extension) and s.is_kind_of(extension) for s in own):
        return Origin.AKS
    if any(s.has_name_of(extension) for s in own):
        return Origin.IMITATION
    if extension.publisher.casefold() == "microsoft.aks":
        return Origin.AKS_PUBLISHER
    code = extensions.handler(extension.publisher, extension.type)
    if code in _RETAINED:
        return Origin.RETAINED
    if _RUN_COMMAND.fullmatch(code):
        return Origin.RUN_COMMAND
    return _third_party(extension, windows=windows, machine=machine)


def _third_party(extension: Extension, *, windows: bool, machine: bool) -> Origin:
    publisher = extension.publisher.casefold()
    if deployer(extension):
        return Origin.DEPLOYED
    under_any_name = extensions.held(windows=windows, machine=machine)
    if (windows or machine) and any(s.is_kind_of(extension) for s in under_any_name):
        return Origin.AKS_PUBLISHER
    if publisher.startswith("microsoft.") and publisher not in _CUSTOMERS_TOOLS:
        return Origin.MICROSOFT
    return Origin.CUSTOMER


class Weight(msgspec.Struct, frozen=True):
    """How much an extension that AKS did not install weighs, and how sure it is a departure."""

    severity: Severity
    confidence: Confidence


_WEIGHTS = MappingProxyType(
    {
        Origin.AKS: Weight(Severity.MEDIUM, Confidence.POSSIBLE),
        Origin.AKS_PUBLISHER: Weight(Severity.MEDIUM, Confidence.POSSIBLE),
        Origin.RETAINED: Weight(Severity.MEDIUM, Confidence.POSSIBLE),
        Origin.DEPLOYED: Weight(Severity.MEDIUM, Confidence.LIKELY),
        Origin.MICROSOFT: Weight(Severity.HIGH, Confidence.POSSIBLE),
    }
)
_FOREIGN = Weight(Severity.HIGH, Confidence.CONFIRMED)


def weight(origin: Origin) -> Weight:
    """The weight of an extension in a scale set's model.

    A Microsoft service is not known to be a benign author: AKS's pages call custom extensions
    unsupported, whoever deploys them. What AKS tolerates, or may have installed itself, is a lead;
    so is what Microsoft publishes and nothing is known of here.
    """
    return _WEIGHTS.get(origin, _FOREIGN)
