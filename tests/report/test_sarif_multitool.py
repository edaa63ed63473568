"""Microsoft's own validator holds nothing against our SARIF, whatever text is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from auditor.report.view import Report
from auditor.report.write import write
from tests.report import multitool, sample
from tests.report.hostile import FRAGMENTS, saying

pytestmark = pytest.mark.skipif(
    not multitool.PROGRAM.exists() and "CI" not in os.environ,
    reason="no SARIF Multitool here (npm ci --prefix web)",
)

NO_ADDRESS = "SARIF2005"
"""The tool is to have an ``informationUri``; it has no address on the web yet. That this is held
against every file shows that the file was read at all: of one that is no SARIF it says nothing."""

OF_A_PIPELINE = {"GHAzDO1019", "GHAzDO1020"}
"""The build's own ids, which Azure DevOps's publishing task fills in."""

STATES = ("new", "open", "reopened", "resolved", "not_evaluated")


def with_history(report: Report) -> Report:
    """Findings in every state, every other one exempt."""
    units = []
    for unit in report.units:
        findings = tuple(
            msgspec.structs.replace(
                row, state=STATES[place % len(STATES)], exemption="EX-1" if place % 2 else None
            )
            for place, row in enumerate(unit.findings)
        )
        units.append(msgspec.structs.replace(unit, findings=findings))
    return Report(msgspec.structs.replace(report.header, changes={"new": ("x",)}), units)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(sample.report(), id="the sample"),
        pytest.param(with_history(sample.report()), id="with a history"),
        pytest.param(with_history(saying("".join(FRAGMENTS))), id="hostile"),
        pytest.param(Report(sample.header(), []), id="empty"),
    ],
)
def test_the_multitool_holds_nothing_against_it(report: Report, tmp_path: Path) -> None:
    (path,) = write(report, tmp_path / "report", ["sarif"])
    found = multitool.complaints(path, tmp_path, ["Sarif", "Gh", "Ado"])
    assert [one for one in found if one.rule not in {NO_ADDRESS, *OF_A_PIPELINE}] == []
    assert NO_ADDRESS in {one.rule for one in found}


def test_the_multitool_would_say_so(report: Report, tmp_path: Path) -> None:
    """A validator that cannot be heard would accept anything."""
    (path,) = write(report, tmp_path / "report", ["sarif"])
    document = json.loads(path.read_text("utf-8"))
    (location,) = document["runs"][0]["results"][0]["locations"]
    location["physicalLocation"]["artifactLocation"]["uri"] = "no\\uri::"
    path.write_text(json.dumps(document), "utf-8")
    (error,) = (one for one in multitool.complaints(path, tmp_path, ["Sarif"]) if one.is_error)
    assert error.rule == "SARIF1002"
