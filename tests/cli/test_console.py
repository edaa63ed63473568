"""Nothing that an Azure resource is called may steer a terminal or a build."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from auditor import console


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
    ],
)
def test_a_hostile_name_is_shown_and_steers_nothing(name: str, shown: str) -> None:
    assert console.clean(name) == shown


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
