"""The folder of all parts: written as one, and never with a part of an earlier run in it.

``.aks-auditor-parts.json`` in it lists every file that this tool wrote there, with its digest. What
an earlier run has left is deleted if it is still that very file, and nothing else ever is.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from auditor.model.errors import UsageError

MANIFEST = ".aks-auditor-parts.json"
_FORMAT = "aks-auditor-parts"
_NAME = re.compile(r"(?!\.)[^/\\\0]+(/(?!\.)[^/\\\0]+)?")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Which run wrote the parts: their files by path below the folder, with their SHA-256."""

    format: str
    run: str
    files: Mapping[str, str]


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """A place to write all parts in; :class:`UsageError` where the folder is a link, or refuses."""
    if folder.is_symlink():
        raise UsageError(f"{folder} is a symbolic link", hint="remove it, or choose a folder")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as path:
            yield Path(path)
    except OSError as error:
        raise UsageError(
            f"the parts cannot be written to {folder}: {error.strerror}",
            hint="choose another folder",
        ) from error


def publish(written: Path, folder: Path, run: str) -> tuple[Path, ...]:
    """Put a draft in the place of whatever an earlier run left there; what had to be left."""
    names = sorted(p.relative_to(written).as_posix() for p in written.rglob("*") if p.is_file())
    manifest = Manifest(
        format=_FORMAT, run=run, files={name: _digest(written / name) for name in names}
    )
    _refuse_links(folder, names)
    left = _retire(folder, keep=frozenset(names))
    draft_of = written / MANIFEST
    draft_of.touch(mode=0o600)
    draft_of.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    for name in (MANIFEST, *names):
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        (written / name).replace(folder / name)
    return left


def retire(folder: Path, run: str) -> tuple[Path, ...]:
    """Delete the parts of other runs below a report's folder; what had to be left."""
    left: list[Path] = []
    for path in sorted(folder.glob(f"by-*/{MANIFEST}")):
        manifest = _read(path.parent)
        if manifest and manifest.run != run:
            left += _retire(path.parent, keep=frozenset())
            path.unlink()
            _remove_if_empty(path.parent)
    return tuple(left)


def _retire(folder: Path, keep: frozenset[str]) -> tuple[Path, ...]:
    """Delete what the manifest lists, but for what is to be kept; files that were changed since."""
    manifest = _read(folder)
    listed = manifest.files if manifest else {}
    old = {name: digest for name, digest in listed.items() if name not in keep}
    there = [name for name in sorted(old) if _NAME.fullmatch(name) and _is_own(folder / name)]
    left = [name for name in there if _digest(folder / name) != old[name]]
    for name in there:
        if name not in left:
            (folder / name).unlink()
    for parent in {(folder / name).parent for name in there} - {folder}:
        _remove_if_empty(parent)
    return tuple(folder / name for name in left)


def _is_own(path: Path) -> bool:
    """Whether it is a plain file that no link leads to."""
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()


def _read(folder: Path) -> Manifest | None:
    """The manifest, if there is one that reads."""
    path = folder / MANIFEST
    if folder.is_symlink() or not _is_own(path):
        return None
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return manifest if manifest.format == _FORMAT else None


def _refuse_links(folder: Path, names: Iterable[str]) -> None:
    """A link that someone else placed could lead a part anywhere."""
    paths = {folder / name for name in (MANIFEST, *names)}
    for path in sorted(paths | {path.parent for path in paths}):
        if path.is_symlink():
            raise UsageError(f"{path} is a symbolic link", hint="remove it, or choose a folder")


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
