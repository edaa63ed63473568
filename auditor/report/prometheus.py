"""``aks-auditor.prom``: a dozen gauges for the textfile collector of node_exporter.

No label names a resource, so that the number of series does not grow with the tenant: which
cluster it is, the report says. What can be counted is there even when it is 0; what is not known
is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO, get_args

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from auditor.model.report import SupportState
from auditor.model.verdict import ClockKind, Verdict
from auditor.report import plain
from auditor.report.view import Report

Series = Mapping[tuple[str, ...], float]


class Gauges(Collector):
    """The gauges, as their library asks for them."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge, in a fixed order."""
        yield from _of_run(self._report)
        yield from _counts(self._report)
        yield from _clocks(self._report)


def write(report: Report, out: BinaryIO) -> None:
    """Write the gauges in Prometheus's text format."""
    out.write(generate_latest(Gauges(report)))


def _of_run(report: Report) -> Iterator[GaugeMetricFamily]:
    header, summary = report.header, report.summary
    run, about = header.run, (header.tool.version, header.policy.edition)
    yield _gauge(
        "info",
        "The version that wrote this, and the edition of the policy that it audits.",
        {about: 1},
        "version",
        "policy_edition",
    )
    yield _single(
        "last_success_timestamp_seconds", "When the last run ended.", run.finished_at.timestamp()
    )
    took = (run.finished_at - run.started_at).total_seconds()
    yield _single("run_duration_seconds", "How long the run took.", took)
    yield _single(
        "run_complete", "1 if everything could be read, else 0.", run.status == "complete"
    )
    yield _single(
        "coverage_ratio",
        "The share of verdicts that no failed read left open, 0 to 1.",
        round(summary.coverage_percent / 100, 3),
    )
    yield _single("failed_reads", "Failed reads, by root cause.", summary.unread)
    yield _single(
        "subscriptions_not_assessed",
        "Subscriptions whose clusters could not be listed.",
        summary.subscriptions_not_assessed,
    )


def _counts(report: Report) -> Iterator[GaugeMetricFamily]:
    states: Series = {(one,): getattr(report.summary, one) for one in get_args(SupportState)}
    yield _gauge("clusters", "Clusters by support state.", states, "support_state")
    verdicts = Counter(row.verdict for row in report.verdicts())
    yield _gauge(
        "verdicts",
        "Verdicts, one per cluster and rule; unknown is neither passed nor failed.",
        {(one.value,): verdicts[one.value] for one in Verdict},
        "verdict",
    )
    yield _gauge(
        "findings",
        "Findings that are not resolved; an exempt one alarms nobody.",
        _findings(report),
        "rule",
        "severity",
        "verdict",
        "exempt",
    )


def _findings(report: Report) -> Series:
    """Every rule is there with the violations of its own severity, be they 0."""
    counted = Counter(
        {
            (rule.id, rule.severity, Verdict.VIOLATION.value, "false"): 0
            for rule in report.header.rules
        }
    )
    counted.update(
        (row.rule_id, row.severity, row.verdict, "false" if row.exemption is None else "true")
        for row in report.findings()
        if row.state != "resolved"
    )
    return dict(sorted(counted.items()))


def _clocks(report: Report) -> Iterator[GaugeMetricFamily]:
    running = Counter(row.kind for row in report.clocks())
    days, ends = dict[str, int](), dict[str, float]()
    for row in report.clocks():
        if row.days_left is not None:
            days[row.kind] = min(row.days_left, days.get(row.kind, row.days_left))
        if row.deadline_earliest is not None:
            end = row.deadline_earliest.timestamp()
            ends[row.kind] = min(end, ends.get(row.kind, end))
    kinds = {kind.value: 0 for kind in ClockKind} | running
    yield _gauge("clocks", "Clocks that run.", _by_kind(kinds), "kind")
    yield _gauge(
        "nearest_deadline_days",
        "Full days from the run until the first clock can run out; negative when it may have.",
        _by_kind(days),
        "kind",
    )
    yield _gauge(
        "nearest_deadline_timestamp_seconds",
        "The earliest moment at which a clock can run out.",
        _by_kind(ends),
        "kind",
    )


def _by_kind(values: Mapping[str, float]) -> Series:
    return {(kind,): values[kind] for kind in sorted(values)}


def _single(name: str, says: str, value: float) -> GaugeMetricFamily:
    return _gauge(name, says, {(): value})


def _gauge(name: str, says: str, series: Series, *labels: str) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"aks_auditor_{name}", says, labels=labels)
    for values, number in series.items():
        gauge.add_metric([plain.line(value) for value in values], float(number))
    return gauge
