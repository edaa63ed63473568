"""Known shapes of secrets, masked in every answer before anything is made of it."""

from __future__ import annotations

import re

import msgspec


class _Shape(msgspec.Struct, frozen=True):
    """A shape of secret; ``trigger`` is a cheap sign, in lower case, that one may be there."""

    trigger: bytes
    pattern: re.Pattern[bytes]
    replacement: bytes


def _assigned(trigger: bytes, names: bytes) -> _Shape:
    """``name=value``, as in queries and connection strings; the value ends at a separator."""
    pattern = re.compile(rb"(?i)\b(" + names + rb')=[^&;,"\'\\\s<>]+')
    return _Shape(trigger, pattern, rb"\1=***")


_SHAPES = (
    _assigned(b"sig=", b"sig"),
    _assigned(b"key=", b"AccountKey|SharedAccessKey|PrimaryKey|SecondaryKey|api[-_]?key"),
    _assigned(b"password=", b"password"),
    _assigned(b"pwd=", b"pwd"),
    _assigned(b"secret=", b"client_?secret|secret"),
    _assigned(b"token=", b"(?:access|refresh|id)_token"),
    _Shape(b"bearer ", re.compile(rb"(?i)\b(bearer) [\w.~+/=-]+"), rb"\1 ***"),
    _Shape(b"eyj", re.compile(rb"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"), rb"***"),
    _Shape(
        b"private key-",
        re.compile(
            rb"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"]*?"
            rb"(?:-----END [A-Z ]*PRIVATE KEY-----|(?=\")|\Z)"
        ),
        rb"***",
    ),
    _Shape(b"://", re.compile(rb"(://)[^/\s:@\"\\]{0,200}:[^/\s@\"\\]{1,500}@"), rb"\1***@"),
)


def mask(body: bytes) -> bytes:
    """The body with its secrets replaced by ``***``; JSON stays JSON, masked stays as it is."""
    lowered = body.lower()
    for shape in _SHAPES:
        if shape.trigger in lowered:
            body = shape.pattern.sub(shape.replacement, body)
    return body


def mask_text(text: str) -> str:
    """The text with its secrets replaced."""
    return mask(text.encode(errors="replace")).decode()
