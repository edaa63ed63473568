"""One rule, one file: see ``CONTRIBUTING.md`` for how to add one.

A rule module holds its documentation as docstring, a frozen ``RULE`` and a pure ``check``. This
folder is the registry: :func:`load` reads it and insists on the shape.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from functools import cache
from types import ModuleType

from auditor.model.rule import LoadedRule, Rule

HEADINGS = ("What it finds", "Why it matters", "What is not flagged", "How to fix it")

_FILE = re.compile(r"(?P<id>[a-z]+\d{3})_[a-z0-9_]+")
_HEADING = re.compile(r"^(?P<title>[^\n]+)\n-{3,}\n", re.MULTILINE)


class RuleShapeError(TypeError):
    """A module in this folder is not a rule; a defect of the project, found by its tests."""


@cache
def load() -> tuple[LoadedRule, ...]:
    """Every rule of this folder, by id."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    loaded = [_load(importlib.import_module(f"{__name__}.{name}")) for name in names]
    return tuple(sorted(loaded, key=lambda r: r.rule.id))


def _load(module: ModuleType) -> LoadedRule:
    name = module.__name__.rpartition(".")[2]
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    file = _FILE.fullmatch(name)
    if file is None or not isinstance(rule, Rule) or not callable(check):
        raise RuleShapeError(f"{name}: a rule is <id>_<words>.py with RULE and check")
    if rule.id != file["id"].upper():
        raise RuleShapeError(f"{name}: RULE.id is {rule.id}")
    summary, sections = documentation(inspect.getdoc(module) or "")
    if tuple(title for title, _ in sections) != HEADINGS:
        raise RuleShapeError(f"{name}: the docstring's headings are {', '.join(HEADINGS)}")
    return LoadedRule(rule=rule, check=check, summary=summary, sections=sections)


def documentation(docstring: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A rule's docstring as its summary and its sections, in order."""
    summary, *parts = _HEADING.split(docstring)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return summary.strip(), tuple((title.strip(), text.strip()) for title, text in pairs)
