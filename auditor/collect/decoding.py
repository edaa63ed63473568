"""Answers decoded, and encoded again from what was understood; pages element by element."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from auditor.collect.failures import FailedReadError
from auditor.collect.wire import base
from auditor.collect.wire.base import Page, Translatable, Unread
from auditor.collect.wire.graph import GraphPage
from auditor.model.facet import Outcome

M = TypeVar("M")
W = TypeVar("W")
P = TypeVar("P", Page, GraphPage)

_OK = 200
_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class Sifted(msgspec.Struct, Generic[P, M], frozen=True, kw_only=True):
    """A page beside its elements as they were understood; what was not is the page's ``unread``."""

    page: P
    elements: list[Translatable[M]]

    def translated(self) -> tuple[tuple[M, ...], tuple[Unread, ...]]:
        """What the elements stand for in the model, and those that stand for nothing."""
        items: list[M] = []
        unread = list(self.page.unread)
        for element in self.elements:
            try:
                items.append(element.to_model())
            except ValueError as error:
                unread.append(Unread.of(encoded(element), error))
        return tuple(items), tuple(unread)


def decoded(body: bytes, kind: type[W]) -> W:
    """One answer; raises ``FailedReadError``."""
    try:
        return msgspec.json.decode(body, type=kind, dec_hook=base.custom)
    except _ERRORS as error:
        raise failed(error) from error


def sifted(body: bytes, kind: type[P], wire: type[Translatable[M]]) -> Sifted[P, M]:
    """One page, each element decoded for itself.

    Raises ``FailedReadError`` where the answer is no page at all.
    """
    page = decoded(body, kind)
    elements: list[Translatable[M]] = []
    for raw in page.value:
        try:
            elements.append(msgspec.json.decode(raw, type=wire, dec_hook=base.custom))
        except _ERRORS as error:
            page.unread.append(Unread.of(raw, error))
    return Sifted(page=page, elements=elements)


def encoded(answer: object) -> bytes:
    """What was understood of an answer, and nothing else, as JSON."""
    if isinstance(answer, Sifted):
        answer = msgspec.structs.replace(answer.page, value=answer.elements)
    return msgspec.json.encode(answer, enc_hook=base.plain)


def failed(error: Exception | str) -> FailedReadError:
    """The failure that an answer means that does not read."""
    return FailedReadError(Outcome.FAILED, f"the answer does not read: {error}", _OK)
