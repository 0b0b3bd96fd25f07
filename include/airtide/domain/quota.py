"""What sites let their callers spend: named buckets, their limits, and the periods that fill them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

Per = Literal["minute", "day"]

EARLIEST_PROJECTION = Fraction(1, 24)
"""Share of a period before which what was spent says nothing of its rest: an hour of a day."""

_MINUTE = timedelta(minutes=1)


class Bucket(StrEnum):
    """A kind of call that a site limits apart from others; sweep records and settings share these names."""

    YOUTUBE_SEARCH = "youtube.search"
    """search.list calls, each page one of them."""
    YOUTUBE_UNITS = "youtube.units"
    """All other list calls."""
    TWITCH_POINTS = "twitch.points"
    """Helix calls."""
    TWITCH_TOKENS = "twitch.tokens"
    """Requests for an app token; no limit is documented."""
    SOOP_REQUESTS = "soop.requests"
    """All calls; no limit is documented."""
    CHZZK_REQUESTS = "chzzk.requests"
    """All calls; no limit is documented."""
    KICK_REQUESTS = "kick.requests"
    """All calls; no limit is documented."""
    KICK_TOKENS = "kick.tokens"
    """Requests for an app token; no limit is documented."""

    @property
    def platform(self) -> str:
        """The name of the site that limits it."""
        return self.value.partition(".")[0]


class Call(StrEnum):
    """A call whose cost its site tells apart from that of others; settings name costs by these."""

    SEARCH_LIST = "search.list"
    VIDEOS_LIST = "videos.list"
    VIDEO_CATEGORIES_LIST = "videoCategories.list"
    PLAYLIST_ITEMS_LIST = "playlistItems.list"

    @property
    def bucket(self) -> Bucket:
        """The bucket that pays it."""
        return Bucket.YOUTUBE_SEARCH if self is Call.SEARCH_LIST else Bucket.YOUTUBE_UNITS


@dataclass(frozen=True, slots=True)
class QuotaPeriod:
    """The half-open stretch [starts_at, resets_at) in which a bucket is emptied; instants in UTC."""

    starts_at: datetime
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class BucketLimit:
    """How much a bucket holds, how often it is filled again, and what calls take out of it."""

    limit: int
    per: Per
    zone: str = "UTC"
    """Whose midnight fills a daily bucket; of a minute bucket it says nothing."""
    costs: Mapping[Call, int] = field(default_factory=dict)
    """Costs that are not 1."""

    def cost_of(self, call: Call) -> int:
        """Return what one attempt of `call` takes out."""
        return self.costs.get(call, 1)

    def find_period(self, at: datetime) -> QuotaPeriod:
        """Return the period that holds `at`: a whole minute, or a day of the zone, of 23 to 25 hours."""
        if self.per == "minute":
            starts_at = at.astimezone(UTC).replace(second=0, microsecond=0)
            return QuotaPeriod(starts_at, starts_at + _MINUTE)
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        first, last = (datetime.combine(day, time(), zone) for day in (today, today + timedelta(days=1)))
        return QuotaPeriod(first.astimezone(UTC), last.astimezone(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How a bucket stands in one period."""

    bucket: Bucket
    spent: int
    limit: int
    starts_at: datetime
    resets_at: datetime
    closed_until: datetime | None = None
    """Set where the site itself has said that nothing is left, whatever was counted here."""

    @property
    def left(self) -> int:
        """What may still be spent before the reset."""
        return 0 if self.closed_until is not None else max(0, self.limit - self.spent)

    def project(self, at: datetime) -> int | None:
        """Return what will be spent at the reset if it goes on as up to `at`, rounded up; it may exceed the limit.

        None too early to tell. What can no longer be spent from is spent already.
        """
        if self.closed_until is not None:
            return self.spent
        elapsed = Fraction(_count_us(at - self.starts_at), _count_us(self.resets_at - self.starts_at))
        if elapsed < EARLIEST_PROJECTION:
            return None
        return -(-self.spent // min(elapsed, Fraction(1)))


def _count_us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
