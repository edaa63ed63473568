"""The sample's report, and the marker of tests that need a browser."""

from __future__ import annotations

import pytest

from auditor.report.view import Report
from tests.report import sample


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: opens the report in Chromium")


@pytest.fixture
def report() -> Report:
    return sample.report()
