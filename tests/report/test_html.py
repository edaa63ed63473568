from __future__ import annotations

import base64
import hashlib
import io
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.report import html, words
from auditor.report.page import anchors, clusters, coverage, findings
from auditor.report.view import Report
from tests.report import sample

SOURCES = sorted((Path(__file__).parents[2] / "web" / "src").iterdir())
TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.j2"))
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr"}
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt; & <b>",
    "--><!--",
    "]]>",
]


class Page(HTMLParser):
    """What a parser sees: elements with attributes, ids, text, and whether tags are balanced."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def tags(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def rendered(report: Report) -> str:
    out = io.BytesIO()
    html.write(report, out)
    return out.getvalue().decode()


def with_text(text: str) -> Report:
    """A report that shows the text wherever it shows text of a tenant."""
    unit = sample.shop()
    finding, cluster = unit.findings[0], unit.clusters[0]
    told = dict.fromkeys(("summary", "actual", "remediation", "node_pool", "property"), text)
    names = dict.fromkeys(("name", "owner", "location", "node_resource_group"), text)
    changed = msgspec.structs.replace(
        unit,
        clusters=(msgspec.structs.replace(cluster, **names, support_reasons=(text,)),),
        findings=(msgspec.structs.replace(finding, **told, commands=(text,), docs_url=text),),
    )
    return Report(sample.header(), [changed])


PAGE = rendered(sample.report())
PARSED = Page(PAGE)


def test_every_element_is_closed() -> None:
    assert PARSED.open == []


def built(page: Page) -> list[str]:
    """The elements, without links and without what tells where a line may break."""
    breaks: list[tuple[str, dict[str, str]]] = [("wbr", {}), ("span", {})]
    return [tag for tag, told in page.elements if tag != "a" and (tag, told) not in breaks]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    page = Page(rendered(with_text(text)))
    plain = Page(rendered(with_text("harmless")))
    assert built(page) == built(plain)
    assert text in "".join(page.text)


@settings(max_examples=25)
@given(st.text(max_size=40))
def test_any_text_leaves_the_page_as_it_is_built(text: str) -> None:
    page = Page(rendered(with_text(text)))
    assert page.open == []
    assert words.visible(text).strip() in "".join(page.text)
    assert not [value for value in page.values("href") if not value.startswith(("#", "https://"))]


@given(st.text())
def test_no_character_of_shown_text_is_invisible(text: str) -> None:
    shown = words.visible(text)
    assert all(character.isprintable() or character.isspace() for character in shown)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\x00-\x1f]", shown)


def test_a_bidirectional_override_is_spelled_out() -> None:
    assert words.visible("a\u202eb\u200bc\x00") == "a⟦U+202E⟧b⟦U+200B⟧c⟦U+0000⟧"
    assert words.visible("Käse ノード プール") == "Käse ノード プール"


def test_the_page_holds_no_character_that_hides_or_reorders() -> None:
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]", PAGE)


def test_there_are_no_inline_styles_and_handlers() -> None:
    names = {name for _, attributes in PARSED.elements for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


def test_nothing_is_loaded_from_anywhere() -> None:
    assert not {tag for tag, _ in PARSED.elements} & {"link", "img", "iframe", "object", "base"}
    assert PARSED.values("src") == []
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", PAGE)


def test_links_lead_inside_the_page_or_over_https() -> None:
    ids = set(PARSED.values("id"))
    inner = [href[1:] for href in PARSED.values("href") if href.startswith("#")]
    inner = [place for place in inner if not place.startswith("findings/")]  # the script's own
    outer = [href for href in PARSED.values("href") if not href.startswith("#")]
    assert set(inner) <= ids
    assert outer
    assert all(href.startswith("https://") for href in outer)


def test_ids_are_unique() -> None:
    ids = PARSED.values("id")
    assert len(set(ids)) == len(ids)


def test_the_policy_of_the_page_names_its_own_style_and_script() -> None:
    (policy,) = [meta["content"] for meta in PARSED.tags("meta") if "http-equiv" in meta]
    for tag in ("style", "script"):
        (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_is_built_for_every_reader() -> None:
    assert PARSED.tags("html") == [{"lang": "en"}]
    assert len(PARSED.tags("h1")) == 1
    assert PARSED.tags("a")[0] == {"class": "skip", "href": "#main"}
    assert all("scope" in th for th in PARSED.tags("th"))
    levels = [int(tag[1]) for tag, _ in PARSED.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_finding_has_its_anchor() -> None:
    ids = PARSED.values("id")
    for row in sample.report().findings():
        digits = row.fingerprint.removeprefix("aksa1-")[:12]
        assert ids.count(f"f-{digits}") == 1


def test_what_was_not_read_stands_above_everything_else() -> None:
    assert PAGE.index("This report does not cover everything") < PAGE.index('class="tiles"')


def test_the_first_screen_answers_before_any_section() -> None:
    text = " ".join("".join(PARSED.text).split())
    assert "Who did it" in text[: text.index("Deadlines that the policy sets")]
    assert "Time left" in text[: text.index("Deadlines that the policy sets")]


def test_thresholds_are_told_where_they_are_not_the_usual_ones() -> None:
    assert "Thresholds" not in PAGE
    header = sample.header()
    given = {"image_warning_days": 45, "version_warning_days": 60, "of_a_newer_version": 7}
    run = msgspec.structs.replace(header.run, thresholds=given)
    told = rendered(Report(msgspec.structs.replace(header, run=run), []))
    assert "--image-warning-days 45 (default: 60); --of-a-newer-version 7" in told
    assert "--version-warning-days" not in told


def test_a_cause_that_leaves_every_rule_open_does_not_list_them() -> None:
    unit = sample.labs()
    (first, *_others) = unit.coverage
    every = tuple(rule.id for rule in sample.header().rules)
    affects = msgspec.structs.replace(first.affects, rules=every)
    row = msgspec.structs.replace(first, outcome="denied", affects=affects)
    report = Report(sample.header(), [msgspec.structs.replace(unit, coverage=(row,))])
    (card,) = coverage.gaps(report)
    assert str(card.rules) == "every rule"
    assert [str(card.rules) for card in coverage.gaps(sample.report())].count("every rule") == 0


def test_a_complete_run_has_no_banner() -> None:
    header = sample.header()
    run = msgspec.structs.replace(header.run, status="complete")
    complete = Report(msgspec.structs.replace(header, run=run), [sample.shop()])
    assert "This report does not cover everything" not in rendered(complete)


def test_the_sections_come_in_the_order_in_which_they_are_needed() -> None:
    first = ["banner", "notes", "clocks", "clusters", "findings"]
    ids = [*first, "rules", "policy", "coverage", "receipt"]
    places = [PAGE.index(f'id="{one}"') for one in ids]
    assert places == sorted(places)


def test_an_operation_is_told_once_in_a_trail() -> None:
    (section,) = [one for one in findings.sections(sample.report()) if one.name == "checkout-weu"]
    trail = section.deeds[0].findings[0].trail
    assert [str(step.label) for step in trail] == [
        *("Expected", "Actual", "Evidence", "Evidence", "Operation", "Also on record")
    ]


def test_an_application_is_told_even_where_nobody_is_on_record() -> None:
    unit = sample.shop()
    nobodys = [
        msgspec.structs.replace(row, actor_client="Azure portal")
        for row in unit.findings
        if not row.operation
    ]
    report = Report(sample.header(), [msgspec.structs.replace(unit, findings=nobodys)])
    told = {
        str(card.who)
        for section in findings.sections(report)
        for deed in section.deeds
        for card in deed.findings
    }
    assert told == {"author unknown, through Azure portal"}


def test_an_empty_report_says_so_plainly() -> None:
    page = rendered(Report(sample.header(), []))
    assert "No AKS cluster was found in what could be read." in page
    assert "No clock is running." in page
    assert "No finding." in page


def test_what_many_clusters_show_alike_is_told_in_the_headline() -> None:
    text = " ".join("".join(PARSED.text).split())
    assert "Probably a release of AKS" in text
    assert "on 37 of 60 clusters judged" in text
    assert "Scale set" in text
    assert "customField: nothing → enabled <by AKS>" in text
    assert PAGE.index('id="notes"') < PAGE.index('id="clocks"')


def test_a_run_without_notes_has_no_section_for_them() -> None:
    header = msgspec.structs.replace(sample.header(), notes=())
    assert 'id="notes"' not in rendered(Report(header, [sample.shop()]))


def test_every_cluster_shows_every_clause_once() -> None:
    numbers = [clause.id for clause in sample.header().policy.clauses]
    cards = [card for group in clusters.groups(sample.report()) for card in group.cards]
    assert len(cards) == 6
    for card in cards:
        shown = [clause.label for group in card.clauses for clause in group.clauses]
        assert sorted(shown) == sorted(numbers)


def test_findings_beyond_the_limit_are_counted_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "SHOWN", 1)
    page = Page(rendered(sample.report()))
    shown = [one for one in page.values("id") if one.startswith("f-")]
    assert len(shown) == 1
    assert "3 more findings of this cluster" in "".join(page.text)


def test_clusters_beyond_the_limit_are_counted_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SHOWN", 3)
    text = "".join(Page(rendered(sample.report())).text)
    assert "1 more cluster:" in text
    assert "2 more clusters:" in text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://contoso.example", "//x", "https://", "https://a\nb", ""]
)
def test_only_https_addresses_become_links(url: str) -> None:
    assert anchors.link(url) is None
    assert anchors.link("https://learn.microsoft.com/azure/aks/") is not None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_templates_trust_nothing(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"\|\s*safe|autoescape\s+false|\son\w+=|\sstyle=", source)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.name))
def test_the_script_makes_no_markup_out_of_text(source: Path) -> None:
    text = source.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
    assert not re.search(r"\sstyle=|localStorage|fetch\(", text)


def luminance(colour: str) -> float:
    digits = colour * 2 if len(colour) == 3 else colour
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_is_legible_on_every_ground(theme: int) -> None:
    """WCAG 2.2 AA: a contrast of 4.5 at least."""
    style = html._asset("report.css")
    block = re.findall(r":root {(.*?)}", style, re.DOTALL)[theme]
    colours = {n: luminance(c) for n, c in re.findall(r"--([\w-]+): #(\w+);", block)}
    grounds = {name: colours.pop(name) for name in ("page", "card", "code", "warn-card")}
    filled = colours.pop("on-fill")
    colours.pop("line")
    for name, colour in colours.items():
        for ground in (*grounds.values(), *([filled] if name not in ("text", "soft") else [])):
            dark, light = sorted((colour, ground))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_undefined_names_are_errors_not_blanks() -> None:
    environment = html._environment()
    with pytest.raises(Exception, match="is undefined"):
        environment.from_string("{{ nothing }}").render()
