from __future__ import annotations

import msgspec
import pytest

from auditor.evidence.actors import Classifier
from auditor.evidence.operations import merge
from auditor.model.aks import ManagedCluster, PoolKind
from auditor.model.operation import CUSTOMER, ActivityRecord, Actor, ActorKind, Claims
from tests.build import (
    ADDON_IDENTITY,
    CLUSTER_ID,
    COMPUTE,
    CONTROL_PLANE_IDENTITY,
    IDENTITIES,
    KUBELET_IDENTITY,
    NETWORK,
    NSG_ID,
    SUBNET_ID,
    extension_id,
    managed,
    node_id,
    pool,
    scale_set_id,
)
from tests.deeds import (
    AKS,
    AKS_OBJECT,
    ALICE,
    AUTOMATION,
    BACKUP,
    BARE,
    CONTROL_PLANE,
    KUBELET,
    NOBODY,
    PIPELINE,
    POLICY,
    SCALE_SETS,
    Caller,
    act,
    application,
    identity,
    own,
    person,
    record,
)

NET = "Microsoft.Network"
TAGS = "/providers/Microsoft.Resources/tags/default"
VMS = "Microsoft.Compute/virtualMachines"
NODES = f"{SCALE_SETS}/virtualMachines"
MACHINE = f"{COMPUTE}/virtualMachines/aks-default-2jf98"


def who(*records: ActivityRecord, of: ManagedCluster | None = None) -> Actor:
    """The actor of the operation that the last of these records belongs to."""
    calls = merge(records)
    (asked,) = (c for c in calls if records[-1].event_id in c.operation.event_ids)
    return Classifier(of or managed(), calls).actor(asked)


def kind(name: str, on: str, by: Caller, of: ManagedCluster | None = None) -> ActorKind:
    return who(record(name, on, by), of=of).kind


# AKS itself


def test_the_aks_resource_provider_is_known_by_its_application() -> None:
    actor = who(*act(by=AKS))
    assert actor.kind is ActorKind.AKS
    assert actor.positive
    assert actor.name == "AKS resource provider"


def test_the_application_id_of_aks_is_read_in_any_case() -> None:
    shouted = application(AKS_OBJECT, AKS.claims.app_id.upper())
    assert who(*act(by=shouted)).kind is ActorKind.AKS


def test_akss_object_id_alone_is_aks_once_the_log_shows_both() -> None:
    bare = Caller(caller=AKS_OBJECT.upper())
    earlier = act(by=AKS, on=scale_set_id("batch"))
    assert who(*earlier, record(by=bare, on=node_id(1))).kind is ActorKind.AKS


def test_akss_object_id_alone_is_an_unknown_id_where_the_log_never_shows_both() -> None:
    assert who(record(by=Caller(caller=AKS_OBJECT))).kind is ActorKind.UNKNOWN


def test_another_application_under_an_object_id_of_akss_is_not_aks() -> None:
    imposter = application(AKS_OBJECT, PIPELINE.claims.app_id)
    earlier = act(by=AKS, on=scale_set_id("batch"))
    assert who(*earlier, record(by=imposter)).kind is ActorKind.SERVICE_PRINCIPAL


def test_a_person_for_whom_aks_acted_once_is_not_aks_ever_after() -> None:
    through_aks = Caller(
        caller=ALICE.caller, claims=msgspec.structs.replace(ALICE.claims, app_id=AKS.claims.app_id)
    )
    earlier = act(by=through_aks, on=scale_set_id("batch"))
    assert who(*earlier, record(by=Caller(caller=ALICE.caller))).kind is ActorKind.USER


def test_az_aks_scale_by_a_person_is_akss_doing() -> None:
    name = "Microsoft.ContainerService/managedClusters/agentPools/write"
    asked = act(name, f"{CLUSTER_ID}/agentPools/apps", ALICE, correlation_id="one")
    done = act(by=AKS, correlation_id="one")
    assert who(*asked).kind is ActorKind.USER
    assert who(*asked, *done).kind is ActorKind.AKS


