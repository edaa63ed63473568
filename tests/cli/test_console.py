"""Nothing that an Azure resource is called may steer a terminal or a build."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import unicodedata

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from auditor import console
from auditor.cli import headline
from tests.cli.rows import summary
from tests.report import sample
from tests.report.hostile import TEXT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain 名前-1", "plain 名前-1"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("two\nlines\r", "two\\u000alines\\u000d"),
        ("\x9b2J", "\\u009b2J"),
        ("gnp.\u202eexe", "gnp.\\u202eexe"),
        ("::error file=x::boo", ": :error file=x: :boo"),
        ("a ##vso[task.setvariable]x", "a # #vso[task.setvariable]x"),
        ("##[error]x", "# #[error]x"),
        ("##VSO[x]", "# #VSO[x]"),
        (":::warning", ": : :warning"),
        ("\u061cx\u00ad\U000e0041", "\\u061cx\\u00ad\\U000e0041"),
        ("half \ud800", "half \\ud800"),
        ("tab\there", "tab\\u0009here"),
        ("\u3000全角 é 🙂", "\u3000全角 é 🙂"),
    ],
)
def test_a_hostile_name_is_shown_and_steers_nothing(name: str, shown: str) -> None:
    assert console.clean(name) == shown


def is_harmless(line: str) -> bool:
    """Whether a terminal shows the line where it stands, and a build agent passes it on."""
    shown = all(unicodedata.category(one)[0] != "C" for one in line) and len(line.splitlines()) <= 1
    return shown and not re.search(r"::|##(vso)?\[", line, re.IGNORECASE)


@given(TEXT | st.text())
def test_no_text_steers_a_terminal_or_a_build(text: str) -> None:
    assert is_harmless(console.clean(text))


@given(TEXT)
def test_no_headline_says_more_than_one_harmless_line_each(text: str) -> None:
    notes = [
        msgspec.structs.replace(note, rule_id=text, summary=text) for note in sample.header().notes
    ]
    said = [console.clean(line) for line in headline.lines(summary(), notes)]
    assert len(said) == len(list(headline.lines(summary(), sample.header().notes)))
    assert all(map(is_harmless, said))


@given(TEXT)
def test_no_log_line_says_more_than_itself(text: str) -> None:
    for log_format in ("console", "json"):
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            console.configure(log_format)
            structlog.get_logger().warning(text, scope=text)
            console.fail(text, text)
        *lines, end = err.getvalue().split("\n")
        assert (len(lines), end) == (2, "")
        assert all(map(is_harmless, lines))


def test_an_error_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.fail("cannot\nread", "try again")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: cannot\\u000aread (hint: try again)\n")


def test_a_crash_is_one_line_that_names_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    console.report_crash(KeyError, KeyError("x\ny"), None)
    assert capsys.readouterr().err == (
        "error: KeyError: 'x\\ny' (hint: this was not foreseen; -v shows where it happened)\n"
    )


def test_data_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("::report")
    assert capsys.readouterr() == (": :report\n", "")


def test_progress_is_a_line_a_step_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("console")
    with console.progress("console", quiet=False) as step:
        step("subscription ::one")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "subscription : :one\n"


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("console", quiet=True)
    with console.progress("console", quiet=True) as step:
        step("subscription one")
    structlog.get_logger().warning("throttled", status=429, scope="\x1b")
    assert capsys.readouterr().err == "warning: throttled status=429 scope=\\u001b\n"


def test_logs_can_be_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("json", verbose=True)
    structlog.get_logger().debug("read", path="::x", count=3)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "read", "level": "debug", "path": ": :x", "count": 3}


def test_azures_own_loggers_never_speak() -> None:
    console.configure("console", verbose=True)
    assert not logging.getLogger("azure.core.pipeline").isEnabledFor(logging.ERROR)
    assert not logging.getLogger("msal").isEnabledFor(logging.ERROR)
