"""The parts of local mode, one class each: its files, its process, and the check that uses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from airtide.domain.errors import PartUnreachable
from airtide.local.program import Program

LOOPBACK = "127.0.0.1"


class Part(Protocol):
    """A service of local mode. `prepare` before `program`; both may be called again at any time."""

    @property
    def name(self) -> str:
        """Return its name on the command line."""
        ...

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the loopback ports that its process listens on."""
        ...

    def prepare(self) -> None:
        """Make its files; harmless when they are there. Raises `MisconfiguredError` with what to do."""
        ...

    def program(self) -> Program:
        """Return how its process is run."""
        ...

    def check(self) -> str:
        """Use the part and return what was seen to work; raises `PartUnreachable` when it does not."""
        ...


def wait_until_ready(part: Part, *, deadline_s: float = 60.0, is_running: Callable[[], bool] = lambda: True) -> float:
    """Check `part` until it works; return the seconds it took.

    Raises `PartUnreachable` with the last check's reason after `deadline_s`, or as soon as `is_running` says that its
    process is gone for good.
    """
    started = time.monotonic()
    while True:
        try:
            part.check()
        except PartUnreachable as error:
            waited = time.monotonic() - started
            if waited > deadline_s or not is_running():
                raise PartUnreachable(
                    f"{part.name} did not come up within {waited:.0f} s: {error}; its log: airtide logs {part.name}"
                ) from error
            time.sleep(0.1)
        else:
            return time.monotonic() - started