def test_one_deployment_touching_cluster_and_scale_set_is_still_the_persons() -> None:
    """A correlation id is shared by all that a deployment writes, and absolves nothing."""
    on_cluster = act(
        "Microsoft.ContainerService/managedClusters/write", CLUSTER_ID, correlation_id="bicep"
    )
    on_scale_set = act(correlation_id="bicep", by=ALICE)
    calls = merge([*on_cluster, *on_scale_set])
    classifier = Classifier(managed(), calls)
    assert {classifier.actor(call).kind for call in calls} == {ActorKind.USER}


# The cluster's own identities


def test_autoscaler_scale_out_by_the_control_plane_identity_is_akss_own_work() -> None:
    written = act(by=CONTROL_PLANE, request_paths=("sku.capacity",))
    assert who(*written).kind is ActorKind.CLUSTER_IDENTITY


def test_autoscaler_scale_in_by_the_control_plane_identity_is_akss_own_work() -> None:
    deleted = act(f"{SCALE_SETS}/delete/action", by=CONTROL_PLANE, instance_ids=("2",))
    assert who(*deleted).kind is ActorKind.CLUSTER_IDENTITY


def test_csi_disk_attach_by_the_control_plane_identity_is_akss_own_work() -> None:
    assert kind(f"{NODES}/write", node_id(0), CONTROL_PLANE) is ActorKind.CLUSTER_IDENTITY


def test_csi_disk_detach_by_attach_detach_action_is_akss_own_work() -> None:
    name = f"{NODES}/attachDetachDataDisks/action"
    assert kind(name, node_id(0), CONTROL_PLANE) is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{NET}/networkSecurityGroups/write", NSG_ID),
        (
            "Microsoft.Network/networkSecurityGroups/securityRules/delete",
            f"{NSG_ID}/securityRules/k8s",
        ),
        (f"{NET}/loadBalancers/write", f"{NETWORK}/loadBalancers/kubernetes"),
        (
            "Microsoft.Network/publicIPAddresses/delete",
            f"{NETWORK}/publicIPAddresses/kubernetes-a1",
        ),
        (f"{NET}/routeTables/routes/write", f"{NETWORK}/routeTables/rt/routes/node"),
        ("Microsoft.Compute/disks/delete", f"{COMPUTE}/disks/pvc-1"),
        ("Microsoft.Compute/disks/delete", f"{COMPUTE}/disks/aks-apps-38116459-vmss_OsDisk_1_0a1b"),
    ],
)
def test_cloud_provider_nsg_write_and_its_like_are_akss_own_work(name: str, on: str) -> None:
    assert kind(name, on, CONTROL_PLANE) is ActorKind.CLUSTER_IDENTITY


def test_cloud_provider_subnet_write_for_a_private_link_service_is_akss_own_work() -> None:
    name = "Microsoft.Network/virtualNetworks/subnets/write"
    assert kind(name, SUBNET_ID, CONTROL_PLANE) is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize("verb", ["restart", "reimage", "redeploy", "manualUpgrade"])
def test_node_repair_and_upgrade_by_the_control_plane_identity_are_akss_own_work(verb: str) -> None:
    name = f"{SCALE_SETS}/{verb}/action"
    assert kind(name, scale_set_id(), CONTROL_PLANE) is ActorKind.CLUSTER_IDENTITY


def test_a_system_assigned_control_plane_is_known_by_the_clusters_own_id() -> None:
    system_assigned = identity(CLUSTER_ID.upper(), "object-of-shop")
    assert who(*act(by=system_assigned), of=managed(identities=())).kind is (
        ActorKind.CLUSTER_IDENTITY
    )


def test_an_identity_is_known_by_its_client_id_too() -> None:
    by_client_id = Caller(caller=CONTROL_PLANE_IDENTITY.client_id.upper())
    assert who(record(by=by_client_id)).kind is ActorKind.CLUSTER_IDENTITY


def test_an_identity_is_known_by_its_object_id_among_the_claims_alone() -> None:
    claims = Claims(object_id=CONTROL_PLANE_IDENTITY.principal_id.upper())
    assert who(record(by=Caller(claims=claims))).kind is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize(("name", "told"), [("id-shop", "id-shop"), ("", "control_plane")])
