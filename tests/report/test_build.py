from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from auditor.model.aks import NodePool
from auditor.model.compute import PowerState
from auditor.model.facet import Gap, Known, Outcome
from auditor.model.governance import RoleAssignment, RoleDefinition
from auditor.model.report import ClusterRow, FindingRow, UnitResult
from auditor.model.snapshot import Cluster, Snapshot
from auditor.model.verdict import Judgement
from auditor.report.assessed import OWNER_TAGS
from auditor.report.build import rule_rows, unit
from auditor.report.page import clusters
from tests.report import sample


def only(
    cluster: Cluster, *judgements: Judgement, owner_tags: Sequence[str] = OWNER_TAGS
) -> UnitResult:
    snapshot = Snapshot(subscription=sample.LABS, taken_at=sample.NOW, clusters=(cluster,))
    judged = [sample.evaluation(cluster, *judgements)]
    return unit(snapshot, judged, rules=sample.RULES, as_of=sample.NOW, owner_tags=owner_tags)


def healthy(**managed: Any) -> Cluster:  # noqa: ANN401 (any field)
    return sample.cluster(
        sample.LABS, "lab3-neu", managed=Known(sample.managed(sample.LABS, "lab3-neu", **managed))
    )


def pool(**changed: Any) -> NodePool:  # noqa: ANN401 (any field)
    (healthy_pool,) = healthy().managed.require().pools
    return msgspec.structs.replace(healthy_pool, **changed)


def row(cluster: Cluster, owner_tags: Sequence[str] = OWNER_TAGS) -> ClusterRow:
    return only(cluster, owner_tags=owner_tags).clusters[0]


def by_rule(rule_id: str) -> FindingRow:
    return next(one for one in sample.shop().findings if one.rule_id == rule_id)


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({"OWNER": "ann"}, "ann"),
        ({"team": "web", "Owner": "ann"}, "ann"),
        ({"team": "web", "owner": "  "}, "web"),
        ({"Owner-Email": "ann@contoso.example"}, "ann@contoso.example"),
        ({"costCenter": "4711"}, ""),
    ],
)
def test_the_owner_is_the_first_owner_tag_that_says_something(
    tags: dict[str, str], owner: str
) -> None:
    assert row(healthy(tags=tags)).owner == owner


def test_owner_tags_can_be_chosen() -> None:
    tagged = healthy(tags={"owner": "ann", "CostCenter": "4711"})
    assert row(tagged, owner_tags=("costcenter",)).owner == "4711"


def test_a_pool_counts_its_running_machines() -> None:
    (seen,) = row(healthy()).node_pools
    assert (seen.count, seen.running, seen.image_age_days) == (3, 3, 391)


def test_running_is_not_known_where_instances_are_unread_or_carry_no_power_state() -> None:
    cluster = healthy()
    (key,) = cluster.instances
    stateless = tuple(
        msgspec.structs.replace(one, power=PowerState()) for one in cluster.instances[key].require()
    )
    for read in (sample.REFUSED, Known(stateless)):
        changed = msgspec.structs.replace(cluster, instances={key: read})
        assert row(changed).node_pools[0].running is None


def test_an_image_without_a_date_has_no_age() -> None:
    assert (
        row(healthy(pools=(pool(node_image_version="custom"),))).node_pools[0].image_age_days
        is None
    )


@pytest.mark.parametrize(
    ("subnet", "vnet"),
    [
        (None, "managed"),
        ("/subscriptions/{s}/resourceGroups/NODES-LAB3/providers/x/virtualNetworks/v", "managed"),
        ("/subscriptions/{s}/resourceGroups/hub/providers/x/virtualNetworks/v", "custom"),
    ],
)
def test_a_vnet_is_custom_where_a_subnet_lies_outside_the_node_resource_group(
    subnet: str | None, vnet: str
) -> None:
    there = subnet.format(s=sample.LABS.id) if subnet else None
    assert row(healthy(pools=(pool(subnet_id=there),))).vnet == vnet
    assert row(healthy(pools=())).vnet == "unknown"


def test_a_cluster_that_could_not_be_read_has_a_row_that_claims_nothing() -> None:
    unread = sample.cluster(sample.LABS, "lab1-neu", managed=sample.REFUSED)
    seen = row(unread)
    assert (seen.support_state, seen.vnet, seen.lockdown) == ("not_assessed", "unknown", None)
    assert (seen.node_pools, seen.upgrade_channels, seen.power_state) == ((), {}, "")


def test_outside_writers_are_counted_in_all_and_by_scope() -> None:
    role = RoleDefinition(id="/roles/owner", actions=("*",))
    home = f"/subscriptions/{sample.LABS.id}"
    assignments = tuple(
        RoleAssignment(id=who, principal_id=who, role_definition_id=role.id, scope=scope)
        for who, scope in [("ann", home), ("bob", home), ("bob", "/")]
    )
    known = {"role_assignments": Known(assignments), "role_definitions": Known((role,))}
    seen = row(msgspec.structs.replace(healthy(), **known))
    assert (seen.outside_writers, seen.outside_writer_scopes) == (2, {"/": 1, home: 2})
    assert any("2 identities besides AKS's" in str(fact) for fact in clusters._facts(seen))


