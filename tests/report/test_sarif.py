from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from auditor.model.report import FindingRow
from auditor.model.run import PartRow
from auditor.report import sarif, sarif_run
from auditor.report.sarif_tool import embedded
from auditor.report.view import Report
from tests.report import sample

SAFE = re.compile(r"azure(/([\w.~-]|%[0-9A-F]{2})+)*", re.ASCII)
UNIT = sample.shop()


def run_of(report: Report) -> Any:  # noqa: ANN401 (JSON as it comes)
    out = io.BytesIO()
    sarif.write(report, out)
    document = json.loads(out.getvalue())
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


def finding(**more: Any) -> FindingRow:  # noqa: ANN401 (any field)
    return msgspec.structs.replace(UNIT.findings[0], **more)


def result_of(
    row: FindingRow, changes: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Any]:
    header = msgspec.structs.replace(sample.header(), changes=changes)
    unit = msgspec.structs.replace(UNIT, findings=(row,))
    (result,) = run_of(Report(header, [unit]))["results"]
    return dict(result)


def test_every_finding_is_a_result_of_a_rule_that_is_described(report: Report) -> None:
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in report.header.rules]
    prints = [result["partialFingerprints"]["aksAuditorFinding/v1"] for result in run["results"]]
    assert prints == [row.fingerprint for row in report.findings()]
    assert len(set(prints)) == len(prints)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_rule_explains_itself_and_says_how_grave_it_is(report: Report) -> None:
    for rule in run_of(report)["tool"]["driver"]["rules"]:
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
        assert "## How to fix it" in rule["help"]["markdown"]
        assert "`az aks update`" in rule["help"]["markdown"]
        kinds = {token.type for token in MarkdownIt().parse(rule["help"]["markdown"])}
        assert {"heading_open", "bullet_list_open"} <= kinds
        assert "html_block" not in kinds
        assert rule["help"]["text"]
        assert rule["helpUri"].startswith("https://")


def test_a_finding_is_where_its_resource_is() -> None:
    row = UNIT.findings[0]
    (location,) = result_of(row)["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"azure{row.resource_id}"
    resource, *cluster = location["logicalLocations"]
    assert resource["fullyQualifiedName"] == row.resource_id
    assert [one["fullyQualifiedName"] for one in cluster] in ([], [row.cluster_id])


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("/.:%#?\\")))
def test_any_id_becomes_a_relative_uri(resource_id: str) -> None:
    uri = sarif.relative_uri(resource_id)
    assert SAFE.fullmatch(uri)
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert not {".", ".."} & set(uri.split("/"))
    kept = [part for part in resource_id.split("/") if part not in {"", ".", ".."}]
    assert [unquote(part) for part in uri.split("/")[1:]] == kept


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("[](){}\\01")))
def test_no_text_embeds_a_link_or_an_argument(text: str) -> None:
    made = embedded(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", made)
    assert not re.search(r"\{\d", made.replace("{{", ""))
    assert "\n" not in made


@pytest.mark.parametrize(
    ("verdict", "severity", "level"),
    [
        ("violation", "critical", "error"),
        ("violation", "high", "error"),
        ("warning", "high", "warning"),
        ("violation", "medium", "warning"),
        ("warning", "info", "note"),
    ],
)
def test_what_is_no_violation_is_no_error(verdict: str, severity: str, level: str) -> None:
    assert result_of(finding(verdict=verdict, severity=severity))["level"] == level


@pytest.mark.parametrize(
    ("state", "baseline"),
    [
        ("new", "new"),
        ("reopened", "new"),
        ("open", "unchanged"),
        ("not_evaluated", "unchanged"),
        ("resolved", "absent"),
    ],
)
def test_the_state_is_told_only_where_there_is_a_history(state: str, baseline: str) -> None:
    row = finding(state=state)
    assert "baselineState" not in result_of(row)
    assert result_of(row, changes={"new": ()})["baselineState"] == baseline


def test_an_exempt_finding_is_suppressed_with_its_reason() -> None:
    assert "suppressions" not in result_of(finding(exemption=None))
    (suppression,) = result_of(finding(exemption="until the move"))["suppressions"]
    assert suppression == {
        "kind": "external",
        "status": "accepted",
        "justification": "until the move",
    }


def test_what_could_not_be_read_is_a_notification_and_no_success(report: Report) -> None:
    run = run_of(report)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [note["level"] for note in invocation["toolExecutionNotifications"]]
    failed = [row.outcome for row in report.coverage() if row.outcome != "ok"]
    assert len(told) == len(failed)
    assert told.count("note") == failed.count("transition")
    known = {one["id"] for one in run["tool"]["driver"]["notifications"]}
    assert {n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]} <= known


def test_a_complete_run_is_a_success() -> None:
    run = msgspec.structs.replace(sample.header().run, status="complete")
    header = msgspec.structs.replace(sample.header(), run=run)
    (invocation,) = run_of(Report(header, []))["invocations"]
    assert invocation["executionSuccessful"] is True


def test_the_run_is_told_apart_by_tenant_and_run(report: Report) -> None:
    id_ = run_of(report)["automationDetails"]["id"]
    assert id_ == f"aks-auditor/{sample.SHOP.tenant_id}/{report.header.run.id}"


def test_a_part_has_a_name_and_a_category_of_its_own(report: Report) -> None:
    team = PartRow(split_by="tag:team", kind="value", key="a/b", name="A/B")
    rest = PartRow(split_by="subscription", kind="none", key="", name="")
    run = msgspec.structs.replace(report.header.run, part=(team, rest))
    header = msgspec.structs.replace(report.header, run=run)
    told = run_of(Report(header, report.units))
    _tool, _tenant, *category, last = told["automationDetails"]["id"].split("/")
    assert (category, last) == (["tag:team=a%2Fb", "subscription-none"], run.id)
    assert told["properties"]["part"] == [
        {"splitBy": "tag:team", "kind": "value", "key": "a/b", "name": "A/B"},
        {"splitBy": "subscription", "kind": "none", "key": "", "name": ""},
    ]
    assert "properties" not in run_of(report)


def test_more_results_than_github_shows_are_announced(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_run, "SHOWN_BY_GITHUB", 2)
    (invocation,) = run_of(report)["invocations"]
    assert "GitHub shows 2 " in invocation["toolExecutionNotifications"][0]["message"]["text"]
