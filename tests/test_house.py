"""The house rules that no linter knows: sizes, words, locks, versions and the role."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import auditor
from auditor.collect import surfaces

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "auditor").rglob("*.py"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

MOST_MODULE_LINES = 300
MOST_FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10

EXPANDED = {  # lists that are asked for with $expand=instanceView
    "microsoft.compute/virtualmachines/instanceview/read",
    "microsoft.compute/virtualmachinescalesets/virtualmachines/instanceview/read",
}
ROWS = {"microsoft.resources/changes/read"}  # without it, Resource Graph leaves rows out


@cache
def tracked() -> tuple[Path, ...]:
    """Every text file of the project, as git knows them."""
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)  # noqa: S607 (git from the PATH)
    files = (ROOT / name for name in names.split("\0") if name)
    return tuple(file for file in files if file.is_file() and not file.is_symlink())


def texts() -> Iterator[tuple[Path, str]]:
    for file in tracked():
        try:
            yield file.relative_to(ROOT), file.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture has no words


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its length: its body, without decorators, signature and docstring."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                yield f"{module.relative_to(ROOT)}:{node.name}", lines


def matches(pattern: str, *, leaving_out: str = r"(?!)") -> list[str]:
    wanted, skipped = re.compile(pattern), re.compile(leaving_out)
    return [
        f"{file}:{number}: {line.strip()}"
        for file, text in texts()
        if not skipped.search(file.as_posix())
        for number, line in enumerate(text.splitlines(), 1)
        if wanted.search(line)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_a_module_is_one_thing(module: Path) -> None:
    lines = module.read_text("utf-8").count("\n")
    assert lines <= MOST_MODULE_LINES


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert {name for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == set()
    assert statistics.median(lengths.values()) < MEDIAN_FUNCTION_LINES
    assert statistics.quantiles(lengths.values(), n=20)[-1] < USUAL_FUNCTION_LINES


def test_nothing_is_left_for_later() -> None:
    assert matches(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b", leaving_out=r"^requirements/") == []


def test_every_suppression_says_why() -> None:
    python = r"(?<!\.py)$"
    assert matches(r"# type: " r"ignore(?!\[[\w-]+\] +[#(])", leaving_out=python) == []
    assert matches(r"# no" r"qa(?!: [A-Z0-9, ]+ [#(])", leaving_out=python) == []


def test_no_path_of_anybodys_machine_is_written_down() -> None:
    places = r"(?<![\w.])/(?:wor" r"k|fa" r"rm|ho" r"me(?!/azureuser)|Us" r"ers|ro" r"ot)/\w"
    assert matches(places, leaving_out=r"^requirements/") == []


def test_locks_hold_names_versions_and_hashes_only() -> None:
    assert LOCKS
    pinned = re.compile(
        r"[a-z0-9][a-z0-9.-]*(\[[a-z0-9-]+\])?==[\w.]+( ; [^;]+)? \\"
        r"|    --hash=sha256:\w{64}( \\)?|#.*"
    )
    for lock in LOCKS:
        odd = [line for line in lock.read_text("utf-8").splitlines() if not pinned.fullmatch(line)]
        assert odd == [], lock.name
        assert "://" not in lock.read_text("utf-8")


def test_npm_packages_are_exact_and_locked_without_download_addresses() -> None:
    """A lock with addresses binds everybody to the registry that somebody used."""
    package = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    kinds = ("dependencies", "devDependencies")
    wanted = {name: version for kind in kinds for name, version in package.get(kind, {}).items()}
    assert [one for one in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", one)] == []
    locked = {place: entry for place, entry in lock["packages"].items() if place}
    assert {name for name in wanted if f"node_modules/{name}" not in locked} == set()
    assert [place for place, entry in locked.items() if "resolved" in entry] == []
    assert [place for place, entry in locked.items() if "integrity" not in entry] == []
    assert [lock["packages"][""].get(kind) for kind in kinds] == [
        package.get(kind) for kind in kinds
    ]


def test_only_evaluation_catches_everything() -> None:
    broad = matches(
        r"except(?: Exception| BaseException)?(?: as \w+)?:", leaving_out=r"^(?!auditor/)"
    )
    assert [line.partition(":")[0] for line in broad] in ([], ["auditor/evaluate.py"])


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert first is not None
    assert first[1] == auditor.__version__


def role_actions() -> list[str]:
    role = json.loads((ROOT / "deploy" / "role.json").read_text("utf-8"))
    assert role["DataActions"] == []
    return list(role["Actions"])


def test_the_role_only_reads() -> None:
    actions = role_actions()
    assert actions == sorted(set(actions), key=str.casefold)
    assert [action for action in actions if not re.fullmatch(r"[\w./]+/read", action)] == []


def test_the_role_allows_what_the_collectors_read_and_no_more() -> None:
    lists = [value for value in vars(surfaces).values() if isinstance(value, surfaces.Surface)]
    proofs = filter(None, map(surfaces.presence, surfaces._PRESENCE_VERSIONS))
    needed = {surface.permission.casefold() for surface in (*lists, *proofs)} | EXPANDED | ROWS
    assert {action.casefold() for action in role_actions()} == needed
