"""What people read, in their language. A message is data until somebody shows it.

Code and templates write English; translations are gettext catalogues in ``auditor/locale``, read
as they are edited: there is no compiled copy that could be older. ``scripts/update-messages``
brings the catalogues up to the code.

Data is not translated: ids, names, values, and the sentences of a finding, which ``report.json``
holds in English.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec
from babel.messages import catalog as babel
from babel.messages.pofile import read_po

ENGLISH, JAPANESE = "en", "ja"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", JAPANESE: "日本語"}
"""Every language that there is, in its own words."""

LOCALE = Path(__file__).parent / "locale"
DOMAINS = ("report", "page", "rules")
"""The catalogues: what Python and its templates say, what the page's script says, the rules."""

Value = object
"""What a place of a message is filled with: a :class:`Message` is shown in the same language."""

Show = Callable[[Value], object]


class Message(msgspec.Struct, frozen=True):
    """A sentence with named places (``{name}``), in English, and its plural if it counts ``n``."""

    text: str
    many: str = ""
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.in_language(ENGLISH)

    def in_language(self, language: str) -> str:
        """The message as a reader of that language is told it; in English where none told how."""
        return self.filled(language, self.sentence(language))

    def sentence(self, language: str) -> str:
        """The sentence in a language, its places still open."""
        known = _sentences(language).get((self.text, self.many))
        if known:
            return known
        return self.text if not self.many or self._number == 1 else self.many

    def filled(self, language: str, sentence: str, show: Show = lambda value: value) -> str:
        """The sentence with its places filled; ``show`` prepares each value that is no message.

        A sentence without places is taken to the letter, so that braces in it mean nothing.
        """
        if not self.values:
            return sentence
        return sentence.format(
            **{
                name: value.filled(language, value.sentence(language), show)
                if isinstance(value, Message)
                else show(value)
                for name, value in self.values
            }
        )

    @property
    def _number(self) -> object:
        return dict(self.values).get("n")


def message(text: str, /, **values: Value) -> Message:
    """A sentence for people; usually imported as ``_``, which is what collects it."""
    return Message(text, values=tuple(values.items()))


def counted(one: str, many: str, n: int, /, **values: Value) -> Message:
    """A sentence that counts: ``counted("{n} cluster", "{n} clusters", 2)``."""
    return Message(one, many, (("n", n), *values.items()))


def catalogue(language: str, domain: str) -> babel.Catalog:
    """A catalogue as it is edited; :class:`OSError` where there is none."""
    path = LOCALE / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@cache
def translations(language: str, domain: str) -> Mapping[tuple[str, str], str]:
    """The translated sentences of a catalogue by their English ones and their plurals."""
    return dict(map(_translation, (entry for entry in catalogue(language, domain) if entry.id)))


def _translation(entry: babel.Message) -> tuple[tuple[str, str], str]:
    one, many = (entry.id, "") if isinstance(entry.id, str) else entry.id[:2]
    string = entry.string if isinstance(entry.string, str) else (entry.string or ("",))[0]
    return (one, many), string


@cache
def _sentences(language: str) -> Mapping[tuple[str, str], str]:
    """Every translated sentence; English is what they are translated from."""
    domains = () if language == ENGLISH else DOMAINS
    return ChainMap(*(dict(translations(language, domain)) for domain in domains))
