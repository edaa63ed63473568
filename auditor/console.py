"""What people see while a run goes on: stdout carries data, stderr words.

Names of Azure resources are other people's text. Nothing of it may steer the terminal (escape
sequences) or the build that runs us (``::error::``, ``##vso[…]``), so that every line leaves
through :func:`clean`.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from rich.console import Console
from rich.text import Text

from auditor.model.errors import UsageError

_STEERING = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is no picture: controls, marks of direction, half pairs, breaks."""

_COMMANDS = re.compile(r":(?=:)|#(?=#(?:vso)?\[)", re.IGNORECASE)

_LAST_OF_FOUR_DIGITS = 0xFFFF

_log = structlog.get_logger()


def clean(text: str) -> str:
    """One line of text that no terminal and no build agent takes for a command."""
    visible = text if text.isascii() and text.isprintable() else "".join(map(_spelled, text))
    return _COMMANDS.sub(lambda found: f"{found[0]} ", visible)


def _spelled(character: str) -> str:
    if unicodedata.category(character) not in _STEERING:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"


def prepare() -> None:
    """Make stdout and stderr spell a character that they lack, and be there even if closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (for as long as the process lives)
        setattr(sys, name, stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(line: str) -> None:
    """One line of data, to stdout."""
    show(clean(line) + "\n")


def show(text: str) -> None:
    """Data to stdout, as it is; whoever has stopped reading has read enough.

    Raises :class:`UsageError` where it leads to a disk that is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _hang_up(sys.stdout)
    except OSError as error:
        _hang_up(sys.stdout)
        raise UsageError(
            f"stdout cannot be written to: {error.strerror}", "make room where it leads to"
        ) from error


def tell(line: str) -> None:
    """One line of words, to stderr; that nobody listens is no reason to end a run."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        _hang_up(sys.stderr)


def fail(message: str, hint: str = "") -> None:
    """The one line that a run ends with when it could not be done, to stderr."""
    advice = f" (hint: {hint})" if hint else ""
    tell(clean(f"error: {message}{advice}"))


def _hang_up(stream: TextIO) -> None:
    """Let the stream lead nowhere, so that what waits in it fails no more, not even at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def report_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """``sys.excepthook``: what nobody foresaw in one line, for whoever did not ask for more."""
    del trace
    fail(f"{kind.__name__}: {error}", "this was not foreseen; -v shows where it happened")


def configure(log_format: str, *, verbose: bool = False, quiet: bool = False) -> None:
    """Set up logging to stderr: ``console`` or ``json`` lines; call once, before the run.

    Azure's own loggers stay silent: what they say our errors say too, and at their debug level
    they print tokens.
    """
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    for name in ("azure", "msal"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _cleaned, *_renderers(log_format)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Words,
        cache_logger_on_first_use=False,
    )


@contextmanager
def progress(log_format: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """How a run reports its progress: a live line on a terminal, else one line a step."""
    terminal = Console(stderr=True)
    if quiet or log_format == "json" or not terminal.is_terminal:
        yield _log.info
        return
    with terminal.status("starting") as status:
        yield lambda step: status.update(Text(clean(step)))


class _Words:
    """Where log lines go when they are rendered: all to stderr, whatever their level."""

    def msg(self, line: str) -> None:
        tell(line)

    debug = info = warning = msg


def _renderers(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
        return [stamp, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [_plain_line]


def _cleaned(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    plain = (bool, int, float, type(None))
    return {key: v if isinstance(v, plain) else clean(str(v)) for key, v in event.items()}


def _plain_line(_logger: object, _method: str, event: MutableMapping[str, object]) -> str:
    level, message = event.pop("level"), event.pop("event")
    details = "".join(f" {key}={value}" for key, value in event.items())
    mark = "" if level == "info" else f"{level}: "
    return f"{mark}{message}{details}"
