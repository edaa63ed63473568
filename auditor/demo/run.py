"""The demo's stage: a running fake ARM with the bundled tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.server import Address, serve_in_background


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A running demo: where ARM is found, what it serves, and what it was asked so far."""

    address: Address
    arm: FakeArm


@contextmanager
def demo_environment() -> Iterator[Stage]:
    """Serve the bundled tenant from a background thread for as long as the context lasts.

    The ordinary pipeline audits it when ``address.environment`` is in its environment and
    ``address.base_url`` its ARM endpoint; ``arm.tenant.now`` is the moment to audit as of.
    """
    arm = FakeArm(tenant.demo())
    with serve_in_background(arm) as address:
        yield Stage(address=address, arm=arm)
