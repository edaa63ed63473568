"""What the documentation says can be followed: its links, its commands, its settings."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor import rules
from auditor.cli.app import app
from auditor.options import PARSERS
from auditor.settings import PREFIX

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / name
    for name in subprocess.check_output(
        ["git", "ls-files", "-z", "*.md"],  # noqa: S607 (git from the PATH)
        cwd=ROOT,
        text=True,
    ).split("\0")
    if name and (ROOT / name).is_file()
]
NAME = "aks-auditor"
COMMANDS = typer.main.get_group(app).commands


class Said(NamedTuple):
    """A piece of code in a page."""

    page: Path
    text: str


def tokens(page: Path) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def code() -> Iterator[Said]:
    for page in PAGES:
        for token in tokens(page):
            if token.type in {"fence", "code_block", "code_inline"}:
                yield Said(page, token.content)


def examples() -> Iterator[Said]:
    """Every command line that begins with the program's name, its shell's part cut off."""
    for page, text in code():
        for line in re.findall(rf"(?:^|bin/){NAME} +([a-z].*)", text, re.MULTILINE):
            if line.split()[0] in COMMANDS:
                yield Said(page, re.split(r"[>|&;…]", re.sub(r"\$\([^)]*\)", "X", line))[0])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    titles = [
        title.content for opening, title in pairwise(tokens(page)) if opening.type == "heading_open"
    ]
    plain = (re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)
    return set(plain)


def readable(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=readable)
def test_every_link_leads_somewhere(page: Path) -> None:
    hrefs = [str(token.attrs["href"]) for token in tokens(page) if token.type == "link_open"]
    for href in hrefs:
        if re.match(r"[a-z]+:", href):
            continue
        path, _, anchor = href.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), href
        assert not anchor or anchor in anchors(target), href


def test_every_command_in_the_documentation_is_one() -> None:
    found = list(examples())
    assert len(found) > len(COMMANDS)
    for page, line in found:
        name, *arguments = shlex.split(line, comments=True)
        try:
            COMMANDS[name].make_context(name, arguments)
        except typer.TyperException as error:
            pytest.fail(f"{readable(page)}: {line}: {error.format_message()}")


def test_every_command_is_shown_in_use() -> None:
    assert {line.split()[0] for _, line in examples()} == COMMANDS.keys()


def test_every_option_that_the_documentation_names_exists() -> None:
    """Pages of rules speak of the Azure CLI's, too."""
    known = {flag for command in COMMANDS.values() for one in command.params for flag in one.opts}
    named = {
        (readable(page), option[0])
        for page, text in code()
        if page.parent.name != "rules" and (option := re.match(r"--[a-z-]+", text))
    }
    assert named
    assert {(page, option) for page, option in named if option not in known} == set()


def test_every_variable_and_settings_key_in_the_documentation_is_one() -> None:
    variables = {name for _, text in code() for name in re.findall(rf"\b{PREFIX}([A-Z_]+)", text)}
    assert variables
    assert {name.lower() for name in variables} <= PARSERS.keys()
    toml = [
        token.content
        for page in PAGES
        for token in tokens(page)
        if token.type == "fence" and token.info == "toml"
    ]
    keys = {key for text in toml for key in re.findall(r"^([a-z-]+) = ", text, re.MULTILINE)}
    assert keys
    assert {key.replace("-", "_") for key in keys} <= PARSERS.keys()


def test_every_rule_that_the_documentation_names_exists() -> None:
    ids = {loaded.rule.id for loaded in rules.load()}
    families = "|".join(sorted({loaded.rule.family for loaded in rules.load()}))
    for page in PAGES:
        named = set(re.findall(rf"\b(?:{families})\d{{3}}\b", page.read_text("utf-8")))
        assert named <= ids, readable(page)