def test_outside_writers_are_not_known_where_assignments_are_unread() -> None:
    seen = row(healthy())
    assert (seen.outside_writers, seen.outside_writer_scopes) == (None, {})
    assert not any("besides AKS's" in str(fact) for fact in clusters._facts(seen))


def test_severities_are_counted_with_zeros_gravest_first() -> None:
    checkout = sample.shop().clusters[1]
    assert list(checkout.findings_by_severity.items()) == [
        ("critical", 0),
        ("high", 2),
        ("medium", 0),
        ("low", 0),
        ("info", 1),
    ]


def test_the_nearest_deadline_is_the_earliest_bound_that_is_known() -> None:
    cart, _, hostile = sample.shop().clusters
    assert cart.nearest_deadline == sample.NO_NODES.deadline_earliest
    assert hostile.nearest_deadline == sample.STOPPED.deadline_latest


def test_a_finding_carries_its_author_and_its_folded_rules() -> None:
    finding = by_rule("VMSS001")
    assert (finding.actor, finding.actor_kind) == ("alice@contoso.example", "user")
    assert (finding.deed, finding.occurred_at) == ("op-alice", sample.ALICE.at)
    assert finding.recorded_rules == ("VMSS010",)
    assert finding.clause == "C1 C5"
    assert finding.resource_type == "microsoft.compute/virtualmachinescalesets"


def test_a_policy_stands_beside_the_caller_and_the_application_is_the_changes() -> None:
    judged = sample.judgement("VMSS001", sample.finding("/x"), sample.ALICE)
    (row,) = only(healthy(), msgspec.structs.replace(judged, client="ARM Template")).findings
    assert (row.actor_kind, row.actor) == ("user", "alice@contoso.example")
    assert row.policies == sample.ALICE.policies
    assert row.actor_client == "ARM Template"


def test_a_finding_without_an_operation_has_an_unknown_author() -> None:
    finding = by_rule("META003")
    assert (finding.actor_kind, finding.actor, finding.operation) == ("unknown", "", "")
    assert finding.since is not None


def test_without_a_history_a_finding_is_open_since_now() -> None:
    finding = by_rule("META003")
    assert (finding.state, finding.first_seen, finding.last_seen) == (
        "open",
        sample.NOW,
        sample.NOW,
    )


def test_one_clock_told_by_two_rules_is_one_row() -> None:
    cluster = healthy()
    nodes = sample.scale_set_id(sample.LABS, "lab3-neu")
    judgements = [
        sample.judgement(rule, sample.finding(nodes, clock=sample.NO_NODES))
        for rule in ("PWR004", "PWR002")
    ]
    clocks = only(cluster, *judgements).clocks
    assert [clock.rule_id for clock in clocks] == ["PWR002"]


def test_clusters_findings_and_verdicts_are_sorted_whatever_the_order_they_came_in() -> None:
    made = sample.shop()
    assert [one.id for one in made.clusters] == sorted(
        (one.id for one in made.clusters), key=str.casefold
    )
    assert [(v.cluster_id.casefold(), v.rule_id) for v in made.verdicts] == sorted(
        (v.cluster_id.casefold(), v.rule_id) for v in made.verdicts
    )
    assert [f.rule_id for f in made.findings if "cart" in f.cluster_id] == ["META003", "PWR002"]


def test_one_refusal_met_by_two_rules_is_one_coverage_row() -> None:
    rows = [one for one in sample.labs().coverage if one.outcome == "denied"]
    assert len(rows) == 1
    assert rows[0].affects.rules == ("PWR002", "VMSS001")
    assert rows[0].affects.clusters == (sample.cluster_id(sample.LABS, "lab1-neu"),)


def test_a_verdict_points_to_its_coverage_rows() -> None:
    made = sample.labs()
    pointed = {one for verdict in made.verdicts for one in verdict.coverage_ids}
    assert pointed <= {row.id for row in made.coverage}
    assert sample.REFUSED.id in pointed


def test_what_was_read_in_full_says_so() -> None:
    scopes = [one.scope for one in sample.labs().coverage if one.outcome == "ok"]
    assert sorted(scopes) == [
        f"/subscriptions/{sample.LABS.id}",
        sample.cluster_id(sample.LABS, "lab2-neu"),
        sample.cluster_id(sample.LABS, "lab3-neu"),
    ]


def test_the_state_of_a_subscription_follows_from_its_list() -> None:
    assert sample.closed().subscription.status == "not_assessed"
    assert sample.labs().subscription.status == "assessed"
    empty = Snapshot(subscription=sample.LABS, taken_at=sample.NOW, clusters=())
    made = unit(empty, (), rules=sample.RULES, as_of=sample.NOW)
    assert made.subscription.status == "no_clusters"


def test_a_gap_that_no_rule_met_is_still_told() -> None:
    gap = Gap(scope="/x", collector="locks", outcome=Outcome.TIMEOUT, message="it took too long")
    snapshot = Snapshot(subscription=sample.LABS, taken_at=sample.NOW, clusters=(), gaps=(gap, gap))
    made = unit(snapshot, (), rules=sample.RULES, as_of=sample.NOW)
    assert [one.id for one in made.coverage if one.outcome == "timeout"] == [gap.id]


def test_rules_are_told_with_their_documentation_by_id() -> None:
    rows = rule_rows(reversed(sample.RULES))
    assert [one.id for one in rows] == [one.rule.id for one in sample.RULES]
    assert rows[0].sections[0][0] == "What it finds"
