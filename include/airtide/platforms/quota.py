"""What calls cost, by bucket: the names that sweep records and settings share."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from airtide.domain.pages import Tally


class Bucket(StrEnum):
    """A kind of call that a site limits apart from others."""

    YOUTUBE_SEARCH = "youtube.search"
    """search.list calls, 100 a Pacific day by default."""
    YOUTUBE_UNITS = "youtube.units"
    """All other list calls, 10,000 units a Pacific day by default."""
    TWITCH_POINTS = "twitch.points"
    """Helix calls, 800 points a minute."""
    TWITCH_TOKENS = "twitch.tokens"
    """Requests for an app token; no limit is documented."""
    SOOP_REQUESTS = "soop.requests"
    """All calls; no limit is documented."""
    CHZZK_REQUESTS = "chzzk.requests"
    """All calls; no limit is documented."""
    KICK_REQUESTS = "kick.requests"
    """All calls; no limit is documented, about 100 a minute are planned for."""
    KICK_TOKENS = "kick.tokens"
    """Requests for an app token; no limit is documented."""


class Quota:
    """What all calls of one process to a site draw from."""

    def book(self, tally: Tally, bucket: Bucket, cost: int = 1) -> Callable[[], None]:
        """Return what counts one attempt of a call; retries cost as much as first tries."""

        def book() -> None:
            tally.requests += 1
            tally.spend[bucket.value] = tally.spend.get(bucket.value, 0) + cost

        return book
