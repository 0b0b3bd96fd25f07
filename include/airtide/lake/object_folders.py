"""How an object lies in a folder: as a folder of its own, named by its key, around one file named by its digest."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from airtide.lake.stores import StoredObject

DIGEST = "sha256="
"""What the name of every object's file begins with; a file with another name is no object."""
ASIDE = ".new"
"""Where objects are made; no key begins with a dot."""
LEFT_BEHIND_S = 86_400.0
"""Nobody writes one object for so long: what is older was left by a crash."""


def write_aside(root: Path, digest: str, body: bytes | BinaryIO) -> Path:
    """Return a folder that is ready to be renamed to its place: all of it is on the disk."""
    (root / ASIDE).mkdir(mode=0o700, exist_ok=True)
    made = root / ASIDE / secrets.token_hex(16)
    made.mkdir(mode=0o700)
    try:
        descriptor = os.open(made / f"{DIGEST}{digest}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            if isinstance(body, bytes):
                file.write(body)
            else:
                body.seek(0)
                shutil.copyfileobj(body, file)
            file.flush()
            os.fsync(descriptor)
        sync(made)
    except BaseException:
        remove_aside(made)
        raise
    return made


def remove_aside(made: Path) -> None:
    """Remove what did not get to its place."""
    shutil.rmtree(made, ignore_errors=True)


def remove_left_behind(root: Path) -> None:
    """Remove what crashes have left."""
    for left in (root / ASIDE).iterdir():
        if left.stat().st_mtime < time.time() - LEFT_BEHIND_S:
            remove_aside(left)


def make_folders(place: Path, root: Path) -> None:
    """Make the folders between `root`, which is there, and `place`; others may remove them again while empty."""
    for folder in reversed(parents_below(place, root)):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)


def remove_empty(place: Path, root: Path) -> None:
    """Remove `place` and the folders above it, up to the first that holds something."""
    with suppress(OSError):
        for folder in (place, *parents_below(place, root)):
            folder.rmdir()


def parents_below(place: Path, root: Path) -> list[Path]:
    """Return the folders that `place` lies in, the nearest first, without `root` itself."""
    return [folder for folder in place.parents if folder.is_relative_to(root) and folder != root]


def find_body(place: Path) -> Path | None:
    """Return the file of the object that lies at `place`, None when there is no object."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(place) as entries:
        for entry in entries:
            # a folder of that name belongs to an object whose key goes on so
            if entry.name.startswith(DIGEST) and entry.is_file(follow_symlinks=False):
                return place / entry.name
    return None


def read_digest(body: Path) -> str:
    """Return the digest that an object was written with."""
    return body.name.removeprefix(DIGEST)


def walk(folder: Path, above: str, beginning: str = "") -> Iterator[StoredObject]:
    """Yield the objects under `folder` whose next part begins so, by key; `above` is what leads to it, with a slash."""
    places: list[tuple[str, Path | None]] = []
    for name in _list_folders(folder):
        if name.startswith(beginning) and not name.startswith("."):
            body = find_body(folder / name)
            if body is not None:
                places.append((name, body))
            if any(_list_folders(folder / name)):
                places.append((f"{name}/", None))
    # a name that others begin with comes before them, a folder's objects where its slash puts them
    for name, body in sorted(places, key=lambda place: place[0]):
        if body is None:
            yield from walk(folder / name, f"{above}{name}")
            continue
        with suppress(FileNotFoundError):
            told = body.stat()
            written_at = datetime.fromtimestamp(told.st_mtime, UTC)
            yield StoredObject(key=f"{above}{name}", bytes=told.st_size, written_at=written_at)


def _list_folders(folder: Path) -> Iterator[str]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield entry.name


def sync(folder: Path) -> None:
    """Have the disk keep the names in `folder`; nothing happens when it is removed meanwhile."""
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
