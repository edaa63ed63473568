"""What mkdocs does not do by itself for the handbook: see ``mkdocs.yml``."""

from __future__ import annotations

import logging
import posixpath
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
ELSEWHERE = {  # what the handbook shows of the repository, beside docs/
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "deploy/role.json": "role.json",
    "fixtures/README.md": "fixtures.md",
}

_log = logging.getLogger("mkdocs.hooks.site")
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<path>[^)#]+)")
_ASSET = re.compile(
    r"""<(?:script|img|link rel="stylesheet")[^>]+(?:src|href)="(?:https?:)?//[^"]+"""
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A folder in the navigation is its index and its pages, families of rules together."""
    config.nav = [_entry(entry, Path(config.docs_dir)) for entry in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for source, name in ELSEWHERE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Links are written for the repository; here they lead to where the site shows it."""
    names = {name: source for source, name in ELSEWHERE.items()}
    here = names.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def shown(link: re.Match[str]) -> str:
        there = posixpath.normpath(posixpath.join(posixpath.dirname(here), link["path"]))
        target = ELSEWHERE.get(there, there.removeprefix("docs/"))
        return posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or ".")

    return _LINK.sub(shown, markdown)


def on_post_page(output: str, page: Page, **_: object) -> str:
    for asset in _ASSET.findall(output):
        _log.warning("%s loads something from elsewhere: %s", page.file.src_uri, asset)
    return output


def _entry(entry: Any, docs: Path) -> Any:  # noqa: ANN401 (a piece of YAML)
    if isinstance(entry, list):
        return [_entry(one, docs) for one in entry]
    if isinstance(entry, dict):
        return {title: _entry(one, docs) for title, one in entry.items()}
    return _folder(docs, entry) if entry.endswith("/") else entry


def _folder(docs: Path, name: str) -> list[Any]:
    pages = sorted(path.stem for path in (docs / name).glob("*.md") if path.stem != "index")
    grouped: list[Any] = [f"{name}index.md"]
    for family, members in groupby(pages, key=_family):
        paths = [f"{name}{stem}.md" for stem in members]
        grouped += [{family: paths}] if family else paths
    return grouped


def _family(stem: str) -> str:
    """The letters of a rule's id; nothing of any other page."""
    return stem.rstrip("0123456789") if stem.isupper() else ""
