from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.report import markdown, step_summary
from auditor.report.view import Report
from tests.report import sample

GITHUB = MarkdownIt("gfm-like", {"linkify": True, "html": True})
HOSTILE = (
    "::error::x",
    "##vso[task.complete result=Failed]",
    "##[group]",
    "<img src=x onerror=alert(1)>",
    "<script>",
    "<!--",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example",
    "<https://evil.example>",
    "www.evil.example",
    "mail@evil.example",
    "@everyone",
    "#1",
    "GH-1",
    "&#124;",
    "&lt;",
    "|",
    "\\|",
    "\\",
    "`",
    "``",
    "```",
    "~~~",
    "**",
    "_x_",
    "*",
    "~~x~~",
    "$x$",
    "\n",
    "\n\n# ",
    "\r\n| a |\n",
    "\n---\n",
    "\u2028",
    "\u202e",
    " ",
    "a",
    "(",
    ").",
    ":",
    "、",
    "「",
    "。",
)
TEXT = st.lists(
    st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), max_size=3), max_size=8
).map("".join)


def summary(report: Report) -> str:
    out = io.BytesIO()
    step_summary.write(report, out)
    return out.getvalue().decode("utf-8")


def tokens(text: str) -> Iterator[Token]:
    for token in GITHUB.parse(text):
        yield token
        yield from token.children or ()


def shape(text: str) -> Counter[str]:
    """How often the page has each thing that gives it structure, code and text left aside."""
    kinds = Counter(token.type for token in tokens(text))
    for kind in ("text", "code_inline", "text_special"):
        del kinds[kind]
    return kinds


def saying(text: str) -> Report:
    """The sample with one text wherever Azure's or anybody's text stands."""
    unit = sample.shop()
    finding = msgspec.structs.replace(unit.findings[0], summary=text, actor=text, cluster_name=text)
    cluster = msgspec.structs.replace(
        unit.clusters[0], owner=text, name=text, resource_group=text, support_reasons=(text,)
    )
    header = sample.header()
    note = msgspec.structs.replace(header.notes[0], summary=text)
    run = msgspec.structs.replace(header.run, status_reasons=(text,), id=text)
    return Report(
        msgspec.structs.replace(header, notes=(note,), run=run),
        [msgspec.structs.replace(unit, findings=(finding,), clusters=(cluster,))],
    )


PLAIN = shape(summary(saying("plain")))


@given(TEXT)
def test_no_text_forges_a_link_a_row_html_or_a_command(text: str) -> None:
    page = summary(saying(text))
    assert shape(page) == PLAIN
    assert "::" not in page
    assert not re.search(r"##(vso)?\[", page, re.IGNORECASE)
    mentions = [token for token in tokens(page) if token.type == "text" and "@" in token.content]
    assert mentions == []


@given(TEXT.filter(str.split))
def test_a_text_is_one_line_that_shows_all_of_it(text: str) -> None:
    made = markdown.text(text)
    (paragraph,) = (t for t in GITHUB.parse(f"1 {made}") if t.type == "inline")
    assert "\n" not in paragraph.content
    shown = "".join(token.content for token in paragraph.children or ())
    assert re.sub(r"[^a-z]", "", shown) == re.sub(r"[^a-z]", "", text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Node pool apps has 3 of 4 nodes (1.34.2).", "Node pool apps has 3 of 4 nodes (1.34.2)."),
        ("by alice@contoso.example, (a_b)", "by `alice@contoso.example`, (`a_b`)"),
        ("a|b", "`a⟦U+007C⟧b`"),
        ("::debug::", "`: :debug:`:"),
        ("38 個のうち、21 個が「対象外」です。", "38 個のうち、21 個が「対象外」です。"),
        ("所有者：a_b、www.evil.example。", "所有者：`a_b`、`www.evil.example`。"),  # noqa: RUF001 (full width)
        ("、GH-1、abcdef1", "、`GH-1`、`abcdef1`"),
    ],
)
def test_plain_words_stay_and_others_become_code(text: str, made: str) -> None:
    assert markdown.text(text) == made


def test_the_page_says_what_matters(report: Report) -> None:
    page = summary(report)
    assert "**This report does not cover everything:**" in page
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings == [
        "Probably releases of AKS",
        "Clocks that run",
        "Clusters not in support",
        "Findings",
    ]
    first = page.partition("## Findings")[2].splitlines()[4]
    assert first.startswith("| critical | Violation | `PWR002` | `cart-weu` |")


def test_in_japanese_only_names_are_code() -> None:
    english = sample.report()
    page = summary(Report(english.header, list(english.units), language="ja"))
    assert "**6 個のクラスターのうち、" in page
    assert [code for code in re.findall(r"`[^`]+`", page) if re.search("[ぁ-ん]", code)] == []


def test_thresholds_that_somebody_has_set_are_told(report: Report) -> None:
    run = msgspec.structs.replace(report.header.run, thresholds={"image_warning_days": 45})
    told = summary(Report(msgspec.structs.replace(report.header, run=run), report.units))
    assert told.endswith("- Thresholds: `--image-warning-days` 45 (default: 60)\n")


def test_a_run_without_findings_is_short() -> None:
    page = summary(Report(msgspec.structs.replace(sample.header(), notes=()), []))
    assert "No AKS cluster was found" in page
    assert "## " not in page


def test_the_gravest_findings_are_told_and_the_others_counted() -> None:
    unit = sample.shop()
    low, high = unit.findings[-1], unit.findings[0]
    many = [msgspec.structs.replace(low, fingerprint=f"aksa1-{n:040x}") for n in range(80)]
    report = Report(sample.header(), [msgspec.structs.replace(unit, findings=(*many, high))])
    page = summary(report).partition("## Findings")[2]
    assert page.count(f"`{low.rule_id}`") == step_summary.SHOWN - 1
    assert page.count(f"`{high.rule_id}`") == 1
    assert "31 more findings" in page


def test_the_page_is_cut_between_lines_before_github_refuses_it(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = summary(report)
    monkeypatch.setattr(step_summary, "LARGEST", 1_500)
    page = summary(report)
    assert len(page.encode()) <= 1_500
    kept, _, end = page.rpartition("\n\n*")
    assert whole.startswith(kept)
    left_out = int(end.partition(" ")[0])
    assert kept.count("\n") + 1 + left_out == len(whole.splitlines())


def test_the_longest_texts_stay_below_the_limit() -> None:
    page = summary(saying("\u202e" * 100_000))
    assert len(page.encode()) < step_summary.LARGEST
