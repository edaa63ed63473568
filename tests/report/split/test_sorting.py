"""What holds however a run is split: nothing is lost, told twice, or told to strangers."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.report import AffectsRow, CoverageRow, UnitResult
from auditor.report.split.parts import Beyond, report
from auditor.report.split.sorting import sort
from auditor.report.split.splitters import splitter
from auditor.report.view import Report
from tests.report import sample

OWNERS = st.sampled_from(["Shop", "shop ", "ﾁｰﾑ", "", None, "not known"])
GROUPS = st.sampled_from([(), ("mg-a",), ("MG-A", "root"), ("mg-b",)])
WAYS = st.sampled_from(["tag:owner", "subscription", "management-group"])
ADDED = ("findings", "violations", "warnings", "clusters", "clocks_under_7_days")
STATES = ("in_support", "at_risk", "out_of_support", "not_assessed")


@st.composite
def runs(draw: st.DrawFn) -> Report:
    """The sample's run, its clusters and subscriptions with any owners and groups."""
    return Report(
        sample.header(),
        [_owned(draw, unit) for unit in (sample.shop(), sample.labs(), sample.closed())],
    )


def _owned(draw: st.DrawFn, unit: UnitResult) -> UnitResult:
    clusters = []
    for row in unit.clusters:
        owner = draw(OWNERS)
        tags = {} if owner is None else {"Owner": owner}
        unread = {"location": "", "provisioning_state": ""} if draw(st.booleans()) else {}
        clusters.append(msgspec.structs.replace(row, tags=tags, **unread))
    above = msgspec.structs.replace(unit.subscription, management_groups=draw(GROUPS))
    return msgspec.structs.replace(unit, subscription=above, clusters=tuple(clusters))


@contextmanager
def split(whole: Report, way: str) -> Iterator[list[Report]]:
    """The parts' reports, as long as their spools last."""
    by = splitter(way)
    with tempfile.TemporaryDirectory() as folder:
        found = sort(whole, by, Path(folder))
        beyond = Beyond.of(whole, found, by)
        yield [report(whole, part, by, beyond) for part in found]


@given(runs(), WAYS)
def test_every_row_of_a_cluster_lies_in_exactly_one_part(whole: Report, way: str) -> None:
    with split(whole, way) as parts:
        for rows in ("clusters", "verdicts", "findings", "clocks", "clauses"):
            told = Counter(row for part in parts for row in map(_hashed, getattr(part, rows)()))
            assert told == Counter(map(_hashed, getattr(whole, rows)()))


def _hashed(row: object) -> bytes:
    return msgspec.json.encode(row, order="deterministic")


@given(runs(), WAYS)
def test_the_numbers_of_the_parts_add_up_to_those_of_the_run(whole: Report, way: str) -> None:
    with split(whole, way) as parts:
        for number in (*ADDED, *STATES):
            added = sum(getattr(part.summary, number) for part in parts)
            assert added == getattr(whole.summary, number), number
        severities: Counter[str] = Counter()
        for part in parts:
            severities.update(part.summary.findings_by_severity)
        assert dict(severities) == whole.summary.findings_by_severity
        unlisted = sum(part.summary.subscriptions_not_assessed for part in parts)
        assert unlisted == whole.summary.subscriptions_not_assessed


@given(runs(), WAYS)
def test_each_part_is_told_what_was_not_read_of_its_clusters_and_of_no_others(
    whole: Report, way: str
) -> None:
    with split(whole, way) as parts:
        for part in parts:
            own = {row.id for row in part.clusters()}
            rows = {row.id: row for row in part.coverage()}
            for row in rows.values():
                assert set(row.affects.clusters) <= own
            for verdict in part.verdicts():
                assert set(verdict.coverage_ids) <= rows.keys()
                for one in verdict.coverage_ids:
                    assert verdict.cluster_id in rows[one].affects.clusters
                    assert verdict.rule_id in rows[one].affects.rules
            told = {(v.rule_id, c) for v in part.verdicts() for c in v.coverage_ids}
            assert {(r, row.id) for row in rows.values() for r in row.affects.rules} == told


