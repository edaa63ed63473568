from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from auditor.report.page import anchors, reproduce
from auditor.report.view import Report
from auditor.report.write import write
from tests.report import browser, large, sample
from tests.report.browser import opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        browser.PROGRAM is None and "CI" not in os.environ,
        reason="no Chromium here (on Debian: apt-get install chromium)",
    ),
]
needs_axe = pytest.mark.skipif(
    not browser.AXE.exists() and "CI" not in os.environ,
    reason="axe-core is not installed (npm ci --prefix web)",
)

WIDTHS = (360, 768, 1280)
MANY = 10_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(sample.report(), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of 10,000 findings, in which every name is hostile."""
    return written(large.report(MANY), tmp_path_factory.mktemp("many"))


def written(report: Report, folder: Path) -> str:
    (path,) = write(report, folder, ["html"])
    return path.as_uri()


def without_policy(url: str) -> str:
    """The same page without its security policy, so that escaping alone has to hold."""
    path = Path(url.removeprefix("file://"))
    policy = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
    bare, removed = re.subn(policy, "", path.read_text("utf-8"))
    assert removed == 1
    copy = path.with_name("bare.html")
    copy.write_text(bare, "utf-8")
    return copy.as_uri()


ROWS = "table.findings tbody tr:not(.in-full)"


def rows(page: Page) -> int:
    return page.locator(ROWS).count()


def first_row(page: Page) -> str:
    return page.locator("table.findings tbody tr td.what").first.inner_text()


def choose(page: Page, facet: str, choice: str) -> None:
    """Narrow the findings down, as somebody with a mouse would."""
    room = page.locator("#findings-list .facet", has=page.locator("summary", has_text=facet)).first
    room.locator("summary").click()
    room.locator("label", has_text=choice).first.locator("input").check()
    expect(page.locator("#findings-list .chosen")).to_contain_text(choice)
    room.locator("summary").click()


def test_the_page_asks_for_nothing_and_breaks_no_rule_of_its_own(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        assert rows(page) == 6
        page.locator(".unfold").first.click()
        page.get_by_role("button", name="日本語").click()
        watched.assert_quiet()


@pytest.mark.parametrize("size", ["small", "many"])
def test_nothing_hostile_runs_without_the_policy_either(
    chromium: Browser, url: str, many: str, size: str
) -> None:
    bare = without_policy(url if size == "small" else many)
    with opened(chromium, bare) as watched:
        page = watched.page
        for unfold in page.locator(".unfold").all()[:6]:
            unfold.click()
        page.locator("#search-findings").fill("img")
        page.locator("#findings-list .facet summary").nth(5).click()
        watched.assert_quiet()
        assert page.locator("img, svg [onload], iframe, [onerror]").count() == 0
        assert page.locator("script").count() == 2  # the packed report, and the page's own
        assert sample.SCRIPT in page.locator("body").inner_text()


def test_a_link_to_a_finding_opens_it_whatever_is_chosen(chromium: Browser, url: str) -> None:
    *_others, last = sample.report().findings()
    anchor = anchors.finding(last.fingerprint)
    with opened(chromium, f"{url}#findings/q=deallocated") as watched:
        page = watched.page
        assert 0 < rows(page) < 6
        page.evaluate(f"location.hash = '#{anchor}'")
        expect(page.locator(f"#{anchor}-in-full .answers")).to_be_visible()
        expect(page.locator(f"#{anchor}")).to_be_focused()
        assert rows(page) == 6
        assert page.url.endswith(f"#{anchor}")


def test_a_link_to_a_finding_turns_to_its_page(chromium: Browser, many: str) -> None:
    *_others, last = large.report(MANY).findings()
    anchor = anchors.finding(last.fingerprint)
    with opened(chromium, f"{many}#{anchor}") as watched:
        expect(watched.page.locator(f"#{anchor}-in-full .answers")).to_be_visible()
        expect(watched.page.locator(f"#{anchor}")).to_be_focused()


def test_a_link_to_a_cluster_leads_to_its_row(chromium: Browser, url: str) -> None:
    (cluster,) = [row for row in sample.report().clusters() if row.name == "checkout-weu"]
    anchor = anchors.cluster(cluster.id)
    with opened(chromium, f"{url}#{anchor}") as watched:
        expect(watched.page.locator(f"tr#{anchor}")).to_be_in_viewport()
        watched.page.locator(f"tr#{anchor} .findings-of").click()
        where = watched.page.locator("table.findings td.where").all_inner_texts()
        assert where
        assert all("checkout-weu" in text for text in where)


def test_a_search_finds_every_word_in_whatever_order(chromium: Browser, url: str) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        page.locator("#search-findings").fill("ALICE scaleset")
        expect(page.locator("#findings-list .count")).to_have_text(
            re.compile(r"^[1-5] of 6 findings$")
        )
        page.locator("#search-findings").fill("nothing is called that")
        expect(page.locator("#findings-list .empty")).to_have_text("No finding matches.")
        page.locator("#findings-list").get_by_role("button", name="Show all").click()
        expect(page.locator("#findings-list .count")).to_have_text("6 findings")
        expect(page.locator("#search-findings")).to_have_value("")


def test_choices_narrow_the_findings_down_and_can_be_taken_back(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        choose(page, "Severity", "critical")
        severities = page.locator("td.gravity").all_inner_texts()
        assert severities
        assert all("critical" in text for text in severities)
        choose(page, "Severity", "info")
        assert rows(page) > len(severities)
        page.locator(".chosen button", has_text="critical").click()
        expect(page.locator("#findings-list .chosen")).not_to_contain_text("critical")
        assert all("info" in text for text in page.locator("td.gravity").all_inner_texts())


@pytest.mark.parametrize(
    "facet",
    [
        *("Severity", "Verdict", "Family", "Rule", "Subscription", "Cluster", "Owner", "Who"),
        *("How sure", "State", "Exempt"),
    ],
)
def test_every_facet_counts_what_it_would_show(chromium: Browser, url: str, facet: str) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        facets = page.locator("#findings-list .facet")
        room = facets.filter(has=page.locator(f"summary:text-is('{facet}')"))
        room.locator("summary").click()
        expect(room.locator("label").first).to_be_visible()
        counts = [int(text) for text in room.locator("label .many").all_inner_texts()]
        assert sum(counts) == 6
        room.locator("label input").first.check()
        expect(page.locator(ROWS)).to_have_count(counts[0])


def test_what_is_shown_can_be_sent_as_an_address(chromium: Browser, url: str) -> None:
    with opened(chromium, url) as watched:
        choose(watched.page, "Severity", "critical")
        watched.page.locator("th.where button").click()
        address, shown = watched.page.url, watched.page.locator("td.what").all_inner_texts()
    assert "severity=critical" in address
    with opened(chromium, address) as watched:
        assert watched.page.locator("td.what").all_inner_texts() == shown
        assert watched.page.locator("th.where").get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize(
    "address",
    ["#findings/severity=none-such&sort=nothing&q=", "#findings/%", "#f-0", "#%zz", "#x y"],
)
def test_an_address_that_means_nothing_breaks_nothing(
    chromium: Browser, url: str, address: str
) -> None:
    with opened(chromium, f"{url}{address}") as watched:
        expect(watched.page.locator("#findings-list .count")).to_be_visible()
        watched.assert_quiet()


def test_a_column_sorts_both_ways_and_what_is_not_there_comes_last(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        for direction in ("descending", "ascending"):
            page.locator("th.when button").click()
            expect(page.locator("th.when")).to_have_attribute("aria-sort", direction)
            when = page.locator("td.when").all_inner_texts()
            dated = [text for text in when if text != "not dated"]
            assert when[: len(dated)] == sorted(dated, reverse=direction == "descending")


def test_ten_thousand_findings_are_leafed_through(chromium: Browser, many: str) -> None:
    with opened(chromium, many) as watched:
        page = watched.page
        assert rows(page) == 50
        assert page.locator("body *").count() < 12_000
        expect(page.locator("#findings-list .pages span")).to_have_text("Page 1 of 200")
        before = first_row(page)
        page.locator("#findings-list").get_by_role("button", name="Next").click()
        expect(page.locator("#findings-list .pages span")).to_have_text("Page 2 of 200")
        assert first_row(page) != before
        page.locator("#findings-list").get_by_role("button", name="Last").click()
        expect(page.locator("#findings-list").get_by_role("button", name="Next")).to_be_disabled()
        page.locator("#findings-list .pages select").select_option("200")
        expect(page.locator(ROWS)).to_have_count(200)
        watched.assert_quiet()


def test_a_finding_is_copied_as_a_ticket_and_its_commands_one_by_one(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, f"{url}#findings/rule=VMSS001") as watched:
        page = watched.page
        page.locator(".unfold").first.click()
        page.get_by_role("button", name="Copy as a ticket").first.click()
        ticket = page.evaluate("navigator.clipboard.readText()")
        assert ticket.startswith("## VMSS001 The scale set differs from its node pool: ")
        assert "- Who: alice@contoso.example (user)" in ticket
        command = page.locator(".in-full .command").first
        command.get_by_role("button").click()
        assert (
            page.evaluate("navigator.clipboard.readText()") == command.locator("code").inner_text()
        )


def test_everything_can_be_done_with_the_keyboard(chromium: Browser, url: str) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        severity = page.locator("#findings-list .facet summary").first
        severity.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".facet label").first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(".facet input").first).to_be_focused()
        page.keyboard.press("Space")
        expect(page.locator(".facet input:checked")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(severity).to_be_focused()
        expect(page.locator(".facet[open]")).to_have_count(0)
        page.locator(".unfold").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".in-full .answers")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_its_window(chromium: Browser, url: str, width: int) -> None:
    with opened(chromium, url, width=width) as watched:
        page = watched.page
        page.locator(".unfold").first.click()
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_narrow_window_still_tells_who_and_how_long_in_full_width(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, url, width=1024) as watched:
        heads = watched.page.locator("table.findings thead th")
        assert all(head.is_visible() for head in heads.all())
        table = watched.page.locator("table.findings").bounding_box()
        boxes = [head.bounding_box() for head in heads.all()]
        assert table
        assert sum(box["width"] for box in boxes if box) == pytest.approx(table["width"], abs=3)


_SQUEEZED = """() => [...document.querySelectorAll("tbody td")]
  .filter((cell) => cell.offsetParent && cell.offsetWidth < 0.9 * cell.parentElement.offsetWidth)
  .map((cell) => cell.closest("table").className)"""
"""The tables of cells that leave their row half empty."""


def test_where_a_table_is_a_list_of_cards_no_cell_is_squeezed(chromium: Browser, url: str) -> None:
    with opened(chromium, url, width=390) as watched:
        page = watched.page
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.locator(".unfold").first.click()
        assert page.evaluate(_SQUEEZED) == []
        assert page.locator("table.findings td.who").first.is_visible()


def test_paper_holds_all_that_is_chosen_unfolded(chromium: Browser, many: str) -> None:
    with opened(chromium, many) as watched:
        page = watched.page
        choose(page, "Rule", "PWR002")
        shown = page.locator("#findings-list .count").inner_text().split()[0].replace(",", "")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert rows(page) == int(shown)
        assert page.locator(".search, .facets, .pages").first.is_hidden()
        assert page.locator("details:not(.facet):not([open])").count() == 0
        heads = "getComputedStyle(document.querySelector('table.findings thead')).display"
        assert page.evaluate(heads) == "table-header-group"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert rows(page) == 50


def test_paper_has_every_column_however_narrow_it_is(chromium: Browser, url: str) -> None:
    with opened(chromium, url, width=680) as watched:  # A4 between its margins
        page = watched.page
        page.emulate_media(media="print")
        for heads in (page.locator(f"table.{name} thead th") for name in ("findings", "clusters")):
            assert heads.count() == 6
            assert all(head.is_visible() for head in heads.all())
        assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_paper_holds_a_few_findings_in_full(chromium: Browser, url: str) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        page.locator(".unfold").first.click()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".in-full .answers").count() == 6
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".in-full .answers").count() == 1


def test_paper_says_what_it_leaves_out(chromium: Browser, many: str) -> None:
    with opened(chromium, many) as watched:
        watched.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert rows(watched.page) == 2_000
        expect(watched.page.locator("#findings-more")).to_have_text(
            "8,000 more rows: see findings.csv."
        )


def test_without_scripts_the_page_still_tells_everything_that_matters(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, url, scripts=False) as watched:
        page = watched.page
        assert page.locator("details.finding").count() == 6
        page.locator("details.finding summary").first.click()
        expect(page.locator("details.finding .answers").first).to_be_visible()
        assert page.locator("table.clusters tbody tr").count() == 6
        assert page.locator(".findings-of").first.is_hidden()
        assert page.locator("#tools button").count() == 0


_LINES = """() => [...document.querySelectorAll(".command code")].map((code) => {
  const words = [...code.querySelectorAll("span")];
  getSelection().selectAllChildren(code);
  return {
    said: code.textContent,
    selected: getSelection().toString(),
    broken: words.filter((span) => span.offsetHeight > 1.5 * words[0].offsetHeight)
      .map((span) => span.textContent),
    lines: new Set(words.map((span) => span.offsetTop)).size,
  };
})"""
"""Each command: what it says, what one copies, its words that go over lines, and its lines."""


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_command_breaks_between_words_alone_and_is_copied_as_it_is(
    chromium: Browser, tmp_path: Path, width: int, *, scripts: bool
) -> None:
    report = sample.report()
    asked = msgspec.structs.replace(report.header.run.scope, clusters=("one", "b c", "d" * 12) * 4)
    run = msgspec.structs.replace(report.header.run, scope=asked)
    again = Report(msgspec.structs.replace(report.header, run=run), report.units)
    with opened(chromium, written(again, tmp_path), width=width, scripts=scripts) as watched:
        if scripts:
            watched.page.locator(".unfold").first.click()
        *_others, last = watched.page.evaluate(_LINES)
    assert last["said"] == last["selected"] == reproduce.command(run)
    assert [word for word in last["broken"] if len(word) < 30] == []
    assert last["lines"] > 1


_TOLD = """() => Object.fromEntries([...document.querySelectorAll(".inside")]
  .filter((room) => room.querySelector(".fingerprint"))
  .map((room) => [
    room.querySelector(".fingerprint").innerText,
    ["dt", "dd", ".closed", ".where li", "pre", ".trail li"].map((part) =>
      [...room.querySelectorAll(part)].map((one) => one.innerText.replace(/\\s+/g, " ").trim())),
  ]))"""
"""Every finding that is unfolded, by its fingerprint: all that a reader is told of it, in order."""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_finding_is_told_the_same_with_and_without_the_script(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    report = sample.report()
    report.language = language
    page_of_all = written(report, tmp_path)
    told = []
    for scripts in (True, False):
        with opened(chromium, page_of_all, scripts=scripts) as watched:
            page = watched.page
            for one in page.locator(".unfold").all():
                one.click()
            page.emulate_media(media="print")  # where all is unfolded, and nothing to press
            told.append(page.evaluate(_TOLD))
    with_script, without = told
    assert len(without) == 6
    assert with_script == without


@pytest.mark.parametrize("scripts", [True, False])
def test_a_report_speaks_one_language_at_a_time(
    chromium: Browser, tmp_path: Path, *, scripts: bool
) -> None:
    report = sample.report()
    report.language = "ja"
    with opened(chromium, written(report, tmp_path), scripts=scripts) as watched:
        page = watched.page
        assert page.locator("html").get_attribute("lang") == "ja"
        assert page.locator(".en:visible").count() == 0
        assert page.locator(".ja:visible").count() > 100
        expect(page.locator("#clocks")).not_to_have_text("Clocks")


def test_the_language_changes_with_one_button(chromium: Browser, url: str) -> None:
    with opened(chromium, url) as watched:
        page = watched.page
        page.locator(".unfold").first.click()
        page.get_by_role("button", name="日本語").click()
        assert page.locator("html").get_attribute("lang") == "ja"
        expect(page.locator("label[for=search-findings]")).not_to_have_text("Search the findings")
        expect(page.locator(".in-full .answers dt").first).not_to_have_text("What")
        page.get_by_role("button", name="English").click()
        expect(page.locator("label[for=search-findings]")).to_have_text("Search the findings")


@needs_axe
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_bars_a_reader(chromium: Browser, url: str, *, language: str, dark: bool) -> None:
    with opened(chromium, url, dark=dark) as watched:
        page = watched.page
        if language == "ja":
            page.get_by_role("button", name="日本語").click()
        page.locator(".unfold").first.click()
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert browser.violations(page) == []


@needs_axe
def test_ten_thousand_hostile_findings_bar_no_reader(chromium: Browser, many: str) -> None:
    with opened(chromium, many) as watched:
        watched.page.locator(".unfold").first.click()
        assert browser.violations(watched.page) == []


def test_exemptions_and_what_is_new_are_told_where_a_report_knows_them(
    chromium: Browser, tmp_path: Path
) -> None:
    report = sample.report()
    exemption = {"id": "EX-1", "rule": "VMSS001", "expires": "2026-01-31", "reason": sample.HOSTILE}
    header = msgspec.structs.replace(report.header, exemptions=(exemption,), changes={"new": ()})
    known = Report(header, report.units)
    with opened(chromium, written(known, tmp_path)) as watched:
        page = watched.page
        expect(page.locator(".panel .new dd")).to_contain_text("0 since the run before")
        expect(page.locator(".panel .exempt .note .en")).to_have_text("1 exemption has expired")
        expect(page.locator(".exemptions th[scope=row]")).to_have_text("EX-1")
        watched.assert_quiet()
