"""The options, as ``--help`` shows them; their values are checked in ``auditor.options``."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.model.rule import Tunables
from auditor.options import FORMATS, USUAL_FORMATS

_scope = partial(typer.Option, rich_help_panel="Scope")
_output = partial(typer.Option, rich_help_panel="Output")
_gate = partial(typer.Option, rich_help_panel="Gates")
_threshold = partial(typer.Option, rich_help_panel="Thresholds")
_azure = partial(typer.Option, rich_help_panel="Azure")
_other = partial(typer.Option, rich_help_panel="Other")

_USUAL = Tunables()

Text = str | None
Texts = list[str] | None

Subscription = Annotated[
    Texts,
    _scope(
        "--subscription",
        "-s",
        metavar="ID|NAME",
        help="Audit this subscription; repeatable. Default: all that the identity can see.",
    ),
]
Exclude = Annotated[
    Texts,
    _scope("--exclude", metavar="ID|NAME", help="Leave this subscription out; repeatable."),
]
ResourceGroup = Annotated[
    Texts,
    _scope(
        "--resource-group",
        "-g",
        metavar="NAME",
        help="Judge only the clusters of this resource group; repeatable.",
    ),
]
Cluster = Annotated[
    Texts,
    _scope("--cluster", metavar="ID|NAME", help="Judge only this cluster; repeatable."),
]
Since = Annotated[
    Text,
    _scope(
        "--since",
        metavar="30d|DATE",
        help="How far back to read the activity log, 90 days at most. Default: 30d.",
    ),
]
AsOf = Annotated[
    Text,
    _scope(
        "--as-of",
        metavar="DATE",
        help="The moment that deadlines are counted from. Default: when Azure was read.",
    ),
]
OutputDir = Annotated[
    Text,
    _output(
        "--output-dir",
        "-O",
        metavar="DIR",
        help="Where the report goes. Default: aks-auditor-report, or aks-auditor-demo.",
    ),
]
Format = Annotated[
    Texts,
    _output(
        "--format",
        "-f",
        metavar="html,csv,…",
        help=f"What to write: {', '.join(FORMATS)}. Default: {', '.join(USUAL_FORMATS)}.",
    ),
]
SplitBy = Annotated[
    Text,
    _output(
        "--split-by",
        metavar="tag:NAME|…",
        help="Write a report for each tag:NAME, subscription or management-group, too.",
    ),
]
From = Annotated[
    str,
    _output("--from", metavar="FILE", help="The report.json of a run, or its report.html."),
]
Actors = Annotated[
    Text,
    _output(
        "--actors",
        metavar="full|hash|none",
        help="How people appear in the report. Default: full.",
    ),
]
Lang = Annotated[
    Text,
    _output(
        "--lang",
        metavar="en|ja",
        help="The language of what people read: HTML and Markdown. Default: en.",
    ),
]
SaveSnapshot = Annotated[
    Text,
    _output(
        "--save-snapshot",
        metavar="DIR",
        help="Keep Azure's answers, to judge them again offline.",
    ),
]
FailOn = Annotated[
    Text,
    _gate(
        "--fail-on",
        metavar="critical|high|medium|low|none",
        help="Exit with 3 if a violation is at least this severe. Default: none.",
    ),
]
MinCoverage = Annotated[
    Text,
    _gate(
        "--min-coverage",
        metavar="PERCENT",
        help="Exit with 4 if less could be judged. Default: 100 with --fail-on.",
    ),
]
FromSnapshot = Annotated[
    Text,
    _azure("--from-snapshot", metavar="DIR", help="Judge kept answers instead of asking Azure."),
]
VersionWarningDays = Annotated[
    Text,
    _threshold(
        "--version-warning-days",
        metavar="DAYS",
        help="How long before its support ends a Kubernetes version is warned of, 0 to 365. "
        f"Default: {_USUAL.version_warning_days}.",
    ),
]
ImageWarningDays = Annotated[
    Text,
    _threshold(
        "--image-warning-days",
        metavar="DAYS",
        help="Above which age a node image is warned of; 90, where it is too old, for none. "
        f"Default: {_USUAL.image_warning_days}.",
    ),
]
EndlessTransitionHours = Annotated[
    Text,
    _threshold(
        "--endless-transition-hours",
        metavar="HOURS",
        help="After how long an operation without an end puts its cluster at risk. "
        f"Default: {_USUAL.endless_transition_hours}.",
    ),
]
Tenant = Annotated[Text, _azure("--tenant", metavar="ID", help="The Microsoft Entra tenant.")]
Auth = Annotated[
    Text,
    _azure(
        "--auth",
        metavar="HOW",
        help="default, cli, managed-identity, workload-identity, environment or device-code. "
        "Default: azure-identity's own chain.",
    ),
]
Cloud = Annotated[Text, _azure("--cloud", metavar="public|usgov|china", help="Default: public.")]
ArmEndpoint = Annotated[
    Text,
    _azure(
        "--arm-endpoint",
        metavar="https://HOST",
        help="Ask this Azure Resource Manager, whatever the cloud.",
    ),
]
Concurrency = Annotated[
    Text,
    _azure("--concurrency", metavar="N", help="Requests at a time, 1 to 64. Default: 16."),
]
Config = Annotated[
    Text,
    _other(
        "--config",
        metavar="FILE",
        help="The settings file. Default: aks-auditor.toml, if there is one here.",
    ),
]
Verbose = Annotated[
    bool, _other("--verbose", "-v", help="Say more, and show where a defect happened.")
]
Quiet = Annotated[bool, _other("--quiet", "-q", help="Say only what went wrong.")]
LogFormat = Annotated[
    Text, _other("--log-format", metavar="console|json", help="Default: console.")
]
Said = Annotated[Text, typer.Option("--lang", metavar="en|ja", help="Default: en.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, with the documentation.")]
