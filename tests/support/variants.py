"""Cases that are told otherwise: by another hand, by nobody on record, or undone since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from msgspec.structs import replace

from auditor.demo import files, tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import CaseFile
from auditor.demo.place import Place

Told = Callable[[CaseFile], CaseFile]

_OF_AKS = {"aks", "aks-bare", "control-plane", "platform"}


def arm_for_file(path: Path) -> FakeArm:
    """An ARM with the cluster of a case that lies anywhere."""
    return _arm(lambda place: files.read(path, CaseFile, place))


def arm_for_variant(case_id: str, told: Told) -> FakeArm:
    """An ARM with the cluster of a case of ``fixtures/cases``, told otherwise."""
    read = files.case
    return _arm(lambda place: told(read(case_id, place)))


def by(caller: str) -> Told:
    """Everything that somebody else than AKS did is done by this caller."""

    def told(case: CaseFile) -> CaseFile:
        return replace(case, activity=[_said(entry, caller) for entry in case.activity])

    return told


def by_nobody(case: CaseFile) -> CaseFile:
    """What was done is there, and the log knows nothing of it."""
    return replace(case, activity=[])


def undone(case: CaseFile) -> CaseFile:
    """The log knows of it, and everything is as AKS made it."""
    return replace(case, patch={}, then={}, add=[], instances={})


def _said(entry: dict[str, Any], caller: str) -> dict[str, Any]:
    return entry if entry.get("caller") in _OF_AKS else entry | {"caller": caller}


def _arm(read: Callable[[Place | None], CaseFile]) -> FakeArm:
    def case(_: str, place: Place | None = None) -> CaseFile:
        return read(place)

    with mock.patch.object(files, "case", case):
        return FakeArm(tenant.of_case(""))
