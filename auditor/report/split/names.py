"""Names of folders, made from other people's text: safe everywhere, and each part its own.

Letters and digits of any script stay, so that a Japanese team finds its folder; whatever means
something to a file system, a shell or an address does not, nor does a dot: nothing here is ever
``..``, hidden, or taken for one of the files beside it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_LONGEST = 48
_MOST_BYTES = 150
"""A file system takes 255; a digest follows."""

_DIGITS = (8, 16, 64)
_DEVICES = re.compile(r"con|prn|aux|nul|conin\$|conout\$|(com|lpt)\d")


def slug(text: str) -> str:
    """The text as a folder's name; ``part`` where nothing of it can stay. Not yet its own."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(one if _is_safe(one) else " " for one in plain).split()
    name = _cut("-".join(words)).strip("-_")
    return f"part-{name}".strip("-") if not name or _DEVICES.fullmatch(name) else name


def folders(wanted: Mapping[str, str], reserved: frozenset[str] = frozenset()) -> Mapping[str, str]:
    """A folder for each key, from the name that it is wanted under; no two are the same.

    A name that several want, or that is reserved, is told apart by a digest of the key, so that
    it does not depend on who else is there.
    """
    slugs = {key: slug(name) for key, name in wanted.items()}
    counted = Counter(slugs.values())
    given = {
        key: name for key, name in slugs.items() if counted[name] == 1 and name not in reserved
    }
    taken = set(given.values()) | reserved
    for key in sorted(wanted.keys() - given.keys()):
        given[key] = next(name for name in _told_apart(slugs[key], key) if name not in taken)
        taken.add(given[key])
    return given


def _told_apart(name: str, key: str) -> Iterable[str]:
    """The name with ever more of the key's digest; the last is longer than any slug."""
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    return (f"{name}-{digest[:digits]}" for digits in _DIGITS)


def _is_safe(character: str) -> bool:
    """Whether it is a letter with its marks, a digit, or one of ``-`` and ``_``."""
    return character in "-_" or unicodedata.category(character)[0] in "LM" or character.isdecimal()


def _cut(name: str) -> str:
    return name[:_LONGEST].encode()[:_MOST_BYTES].decode(errors="ignore")
