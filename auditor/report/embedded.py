"""The whole report inside its page: ``report.json``, compressed, so that a page can be rendered.

A page travels: by mail, on a share. What it was made from travels in it, and ``render --from
report.html`` writes every other format from the page alone.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from markupsafe import Markup

from auditor.report import json
from auditor.report.view import Report

OPENING = b'<script type="application/gzip" id="report-json">'
CLOSING = b"</script>"

_CHUNK = 3 * 65_536
"""Bytes encoded at a time; a multiple of three, so that the pieces join to one base64 text."""
_BEGINNING = 1_024
"""Bytes of a file in which a page has begun, if it is one."""
_BLANK = b"\xef\xbb\xbf \t\r\n"
_GZIP = 16 + zlib.MAX_WBITS


def document(report: Report) -> Iterator[Markup]:
    """``report.json``, compressed, as base64; in pieces, so that it need not fit into memory."""
    with tempfile.TemporaryFile() as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            json.write(report, cast("BinaryIO", packed))
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield Markup(base64.b64encode(piece).decode())  # noqa: S704 (letters and digits)


def unpacked(page: bytes, largest: int) -> bytes | None:
    """The report that a page carries; ``None`` where the bytes are no page.

    :class:`ValueError` where a page carries none, or a damaged one. What would be larger than
    ``largest`` bytes is not unpacked further.
    """
    _, found, rest = page.partition(OPENING)
    if not found:
        if page[:_BEGINNING].lstrip(_BLANK).startswith(b"<"):
            raise ValueError("the page carries no report: it is cut off, or no report.html")
        return None
    packed, closed, _ = rest.partition(CLOSING)
    if not closed:
        raise ValueError("the report in the page is cut off")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(base64.b64decode(packed, validate=True), largest + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"the report in the page is damaged: {error}") from error
    if not unpacker.eof and len(content) <= largest:
        raise ValueError("the report in the page is cut off")
    return content