def test_the_clusters_identity_is_told_by_its_name_else_by_its_role(name: str, told: str) -> None:
    named = managed(identities=(msgspec.structs.replace(CONTROL_PLANE_IDENTITY, name=name),))
    assert who(*act(by=CONTROL_PLANE), of=named).name == told


def test_control_plane_identity_deallocating_is_a_reused_identity() -> None:
    actor = who(record(f"{SCALE_SETS}/deallocate/action", by=CONTROL_PLANE))
    assert actor.kind is ActorKind.MANAGED_IDENTITY
    assert actor.positive
    assert "the cluster's own control plane identity" in actor.name


def test_a_reused_identity_is_still_told_by_its_id_and_from_where_it_called() -> None:
    by = record(f"{SCALE_SETS}/deallocate/action", by=CONTROL_PLANE, client_address="203.0.113.9")

    actor = who(by)

    assert actor.id == (CONTROL_PLANE.claims.object_id or CONTROL_PLANE.caller)
    assert actor.address == "203.0.113.9"


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{SCALE_SETS}/powerOff/action", scale_set_id()),
        (f"{NODES}/runCommand/action", node_id(0)),
        (f"{SCALE_SETS}/extensions/write", extension_id("vmssCSE")),
        (f"{SCALE_SETS}/delete", scale_set_id()),
        (
            "Microsoft.Resources/tags/write",
            f"{scale_set_id()}/providers/Microsoft.Resources/tags/default",
        ),
        (f"{NET}/networkSecurityGroups/delete", NSG_ID),
    ],
)
def test_what_aks_never_does_by_the_control_plane_identity_is_a_reused_identity(
    name: str, on: str
) -> None:
    assert kind(name, on, CONTROL_PLANE) is ActorKind.MANAGED_IDENTITY


@pytest.mark.parametrize("verb", ["deallocate", "start"])
def test_scale_down_mode_deallocate_lets_the_autoscaler_deallocate_and_start(verb: str) -> None:
    keeping = managed(pool(scale_down_mode="Deallocate"), pool("batch"))
    name = f"{SCALE_SETS}/{verb}/action"
    assert kind(name, scale_set_id(), CONTROL_PLANE, keeping) is ActorKind.CLUSTER_IDENTITY


def test_scale_down_mode_deallocate_of_one_pool_says_nothing_of_another() -> None:
    keeping = managed(pool(scale_down_mode="Deallocate"), pool("batch"))
    name = f"{SCALE_SETS}/deallocate/action"
    assert kind(name, scale_set_id("batch"), CONTROL_PLANE, keeping) is ActorKind.MANAGED_IDENTITY


def test_deallocating_a_scale_set_of_no_pool_is_a_reused_identity() -> None:
    name = f"{SCALE_SETS}/deallocate/action"
    keeping = managed(pool(scale_down_mode="Deallocate"))
    assert kind(name, scale_set_id("gone"), CONTROL_PLANE, keeping) is ActorKind.MANAGED_IDENTITY


def test_kubelet_identity_writing_a_scale_set_is_a_reused_identity() -> None:
    actor = who(*act(by=KUBELET))
    assert actor.kind is ActorKind.MANAGED_IDENTITY
    assert "kubelet" in actor.name


def test_an_addons_identity_writing_a_node_is_a_reused_identity() -> None:
    actor = who(record(f"{NODES}/write", node_id(0), own(ADDON_IDENTITY)))
    assert actor.kind is ActorKind.MANAGED_IDENTITY
    assert "addon" in actor.name


@pytest.mark.parametrize("verb", ["write", "delete", "beginGetAccess/action"])
@pytest.mark.parametrize("by", [KUBELET, own(ADDON_IDENTITY)], ids=["kubelet", "addon"])
def test_pods_may_use_the_clusters_identities_for_what_is_no_node(by: Caller, verb: str) -> None:
    name = f"Microsoft.Compute/snapshots/{verb}"
    assert kind(name, f"{COMPUTE}/snapshots/backup", by) is ActorKind.CLUSTER_IDENTITY


