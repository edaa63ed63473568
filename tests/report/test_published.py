from __future__ import annotations

from pathlib import Path

import pytest

from tests.report import published

CURRENT = published.current()


@pytest.mark.parametrize("path", sorted(CURRENT), ids=lambda path: str(path.name))
def test_a_published_file_is_what_the_code_makes(path: Path) -> None:
    """After a wanted change: ``scripts/update-golden``, and read the difference."""
    assert path.read_bytes() == CURRENT[path]


@pytest.mark.parametrize("folder", [published.GOLDEN, published.RULES], ids=lambda path: path.name)
def test_no_published_file_is_left_over(folder: Path) -> None:
    assert sorted(folder.iterdir()) == sorted(path for path in CURRENT if path.parent == folder)
