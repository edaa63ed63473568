"""What a run is asked to read, and how."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at, as given: subscriptions and clusters by id or name, groups by name.

    Empty means all. ``resource_groups`` and ``clusters`` limit what is judged, not what is read
    to judge it.
    """

    subscriptions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


class SourceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach Azure, or the snapshot that stands for it.

    ``auth`` is ``cli``, ``managed-identity``, ``workload-identity``, ``environment`` or
    ``device-code``; ``None`` leaves the choice to azure-identity's default chain. ``since`` is
    the start of the activity log's window, ``concurrency`` the most requests at one time.
    ``recorded`` is the scope of the run that made the snapshot, which is read as it was then.
    """

    now: datetime
    since: datetime
    cloud: str = "public"
    arm_endpoint: str | None = None
    tenant: str | None = None
    auth: str | None = None
    concurrency: int = 16
    scope: Scope = Scope()
    save_snapshot: Path | None = None
    from_snapshot: Path | None = None
    recorded: Scope | None = None

    @property
    def reads(self) -> Scope:
        """What is read: what is judged, and in a replay all that was judged then.

        How the activity log is read depends on whom it is read for.
        """
        return self.recorded or self.scope