def test_pod_identity_assigns_identities_to_scale_sets_by_the_kubelet_identity() -> None:
    with_pod_identity = managed(pod_identity=True)
    assert who(*act(by=KUBELET), of=with_pod_identity).kind is ActorKind.CLUSTER_IDENTITY
    name = f"{SCALE_SETS}/deallocate/action"
    assert kind(name, scale_set_id(), KUBELET, with_pod_identity) is ActorKind.MANAGED_IDENTITY


def test_one_identity_in_two_roles_may_do_what_either_may() -> None:
    both = msgspec.structs.replace(CONTROL_PLANE_IDENTITY, role="kubelet", name="kubeletidentity")
    for identities in ((both, CONTROL_PLANE_IDENTITY), (CONTROL_PLANE_IDENTITY, both)):
        shared = managed(identities=identities)
        assert who(*act(by=CONTROL_PLANE), of=shared).kind is ActorKind.CLUSTER_IDENTITY


def test_another_clusters_identity_is_a_managed_identity() -> None:
    other = identity(f"{IDENTITIES}/id-other", "object-of-other")
    assert who(*act(by=other)).kind is ActorKind.MANAGED_IDENTITY


# Clusters with a service principal

SERVICE_PRINCIPAL = application("object-of-legacy", "e0000000-0000-4000-8000-000000000001")
LEGACY = managed(identities=(), service_principal_client_id="E0000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{SCALE_SETS}/write", scale_set_id()),
        (f"{SCALE_SETS}/manualUpgrade/action", scale_set_id()),
        (f"{SCALE_SETS}/restart/action", scale_set_id()),
        (f"{NODES}/reimage/action", node_id(1)),
        (f"{NET}/networkSecurityGroups/write", NSG_ID),
    ],
)
def test_repair_and_upgrade_under_the_clusters_service_principal_are_akss_own_work(
    name: str, on: str
) -> None:
    assert kind(name, on, SERVICE_PRINCIPAL, LEGACY) is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize("verb", ["deallocate", "powerOff"])
def test_a_pipeline_that_reuses_the_clusters_service_principal_is_told_as_such(verb: str) -> None:
    actor = who(record(f"{SCALE_SETS}/{verb}/action", by=SERVICE_PRINCIPAL), of=LEGACY)
    assert actor.kind is ActorKind.SERVICE_PRINCIPAL
    assert "the cluster's own service principal identity" in actor.name


def test_another_service_principal_is_no_identity_of_the_cluster() -> None:
    assert who(*act(by=PIPELINE), of=LEGACY).kind is ActorKind.SERVICE_PRINCIPAL


# Nodes that are virtual machines of their own

AUTOMATIC = managed(pool("system"), node_provisioning=True)


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{VMS}/write", MACHINE),
        (f"{VMS}/delete", MACHINE),
        (f"{VMS}/extensions/write", f"{MACHINE}/extensions/computeAksLinuxBilling"),
        (f"{NET}/networkInterfaces/write", f"{NETWORK}/networkInterfaces/aks-default"),
        (f"{NET}/networkInterfaces/delete", f"{NETWORK}/networkInterfaces/aks-default"),
    ],
)
def test_node_auto_provisioning_makes_machines_by_the_control_plane_identity(
    name: str, on: str
) -> None:
    assert kind(name, on, CONTROL_PLANE, AUTOMATIC) is ActorKind.CLUSTER_IDENTITY


def test_node_auto_provisioning_runs_no_commands_on_its_machines() -> None:
    assert kind(f"{VMS}/runCommand/action", MACHINE, CONTROL_PLANE, AUTOMATIC) is (
        ActorKind.MANAGED_IDENTITY
    )


