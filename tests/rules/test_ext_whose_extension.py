"""EXT002, EXT003, EXT004: what is missing, what is foreign, and on which nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.extension_origins import Origin, Weight, deployer, origin, weight
from auditor.evidence.pools import node_pools
from auditor.model.aks import PoolKind
from auditor.model.compute import Extension, Instance, Setting
from auditor.model.facet import Known
from auditor.model.operation import Operation, OperationKind, OperationStatus
from auditor.model.rule import Context
from auditor.model.snapshot import NodePoolView
from auditor.model.verdict import Confidence, Finding, Severity, Unknown
from auditor.rules import ext002_required_extension_missing as missing
from auditor.rules import ext003_foreign_extension_in_model as foreign
from auditor.rules import ext004_instance_extension_beyond_model as beyond
from tests import build, deeds

SCRIPT, BILLING = build.scale_set().extensions
AGENT = build.extension("Agent", publisher="Contoso.Agents", type="AgentLinux")


def view(
    *installed: Extension, nodes: Iterable[Instance] = (), location: str = "northeurope"
) -> NodePoolView:
    managed = build.managed(build.pool(), location=location)
    scale_set = build.scale_set(extensions=installed)
    (one,) = node_pools(build.cluster(managed, scale_sets=[scale_set], nodes={"apps": nodes}))
    return one


def carrying(number: int, *extensions: Extension, **changes: Any) -> Instance:  # noqa: ANN401 (any field)
    return build.node(number, extensions=(SCRIPT, BILLING, *extensions), **changes)


def extra(context: Context, *nodes: Instance) -> list[Finding | Unknown]:
    return list(beyond.check(view(SCRIPT, BILLING, nodes=nodes), context))


def test_both_extensions_are_required() -> None:
    answers = missing.check(view(AGENT), build.context())
    found = [answer for answer in answers if isinstance(answer, Finding)]

    assert [finding.resource_id for finding in found] == [
        build.extension_id("vmssCSE"),
        build.extension_id(f"{build.scale_set().name}-AKSLinuxBilling"),
    ]
    assert {finding.confidence for finding in found} == {Confidence.CONFIRMED}


@pytest.mark.parametrize("location", ["usnateast", "USSecWest", "bleufrancecentral"])
def test_clouds_without_the_billing_extension_do_not_miss_it(location: str) -> None:
    assert list(missing.check(view(SCRIPT, location=location), build.context())) == []


@pytest.mark.parametrize("location", ["northeurope", "usgovvirginia", "chinanorth3"])
def test_public_china_and_us_government_do(location: str) -> None:
    (finding,) = missing.check(view(SCRIPT, location=location), build.context())

    assert isinstance(finding, Finding)
    assert finding.actual == "missing"


@pytest.mark.parametrize(
    ("name", "publisher", "kind", "whose"),
    [
        ("AKSLinuxExtension", "Microsoft.AKS", "Compute.AKS.Linux.AKSNode", Origin.AKS),
        ("akslinuxextension", "microsoft.aks", "compute.aks.linux.aksnode", Origin.AKS),
        ("AKSLinuxExtension", "Contoso", "Compute.AKS.Linux.AKSNode", Origin.IMITATION),
        ("AADSSHLoginForLinux", "Contoso", "AADSSHLoginForLinux", Origin.IMITATION),
        ("Other", "Microsoft.AKS", "Compute.AKS.Linux.AKSNode", Origin.AKS_PUBLISHER),
        ("AMA", "Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent", Origin.RETAINED),
        ("Cosmic", "Microsoft.M365", "Cosmic.Compute.Linux.Node", Origin.RETAINED),
        ("Cosmic", "Microsoft.M365", "Cosmic.Compute.Windows.Node", Origin.RETAINED),
        ("Geneva", "Microsoft.Azure.Geneva", "GenevaMonitoring", Origin.RETAINED),
        ("Vault", "Microsoft.Azure.KeyVault", "KeyVaultForWindows", Origin.RETAINED),
        (
            "Capz",
            "Microsoft.Azure.ContainerUpstream",
            "CAPZ.Windows.Bootstrapping",
            Origin.RETAINED,
        ),
        ("AMA", "Microsoft.Azure.Monitor", "AzureMonitorWindowsAgent", Origin.DEPLOYED),
        ("OMS", "Microsoft.EnterpriseCloud.Monitoring", "OmsAgentForLinux", Origin.DEPLOYED),
        (
            "SQL",
            "Microsoft.Azure.AzureDefenderForSQL",
            "AdvancedThreatProtection.Windows",
            Origin.DEPLOYED,
        ),
        ("MDE.Linux", "Microsoft.Azure.AzureDefenderForServers", "MDE.Linux", Origin.DEPLOYED),
        ("Policy", "Microsoft.GuestConfiguration", "ConfigurationforLinux", Origin.DEPLOYED),
        ("Scan", "Qualys", "LinuxAgent.AzureSecurityCenter", Origin.DEPLOYED),
        ("Scan", "Qualys", "QualysAgentLinux", Origin.CUSTOMER),
        ("Run", "Microsoft.CPlat.Core", "RunCommandLinux", Origin.RUN_COMMAND),
        ("vmssCSE2", "Microsoft.Azure.Extensions", "CustomScript", Origin.CUSTOMER),
        ("Health", "Microsoft.ManagedServices", "ApplicationHealthLinux", Origin.CUSTOMER),
        ("enablevmaccess", "Microsoft.OSTCExtensions", "VMAccessForLinux", Origin.CUSTOMER),
        ("Net", "Microsoft.Azure.NetworkWatcher", "NetworkWatcherAgentLinux", Origin.MICROSOFT),
        ("Microsoft", "MicrosoftX.Agents", "Agent", Origin.CUSTOMER),
    ],
)
def test_publisher_type_and_name_together_tell_whose_it_is(
    name: str, publisher: str, kind: str, whose: Origin
) -> None:
    extension = build.extension(name, publisher=publisher, type=kind)

    assert origin(extension, windows=False) is whose


_WINDOWS, _MACHINE = {"windows": True}, {"windows": False, "machine": True}


@pytest.mark.parametrize(
    ("where", "publisher", "kind", "whose"),
    [
        (_WINDOWS, "Microsoft.Compute", "CustomScriptExtension", Origin.AKS_PUBLISHER),
        (_WINDOWS, "Microsoft.Azure.Extensions", "CustomScript", Origin.CUSTOMER),
        (_WINDOWS, "Microsoft.Compute", "BGInfo", Origin.CUSTOMER),
        (_MACHINE, "Microsoft.Azure.Extensions", "CustomScript", Origin.AKS_PUBLISHER),
        (_MACHINE, "Microsoft.Compute", "CustomScriptExtension", Origin.CUSTOMER),
        (_MACHINE, "Contoso", "CustomScript", Origin.CUSTOMER),
    ],
)
def test_akss_code_under_another_name_may_be_akss_where_not_all_its_names_are_known(
    where: dict[str, bool], publisher: str, kind: str, whose: Origin
) -> None:
    extension = build.extension("Setup", publisher=publisher, type=kind)

    assert origin(extension, **where) is whose


@pytest.mark.parametrize(
    ("whose", "severity", "confidence"),
    [
        (Origin.AKS, Severity.MEDIUM, Confidence.POSSIBLE),
        (Origin.AKS_PUBLISHER, Severity.MEDIUM, Confidence.POSSIBLE),
        (Origin.RETAINED, Severity.MEDIUM, Confidence.POSSIBLE),
        (Origin.DEPLOYED, Severity.MEDIUM, Confidence.LIKELY),
        (Origin.MICROSOFT, Severity.HIGH, Confidence.POSSIBLE),
        (Origin.RUN_COMMAND, Severity.HIGH, Confidence.CONFIRMED),
        (Origin.IMITATION, Severity.HIGH, Confidence.CONFIRMED),
        (Origin.CUSTOMER, Severity.HIGH, Confidence.CONFIRMED),
    ],
)
def test_the_more_aks_may_be_behind_it_the_less_an_extension_weighs(
    whose: Origin, severity: Severity, confidence: Confidence
) -> None:
    assert weight(whose) == Weight(severity, confidence)


def test_who_usually_deploys_an_agent_is_named() -> None:
    agent = build.extension(
        "AMA", publisher="Microsoft.Azure.Monitor", type="AzureMonitorLinuxAgent"
    )

    (finding,) = foreign.check(view(SCRIPT, BILLING, agent), build.context())

    assert deployer(agent) in finding.summary
    assert finding.severity is Severity.MEDIUM


def test_a_changed_extension_of_aks_is_not_foreign_as_well() -> None:
    swapped = build.extension("vmssCSE", publisher="Contoso", type="Script")

    assert list(foreign.check(view(swapped, BILLING), build.context())) == []


def test_a_second_extension_under_a_name_like_billing_is_an_imitation() -> None:
    copied = build.extension("evil-AKSLinuxBilling", publisher="Contoso", type="Miner")

    (finding,) = foreign.check(view(SCRIPT, BILLING, copied), build.context())

    assert finding.resource_id == build.extension_id("evil-AKSLinuxBilling")
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.CONFIRMED)


def test_one_node_of_fifty_is_found() -> None:
    nodes = [carrying(number) for number in range(49)]

    (finding,) = extra(build.context(), *nodes, carrying(49, AGENT))

    assert isinstance(finding, Finding)
    assert finding.instances == ("49",)
    assert finding.resource_id == f"{build.node_id(49)}/extensions/Agent"


def test_nodes_with_the_same_extension_are_one_finding_in_numeric_order() -> None:
    (finding,) = extra(build.context(), carrying(10, AGENT), carrying(2, AGENT))

    assert isinstance(finding, Finding)
    assert finding.instances == ("2", "10")


def test_a_node_whose_installation_is_on_record_is_told_by_itself() -> None:
    installed = deeds.operation(
        OperationKind.EXTENSION_WRITE, f"{build.node_id(2)}/extensions/agent"
    )

    found = extra(build.context(None, installed), carrying(1, AGENT), carrying(2, AGENT))

    assert [f.instances for f in found if isinstance(f, Finding)] == [("1",), ("2",)]


@pytest.mark.parametrize(
    "other",
    [
        deeds.operation(
            OperationKind.EXTENSION_WRITE, f"{build.node_id(2)}/extensions/Agent", deeds.BY_AKS
        ),
        deeds.operation(
            OperationKind.EXTENSION_WRITE,
            f"{build.node_id(2)}/extensions/Agent",
            status=OperationStatus.FAILED,
        ),
        deeds.operation(OperationKind.EXTENSION_WRITE, f"{build.node_id(2)}/extensions/Agent2"),
        deeds.operation(OperationKind.NODE_COMMAND, f"{build.node_id(2)}/extensions/Agent"),
    ],
    ids=["by AKS", "failed", "another extension", "of another kind"],
)
def test_what_installed_nothing_is_no_deed(other: Operation) -> None:
    (finding,) = extra(build.context(None, other), carrying(1, AGENT), carrying(2, AGENT))

    assert isinstance(finding, Finding)
    assert finding.instances == ("1", "2")


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({}, False),
        ({"aks-managed-ssh-access": ""}, False),
        ({"aks-managed-ssh-access": "EntraID"}, False),
        ({"aks-managed-ssh-access": "LocalUser"}, True),
    ],
)
def test_the_sign_in_by_entra_is_aks_s_unless_its_mark_says_otherwise(
    tags: dict[str, str], *, told: bool
) -> None:
    sign_in = build.extension(
        "AADSSHLoginForLinux",
        publisher="Microsoft.Azure.ActiveDirectory",
        type="AADSSHLoginForLinux",
        version="1.0",
    )
    scale_set = build.scale_set(extensions=(SCRIPT, BILLING, sign_in), tags=tags)
    (one,) = node_pools(build.cluster(scale_sets=[scale_set]))
    assert bool(list(foreign.check(one, build.context()))) is told


def test_an_agent_is_told_with_who_usually_deploys_it() -> None:
    defender = build.extension(
        "MDE.Linux", publisher="Microsoft.Azure.AzureDefenderForServers", type="MDE.Linux"
    )
    (known,) = foreign.check(view(SCRIPT, BILLING, defender), build.context())
    (unknown,) = foreign.check(view(SCRIPT, BILLING, AGENT), build.context())
    assert ", usually deployed by " in known.summary
    assert "deployed by" not in unknown.summary
    causes = {OperationKind.EXTENSION_WRITE, OperationKind.SCALE_SET_WRITE}
    assert known.explained_by == unknown.explained_by == causes
    assert known.remediation.startswith("Exempt the node resource group")
    assert unknown.remediation.startswith("Have AKS write its model again")
    assert unknown.evidence[0].text.startswith("extensions that AKS installs: vmssCSE, ")


def test_what_lets_people_in_may_be_installed_by_a_command() -> None:
    entry = build.extension(
        "enableVMAccess", publisher="Microsoft.OSTCExtensions", type="VMAccessForLinux"
    )
    command = deeds.operation(
        OperationKind.NODE_COMMAND, f"{build.node_id(2)}/extensions/enablevmaccess"
    )

    found = extra(build.context(None, command), carrying(1, entry), carrying(2, entry))

    told = [(f.instances, f.explained_by) for f in found if isinstance(f, Finding)]
    causes = frozenset({OperationKind.EXTENSION_WRITE, OperationKind.NODE_COMMAND})
    assert told == [(("1",), causes), (("2",), causes)]
    (agent,) = extra(build.context(), carrying(1, AGENT))
    assert isinstance(agent, Finding)
    assert agent.explained_by == frozenset({OperationKind.EXTENSION_WRITE})


def test_a_node_s_extension_is_held_against_the_model_and_rests_on_the_scale_set() -> None:
    (finding,) = extra(build.context(), carrying(1, AGENT))

    assert isinstance(finding, Finding)
    assert finding.expected == "as in the scale set's model"
    assert finding.rests_on == (build.scale_set_id(),)


def on_machine(*extensions: Extension) -> list[Finding | Unknown]:
    """What is told of a pool of one virtual machine that carries these."""
    pool = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=1)
    machine = build.machine("aks-vms-26193347-vm0", extensions=extensions)
    of = build.cluster(
        build.managed(pool),
        scale_sets=(),
        virtual_machines=Known((machine,)),
        machines={"vms": Known((machine.id,))},
    )
    (one,) = node_pools(of)
    return list(beyond.check(one, build.context()))


@pytest.mark.parametrize(
    ("changes", "sure"),
    [
        ({"settings": (Setting("script", "digest"),)}, Confidence.POSSIBLE),
        ({"force_update_tag": "2"}, Confidence.POSSIBLE),
        ({"publisher": "Contoso"}, Confidence.LIKELY),
    ],
)
def test_on_a_machine_aks_s_own_extension_is_a_lead_unless_other_code_bears_its_name(
    changes: dict[str, Any], sure: Confidence
) -> None:
    (finding,) = on_machine(replace(SCRIPT, **changes), BILLING)

    assert isinstance(finding, Finding)
    assert finding.confidence is sure


def test_each_machine_is_told_by_itself() -> None:
    pool = build.pool("vms", kind=PoolKind.VIRTUAL_MACHINES, count=2)
    both = [
        build.machine(f"aks-vms-26193347-vm{n}", extensions=(SCRIPT, BILLING, AGENT))
        for n in range(2)
    ]
    of = build.cluster(
        build.managed(pool),
        virtual_machines=Known(tuple(both)),
        machines={"vms": Known(tuple(machine.id for machine in both))},
    )
    found = beyond.check(node_pools(of)[0], build.context())

    told = [answer.resource_id for answer in found if isinstance(answer, Finding)]
    assert told == [f"{machine.id}/extensions/Agent" for machine in both]


def test_the_surest_of_several_departures_tells_how_sure_the_extension_is_changed() -> None:
    newer = replace(SCRIPT, version="3.0")
    (lead,) = extra(build.context(), build.node(1, extensions=(newer, BILLING)))
    tuned = replace(newer, publisher="Contoso")
    (sure,) = extra(build.context(), build.node(1, extensions=(tuned, BILLING)))

    assert isinstance(lead, Finding)
    assert isinstance(sure, Finding)
    assert (lead.confidence, sure.confidence) == (Confidence.POSSIBLE, Confidence.CONFIRMED)


def test_the_same_code_under_another_name_is_not_in_the_model() -> None:
    copied = replace(AGENT, name="Agent2")

    (finding,) = beyond.check(
        view(SCRIPT, BILLING, AGENT, nodes=[carrying(1, copied)]), build.context()
    )

    assert isinstance(finding, Finding)
    assert finding.resource_id.endswith("/extensions/Agent2")
    assert finding.evidence[0].text == (
        f"extensions in the scale set's model: vmssCSE, {BILLING.name}, Agent"
    )


def test_a_machine_has_no_model_and_stands_for_itself() -> None:
    (finding,) = on_machine(SCRIPT, BILLING, AGENT)

    assert isinstance(finding, Finding)
    machine = f"{build.COMPUTE}/virtualMachines/aks-vms-26193347-vm0"
    assert finding.resource_id == f"{machine}/extensions/Agent"
    assert (finding.instances, finding.rests_on) == ((), (machine,))
    assert finding.expected == "as what AKS installs"
    assert finding.evidence[0].text.startswith("AKS installs vmssCSE, AKSLinuxBilling")


def test_an_instance_that_equals_its_changed_model_is_the_models_matter() -> None:
    tuned = build.extension(
        "vmssCSE",
        publisher="Microsoft.Azure.Extensions",
        type="CustomScript",
        settings=(Setting("script", "digest"),),
    )
    node = build.node(1, extensions=(tuned, BILLING))

    assert list(beyond.check(view(tuned, BILLING, nodes=[node]), build.context())) == []
    (finding,) = beyond.check(view(SCRIPT, BILLING, nodes=[node]), build.context())
    assert isinstance(finding, Finding)
    assert finding.path == "settings"


def test_the_same_name_with_other_code_is_not_in_the_model() -> None:
    other = build.extension("Agent", publisher="Contoso.Agents", type="MinerLinux")
    node = carrying(1, other)

    (finding,) = beyond.check(view(SCRIPT, BILLING, AGENT, nodes=[node]), build.context())

    assert isinstance(finding, Finding)
    assert "MinerLinux" in (finding.actual or "")


def test_nodes_in_motion_are_unknown_and_hide_no_other() -> None:
    moving = carrying(1, AGENT, provisioning_state="Updating")

    finding, unknown = extra(build.context(), moving, carrying(2, AGENT))

    assert isinstance(finding, Finding)
    assert finding.instances == ("2",)
    assert isinstance(unknown, Unknown)
    assert "node 1" in unknown.gap.message
