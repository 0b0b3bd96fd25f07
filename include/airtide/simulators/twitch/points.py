"""How often Twitch's API may be called: points a minute."""

from __future__ import annotations

from typing import Final

POINTS_PER_MINUTE: Final = 800


class PointsMeter:
    """Counts the calls of the current minute of the world."""

    def __init__(self, points_per_minute: int = POINTS_PER_MINUTE) -> None:
        """Allow so many points a minute."""
        self._limit = points_per_minute
        self._minute = 0
        self._used = 0

    def spend(self, now_s: int) -> tuple[bool, dict[str, str]]:
        """Take one point; say whether there was one, and the headers that tell what is left and when it is full."""
        if now_s // 60 != self._minute:
            self._minute, self._used = now_s // 60, 0
        self._used += 1
        return self._used <= self._limit, {
            "Ratelimit-Limit": str(self._limit),
            "Ratelimit-Remaining": str(max(self._limit - self._used, 0)),
            "Ratelimit-Reset": str((self._minute + 1) * 60),
        }
