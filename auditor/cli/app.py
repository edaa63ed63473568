"""The commands. Each says what it takes, calls one function, and exits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import structlog
import typer
from rich.console import Console
from rich.table import Table

from auditor import __version__, console, policy, rules
from auditor.cli import catalogue, flags
from auditor.model.errors import AuditorError
from auditor.report.build import rule_rows
from auditor.report.json import schema_text
from auditor.settings import Settings, config_file, load

_log = structlog.get_logger()
_WIDE = 160  # where nobody looks, a row is a line
_INTERRUPTED = 130
_READABLE = 80  # prose in longer lines is hard to follow

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Audits AKS clusters against Microsoft's support policy. It only ever reads.",
)


@app.command()
def audit(  # noqa: PLR0913 (a parameter is an option)
    *,
    subscription: flags.Subscription = None,
    exclude: flags.Exclude = None,
    resource_group: flags.ResourceGroup = None,
    cluster: flags.Cluster = None,
    since: flags.Since = None,
    as_of: flags.AsOf = None,
    output_dir: flags.OutputDir = None,
    format: flags.Format = None,  # noqa: A002 (the option is --format)
    split_by: flags.SplitBy = None,
    actors: flags.Actors = None,
    lang: flags.Lang = None,
    save_snapshot: flags.SaveSnapshot = None,
    fail_on: flags.FailOn = None,
    min_coverage: flags.MinCoverage = None,
    version_warning_days: flags.VersionWarningDays = None,
    image_warning_days: flags.ImageWarningDays = None,
    endless_transition_hours: flags.EndlessTransitionHours = None,
    from_snapshot: flags.FromSnapshot = None,
    tenant: flags.Tenant = None,
    auth: flags.Auth = None,
    cloud: flags.Cloud = None,
    arm_endpoint: flags.ArmEndpoint = None,
    concurrency: flags.Concurrency = None,
    config: flags.Config = None,
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = None,
) -> None:
    """Audit every AKS cluster that the identity can read, and write a report."""
    given = locals()
    del given["config"]
    file = config_file(None if config is None else Path(config))
    settings = _settings(given, os.environ, file)
    if file:
        _log.info(f"settings from {file}")
    from auditor.cli import audits  # noqa: PLC0415 (Azure's SDKs are slow to import)

    raise typer.Exit(audits.audit(settings))


@app.command()
def demo(  # noqa: PLR0913 (a parameter is an option)
    *,
    output_dir: flags.OutputDir = None,
    format: flags.Format = None,  # noqa: A002 (the option is --format)
    split_by: flags.SplitBy = None,
    actors: flags.Actors = None,
    lang: flags.Lang = None,
    fail_on: flags.FailOn = None,
    min_coverage: flags.MinCoverage = None,
    version_warning_days: flags.VersionWarningDays = None,
    image_warning_days: flags.ImageWarningDays = None,
    endless_transition_hours: flags.EndlessTransitionHours = None,
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = None,
) -> None:
    """Audit the bundled tenant: the same code, a local Azure, no account."""
    given = locals() | {"output_dir": output_dir or "aks-auditor-demo"}
    settings = _settings(given, {}, None)
    from auditor.cli import audits  # noqa: PLC0415 (Azure's SDKs are slow to import)

    raise typer.Exit(audits.demo(settings))


@app.command()
def render(  # noqa: PLR0913 (a parameter is an option)
    *,
    source: flags.From,
    output_dir: flags.OutputDir = None,
    format: flags.Format = None,  # noqa: A002 (the option is --format)
    split_by: flags.SplitBy = None,
    lang: flags.Lang = None,
    verbose: flags.Verbose = False,
    quiet: flags.Quiet = False,
    log_format: flags.LogFormat = None,
) -> None:
    """Write a report again, in any format, from report.json or report.html: without Azure."""
    given = locals()
    del given["source"]
    settings = _settings(given, os.environ, config_file(None))
    from auditor.cli import rendering  # noqa: PLC0415 (templates and tables are slow to import)

    rendering.render(Path(source), settings)


@app.command("rules")
def rules_(*, as_json: flags.Json = False, lang: flags.Said = None) -> None:
    """List the rules."""
    loaded = rules.load()
    _print(rule_rows(loaded) if as_json else catalogue.table(loaded, _language(lang)))


@app.command("policy")
def policy_(*, as_json: flags.Json = False, lang: flags.Said = None) -> None:
    """List the clauses of the support policy with the rules that audit them."""
    audited = policy.policy(loaded.rule for loaded in rules.load())
    _print(audited if as_json else catalogue.clauses(audited, _language(lang)))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE")], *, lang: flags.Said = None
) -> None:
    """Say what a rule finds, why it matters, what it leaves alone and how to fix a finding."""
    width = min(shutil.get_terminal_size().columns, _READABLE)
    found = catalogue.find(rule, rules.load())
    for line in catalogue.explanation(found, _language(lang), width):
        console.show(f"{line}\n")


@app.command()
def schema() -> None:
    """Print the JSON Schema of report.json."""
    console.show(schema_text())


@app.command()
def version() -> None:
    """Print the version."""
    console.show(f"aks-auditor {__version__}\n")


def main() -> None:
    """Run the command line and exit; every error that can be foreseen is one line on stderr."""
    sys.excepthook = console.report_crash
    signal.signal(signal.SIGTERM, _interrupt)
    console.prepare()
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command (default: this process's) and return its exit code."""
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="aks-auditor", standalone_mode=False)
    except typer.TyperException as error:  # what typer itself refuses
        if message := error.format_message():  # none where it has shown the help instead
            console.fail(message, "aks-auditor --help")
        return error.exit_code
    except AuditorError as error:
        console.fail(error.message, error.hint)
        return error.exit_code
    if code == _INTERRUPTED:  # as typer gives it back
        console.fail("interrupted before it was done")
    return int(code or 0)


def _interrupt(_number: int, _frame: object) -> None:
    """End as after Ctrl-C: in order, and with what is temporary cleared away."""
    signal.raise_signal(signal.SIGINT)


def _print(content: object) -> None:
    """A table as a table, anything else as JSON."""
    if isinstance(content, Table):
        terminal = Console(width=None if sys.stdout.isatty() else _WIDE)
        with terminal.capture() as drawn:
            terminal.print(content)
        console.show(drawn.get())
    else:
        plain = msgspec.to_builtins(content)
        console.show(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


def _language(given: str | None) -> str:
    return _settings({"lang": given}, os.environ, config_file(None)).lang


def _settings(
    given: Mapping[str, object], environ: Mapping[str, str], config: Path | None
) -> Settings:
    settings = load(given, environ, datetime.now(UTC), config)
    console.configure(settings.log_format, verbose=settings.verbose, quiet=settings.quiet)
    if settings.verbose:
        sys.excepthook = sys.__excepthook__
    return settings
