"""How fast one process calls a site: under a limit in any 60 seconds, and not while the site says that none is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from airtide.platforms.refusals import MAX_WAIT_S, read_count, read_reset_s

MINUTE = timedelta(minutes=1)
_NO_WAIT = timedelta()


class Pace:
    """One minute bucket as this process knows it. A clock that is set back keeps what was drawn, as if drawn now."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._drawn: deque[tuple[datetime, int]] = deque()
        self._remaining: float | None = None
        self._held_from: datetime | None = None
        self._held_for = _NO_WAIT

    def find_wait(self, cost: int, now: datetime) -> timedelta:
        """Return how long to wait before `cost` may be drawn; zero when it may be at once."""
        self._follow_clock(now)
        return max(self._wait_for_room(cost, now), self._wait_for_site(cost, now))

    def draw(self, cost: int, now: datetime) -> None:
        """Note that `cost` is drawn at `now`."""
        self._drawn.append((now, cost))
        if self._remaining is not None:
            self._remaining -= cost

    def follow(self, headers: Mapping[str, str], *, received_at: datetime, now: datetime) -> None:
        """Take over what an answer tells of the bucket, where it tells anything; `received_at` is by the site's clock.

        Without a time of the reset the bucket is taken to be full again in a minute.
        """
        remaining = read_count(headers, "Ratelimit-Remaining", "X-Ratelimit-Remaining")
        if remaining is None:
            return
        reset_s = read_reset_s(headers, received_at)
        self._remaining = remaining
        self._held_from = now
        self._held_for = MINUTE if reset_s is None else timedelta(seconds=min(reset_s, MAX_WAIT_S))

    def count_since(self, instant: datetime) -> int:
        """Return what was drawn from `instant` on, at most the last 60 seconds."""
        return sum(cost for at, cost in self._drawn if at >= instant)

    def _wait_for_room(self, cost: int, now: datetime) -> timedelta:
        # a call that is dearer than the limit waits for an empty minute, or it would wait for ever
        excess = sum(drawn for _, drawn in self._drawn) + min(cost, self._limit) - self._limit
        free_at = now
        for at, drawn in self._drawn:
            if excess <= 0:
                break
            excess -= drawn
            free_at = at + MINUTE
        return free_at - now

    def _wait_for_site(self, cost: int, now: datetime) -> timedelta:
        if self._remaining is None or self._held_from is None:
            return _NO_WAIT
        left = self._held_from + self._held_for - now
        if left <= _NO_WAIT:
            self._remaining = None
            return _NO_WAIT
        return left if self._remaining < cost else _NO_WAIT

    def _follow_clock(self, now: datetime) -> None:
        if self._drawn and self._drawn[-1][0] > now:
            self._drawn = deque((min(at, now), cost) for at, cost in self._drawn)
        if self._held_from is not None:
            self._held_from = min(self._held_from, now)
        while self._drawn and self._drawn[0][0] + MINUTE <= now:
            self._drawn.popleft()