@given(runs(), WAYS)
def test_no_failed_read_is_lost(whole: Report, way: str) -> None:
    with split(whole, way) as parts:
        told: dict[str, set[str]] = {row.id: set() for row in whole.coverage()}
        for part in parts:
            for row in part.coverage():
                told[row.id].update(row.affects.clusters)
        assert told == {row.id: set(row.affects.clusters) for row in whole.coverage()}
        assert {row.id for part in parts for row in part.coverage()} == told.keys()


@given(runs(), WAYS)
def test_a_part_is_complete_only_if_nothing_that_may_be_its_own_is_unread(
    whole: Report, way: str
) -> None:
    with split(whole, way) as parts:
        for part in parts:
            (row,) = part.header.run.part
            missing = bool(part.summary.unread or part.summary.subscriptions_not_assessed)
            if way == "tag:owner" and row.kind != "unknown":
                missing = True  # the closed subscription may hold clusters of any owner
            if way == "management-group" and row.kind != "unknown":
                missing |= any(
                    not s.management_groups and s.status == "assessed"
                    for s in whole.subscriptions()
                )
            assert (part.header.run.status == "incomplete") == missing
            assert bool(part.header.run.status_reasons) == missing


def with_row(unit: UnitResult, scope: str) -> UnitResult:
    """The unit with a failed read of this scope that no verdict met."""
    row = CoverageRow(
        id=f"cov-{scope}",
        scope=scope,
        collector="locks",
        outcome="denied",
        status=403,
        code="",
        message="no",
        permission="",
        affects=AffectsRow(),
        at=None,
    )
    return msgspec.structs.replace(unit, coverage=(*unit.coverage, row))


CHECKOUT = sample.cluster_id(sample.SHOP, "checkout-weu")
ELSEWHERE = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/net"


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (CHECKOUT.upper(), {"checkout-weu"}),
        (f"{CHECKOUT}/agentPools/system", {"checkout-weu"}),
        (sample.scale_set_id(sample.SHOP, "checkout-weu"), {"checkout-weu"}),
        (f"/subscriptions/{sample.SHOP.id}/resourceGroups/NODES-CHEC", {"checkout-weu"}),
        (f"/subscriptions/{sample.SHOP.id}/resourceGroups/rg-cart", {"cart-weu"}),
        (f"/subscriptions/{sample.SHOP.id}", {"checkout-weu", "cart-weu", "hostile"}),
        (
            f"/subscriptions/{sample.SHOP.id}/resourceGroups/net",
            {"checkout-weu", "cart-weu", "hostile"},
        ),
        ("/", {"checkout-weu", "cart-weu", "hostile", "labs", "not known"}),
        (ELSEWHERE, {"checkout-weu", "cart-weu", "hostile", "labs", "not known"}),
    ],
)
def test_a_failed_read_that_names_no_cluster_goes_by_its_scope(scope: str, told: set[str]) -> None:
    def owned(unit: UnitResult, owner: str = "") -> UnitResult:
        named = (
            (row, owner or ("hostile" if row.name == sample.HOSTILE else row.name))
            for row in unit.clusters
        )
        rows = tuple(msgspec.structs.replace(row, tags={"owner": name}) for row, name in named)
        return msgspec.structs.replace(unit, clusters=rows)

    units = [with_row(owned(sample.shop()), scope), owned(sample.labs(), "labs"), sample.closed()]
    with split(Report(sample.header(), units), "tag:owner") as parts:
        found = {
            part.header.run.part[0].name
            for part in parts
            if any(row.id == f"cov-{scope}" for row in part.coverage())
        }
        assert found == told


