from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.wire import base
from auditor.collect.wire.activity_event import WireEvent
from auditor.collect.wire.autoscale_setting import WireAutoscaleSetting
from auditor.collect.wire.base import Digest, Page, Translatable, moment
from auditor.collect.wire.change import WireChange
from auditor.collect.wire.cluster import WireCluster
from auditor.collect.wire.deny_assignment import WireDenyAssignment
from auditor.collect.wire.disk import WireDisk
from auditor.collect.wire.feature import WireFeature
from auditor.collect.wire.instance import WireInstance
from auditor.collect.wire.load_balancer import WireLoadBalancer
from auditor.collect.wire.lock import WireLock
from auditor.collect.wire.notice import WireNotice
from auditor.collect.wire.parts import WireExtension
from auditor.collect.wire.pool_machine import WirePoolMachine
from auditor.collect.wire.public_address import WirePublicAddress
from auditor.collect.wire.request_body import RequestBody
from auditor.collect.wire.resident import WireResident
from auditor.collect.wire.resource_group import WireResourceGroup
from auditor.collect.wire.role_assignment import WireRoleAssignment
from auditor.collect.wire.role_definition import WireRoleDefinition
from auditor.collect.wire.route_table import WireRouteTable
from auditor.collect.wire.scale_set import WireScaleSet
from auditor.collect.wire.security_group import WireSecurityGroup
from auditor.collect.wire.virtual_machine import WireVirtualMachine
from auditor.collect.wire.virtual_network import WireVirtualNetwork
from auditor.model.aks import ManagedCluster
from auditor.model.compute import PowerState

KINDS: list[type[Translatable[Any]]] = [
    WireAutoscaleSetting,
    WireChange,
    WireCluster,
    WireDenyAssignment,
    WireDisk,
    WireFeature,
    WireInstance,
    WireLoadBalancer,
    WireLock,
    WireNotice,
    WirePoolMachine,
    WirePublicAddress,
    WireResident,
    WireResourceGroup,
    WireRoleAssignment,
    WireRoleDefinition,
    WireRouteTable,
    WireScaleSet,
    WireSecurityGroup,
    WireVirtualMachine,
    WireVirtualNetwork,
]
ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.X/things/thing"


def decoded(document: object, kind: type[Translatable[Any]]) -> Any:  # noqa: ANN401 (any kind)
    return msgspec.json.decode(json.dumps(document), type=kind, dec_hook=base.custom)


def again(wire: object, kind: type[Translatable[Any]]) -> Any:  # noqa: ANN401 (any kind)
    body = msgspec.json.encode(wire, enc_hook=base.plain)
    return msgspec.json.decode(body, type=kind, dec_hook=base.custom)


def all_null(kind: type) -> dict[str, None]:
    names = [field.encode_name for field in msgspec.structs.fields(kind) if not field.required]
    return dict.fromkeys(names)


@pytest.mark.parametrize("kind", KINDS)
def test_null_and_absent_are_the_same(kind: type[Translatable[Any]]) -> None:
    absent = decoded({"id": ID}, kind)
    null = decoded({"id": ID} | all_null(kind), kind)
    empty = decoded({"id": ID, "properties": {}}, kind) if kind is not WireResident else absent
    assert absent.to_model() == null.to_model() == empty.to_model()


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_fields_do_not_survive(kind: type[Translatable[Any]]) -> None:
    wire = decoded({"id": ID, "surprise": {"secret": "x"}}, kind)
    assert b"secret" not in msgspec.json.encode(wire, enc_hook=base.plain)


def test_an_answer_without_value_is_no_list() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=Page)


