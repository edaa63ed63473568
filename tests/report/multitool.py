"""Microsoft's SARIF Multitool, from ``web/node_modules`` (``npm ci --prefix web``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PROGRAM = (
    Path(__file__).parents[2]
    / "web/node_modules/@microsoft"
    / f"sarif-multitool-{sys.platform}"
    / "Sarif.Multitool"
)
ENVIRONMENT = {
    "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",  # .NET would look for ICU
    **{f"{scheme}_PROXY": "http://127.0.0.1:9" for scheme in ("HTTP", "HTTPS", "ALL")},
}
"""It would look up every address in the file; nothing answers at this proxy."""


class Complaint(NamedTuple):
    """What it holds against a file."""

    rule: str
    is_error: bool
    text: str


def complaints(file: Path, folder: Path, kinds: Iterable[str]) -> list[Complaint]:
    """Errors and warnings of the rules of these kinds, such as ``Sarif`` or ``Gh``."""
    PROGRAM.chmod(0o755)  # npm runs no scripts here, and this is all that its script does
    output = folder / "complaints.sarif"
    done = subprocess.run(
        [PROGRAM, "validate", file, "--rule-kind", ";".join(kinds), "--output", output],
        env={"HOME": str(folder), "PATH": os.environ["PATH"], **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert output.exists(), done.stdout + done.stderr
    (run,) = json.loads(output.read_text("utf-8-sig"))["runs"]
    assert all(invocation["executionSuccessful"] for invocation in run["invocations"])
    return [
        Complaint(result["ruleId"], result.get("level") == "error", str(result["message"]))
        for result in run["results"]
    ]
