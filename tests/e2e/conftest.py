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
from tests.e2e.program import Auditor, Azure, Outcome, Ran, Recorded, at

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
    return auditor_in(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run of ``aks-auditor demo``, for those who only look at what it said and left."""
    folder = tmp_path_factory.mktemp("demo")
    done = auditor_in(folder)("demo")
    assert done.code == 0, done.err
    return Ran(done, folder / done.report())


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """One live run with its snapshot, for those who only replay it."""
    folder = tmp_path_factory.mktemp("recorded")
    with serve_in_background(FakeArm(tenant.demo())) as address:
        flags, environ = at(address)
        saved = ("--save-snapshot", "snapshot", "-O", "live")
        done = auditor_in(folder)("audit", *flags, *saved, environ=environ)
    assert done.code == 0, done.err
    return Recorded(snapshot=folder / "snapshot", report=folder / "live")


def auditor_in(folder: Path) -> Auditor:
    """What runs the program in this folder."""

    def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Outcome:
        home = {name: os.environ[name] for name in ("PATH", "COVERAGE_FILE") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *arguments],
            cwd=folder,
            env={
                **home,
                "HOME": str(folder / "home"),
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
