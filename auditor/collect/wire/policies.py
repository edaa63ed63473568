"""Which assignments of Azure Policy a record names (``properties.policies``, category Policy).

Source: "Azure activity log event schema", category Policy. The names stay, the parameters of the
assignments, which can hold anything, do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from auditor.collect.wire.base import Opaque

ALTERING = frozenset({"append", "deployifnotexists", "modify"})
"""The effects that change resources, in lower case; others judge or forbid."""

_ID = "policyAssignmentId"
_EFFECT = "policyDefinitionEffect"


class Policies(Opaque):
    """The assignments with their effects, as JSON."""

    __slots__ = ()

    @classmethod
    def of(cls, value: object) -> Policies:
        """``[{"policyAssignmentId": …, "policyDefinitionEffect": …}]``."""
        kept = [
            {_ID: str(policy.get(_ID) or ""), _EFFECT: str(policy.get(_EFFECT) or "")}
            for policy in _listed(value)
        ]
        return cls(msgspec.json.encode(kept).decode() if kept else "")

    @property
    def assignment(self) -> str:
        """The id of the assignment that changed something; failing that, of the first named."""
        named = [(p[_ID].rstrip("/"), p[_EFFECT].casefold()) for p in _listed(str(self))]
        altering = [assignment for assignment, effect in named if effect in ALTERING]
        return next(iter([*altering, *(assignment for assignment, _ in named)]), "")


def _listed(value: object) -> Iterator[Mapping[str, str]]:
    """The policies of a list, which is JSON in a string."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return
    for policy in value if isinstance(value, list) else ():
        if isinstance(policy, Mapping):
            yield policy
