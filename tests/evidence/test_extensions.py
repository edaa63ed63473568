"""What AKS installs on nodes, and in what an extension of its name may differ from it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from auditor.evidence import extensions
from auditor.evidence.extensions import Departure, Shipped
from auditor.model.compute import Extension, Setting
from auditor.model.verdict import Confidence
from tests import build

LINUX, LINUX_BILLING = extensions.held(windows=False)
WINDOWS, WINDOWS_BILLING = extensions.held(windows=True)
ON_MACHINES = extensions.held(windows=False, machine=True)
SCRIPT, BILLING = build.scale_set().extensions
SIGN_IN = build.extension(
    "AADSSHLoginForLinux",
    publisher="Microsoft.Azure.ActiveDirectory",
    type="AADSSHLoginForLinux",
    version="1.0",
)


def departure(extension: Extension, shipped: Shipped = LINUX) -> Departure:
    (one,) = extensions.departures(extension, shipped)
    return one


def confidence(extension: Extension, shipped: Shipped = LINUX) -> Confidence:
    return departure(extension, shipped).confidence


@pytest.mark.parametrize("installed", [SCRIPT, replace(SCRIPT, version="2.1.13")])
def test_as_aks_installs_it_nothing_departs(installed: Extension) -> None:
    assert list(extensions.departures(installed, LINUX)) == []


def test_what_is_not_set_is_said_so() -> None:
    assert departure(replace(SCRIPT, publisher="")).actual == "none"
    assert departure(replace(SCRIPT, type="")).actual == "none"
    assert departure(replace(SCRIPT, version="")).actual == "none"


def test_what_was_only_seen_in_templates_is_never_certain() -> None:
    foreign = replace(SCRIPT, publisher="Contoso.Scripts")
    assert confidence(foreign, LINUX) is Confidence.CONFIRMED
    assert confidence(foreign, ON_MACHINES[0]) is Confidence.LIKELY
    mark = replace(BILLING, publisher="Contoso")
    assert confidence(mark, LINUX_BILLING) is Confidence.CONFIRMED
    assert confidence(mark, ON_MACHINES[1]) is Confidence.LIKELY
    windows = build.extension(
        "vmssCSE", publisher="Contoso", type="CustomScriptExtension", version="1.10"
    )
    assert confidence(windows, WINDOWS) is Confidence.LIKELY
    own = replace(windows, publisher=WINDOWS.publisher, settings=(Setting("run", "digest"),))
    assert confidence(own, WINDOWS) is Confidence.POSSIBLE
    mark = build.extension(
        "aksAKSWindowsBilling", publisher="Contoso", type=WINDOWS_BILLING.type, version="1.0"
    )
    assert confidence(mark, WINDOWS_BILLING) is Confidence.LIKELY


@pytest.mark.parametrize(
    ("version", "sure"),
    [("3.0", "possible"), ("10.1", "possible"), ("1.9", "likely"), ("", "likely")],
)
def test_a_newer_handler_may_be_aks_own_news(version: str, sure: str) -> None:
    assert confidence(replace(SCRIPT, version=version)) == sure


@pytest.mark.parametrize(
    ("after", "sure"),
    [
        (("AKSLinuxBilling",), "possible"),
        (("vmssCSE", "computeAksWindowsBilling"), "possible"),
        (("AADSSHLoginForLinux",), "possible"),
        (("Agent",), "confirmed"),
        (("vmssCSE", "Agent"), "confirmed"),
    ],
)
def test_only_an_order_among_aks_own_extensions_may_be_aks_own(
    after: tuple[str, ...], sure: str
) -> None:
    assert confidence(replace(SCRIPT, provision_after=after)) == sure


def test_the_sign_in_goes_by_its_name_and_its_code() -> None:
    assert extensions.is_entra_sign_in(SIGN_IN)
    assert not extensions.is_entra_sign_in(replace(SIGN_IN, name="SignIn"))
    assert not extensions.is_entra_sign_in(replace(SIGN_IN, publisher="Contoso"))


def test_nodes_of_linux_may_carry_two_more() -> None:
    def labels(*, windows: bool, machine: bool) -> list[str]:
        return [s.label for s in extensions.known(windows=windows, machine=machine)]

    more = ["AKSLinuxExtension", "AADSSHLoginForLinux"]
    assert labels(windows=False, machine=False) == ["vmssCSE", "AKSLinuxBilling", *more]
    assert labels(windows=False, machine=True) == ["vmssCSE", "AKSLinuxBilling", *more]
    assert labels(windows=True, machine=False) == ["vmssCSE", "AKSWindowsBilling"]


def test_the_script_of_a_node_vm_has_other_names() -> None:
    script, _ = ON_MACHINES
    assert script.has_name_of(build.extension("cse-agent-0"))
    assert not LINUX.has_name_of(build.extension("cse-agent-0"))
