"""Reads Azure and yields snapshots: the only room that knows Azure's APIs and SDKs.

``open_source`` gives a :class:`Source`; it finds the units of a run (subscriptions), collects
each into a snapshot, and answers the questions that a first evaluation raises. Nothing here
writes to Azure: every request passes a guard that lets reads through and nothing else.
"""

from auditor.collect.discovery import Unit
from auditor.collect.options import Scope, SourceOptions
from auditor.collect.snapshot_folder import Manifest, read_manifest
from auditor.collect.source import Source, open_source

__all__ = [
    "Manifest",
    "Scope",
    "Source",
    "SourceOptions",
    "Unit",
    "open_source",
    "read_manifest",
]
