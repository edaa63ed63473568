"""Whose part a cluster belongs to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from auditor.model.report import ClusterRow, SubscriptionRow
from auditor.options import TAG
from auditor.report.split.names import slug

Kind = Literal["value", "none", "unknown"]


class Label(NamedTuple):
    """A part as one cluster or subscription names it: the same part has the same kind and key."""

    kind: Kind
    key: str
    name: str


class Splitter(NamedTuple):
    """A way to split a run.

    ``folder`` holds the parts. ``of_cluster`` gives every cluster its part, ``of_subscription``
    the part in which a subscription is told of even without a cluster; ``is_by_place`` says that
    a subscription lies in one part as a whole, so that what is not read of it can hide no
    cluster of another.
    """

    asked: str
    folder: str
    is_by_place: bool
    of_cluster: Callable[[ClusterRow, SubscriptionRow], Label]
    of_subscription: Callable[[SubscriptionRow], Label | None]


def splitter(asked: str) -> Splitter:
    """The way that ``--split-by`` names; see :func:`auditor.options.split_by` for its forms."""
    if asked.startswith(TAG):
        return _by_tag(asked.removeprefix(TAG))
    return _BY_PLACE[asked]


def normal(value: str) -> str:
    """The form in which two spellings of one value are equal: case, width, and blanks aside."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _by_tag(name: str) -> Splitter:
    unknown = Label("unknown", "", "not known")

    def of_cluster(row: ClusterRow, _: SubscriptionRow) -> Label:
        if value := _tag(row, name):
            return Label("value", normal(value), value)
        return Label("none", "", "untagged") if _was_read(row) else unknown

    def of_subscription(row: SubscriptionRow) -> Label | None:
        return unknown if row.status == "not_assessed" else None

    return Splitter(
        asked=f"{TAG}{name}",
        folder=_folder(name),
        is_by_place=False,
        of_cluster=of_cluster,
        of_subscription=of_subscription,
    )


def _tag(row: ClusterRow, name: str) -> str:
    """The first value of the tag that is not blank; ARM tells tags apart without regard to case."""
    wanted = name.casefold()
    values = (row.tags[one].strip() for one in sorted(row.tags) if one.casefold() == wanted)
    return next(filter(None, values), "")


def _was_read(row: ClusterRow) -> bool:
    """Whether the cluster's own resource could be read, and with it its tags.

    ARM gives every cluster a location and a state; a row that was made from its id alone has
    neither.
    """
    return bool(row.location or row.provisioning_state)


def _folder(tag: str) -> str:
    """``by-owner``; a tag that is called like another way to split is told apart from it."""
    name = f"by-{slug(tag)}"
    taken = {one.folder for one in _BY_PLACE.values()}
    return f"by-tag-{slug(tag)}" if name in taken else name


def _subscription(row: SubscriptionRow) -> Label:
    return Label("value", row.id.casefold(), row.name or row.id)


def _management_group(row: SubscriptionRow) -> Label:
    """The group right above the subscription."""
    if not row.management_groups:
        return Label("unknown", "", "not known")
    nearest = row.management_groups[0]
    names = (*row.management_group_names, "")
    return Label("value", nearest.casefold(), names[0] or nearest)


def _by_place(asked: str, label: Callable[[SubscriptionRow], Label]) -> Splitter:
    return Splitter(
        asked=asked,
        folder=f"by-{asked}",
        is_by_place=True,
        of_cluster=lambda _, subscription: label(subscription),
        of_subscription=label,
    )


_BY_PLACE: Mapping[str, Splitter] = {
    one.asked: one
    for one in (
        _by_place("subscription", _subscription),
        _by_place("management-group", _management_group),
    )
}
