from __future__ import annotations

import msgspec
import pytest

from auditor.evidence.actors import Classifier
from auditor.evidence.operations import merge
from auditor.evidence.principals import Principals, readable
from auditor.model.operation import ActivityRecord, Actor, ActorKind, Claims
from tests.build import managed, node_id, scale_set_id
from tests.deeds import (
    ALICE,
    AUTOMATION,
    BACKUP,
    CONTROL_PLANE,
    NOBODY,
    PIPELINE,
    POLICY,
    Caller,
    act,
    application,
    identity,
    person,
    record,
)

BATCH = scale_set_id("batch")


def bare(who: Caller) -> Caller:
    """The same caller where a record shows no more than the object id."""
    return Caller(caller=who.claims.object_id.upper())


def without_claims(*others: ActivityRecord, by: Caller) -> Actor:
    """The actor of a record by this caller, beside other records of the log."""
    asked = record(by=by, on=node_id(1))
    calls = merge([*others, asked])
    (call,) = (c for c in calls if asked.event_id in c.operation.event_ids)
    return Classifier(managed(), calls).actor(call)


@pytest.mark.parametrize(
    ("who", "kind", "name"),
    [
        (ALICE, ActorKind.USER, "alice@contoso.example"),
        (PIPELINE, ActorKind.SERVICE_PRINCIPAL, f"application {PIPELINE.claims.app_id}"),
        (AUTOMATION, ActorKind.MANAGED_IDENTITY, "night"),
        (POLICY, ActorKind.AZURE_POLICY, "tags"),
        (BACKUP, ActorKind.AZURE_SERVICE, "Azure Backup"),
    ],
)
def test_an_id_that_another_record_shows_with_claims_is_that_principal(
    who: Caller, kind: ActorKind, name: str
) -> None:
    actor = without_claims(*act(by=who, on=BATCH), by=bare(who))
    assert (actor.kind, actor.name, actor.positive) == (kind, name, True)


def test_an_id_among_claims_that_say_no_more_is_looked_up_too() -> None:
    told = Caller(claims=Claims(object_id=ALICE.claims.object_id))
    assert without_claims(*act(by=ALICE, on=BATCH), by=told).name == "alice@contoso.example"


def test_an_applications_own_id_means_it_as_well() -> None:
    by_application = Caller(caller=PIPELINE.claims.app_id)
    actor = without_claims(*act(by=PIPELINE, on=BATCH), by=by_application)
    assert actor.kind is ActorKind.SERVICE_PRINCIPAL


def test_the_application_that_a_person_used_is_not_the_person() -> None:
    by_application = Caller(caller=ALICE.claims.app_id)
    assert without_claims(*act(by=ALICE, on=BATCH), by=by_application).kind is ActorKind.UNKNOWN


def test_a_persons_client_in_one_record_is_not_claimed_of_another() -> None:
    assert without_claims(*act(by=ALICE, on=BATCH), by=bare(ALICE)).client == ""


def test_an_id_that_means_two_principals_means_nobody() -> None:
    imposter = application(PIPELINE.claims.object_id, "another-app")
    shown = (*act(by=PIPELINE, on=BATCH), *act(by=imposter, on=scale_set_id("third")))
    assert without_claims(*shown, by=bare(PIPELINE)).kind is ActorKind.UNKNOWN


@pytest.mark.parametrize(
    ("name", "one", "another"),
    [
        ("an-app", {"app_id": "an-app", "object_id": "one"}, {"app_id": "an-app"}),
        ("an-id", {"object_id": "an-id"}, {"object_id": "an-id", "managed_identity_id": "/s/id"}),
        ("an-id", {"object_id": "an-id"}, {"object_id": "an-id", "identity_type": "user"}),
    ],
    ids=["object", "identity", "person"],
)
def test_two_principals_differ_in_what_tells_them_apart(
    name: str, one: dict[str, str], another: dict[str, str]
) -> None:
    first, second = (Caller(claims=Claims(**{"identity_type": "app"} | c)) for c in (one, another))
    shown = (*act(by=first, on=BATCH), *act(by=second, on=scale_set_id("third")))
    calls = merge(shown)
    (told,) = (Principals(calls).identified(c) for c in merge([record(by=Caller(caller=name))]))
    assert told.claims == Claims()


@pytest.mark.parametrize(
    "own",
    [
        {"app_id": "another-app"},
        {"managed_identity_id": "/subscriptions/s/identity"},
        {"identity_type": "app"},
        {"upn": "eve@contoso.example"},
    ],
    ids=list,
)
def test_a_record_that_tells_of_its_caller_is_not_explained_by_another(
    own: dict[str, str],
) -> None:
    told = Caller(claims=Claims(object_id=PIPELINE.claims.object_id, **own))
    actor = without_claims(*act(by=PIPELINE, on=BATCH), by=told)
    assert PIPELINE.claims.app_id not in actor.name


def test_a_caller_is_known_by_what_the_record_calls_it_too() -> None:
    claims = msgspec.structs.replace(PIPELINE.claims, object_id="")
    shown = act(by=Caller(caller="an-id", claims=claims), on=BATCH)
    actor = without_claims(*shown, by=Caller(caller="AN-ID"))
    assert (actor.kind, actor.name) == (
        ActorKind.SERVICE_PRINCIPAL,
        f"application {PIPELINE.claims.app_id}",
    )


