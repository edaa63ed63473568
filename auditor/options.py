"""How the value of each option is written, and what is said of one that does not fit.

A parser takes an option's values as text and raises :class:`ValueError` with what is wrong,
worded to follow the name of the place where the value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from auditor.language import LANGUAGES
from auditor.model.verdict import Severity

FORMATS = (
    "html",
    "csv",
    "xlsx",
    "json",
    "sarif",
    "markdown",
    "junit",
    "prometheus",
    "parquet",
    "ocsf",
)
USUAL_FORMATS = ("html", "csv", "json")
"""What is written unless somebody chooses."""

EXTRAS: Mapping[str, str] = {"parquet": "pyarrow", "ocsf": "py_ocsf_models"}
"""The formats that need the extra of their name, and the module that it brings."""

TAG = "tag:"
PLACES = ("subscription", "management-group")
_LONGEST_TAG = 512  # of a tag's name, says Azure

Parser = Callable[[tuple[str, ...]], object]


def _one(parse: Callable[[str], object]) -> Parser:
    def single(values: tuple[str, ...]) -> object:
        if len(values) != 1:
            raise ValueError("takes one value")
        return parse(values[0].strip())

    return single


def _many(parse: Callable[[str], str]) -> Parser:
    def several(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(parse(value.strip()) for value in values))

    return several


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    if not value.isprintable():  # no name in Azure; bytes that are no UTF-8 could not be sent
        raise ValueError(f"{value!r} holds what cannot be printed")
    return value


def _choice(*words: str) -> Callable[[str], str]:
    def chosen(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return value.lower()

    return chosen


def _formats(values: tuple[str, ...]) -> tuple[str, ...]:
    known = _choice(*FORMATS)
    chosen = {known(word.strip()) for value in values for word in value.split(",")}
    return tuple(name for name in FORMATS if name in chosen)


def split_by(value: str) -> str:
    """``tag:NAME``, ``subscription`` or ``management-group``, as it is kept in the settings."""
    word = value.casefold()
    if word in PLACES:
        return word
    name = value[len(TAG) :].strip() if word.startswith(TAG) else ""
    if not 0 < len(name) <= _LONGEST_TAG or not name.isprintable():
        raise ValueError(f"{value!r} is none of {TAG}NAME, {', '.join(PLACES)}")
    return f"{TAG}{name}"


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def number(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"{value!r} is not a whole number from {lowest} to {highest}")
        return int(value)

    return number


def _percent(value: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?%?", value) or float(value.rstrip("%")) > 100:  # noqa: PLR2004 (a percentage)
        raise ValueError(f"{value!r} is not a percentage from 0 to 100")
    return float(value.rstrip("%"))


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = datetime.min.replace(tzinfo=UTC)
    if not MINYEAR < moment.year < MAXYEAR:  # at the calendar's ends, no zone can tell it
        raise ValueError(f"{value!r} is not a date such as 2026-06-30 or 2026-06-30T12:00:00Z")
    return moment


def _since(value: str) -> timedelta | datetime:
    if days := re.fullmatch(r"(\d{1,4})d", value):
        return timedelta(days=int(days[1]))
    try:
        return _moment(value)
    except ValueError:
        raise ValueError(f"{value!r} is neither days such as 30d nor a date") from None


def _endpoint(value: str) -> str:
    url = urlsplit(value)
    if "@" in url.netloc:
        raise ValueError("the address holds credentials; sign-in is azure-identity's business")
    if url.scheme != "https" or not url.hostname:
        raise ValueError(f"{value!r} is not an https:// address; tokens travel encrypted only")
    if url.port == 0 or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(f"{value!r} is not just https://HOST or https://HOST:PORT")
    if not _is_host(url.hostname):
        raise ValueError(f"{value!r} names no host that there can be")
    return value.rstrip("/")


def _is_host(name: str) -> bool:
    """Whether it is an address or a name that the DNS can hold."""
    try:
        return bool(re.fullmatch(r"[\w.:-]+", name.encode("idna").decode()))
    except UnicodeError:  # a label that is empty, too long, or of no letters
        return False


def _severity(value: str) -> Severity | None:
    word = _choice("critical", "high", "medium", "low", "none")(value)
    return None if word == "none" else Severity(word)


def _yes(value: str) -> bool:
    return _choice("true", "false", "1", "0")(value) in {"true", "1"}


def _path(value: str) -> Path:
    if not value:
        raise ValueError("is empty")
    if "\0" in value:
        raise ValueError(f"{value!r} is no path")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{value!r}: there is no such home directory") from None


LISTS: Mapping[str, Parser] = {
    "subscription": _many(_text),
    "exclude": _many(_text),
    "resource_group": _many(_text),
    "cluster": _many(_text),
    "format": _formats,
}
PARSERS: Mapping[str, Parser] = {
    **LISTS,
    "tenant": _one(_text),
    "output_dir": _one(_path),
    "split_by": _one(split_by),
    "since": _one(_since),
    "as_of": _one(_moment),
    "concurrency": _one(_whole(1, 64)),
    "cloud": _one(_choice("public", "usgov", "china")),
    "arm_endpoint": _one(_endpoint),
    "auth": _one(
        _choice(
            "default", "cli", "managed-identity", "workload-identity", "environment", "device-code"
        )
    ),
    "actors": _one(_choice("full", "hash", "none")),
    "lang": _one(_choice(*LANGUAGES)),
    "fail_on": _one(_severity),
    "min_coverage": _one(_percent),
    "save_snapshot": _one(_path),
    "from_snapshot": _one(_path),
    "version_warning_days": _one(_whole(0, 365)),
    "image_warning_days": _one(_whole(1, 90)),
    "endless_transition_hours": _one(_whole(1, 24 * 90)),
    "verbose": _one(_yes),
    "quiet": _one(_yes),
    "log_format": _one(_choice("console", "json")),
}
