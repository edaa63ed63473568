"""AKS's end-of-life notices, as Resource Graph shows them (``containerserviceeventresources``).

Source: "Azure Kubernetes Service end of support notifications". Whether the details are an
object or the same as text is not certain, so either is read.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from auditor.collect.wire.base import Wire, moment
from auditor.model import lifecycle as model
from auditor.model import resource_id as arm

W = TypeVar("W")


class NoticeDetails(Wire):
    """``eventDetails`` of a notice."""

    kubernetes_version: str | None = None
    eol_date: str | None = None
    support_type: str | None = None


class NoticeProperties(Wire):
    """``properties`` of a notice."""

    event_source: str | None = None
    event_details: NoticeDetails | str | None = None


class WireNotice(Wire):
    """A scheduled event of a cluster; its id begins with the cluster's."""

    id: str
    properties: NoticeProperties | str | None = None

    def to_model(self) -> model.EndOfLifeNotice:
        """The notice in the model's words; raises ``ValueError`` for text that is no JSON."""
        own = _read(self.properties, NoticeProperties)
        details = _read(own.event_details, NoticeDetails)
        ends_at = moment(details.eol_date)
        return model.EndOfLifeNotice(
            cluster_id=arm.parent(self.id),
            version=details.kubernetes_version or "",
            support_type=details.support_type or "",
            ends_on=ends_at.date() if ends_at else None,
        )


def _read(value: W | str | None, kind: type[W]) -> W:
    if isinstance(value, str):
        return msgspec.json.decode(value, type=kind)
    return value or kind()
