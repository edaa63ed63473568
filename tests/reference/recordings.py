"""Where the recordings lie, and what is in a file of them."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Document: TypeAlias = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2].parent / "shared" / "arm-reference"

needed = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no recordings of Azure at {ROOT}")


def names(folder: str, pattern: str = "*.json") -> tuple[str, ...]:
    """Every body of a folder: ``folder/file``, or ``folder/file#2`` for the third of a list."""
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern))
    return tuple(name for file in files for name in _in_file(file))


def body(name: str) -> Document:
    """The body of that name, to be changed at will."""
    file, _, index = name.partition("#")
    raw = _content(file)
    found: Document = _listed(raw)[int(index)] if index else raw
    return copy.deepcopy(found)


def label(name: str) -> str:
    """The name without folder and ending, short enough to tell tests apart."""
    return name.rpartition("/")[2].replace(".json", "")


def _in_file(file: str) -> tuple[str, ...]:
    raw = _content(file)
    if isinstance(raw, list) or isinstance(raw.get("value"), list):
        return tuple(f"{file}#{index}" for index in range(len(_listed(raw))))
    return (file,)


def _listed(raw: Any) -> list[Document]:  # noqa: ANN401 (JSON as it comes)
    return raw if isinstance(raw, list) else raw["value"]


@cache
def _content(file: str) -> Any:  # noqa: ANN401 (JSON as it comes)
    return json.loads((ROOT / file).read_bytes())
