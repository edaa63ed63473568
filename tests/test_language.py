from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry

from auditor import language
from auditor.language import JAPANESE, Message, counted, message
from auditor.report import words
from scripts import messages

SOURCES = sorted((Path(__file__).parents[1] / "web" / "src").iterdir())
_SAID = re.compile(r"""(?<![\w$])(?:_|counted)\(\s*"((?:[^"\\]|\\.)*)\"""")


def entries(domain: str) -> list[Entry]:
    return [entry for entry in language.catalogue(JAPANESE, domain) if entry.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def places(text: str) -> set[tuple[str, str]]:
    """The named places of a sentence, with how a number in them is written."""
    parts = string.Formatter().parse(text)
    return {(name, spec or "") for _text, name, spec, _conversion in parts if name is not None}


@pytest.mark.parametrize("domain", language.DOMAINS)
def test_every_message_is_translated_and_no_translation_is_left_over(domain: str) -> None:
    """After a change of words: ``scripts/update-messages``, and translate what it names."""
    wanted = {forms(entry.id) for entry in messages.wanted(domain) if entry.id}
    assert wanted
    there = {forms(entry.id): entry for entry in entries(domain)}
    assert set(there) == wanted
    assert [one for one, entry in there.items() if not messages.is_translated(entry)] == []


@pytest.mark.parametrize("domain", ["report", "page"])
def test_a_translation_fills_the_same_places(domain: str) -> None:
    for entry in entries(domain):
        *_singular, last = forms(entry.id)
        for translated in forms(entry.string):
            assert places(translated) == places(last), entry.id


def test_what_rules_say_in_code_they_say_in_code_in_every_language() -> None:
    for entry in entries("rules"):
        code = re.findall(r"``.+?``|`.+?`", str(entry.id))
        assert sorted(re.findall(r"``.+?``|`.+?`", str(entry.string))) == sorted(code), entry.id


def test_the_same_sentence_is_translated_once_and_the_same() -> None:
    told: dict[tuple[str, ...], str] = {}
    for domain in language.DOMAINS:
        for entry in entries(domain):
            known = told.setdefault(forms(entry.id)[:1], forms(entry.string)[0])
            assert known == forms(entry.string)[0], entry.id


def test_nothing_that_the_script_says_escapes_the_catalogue() -> None:
    """Babel does not look into every corner of JavaScript."""
    said = {found for path in SOURCES for found in _SAID.findall(path.read_text("utf-8"))}
    assert said
    assert said == {forms(entry.id)[0] for entry in entries("page")}


def test_a_message_is_told_in_each_language() -> None:
    assert str(words.SUPPORT["out_of_support"]) == "Out of support"
    assert words.SUPPORT["out_of_support"].in_language(JAPANESE) == "サポート対象外"


def test_a_message_in_a_message_is_told_in_the_same_language() -> None:
    said = message("{name} ({kind})", name="{alice}", kind=words.ACTORS["user"])
    assert str(said) == "{alice} (user)"
    assert said.in_language(JAPANESE) == "{alice} (ユーザー)"


@pytest.mark.parametrize(
    ("n", "says"), [(0, "0 days old"), (1, "1 day old"), (1234, "1,234 days old")]
)
def test_a_message_that_counts_has_a_plural(n: int, says: str) -> None:
    assert str(counted("{n:,} day old", "{n:,} days old", n)) == says


def test_what_nobody_translated_is_told_in_english_to_the_letter() -> None:
    assert Message("{not a place}").in_language(JAPANESE) == "{not a place}"
