"""Keeps two commands from starting and stopping the same installation at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from airtide.domain.errors import MisconfiguredError
from airtide.local.home import Home


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the installation for the block; raises `MisconfiguredError` when another command holds it.

    The system gives the lock back when its holder ends, however it ends.
    """
    descriptor = os.open(home.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MisconfiguredError("another airtide command starts or stops this installation: wait for it") from None
        yield
    finally:
        os.close(descriptor)