@pytest.mark.parametrize(
    ("caller", "upn", "name"),
    [
        ("object-of-carol", "carol@contoso.example", "carol@contoso.example"),
        ("carol@contoso.example", "", "carol@contoso.example"),
        ("another@contoso.example", "carol@contoso.example", "carol@contoso.example"),
        ("object-of-carol", "", "Carol"),
    ],
)
def test_a_person_who_is_known_by_id_is_told_by_the_login(caller: str, upn: str, name: str) -> None:
    carol = Caller(caller=caller, claims=person("carol", upn=upn).claims)
    by_id = Caller(claims=Claims(object_id=carol.claims.object_id))
    assert without_claims(*act(by=carol, on=BATCH), by=by_id).name == name


def test_one_person_in_two_clients_is_one_principal() -> None:
    portal = person("alice", app_id="c44b4083-3bb0-49c1-b47d-974e53cbdf3c")
    shown = (*act(by=ALICE, on=BATCH), *act(by=portal, on=scale_set_id("third")))
    assert without_claims(*shown, by=bare(ALICE)).kind is ActorKind.USER


def test_another_id_stays_an_id() -> None:
    other = Caller(caller="object-of-mallory")
    actor = without_claims(*act(by=ALICE, on=BATCH), by=other)
    assert (actor.kind, actor.name, actor.positive) == (
        ActorKind.UNKNOWN,
        "object-of-mallory",
        False,
    )


def test_a_record_without_any_caller_learns_nothing() -> None:
    nameless = Caller(claims=msgspec.structs.replace(PIPELINE.claims, object_id=""))
    assert without_claims(*act(by=nameless, on=BATCH), by=NOBODY).kind is ActorKind.PLATFORM


def test_a_resource_type_as_caller_is_nobodys_other_name() -> None:
    autoscale = Caller(caller="Microsoft.Insights/autoscaleSettings", claims=PIPELINE.claims)
    shown = act(by=autoscale, on=BATCH)
    actor = without_claims(*shown, by=Caller(caller="Microsoft.Insights/autoscaleSettings"))
    assert actor.kind is ActorKind.AZURE_SERVICE


def test_the_clusters_identity_is_judged_by_what_it_does_however_it_is_known() -> None:
    assert without_claims(by=bare(CONTROL_PLANE)).kind is ActorKind.CLUSTER_IDENTITY


# Through what they acted


@pytest.mark.parametrize(
    ("who", "client"),
    [
        (ALICE, "Azure CLI"),
        (PIPELINE, "client secret"),
        (
            application("object-of-gh", "app-of-gh", app_id_acr="2"),
            "certificate or federated sign-in",
        ),
        (application("object-of-gh", "app-of-gh", app_id_acr=""), ""),
        (AUTOMATION, "Azure Automation"),
        (
            identity(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-any",
                "any",
            ),
            "",
        ),
        (POLICY, "Azure Policy"),
        (BACKUP, ""),
    ],
)
def test_a_callers_way_in_is_told_as_far_as_the_claims_tell_it(who: Caller, client: str) -> None:
    assert without_claims(by=who).client == client


def test_an_assignments_id_is_kept_for_the_exemption() -> None:
    assert without_claims(by=POLICY).policy_assignment == POLICY.claims.managed_identity_id


def test_an_assignment_that_only_the_record_names_is_kept_too() -> None:
    group = "/providers/Microsoft.Management/managementGroups/all"
    assignment = f"{group}/providers/Microsoft.Authorization/policyAssignments/agents"
    asked = record(by=PIPELINE, policy_assignment=assignment)
    calls = merge([asked])
    actor = Classifier(managed(), calls).actor(calls[0])
    assert (actor.name, actor.policy_assignment) == ("agents", assignment)


def test_a_managed_identity_of_another_tenant_is_told_with_its_tenant() -> None:
    foreign = identity(
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-msp",
        "msp",
    )
    operator = Caller(
        caller=foreign.caller,
        claims=msgspec.structs.replace(foreign.claims, tenant_id="msp-tenant"),
    )
    assert without_claims(by=operator).name == "id-msp (of the managing tenant msp-tenant)"


@pytest.mark.parametrize("verb", ["deallocate", "runCommand"])
def test_a_borrowed_identity_names_its_role_in_the_cluster(verb: str) -> None:
    asked = record(f"Microsoft.Compute/virtualMachineScaleSets/{verb}/action", by=CONTROL_PLANE)
    calls = merge([asked])
    assert Classifier(managed(), calls).actor(calls[0]).borrowed == "control plane"


@pytest.mark.parametrize(
    ("login", "read"),
    [
        ("carol_fabrikam.example#EXT#@contoso.example", "carol@fabrikam.example (guest)"),
        ("live.com#dan@example.com", "dan@example.com (personal account)"),
        ("alice@contoso.example", "alice@contoso.example"),
    ],
)
def test_a_login_is_read_as_its_owner_would_write_it(login: str, read: str) -> None:
    assert readable(login) == read
