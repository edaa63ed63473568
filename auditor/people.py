"""How people appear in what a run writes: in full, under a pseudonym, or not at all. Pure.

A person here is whoever a customer's own directory knows: users, service principals, managed
identities, and callers that nothing identifies. AKS, Azure Policy and the platform are not.

A pseudonym is the same in every report, so that one person's changes can be told from
another's. It is no anonymity: who knows a name can compute its pseudonym.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from auditor.model.operation import CUSTOMER, ActorKind
from auditor.model.report import FindingRow, UnitResult

FULL, HASH = "full", "hash"

_PEOPLE = CUSTOMER | {ActorKind.UNKNOWN}
_TELLING = ("actor", "actor_id", "client_address")
_PROSE = frozenset(
    {"summary", "text", "reason", "message", "basis", "clock_basis", "support_reasons"}
)
_ANONYMOUS = re.compile(
    r"[\w.+#-]+@[\w-]+(?:\.[\w-]+)+"  # a mail address, or a user principal name
    r"|(?<=client ')[^']+(?=')|(?<=object id ')[^']+(?=')"  # whom ARM refused
)

Mask = Callable[[str], str]


def shown(unit: UnitResult, how: str) -> UnitResult:
    """The unit with its people as ``how`` says: ``full``, ``hash`` or ``none``.

    Masked are a finding's actor, actor id and client address, wherever the unit's prose spells
    them out, and whatever reads like a mail address or like the refused caller of an ARM error.
    Ids of Azure resources stay: without them a finding says nothing.
    """
    if how == FULL:
        return unit
    mask = _pseudonym if how == HASH else _withheld
    rewrite = _Rewriter(mask, set(_names(unit.findings)))
    findings = tuple(_masked(finding, mask) for finding in unit.findings)
    plain = msgspec.to_builtins(
        msgspec.structs.replace(unit, findings=findings), builtin_types=(datetime,)
    )
    return msgspec.convert(rewrite(plain), UnitResult)


class _Rewriter:
    """Rewrites every text of a tree of built-in values; names only where prose stands."""

    def __init__(self, mask: Mask, names: set[str]) -> None:
        self._mask = mask
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        words = "|".join(longest_first) or r"(?!)"
        self._names = re.compile(rf"(?<![\w.-])(?:{words})(?![\w-])")

    def __call__(self, value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: self(item, name) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self(item, key) for item in value]
        return self._text(value, key) if isinstance(value, str) else value

    def _text(self, text: str, key: str) -> str:
        if key in _PROSE:
            text = self._names.sub(lambda found: self._mask(found[0]), text)
        return _ANONYMOUS.sub(lambda found: self._mask(found[0]), text)


def _is_person(finding: FindingRow) -> bool:
    return finding.actor_kind in _PEOPLE


def _names(findings: Iterable[FindingRow]) -> Iterable[str]:
    told = (getattr(f, field) for f in findings if _is_person(f) for field in _TELLING)
    return filter(None, told)


def _masked(finding: FindingRow, mask: Mask) -> FindingRow:
    if not _is_person(finding):
        return finding
    told = {field: getattr(finding, field) for field in _TELLING}
    hidden = {field: mask(value) for field, value in told.items() if value}
    return msgspec.structs.replace(finding, **hidden)


def _pseudonym(name: str) -> str:
    return "person-" + hashlib.sha256(name.casefold().encode()).hexdigest()[:10]


def _withheld(_name: str) -> str:
    return "(withheld)"
