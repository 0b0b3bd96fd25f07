"""App tokens on disk, so that all processes of a machine share one: a private file a site, behind an exclusive lock."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import msgspec

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.05
"""Between two tries to get the lock."""

_LONGEST_FILE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What a site's token server said last to the holder of one key; instants in epoch seconds."""

    fingerprint: str
    """Hash of the key and of where it was sent: another key never gets this token."""
    token: str = field(default="", repr=False)
    """Empty when it was refused."""
    renew_at: float = 0.0
    refused_at: float = 0.0
    refusal: str = ""
    """Why, without any secret."""


class TokenFile:
    """The record of one site that processes share; in memory only without a folder, or when it cannot be used.

    A file that is damaged, another user's or readable by others counts as absent and is written anew.
    """

    def __init__(self, platform: Platform, folder: Path | None) -> None:
        self._platform = platform
        self._folder = folder
        self._memory: TokenRecord | None = None

    def read(self) -> TokenRecord | None:
        """Return the record that was written last, None where there is none to trust."""
        if self._folder is None:
            return self._memory
        try:
            content = _read_private(self._folder / f"{self._platform}.json")
            return msgspec.json.decode(content, type=TokenRecord)
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
            return None

    def write(self, record: TokenRecord) -> None:
        """Keep the record, whole or not at all."""
        self._memory = record
        if self._folder is None:
            return
        file = self._folder / f"{self._platform}.json"
        fresh = file.with_name(f"{file.name}.{token_hex(4)}.new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(msgspec.json.encode(record))
                fresh.replace(file)
            finally:
                fresh.unlink(missing_ok=True)
        except OSError as error:
            self._do_without(error)

    @contextmanager
    def hold(self, wait_s: float) -> Iterator[None]:
        """Keep other processes from asking for a token during the block; nothing to keep them from without a folder.

        Raises `PartUnreachable` when another one holds it for `wait_s`. The system gives it back when its holder ends.
        """
        descriptor = self._open_lock()
        try:
            if descriptor is not None:
                self._lock(descriptor, wait_s)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _open_lock(self) -> int | None:
        if self._folder is None:
            return None
        try:
            _make_private(self._folder)
            lock = self._folder / f"{self._platform}.lock"
            return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self._do_without(error)
            return None

    def _lock(self, descriptor: int, wait_s: float) -> None:
        deadline_at = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline_at:
                    raise PartUnreachable(
                        f"{self._platform}: another process has been asking for an app token for {wait_s:.0f} s"
                    ) from None
            except OSError as error:
                self._do_without(error)
                return
            time.sleep(LOOK_AGAIN_S)

    def _do_without(self, error: OSError) -> None:
        """Go on in memory: a poll must not fail because its token cannot be shared."""
        log.warning(
            "%s: app tokens cannot be shared in %s (%s): this process asks for its own",
            self._platform,
            self._folder,
            error.strerror,
        )
        self._folder = None


def _read_private(file: Path) -> bytes:
    """Return the content of a file that nobody else can have read or written; raises `OSError` for any other."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(f"{file} is not a private file of this user")
        return os.read(descriptor, _LONGEST_FILE)
    finally:
        os.close(descriptor)


def _make_private(folder: Path) -> None:
    """Make the folder, or take it over; raises `OSError` when it is another user's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it is not a folder of this user")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
