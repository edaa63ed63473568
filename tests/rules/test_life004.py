"""How far node pools may be from their control plane."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model.verdict import Confidence, Finding, Unknown
from auditor.rules import life004_version_skew as life004
from tests import build


def said(first: str, pool: str, **changes: Any) -> list[Finding | Unknown]:  # noqa: ANN401 (any field)
    asked = build.pool(kubernetes_version=pool, **changes)
    managed = build.managed(asked, kubernetes_version=first)
    return list(life004.check(build.cluster(managed), build.context()))


@pytest.mark.parametrize(
    ("first", "pool"),
    [("1.35.4", "1.35.2"), ("1.35.4", "1.32.1"), ("1.28.0", "1.25.6"), ("1.27.7", "1.25.6")],
)
def test_within_the_window_is_fine(first: str, pool: str) -> None:
    assert said(first, pool) == []


@pytest.mark.parametrize(
    ("first", "pool"),
    [
        ("1.35.4", "1.31.14"),
        ("1.27.7", "1.24.9"),
        ("1.35.4", "1.36.1"),
        ("2.0.0", "1.99.0"),
        ("2.35.0", "1.34.1"),
    ],
)
def test_outside_of_it_is_not(first: str, pool: str) -> None:
    (finding,) = said(first, pool)
    assert isinstance(finding, Finding)
    assert finding.actual == pool


def test_the_window_was_smaller_before_1_28() -> None:
    (finding,) = said("1.27.7", "1.24.9")
    assert isinstance(finding, Finding)
    assert finding.expected == "1.25 to 1.27"


def test_a_control_plane_of_unknown_form_leaves_every_pool_untold() -> None:
    (answer,) = said("next", "1.35.4")
    assert isinstance(answer, Unknown)


def test_after_a_failed_operation_it_is_at_most_likely() -> None:
    (finding,) = said("1.35.4", "1.31.14", provisioning_state="Failed")
    assert isinstance(finding, Finding)
    assert finding.confidence is Confidence.LIKELY


def test_behind_and_ahead_are_told_apart() -> None:
    (behind,), (ahead,) = said("1.35.4", "1.31.14"), said("1.35.4", "1.36.1")
    assert isinstance(behind, Finding)
    assert isinstance(ahead, Finding)
    assert "is more than 3 minor versions behind its control plane on 1.35.4" in behind.summary
    assert behind.commands[-1].endswith("--name apps --kubernetes-version 1.35.4")
    assert "is ahead of its control plane on 1.35.4" in ahead.summary
    assert ahead.commands == ()
    assert behind.remediation.startswith("Upgrade the node pool, one minor version")
    assert ahead.remediation.startswith("Upgrade the control plane to the version")
