"""Extensions: what AKS installs on its nodes, and how it holds them.

AKS puts two extensions into every scale set and holds them constant: the script that makes a VM
a node (``vmssCSE``) and its billing mark. Two more come and go by AKS's hand: the
``AKSLinuxExtension``, which a team of AKS's deploys and updates beside the resource provider, and
the sign-in by Entra ID. ARM never returns ``protectedSettings``: a swapped command leaves no
trace here, only in the activity log.

On virtual machines that are nodes it installs the same two kinds under other names, and not on
every kind of pool: what they are called, and how they are held there, is known from few witnesses.

Sources: scale sets of AKS node resource groups, 2020 to 2026; an availability set of 2021;
Karpenter's Azure provider; AgentBaker's templates (all that is known of Windows); the AKS FAQ
("Can I use custom VM extensions? No").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from auditor.model.compute import Extension, ScaleSet
from auditor.model.verdict import Confidence


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """An extension that AKS installs.

    ``suffix`` follows the scale set's name where AKS makes one of the two the extension's name,
    ``versions`` says in words what ``version`` matches. ``proven``: seen on nodes in production,
    not only in AKS's test templates.
    """

    label: str
    suffix: str = ""
    name: re.Pattern[str]
    publisher: str
    type: str
    version: re.Pattern[str]
    versions: str
    proven: bool = True

    def name_on(self, scale_set: ScaleSet) -> str:
        """The name under which AKS installs it on a scale set."""
        return f"{scale_set.name}{self.suffix}" if self.suffix else self.label

    def has_name_of(self, extension: Extension) -> bool:
        """Whether the extension goes by this one's name, whatever it is."""
        return self.name.fullmatch(extension.name) is not None

    def is_kind_of(self, extension: Extension) -> bool:
        """Whether the extension is this one's code, whatever its name."""
        return handler(extension.publisher, extension.type) == handler(self.publisher, self.type)


def is_entra_sign_in(extension: Extension) -> bool:
    """Whether it is the sign-in by Entra ID, which AKS installs where a pool asks for it."""
    return _ENTRA_SSH.has_name_of(extension) and _ENTRA_SSH.is_kind_of(extension)


def filling(shipped: Shipped, installed: Iterable[Extension]) -> Extension | None:
    """The extension that goes by AKS's name for it, the real one before an imitation."""
    named = [extension for extension in installed if shipped.has_name_of(extension)]
    return max(named, key=shipped.is_kind_of, default=None)


def handler(publisher: str, kind: str) -> str:
    """The code that an extension runs, as Azure names it, in lower case."""
    return f"{publisher}.{kind}".casefold()


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LINUX_SCRIPT = Shipped(
    label="vmssCSE",
    name=_named("vmssCSE"),
    publisher="Microsoft.Azure.Extensions",
    type="CustomScript",
    version=_named(r"2(\.\d+)*"),
    versions="2.x",
)
_LINUX_BILLING = Shipped(
    label="AKSLinuxBilling",
    suffix="-AKSLinuxBilling",
    name=_named(r"(.*AKSLinuxBilling|computeAksLinuxBilling)"),
    publisher="Microsoft.AKS",
    type="Compute.AKS.Linux.Billing",
    version=_named(r"1(\.\d+)*"),
    versions="1.x",
)
_LINUX_NODE = Shipped(
    label="AKSLinuxExtension",
    name=_named("AKSLinuxExtension"),
    publisher="Microsoft.AKS",
    type="Compute.AKS.Linux.AKSNode",
    version=_named(r"1(\.\d+)*"),
    versions="1.x",
)
_ENTRA_SSH = Shipped(
    label="AADSSHLoginForLinux",
    name=_named("AADSSHLoginForLinux"),
    publisher="Microsoft.Azure.ActiveDirectory",
    type="AADSSHLoginForLinux",
    version=_named(r"1(\.\d+)*"),
    versions="1.x",
)
_MACHINE_SCRIPT = msgspec.structs.replace(
    _LINUX_SCRIPT, name=_named(r"vmssCSE|cse-agent(-\w+)?"), proven=False
)
_MACHINE_BILLING = msgspec.structs.replace(_LINUX_BILLING, suffix="", proven=False)
_WINDOWS_SCRIPT = Shipped(
    label="vmssCSE",
    name=_named("vmssCSE"),
    publisher="Microsoft.Compute",
    type="CustomScriptExtension",
    version=_named(r"1\.[1-9]\d+(\.\d+)*"),
    versions="1.10 or later",
    proven=False,
)
_WINDOWS_BILLING = Shipped(
    label="AKSWindowsBilling",
    suffix="-AKSWindowsBilling",
    name=_named(r"(.*AKSWindowsBilling|computeAksWindowsBilling)"),
    publisher="Microsoft.AKS",
    type="Compute.AKS.Windows.Billing",
    version=_named(r"1(\.\d+)*"),
    versions="1.x",
    proven=False,
)

