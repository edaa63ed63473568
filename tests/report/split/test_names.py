from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.split.names import folders, slug

UNSAFE = re.compile(r"[\x00-\x1f<>:\"/\\|?*. %#&'`$;!~\u200b-\u202e]")
DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("team-shop", "team-shop"),
        ("Shop Production", "shop-production"),
        ("team-shop@contoso.example", "team-shop-contoso-example"),
        ("決済チーム", "決済チーム"),
        ("ﾁｰﾑ \uff21KS", "チーム-aks"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "part"),
        ("", "part"),
        ("💥", "part"),
        ("a\u202egpj.exe", "a-gpj-exe"),
        ("CON", "part-con"),
        ("com¹", "part-com1"),
        ("nul.html", "nul-html"),
        (".hidden", "hidden"),
        ("--force", "force"),
        ("C:\\Windows\\", "c-windows"),
        ("\ud800", "part"),
    ],
)
def test_a_folder_is_named_after_its_part_by_what_is_safe(text: str, name: str) -> None:
    assert slug(text) == name


@given(st.text(max_size=2_000))
def test_whatever_a_part_is_called_its_folder_is_safe_on_every_system(text: str) -> None:
    name = slug(text)
    assert name
    assert not UNSAFE.search(name)
    assert name not in DEVICES
    assert len(name) <= 53
    assert len(name.encode()) <= 160


NAMES = st.sampled_from(
    ["team a", "team-a", "team.a", "", "..", "untagged", "決済", "Team A!", "x" * 99]
)


@given(st.dictionaries(st.text(max_size=5), NAMES, max_size=12))
def test_no_two_parts_share_a_folder(wanted: dict[str, str]) -> None:
    given_ = folders(wanted, reserved=frozenset({"untagged"}))
    assert given_.keys() == wanted.keys()
    assert len({name.casefold() for name in given_.values()}) == len(wanted)
    assert "untagged" not in given_.values()


def test_a_folder_does_not_depend_on_who_else_collides() -> None:
    two = folders({"team a": "team a", "team.a": "team.a"})
    three = folders({"team a": "team a", "team.a": "team.a", "team/a": "team/a"})
    assert two["team a"] == three["team a"]
    assert two["team a"].startswith("team-a-")


def test_nobody_gets_the_folder_of_another_by_guessing_its_digest() -> None:
    digest = hashlib.sha256(b"team a").hexdigest()[:8]
    forged = f"team-a-{digest}"
    found = folders({"team a": "team a", "team.a": "team.a", forged: forged})
    assert len(set(found.values())) == 3