def test_a_virtual_machines_pool_is_deallocated_by_the_cluster_only_when_it_stops() -> None:
    running = pool("vms", kind=PoolKind.VIRTUAL_MACHINES)
    stopped = pool("vms", kind=PoolKind.VIRTUAL_MACHINES, power_state="Stopped")
    name = f"{VMS}/deallocate/action"
    assert kind(name, MACHINE, CONTROL_PLANE, managed(running)) is ActorKind.MANAGED_IDENTITY
    assert kind(name, MACHINE, CONTROL_PLANE, managed(stopped)) is ActorKind.CLUSTER_IDENTITY
    whole = managed(running, power_state="Stopped")
    assert kind(name, MACHINE, CONTROL_PLANE, whole) is ActorKind.CLUSTER_IDENTITY
    beside = managed(running, stopped)
    assert kind(name, MACHINE, CONTROL_PLANE, beside) is ActorKind.CLUSTER_IDENTITY
    keeping = managed(pool("vms", kind=PoolKind.VIRTUAL_MACHINES, scale_down_mode="Deallocate"))
    assert kind(name, MACHINE, CONTROL_PLANE, keeping) is ActorKind.CLUSTER_IDENTITY


def test_a_stopped_pool_on_a_scale_set_lets_nobody_deallocate_machines() -> None:
    stopped = managed(pool(power_state="Stopped"))
    name = f"{VMS}/deallocate/action"
    assert kind(name, MACHINE, CONTROL_PLANE, stopped) is ActorKind.MANAGED_IDENTITY


KARPENTER = identity(f"{IDENTITIES}/id-nodes", "object-of-karpenter")
MAKES_NODE = record(
    f"{VMS}/write", MACHINE, KARPENTER, request_paths=("location", "tags.karpenter.sh_nodepool")
)


def test_self_hosted_karpenter_is_named_and_benign() -> None:
    actor = who(MAKES_NODE)
    assert actor.kind is ActorKind.CLUSTER_IDENTITY
    assert actor.name == "self-hosted Karpenter (id-nodes)"


def test_self_hosted_karpenter_is_known_by_the_name_of_its_identity_too() -> None:
    named = identity(f"{IDENTITIES}/karpentermsi", "object-of-karpenter")
    assert who(record(f"{VMS}/write", MACHINE, named)).kind is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{VMS}/delete", MACHINE),
        (f"{VMS}/extensions/write", f"{MACHINE}/extensions/computeAksLinuxBilling"),
        (f"{VMS}/extensions/write", f"{MACHINE}/extensions/cse-agent-karpenter"),
        (f"{NET}/networkInterfaces/delete", f"{NETWORK}/networkInterfaces/aks-default"),
    ],
)
def test_self_hosted_karpenter_may_do_its_own_work(name: str, on: str) -> None:
    later = record(name, on, KARPENTER, operation_id="later")
    assert who(MAKES_NODE, later).kind is ActorKind.CLUSTER_IDENTITY


@pytest.mark.parametrize(
    ("name", "on"),
    [
        (f"{SCALE_SETS}/write", scale_set_id()),
        (f"{NODES}/write", node_id(0)),
        (f"{VMS}/deallocate/action", MACHINE),
        (f"{VMS}/runCommand/action", MACHINE),
        (f"{VMS}/extensions/write", f"{MACHINE}/extensions/miner"),
        (f"{VMS}/extensions/delete", f"{MACHINE}/extensions/cse-agent-karpenter"),
    ],
)
def test_karpenters_identity_doing_more_than_that_is_a_managed_identity(name: str, on: str) -> None:
    later = record(name, on, KARPENTER, operation_id="later")
    assert who(MAKES_NODE, later).kind is ActorKind.MANAGED_IDENTITY


def test_a_machine_made_by_an_identity_without_karpenters_marks_is_somebodys() -> None:
    made = record(f"{VMS}/write", MACHINE, KARPENTER, request_paths=("location", "tags.team"))
    assert who(made).kind is ActorKind.MANAGED_IDENTITY


@pytest.mark.parametrize("by", [ALICE, PIPELINE, AUTOMATION])
def test_only_a_user_assigned_identity_can_be_karpenters(by: Caller) -> None:
    made = msgspec.structs.replace(MAKES_NODE, caller=by.caller, claims=by.claims)
    assert who(made).kind in CUSTOMER


