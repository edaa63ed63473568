"""The few ways in which a run, or one reading, can end early."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model.facet import Gap


class AuditorError(Exception):
    """An error that is told to the user as one line, with a hint of what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AuditorError):
    """The command line, the configuration or an input file is wrong (exit code 2)."""

    exit_code = 2


class RunFailedError(AuditorError):
    """The run could not be done at all: no authentication, nothing readable (exit code 1)."""


class UnreadableError(Exception):
    """A fact that a rule needs could not be read; only ``evaluate`` catches it."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.message)
        self.gap = gap
