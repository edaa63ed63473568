"""Brings the catalogues of messages up to the code: ``python -m scripts.messages``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from auditor import language, policy, rules
from auditor.report import words
from auditor.report.prose import sentences

ROOT = Path(__file__).parents[1]
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    "_": None,
    "message": None,
    "counted": (1, 2),
}
WRITTEN_IN: Mapping[str, Mapping[str, str]] = {
    "report": {"auditor/**.py": "python", "templates/**.j2": "jinja2"},
    "page": {"web/src/**.js": "javascript", "web/src/**.jsx": "javascript"},
}
"""The files of each catalogue, and how they are read."""

HEADER = rb"""msgid ""
msgstr ""
"Project-Id-Version: aks-auditor\n"
"Language: ja\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""
"""What gettext's own tools ask for, and nothing that changes from day to day."""


def wanted(domain: str) -> Catalog:
    """Every message of a catalogue, untranslated, in a fixed order."""
    catalogue = Catalog(locale=language.JAPANESE, domain=domain, fuzzy=False)
    found = _of_rules() if domain == "rules" else _of_code(domain)
    for text, where in found:
        catalogue.add(text, auto_comments=[where])
    return catalogue


def _of_code(domain: str) -> Iterator[tuple[str | tuple[str, ...], str]]:
    for pattern, method in WRITTEN_IN[domain].items():
        top, _, below = pattern.partition("/")
        messages = extract_from_dir(
            ROOT / top, method_map=[(below, method)], keywords=dict(KEYWORDS)
        )
        for name, _line, text, _comments, _context in messages:
            yield text, f"{top}/{name}"


def _of_rules() -> Iterator[tuple[str, str]]:
    """Titles and sentences of the rules, and the clauses of the policy."""
    for loaded in rules.load():
        rule = loaded.rule
        yield rule.title, f"{rule.id}, title"
        yield from _sentences(loaded.summary, f"{rule.id}, summary")
        for title, text in loaded.sections:
            yield from _sentences(text, f"{rule.id}, {title}")
    for clause in policy.CLAUSES:
        yield clause.text, clause.id
        if clause.not_visible_reason:
            yield clause.not_visible_reason, f"{clause.id}, why nothing shows it"
    for heading in rules.HEADINGS:
        yield heading, "heading of every rule"
    of_every_rule = ROOT / "auditor" / "evidence" / "remedies.py"
    for path in (*sorted((ROOT / "auditor" / "rules").glob("*.py")), of_every_rule):
        for text in _remedies(ast.parse(path.read_text("utf-8"))):
            yield from ((one, f"{path.stem}, remedy") for one in words.remedies(text))


def _remedies(node: ast.AST) -> Iterator[str]:
    """What a rule advises in words that are always the same."""
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg == "remediation":
            yield from _literals(one.value)
        elif isinstance(one, ast.FunctionDef) and one.name == "_remediation":
            yield from _literals(one)
        elif isinstance(one, ast.Assign) and _REMEDIES.intersection(map(ast.unparse, one.targets)):
            yield from _literals(one.value)


_REMEDIES = {"_ANOTHER_WAY", "_REMEDIATION", "_REMOVE", "_CLAIMS"}


def _literals(node: ast.AST) -> Iterator[str]:
    """The sentences of an expression; what is put together with names is no sentence yet."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value.endswith(".") and node.value != ".":
            yield node.value
        return
    for child in ast.iter_child_nodes(node):
        yield from _literals(child)


def _sentences(text: str, where: str) -> Iterable[tuple[str, str]]:
    return ((sentence, where) for sentence in sentences(text))


def updated(domain: str) -> Catalog:
    """The catalogue as the code wants it, with every translation that there is."""
    catalogue = wanted(domain)
    for entry in language.catalogue(language.JAPANESE, domain):
        if entry.id and is_translated(entry) and (there := catalogue.get(entry.id)):
            there.string = entry.string
    return catalogue


def is_translated(entry: Message) -> bool:
    """Whether every form of a message has a translation."""
    strings = (entry.string,) if isinstance(entry.string, str) else entry.string or ("",)
    return all(strings)


def update() -> None:
    """Write every catalogue, and tell what is left to translate."""
    for domain in language.DOMAINS:
        catalogue = updated(domain)
        path = language.LOCALE / language.JAPANESE / "LC_MESSAGES" / f"{domain}.po"
        with path.open("wb") as file:
            file.write(HEADER)
            write_po(file, catalogue, width=0, omit_header=True, no_location=True)
        missing = sum(not is_translated(entry) for entry in catalogue if entry.id)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {missing} to translate")


if __name__ == "__main__":
    update()
