"""Where *now* comes from: handed in, so that past days can be worked through and tests need no waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant and waits."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait `seconds`."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of real time."""
        time.sleep(seconds)


class SetClock:
    """A clock that stands still until it is moved; `sleep` moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` at once."""
        self._now += timedelta(seconds=seconds)

    def set(self, now: datetime) -> None:
        """Move to `now`."""
        self._now = now


def floor_to_cadence(instant: datetime, cadence_s: int) -> datetime:
    """Return the tick of `instant`: the latest multiple of `cadence_s` since the epoch that is not after it, in UTC."""
    seconds = int(instant.timestamp())
    return datetime.fromtimestamp(seconds - seconds % cadence_s, UTC)