def test_extension_settings_become_digests_that_stay_the_same() -> None:
    document = {
        "name": "vmssCSE",
        "properties": {
            "settings": {"commandToExecute": "curl https://x -u me:secret", "timestamp": 7},
            "protectedSettingsFromKeyVault": {"secretUrl": "https://vault/secrets/x"},
        },
    }
    wire = decoded(document, WireExtension)
    extension = wire.to_model()
    assert [setting.name for setting in extension.settings] == ["commandToExecute", "timestamp"]
    assert extension.settings[0].digest.endswith("(27 chars)")
    assert extension.protected_settings_from_key_vault
    assert b"secret" not in msgspec.json.encode(wire, enc_hook=base.plain)
    assert again(wire, WireExtension).to_model() == extension


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_the_digest_of_a_digest_is_the_digest(value: object) -> None:
    assert Digest.of(Digest.of(value)) == Digest.of(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-08-26T08:23:34.4444743+00:00", datetime(2024, 8, 26, 8, 23, 34, 444474, UTC)),
        ("2024-08-26T08:23:34", datetime(2024, 8, 26, 8, 23, 34, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_are_read_as_arm_writes_them(text: str | None, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_an_instance_view_tells_power_and_the_reason_of_a_failed_start() -> None:
    statuses = [
        {"code": "ProvisioningState/failed/AllocationFailed", "time": "2026-10-30T01:02:03Z"},
        {"code": "PowerState/deallocated"},
    ]
    document = {"id": ID, "properties": {"instanceView": {"statuses": statuses}}}
    instance = decoded(document, WireInstance).to_model()
    assert instance.power == PowerState("deallocated")
    assert instance.provisioning_code == "ProvisioningState/failed/AllocationFailed"
    assert instance.provisioned_at == datetime(2026, 10, 30, 1, 2, 3, tzinfo=UTC)


def cluster(**properties: object) -> ManagedCluster:
    document = {
        "id": ID,
        "identity": {
            "type": "UserAssigned",
            "principalId": "p-system",
            "userAssignedIdentities": {"/x/id-shop": {"principalId": "p", "clientId": "c"}},
        },
        "properties": properties,
    }
    model = decoded(document, WireCluster).to_model()
    assert isinstance(model, ManagedCluster)
    return model


def test_every_identity_of_a_cluster_has_its_role() -> None:
    own = {"resourceId": "/x/kubelet", "clientId": "ck", "objectId": "ok"}
    found = cluster(
        identityProfile={"kubeletidentity": own},
        addonProfiles={"azurepolicy": {"identity": own}, "omsagent": {"enabled": True}},
        ingressProfile={"webAppRouting": {"identity": own}},
    ).identities
    assert [(i.role, i.name, i.principal_id) for i in found] == [
        ("control_plane", "thing", "p-system"),
        ("control_plane", "id-shop", "p"),
        ("kubelet", "kubeletidentity", "ok"),
        ("addon", "azurepolicy", "ok"),
        ("addon", "webAppRouting", "ok"),
    ]
    assert found[0].resource_id == ID


def test_a_proxy_with_a_password_is_known_by_its_presence_only() -> None:
    config = {"httpProxy": "http://me:hunter2@proxy:3128", "trustedCa": "x"}
    assert cluster(httpProxyConfig=config).http_proxy
    assert not cluster(httpProxyConfig=config | {"enabled": False}).http_proxy
    assert not cluster(httpProxyConfig={}).http_proxy


def test_msi_is_no_service_principal() -> None:
    assert cluster(servicePrincipalProfile={"clientId": "msi"}).service_principal_client_id is None
    assert cluster(servicePrincipalProfile={"clientId": "x"}).service_principal_client_id == "x"


BODY = {
    "sku": {"capacity": 5},
    "properties": {"rules": [{"name": "ssh", "properties": {"port": 22}}, {"tag": "s3cr3t"}]},
    "instanceIds": ["0", "3"],
}


def test_a_request_body_is_kept_as_an_outline_without_values() -> None:
    outline = RequestBody.of(json.dumps(BODY))
    assert outline.paths == (
        "instanceIds",
        "properties.rules.name",
        "properties.rules.properties.port",
        "properties.rules.tag",
        "sku.capacity",
    )
    assert outline.instance_ids == ("0", "3")
    assert "s3cr3t" not in outline
    assert "ssh" not in outline


@pytest.mark.parametrize("body", ["", "not json", '{"cut": "of', "[" * 5000, "null", "7"])
def test_a_request_body_that_does_not_read_is_an_empty_one(body: str) -> None:
    assert RequestBody.of(body) == ""
    assert RequestBody.of(body).paths == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "instanceIds"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(JSON)
def test_the_outline_of_an_outline_is_the_outline(value: object) -> None:
    outline = RequestBody.of(value)
    assert RequestBody.of(str(outline)) == outline
    assert RequestBody.of(str(outline)).paths == outline.paths


def test_a_record_reads_with_and_without_translated_values() -> None:
    plain = {"eventTimestamp": "2026-10-29T12:00:00Z", "status": "Started", "category": "Policy"}
    translated = plain | {"status": {"value": "Started"}, "category": {"value": "Policy"}}
    records = [decoded(document, WireEvent).to_model() for document in (plain, translated)]
    assert records[0] == records[1]
    assert records[0].status == "Started"


def test_a_record_without_a_time_does_not_read() -> None:
    with pytest.raises(ValueError, match="time does not read"):
        decoded({"eventTimestamp": "soon"}, WireEvent).to_model()


ASSIGNMENT = "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/tags-on-all"


def policy_record(*policies: tuple[str, str], category: str = "Policy") -> Any:  # noqa: ANN401 (an event)
    named = [
        {
            "policyAssignmentId": f"{assignment}/",
            "policyAssignmentName": "x",
            "policyDefinitionEffect": effect,
            "policyAssignmentParameters": {"secret": {"value": "hunter2"}},
        }
        for assignment, effect in policies
    ]
    return {
        "eventTimestamp": "2026-10-29T12:00:00Z",
        "category": {"value": category},
        "properties": {"policies": json.dumps(named)},
    }


@pytest.mark.parametrize(
    ("policies", "named"),
    [
        ([(ASSIGNMENT, "Modify")], ASSIGNMENT),
        ([("/a", "Audit"), (ASSIGNMENT, "deployIfNotExists")], ASSIGNMENT),
        ([("/a", "Audit"), ("/b", "Deny")], "/a"),
        ([], ""),
    ],
)
def test_a_policy_record_names_the_assignment_that_altered_something(
    policies: list[tuple[str, str]], named: str
) -> None:
    wire = decoded(policy_record(*policies), WireEvent)
    assert wire.to_model().policy_assignment == named
    assert again(wire, WireEvent).to_model() == wire.to_model()
    assert b"hunter2" not in msgspec.json.encode(wire, enc_hook=base.plain)


def test_only_policys_own_records_name_an_assignment() -> None:
    document = policy_record((ASSIGNMENT, "Modify"), category="Administrative")
    assert decoded(document, WireEvent).to_model().policy_assignment == ""


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '[{"policyAssignmentId": null}]'])
def test_policies_that_do_not_read_name_nothing(text: str) -> None:
    document = policy_record() | {"properties": {"policies": text}}
    assert decoded(document, WireEvent).to_model().policy_assignment == ""
