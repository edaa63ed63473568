"""What the witnesses of a version's support say together, and how versions are read."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from auditor.evidence import kubernetes_versions as versions
from auditor.evidence import release_calendar, version_support
from auditor.evidence.kubernetes_versions import Minor, Plan, Running
from auditor.evidence.version_support import Opinion, Outlook, Says, Support
from auditor.model.facet import Facet, Gap, Known
from auditor.model.lifecycle import EndOfLifeNotice, KubernetesRelease
from auditor.model.verdict import Confidence
from tests import build

TODAY = date(2026, 11, 1)
EVERYTHING = (None, False, True)
FINDINGS = {Outlook.ENDING, Outlook.ENDED, Outlook.DOUBTFUL}


def release(minor: str, *plans: str, **changes: Any) -> KubernetesRelease:  # noqa: ANN401 (any field)
    return KubernetesRelease(minor=minor, plans=plans or ("KubernetesOfficial",), **changes)


OFFERED: tuple[KubernetesRelease, ...] = (
    release("1.37", is_preview=True),
    release("1.36", "KubernetesOfficial", "AKSLongTermSupport"),
    release("1.35", "KubernetesOfficial", "AKSLongTermSupport", is_default=True),
    release("1.34", "KubernetesOfficial", "AKSLongTermSupport"),
    release("1.33", "AKSLongTermSupport"),
    release("1.32", "AKSLongTermSupport"),
)
IN_LOCATION: Facet[tuple[KubernetesRelease, ...]] = Known(OFFERED)


def notice(version: str, ends_on: date, **changes: Any) -> EndOfLifeNotice:  # noqa: ANN401 (any field)
    return EndOfLifeNotice(
        cluster_id=build.CLUSTER_ID.upper(), version=version, ends_on=ends_on, **changes
    )


def support(
    minor: str,
    *notices: EndOfLifeNotice,
    plan: Plan = Plan.COMMUNITY,
    releases: Facet[tuple[KubernetesRelease, ...]] = IN_LOCATION,
    today: date = TODAY,
) -> Support:
    cluster = build.cluster(releases=releases, notices=Known(notices))
    parsed = versions.minor_of(minor)
    assert parsed is not None
    return version_support.support_of(parsed, plan, cluster, today, 60)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1.34.8", Minor(1, 34)),
        ("1.34", Minor(1, 34)),
        ("1.28.101", Minor(1, 28)),
        ("v1.34.8", None),
        ("1", None),
        ("1.34.8-hotfix", None),
        ("1.34.x", None),
        ("latest", None),
        ("", None),
        ("1.34\n", None),
    ],
)
def test_a_version_is_full_or_an_alias(text: str, minor: Minor | None) -> None:
    assert versions.minor_of(text) == minor


def test_minors_are_compared_as_numbers() -> None:
    assert Minor(1, 9) < Minor(1, 10)
    assert str(Minor(1, 10)) == "1.10"


@pytest.mark.parametrize(
    ("plan", "tier", "under"),
    [
        ("AKSLongTermSupport", "Premium", Plan.LONG_TERM),
        ("akslongtermsupport", "premium", Plan.LONG_TERM),
        ("AKSLongTermSupport", "Standard", Plan.COMMUNITY),
        ("KubernetesOfficial", "Premium", Plan.COMMUNITY),
        (None, None, Plan.COMMUNITY),
    ],
)
def test_long_term_support_takes_both_the_plan_and_the_tier(
    plan: str | None, tier: str | None, under: Plan
) -> None:
    assert versions.plan_of(build.managed(support_plan=plan, sku_tier=tier)) is under


def test_the_version_that_runs_counts_not_the_alias_asked_for() -> None:
    asked = build.pool(kubernetes_version="1.34", current_kubernetes_version="1.33.5")
    (running,) = versions.node_pools(build.managed(asked), build.context())
    assert isinstance(running, Running)
    assert (running.version, running.minor) == ("1.33.5", Minor(1, 33))


@pytest.mark.parametrize(
    ("runs", "asked", "said"),
    [("1.33.5", "1.34.2", "1.33.5"), (None, "1.34.2", "1.34.2"), ("1.33.5", None, "1.33.5")],
)
def test_so_it_does_of_the_control_plane(runs: str | None, asked: str | None, said: str) -> None:
    managed = build.managed(current_kubernetes_version=runs, kubernetes_version=asked)
    running = versions.control_plane(managed)
    assert isinstance(running, Running)
    assert running.version == said


def test_pools_that_microsoft_holds_are_not_the_customers_to_upgrade() -> None:
    hosted = build.pool("hosted", mode="ManagedSystem", kubernetes_version="1.30.1")
    running = versions.node_pools(build.managed(hosted, build.pool()), build.context())
    assert [one.pool for one in running if isinstance(one, Running)] == ["apps"]


def test_a_control_plane_of_unknown_form_is_told_beside_its_pools() -> None:
    managed = build.managed(kubernetes_version="main")
    first, pool = versions.distinct(managed, build.context())
    assert isinstance(first, Gap)
    assert first.message.startswith("the Kubernetes version of the control plane is 'main'")
    assert isinstance(pool, Running)


def test_a_pool_that_cannot_be_judged_is_told_beside_the_control_plane() -> None:
    moving = build.pool("moving", provisioning_state="Upgrading")
    first, gap = versions.distinct(build.managed(moving, build.pool()), build.context())
    assert isinstance(first, Running)
    assert isinstance(gap, Gap)


def test_a_pool_in_motion_and_one_of_unknown_form_cannot_be_judged() -> None:
    moving = build.pool("moving", provisioning_state="Upgrading")
    odd = build.pool("odd", kubernetes_version="1.34-lts")
    untold = build.pool("untold", kubernetes_version=None)
    gaps = versions.node_pools(build.managed(moving, odd, untold), build.context())
    said = [gap.message for gap in gaps if isinstance(gap, Gap)]
    assert said == [
        "moving is in state Upgrading: what it should look like is not settled",
        "the Kubernetes version of node pool odd is '1.34-lts', which has no known form",
        "the Kubernetes version of node pool untold is not said",
    ]


def test_what_a_failed_operation_left_is_at_most_likely() -> None:
    failed = build.pool(provisioning_state="Failed")
    (running,) = versions.node_pools(build.managed(failed), build.context())
    assert isinstance(running, Running)
    assert running.at_most is Confidence.LIKELY


def test_an_older_answer_without_plans_offers_the_communitys() -> None:
    old = (KubernetesRelease(minor="1.34"),)
    assert versions.offers(old, Minor(1, 34), Plan.COMMUNITY)
    assert not versions.offers(old, Minor(1, 34), Plan.LONG_TERM)


def test_the_newest_version_is_no_preview_and_none_of_unknown_form() -> None:
    assert versions.newest((*OFFERED, release("next"))) == Minor(1, 36)
    assert versions.newest(()) is None


def test_the_calendar_means_the_months_last_day_and_knows_what_came_before_it() -> None:
    assert version_support.calendar_end(Minor(1, 34), Plan.COMMUNITY) == date(2026, 11, 30)
    assert version_support.calendar_end(Minor(1, 28), Plan.LONG_TERM) == date(2026, 2, 28)
    assert version_support.calendar_end(Minor(1, 19), Plan.LONG_TERM) == date(2024, 3, 31)
    assert version_support.calendar_end(Minor(1, 27), Plan.COMMUNITY) == date(2024, 7, 31)
    assert version_support.calendar_end(Minor(1, 38), Plan.COMMUNITY) is None


def test_the_calendar_has_no_hole_and_long_term_support_is_longer() -> None:
    numbers = [number for _, number in release_calendar.CALENDAR]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    for lifetime in release_calendar.CALENDAR.values():
        assert lifetime.long_term is None or lifetime.long_term > lifetime.community


@pytest.mark.parametrize(
    ("minor", "plan", "outlook"),
    [
        ("1.35", Plan.COMMUNITY, Outlook.SUPPORTED),
        ("1.34", Plan.COMMUNITY, Outlook.ENDING),
        ("1.34", Plan.LONG_TERM, Outlook.SUPPORTED),
        ("1.33", Plan.COMMUNITY, Outlook.ENDED),
        ("1.33", Plan.LONG_TERM, Outlook.SUPPORTED),
        ("1.29", Plan.LONG_TERM, Outlook.ENDED),
        ("1.19", Plan.COMMUNITY, Outlook.ENDED),
    ],
)
def test_location_and_calendar_that_agree_prove(minor: str, plan: Plan, outlook: Outlook) -> None:
    said = support(minor, plan=plan)
    assert (said.outlook, said.confidence) == (outlook, Confidence.CONFIRMED)


def test_a_removed_version_has_thirty_days_of_grace() -> None:
    without = Known(tuple(r for r in OFFERED if r.minor != "1.34"))
    last_day = support("1.34", releases=without, today=date(2026, 12, 30))
    assert (last_day.outlook, last_day.end) == (Outlook.ENDING, date(2026, 11, 30))
    assert support("1.34", releases=without, today=date(2026, 12, 31)).outlook is Outlook.ENDED


def test_a_version_that_the_location_still_offers_past_its_date_is_a_lead() -> None:
    said = support("1.34", today=date(2027, 2, 1))
    assert (said.outlook, said.confidence) == (Outlook.DOUBTFUL, Confidence.POSSIBLE)


def test_a_version_that_the_location_dropped_ahead_of_its_date_is_a_lead() -> None:
    said = support("1.35", releases=Known(OFFERED[:1]))
    assert (said.outlook, said.end) == (Outlook.DOUBTFUL, None)


def test_a_version_from_the_future_is_a_lead_unless_the_location_offers_it() -> None:
    assert support("1.99").outlook is Outlook.DOUBTFUL
    assert support("1.99", releases=Known((release("1.99"),))).outlook is Outlook.SUPPORTED
    assert support("1.99", releases=build.gap()).outlook is Outlook.UNTOLD


def test_the_calendar_alone_is_a_lead_and_never_a_clean_bill() -> None:
    said = support("1.33", releases=build.gap())
    assert (said.outlook, said.confidence) == (Outlook.DOUBTFUL, Confidence.POSSIBLE)
    assert support("1.35", releases=build.gap()).outlook is Outlook.UNTOLD


def test_akss_own_notice_is_believed_before_the_calendar() -> None:
    said = support("1.34", notice("1.34.8", date(2026, 10, 31), support_type="Community"))
    assert (said.outlook, said.end) == (Outlook.ENDED, date(2026, 10, 31))


PAST = date(2026, 10, 1)


@pytest.mark.parametrize(
    "other",
    [
        notice("1.33.5", PAST),
        notice("1.34.8", PAST, support_type="LTS"),
        EndOfLifeNotice(cluster_id=f"{build.CLUSTER_ID}2", version="1.34.8", ends_on=PAST),
        EndOfLifeNotice(cluster_id=build.CLUSTER_ID, version="1.34.8"),
        EndOfLifeNotice(cluster_id=build.CLUSTER_ID, version="next", ends_on=PAST),
    ],
    ids=["version", "plan", "cluster", "undated", "form"],
)
def test_a_notice_of_something_else_is_not_about_this(other: EndOfLifeNotice) -> None:
    said = support("1.34", other)
    assert (said.outlook, said.source) == (Outlook.ENDING, version_support.CALENDAR)


def test_a_notice_of_the_communitys_support_says_nothing_of_long_term_support() -> None:
    community = notice("1.33.5", PAST, support_type="Community")
    said, *_ = quoted(support("1.33", community, plan=Plan.LONG_TERM))
    assert said == "AKS's own notices: nothing said of 1.33"


def test_of_several_notices_the_latest_end_counts() -> None:
    undated = EndOfLifeNotice(cluster_id=build.CLUSTER_ID, version="1.34.7")
    dated = (notice("1.34.8", PAST), notice("1.34.6", date(2026, 11, 20)))
    said = support("1.34", undated, *dated)
    assert (said.outlook, said.end) == (Outlook.ENDING, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("minor", "words"),
    [("1.34", ""), ("1.33", "until AKS offers 1.37"), ("1.32", "not even the platform")],
)
def test_what_is_left_is_told_by_the_newest_version_offered(minor: str, words: str) -> None:
    assert words in support(minor).platform
    assert bool(words) == bool(support(minor).platform)


@pytest.mark.parametrize("newest", [build.gap(), Known((release("2.40"),))])
def test_without_a_newest_version_of_its_line_nothing_is_left_to_tell(
    newest: Facet[tuple[KubernetesRelease, ...]],
) -> None:
    assert support("1.33", releases=newest).platform == ""


def test_the_last_of_the_days_ahead_is_still_soon() -> None:
    """Support of 1.34 ends on 30 November 2026; soon is within 60 days."""
    assert support("1.34", today=date(2026, 10, 1)).outlook is Outlook.ENDING
    assert support("1.34", today=date(2026, 9, 30)).outlook is Outlook.SUPPORTED


@pytest.mark.parametrize(
    ("notice_says", "offered", "calendar", "outlook"),
    [
        (Says.SOON, True, Says.OVER, Outlook.ENDING),
        (Says.LATER, True, Says.OVER, Outlook.SUPPORTED),
        (Says.LATER, True, Says.SOON, Outlook.SUPPORTED),
        (Says.OVER, False, Says.LATER, Outlook.ENDED),
        (Says.SOON, False, Says.LATER, Outlook.ENDING),
        (Says.UNHEARD, True, Says.LATER, Outlook.SUPPORTED),
    ],
)
def test_two_witnesses_outweigh_the_third(
    notice_says: Says, offered: bool, calendar: Says, outlook: Outlook
) -> None:
    told = version_support.opinion(notice_says, offered, calendar)
    assert told == Opinion(outlook, Confidence.CONFIRMED)


def weaker(opinions: tuple[Says, bool | None, Says]) -> list[tuple[Says, bool | None, Says]]:
    notice_says, offered, calendar = opinions
    return [(Says.UNHEARD, offered, calendar), (notice_says, None, calendar)]


HEARD = [say for say in Says if say is not Says.UNHEARD]
ALL = list(product(Says, EVERYTHING, HEARD))


@pytest.mark.parametrize("said", ALL, ids=str)
def test_a_witness_that_is_not_heard_neither_absolves_nor_accuses(
    said: tuple[Says, bool | None, Says],
) -> None:
    whole = version_support.opinion(*said)
    for fewer in weaker(said):
        left = version_support.opinion(*fewer)
        if left.outlook is Outlook.SUPPORTED:
            assert whole.outlook is Outlook.SUPPORTED
        if left.outlook is Outlook.ENDED:
            assert whole.outlook is Outlook.ENDED
        assert rank(left) <= max(rank(whole), Confidence.POSSIBLE.rank)


def rank(told: Opinion) -> int:
    return told.confidence.rank if told.outlook in FINDINGS else Confidence.POSSIBLE.rank


@pytest.mark.parametrize("said", ALL, ids=str)
def test_one_witness_alone_proves_no_end(said: tuple[Says, bool | None, Says]) -> None:
    notice_says, offered, calendar = said
    told = version_support.opinion(*said)
    if told.outlook is Outlook.ENDED:
        against = [offered is False, notice_says is Says.OVER, calendar is Says.OVER]
        unopposed = calendar in {Says.SOON, Says.NOTHING}
        assert sum(against) > 1 or (notice_says is Says.OVER and unopposed)


COPY = "AKS's release calendar of 2026-08-05, a copy that is built in"


def quoted(said: Support) -> list[str]:
    return [step.text for step in said.evidence]


def test_every_witness_is_quoted() -> None:
    assert quoted(support("1.33", notice("1.33.5", PAST))) == [
        "AKS's own notices: support of 1.33 ends on 2026-10-01",
        "location northeurope does not offer 1.33 under community support",
        f"{COPY}: community support of 1.33 ends on 2026-07-31",
    ]


def test_what_a_witness_does_not_know_is_said_too() -> None:
    assert quoted(support("1.99", releases=Known((release("1.99"),)))) == [
        "AKS's own notices: nothing said of 1.99",
        "location northeurope offers 1.99 under community support",
        f"{COPY}: 1.99 is not in it",
    ]


def test_a_witness_that_was_not_heard_is_said_so() -> None:
    deaf = build.cluster(releases=build.gap("one"), notices=build.gap("two"))
    said = version_support.support_of(Minor(1, 35), Plan.COMMUNITY, deaf, TODAY, 60)
    assert quoted(said)[:2] == [
        "AKS's own notices: not read",
        "what location northeurope offers: not read",
    ]
    assert [gap.scope for gap in said.unheard] == ["one", "two"]
