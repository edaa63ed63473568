"""A cluster beside what evaluation says of it: what every row of a unit is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from auditor.model.aks import ManagedCluster
from auditor.model.facet import Known
from auditor.model.rule import Rule
from auditor.model.snapshot import Cluster
from auditor.model.verdict import ClusterEvaluation

OWNER_TAGS = (
    "owner",
    "owner-email",
    "owneremail",
    "owner_email",
    "owned-by",
    "technical-owner",
    "team",
    "contact",
    "responsible",
)


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster, its evaluation, the rules by id, and the moment for which rows are made."""

    cluster: Cluster
    evaluation: ClusterEvaluation
    rules: Mapping[str, Rule]
    as_of: datetime
    owner_tags: Sequence[str] = OWNER_TAGS

    @property
    def managed(self) -> ManagedCluster | None:
        """The cluster as AKS describes it, or ``None`` where it could not be read."""
        read = self.cluster.managed
        return read.value if isinstance(read, Known) else None

    @property
    def owner(self) -> str:
        """The value of the first owner tag that the cluster carries; empty where it has none."""
        tags = self.managed.tags if self.managed else {}
        by_name = {name.casefold(): value for name, value in sorted(tags.items())}
        values = (by_name.get(tag.casefold(), "").strip() for tag in self.owner_tags)
        return next((value for value in values if value), "")
