"""Text that would do something if it were not watched, and reports that say it everywhere."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from hypothesis import strategies as st

from auditor.model.report import EvidenceRow, UnitResult
from auditor.model.run import Row
from auditor.report.view import Report
from tests.report import sample

FRAGMENTS = (
    "=1+1",
    "@SUM(A1)",
    "\t=1",
    "＝1",  # noqa: RUF001 (full-width signs are the point)
    '"',
    "'",
    ",",
    "\r\n",
    "\n",
    "\x0b\x0c\x1c\x85\u2028\u2029",
    "\x00\x01\x08",
    "\x1b[31m",
    "\x9b2J",
    "\x7f",
    "\u202e",
    "\u200b",
    "\u2066",
    "\u061c",
    "\ufeff",
    "\ufffe",
    "\U000e0041",
    "</script><img src=x onerror=alert(1)>",
    "]]>",
    "<!--",
    "&amp;&#0;",
    "[x](https://evil.example)",
    "{0}",
    "{{0}}",
    "`|",
    "::error::x",
    "##vso[task.complete result=Failed]",
    "##[group]",
    "\\",
    "\\n",
    " ",
    "a",
)
TEXT = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(st.characters(codec="utf-8"), max_size=3), max_size=8
).map("".join)

_KEPT = {
    "id",
    "cluster_id",
    "subscription_id",
    "rule_id",
    "verdict",
    "severity",
    "confidence",
    "state",
    "support_state",
    "status",
    "outcome",
    "clause",
    "vnet",
    "kind",
}
"""What the report refers to itself by, and words of its own."""

SomeRow = TypeVar("SomeRow", bound=Row)


def saying(text: str) -> Report:
    """The sample, in which whatever is somebody's text is this one."""
    header = sample.header()
    exemption = dict.fromkeys(("id", "rule", "scope", "reason", "owner", "expires"), text)
    return Report(
        msgspec.structs.replace(
            header,
            exemptions=(exemption,),
            run=msgspec.structs.replace(header.run, id=text, status_reasons=(text,)),
            notes=tuple(_spoken(note, text) for note in header.notes),
        ),
        [_unit(unit, text) for unit in (sample.shop(), sample.labs(), sample.closed())],
    )


def _unit(unit: UnitResult, text: str) -> UnitResult:
    return msgspec.structs.replace(
        unit,
        subscription=_spoken(unit.subscription, text),
        clusters=tuple(
            msgspec.structs.replace(
                _spoken(row, text),
                tags={text: text},
                support_reasons=(text,),
                node_pools=tuple(_spoken(pool, text) for pool in row.node_pools),
            )
            for row in unit.clusters
        ),
        verdicts=tuple(_spoken(row, text) for row in unit.verdicts),
        findings=tuple(
            msgspec.structs.replace(
                _spoken(row, text),
                exemption=text if row.fingerprint.endswith(tuple("02468ace")) else None,
                instances=(text, text),
                commands=(text,),
                evidence=(EvidenceRow(text=text, source=text, at=sample.NOW),),
                fingerprint=row.fingerprint,
            )
            for row in unit.findings
        ),
        clocks=tuple(_spoken(row, text) for row in unit.clocks),
        coverage=tuple(_spoken(row, text) for row in unit.coverage),
    )


def _spoken(row: SomeRow, text: str) -> SomeRow:
    """The row with the text in every field that holds one."""
    said = {
        name: text
        for name, value in msgspec.structs.asdict(row).items()
        if isinstance(value, str) and name not in _KEPT
    }
    return msgspec.structs.replace(row, **said)
