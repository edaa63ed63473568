from __future__ import annotations

import re

from auditor.cli.reference import options_page
from auditor.options import PARSERS

PAGE = options_page()


def section(command: str) -> str:
    _, _, after = PAGE.partition(f"\n## aks-auditor {command}")
    return after.partition("\n## ")[0]


def test_every_setting_is_an_option_and_a_variable() -> None:
    rows = re.findall(
        r"^\| `--([a-z-]+)`.* \| (?:`AKS_AUDITOR_(\w+)`)? \|$", section("audit"), re.MULTILINE
    )
    variables = {flag: variable for flag, variable in rows if variable}
    assert {name.replace("_", "-") for name in PARSERS} == variables.keys()
    assert all(v == flag.replace("-", "_").upper() for flag, v in variables.items())


def test_every_option_says_what_it_does() -> None:
    rows = re.findall(r"^\| `-.*", PAGE, re.MULTILINE)
    assert rows
    assert [row for row in rows if not row.split(" | ")[1].strip()] == []


def test_the_demo_listens_to_flags_alone() -> None:
    assert "`--output-dir`" in section("demo")
    assert "AKS_AUDITOR_" not in section("demo")
