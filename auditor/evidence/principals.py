"""Principals: whom a record means by an id or by a login, without asking the directory.

Some records carry no more of their caller than an object id. Where another record of the same
log shows that id with claims, both mean one principal: Microsoft Entra ID gives an object id to
one principal only. What only the directory could resolve stays an id.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from auditor.evidence import applications
from auditor.evidence.operations import Call
from auditor.model.operation import Claims

_GUEST = re.compile(r"(?P<name>.+)_(?P<domain>[^_#]+)#EXT#@.+", re.IGNORECASE)
_PERSONAL = re.compile(r"(?:live\.com|mail)#(?P<address>.+@.+)", re.IGNORECASE)


class Principals:
    """The principals of one log, by every id under which a record with claims shows them."""

    def __init__(self, calls: Iterable[Call]) -> None:
        shown: defaultdict[str, dict[tuple[str, ...], Claims]] = defaultdict(dict)
        for call in calls:
            if not _is_bare(call):
                claims = _lasting(call)
                for name in _names(call):
                    shown[name].setdefault(_identity(claims), claims)
        self._known = {
            name: next(iter(claims.values())) for name, claims in shown.items() if len(claims) == 1
        }

    def identified(self, call: Call) -> Call:
        """The call with its caller's claims, where it has but an id that the log explains.

        An id under which the log shows two principals explains nothing.
        """
        if not _is_bare(call):
            return call
        claims = self._known.get((call.claims.object_id or call.caller).casefold())
        return msgspec.structs.replace(call, claims=claims) if claims else call


def is_delegated(call: Call) -> bool:
    """Whether a person had signed in: the application, if any, acted for them.

    The portal and the command lines are applications through which only people sign in.
    """
    claims = call.claims
    return (
        claims.identity_type.casefold() == "user"
        or "user_impersonation" in claims.scope.casefold()
        or bool(claims.upn)
        or "@" in call.caller
        or claims.app_id.casefold() in applications.CLIENTS
    )


def readable(login: str) -> str:
    """A login as its owner would write it; the form is Microsoft Entra's for B2B guests.

    ``carol_fabrikam.example#EXT#@contoso.example`` is ``carol@fabrikam.example`` at home, and
    ``live.com#dan@example.com`` the personal account ``dan@example.com``.
    """
    guest = _GUEST.fullmatch(login)
    if guest:
        return f"{guest['name']}@{guest['domain']} (guest)"
    personal = _PERSONAL.fullmatch(login)
    return f"{personal['address']} (personal account)" if personal else login


def _is_bare(call: Call) -> bool:
    claims = call.claims
    told = claims.app_id or claims.managed_identity_id or claims.identity_type
    return not (told or is_delegated(call))


def _names(call: Call) -> set[str]:
    """The ids that mean this caller and nobody else; an application's name is not a person's."""
    claims = call.claims
    names = {claims.object_id}
    if not is_delegated(call):
        names |= {claims.app_id, "" if "/" in call.caller else call.caller}
    return {name.casefold() for name in names if name}


def _lasting(call: Call) -> Claims:
    """What of the claims is the principal's own: a person's client is another every time."""
    claims = call.claims
    if not is_delegated(call):
        return claims
    return Claims(
        identity_type="user",
        object_id=claims.object_id,
        tenant_id=claims.tenant_id,
        upn=claims.upn or (call.caller if "@" in call.caller else ""),
        name=claims.name,
    )


def _identity(claims: Claims) -> tuple[str, ...]:
    own = (claims.identity_type, claims.object_id, claims.app_id, claims.managed_identity_id)
    return tuple(part.casefold() for part in own)
