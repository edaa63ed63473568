from __future__ import annotations

from pathlib import Path

import pytest

from tests.report import published

CURRENT = published.current()


@pytest.mark.parametrize("path", sorted(CURRENT), ids=lambda path: str(path.name))
def test_a_published_file_is_what_the_code_makes(path: Path) -> None:
    """After a wanted change: ``scripts/update-golden``, and read the difference."""
    assert path.read_bytes() == CURRENT[path]


def test_no_golden_file_is_left_over() -> None:
    assert sorted(published.GOLDEN.iterdir()) == sorted(
        path for path in CURRENT if path.parent == published.GOLDEN
    )
