from __future__ import annotations

import pytest

from auditor.model.operation import CUSTOMER, OF_AKS, ActorKind
from auditor.model.rule import Context
from tests.build import (
    NODE_GROUP_ID,
    NOON,
    NSG_ID,
    at,
    context,
    extension_id,
    gap,
    log,
    minutes_after,
    node_id,
    rule_id,
    scale_set_id,
)
from tests.deeds import operation

TAGS = "/providers/Microsoft.Resources/tags/default"


def test_an_operation_takes_effect_at_its_end() -> None:
    assert operation(ended_at=minutes_after(NOON, 5)).at == minutes_after(NOON, 5)
    assert operation(ended_at=None).at == NOON


@pytest.mark.parametrize("on", [scale_set_id(), node_id(1), NODE_GROUP_ID])
def test_tags_are_done_to_the_resource_that_bears_them(on: str) -> None:
    assert operation(on=on + TAGS).target == on
    assert operation(on=on + TAGS.lower()).target == on
    assert operation(on=on).target == on


def test_instances_are_named_by_the_id_or_by_the_body_or_not_at_all() -> None:
    assert operation(on=node_id(3)).named_instances == {"3"}
    assert operation(instance_ids=("1", "2")).named_instances == {"1", "2"}
    assert operation().named_instances == frozenset()
    assert operation(instance_ids=("*",)).named_instances == frozenset()


def test_no_actor_is_both_akss_hand_and_a_customers() -> None:
    assert not CUSTOMER & OF_AKS
    assert ActorKind.UNKNOWN not in CUSTOMER | OF_AKS


def test_a_log_reaches_back_to_the_begin_of_its_window() -> None:
    assert log().reaches(scale_set_id()) == log().since


def test_a_log_reaches_further_back_where_it_was_deepened() -> None:
    deep, deeper = at("2026-09-01 00:00"), at("2026-08-03 00:00")
    of = log(deepened=((scale_set_id().lower(), deep), (node_id(1).lower(), deeper)))
    assert of.reaches(scale_set_id()) == deep
    assert of.reaches(node_id(1)) == deeper
    assert of.reaches(node_id(2)) == deep
    assert of.reaches(scale_set_id("batch")) == of.since


def test_a_log_deepened_less_than_its_window_reaches_its_window() -> None:
    of = log(deepened=((scale_set_id().lower(), at("2026-10-30 00:00")),))
    assert of.reaches(scale_set_id()) == of.since


def done(within: Context, on: str) -> list[str]:
    return [o.resource_id for o in within.done_to(on)]


def test_what_was_done_to_a_resource_includes_its_children_and_its_tags() -> None:
    ids = [scale_set_id(), node_id(1), extension_id("vmssCSE"), scale_set_id() + TAGS]
    others = [scale_set_id("batch"), NSG_ID, NODE_GROUP_ID]
    within = context(None, *(operation(on=on) for on in (*ids, *others)))
    assert done(within, scale_set_id().upper()) == ids
    assert done(within, node_id(9)) == ids
    assert done(within, rule_id("ssh")) == [NSG_ID]
    assert done(within, NODE_GROUP_ID) == [NODE_GROUP_ID]


def test_of_an_unread_log_nothing_is_known_to_have_been_done() -> None:
    assert context(operations=gap()).done_to(scale_set_id()) == ()
