from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auditor.report.page import anchors
from auditor.report.write import write
from tests.report import browser, sample
from tests.report.browser import Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        browser.PROGRAM is None and "CI" not in os.environ,
        reason="no Chromium here (on Debian: apt-get install chromium)",
    ),
]

WIDTHS = (360, 768, 1280)


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    async with browser.tab() as opened:
        yield opened


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (path,) = write(sample.report(), tmp_path / "report", ["html"])
    return path


@pytest.fixture
def bare_page(page: Path) -> Path:
    """The page without its policy, so that escaping alone has to hold."""
    policy = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
    bare, removed = re.subn(policy, "", page.read_text())
    assert removed == 1
    page.write_text(bare)
    return page


def assert_quiet(tab: Tab) -> None:
    """Nothing was asked of a network, refused, thrown or shown as a dialog."""
    urls = [event["request"]["url"] for event in tab.said("Network.requestWillBeSent")]
    assert [url for url in urls if not url.startswith("file:")] == []
    assert len(urls) == 1
    assert tab.said("Log.entryAdded") == []
    assert tab.said("Runtime.consoleAPICalled") == []
    assert tab.said("Runtime.exceptionThrown") == []
    assert tab.said("Page.javascriptDialogOpening") == []


async def test_the_page_asks_for_nothing_and_breaks_no_rule_of_its_own(
    tab: Tab, page: Path
) -> None:
    await tab.open(page.as_uri())
    assert_quiet(tab)
    assert await tab.value("document.querySelectorAll('.finding').length") == 6
    assert await tab.value("document.querySelectorAll('.command button').length") > 0


async def test_nothing_hostile_runs_without_the_policy_either(tab: Tab, bare_page: Path) -> None:
    await tab.open(bare_page.as_uri())
    assert_quiet(tab)
    assert await tab.value("document.querySelectorAll('img, svg [onload], script').length") == 1
    assert sample.SCRIPT in await tab.value("document.body.textContent")


async def test_a_link_to_a_finding_opens_it(tab: Tab, page: Path) -> None:
    finding = next(sample.report().findings())
    anchor = anchors.finding(finding.fingerprint)
    await tab.open(f"{page.as_uri()}#{anchor}")
    assert await tab.value(f"document.getElementById('{anchor}').open") is True
    assert await tab.value("document.querySelectorAll('.finding[open]').length") == 1


async def test_all_findings_open_with_one_button(tab: Tab, page: Path) -> None:
    await tab.open(page.as_uri())
    await tab.value("document.querySelector('#findings + button').click()")
    assert await tab.value("document.querySelectorAll('.finding:not([open])').length") == 0


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_page_fits_its_window(tab: Tab, page: Path, width: int) -> None:
    await tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=900,
        deviceScaleFactor=1,
        mobile=False,
    )
    await tab.open(page.as_uri())
    await tab.value("for (const one of document.querySelectorAll('details')) one.open = true")
    assert await tab.value("document.documentElement.scrollWidth") <= width


async def test_on_paper_nothing_stays_folded(tab: Tab, page: Path) -> None:
    await tab.open(page.as_uri())
    await tab.call("Emulation.setEmulatedMedia", media="print")
    heights = "[...document.querySelectorAll('.finding .inside')].map(e => e.offsetHeight)"
    assert min(await tab.value(heights)) > 0
