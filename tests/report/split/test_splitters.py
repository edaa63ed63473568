from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from auditor.model.report import ClusterRow, SubscriptionRow
from auditor.report.split.splitters import Label, splitter
from tests.report import sample

SHOP = sample.shop()
UNREAD = Label("unknown", "", "not known")


def tagged(tags: Mapping[str, str]) -> ClusterRow:
    return msgspec.structs.replace(SHOP.clusters[0], tags=tags)


def under(*groups: str, names: tuple[str, ...] = ()) -> SubscriptionRow:
    return msgspec.structs.replace(
        SHOP.subscription, management_groups=groups, management_group_names=names
    )


def by_owner(tags: Mapping[str, str]) -> Label:
    return splitter("tag:Owner").of_cluster(tagged(tags), SHOP.subscription)


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ({"owner": "Shop"}, Label("value", "shop", "Shop")),
        ({"OWNER": "  shop\t"}, Label("value", "shop", "shop")),
        ({"owner": "Team  Shop"}, Label("value", "team shop", "Team  Shop")),
        ({"owner": "決済ﾁｰﾑ"}, Label("value", "決済チーム", "決済ﾁｰﾑ")),
        ({"owner": " "}, Label("none", "", "untagged")),
        ({"owner-email": "shop"}, Label("none", "", "untagged")),
        ({}, Label("none", "", "untagged")),
        ({"owner": "untagged"}, Label("value", "untagged", "untagged")),
    ],
)
def test_a_tag_is_one_in_every_spelling(tags: Mapping[str, str], label: Label) -> None:
    assert by_owner(tags) == label


def test_a_cluster_that_could_not_be_read_is_not_called_untagged() -> None:
    unread = msgspec.structs.replace(tagged({}), location="", provisioning_state="")
    assert splitter("tag:owner").of_cluster(unread, SHOP.subscription) == UNREAD


def test_what_an_unlisted_subscription_hides_belongs_to_nobody_known() -> None:
    of_subscription = splitter("tag:owner").of_subscription
    assert of_subscription(sample.closed().subscription) == UNREAD
    assert of_subscription(SHOP.subscription) is None


def test_a_subscription_is_told_apart_by_its_id_and_called_by_its_name() -> None:
    way = splitter("subscription")
    named = Label("value", sample.SHOP.id, "Shop production")
    assert way.of_cluster(SHOP.clusters[0], SHOP.subscription) == named
    nameless = msgspec.structs.replace(SHOP.subscription, name="", id="ABC")
    assert way.of_subscription(nameless) == Label("value", "abc", "ABC")


@pytest.mark.parametrize(
    ("subscription", "label"),
    [
        (under("Mg-Shop", "root", names=("Shop", "Root")), Label("value", "mg-shop", "Shop")),
        (under("mg-shop", names=("",)), Label("value", "mg-shop", "mg-shop")),
        (under("mg-shop"), Label("value", "mg-shop", "mg-shop")),
        (under(), UNREAD),
    ],
)
def test_a_management_group_is_the_one_right_above(
    subscription: SubscriptionRow, label: Label
) -> None:
    assert splitter("management-group").of_subscription(subscription) == label


def test_a_tag_called_like_another_way_to_split_has_a_folder_of_its_own() -> None:
    ways = ("tag:owner", "tag:subscription", "tag:Management Group", "subscription")
    assert [splitter(way).folder for way in (*ways, "management-group")] == [
        "by-owner",
        "by-tag-subscription",
        "by-tag-management-group",
        "by-subscription",
        "by-management-group",
    ]