def test_a_part_goes_by_the_spelling_that_most_of_its_clusters_use() -> None:
    names = iter(["shop", "SHOP", "SHOP"])
    shop = sample.shop()
    rows = tuple(msgspec.structs.replace(row, tags={"owner": next(names)}) for row in shop.clusters)
    whole = Report(sample.header(), [msgspec.structs.replace(shop, clusters=rows)])
    with split(whole, "tag:owner") as parts:
        assert [(p.header.run.part[0].key, p.header.run.part[0].name) for p in parts] == [
            ("shop", "SHOP")
        ]


def test_subscriptions_without_clusters_make_no_part_but_unread_ones_do() -> None:
    empty = UnitResult(
        subscription=msgspec.structs.replace(
            sample.labs().subscription, id="empty", status="no_clusters"
        )
    )
    whole = Report(sample.header(), [sample.shop(), empty, sample.closed()])
    with split(whole, "subscription") as parts:
        assert [part.header.run.part[0].name for part in parts] == ["Shop production", "Finance"]
        assert parts[1].summary.subscriptions_not_assessed == 1
        assert parts[1].header.run.status == "incomplete"
        assert parts[1].summary.coverage_percent == 0.0


def test_a_note_goes_to_those_whose_findings_it_is_about() -> None:
    shop, labs = sample.shop(), sample.labs()
    (note,) = sample.header().notes
    noted = msgspec.structs.replace(shop.findings[0], deed=note.id)
    shop = msgspec.structs.replace(shop, findings=(noted, *shop.findings[1:]))
    with split(Report(sample.header(), [shop, labs]), "subscription") as parts:
        assert [part.header.notes for part in parts] == [(note,), ()]


def unlisted(*affected: str) -> Report:
    """Labs could not be listed, yet one cluster of it was read by itself: it is Ann's."""
    labs = sample.labs()
    (denied,) = (row for row in sample.closed().coverage if row.outcome == "denied")
    cause = msgspec.structs.replace(
        denied, scope=f"/subscriptions/{sample.LABS.id}", affects=AffectsRow(clusters=affected)
    )
    unit = UnitResult(
        subscription=msgspec.structs.replace(labs.subscription, status="not_assessed"),
        clusters=(msgspec.structs.replace(labs.clusters[2], tags={"owner": "ann"}),),
        coverage=(cause,),
    )
    return Report(sample.header(), [unit])


@pytest.mark.parametrize("affected", [(), (sample.cluster_id(sample.LABS, "lab3-neu"),)])
def test_who_speaks_for_an_unlisted_subscription_is_told_why(affected: tuple[str, ...]) -> None:
    with split(unlisted(*affected), "tag:owner") as parts:
        told = {part.header.run.part[0].name: list(part.coverage()) for part in parts}
        assert [row.affects.clusters for row in told["not known"]] == [()]
        assert [row.affects.clusters for row in told["ann"]] == [affected]


def test_a_part_is_told_which_of_its_own_rules_a_failed_read_left_open() -> None:
    labs = sample.labs()
    first, second = labs.clusters[0].id, labs.clusters[1].id
    (cause,) = (row for row in labs.coverage if row.outcome == "denied")
    shared = msgspec.structs.replace(
        cause, affects=AffectsRow(clusters=(first, second), rules=("PWR002", "VMSS001"))
    )
    verdicts = tuple(
        msgspec.structs.replace(labs.verdicts[0], cluster_id=one, rule_id=rule, coverage_ids=ids)
        for one, rule, ids in (
            (first, "PWR002", (cause.id,)),
            (second, "VMSS001", (cause.id,)),
            (second, "PWR002", ()),
        )
    )
    rows = tuple(msgspec.structs.replace(r, tags={"owner": r.name}) for r in labs.clusters[:2])
    unit = msgspec.structs.replace(labs, clusters=rows, verdicts=verdicts, coverage=(shared,))
    with split(Report(sample.header(), [unit]), "tag:owner") as parts:
        told = [(row.affects.clusters, row.affects.rules) for p in parts for row in p.coverage()]
        assert told == [((first,), ("PWR002",)), ((second,), ("VMSS001",))]
