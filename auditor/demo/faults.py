"""What goes wrong on purpose: refused, throttled, broken and lost answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus

import msgspec

from auditor.demo.answers import Answer, Request, error
from auditor.demo.files import Fault

_CODES = {
    401: "ExpiredAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_ME = "client 'aks-auditor' with object id '00000000-0000-0000-0000-00000000a0d1'"


class Faults:
    """The faults of a tenant, each with the number of times that it still strikes."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = [(re.compile(fault.path, re.IGNORECASE), fault) for fault in faults]
        self._left = [fault.times for _, fault in self._faults]

    def meet(self, request: Request, truth: Callable[[], Answer]) -> Answer:
        """The true answer, or what the first fault that the request runs into makes of it.

        A request that fails never reaches the truth: it has read nothing.
        """
        fault = self._strike(request)
        if fault is None:
            return truth()
        if fault.truncate:
            whole = truth()
            return msgspec.structs.replace(whole, body=whole.body[: len(whole.body) // 2])
        return _failure(fault, request)

    def _strike(self, request: Request) -> Fault | None:
        for index, (pattern, fault) in enumerate(self._faults):
            if self._left[index] != 0 and pattern.search(request.target):
                self._left[index] = _one_less(self._left[index])
                return fault
        return None


def _failure(fault: Fault, request: Request) -> Answer:
    if fault.timeout:
        return Answer(dropped=True)
    if fault.body is not None:
        return Answer(status=fault.status, headers=fault.headers, body=fault.body.encode())
    code = fault.code or _CODES.get(fault.status, "BadRequest")
    return error(fault.status, code, fault.message or _message(fault, request), fault.headers)


def _one_less(left: int | None) -> int | None:
    return None if left is None else left - 1


def _message(fault: Fault, request: Request) -> str:
    if fault.status == HTTPStatus.FORBIDDEN:
        return (
            f"The {_ME} does not have authorization to perform action '{_action(request.path)}'"
            f" over scope '{request.path}' or the scope is invalid. If access was recently"
            " granted, please refresh your credentials."
        )
    return HTTPStatus(fault.status).description or HTTPStatus(fault.status).phrase


def _action(path: str) -> str:
    """The permission that a path takes."""
    provider = path.rpartition("/providers/")[2].split("/")
    if "/providers/" in path:
        return "/".join([provider[0], *provider[1::2], "read"])
    return "/".join(["Microsoft.Resources", *path.strip("/").split("/")[::2], "read"])