@pytest.mark.parametrize(
    ("name", "on"), [(f"{VMS}/delete", MACHINE), (f"{NODES}/write", node_id(0))]
)
def test_marks_of_karpenter_on_anything_but_a_new_machine_prove_nothing(name: str, on: str) -> None:
    marked = record(name, on, KARPENTER, request_paths=("tags.karpenter.sh_nodepool",))
    deleted = record(f"{VMS}/delete", MACHINE, KARPENTER, operation_id="later")
    assert who(marked, deleted).kind is ActorKind.MANAGED_IDENTITY


# Everyone else


def test_a_person_is_named_with_the_client_and_the_address() -> None:
    actor = who(record(by=ALICE, client_address="203.0.113.24"))
    assert actor == Actor(
        kind=ActorKind.USER,
        name="alice@contoso.example",
        id="object-of-alice",
        client="Azure CLI",
        address="203.0.113.24",
        positive=True,
    )


def test_an_address_in_the_claims_is_used_where_the_request_has_none() -> None:
    assert who(record(by=person("alice", address="198.51.100.7"))).address == "198.51.100.7"


def test_a_person_without_claims_is_known_by_the_mail_address() -> None:
    assert who(record(by=Caller(caller="Alice@contoso.example"))).kind is ActorKind.USER


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("carol_fabrikam.example#EXT#@contoso.example", "carol@fabrikam.example (guest)"),
        ("ann_lee_fabrikam.example#ext#@contoso.example", "ann_lee@fabrikam.example (guest)"),
        ("live.com#dan@example.com", "dan@example.com (personal account)"),
        ("alice@contoso.example", "alice@contoso.example"),
        ("odd#EXT#", "odd#EXT#"),
    ],
)
def test_a_guest_is_a_person_under_the_name_that_they_have_at_home(login: str, name: str) -> None:
    actor = who(record(by=person("guest", upn=login)))
    assert (actor.kind, actor.name) == (ActorKind.USER, name)


def test_a_guest_without_claims_is_named_alike() -> None:
    guest = Caller(caller="carol_fabrikam.example#EXT#@contoso.example")
    assert who(record(by=guest)).name == "carol@fabrikam.example (guest)"


@pytest.mark.parametrize(
    "sign",
    [{"identity_type": "user"}, {"scope": "user_impersonation"}, {"upn": "alice@contoso.example"}],
    ids=list,
)
def test_one_sign_that_a_person_had_signed_in_is_enough(sign: dict[str, str]) -> None:
    through = Claims(app_id="an-app-of-theirs", object_id="object-of-alice", name="Alice", **sign)
    actor = who(record(by=Caller(claims=through)))
    assert (actor.kind, actor.name) == (ActorKind.USER, sign.get("upn", "Alice"))


def test_the_portal_and_command_lines_carry_only_people() -> None:
    bare = Caller(
        caller="object-of-alice",
        claims=Claims(app_id="c44b4083-3bb0-49c1-b47d-974e53cbdf3c", object_id="object-of-alice"),
    )
    actor = who(record(by=bare))
    assert (actor.kind, actor.client) == (ActorKind.USER, "Azure portal")


def test_lighthouse_operator_is_a_person_of_another_tenant() -> None:
    operator = person("olga", upn="olga@msp.example", tenant_id="tenant-of-the-msp")
    actor = who(record(by=operator))
    assert actor.kind is ActorKind.USER
    assert actor.name == "olga@msp.example (of the managing tenant tenant-of-the-msp)"


def test_a_record_without_a_tenant_makes_nobody_a_foreigner() -> None:
    operator = application("object-of-msp", "app-of-msp", tenant_id="tenant-of-the-msp")
    assert "managing tenant" not in who(record(by=operator, tenant_id="")).name


def test_an_application_that_calls_itself_a_service_is_none() -> None:
    posing = msgspec.structs.replace(
        record(by=PIPELINE), caller="Microsoft.Advisor/recommendations"
    )
    assert who(posing).kind is ActorKind.SERVICE_PRINCIPAL


