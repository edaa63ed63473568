"""The commands that need no Azure, and what is said to whoever mistypes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import auditor
from auditor import policy, rules
from auditor.cli import app, audits
from auditor.model.rule import Tunables
from auditor.rules import HEADINGS
from auditor.settings import Settings

RULE = rules.load()[0].rule


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["version"]) == 0
    assert capsys.readouterr().out == f"aks-auditor {auditor.__version__}\n"


def test_rules_are_listed_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = [line for line in lines for loaded in rules.load() if loaded.rule.id in line]
    assert len(shown) == len(rules.load())


def test_rules_as_json_carry_their_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["rules", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in listed] == [loaded.rule.id for loaded in rules.load()]
    assert [title for title, _ in listed[0]["sections"]] == list(HEADINGS)


def test_the_policy_is_listed_with_its_edition_and_the_rules_behind_each_clause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert app.run(["policy"]) == 0
    shown = capsys.readouterr().out
    assert policy.EDITION.isoformat() in shown
    assert policy.URL in shown
    firsts = {line.split()[0] for line in shown.splitlines() if line.strip()}
    assert {clause.id for clause in policy.CLAUSES} <= firsts
    assert all(loaded.rule.id in shown for loaded in rules.load())


def test_the_policy_as_json_leaves_no_clause_without_rules_or_a_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert app.run(["policy", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["edition"], listed["url"]) == (policy.EDITION.isoformat(), policy.URL)
    assert [row["id"] for row in listed["clauses"]] == [one.id for one in policy.CLAUSES]
    assert all(row["rules"] or row["not_visible_reason"] for row in listed["clauses"])


def test_every_clause_that_a_rule_names_is_one_of_the_policy() -> None:
    known = {clause.id for clause in policy.CLAUSES}
    assert {clause for loaded in rules.load() for clause in loaded.rule.clauses} <= known


def test_a_rule_is_explained_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["explain", RULE.id.lower()]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{RULE.id}  {RULE.title}\n")
    assert all(f"\n{heading}:\n" in text for heading in HEADINGS)


def test_what_is_looked_up_is_told_in_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["explain", RULE.id, "--lang", "ja"]) == 0
    facts = capsys.readouterr().out.splitlines()[1]
    assert facts == f"重大度は最大で「高」、条項 {' '.join(RULE.clauses)}、バージョン 0.1.0 以降"
    for command, heads in (
        ("rules", ["ルール", "タイトル", "重大度", "条項"]),
        ("policy", ["条項", "条項の内容", "ルール"]),
    ):
        assert app.run([command, "--lang", "ja"]) == 0
        assert any(line.split() == heads for line in capsys.readouterr().out.splitlines())


def test_an_explanation_fits_the_terminal_and_loses_no_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for loaded in rules.load():
        for columns, widest in (("60", 60), ("200", 80)):
            monkeypatch.setenv("COLUMNS", columns)
            assert app.run(["explain", loaded.rule.id]) == 0
            text = capsys.readouterr().out
            prose = [line for line in text.splitlines()[2:-1] if " " in line.strip()]
            assert max(map(len, prose)) <= widest
            for _, section in loaded.sections:
                assert " ".join(section.replace("``", "`").split()) in " ".join(text.split())


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["schema"]) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "VMSS999"], "there is no rule VMSS999 (hint: did you mean VMSS"),
        (["explain", "foo"], "there is no rule foo (hint: `aks-auditor rules` lists them)"),
        (["explain"], "Missing argument 'RULE'"),
        (["audti"], "No such command 'audti'"),
        (["audit", "--bogus"], "No such option: --bogus"),
        (["audit", "--since", "tomorrow"], "--since: 'tomorrow' is neither days"),
        (["audit", "--config", "none.toml"], "none.toml cannot be read"),
        (["audit", "-s"], "Option '-s' requires an argument"),
        (["demo", "--subscription", "x"], "No such option: --subscription"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([]) == 2
    out, err = capsys.readouterr()
    assert "Usage" in out + err
    assert "error" not in err


def test_the_file_in_the_working_directory_counts(capsys: pytest.CaptureFixture[str]) -> None:
    Path("aks-auditor.toml").write_text("fail-on = 'severe'", "utf-8")
    assert app.run(["audit"]) == 2
    assert "aks-auditor.toml: fail-on: 'severe' is none of" in capsys.readouterr().err


def test_an_interrupt_from_the_keyboard_is_one_line_and_exit_code_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: Settings) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(audits, "audit", interrupted)
    assert app.run(["audit"]) == 130
    assert capsys.readouterr() == ("", "error: interrupted before it was done\n")


def test_the_demo_ignores_settings_that_are_meant_for_azure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Settings] = []

    def demo(settings: Settings) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr(audits, "demo", demo)
    monkeypatch.setenv("AKS_AUDITOR_SUBSCRIPTION", "mine")
    Path("aks-auditor.toml").write_text("cluster = 'mine'", "utf-8")
    assert app.run(["demo"]) == 0
    assert seen == [Settings(output_dir=Path("aks-auditor-demo"))]


def test_the_demo_judges_by_the_thresholds_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Tunables] = []

    def demo(settings: Settings) -> int:
        seen.append(settings.tunables)
        return 0

    monkeypatch.setattr(audits, "demo", demo)
    assert app.run(["demo", "--image-warning-days", "45"]) == 0
    assert seen == [Tunables(image_warning_days=45)]


def test_the_settings_file_that_counts_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audits, "audit", lambda _: 0)
    Path("aks-auditor.toml").write_text("cluster = 'mine'", "utf-8")
    assert app.run(["audit"]) == 0
    assert capsys.readouterr().err == "settings from aks-auditor.toml\n"
