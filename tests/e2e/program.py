"""How the tests talk to the program, and where they point it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from auditor.demo.server import Address

TRUSTED = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "SSL_CERT_FILE")


class Outcome(msgspec.Struct, frozen=True):
    """How a run ended."""

    code: int
    out: str
    err: str

    def report(self) -> Path:
        """The folder that the run says it has written."""
        return Path(self.out.splitlines()[0]).parent


class Ran(msgspec.Struct, frozen=True):
    """A run, and the folder of its report; many look at them, nobody changes them."""

    outcome: Outcome
    folder: Path


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot that was saved, and the report of the run that saved it; nobody changes either."""

    snapshot: Path
    report: Path


Azure = Callable[..., Address]
Auditor = Callable[..., Outcome]


def at(address: Address) -> tuple[Sequence[str], Mapping[str, str]]:
    """What points the program to a local Azure: one flag, and an identity that the host gives."""
    return ("--arm-endpoint", address.base_url), {n: address.environment[n] for n in TRUSTED}
