"""What a first evaluation would like to know before it speaks.

Plain data: ``evaluate`` asks, the pipeline has ``collect`` answer, and the answers join the
snapshot, so that a replayed snapshot asks and answers the same.
"""

from __future__ import annotations

import msgspec


class Question(msgspec.Struct, frozen=True, tag=True):
    """One thing to find out about ``resource_id``."""

    resource_id: str


class ReadAgain(Question, frozen=True, tag=True):
    """Read this resource once more: a contradiction is reported only if both reads show it."""


class ProveAbsent(Question, frozen=True, tag=True):
    """GET this resource: only a 404 while its resource group is readable proves it missing."""


class LookBack(Question, frozen=True, tag=True):
    """Read the activity log of this resource back to the log's 90 days."""


class ReadDisks(Question, frozen=True, tag=True):
    """List the disks of this resource group: their last change of ownership bounds a clock."""
