"""Which Kubernetes versions AKS offers where, and what it has announced of their end.

Sources: ``locations/{location}/kubernetesVersions`` (api-version 2026-08-01), which tells what is
offered but no dates; AKS's end-of-life notices in Resource Graph
(``containerserviceeventresources``).
"""

from __future__ import annotations

from datetime import date

import msgspec


class KubernetesRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A minor version as a location offers it, such as ``1.35``.

    ``plans`` are ``KubernetesOfficial`` and ``AKSLongTermSupport``; ``patches`` its full versions.
    """

    minor: str
    plans: tuple[str, ...] = ()
    is_preview: bool = False
    is_default: bool = False
    patches: tuple[str, ...] = ()


class EndOfLifeNotice(msgspec.Struct, frozen=True, kw_only=True):
    """AKS's own notice that a cluster's version reaches its end."""

    cluster_id: str
    version: str
    support_type: str = ""
    ends_on: date | None = None
