"""How ARM says no: ``{"error": {"code", "message"}}``, or the inner object alone."""

from __future__ import annotations

import msgspec

from auditor.collect.wire.base import Wire


class ErrorDetail(Wire):
    """The code and the words."""

    code: str | None = None
    message: str | None = None


class ErrorBody(Wire):
    """Either form of the body; the activity log and Graph use both."""

    error: ErrorDetail | str | None = None
    code: str | None = None
    message: str | None = None

    @property
    def detail(self) -> ErrorDetail:
        """Code and message, wherever they stood."""
        if isinstance(self.error, ErrorDetail):
            return self.error
        return ErrorDetail(code=self.code or self.error, message=self.message)


def read(body: bytes) -> ErrorDetail:
    """The error in a body; an empty one where the body is none (a gateway's page, say)."""
    try:
        return msgspec.json.decode(body, type=ErrorBody).detail
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorDetail()
