"""A small edit of a recorded object."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from auditor.demo.patches import merge
from auditor.model import resource_id as arm
from tests.reference import recordings
from tests.reference.expected import Finding
from tests.reference.recordings import Document
from tests.reference.stage import Stage


class Taken(msgspec.Struct, frozen=True):
    """What Azure itself was recorded to say of such an edit, elsewhere: a recording, a path."""

    recording: str
    path: str = ""


class Tampering(msgspec.Struct, frozen=True, kw_only=True):
    """One edit: of the resource ``of`` (a fixture path), at a dotted path into its body.

    ``to`` is merged into an object, or appended to a list; ``None`` takes away what is there.
    ``also`` are findings that follow from the same edit.
    """

    title: str
    scene: str
    of: str
    at: str
    to: Document | Taken | None
    gives: Finding
    also: tuple[Finding, ...] = ()


def tampered(stage: Stage, tampering: Tampering) -> Stage:
    """The stage with that edit."""
    key = arm.key(stage.place.id_of(tampering.of))
    edited = copy.deepcopy(stage.tenant.documents[key])
    _edit(edited, tampering.at, _value(tampering.to))
    documents = stage.tenant.documents | {key: edited}
    tenant = msgspec.structs.replace(stage.tenant, documents=documents)
    return msgspec.structs.replace(stage, tenant=tenant)


def _value(to: Document | Taken | None) -> Document | None:
    if not isinstance(to, Taken):
        return to
    taken: Document = _at(recordings.body(to.recording), to.path)
    return taken


def _edit(body: Document, path: str, to: Document | None) -> None:
    way, _, last = path.rpartition(".")
    parent, step = _at(body, way), int(last) if last.isdigit() else last
    if to is None:
        del parent[step]
    elif isinstance(parent[step], list):
        parent[step].append(to)
    else:
        parent[step] = merge(parent[step], to)


def _at(body: Any, path: str) -> Any:  # noqa: ANN401 (JSON as it comes)
    for step in path.split(".") if path else ():
        body = body[int(step) if step.isdigit() else step]
    return body
