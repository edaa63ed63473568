"""EXT001 at the level of single properties: what AKS holds constant, and how sure that is."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evidence import extensions
from auditor.evidence.pools import node_pools
from auditor.model.compute import Extension, Setting
from auditor.model.verdict import Confidence, Finding
from auditor.rules import ext001_aks_extension_changed as rule
from tests import build

LINUX_SCRIPT, LINUX_BILLING = extensions.held(windows=False)
WINDOWS_SCRIPT, WINDOWS_BILLING = extensions.held(windows=True)


def script(**changes: Any) -> Extension:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"publisher": "Microsoft.Azure.Extensions", "type": "CustomScript"}
    return build.extension("vmssCSE", **given | changes)


def windows_script(**changes: Any) -> Extension:  # noqa: ANN401 (any field)
    given: dict[str, Any] = {"publisher": "Microsoft.Compute", "type": "CustomScriptExtension"}
    return build.extension("vmssCSE", **given | {"version": "1.10"} | changes)


def billing() -> Extension:
    name = f"{build.scale_set().name}-AKSLinuxBilling"
    return build.extension(name, version="1.0", type="Compute.AKS.Linux.Billing")


def findings(*installed: Extension, **pool: Any) -> list[Finding]:  # noqa: ANN401 (any field)
    managed = build.managed(build.pool(**pool))
    cluster = build.cluster(managed, scale_sets=[build.scale_set(extensions=installed)])
    (view,) = node_pools(cluster)
    return list(rule.check(view, build.context()))


def test_what_aks_makes_does_not_depart() -> None:
    assert findings(script(), billing()) == []


@pytest.mark.parametrize(
    "same",
    [
        {"publisher": "microsoft.azure.extensions", "type": "customscript"},
        {"version": "2.1"},
        {"version": "2.1.10"},
        {"automatic_upgrade": False, "suppress_failures": False, "force_update_tag": ""},
        {"settings": (), "provision_after": ()},
    ],
)
def test_casing_newer_versions_and_absent_values_are_no_change(same: dict[str, Any]) -> None:
    assert findings(script(**same), billing()) == []


@pytest.mark.parametrize(
    ("change", "path", "actual"),
    [
        ({"publisher": "Contoso"}, "publisher", "Contoso"),
        ({"type": "CustomScriptForLinux"}, "type", "CustomScriptForLinux"),
        ({"version": "1.9"}, "typeHandlerVersion", "1.9"),
        ({"version": ""}, "typeHandlerVersion", "none"),
        ({"auto_upgrade_minor": False}, "autoUpgradeMinorVersion", "false"),
        ({"auto_upgrade_minor": None}, "autoUpgradeMinorVersion", "false"),
        ({"automatic_upgrade": True}, "enableAutomaticUpgrade", "true"),
        ({"force_update_tag": "2"}, "forceUpdateTag", "2"),
        ({"suppress_failures": True}, "suppressFailures", "true"),
        ({"protected_settings_from_key_vault": True}, "protectedSettingsFromKeyVault", "present"),
        ({"provision_after": ("Agent",)}, "provisionAfterExtensions", "Agent"),
    ],
)
def test_each_property_is_a_finding_of_its_own(
    change: dict[str, Any], path: str, actual: str
) -> None:
    (finding,) = findings(script(**change), billing())

    assert (finding.path, finding.actual) == (path, actual)
    assert finding.resource_id == build.extension_id("vmssCSE")
    assert finding.confidence is not Confidence.POSSIBLE


def test_settings_show_their_names_and_never_their_values() -> None:
    secret = (Setting("fileUris", "digest-1"), Setting("script", "digest-2"))

    (finding,) = findings(script(settings=secret), billing())

    assert finding.actual == "fileUris, script"
    assert "digest" not in repr(finding)


def test_two_changed_properties_are_two_findings() -> None:
    found = findings(script(force_update_tag="2", suppress_failures=True), billing())

    assert {finding.path for finding in found} == {"forceUpdateTag", "suppressFailures"}


def test_a_newer_major_version_of_the_handler_may_be_akss_own() -> None:
    (finding,) = findings(script(version="20.1"), billing())

    assert (finding.path, finding.actual) == ("typeHandlerVersion", "20.1")
    assert finding.confidence is Confidence.POSSIBLE


def test_an_order_after_aks_own_extensions_is_a_lead() -> None:
    (finding,) = findings(script(provision_after=("AKSLinuxExtension",)), billing())

    assert finding.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("change", "confidence"),
    [
        ({"settings": (Setting("commandToExecute", "digest"),)}, Confidence.POSSIBLE),
        ({"version": "1.9"}, Confidence.LIKELY),
        ({"force_update_tag": "2"}, Confidence.LIKELY),
    ],
)
def test_windows_is_known_from_templates_only(
    change: dict[str, Any], confidence: Confidence
) -> None:
    (finding,) = findings(windows_script(**change), os_type="Windows")

    assert finding.confidence is confidence


@pytest.mark.parametrize("version", ["1.10", "1.10.17", "1.29"])
def test_windows_takes_the_handler_from_1_10_on(version: str) -> None:
    assert findings(windows_script(version=version), os_type="Windows") == []


def test_the_real_extension_is_compared_before_one_that_imitates_its_name() -> None:
    imitation = build.extension("evil-AKSLinuxBilling", publisher="Contoso", type="Miner")

    assert findings(script(), imitation, billing()) == []
    assert extensions.filling(LINUX_BILLING, [imitation, billing()]) == billing()


def test_extensions_that_come_and_go_are_not_compared() -> None:
    node = build.extension(
        "AKSLinuxExtension",
        type="Compute.AKS.Linux.AKSNode",
        version="1.413",
        auto_upgrade_minor=False,
        settings=(Setting("disable-uu", "digest"),),
        provision_after=("vmssCSE",),
    )

    assert findings(script(), billing(), node) == []
