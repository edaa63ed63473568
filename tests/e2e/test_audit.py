"""``aks-auditor audit`` against a local Azure, pointed to it by one flag and its environment."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.demo import files, tenant
from auditor.demo.files import Fault
from tests.e2e.program import Auditor, Azure, Ran, Recorded, at

FILES = {
    "report.html",
    "report.json",
    "findings.csv",
    "verdicts.csv",
    "clusters.csv",
    "coverage.csv",
    "clauses.csv",
    "node_pools.csv",
    "rules.csv",
    "run.csv",
    "clocks.csv",
    "exemptions.csv",
}
GETTING_STARTED = Path(__file__).parents[2] / "docs" / "getting-started.md"
SUBSCRIPTIONS = {entry.name: entry.id for entry in files.tenant().subscriptions}
FIRST = next(iter(SUBSCRIPTIONS.values()))


def refused(scope: str) -> Fault:
    """Everything below a scope answers 403."""
    return Fault(path=rf"^{scope}", status=403)


def report_of(folder: Path) -> Any:  # noqa: ANN401 (JSON as it comes)
    return json.loads((folder / "report.json").read_text("utf-8"))


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.xdist_group("demo")
def test_demo_writes_the_whole_report_and_says_where(demo: Ran) -> None:
    done, folder = demo.outcome, demo.folder
    assert {file.name for file in folder.iterdir()} == FILES
    numbers = report_of(folder)["summary"]
    assert f" {numbers['out_of_support']} out of support, " in done.out
    assert numbers["clusters"] == len(rows_of(folder, "clusters.csv"))
    assert numbers["findings"] == len(rows_of(folder, "findings.csv")) > 0
    assert done.out in GETTING_STARTED.read_text("utf-8")


def test_an_endpoint_an_identity_and_a_certificate_are_all_it_needs(
    auditor: Auditor, azure: Azure, tmp_path: Path
) -> None:
    flags, environ = at(azure())
    done = auditor("audit", *flags, environ=environ)
    assert done.code == 0, done.err
    found = report_of(tmp_path / "aks-auditor-report")
    assert {row["id"].rpartition("/")[2] for row in found["subscriptions"]} == set(
        SUBSCRIPTIONS.values()
    )
    assert len(done.err.splitlines()) == len(SUBSCRIPTIONS)  # one line a subscription


def test_a_subscription_is_audited_by_name_or_id(
    auditor: Auditor, azure: Azure, tmp_path: Path
) -> None:
    flags, environ = at(azure())
    for given in next(iter(SUBSCRIPTIONS.items())):
        assert auditor("audit", *flags, "-s", given, environ=environ).code == 0
        found = report_of(tmp_path / "aks-auditor-report")
        assert [FIRST in row["id"] for row in found["subscriptions"]] == [True]


def test_one_refused_subscription_is_not_assessed_and_said_so(
    auditor: Auditor, azure: Azure, tmp_path: Path
) -> None:
    flags, environ = at(azure(refused(f"/subscriptions/{FIRST}")))
    done = auditor("audit", *flags, environ=environ)
    assert done.code == 0, done.err
    folder = tmp_path / "aks-auditor-report"
    found = report_of(folder)
    status = {row["id"].rpartition("/")[2]: row["status"] for row in found["subscriptions"]}
    assert status[FIRST] == "not_assessed"
    assert set(status) == set(SUBSCRIPTIONS.values())
    assert found["run"]["status"] == "incomplete"
    denied = [row for row in rows_of(folder, "coverage.csv") if row["outcome"] == "denied"]
    assert any(FIRST in row["scope"] for row in denied)
    assert "unassessed subscription" in done.out


@pytest.mark.parametrize("scope", ["/subscriptions", "/"])
def test_nothing_readable_is_a_failed_run_never_a_clean_one(
    auditor: Auditor, azure: Azure, tmp_path: Path, scope: str
) -> None:
    flags, environ = at(azure(refused(scope)))
    done = auditor("audit", *flags, environ=environ)
    assert done.code == 1
    assert done.out == ""
    assert done.err.splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "aks-auditor-report").exists()


def test_no_identity_is_one_line_and_exit_code_1(auditor: Auditor, azure: Azure) -> None:
    flags, environ = at(azure())
    trust = {"SSL_CERT_FILE": environ["SSL_CERT_FILE"]}
    done = auditor("audit", *flags, "--auth", "environment", environ=trust)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1


def test_an_untrusted_certificate_is_one_line_and_exit_code_1(
    auditor: Auditor, azure: Azure
) -> None:
    flags, environ = at(azure())
    identity = {name: environ[name] for name in environ if name != "SSL_CERT_FILE"}
    done = auditor("audit", *flags, environ=identity)
    assert (done.code, done.out) == (1, "")
    assert "certificate" in done.err.lower()
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--arm-endpoint", "http://127.0.0.1:1"),
        ("--since", "91d"),
        ("--fail-on", "sometimes"),
        ("--from-snapshot", "nowhere"),
        ("--output-dir", "occupied"),
        ("--format", "docx"),
        ("--split-by", "owner"),
        ("--no-such-flag",),
    ],
)
def test_a_mistake_is_one_line_and_overwrites_nothing(
    auditor: Auditor, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    earlier = tmp_path / "aks-auditor-report" / "report.html"
    earlier.parent.mkdir()
    for file in (earlier, tmp_path / "occupied"):
        file.write_text("mine", "utf-8")
    done = auditor("audit", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert earlier.read_text("utf-8") == "mine"
    assert [file.name for file in earlier.parent.iterdir()] == ["report.html"]


def test_a_name_that_no_subscription_bears_is_a_mistake(auditor: Auditor, azure: Azure) -> None:
    flags, environ = at(azure())
    done = auditor("audit", *flags, "-s", "contoso-retial", environ=environ)
    assert done.code == 2
    assert "contoso-retial" in done.err
    assert done.err.count("\n") == 1


def test_an_id_that_the_identity_cannot_see_is_not_assessed(
    auditor: Auditor, azure: Azure, tmp_path: Path
) -> None:
    hidden = "0c5a7e21-0000-4000-8000-000000000000"
    flags, environ = at(azure())
    done = auditor("audit", *flags, "-s", FIRST, "-s", hidden, environ=environ)
    assert done.code == 0, done.err
    found = report_of(tmp_path / "aks-auditor-report")["subscriptions"]
    status = {row["id"].rpartition("/")[2]: row["status"] for row in found}
    assert status == {FIRST: "assessed", hidden: "not_assessed"}
    assert auditor("audit", *flags, "-s", hidden, environ=environ).code == 1


def test_thresholds_are_the_users_and_the_report_says_which(
    auditor: Auditor, azure: Azure, tmp_path: Path
) -> None:
    flags, environ = at(azure())
    warned = []
    for days in ("1", "90"):
        done = auditor("audit", *flags, "-s", FIRST, "--image-warning-days", days, environ=environ)
        assert done.code == 0, done.err
        document = report_of(tmp_path / "aks-auditor-report")
        assert document["run"]["thresholds"]["image_warning_days"] == int(days)
        rules = [row["rule_id"] for row in document["findings"] if row["verdict"] == "warning"]
        warned.append("LIFE002" in rules)
    assert warned == [True, False]


def test_a_gate_on_findings_exits_with_3(auditor: Auditor) -> None:
    done = auditor("demo", "--fail-on", "low", "--min-coverage", "100")
    assert done.code == 3
    assert "gate failed: " in done.err


def test_a_gate_on_coverage_exits_with_4(auditor: Auditor, azure: Azure) -> None:
    flags, environ = at(azure(Fault(path="/eventtypes/management/values", status=403)))
    done = auditor("audit", *flags, "--min-coverage", "100", environ=environ)
    assert done.code == 4
    assert "gate failed: coverage" in done.err


def test_no_cluster_is_fine_and_said_loudly(auditor: Auditor, azure: Azure) -> None:
    flags, environ = at(azure())
    done = auditor("audit", *flags, "-g", "no-such-group", "--quiet", environ=environ)
    assert done.code == 0
    assert "NO AKS CLUSTER" in done.err


def test_people_can_be_left_out(auditor: Auditor, tmp_path: Path) -> None:
    done = auditor("demo", "--actors", "none", "--format", "csv")
    assert done.code == 0, done.err
    folder = tmp_path / done.report()
    actors = {row["actor"] for row in rows_of(folder, "findings.csv")}
    callers = {caller.caller for caller in files.callers(tenant.HOME).values() if caller.caller}
    assert not actors & callers
    assert "@" not in (folder / "findings.csv").read_text("utf-8-sig")


def test_logs_can_be_json_lines(auditor: Auditor) -> None:
    done = auditor("demo", "--log-format", "json")
    assert done.code == 0
    assert all("event" in json.loads(line) for line in done.err.splitlines())


@pytest.mark.xdist_group("recorded")
def test_a_snapshot_replays_offline_to_the_same_bytes(
    auditor: Auditor, recorded: Recorded, tmp_path: Path
) -> None:
    for name in ("again", "once-more"):
        done = auditor("audit", "--from-snapshot", str(recorded.snapshot), "-O", name)
        assert done.code == 0, done.err
    live, again, once_more = recorded.report, tmp_path / "again", tmp_path / "once-more"
    for file in FILES:
        assert (again / file).read_bytes() == (once_more / file).read_bytes()
    for table in (
        "node_pools.csv",
        "rules.csv",
        "findings.csv",
        "verdicts.csv",
        "clusters.csv",
        "coverage.csv",
    ):
        assert (again / table).read_bytes() == (live / table).read_bytes()
    told, retold = report_of(live), report_of(again)
    assert retold | {"run": told["run"]} == told
    assert retold["run"]["as_of"] == told["run"]["as_of"]
    assert retold["run"]["scope"] == told["run"]["scope"]


@pytest.mark.xdist_group("recorded")
def test_a_snapshot_is_judged_at_another_date(
    auditor: Auditor, recorded: Recorded, tmp_path: Path
) -> None:
    kept = ("--from-snapshot", str(recorded.snapshot))
    done = auditor("audit", *kept, "--as-of", "2027-12-01", "-f", "json")
    assert done.code == 0, done.err
    assert report_of(tmp_path / "aks-auditor-report")["run"]["as_of"] == "2027-12-01T00:00:00Z"
