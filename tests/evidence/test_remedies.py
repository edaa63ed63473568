from __future__ import annotations

import shlex

import pytest
from msgspec.structs import replace

from auditor.evidence import remedies
from auditor.model.operation import (
    Actor,
    ActorKind,
    Operation,
    OperationKind,
    OperationStatus,
)
from auditor.model.verdict import Confidence, Finding, Severity
from tests.build import (
    NODE_GROUP,
    NODE_GROUP_ID,
    NOON,
    context,
    extension_id,
    minutes_after,
    scale_set_id,
)
from tests.deeds import BY_AKS, BY_ALICE, BY_POLICY, BY_SERVICE, POLICY, actor, operation

ASSIGNMENT = POLICY.claims.managed_identity_id
NOTHING = context()
FOUND = Finding(
    resource_id=scale_set_id(),
    path="tags.team",
    summary="differs",
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    remediation="Set it through AKS.",
    commands=("az aks update",),
)


def fitted(by: Actor) -> Finding:
    return remedies.fitted(FOUND, operation(by=by), NOTHING)


def test_without_an_author_the_rules_own_remedy_stands() -> None:
    assert remedies.fitted(FOUND, None, NOTHING) == FOUND


@pytest.mark.parametrize("by", [BY_ALICE, BY_SERVICE])
def test_people_and_other_services_leave_the_rules_own_remedy(by: Actor) -> None:
    assert fitted(by) == FOUND


def test_azure_policys_remedy_is_the_exemption_before_anything_else() -> None:
    first, second = fitted(replace(BY_POLICY, policy_assignment=ASSIGNMENT)).commands
    assert shlex.split(first) == [
        *("az", "policy", "exemption", "create", "--name", "aks-node-resource-group"),
        *("--policy-assignment", ASSIGNMENT, "--scope", NODE_GROUP_ID),
        *("--exemption-category", "Waiver"),
    ]
    assert second == "az aks update"


def test_azure_policys_assignment_is_named_in_the_remedy() -> None:
    told = fitted(BY_POLICY)
    assert told.remediation == (
        f"Exempt {NODE_GROUP} from the policy assignment tags, or it happens again. "
        "Set it through AKS."
    )
    assert told.commands == FOUND.commands


def test_a_policy_beside_the_caller_is_raised_without_taking_the_callers_place() -> None:
    told = remedies.fitted(FOUND, operation(by=BY_ALICE, policies=(ASSIGNMENT,)), NOTHING)
    assert told.remediation == (
        f"Set it through AKS. If the policy assignment tags brought it about, exempt {NODE_GROUP} "
        "from it."
    )
    assert told.commands == FOUND.commands
    (step,) = told.evidence
    assert step.text.startswith("the policy assignment tags altered the call, or deployed")


def test_a_policy_that_altered_akss_own_call_is_raised_where_nobody_else_is_on_record() -> None:
    found = replace(FOUND, explained_by=frozenset({OperationKind.SCALE_SET_WRITE}))
    altered = operation(by=BY_AKS, policies=(ASSIGNMENT,))

    told = remedies.fitted(found, None, context(None, altered))

    assert "If the policy assignment tags brought it about" in told.remediation
    (step,) = told.evidence
    assert step.text.startswith(f"the policy assignment tags altered AKS's own {altered.name}")


@pytest.mark.parametrize(
    "other",
    [
        operation(by=BY_AKS),
        operation(by=BY_ALICE, policies=(ASSIGNMENT,)),
        operation(by=BY_AKS, policies=(ASSIGNMENT,), status=OperationStatus.FAILED),
        operation(by=BY_AKS, policies=(ASSIGNMENT,), kind=OperationKind.NODE_DOWN),
        operation(by=BY_AKS, policies=(ASSIGNMENT,), on=extension_id("vmssCSE")),
    ],
)
def test_no_other_call_than_akss_own_altered_one_is_held_against_a_policy(other: Operation) -> None:
    found = replace(FOUND, explained_by=frozenset({OperationKind.SCALE_SET_WRITE}))
    assert remedies.fitted(found, None, context(None, other)) == found


def test_of_several_calls_of_akss_the_newest_that_a_policy_altered_is_raised() -> None:
    found = replace(FOUND, explained_by=frozenset({OperationKind.SCALE_SET_WRITE}))
    calls = [
        operation(by=BY_AKS, when=minutes_after(NOON, minute), policies=policies, id=name)
        for minute, (name, policies) in enumerate(
            (("b", ("/p/first",)), ("a", ("/p/second",)), ("c", ()))
        )
    ]
    told = remedies.fitted(found, None, context(None, *calls))
    assert "policy assignment second" in told.remediation


def test_a_policy_that_called_by_itself_is_not_raised_twice() -> None:
    by = replace(BY_POLICY, policy_assignment=ASSIGNMENT.upper())
    alone, beside = (
        remedies.fitted(FOUND, operation(by=by, policies=p), NOTHING) for p in ((), (ASSIGNMENT,))
    )
    assert beside == alone


RENEW = "az aks nodepool upgrade --name apps --node-image-only"


@pytest.mark.parametrize("by", [operation(by=BY_ALICE), None])
def test_where_no_image_is_newer_nodes_are_had_anew_another_way(by: Operation | None) -> None:
    found = replace(FOUND, commands=("az aks update", RENEW))
    told = remedies.fitted(found, by, NOTHING).remediation
    assert told.startswith(FOUND.remediation)
    assert "add a new node pool" in told


@pytest.mark.parametrize("path", ["nodeImageVersion", "storageProfile.imageReference"])
def test_an_old_image_has_a_newer_one(path: str) -> None:
    found = replace(FOUND, path=path, commands=(RENEW,))
    assert remedies.fitted(found, None, NOTHING) == found


@pytest.mark.parametrize(
    "name", ["Microsoft Defender for Cloud", "Windows Azure Security Resource Provider"]
)
def test_defenders_remedy_is_its_setting(name: str) -> None:
    told = fitted(actor(ActorKind.AZURE_SERVICE, name))
    assert told.remediation.startswith("Turn off what deploys it in Microsoft Defender for Cloud")
    assert told.remediation.endswith(FOUND.remediation)


def test_a_person_who_is_called_like_defender_is_none_of_its_settings() -> None:
    assert fitted(actor(name="Defender admin")) == FOUND


def test_a_borrowed_identity_is_raised_as_such() -> None:
    by = replace(actor(ActorKind.MANAGED_IDENTITY, "id-shop"), borrowed="kubelet")
    told = fitted(by)
    assert told.remediation.startswith("Give whatever uses the cluster's kubelet identity one")
    (step,) = told.evidence
    assert step.text == "AKS never does this by its kubelet identity: somebody else uses it"
