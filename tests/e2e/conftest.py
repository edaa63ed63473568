"""The program itself, in a process of its own, against a local Azure over HTTPS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from auditor.demo.server import Address, serve_in_background
from tests.e2e.program import Auditor, Azure, Outcome

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def azure() -> Iterator[Azure]:
    """Starts the bundled tenant with these faults."""
    with ExitStack() as stack:

        def start(*faults: Fault) -> Address:
            bundled = tenant.demo()
            faulty = msgspec.structs.replace(bundled, faults=(*faults, *bundled.faults))
            return stack.enter_context(serve_in_background(FakeArm(faulty)))

        yield start


@pytest.fixture
def auditor(tmp_path: Path) -> Auditor:
    """Runs the program in an empty folder, with hardly more than a PATH in its environment."""

    def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Outcome:
        home = {name: os.environ[name] for name in ("PATH", "COVERAGE_FILE") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *arguments],
            cwd=tmp_path,
            env={
                **home,
                "HOME": str(tmp_path / "home"),
                "PYTHONPATH": str(_ROOT),
                **(environ or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
