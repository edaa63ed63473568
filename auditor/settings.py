"""What a run is asked to do: flags > environment > ``aks-auditor.toml`` > defaults.

Every option has one name. It is ``--fail-on`` on the command line, ``AKS_AUDITOR_FAIL_ON`` in
the environment (lists separated by commas) and ``fail-on`` in the file. Wherever a value comes
from, it is checked here, and an error names the place.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from auditor.language import ENGLISH
from auditor.model.errors import UsageError
from auditor.model.rule import Tunables
from auditor.model.verdict import Severity
from auditor.options import EXTRAS, LISTS, PARSERS, USUAL_FORMATS

PREFIX = "AKS_AUDITOR_"
FILE = "aks-auditor.toml"
LOG_DAYS = 90  # Azure keeps the activity log for 90 days, then it is gone


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One run's settings, checked; each attribute is the option of that name.

    ``since`` is the age of the oldest activity record to read, or its date. ``as_of`` is the
    moment that clocks are computed for (default: now, or when the snapshot was taken).
    ``split_by`` is empty where the report is written as a whole only.
    ``min_coverage`` is in percent; ``None`` leaves it to :attr:`required_coverage`.
    """

    subscription: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    resource_group: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    tenant: str = ""
    output_dir: Path = Path("aks-auditor-report")
    format: tuple[str, ...] = USUAL_FORMATS
    split_by: str = ""
    since: timedelta | datetime = timedelta(days=30)
    as_of: datetime | None = None
    concurrency: int = 16
    cloud: str = "public"
    arm_endpoint: str = ""
    auth: str = "default"
    actors: str = "full"
    lang: str = ENGLISH
    fail_on: Severity | None = None
    min_coverage: float | None = None
    save_snapshot: Path | None = None
    from_snapshot: Path | None = None
    version_warning_days: int = Tunables().version_warning_days
    image_warning_days: int = Tunables().image_warning_days
    endless_transition_hours: int = Tunables().endless_transition_hours
    verbose: bool = False
    quiet: bool = False
    log_format: str = "console"

    def since_at(self, now: datetime) -> datetime:
        """The moment back to which the activity log is read, for a run at ``now``."""
        return now - self.since if isinstance(self.since, timedelta) else self.since

    @property
    def tunables(self) -> Tunables:
        """The thresholds that rules judge by."""
        return msgspec.convert(self, Tunables, from_attributes=True)

    @property
    def required_coverage(self) -> float:
        """The least acceptable coverage: all of it under a gate, anything without one."""
        if self.min_coverage is not None:
            return self.min_coverage
        return 100.0 if self.fail_on else 0.0


class Given(NamedTuple):
    """An option's values as somebody wrote them, and where."""

    values: tuple[str, ...]
    origin: str


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    now: datetime,
    config: Path | None = None,
) -> Settings:
    """Settings from all four places; a flag that is ``None``, empty or false was not given.

    ``config`` is the file, if any: see :func:`config_file`.

    Raises :class:`UsageError` for an unknown name, a value that does not fit, or options that
    exclude one another.
    """
    given = {**_from_file(config), **_from_environment(environ), **_from_flags(flags)}
    values = {name: _parsed(name, option) for name, option in given.items()}
    settings = msgspec.structs.replace(Settings(), **values)
    _check_window(settings, now)
    _check_folders(settings)
    _check_extras(settings.format)
    if settings.verbose and settings.quiet:
        raise UsageError("--verbose and --quiet exclude one another")
    return settings


def config_file(config: Path | None) -> Path | None:
    """The settings file to read: the one given, else the working directory's, if it has one."""
    here = Path(FILE)
    return config or (here if here.is_file() else None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word; failing that ``otherwise``, or them all."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return otherwise or f"known: {', '.join(choices)}"


def _from_flags(flags: Mapping[str, object]) -> dict[str, Given]:
    given = {name: value for name, value in flags.items() if value not in (None, False, [])}
    return {name: Given(_strings(value), f"--{_key(name)}") for name, value in given.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    found = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower()
        if name not in PARSERS:
            known = (f"{PREFIX}{option.upper()}" for option in PARSERS)
            raise UsageError(f"{variable} is not a setting", did_you_mean(variable, known))
        text = environ[variable]
        if text.strip():
            values = tuple(text.split(",")) if name in LISTS else (text,)
            found[name] = Given(values, variable)
    return found


def _from_file(path: Path | None) -> dict[str, Given]:
    if path is None:
        return {}
    found = {}
    for key, value in _read_toml(path).items():
        name = key.replace("-", "_")
        if name not in PARSERS:
            hint = did_you_mean(key, map(_key, PARSERS))
            raise UsageError(f"{path}: {key} is not a setting", hint)
        if _holds_table(value):
            raise UsageError(f"{path}: {key} is a table", "settings stand at the top of the file")
        found[name] = Given(_strings(value), f"{path}: {key}")
    return found


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise UsageError(f"{path} is not a TOML file: {error}") from error


def _holds_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_holds_table, value)))


def _strings(value: object) -> tuple[str, ...]:
    """Flags, TOML values and lists of either, as the text that a parser expects."""
    if isinstance(value, list | tuple):
        return tuple(text for item in value for text in _strings(item))
    return (str(value).lower() if isinstance(value, bool) else str(value),)


def _key(name: str) -> str:
    return name.replace("_", "-")


def _parsed(name: str, option: Given) -> object:
    try:
        return PARSERS[name](option.values)
    except ValueError as error:
        raise UsageError(f"{option.origin}: {error}") from error


def _check_window(settings: Settings, now: datetime) -> None:
    age = now - settings.since_at(now)
    if age > timedelta(days=LOG_DAYS):
        raise UsageError(
            f"--since reaches back {age.days} days",
            f"Azure keeps the activity log for {LOG_DAYS} days: --since {LOG_DAYS}d at most",
        )
    if age <= timedelta():
        raise UsageError("--since is not in the past", "give days such as 30d, or a date")


def _check_folders(settings: Settings) -> None:
    if settings.from_snapshot:
        _check_readable("--from-snapshot", settings.from_snapshot)
    for option in ("output_dir", "save_snapshot"):
        if folder := getattr(settings, option):
            _check_writable(f"--{_key(option)}", folder.absolute())


def _check_extras(formats: Iterable[str]) -> None:
    for name in formats:
        module = EXTRAS.get(name)
        if module and importlib.util.find_spec(module) is None:
            raise UsageError(
                f"format {name} needs a package that is not installed",
                f"pip install 'aks-auditor[{name}]'",
            )


def _check_readable(option: str, folder: Path) -> None:
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise UsageError(f"{option}: {folder} cannot be read: {error.strerror}") from error


def _check_writable(option: str, folder: Path) -> None:
    """Find out before an hour's work, not after it."""
    try:
        nearest = _nearest(folder)
    except OSError as error:
        raise UsageError(f"{option}: {folder} cannot be written to: {error.strerror}") from error
    if not nearest.is_dir():
        raise UsageError(f"{option}: {nearest} is a file, not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"{option}: {nearest} cannot be written to")


def _nearest(folder: Path) -> Path:
    """The folder, or what is nearest above it; :class:`OSError` where that cannot be told."""
    for path in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
            return path
    return Path(folder.anchor)
