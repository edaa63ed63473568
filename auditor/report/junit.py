"""``junit.xml``: a test case per cluster and rule, for the test pages of build servers.

A suite is a cluster. A violation is a failure, unless every finding behind it is exempt; a warning
is a pass that says more; what could not be judged is skipped, with its reason, so that it counts
as neither. What does not apply to a cluster is no test case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import BinaryIO, NamedTuple

from junitparser import Failure, Skipped, TestCase, TestSuite

from auditor.model.report import (
    ClusterRow,
    FindingRow,
    RuleRow,
    SubscriptionRow,
    UnitResult,
    VerdictRow,
)
from auditor.model.verdict import Verdict
from auditor.report import plain
from auditor.report.cells import cell
from auditor.report.view import Report

_START = b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites>\n"
_END = b"</testsuites>\n"


class Judged(NamedTuple):
    """A verdict with what stands behind it."""

    verdict: VerdictRow
    rule: RuleRow
    findings: tuple[FindingRow, ...]


def write(report: Report, out: BinaryIO) -> None:
    """Write the suites one by one: only one of them is held."""
    rules = {rule.id: rule for rule in report.header.rules}
    ended = f"{report.header.run.finished_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    out.write(_START)
    for unit in report.units:
        for suite in _suites(unit, rules):
            suite.timestamp = ended
            suite.update_statistics()
            out.write(_by_lines(suite.tostring()))
    out.write(_END)


def _by_lines(suite: bytes) -> bytes:
    """A case a line, so that two files can be compared; in XML, text holds no ``<``."""
    return suite.replace(b"<testcase ", b"\n<testcase ") + b"\n"


def _suites(unit: UnitResult, rules: Mapping[str, RuleRow]) -> Iterator[TestSuite]:
    if unit.subscription.status == "not_assessed":
        yield _not_listed(unit.subscription)
    verdicts, findings = defaultdict(list), defaultdict(list)
    for verdict in unit.verdicts:
        verdicts[verdict.cluster_id].append(verdict)
    for finding in unit.findings:
        for rule in {finding.rule_id, *finding.recorded_rules}:
            findings[finding.cluster_id, rule].append(finding)
    for cluster in unit.clusters:
        yield _suite(
            cluster,
            (
                Judged(one, rules[one.rule_id], tuple(findings[cluster.id, one.rule_id]))
                for one in verdicts[cluster.id]
                if one.verdict != Verdict.NOT_APPLICABLE
            ),
        )


def _not_listed(subscription: SubscriptionRow) -> TestSuite:
    """What clusters there are is not known, and that is no pass."""
    name = plain.line(subscription.name or subscription.id)
    suite = TestSuite(name)
    case = TestCase(f"Clusters can be listed: {name}", plain.line(subscription.id))
    case.result = Skipped("the clusters of this subscription could not be listed", "not_assessed")
    suite.add_testcase(case)
    return suite


def _suite(cluster: ClusterRow, judged: Iterable[Judged]) -> TestSuite:
    suite = TestSuite(plain.line(cluster.name))
    told = {
        "cluster_id": cluster.id,
        "subscription": cluster.subscription_name or cluster.subscription_id,
        "owner": cluster.owner,
        "support_state": cluster.support_state,
    }
    for name, value in told.items():
        if value:
            suite.add_property(name, plain.line(value))
    suite.add_testcases([_case(cluster, one) for one in judged])
    return suite


def _case(cluster: ClusterRow, judged: Judged) -> TestCase:
    """A case whose name tells the cluster, too: build servers list names alone.

    Name and class name are what they tell the history of a case by: neither holds anything that
    changes from run to run.
    """
    place = (cluster.subscription_id, cluster.resource_group, cluster.name)
    title = f"{judged.rule.id} {judged.rule.title}: {cluster.name}"
    case = TestCase(plain.line(title), plain.line("/".join(place)))
    open_ = [one for one in judged.findings if one.state != "resolved"]
    alarming = [one for one in open_ if one.exemption is None]
    if judged.verdict.verdict == Verdict.UNKNOWN:
        case.result = Skipped(plain.line(judged.verdict.reason or "not judged"), "unknown")
    elif judged.verdict.verdict == Verdict.VIOLATION and open_ and not alarming:
        reasons = "; ".join(dict.fromkeys(one.exemption or "" for one in open_))
        case.result = Skipped(plain.line(f"exempt: {reasons}"), "exempt")
    elif judged.verdict.verdict == Verdict.VIOLATION:
        case.result = _failure(judged, alarming)
    if judged.verdict.verdict == Verdict.WARNING:
        case.system_out = _told(judged, open_)
    return case


def _failure(judged: Judged, findings: list[FindingRow]) -> Failure:
    """What fails, in one line and in full; folded findings may lie with another rule."""
    violations = [one for one in findings if one.verdict == Verdict.VIOLATION] or findings
    first = violations[0].summary if violations else judged.verdict.reason
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    worst = violations[0].severity if violations else judged.rule.severity
    failure = Failure(plain.line(f"{first or judged.rule.title}{more}"), worst)
    failure.text = _told(judged, findings)
    return failure


def _told(judged: Judged, findings: Iterable[FindingRow]) -> str:
    """Everything that one needs to act, a line each."""
    lines = [line for finding in findings for line in (*_lines(finding), "")]
    return "\n".join(plain.line(line) for line in (*lines, judged.rule.docs_url)).strip()


def _lines(finding: FindingRow) -> Iterator[str]:
    yield f"{finding.severity}, {finding.confidence}: {finding.summary}"
    yield f"resource: {finding.resource_id}"
    if finding.property:
        expected = f", expected {finding.expected}" if finding.expected else ""
        yield f"{finding.property}: found {finding.actual or 'nothing'}{expected}"
    if finding.actor or finding.occurred_at:
        who = finding.actor or "an unknown author"
        yield ", ".join(filter(None, (f"by {who}", cell(finding.occurred_at))))
    if finding.deadline_earliest or finding.deadline_latest:
        yield f"clock: {finding.clock_basis}"
    if finding.remediation:
        yield f"remedy: {finding.remediation}"
    yield from (f"run: {command}" for command in finding.commands)