NODE_EXTENSION = _LINUX_NODE.label
"""The extension whose writer is a team of AKS's, under an application that is not known here."""


def held(*, windows: bool, machine: bool = False) -> tuple[Shipped, ...]:
    """The extensions that every node has and AKS holds constant, its script first.

    ``machine``: on a virtual machine that is a node, rather than on a scale set.
    """
    if windows:
        return _WINDOWS_SCRIPT, _WINDOWS_BILLING
    return (_MACHINE_SCRIPT, _MACHINE_BILLING) if machine else (_LINUX_SCRIPT, _LINUX_BILLING)


def known(*, windows: bool, machine: bool = False) -> tuple[Shipped, ...]:
    """Every extension that AKS installs, those included that come and go."""
    constant = held(windows=windows, machine=machine)
    return constant if windows else (*constant, _LINUX_NODE, _ENTRA_SSH)


# Clouds in which AKS goes without its billing extension, by the names of their regions. Source:
# Karpenter's Azure provider, which installs it in the public, China and US Government clouds.
_NO_BILLING = re.compile(r"(usnat|ussec|bleu|delos)", re.IGNORECASE)


def required(*, windows: bool, location: str, machine: bool = False) -> tuple[Shipped, ...]:
    """The extensions without which a pool of this location is not AKS's own any more."""
    everything = held(windows=windows, machine=machine)
    return everything[:1] if _NO_BILLING.match(location) else everything


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """A property in which an extension differs from what AKS holds it to.

    ``path`` is the property in ARM; values of settings are secrets, so only their names show.
    """

    path: str
    expected: str
    actual: str
    confidence: Confidence


def departures(extension: Extension, shipped: Shipped) -> Iterator[Departure]:
    """Every property that AKS holds constant and that is different here."""
    for path, expected, actual, confidence in _differences(extension, shipped):
        most = _most(path) if not shipped.proven else Confidence.CONFIRMED
        weakest = min(confidence, most, key=lambda c: c.rank)
        yield Departure(path=path, expected=expected, actual=actual, confidence=weakest)


def _most(path: str) -> Confidence:
    """Windows: AKS's templates are known, its production is not; one of them filled settings."""
    return Confidence.POSSIBLE if path == "settings" else Confidence.LIKELY


def _differences(
    extension: Extension, shipped: Shipped
) -> Iterator[tuple[str, str, str, Confidence]]:
    sure = Confidence.CONFIRMED
    if extension.publisher.casefold() != shipped.publisher.casefold():
        yield "publisher", shipped.publisher, extension.publisher or "none", sure
    if extension.type.casefold() != shipped.type.casefold():
        yield "type", shipped.type, extension.type or "none", sure
    if not shipped.version.fullmatch(extension.version):
        actual = extension.version or "none"
        yield "typeHandlerVersion", shipped.versions, actual, _other_version(extension, shipped)
    if not extension.auto_upgrade_minor:
        yield "autoUpgradeMinorVersion", "true", "false", sure
    for path, actual in _additions(extension):
        yield path, "none", actual, sure
    if extension.provision_after:
        after = extension.provision_after
        yield "provisionAfterExtensions", "none", ", ".join(after), _ordering(after)


def _other_version(extension: Extension, shipped: Shipped) -> Confidence:
    """AKS moves to a newer handler some day, and to no older one."""
    is_newer = _major(extension.version) > _major(shipped.versions)
    return Confidence.POSSIBLE if is_newer else Confidence.LIKELY


def _major(version: str) -> int:
    number = version.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _additions(extension: Extension) -> Iterator[tuple[str, str]]:
    """What AKS never sets on the extensions that it holds constant."""
    if extension.settings:
        yield "settings", ", ".join(setting.name for setting in extension.settings)
    if extension.force_update_tag:
        yield "forceUpdateTag", extension.force_update_tag
    if extension.automatic_upgrade:
        yield "enableAutomaticUpgrade", "true"
    if extension.suppress_failures:
        yield "suppressFailures", "true"
    if extension.protected_settings_from_key_vault:
        yield "protectedSettingsFromKeyVault", "present"


def _ordering(after: tuple[str, ...]) -> Confidence:
    """AKS orders its own extensions among each other, in ways that are not all known."""
    own = {*known(windows=True), *known(windows=False)}
    all_own = all(any(shipped.name.fullmatch(name) for shipped in own) for name in after)
    return Confidence.POSSIBLE if all_own else Confidence.CONFIRMED
