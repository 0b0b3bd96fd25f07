"""Objects in a folder, for the smallest installation: plain files on one disk, no server.

An object is made aside and renamed to its place. A rename onto a folder that holds something fails, so the first writer
wins; and an object, its digest and all of its bytes are there at one instant or not at all. A crash leaves what was
made aside, which `prepare` removes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, ObjectMissing, PartUnreachable
from airtide.lake.object_folders import (
    ASIDE,
    find_body,
    make_folders,
    parents_below,
    read_digest,
    remove_aside,
    remove_empty,
    remove_left_behind,
    sync,
    walk,
    write_aside,
)
from airtide.lake.stores import CONNECTION_ID, OCTETS, StoredObject, check_key, check_seconds, compare_digests

_TRIES = 5
"""Others may remove a folder, because it is empty, between its making and its filling: so often at most."""
_PIECE_BYTES = 1 << 20

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_UNFIT = frozenset({errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG})


class FolderStore:
    """One folder, which plays the bucket; what is made in it is for its owner alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self) -> None:
        """Make the folder in one that is there, and remove what crashes have left in it."""
        with self._failures("make it"):
            if not self._root.parent.is_dir():
                raise MisconfiguredError(
                    f"there is no folder {self._root.parent}: make it or mount its disk, or mend the path in the extra "
                    f"of connection {CONNECTION_ID}"
                )
            for folder in (self._root, self._root / ASIDE):
                folder.mkdir(mode=0o700, exist_ok=True)
            remove_left_behind(self._root)

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str, content_type: str = OCTETS) -> None:
        """Write aside, sync and rename; where an object is there already, its digest decides.

        A folder keeps no types: who hands an object out knows what it is.
        """
        if self._is_there(key, sha256):
            return
        with self._failures(f"write {key}"):
            made = write_aside(self._root, sha256, body)
            try:
                self._move_in(made, key, sha256)
            finally:
                remove_aside(made)

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        return b"".join(self._read(key))

    def copy_to(self, key: str, file: BinaryIO) -> None:
        """Write an object's bytes into `file`."""
        for piece in self._read(key):
            file.write(piece)

    def head(self, key: str) -> StoredObject | None:
        """Return size and digest of an object."""
        check_key(key)
        with self._failures(f"look at {key}"):
            body = self._find(key)
            if body is None:
                return None
            try:
                size = body.stat().st_size
            except FileNotFoundError:
                return None
        return StoredObject(key=key, bytes=size, sha256=read_digest(body))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield keys and sizes, one folder at a time."""
        above, slash, beginning = prefix.rpartition("/")
        if slash:
            check_key(above)
        with self._failures(f"list {prefix}"):
            self._root.stat()
            yield from walk(self._root / above, f"{above}{slash}", beginning)

    def delete(self, key: str) -> None:
        """Remove an object, and the folders that hold nothing any more."""
        check_key(key)
        with self._failures(f"delete {key}"):
            body = self._find(key)
            if body is not None:
                body.unlink(missing_ok=True)
                sync(body.parent)
                remove_empty(body.parent, self._root)

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Refuse: there is no server that a link could lead to."""
        check_key(key)
        check_seconds(seconds)
        raise MisconfiguredError(
            f"connection {CONNECTION_ID} is a folder, into which no link leads: set pictures.served: api"
        )

    def _is_there(self, key: str, sha256: str) -> bool:
        stored = self.head(key)
        if stored is not None:
            compare_digests(stored, sha256, self._where())
        return stored is not None

    def _move_in(self, made: Path, key: str, sha256: str) -> None:
        place = self._root / key
        for _ in range(_TRIES):
            try:
                make_folders(place, self._root)
                made.rename(place)
            except FileNotFoundError:
                self._root.stat()
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                if self._is_there(key, sha256):
                    return
            else:
                for folder in (*parents_below(place, self._root), self._root):
                    sync(folder)
                return
        raise MisconfiguredError(
            f"{key} cannot be written in {self._where()}: other things lie in the folder of that name; move them away"
        )

    def _find(self, key: str) -> Path | None:
        body = find_body(self._root / key)
        if body is None:
            self._root.stat()
        return body

    def _read(self, key: str) -> Iterator[bytes]:
        check_key(key)
        with self._failures(f"read {key}"):
            missing = ObjectMissing(f"there is no object {key} in {self._where()}")
            body = self._find(key)
            if body is None:
                raise missing
            try:
                file = body.open("rb")
            except FileNotFoundError as error:
                raise missing from error
            with file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._name_failure(error, doing) from error

    def _name_failure(self, error: OSError, doing: str) -> Exception:
        where, said = self._where(), error.strerror
        if error.errno in _NO_ROOM:
            return PartUnreachable(f"{where} has no room left (to {doing}): {said}. Make room; then it is done again")
        if error.errno in _NO_RIGHT:
            return CredentialsRejected(
                f"{where} does not let user {os.geteuid()} {doing}: {said}. Give it to that user, or mend connection "
                f"{CONNECTION_ID}"
            )
        if error.errno == errno.ENOENT:
            return MisconfiguredError(
                f"there is no folder {self._root} (to {doing}): mount its disk, run `airtide up`, or set "
                "AIRTIDE__LAKE__BUCKET"
            )
        if error.errno in _UNFIT:
            return MisconfiguredError(f"{where} cannot {doing}: {said}")
        return PartUnreachable(f"{where} could not {doing}: {said}")

    def _where(self) -> str:
        return f"the folder {self._root}"
