"""The page's anchors: stable from run to run, so that links to them can be kept."""

from __future__ import annotations

import hashlib
from typing import NamedTuple
from urllib.parse import urlsplit

from auditor.model import resource_id as arm


class Reference(NamedTuple):
    """A place of this page, and what a link to it reads."""

    anchor: str
    label: str


def finding(fingerprint: str) -> str:
    """``f-`` and the first twelve digits of the fingerprint, its version prefix left out."""
    return f"f-{fingerprint.rpartition('-')[2][:12]}"


def cluster(cluster_id: str) -> str:
    """``c-`` and a digest of the id: a name alone is not unique in a tenant."""
    return f"c-{hashlib.sha256(arm.key(cluster_id).encode()).hexdigest()[:12]}"


def rule(rule_id: str) -> str:
    """``rule-`` and the rule's id."""
    return f"rule-{rule_id}"


def clause(clause_id: str) -> str:
    """``clause-`` and the clause's number."""
    return f"clause-{clause_id}"


def link(url: str) -> str | None:
    """The address if a page may link to it (``https`` and a host), else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme == "https" and parts.hostname and url.isprintable() else None