def test_a_lighthouse_service_principal_is_told_with_its_tenant() -> None:
    operator = application("object-of-msp", "app-of-msp", tenant_id="tenant-of-the-msp")
    assert who(record(by=operator)).name.endswith("(of the managing tenant tenant-of-the-msp)")


def test_a_service_principal_is_positively_known_without_a_name() -> None:
    actor = who(*act(by=PIPELINE))
    assert actor.kind is ActorKind.SERVICE_PRINCIPAL
    assert actor.positive
    assert actor.name == f"application {PIPELINE.claims.app_id}"


def test_a_service_principal_is_called_by_its_name_and_known_by_its_application() -> None:
    named = Caller(claims=Claims(app_id=PIPELINE.claims.app_id, name="deploy-shop"))
    actor = who(record(by=named))
    assert (actor.name, actor.id) == ("deploy-shop", PIPELINE.claims.app_id)


def test_an_automation_accounts_identity_is_named_by_its_resource() -> None:
    actor = who(*act(by=AUTOMATION))
    assert (actor.kind, actor.name) == (ActorKind.MANAGED_IDENTITY, "night")


def test_policy_modify_effect_by_the_assignments_identity_is_azure_policys() -> None:
    actor = who(record("Microsoft.Resources/tags/write", by=POLICY))
    assert (actor.kind, actor.name) == (ActorKind.AZURE_POLICY, "tags")


def test_a_policy_named_in_an_applications_record_is_azure_policys() -> None:
    assignment = "/providers/Microsoft.Authorization/policyAssignments/agents"
    assert who(record(by=PIPELINE, policy_assignment=assignment)).kind is ActorKind.AZURE_POLICY


def test_a_policy_that_looked_at_a_persons_request_did_not_make_it() -> None:
    assignment = "/providers/Microsoft.Authorization/policyAssignments/agents"
    assert who(record(by=ALICE, policy_assignment=assignment)).kind is ActorKind.USER


def test_a_service_of_microsofts_is_named() -> None:
    actor = who(record(by=BACKUP))
    assert (actor.kind, actor.name) == (ActorKind.AZURE_SERVICE, "Azure Backup")


def test_a_person_acting_through_a_service_of_microsofts_is_the_person() -> None:
    through = person("alice", app_id=BACKUP.claims.app_id)
    assert who(record(by=through)).kind is ActorKind.USER


def test_a_caller_that_is_a_resource_type_is_a_service_of_microsofts() -> None:
    autoscale = Caller(caller="Microsoft.Insights/autoscaleSettings")
    assert who(record(by=autoscale)).kind is ActorKind.AZURE_SERVICE


def test_bare_object_id_is_unknown_and_only_likely() -> None:
    actor = who(record(by=BARE))
    assert actor.kind is ActorKind.UNKNOWN
    assert not actor.positive
    assert actor.name == actor.id == BARE.caller


def test_an_object_id_among_the_claims_alone_is_not_the_platform() -> None:
    actor = who(record(by=Caller(claims=Claims(object_id="object-of-mallory"))))
    assert (actor.kind, actor.name) == (ActorKind.UNKNOWN, "object-of-mallory")


def test_spot_eviction_without_caller_is_the_platform() -> None:
    evicted = record(f"{NODES}/evict/action", node_id(0), NOBODY)
    assert who(evicted).kind is ActorKind.PLATFORM


def test_host_maintenance_without_caller_is_the_platform() -> None:
    assert who(record(f"{NODES}/redeploy/action", node_id(0), NOBODY)).is_of_aks


def test_of_aks_are_aks_the_clusters_identity_at_work_and_the_platform_only() -> None:
    of_aks = {k for k in ActorKind if Actor(kind=k).is_of_aks}
    assert of_aks == {ActorKind.AKS, ActorKind.CLUSTER_IDENTITY, ActorKind.PLATFORM}


def test_the_kubelet_identity_is_matched_by_its_resource_id_in_any_case() -> None:
    shouted = identity(KUBELET_IDENTITY.resource_id.upper(), "another-object-id")
    assert "kubelet" in who(*act(by=shouted)).name
