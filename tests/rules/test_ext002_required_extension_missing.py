"""EXT002: which machines lack what AKS installs, and how sure it is of a scale set."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence.pools import node_pools
from auditor.model.aks import PoolKind
from auditor.model.compute import Extension, VirtualMachine
from auditor.model.facet import Known
from auditor.model.operation import Operation, OperationKind
from auditor.model.snapshot import NodePoolView, Resident
from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import ext002_required_extension_missing as rule
from tests import build, deeds

SCRIPT, BILLING = build.scale_set().extensions
DELETE = OperationKind.EXTENSION_DELETE


def machine(number: int, *extensions: Extension, **changes: Any) -> VirtualMachine:  # noqa: ANN401 (any field)
    return build.machine(f"aks-vms-26193347-vm{number}", extensions=extensions, **changes)


def view(
    *machines: VirtualMachine,
    kind: PoolKind = PoolKind.VIRTUAL_MACHINES,
    residents: tuple[Resident, ...] = (),
    **pool: Any,  # noqa: ANN401 (any field)
) -> NodePoolView:
    asked = build.pool("vms", kind=kind, count=len(machines), **pool)
    of = build.cluster(
        build.managed(asked),
        scale_sets=(),
        virtual_machines=Known(machines),
        machines={"vms": Known(tuple(one.id for one in machines))},
        residents=Known(residents),
    )
    return node_pools(of)[0]


def told(of: NodePoolView, *operations: Operation) -> list[Finding]:
    answers = rule.check(of, build.context(None, *operations))
    return [answer for answer in answers if isinstance(answer, Finding)]


WHOLE, BARE = machine(0, SCRIPT, BILLING), machine(1, BILLING)


def test_a_machine_that_lacks_what_the_others_have_is_a_lead() -> None:
    (found,) = told(view(WHOLE, BARE))

    assert (found.resource_id, found.path) == (BARE.id, "extensions.vmssCSE")
    assert (found.confidence, found.explained_by) == (Confidence.POSSIBLE, frozenset())
    assert found.evidence[1].text == f"extensions of {BARE.name}: {BILLING.name}"
    none = told(view(WHOLE, replace(BARE, extensions=())))[0]
    assert none.evidence[1].text == f"extensions of {BARE.name}: none"


def test_what_no_machine_has_aks_may_never_have_installed() -> None:
    assert told(view(BARE)) == []
    assert told(view(BARE, machine(2, BILLING))) == []


def test_the_machines_of_an_availability_set_always_have_it() -> None:
    bare = replace(BARE, name="aks-vms-26193347-0")
    found = told(view(bare, kind=PoolKind.AVAILABILITY_SET))
    assert [finding.path for finding in found] == ["extensions.vmssCSE"]


def test_code_or_name_or_the_list_of_the_group_show_that_it_is_there() -> None:
    renamed = replace(SCRIPT, name="bootstrap")
    imitated = replace(SCRIPT, publisher="Contoso")
    listed = f"{BARE.id}/extensions/vmssCSE"
    there = Resident(id=listed, name="vmssCSE", type="Microsoft.Compute/virtualMachines/extensions")
    assert told(view(WHOLE, machine(1, renamed, BILLING))) == []
    assert told(view(WHOLE, machine(1, imitated, BILLING))) == []
    assert told(view(WHOLE, BARE, residents=(there,))) == []
    elsewhere = replace(there, id=f"{WHOLE.id}/extensions/vmssCSE")
    assert len(told(view(WHOLE, BARE, residents=(elsewhere,)))) == 1


def test_a_machine_that_is_being_changed_is_not_settled_and_hides_no_other() -> None:
    moving = replace(BARE, provisioning_state="Updating")
    (only,) = rule.check(view(WHOLE, moving), build.context())
    assert isinstance(only, Unknown)
    assert moving.name in only.gap.message

    found = told(view(WHOLE, moving, machine(2, BILLING)))
    assert [finding.resource_id for finding in found] == [machine(2).id]


def test_only_the_deletion_of_that_extension_explains_that_it_is_gone() -> None:
    of = view(WHOLE, BARE)
    gone = deeds.operation(DELETE, f"{BARE.id}/extensions/VMSSCSE")
    other = deeds.operation(DELETE, f"{BARE.id}/extensions/agent")
    written = deeds.operation(OperationKind.EXTENSION_WRITE, f"{BARE.id}/extensions/vmssCSE")

    assert told(of, other, gone)[0].explained_by == {DELETE}
    assert told(of, other)[0].explained_by == frozenset()
    assert told(of, written)[0].explained_by == frozenset()


def test_windows_machines_are_held_against_windows_s_extensions() -> None:
    windows = build.extension(
        "vmssCSE", publisher="Microsoft.Compute", type="CustomScriptExtension"
    )
    billing = build.extension("computeAksWindowsBilling", type="Compute.AKS.Windows.Billing")
    found = told(view(machine(0, windows, billing), machine(1, windows), os_type="Windows"))
    assert [finding.path for finding in found] == ["extensions.AKSWindowsBilling"]


@pytest.mark.parametrize(
    ("name", "sure"), [("bootstrap", Confidence.POSSIBLE), (None, Confidence.LIKELY)]
)
def test_windows_s_names_are_known_from_templates_only(name: str | None, sure: Confidence) -> None:
    handler = {"publisher": "Microsoft.Compute", "type": "CustomScriptExtension"}
    scripts = (build.extension(name, **handler),) if name else ()
    billing = build.extension("AKSWindowsBilling", type="Compute.AKS.Windows.Billing")
    managed = build.managed(build.pool(os_type="Windows"))
    sets = (build.scale_set(extensions=(*scripts, billing)),)
    (found,) = told(node_pools(build.cluster(managed, scale_sets=sets))[0])

    assert (found.path, found.confidence) == ("name", sure)
    there = ", ".join(one.name for one in (*scripts, billing))
    assert found.evidence[1].text == f"extensions in the scale set's model: {there}"


def test_on_machines_aks_s_script_has_a_name_of_its_own() -> None:
    listed = f"{BARE.id}/extensions/cse-agent-linux"
    there = Resident(
        id=listed, name="cse-agent-linux", type="Microsoft.Compute/virtualMachines/extensions"
    )
    assert told(view(WHOLE, BARE, residents=(there,))) == []
