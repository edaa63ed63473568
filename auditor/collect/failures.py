"""Why a read failed, in the model's words."""

from __future__ import annotations

from azure.core.exceptions import (
    AzureError,
    IncompleteReadError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)

from auditor.collect.redact import mask_text
from auditor.collect.wire import error
from auditor.model.facet import Outcome

_LONGEST = 300
_DENIED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_TIMEOUT = frozenset({408, 504})
_THROTTLED = 429


class FailedReadError(Exception):
    """A read that gave nothing, and why; ``status`` is absent where no answer came."""

    def __init__(
        self, outcome: Outcome, message: str, status: int | None = None, code: str = ""
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = brief(message)
        self.status = status
        self.code = code


def of_answer(status: int, body: bytes) -> FailedReadError:
    """The failure that an answer other than 200 means."""
    detail = error.read(body)
    message = detail.message or f"ARM answered {status}"
    return FailedReadError(_outcome(status), message, status, detail.code or "")


def of_exception(exception: AzureError) -> FailedReadError:
    """The failure that a request without an answer means."""
    if isinstance(exception, ServiceRequestTimeoutError | ServiceResponseTimeoutError):
        return FailedReadError(Outcome.TIMEOUT, "no answer came in time")
    if isinstance(exception, IncompleteReadError):
        return FailedReadError(Outcome.FAILED, "the answer broke off")
    return FailedReadError(Outcome.FAILED, f"no answer: {exception.message}")


def brief(message: str) -> str:
    """One line without secrets, and not too long."""
    line = " ".join(mask_text(message).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _outcome(status: int) -> Outcome:
    if status in _DENIED:
        return Outcome.DENIED
    if status in _GONE:
        return Outcome.GONE
    if status in _TIMEOUT:
        return Outcome.TIMEOUT
    return Outcome.THROTTLED if status == _THROTTLED else Outcome.FAILED
