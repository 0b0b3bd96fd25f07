"""What an object store promises: whole objects under names, written once. Each kind of store has its own module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from airtide.domain.errors import MisconfiguredError, ObjectConflict

CONNECTION_ID = "airtide_lake"

OCTETS = "application/octet-stream"
"""What an object is that was written without a type."""
LONGEST_LINK_S = 600

_LONGEST_KEY_BYTES = 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|(?:^|/)(?:\.|/|$)")
"""Signs that no name needs; parts of a path that are empty or begin with a dot, as `..` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What a store says of an object; `sha256` is the digest it was written with, None when it has none."""

    key: str
    bytes: int
    sha256: str | None = None
    written_at: datetime | None = None
    """None where the store was asked for one object, not for a list."""


class ObjectStore(Protocol):
    """Immutable objects. Every call raises `PartUnreachable`, `CredentialsRejected` or `MisconfiguredError`.

    The last also for a name that is no key; see `check_key`. Safe for several threads and processes at once.
    """

    def prepare(self) -> None:
        """Make the bucket that the objects lie in, when it is not there."""
        ...

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str, content_type: str = OCTETS) -> None:
        """Write an object whose rows have this digest; nothing happens when one with the same digest is there.

        A file is read from its beginning.

        Raises `ObjectConflict` when one with another digest is. Nobody ever reads half an object.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return an object's bytes; raises `ObjectMissing` when there is none."""
        ...

    def copy_to(self, key: str, file: BinaryIO) -> None:
        """Write an object's bytes into `file`, some at a time; raises `ObjectMissing` when there is none."""
        ...

    def head(self, key: str) -> StoredObject | None:
        """Return what is stored under `key`, None when nothing is."""
        ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with `prefix`, by key, without their digests."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens when there is none."""
        ...

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Return a link by which anybody reads the object for so long, at most `LONGEST_LINK_S`.

        Whether there is such an object is not looked at. Raises `MisconfiguredError` where the store knows no links.
        """
        ...


def check_key(key: str) -> None:
    """Raise `MisconfiguredError` for what every store should not, and a folder must not, take for a name.

    A name is at most 1,024 bytes of UTF-8, holds no control characters, and no part between its slashes is empty or
    begins with a dot: none leads out of a folder.
    """
    if _UNSAFE.search(key) or len(key.encode()) > _LONGEST_KEY_BYTES:
        raise MisconfiguredError(
            f"{key[:100]!r} is no name of an object: whatever gave it, a row or a caller, is to be mended"
        )


def check_seconds(seconds: int) -> None:
    """Raise ValueError for a time that no link may work."""
    if not 0 < seconds <= LONGEST_LINK_S:
        raise ValueError(f"a link works for 1 to {LONGEST_LINK_S} seconds, not {seconds}")


def compare_digests(stored: StoredObject, sha256: str, where: str) -> None:
    """Raise `ObjectConflict` unless the object that is there was written with this digest."""
    if stored.sha256 != sha256:
        raise ObjectConflict(
            f"{stored.key} in {where} holds other rows (digest {stored.sha256}) than those to be written "
            f"(digest {sha256}): an earlier try wrote it by other rules. If ingest.lake_object does not list it, "
            "delete it and land again"
        )
