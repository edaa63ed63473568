"""Where settings come from, which of two wins, and what is said of one that is wrong."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.model.errors import UsageError
from auditor.model.rule import Tunables
from auditor.model.verdict import Severity
from auditor.options import EXTRAS, FORMATS
from auditor.settings import FILE, Settings, config_file, load

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def settings(
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    toml: str | None = None,
    config: Path | None = None,
) -> Settings:
    if toml is not None:
        Path(FILE).write_text(toml, "utf-8")
    return load(flags or {}, environ or {}, NOW, config_file(config))


def refusal(
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    toml: str | None = None,
    config: Path | None = None,
) -> str:
    with pytest.raises(UsageError) as caught:
        settings(flags, environ, toml, config)
    return f"{caught.value.message} | {caught.value.hint}"


def test_defaults_need_nothing() -> None:
    assert settings() == Settings()
    assert settings().since_at(NOW) == NOW - timedelta(days=30)


def test_flags_win_over_environment_over_file() -> None:
    toml = 'cloud = "china"\ntenant = "from-file"\nactors = "none"'
    environ = {"AKS_AUDITOR_CLOUD": "usgov", "AKS_AUDITOR_TENANT": "from-environment"}
    found = settings({"cloud": "public"}, environ, toml)
    assert (found.cloud, found.tenant, found.actors) == ("public", "from-environment", "none")


def test_a_flag_not_given_leaves_the_environment_alone() -> None:
    flags: dict[str, object] = {"cloud": None, "subscription": [], "quiet": False}
    environ = {"AKS_AUDITOR_SUBSCRIPTION": "one, two", "AKS_AUDITOR_QUIET": "true"}
    found = settings(flags, environ)
    assert found.subscription == ("one", "two")
    assert found.quiet


def test_a_file_speaks_toml_with_either_spelling() -> None:
    found = settings(
        toml="subscription = ['a, b', 'c']\nfail-on = 'high'\nmin_coverage = 97.5\n"
        "concurrency = 4\nas-of = 2026-12-01\nsince = 2026-11-01T00:00:00Z\nquiet = true"
    )
    assert found.subscription == ("a, b", "c")  # a subscription's name may hold a comma
    assert found.fail_on is Severity.HIGH
    assert found.min_coverage == 97.5
    assert found.concurrency == 4
    assert found.as_of == datetime(2026, 12, 1, tzinfo=UTC)
    assert found.since == datetime(2026, 11, 1, tzinfo=UTC)
    assert found.quiet


def test_thresholds_come_from_all_three_places() -> None:
    found = settings(
        {"version_warning_days": "0"},
        {"AKS_AUDITOR_IMAGE_WARNING_DAYS": "30"},
        "endless-transition-hours = 48",
    )
    assert found.tunables == Tunables(
        version_warning_days=0, image_warning_days=30, endless_transition_hours=48
    )
    assert settings(toml="").tunables == Tunables()


def test_a_file_may_be_named() -> None:
    other = Path("other.toml")
    other.write_text("concurrency = 2", "utf-8")
    assert settings(toml="concurrency = 3", config=other).concurrency == 2


def test_a_naive_time_is_utc_and_an_offset_is_kept() -> None:
    assert settings({"as_of": "2026-12-01T09:00:00+09:00"}).as_of == datetime(
        2026, 12, 1, tzinfo=UTC
    )


def test_formats_are_repeatable_comma_lists_in_a_fixed_order() -> None:
    assert settings({"format": ["json, CSV", "json"]}).format == ("csv", "json")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Subscription", "subscription"),
        ("management-group", "management-group"),
        ("TAG: Cost Center ", "tag:Cost Center"),
        ("tag:a:b", "tag:a:b"),
    ],
)
def test_a_run_is_split_by_one_thing_from_any_place(given: str, kept: str) -> None:
    assert settings({"split_by": given}).split_by == kept
    assert settings(environ={"AKS_AUDITOR_SPLIT_BY": given}).split_by == kept
    assert settings(toml=f"split-by = '{given}'").split_by == kept


def test_an_empty_environment_variable_is_unset() -> None:
    assert settings(environ={"AKS_AUDITOR_TENANT": " "}) == Settings()


def test_a_gate_asks_for_full_coverage_unless_told_otherwise() -> None:
    assert settings().required_coverage == 0
    assert settings({"fail_on": "low"}).required_coverage == 100
    assert settings({"fail_on": "none"}).required_coverage == 0
    assert settings({"fail_on": "low", "min_coverage": "80%"}).required_coverage == 80


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"subscription": [""]}, "--subscription: is empty"),
        ({"tenant": ""}, "--tenant: is empty"),
        ({"cluster": ["\udcff"]}, "--cluster: '\\udcff' holds what cannot be printed"),
        ({"resource_group": ["a\nb"]}, "--resource-group: 'a\\nb' holds what cannot be printed"),
        ({"format": ["html,pdf"]}, "--format: 'pdf' is none of html, csv, xlsx, json"),
        ({"since": "91d"}, "--since reaches back 91 days"),
        ({"since": "2026-08-01"}, "--since reaches back 113 days"),
        ({"since": "0d"}, "--since is not in the past"),
        ({"since": "2027-01-01"}, "--since is not in the past"),
        ({"since": "last week"}, "--since: 'last week' is neither days"),
        ({"since": "9999999999d"}, "--since: '9999999999d' is neither days"),
        ({"since": "0001-01-01T00:00:00+01:00"}, "--since: '0001-01-01T00:00:00+01:00' is neither"),
        ({"as_of": "2026-02-30"}, "--as-of: '2026-02-30' is not a date"),
        ({"as_of": "0001-06-30"}, "--as-of: '0001-06-30' is not a date"),
        ({"as_of": "9998-12-31T23:00:00-02:00"}, "--as-of: '9998-12-31T23:00:00-02:00' is not a"),
        ({"as_of": "9999-12-31T23:00:00-02:00"}, "--as-of: '9999-12-31T23:00:00-02:00' is not a"),
        ({"concurrency": "0"}, "--concurrency: '0' is not a whole number from 1 to 64"),
        ({"concurrency": "many"}, "--concurrency: 'many' is not a whole number"),
        ({"concurrency": "9" * 5000}, "99' is not a whole number from 1 to 64"),
        ({"concurrency": "²"}, "--concurrency: '²' is not a whole number"),
        ({"version_warning_days": "366"}, "--version-warning-days: '366' is not a whole number"),
        ({"image_warning_days": "91"}, "'91' is not a whole number from 1 to 90"),
        ({"image_warning_days": "0"}, "--image-warning-days: '0' is not a whole number"),
        ({"endless_transition_hours": "0"}, "--endless-transition-hours: '0' is not a whole"),
        ({"endless_transition_hours": "1d"}, "'1d' is not a whole number from 1 to 2160"),
        ({"cloud": "mars"}, "--cloud: 'mars' is none of public, usgov, china"),
        ({"auth": "password"}, "--auth: 'password' is none of default, cli,"),
        ({"actors": "some"}, "--actors: 'some' is none of full, hash, none"),
        ({"fail_on": "info"}, "--fail-on: 'info' is none of critical, high, medium, low, none"),
        ({"min_coverage": "101"}, "--min-coverage: '101' is not a percentage"),
        ({"min_coverage": "-1"}, "--min-coverage: '-1' is not a percentage"),
        ({"arm_endpoint": "http://arm"}, "--arm-endpoint: 'http://arm' is not an https://"),
        ({"arm_endpoint": "arm.local"}, "--arm-endpoint: 'arm.local' is not an https://"),
        ({"arm_endpoint": "https://u:p@arm"}, "--arm-endpoint: the address holds credentials"),
        ({"arm_endpoint": "https://arm/path"}, "--arm-endpoint: 'https://arm/path' is not just"),
        ({"arm_endpoint": "https://arm:port"}, "--arm-endpoint: Port could not be cast"),
        ({"arm_endpoint": "https://[arm"}, "--arm-endpoint: Invalid IPv6 URL"),
        ({"arm_endpoint": "https://a arm"}, "--arm-endpoint: 'https://a arm' names no host"),
        ({"arm_endpoint": "https://a..b"}, "--arm-endpoint: 'https://a..b' names no host"),
        ({"arm_endpoint": f"https://{'a' * 64}.b"}, ".b' names no host that there can be"),
        (
            {"split_by": "owner"},
            "--split-by: 'owner' is none of tag:NAME, subscription, management",
        ),
        ({"split_by": "tag: "}, "--split-by: 'tag:' is none of tag:NAME"),
        ({"split_by": ""}, "--split-by: '' is none of tag:NAME"),
        ({"split_by": "tag:a\nb"}, "--split-by: 'tag:a\\nb' is none of tag:NAME"),
        ({"split_by": ["subscription", "tag:a"]}, "--split-by: takes one value"),
        ({"log_format": "xml"}, "--log-format: 'xml' is none of console, json"),
        ({"verbose": True, "quiet": True}, "--verbose and --quiet exclude one another"),
        ({"from_snapshot": "nowhere"}, "--from-snapshot: nowhere cannot be read: No such file"),
        ({"from_snapshot": "n" * 300}, "n cannot be read: File name too long"),
        ({"from_snapshot": "a\0b"}, "--from-snapshot: 'a\\x00b' is no path"),
        ({"output_dir": ""}, "--output-dir: is empty"),
        ({"output_dir": "~nobody-here/x"}, "'~nobody-here/x': there is no such home directory"),
        ({"output_dir": "n" * 300}, "n cannot be written to: File name too long"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(flags: Mapping[str, object], said: str) -> None:
    assert said in refusal(flags)


def test_a_secret_in_an_endpoint_is_not_repeated() -> None:
    assert "hunter2" not in refusal({"arm_endpoint": "https://me:hunter2@arm.local"})


def test_a_folder_that_is_or_lies_in_a_file_is_refused() -> None:
    report = Path("report").absolute()
    report.write_text("mine", "utf-8")
    assert f"--output-dir: {report} is a file" in refusal({"output_dir": "report"})
    assert f"--save-snapshot: {report} is a file" in refusal({"save_snapshot": "report/new"})


@pytest.mark.parametrize(
    "endpoint",
    ["https://arm.local:8443", "https://127.0.0.1:1", "https://[::1]:1", "https://münchen.example"],
)
def test_an_endpoint_is_a_name_or_an_address(endpoint: str) -> None:
    assert settings({"arm_endpoint": f"{endpoint}/"}).arm_endpoint == endpoint


def test_a_folder_that_cannot_be_written_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
    assert "cannot be written to" in refusal({"output_dir": "new/report"})


@pytest.mark.parametrize("name", EXTRAS)
def test_a_format_whose_package_is_missing_is_refused_before_the_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings({"format": name}).format == (name,)
    monkeypatch.setitem(sys.modules, EXTRAS[name], None)
    assert refusal(toml=f"format = 'html,{name}'") == (
        f"format {name} needs a package that is not installed | pip install 'aks-auditor[{name}]'"
    )


def test_every_format_that_needs_a_package_has_an_extra_of_its_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(EXTRAS) <= set(FORMATS)
    assert set(EXTRAS) <= set(project["optional-dependencies"])


def test_an_unknown_variable_is_an_error_with_the_nearest_name() -> None:
    said = refusal(environ={"AKS_AUDITOR_SUBSCRIPTIONS": "x"})
    assert said == (
        "AKS_AUDITOR_SUBSCRIPTIONS is not a setting | did you mean AKS_AUDITOR_SUBSCRIPTION?"
    )


def test_an_unknown_key_is_an_error_with_the_nearest_name() -> None:
    said = refusal(toml="fail-no = 'high'")
    assert said == "aks-auditor.toml: fail-no is not a setting | did you mean fail-on?"
    assert "known: " in refusal(toml="zzz = 1")


@pytest.mark.parametrize(
    ("environ", "toml", "said"),
    [
        ({"AKS_AUDITOR_CLOUD": "mars"}, None, "AKS_AUDITOR_CLOUD: 'mars' is none of"),
        ({}, "cloud = ['public', 'china']", "aks-auditor.toml: cloud: takes one value"),
        ({}, "concurrency = 2.5", "aks-auditor.toml: concurrency: '2.5' is not"),
        ({}, "[audit]\ncloud = 'china'", "aks-auditor.toml: audit is not a setting"),
        ({}, "[cloud]\nname = 'china'", "aks-auditor.toml: cloud is a table"),
        ({}, "cluster = [['a', {b = 1}]]", "aks-auditor.toml: cluster is a table"),
        ({}, "cloud =", "aks-auditor.toml is not a TOML file"),
    ],
)
def test_an_error_names_the_place_that_it_comes_from(
    environ: Mapping[str, str], toml: str | None, said: str
) -> None:
    assert said in refusal(environ=environ, toml=toml)


def test_a_named_file_that_is_missing_or_not_text_is_an_error() -> None:
    assert "nowhere.toml cannot be read: No such file" in refusal(config=Path("nowhere.toml"))
    Path("binary.toml").write_bytes(b"\xff\xfe\x00")
    assert "binary.toml is not a TOML file" in refusal(config=Path("binary.toml"))
