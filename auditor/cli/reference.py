"""The handbook's page of commands and options, made from the parser itself."""

from __future__ import annotations

import typer
from typer.core import TyperArgument, TyperOption

from auditor.cli.app import app
from auditor.options import PARSERS
from auditor.report import markdown
from auditor.settings import FILE, PREFIX

_HEAD = ("option", "what it does", "in the environment")

_PREFACE = f"""# Commands and options

Every option of `audit` that has a name in the last column can stand in three places. A flag
wins over the environment, the environment over the settings file, `{FILE}` in the working
directory or what `--config` names. In the file, the name is the flag's without its dashes:

```toml
subscription = ["shop-production", "shop-test"]
exclude = ["sandbox"]
since = "90d"
fail-on = "high"
```

In the environment, lists are separated by commas. A name that does not exist is an error, and so
is a value that does not fit, wherever it stands. `demo` takes flags alone."""


def options_page() -> str:
    """Every command with its options, and where else each can be set."""
    parts = [_PREFACE]
    for name, command in typer.main.get_group(app).commands.items():
        options = [one for one in command.params if isinstance(one, TyperOption)]
        arguments = [one.metavar or "" for one in command.params if isinstance(one, TyperArgument)]
        parts += ["## " + " ".join(("aks-auditor", name, *arguments)), command.help or ""]
        if options:
            parts.append(markdown.table(_HEAD, (_row(one, name) for one in options)))
    return "\n\n".join(parts) + "\n"


def _row(option: TyperOption, command: str) -> tuple[str, ...]:
    flags = ", ".join(markdown.code(flag) for flag in option.opts)
    value = " or ".join(map(markdown.code, (option.metavar or "").split("|")))
    elsewhere = option.name in PARSERS and command != "demo"
    variable = markdown.code(f"{PREFIX}{option.name}".upper()) if elsewhere else ""
    return f"{flags} {value}".rstrip(), markdown.text(option.help or ""), variable
